#include "analysis/nuclei/chance.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace aet::analysis {
namespace {

constexpr std::size_t tail_size = 10;
constexpr std::size_t fewest_for_tail = 3;

} // namespace

double ChanceNuclei::expected() const {
  const auto counted = std::count_if(nuclei.begin(), nuclei.end(), [&](const ChanceNucleus& n) {
    return n.atoms >= static_cast<std::size_t>(min_atoms);
  });
  return static_cast<double>(counted) / static_cast<double>(realizations);
}

double ChanceNuclei::expected_as_large(double effective_atoms) const {
  const double as_large =
      static_cast<double>(std::count_if(nuclei.begin(), nuclei.end(), [&](const ChanceNucleus& n) {
        return n.effective_atoms >= effective_atoms;
      }));
  const double runs = static_cast<double>(realizations);
  if (nuclei.size() < fewest_for_tail) return (as_large + 1.0) / runs;
  const std::size_t tail = std::min(tail_size, nuclei.size());
  const double start = nuclei[tail - 1].effective_atoms;
  if (effective_atoms <= start) return as_large / runs;
  double excess = 0.0; // the smallest of the tail is its start
  for (std::size_t k = 0; k + 1 < tail; ++k)
    excess += (nuclei[k].effective_atoms - start) / static_cast<double>(tail - 1);
  return excess > 0.0 ? static_cast<double>(tail) / runs * std::exp(-(effective_atoms - start) / excess)
                      : as_large / runs;
}

double ChanceNuclei::probability(double effective_atoms) const {
  return -std::expm1(-expected_as_large(effective_atoms));
}

std::optional<double> ChanceNuclei::surface_share() const {
  std::size_t known = 0;
  std::size_t surface = 0;
  for (const ChanceNucleus& n : nuclei) {
    if (!n.site || n.atoms < static_cast<std::size_t>(min_atoms)) continue;
    ++known;
    surface += *n.site != SurfaceSite::subsurface ? 1 : 0;
  }
  if (known == 0) return std::nullopt;
  return static_cast<double>(surface) / static_cast<double>(known);
}

std::optional<ChanceNuclei::Spread> ChanceNuclei::core_rank() const {
  double count = 0.0;
  double sum = 0.0;
  double squares = 0.0;
  for (const ChanceNucleus& n : nuclei) {
    if (!n.core_rank || n.atoms < static_cast<std::size_t>(min_atoms)) continue;
    count += 1.0;
    sum += *n.core_rank;
    squares += *n.core_rank * *n.core_rank;
  }
  if (count == 0.0) return std::nullopt;
  const double mean = sum / count;
  return Spread{mean, std::sqrt(std::max(0.0, squares / count - mean * mean))};
}

NucleiOptions rule_of_chance(NucleiOptions rule) {
  rule.min_atoms = std::max(1, rule.min_atoms / 2);
  return rule;
}

ChanceNucleus chance_nucleus(const Nucleus& nucleus, const core::Atoms& atoms,
                             const core::NeighbourList& shell, const SurfaceOfAtoms& surface,
                             double surface_site_depth_a) {
  ChanceNucleus result;
  result.atoms = nucleus.atoms.size();
  result.effective_atoms = nucleus.effective_atoms;
  result.site =
      site_of_core(atoms.positions, atoms.cell, shell, surface, nucleus.core_atoms, surface_site_depth_a);
  if (result.site) result.core_rank = core_rank(atoms.positions, nucleus.core_position);
  return result;
}

void sort_by_size(ChanceNuclei& chance) {
  std::stable_sort(
      chance.nuclei.begin(), chance.nuclei.end(),
      [](const ChanceNucleus& a, const ChanceNucleus& b) { return a.effective_atoms > b.effective_atoms; });
}

double core_rank(const std::vector<core::Vec3>& positions, const core::Vec3& point) {
  const core::Vec3 centre =
      std::accumulate(positions.begin(), positions.end(), core::Vec3(core::Vec3::Zero())) /
      static_cast<double>(positions.size());
  const double radius = (point - centre).norm();
  const auto nearer = std::count_if(positions.begin(), positions.end(),
                                    [&](const core::Vec3& p) { return (p - centre).norm() < radius; });
  return static_cast<double>(nearer) / static_cast<double>(positions.size());
}

} // namespace aet::analysis
