#include "analysis/order/sensitivity.hpp"

#include "analysis/order/bond_order.hpp"
#include "analysis/order/mean.hpp"
#include "sim/core/error.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <numeric>

namespace aet::analysis {
namespace {

/// The reference, by which later rules are measured.
struct First {
  std::vector<double> alpha;
  std::vector<int> nucleus_of_atom;
};

} // namespace

std::vector<RuleResult> neighbour_sensitivity(std::span<const core::Vec3> positions,
                                              const std::optional<core::Cell>& cell, double cutoff_a,
                                              const SensitivityOptions& options, core::Threads threads) {
  if (options.cutoff_factors.empty())
    throw core::ConfigError(
        "the sensitivity table has no cut-off factor; the first rule is a cut-off: give 1");
  if (positions.size() < 2)
    throw core::DataError(
        fmt::format("the sensitivity table needs at least two atoms; there are {}", positions.size()));
  std::vector<RuleResult> table;
  First first;
  const auto add = [&](std::string rule, const core::NeighbourList& list, std::span<const double> weights) {
    const BondOrder order = bond_order(list, {.errors = true}, weights, threads);
    const auto [alpha, sd] = bounded_crystalline_order(order);
    Nuclei nuclei =
        find_nuclei(positions, cell, alpha, options.nuclei, {.sd = sd, .turn = order.averaged_six}, threads);
    const double n = static_cast<double>(positions.size());
    if (table.empty()) first = {alpha, nuclei.nucleus_of_atom};
    RuleResult row;
    row.rule = std::move(rule);
    row.mean_neighbours = static_cast<double>(list.index.size()) / n;
    row.q4_mean = mean(order.averaged[0]);
    row.q6_mean = mean(order.averaged[1]);
    row.alpha_mean = mean(alpha);
    row.nuclei = nuclei.nuclei.size();
    if (row.nuclei > 0) row.largest_effective_atoms = nuclei.nuclei.front().effective_atoms;
    std::vector<double> squares;
    double crystalline = 0.0;
    double both = 0.0;
    double either = 0.0;
    for (std::size_t i = 0; i < positions.size(); ++i) {
      squares.push_back(std::pow(alpha[i] - first.alpha[i], 2));
      crystalline += alpha[i] >= options.nuclei.threshold ? 1.0 : 0.0;
      const bool here = nuclei.nucleus_of_atom[i] >= 0;
      const bool there = first.nucleus_of_atom[i] >= 0;
      both += here && there ? 1.0 : 0.0;
      either += here || there ? 1.0 : 0.0;
    }
    row.crystalline_fraction = crystalline / n;
    row.alpha_rms_change = std::sqrt(mean(squares));
    row.members_shared = either > 0.0 ? both / either : 1.0;
    table.push_back(std::move(row));
  };
  for (const double factor : options.cutoff_factors)
    add(fmt::format("within {:.2f} A", factor * cutoff_a),
        core::neighbours_within(positions, cell, factor * cutoff_a, threads), {});
  for (const int k : options.nearest)
    if (static_cast<std::size_t>(std::max(k, 0)) < positions.size())
      add(fmt::format("nearest {}", k), core::nearest_neighbours(positions, cell, k, threads), {});
  if (options.voronoi) {
    const VoronoiNeighbours faces =
        voronoi_neighbours(positions, cell, voronoi_cells(positions, cell, options.cells));
    add("Voronoi faces", faces.list, {});
    add("Voronoi areas", faces.list, faces.areas);
  }
  return table;
}

} // namespace aet::analysis
