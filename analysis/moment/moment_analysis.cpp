#include "analysis/moment/moment_analysis.hpp"

#include "analysis/nuclei/nucleus_report.hpp"
#include "analysis/order/mean.hpp"
#include "analysis/order/order_gradient.hpp"
#include "analysis/order/sensitivity.hpp"
#include "analysis/order/structure.hpp"
#include "sim/core/error.hpp"
#include "sim/core/neighbours/cell_grid.hpp"
#include "sim/core/neighbours/neighbours.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>
#include <utility>

namespace aet::analysis {
namespace {

using core::Vec3;

/// Mean that does not depend on the order of the values.
void check(const AnalysisOptions& o) {
  if (!(o.surface_site_depth_a >= 0.0))
    throw core::ConfigError(
        fmt::format("depth of surface sites is {} A; it must not be negative", o.surface_site_depth_a));
  if (!(o.profile_shell_a > 0.0))
    throw core::ConfigError(
        fmt::format("shell width of profiles is {} A; it must be positive", o.profile_shell_a));
  if (!(o.profile_beyond_a >= 0.0))
    throw core::ConfigError(fmt::format("reach of profiles beyond a nucleus is {} A; it must not be negative",
                                        o.profile_beyond_a));
  if (!(o.histogram_step > 0.0))
    throw core::ConfigError(
        fmt::format("bin width of the alpha histogram is {}; it must be positive", o.histogram_step));
}

/// g(r) if the atoms allow it; the cut-off from it unless one is given.
void find_cutoff(const core::Atoms& atoms, const AnalysisOptions& options, core::Threads threads,
                 MomentAnalysis& result) {
  RadialOptions radial = options.radial;
  radial.r_max_a = std::min(
      radial.r_max_a, core::CellGrid(atoms.positions, atoms.cell, radial.r_max_a).unique_image_radius());
  result.g_r = radial_distribution(atoms.positions, atoms.cell, radial, threads);
  if (result.g_r.r.empty()) result.g_r_reason = "the particle is too small for a radial distribution";
  try {
    const FirstShell shell = first_shell(result.g_r);
    result.first_peak_a.value = shell.peak_a;
    result.neighbour_cutoff_a = shell.minimum_a;
  } catch (const core::DataError& error) {
    if (!options.neighbour_cutoff_a) throw;
    result.first_peak_a.reason = error.what();
  }
  if (options.neighbour_cutoff_a) result.neighbour_cutoff_a = *options.neighbour_cutoff_a;
}

void fill_histogram(std::span<const double> alpha, double step, MomentAnalysis& result) {
  const double top = *std::max_element(alpha.begin(), alpha.end());
  const std::size_t bins = static_cast<std::size_t>(std::max(top, 1.0) / step) + 1;
  result.histogram_counts.assign(bins, 0);
  for (std::size_t b = 0; b <= bins; ++b)
    result.histogram_edges.push_back(static_cast<double>(b) * step);
  for (const double a : alpha)
    ++result.histogram_counts[std::min(bins - 1, static_cast<std::size_t>(a / step))];
}

/// Bonds by the rule asked for.
struct Bonds {
  core::NeighbourList list;
  std::vector<double> weights; // empty: all alike
};

Bonds bonds_of(const core::Atoms& atoms, const AnalysisOptions& options, const core::NeighbourList& shell,
               core::Threads threads) {
  if (options.rule == NeighbourRule::nearest)
    return {core::nearest_neighbours(atoms.positions, atoms.cell, options.nearest, threads), {}};
  if (options.rule == NeighbourRule::cutoff) return {shell, {}};
  VoronoiOptions cells = options.voronoi;
  if (cells.min_face_fraction == 0.0) cells.min_face_fraction = SensitivityOptions{}.cells.min_face_fraction;
  VoronoiNeighbours faces =
      voronoi_neighbours(atoms.positions, atoms.cell, voronoi_cells(atoms.positions, atoms.cell, cells));
  return {std::move(faces.list), std::move(faces.areas)};
}

std::vector<int> degrees_of(const AnalysisOptions& options) {
  std::set<int> degrees(options.degrees.begin(), options.degrees.end());
  degrees.insert({4, 6});
  return {degrees.begin(), degrees.end()};
}

/// Columns of what was asked for beyond Q4 and Q6.
void add_columns(const BondOrder& order, const core::NeighbourList& bonds,
                 std::span<const std::uint8_t> exposed, const AnalysisOptions& options,
                 MomentAnalysis& result) {
  for (std::size_t d = 0; d < order.degrees.size(); ++d) {
    const int l = order.degrees[d];
    result.atoms.columns[fmt::format("q{}", l)] = order.averaged[d];
    if (options.own_shell) result.atoms.columns[fmt::format("q{}_own", l)] = order.plain[d];
    if (options.third_order) result.atoms.columns[fmt::format("w{}", l)] = order.averaged_w[d];
  }
  if (!options.structure) return;
  std::vector<double> labels;
  for (const Structure s : structure_labels(order)) {
    labels.push_back(static_cast<double>(s));
    ++result.structures[structure_name(s)];
  }
  std::vector<double> validity;
  for (const Validity v : surface_validity(bonds, exposed))
    validity.push_back(static_cast<double>(v));
  result.atoms.columns["structure"] = std::move(labels);
  result.atoms.columns["surface"] = std::move(validity);
}

} // namespace

MomentAnalysis analyze_moment(const core::Atoms& atoms, const AnalysisOptions& options, core::Threads threads,
                              const std::string& name) {
  check(options);
  core::validate(atoms, name);
  if (atoms.size() < 2)
    throw core::DataError(
        fmt::format("{}: order analysis needs at least two atoms; there are {}", name, atoms.size()));
  MomentAnalysis result;
  result.name = name;
  result.atoms = atoms;
  find_cutoff(atoms, options, threads, result);

  const std::size_t n = atoms.size();
  const core::NeighbourList shell =
      core::neighbours_within(atoms.positions, atoms.cell, result.neighbour_cutoff_a, threads);
  const auto [neighbours, weights] = bonds_of(atoms, options, shell, threads);
  const BondOrder order = bond_order(neighbours,
                                     {.degrees = degrees_of(options),
                                      .min_neighbours = options.min_neighbours,
                                      .third_order = options.third_order},
                                     weights, threads);
  const std::vector<double>& q4 = order.averaged[order.at(4)];
  const std::vector<double>& q6 = order.averaged[order.at(6)];
  const std::vector<double> alpha = crystalline_order(q4, q6);
  result.flagged = order.flagged;
  result.flagged_atoms = static_cast<std::size_t>(std::count(order.flagged.begin(), order.flagged.end(), 1));
  result.mean_neighbours = static_cast<double>(neighbours.index.size()) / static_cast<double>(n);
  result.q4_mean = mean(q4);
  result.q6_mean = mean(q6);
  result.alpha_mean = mean(alpha);
  result.crystalline_threshold = options.nuclei.threshold;
  result.crystalline_fraction =
      static_cast<double>(std::count_if(alpha.begin(), alpha.end(),
                                        [&](double a) { return a >= options.nuclei.threshold; })) /
      static_cast<double>(n);
  fill_histogram(alpha, options.histogram_step, result);

  const std::vector<VoronoiCell> cells = voronoi_cells(atoms.positions, atoms.cell, options.voronoi);
  const std::vector<double> depth = depth_below_surface(atoms.positions, atoms.cell, cells);
  std::vector<double> closed;
  std::vector<double> volume_column(n, -1.0);
  std::vector<std::uint8_t> exposed(n, 0);
  for (std::size_t i = 0; i < n; ++i) {
    if (!cells[i].open) volume_column[i] = cells[i].volume;
    if (!cells[i].exposed) closed.push_back(cells[i].volume);
    exposed[i] = cells[i].exposed ? 1 : 0;
  }
  if (closed.empty()) {
    result.voronoi_volume_mean_a3.reason = "every atom lies at the surface";
  } else {
    result.voronoi_volume_mean_a3.value = mean(closed);
  }

  const Nuclei nuclei = find_nuclei(atoms.positions, atoms.cell, alpha, options.nuclei, {}, threads);
  const OrderGradient gradient = order_gradient(neighbours, alpha, threads);
  std::optional<LatticeSites> lattice;
  if (options.directions) lattice = lattice_sites(atoms.positions, shell);
  result.nuclei = describe_nuclei({.atoms = atoms,
                                   .nuclei = nuclei,
                                   .fields = {{alpha, &gradient}},
                                   .flagged = order.flagged,
                                   .cells = cells,
                                   .depth = depth,
                                   .exposed = exposed,
                                   .shell = shell,
                                   .bulk_volume = result.voronoi_volume_mean_a3.value,
                                   .lattice = lattice ? &*lattice : nullptr},
                                  options, threads);

  std::vector<double> counts(n);
  for (std::size_t i = 0; i < n; ++i)
    counts[i] = static_cast<double>(neighbours.count(i));
  add_columns(order, neighbours, exposed, options, result);
  result.atoms.columns["alpha"] = alpha;
  result.atoms.columns["neighbours"] = std::move(counts);
  result.atoms.columns["nucleus"] =
      std::vector<double>(nuclei.nucleus_of_atom.begin(), nuclei.nucleus_of_atom.end());
  result.atoms.columns["voronoi_volume"] = std::move(volume_column);
  return result;
}

NucleiSnapshot snapshot(const MomentAnalysis& moment) {
  NucleiSnapshot result;
  result.name = moment.name;
  result.positions = moment.atoms.positions;
  result.cell = moment.atoms.cell;
  for (const double label : moment.atoms.columns.at("nucleus"))
    result.nucleus_of_atom.push_back(static_cast<int>(label));
  for (const NucleusReport& report : moment.nuclei)
    result.effective_atoms.push_back(report.nucleus.effective_atoms);
  return result;
}

Dynamics analyze_dynamics(const std::vector<MomentAnalysis>& moments, const DynamicsOptions& options,
                          core::Threads threads) {
  std::vector<NucleiSnapshot> snapshots;
  for (const MomentAnalysis& moment : moments)
    snapshots.push_back(snapshot(moment));
  return analyze_dynamics(std::span<const NucleiSnapshot>(snapshots), options, threads);
}

} // namespace aet::analysis
