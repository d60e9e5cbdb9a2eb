#include "sim/specimen/alloy_order.hpp"

#include "sim/core/error.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <map>
#include <numeric>
#include <utility>

namespace aet::specimen {

namespace {

void shuffle(std::vector<std::size_t>& items, core::RandomStream& random) {
  for (std::size_t i = items.size(); i > 1; --i) {
    const auto k = static_cast<std::size_t>(random.uniform() * static_cast<double>(i));
    std::swap(items[i - 1], items[k]);
  }
}

/// Whole numbers that add up to n and are nearest to n times the fractions (largest remainders; first wins).
std::vector<std::size_t> apportion(std::size_t n, const std::vector<double>& fractions) {
  std::vector<std::size_t> counts;
  std::vector<std::pair<double, std::size_t>> remainder;
  std::size_t given = 0;
  for (std::size_t i = 0; i < fractions.size(); ++i) {
    const double wanted = fractions[i] * static_cast<double>(n);
    counts.push_back(static_cast<std::size_t>(wanted));
    given += counts.back();
    remainder.emplace_back(-(wanted - std::floor(wanted)), i);
  }
  std::stable_sort(remainder.begin(), remainder.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  for (std::size_t k = 0; given < n; ++k, ++given)
    ++counts[remainder[k % remainder.size()].second];
  return counts;
}

std::array<std::vector<std::size_t>, 2> sites_of_owners(const Owners& owners) {
  std::array<std::vector<std::size_t>, 2> sites;
  for (std::size_t i = 0; i < owners.size(); ++i)
    sites.at(static_cast<std::size_t>(owners[i])).push_back(i);
  return sites;
}

/// Swap pairs of atoms, each on its own sublattice before.
void swap_pairs(Species& species, const Owners& owners, std::size_t pairs, core::RandomStream& random) {
  std::array<std::vector<std::size_t>, 2> right;
  for (std::size_t i = 0; i < owners.size(); ++i) {
    if (species[i] == owners[i]) right.at(static_cast<std::size_t>(owners[i])).push_back(i);
  }
  const std::size_t possible = std::min(right[0].size(), right[1].size());
  if (pairs > possible) {
    throw core::ConfigError(fmt::format(
        "antisite_fraction asks for {} swapped pairs, but only {} pairs of atoms are on "
        "their own sites; use at most {:.4f}",
        pairs, possible, 2.0 * static_cast<double>(possible) / static_cast<double>(owners.size())));
  }
  for (auto& sites : right)
    shuffle(sites, random);
  for (std::size_t k = 0; k < pairs; ++k)
    std::swap(species[right[0][k]], species[right[1][k]]);
}

/// log(p / (1 - p)), infinite at the ends.
double log_odds(double p) {
  constexpr double infinite = std::numeric_limits<double>::infinity();
  if (p <= 0.0) return -infinite;
  return p >= 1.0 ? infinite : std::log(p / (1.0 - p));
}

struct Candidate {
  double key = 0.0; ///< sites with the largest ones hold A
  double tie = 0.0; ///< certain sites tie at infinity: the deviate decides among them
  std::size_t site = 0;
  double probability = 0.0;
};

bool before(const Candidate& a, const Candidate& b) {
  return a.key != b.key ? a.key > b.key : a.tie != b.tie ? a.tie < b.tie : a.site < b.site;
}

std::vector<Candidate> draw_candidates(const Owners& owners, const std::vector<double>& order,
                                       const std::vector<double>& share_b, double fraction_a,
                                       core::RandomStream& random) {
  std::vector<Candidate> candidates;
  for (std::size_t i = 0; i < owners.size(); ++i) {
    const double shift = owners[i] == 0 ? share_b[i] : share_b[i] - 1.0;
    const double p = owners[i] < 0 ? fraction_a : fraction_a + order[i] * shift;
    const double u = random.uniform();
    candidates.push_back({log_odds(p) - log_odds(std::max(u, 1e-300)), u, i, p});
  }
  return candidates;
}

} // namespace

Species random_alloy(std::size_t sites, const std::vector<double>& fractions, core::RandomStream& random) {
  std::vector<std::size_t> order(sites);
  std::iota(order.begin(), order.end(), std::size_t{0});
  shuffle(order, random);
  Species species(sites, 0);
  std::size_t at = 0;
  const std::vector<std::size_t> counts = apportion(sites, fractions);
  for (std::size_t element = 0; element < counts.size(); ++element) {
    for (std::size_t k = 0; k < counts[element]; ++k)
      species[order[at++]] = static_cast<int>(element);
  }
  return species;
}

Species ordered_alloy(const Owners& owners, const OrderRequest& request, core::RandomStream& random) {
  auto sites = sites_of_owners(owners);
  const auto n = static_cast<double>(owners.size());
  const auto sites_a = static_cast<double>(sites[0].size());
  const double share_b = n > 0.0 ? 1.0 - sites_a / n : 0.0;
  const double atoms_a = request.fraction_a ? std::round(*request.fraction_a * n) : sites_a;
  const double most_on_a = std::min(sites_a, atoms_a);
  double on_a = most_on_a;
  if (request.order_parameter && n > 0.0) {
    const double x = atoms_a / n;
    on_a = std::round(sites_a * (x + *request.order_parameter * share_b));
    // Half an atom is what rounding may do.
    if (on_a > most_on_a + 0.5) {
      throw core::ConfigError(
          fmt::format("order_parameter = {} cannot be had with {:.0f} atoms of the first element on "
                      "{:.0f} sites, {:.0f} of them its own; the largest is {:.4f}",
                      *request.order_parameter, atoms_a, n, sites_a, (most_on_a / sites_a - x) / share_b));
    }
  }
  // What does not fit on A's sites goes to B's, whatever the order parameter.
  on_a = std::max(on_a, atoms_a - (n - sites_a));
  Species species(owners.size(), 1);
  for (auto& list : sites)
    shuffle(list, random);
  for (std::size_t k = 0; k < static_cast<std::size_t>(on_a); ++k)
    species[sites[0][k]] = 0;
  for (std::size_t k = 0; k < static_cast<std::size_t>(atoms_a - on_a); ++k)
    species[sites[1][k]] = 0;
  swap_pairs(species, owners, static_cast<std::size_t>(std::round(0.5 * request.antisite_fraction * n)),
             random);
  return species;
}

Species graded_alloy(const Owners& owners, const std::vector<double>& order,
                     const std::vector<double>& share_b, double fraction_a, core::RandomStream& random) {
  std::vector<Candidate> candidates = draw_candidates(owners, order, share_b, fraction_a, random);
  std::sort(candidates.begin(), candidates.end(), before);
  Species species(owners.size(), 1);
  const auto atoms_a = static_cast<std::size_t>(std::round(fraction_a * static_cast<double>(owners.size())));
  for (std::size_t k = 0; k < atoms_a; ++k)
    species[candidates[k].site] = 0;
  return species;
}

Species exact_alloy(const Owners& owners, const std::vector<double>& order,
                    const std::vector<double>& share_b, double fraction_a, const std::vector<long>& groups,
                    core::RandomStream& random) {
  std::map<long, std::vector<Candidate>> in_group;
  for (const Candidate& c : draw_candidates(owners, order, share_b, fraction_a, random))
    in_group[groups[c.site]].push_back(c);
  Species species(owners.size(), 1);
  double left_over = 0.0;
  for (auto& [label, candidates] : in_group) {
    std::sort(candidates.begin(), candidates.end(), before);
    double wanted = left_over;
    for (const Candidate& c : candidates)
      wanted += std::clamp(c.probability, 0.0, 1.0);
    const double most = static_cast<double>(candidates.size());
    const double given = std::clamp(std::round(wanted), 0.0, most);
    left_over = wanted - given;
    for (std::size_t k = 0; k < static_cast<std::size_t>(given); ++k)
      species[candidates[k].site] = 0;
  }
  return species;
}

std::optional<double> order_parameter(const Owners& owners, const Species& species) {
  std::array<double, 2> sites{};
  std::array<double, 2> atoms_a{};
  for (std::size_t i = 0; i < owners.size(); ++i) {
    if (owners[i] < 0) continue;
    const auto sublattice = static_cast<std::size_t>(owners[i]);
    sites.at(sublattice) += 1.0;
    if (species[i] == 0) atoms_a.at(sublattice) += 1.0;
  }
  if (sites[0] == 0.0 || sites[1] == 0.0) return std::nullopt;
  return atoms_a[0] / sites[0] - atoms_a[1] / sites[1];
}

} // namespace aet::specimen
