#include "analysis/moment/moment_analysis.hpp"

#include "analysis/moment/moment_order.hpp"
#include "analysis/nuclei/nucleus_report.hpp"
#include "analysis/order/mean.hpp"
#include "analysis/order/order_gradient.hpp"
#include "analysis/order/structure.hpp"
#include "sim/core/error.hpp"
#include "sim/core/neighbours/cell_grid.hpp"
#include "sim/core/neighbours/neighbours.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <utility>

namespace aet::analysis {
namespace {

using core::Vec3;

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

std::optional<double> given_cutoff(const core::Atoms& atoms, const AnalysisOptions& options) {
  constexpr int platinum = 78;
  constexpr double published_a = 3.8; // "the shell radius of 3.8 A", Zhou et al. 2019, Methods
  const bool is_published = options.cutoff_rule == CutoffRule::published &&
                            std::all_of(atoms.atomic_numbers.begin(), atoms.atomic_numbers.end(),
                                        [](int z) { return z == platinum; });
  if (options.neighbour_cutoff_a || !is_published) return options.neighbour_cutoff_a;
  return published_a;
}

/// g(r) if the atoms allow it; the cut-off from it unless one is given.
void find_cutoff(const core::Atoms& atoms, const AnalysisOptions& options, core::Threads threads,
                 MomentAnalysis& result) {
  const std::optional<double> given = given_cutoff(atoms, options);
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
    if (!given) throw;
    result.first_peak_a.reason = error.what();
  }
  if (given) result.neighbour_cutoff_a = *given;
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

core::NeighbourList lattice_shell(const MomentAnalysis& moment, core::Threads threads) {
  const double halfway = 0.5 * (1.0 + std::sqrt(2.0)); // from the first shell of fcc to the second
  const double cutoff = moment.first_peak_a.value
                            ? std::min(moment.neighbour_cutoff_a, halfway * *moment.first_peak_a.value)
                            : moment.neighbour_cutoff_a;
  return core::neighbours_within(moment.atoms.positions, moment.atoms.cell, cutoff, threads);
}

MomentAnalysis analyze_moment(const core::Atoms& atoms, const AnalysisOptions& options, core::Threads threads,
                              const std::string& name) {
  return analyze_frames(std::span(&atoms, 1), options, threads, name);
}

MomentAnalysis analyze_frames(std::span<const core::Atoms> frames, const AnalysisOptions& options,
                              core::Threads threads, const std::string& name) {
  check(options);
  if (frames.empty()) throw core::DataError(fmt::format("{}: order analysis needs at least one frame", name));
  for (const core::Atoms& frame : frames)
    core::validate(frame, name);
  if (frames.front().size() < 2)
    throw core::DataError(fmt::format("{}: order analysis needs at least two atoms; there are {}", name,
                                      frames.front().size()));
  MomentAnalysis result;
  result.name = name;
  find_cutoff(frames.front(), options, threads, result);

  MomentOrder found = moment_order(frames, result.neighbour_cutoff_a, options, threads);
  const auto& [neighbours, weights] = found.bonds;
  const core::NeighbourList& shell = found.shell;
  const BondOrder& order = found.order;
  const std::vector<double>& alpha = found.alpha;
  const Nuclei& nuclei = found.nuclei;
  result.atoms = std::move(found.atoms);
  const core::Atoms& atoms = result.atoms;
  const std::size_t n = atoms.size();
  result.frames = frames.size();
  result.moved_atoms = found.moved_atoms;
  result.flagged = order.flagged;
  result.flagged_atoms = static_cast<std::size_t>(std::count(order.flagged.begin(), order.flagged.end(), 1));
  result.mean_neighbours = static_cast<double>(neighbours.index.size()) / static_cast<double>(n);
  result.q4_mean = mean(order.averaged[order.at(4)]);
  result.q6_mean = mean(order.averaged[order.at(6)]);
  result.alpha_mean = mean(alpha);
  result.crystalline_threshold = options.nuclei.threshold;
  result.crystalline_fraction =
      static_cast<double>(std::count_if(alpha.begin(), alpha.end(),
                                        [&](double a) { return a >= options.nuclei.threshold; })) /
      static_cast<double>(n);
  fill_histogram(alpha, options.histogram_step, result);

  const SurfaceOfAtoms surface = surface_of(atoms.positions, atoms.cell, options.voronoi);
  std::vector<double> volume_column(n, -1.0);
  for (std::size_t i = 0; i < n; ++i)
    if (!surface.cells[i].open) volume_column[i] = surface.cells[i].volume;
  result.voronoi_volume_mean_a3 = {surface.bulk_volume_a3, "every atom lies at the surface"};

  const OrderGradient gradient = order_gradient(neighbours, alpha, threads);
  std::optional<LatticeSites> lattice;
  if (options.directions) lattice = lattice_sites(atoms.positions, lattice_shell(result, threads));
  result.nuclei = describe_nuclei({.atoms = atoms,
                                   .nuclei = nuclei,
                                   .fields = {{alpha, &gradient, found.alpha_sd}},
                                   .flagged = order.flagged,
                                   .surface = surface,
                                   .shell = shell,
                                   .lattice = lattice ? &*lattice : nullptr},
                                  options, threads);

  if (options.rules)
    result.rules = crystal_rules(atoms.positions, atoms.cell, result.neighbour_cutoff_a, alpha,
                                 {.sd = found.alpha_sd, .turn = order.averaged_six}, options.nuclei, threads);
  std::vector<double> counts(n);
  for (std::size_t i = 0; i < n; ++i)
    counts[i] = static_cast<double>(neighbours.count(i));
  add_columns(order, neighbours, surface.exposed, options, result);
  result.atoms.columns["alpha"] = alpha;
  result.atoms.columns["alpha_sd"] = found.alpha_sd;
  result.atoms.columns["neighbours"] = std::move(counts);
  result.atoms.columns["nucleus"] =
      std::vector<double>(nuclei.nucleus_of_atom.begin(), nuclei.nucleus_of_atom.end());
  result.atoms.columns["voronoi_volume"] = std::move(volume_column);
  return result;
}

NucleiSnapshot snapshot(const MomentAnalysis& moment, double most_chance) {
  NucleiSnapshot result;
  result.name = moment.name;
  result.positions = moment.atoms.positions;
  result.cell = moment.atoms.cell;
  for (const double label : moment.atoms.columns.at("nucleus"))
    result.nucleus_of_atom.push_back(static_cast<int>(label));
  for (const NucleusReport& report : moment.nuclei) {
    result.effective_atoms.push_back(report.nucleus.effective_atoms);
    result.effective_atoms_sd.push_back(report.effective_atoms_sd);
    result.by_chance.push_back(report.chance && *report.chance > most_chance ? 1 : 0);
    if (report.phase) result.phase.push_back(*report.phase);
  }
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
