#include "analysis/frame_analysis.hpp"

#include "analysis/cell_grid.hpp"
#include "analysis/neighbours.hpp"
#include "analysis/order_gradient.hpp"
#include "analysis/shape.hpp"
#include "sim/core/error.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

namespace aet::analysis {
namespace {

using core::Vec3;

/// Mean that does not depend on the order of the values.
double mean(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

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
                 FrameAnalysis& result) {
  RadialOptions radial = options.radial;
  radial.r_max_a =
      std::min(radial.r_max_a, CellGrid(atoms.positions, atoms.cell, radial.r_max_a).unique_image_radius());
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

void fill_histogram(std::span<const double> alpha, double step, FrameAnalysis& result) {
  const double top = *std::max_element(alpha.begin(), alpha.end());
  const std::size_t bins = static_cast<std::size_t>(std::max(top, 1.0) / step) + 1;
  result.histogram_counts.assign(bins, 0);
  for (std::size_t b = 0; b <= bins; ++b)
    result.histogram_edges.push_back(static_cast<double>(b) * step);
  for (const double a : alpha)
    ++result.histogram_counts[std::min(bins - 1, static_cast<std::size_t>(a / step))];
}

/// All that the description of one nucleus draws on.
struct Field {
  const core::Atoms& atoms;
  std::span<const double> alpha;
  std::span<const std::uint8_t> flagged;
  std::span<const VoronoiCell> cells;
  std::span<const double> depth; // empty: no surface
  std::span<const int> nucleus_of_atom;
  const OrderGradient& gradient;
  const CellGrid& grid;
  std::optional<double> bulk_volume;
};

/// Volume of a member [A^3]; missing if its cell is open and there is no closed cell to borrow from.
std::optional<double> volume_of(const Field& field, std::size_t atom) {
  if (!field.cells[atom].exposed) return field.cells[atom].volume;
  return field.bulk_volume;
}

Quantity effective_surface(const Field& field, const Nucleus& nucleus) {
  std::vector<double> parts;
  double volume = 0.0;
  double covered = 0.0;
  for (const std::size_t i : nucleus.atoms) {
    const std::optional<double> v = volume_of(field, i);
    if (!v) return {std::nullopt, "no atom has a closed Voronoi cell"};
    volume += *v;
    if (field.gradient.valid[i] == 0) continue;
    covered += *v;
    parts.push_back(field.gradient.gradient[i].norm() * *v);
  }
  if (!(covered > 0.5 * volume)) return {std::nullopt, "most members have too few neighbours for a gradient"};
  // Members without a gradient count as the others do on average.
  return {mean(parts) * static_cast<double>(parts.size()) * volume / covered, ""};
}

Quantity roundness(const Field& field, const Nucleus& nucleus) {
  std::vector<Vec3> positions;
  std::vector<double> volumes;
  for (const std::size_t i : nucleus.atoms) {
    const std::optional<double> v = volume_of(field, i);
    if (!v) return {std::nullopt, "no atom has a closed Voronoi cell"};
    positions.push_back(nearest_image(field.atoms.positions[i], nucleus.core_position, field.atoms.cell));
    volumes.push_back(*v);
  }
  const Surface surface = cluster_surface(positions, volumes);
  if (!(surface.area > 0.0)) return {std::nullopt, "the nucleus is too thin for a surface of its own"};
  return {sphericity(surface.volume, surface.area), ""};
}

std::vector<ProfilePoint> profile_about_core(const Field& field, const Nucleus& nucleus, int number,
                                             const AnalysisOptions& options) {
  double extent = 0.0;
  for (const std::size_t i : nucleus.atoms)
    extent =
        std::max(extent, (nearest_image(field.atoms.positions[i], nucleus.core_position, field.atoms.cell) -
                          nucleus.core_position)
                             .norm());
  const double reach = std::min(extent + options.profile_beyond_a, field.grid.unique_image_radius());
  std::vector<Hit> hits;
  field.grid.within(nucleus.core_position, reach, hits);
  std::vector<double> distances;
  std::vector<double> values;
  for (const Hit& hit : hits) {
    const int owner = field.nucleus_of_atom[hit.index];
    if ((owner != -1 && owner != number) || field.flagged[hit.index] != 0) continue;
    distances.push_back(hit.distance);
    values.push_back(field.alpha[hit.index]);
  }
  return radial_profile(distances, values, options.profile_shell_a);
}

/// Mean depth of the core atoms.
Quantity core_depth(const Field& field, const Nucleus& nucleus) {
  if (field.depth.empty()) return {std::nullopt, "there is no surface"};
  std::vector<double> depths;
  for (const std::size_t i : nucleus.core_atoms)
    depths.push_back(field.depth[i]);
  return {mean(depths), ""};
}

} // namespace

FrameAnalysis analyze_frame(const core::Atoms& atoms, const AnalysisOptions& options, core::Threads threads,
                            const std::string& name) {
  check(options);
  core::validate(atoms, name);
  if (atoms.size() < 2)
    throw core::DataError(
        fmt::format("{}: order analysis needs at least two atoms; there are {}", name, atoms.size()));
  FrameAnalysis result;
  result.name = name;
  result.atoms = atoms;
  find_cutoff(atoms, options, threads, result);

  const std::size_t n = atoms.size();
  const NeighbourList neighbours =
      neighbours_within(atoms.positions, atoms.cell, result.neighbour_cutoff_a, threads);
  const BondOrder order =
      bond_order(neighbours, {.degrees = {4, 6}, .min_neighbours = options.min_neighbours}, {}, threads);
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
  const CellGrid grid(atoms.positions, atoms.cell, result.neighbour_cutoff_a);
  const Field field{atoms,    alpha, order.flagged,
                    cells,    depth, nuclei.nucleus_of_atom,
                    gradient, grid,  result.voronoi_volume_mean_a3.value};
  result.nuclei.resize(nuclei.nuclei.size());
  core::parallel_for(nuclei.nuclei.size(), threads, [&](std::size_t k, int) {
    NucleusReport& report = result.nuclei[k];
    report.nucleus = nuclei.nuclei[k];
    report.effective_surface_a2 = effective_surface(field, report.nucleus);
    report.sphericity = roundness(field, report.nucleus);
    report.depth_a = core_depth(field, report.nucleus);
    if (report.depth_a.value)
      report.site = *report.depth_a.value <= options.surface_site_depth_a ? Site::surface : Site::subsurface;
    if (report.site)
      report.site_kind = nucleation_site(atoms.positions, atoms.cell, neighbours, exposed,
                                         report.nucleus.core_atoms, options.surface_site_depth_a);
    report.profile = profile_about_core(field, report.nucleus, static_cast<int>(k), options);
    report.opg = fit_profile(report.profile, options.profile_fit);
    if (report.opg.fit) report.barrier = nucleus_barrier(*report.opg.fit, options.nucleation);
  });

  std::vector<double> counts(n);
  for (std::size_t i = 0; i < n; ++i)
    counts[i] = static_cast<double>(neighbours.count(i));
  result.atoms.columns["q4"] = q4;
  result.atoms.columns["q6"] = q6;
  result.atoms.columns["alpha"] = alpha;
  result.atoms.columns["neighbours"] = std::move(counts);
  result.atoms.columns["nucleus"] =
      std::vector<double>(nuclei.nucleus_of_atom.begin(), nuclei.nucleus_of_atom.end());
  result.atoms.columns["voronoi_volume"] = std::move(volume_column);
  return result;
}

NucleiSnapshot snapshot(const FrameAnalysis& frame) {
  NucleiSnapshot result;
  result.name = frame.name;
  result.positions = frame.atoms.positions;
  result.cell = frame.atoms.cell;
  for (const double label : frame.atoms.columns.at("nucleus"))
    result.nucleus_of_atom.push_back(static_cast<int>(label));
  for (const NucleusReport& report : frame.nuclei)
    result.effective_atoms.push_back(report.nucleus.effective_atoms);
  return result;
}

Dynamics analyze_dynamics(const std::vector<FrameAnalysis>& frames, const DynamicsOptions& options,
                          core::Threads threads) {
  std::vector<NucleiSnapshot> snapshots;
  for (const FrameAnalysis& frame : frames)
    snapshots.push_back(snapshot(frame));
  return analyze_dynamics(std::span<const NucleiSnapshot>(snapshots), options, threads);
}

} // namespace aet::analysis
