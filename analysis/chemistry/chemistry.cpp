#include "analysis/chemistry/chemistry.hpp"

#include "analysis/chemistry/chemical_chance.hpp"
#include "analysis/chemistry/chemical_kernel.hpp"
#include "analysis/moment/moment_chance.hpp"
#include "analysis/nuclei/nucleus_report.hpp"
#include "sim/core/error.hpp"
#include "sim/core/neighbours/cell_grid.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <set>

namespace aet::analysis {
namespace {

double cutoff_of(const core::Atoms& atoms, const ChemistryOptions& options, core::Threads threads) {
  if (options.neighbour_cutoff_a) return *options.neighbour_cutoff_a;
  RadialOptions radial;
  radial.r_max_a = std::min(
      radial.r_max_a, core::CellGrid(atoms.positions, atoms.cell, radial.r_max_a).unique_image_radius());
  return first_shell(radial_distribution(atoms.positions, atoms.cell, radial, threads)).minimum_a;
}

template <typename T> std::vector<double> reals(const std::vector<T>& values) {
  return {values.begin(), values.end()};
}

void add_columns(ChemicalAnalysis& result, const ChemicalGrains& grains, const Nuclei& nuclei) {
  auto& columns = result.moment.atoms.columns;
  columns["alpha"] = result.order.alpha;
  columns["phase"] = reals(result.order.phase);
  columns["nucleus"] = reals(nuclei.nucleus_of_atom);
  columns["antisite"] = reals(result.order.antisite);
  columns["lattice_grain"] = reals(result.sites.grain_of_atom);
  columns["chemical_grain"] = reals(grains.grain_of_atom);
  constexpr std::array names{"site_h", "site_k", "site_l"};
  for (std::size_t k = 0; k < names.size(); ++k) {
    std::vector<double>& column = columns[names.at(k)];
    column.clear();
    for (const std::array<int, 3>& site : result.sites.site)
      column.push_back(site.at(k));
  }
}

const ChemicalPhase& phase_number(int phase) {
  return chemical_phases().at(static_cast<std::size_t>(phase));
}

void describe_grains(ChemicalAnalysis& result, const ChemicalGrains& grains,
                     const ChemistryOptions& options) {
  for (const ChemicalGrain& grain : grains.grains) {
    if (grain.atoms.size() < static_cast<std::size_t>(options.min_grain_atoms)) {
      ++result.small_grains;
      continue;
    }
    const ChemicalPhase& phase = phase_number(grain.phase);
    ChemicalGrainReport report;
    report.grain = grain;
    report.order = order_of_set(result.divided, result.sites, grain.atoms, phase);
    report.antisites = antisites_by_depth(result.moment.atoms, result.divided, result.sites, result.shell,
                                          grain, options.depth_shell_a);
    if (phase.kind == PhaseKind::l1_0)
      report.stretch = tetragonality(result.moment.atoms, result.sites, grain.atoms, phase.axis);
    result.grains.push_back(std::move(report));
  }
}

void describe_all_nuclei(ChemicalAnalysis& result, const Nuclei& nuclei, const ChemicalKernel& kernel,
                         const ChemistryOptions& options, core::Threads threads) {
  const core::Atoms& atoms = result.moment.atoms;
  const SurfaceOfAtoms surface = surface_of(atoms.positions, atoms.cell, options.report.voronoi);
  result.moment.voronoi_volume_mean_a3 = {surface.bulk_volume_a3, "every atom lies at the surface"};
  std::map<int, OrderGradient> gradients;
  std::vector<int> phase_of;
  for (const Nucleus& nucleus : nuclei.nuclei) {
    const int phase = result.order.phase[nucleus.root];
    phase_of.push_back(phase);
    if (!gradients.contains(phase))
      gradients[phase] =
          order_gradient(result.shell, result.order.order[static_cast<std::size_t>(phase)], threads);
  }
  std::vector<OrderField> fields;
  for (const int phase : phase_of)
    fields.push_back(
        {result.order.order[static_cast<std::size_t>(phase)], &gradients.at(phase), result.order.sd});
  result.moment.nuclei = describe_nuclei({.atoms = atoms,
                                          .nuclei = nuclei,
                                          .fields = fields,
                                          .flagged = result.moment.flagged,
                                          .surface = surface,
                                          .shell = result.shell,
                                          .lattice = options.report.directions ? &result.sites : nullptr,
                                          .shared_errors = kernel.sites_seen()},
                                         options.report, threads);
  if (options.chance)
    set_chance(result.moment, permuted_chance(atoms, result.sites, kernel, result.order.species, result.shell,
                                              surface, options.nuclei, *options.chance,
                                              options.report.surface_site_depth_a, threads));
  std::vector<Tetragonality> all;
  for (std::size_t k = 0; k < nuclei.nuclei.size(); ++k) {
    result.moment.nuclei[k].phase = phase_of[k];
    const ChemicalPhase& phase = phase_number(phase_of[k]);
    result.nucleus_stretch.emplace_back();
    if (phase.kind != PhaseKind::l1_0) continue;
    result.nucleus_stretch.back() = tetragonality(atoms, result.sites, nuclei.nuclei[k].atoms, phase.axis);
    if (result.nucleus_stretch.back()) all.push_back(*result.nucleus_stretch.back());
  }
  if (!all.empty()) result.c_over_a = weighted_c_over_a(all);
}

} // namespace

ChemicalAnalysis analyze_chemistry(const core::Atoms& atoms, const ChemistryOptions& options,
                                   core::Threads threads, const std::string& name) {
  if (options.min_grain_atoms < 1)
    throw core::ConfigError(
        fmt::format("smallest chemical grain is {} atoms; it must be at least 1", options.min_grain_atoms));
  core::validate(atoms, name);
  if (atoms.size() < 2)
    throw core::DataError(
        fmt::format("{}: chemical order needs at least two atoms; there are {}", name, atoms.size()));
  ChemicalAnalysis result;
  result.moment.name = name;
  result.moment.atoms = atoms;
  result.moment.neighbour_cutoff_a = cutoff_of(atoms, options, threads);
  result.moment.crystalline_threshold = options.nuclei.threshold;
  result.shell =
      core::neighbours_within(atoms.positions, atoms.cell, result.moment.neighbour_cutoff_a, threads);
  result.sites = lattice_sites(atoms.positions, result.shell, options.lattice);
  const ChemicalKernel kernel(atoms, result.sites, options.chemical.kernel_cells, threads);
  result.order = kernel.order(species_of(atoms, options.chemical), threads);
  result.divided = divide_boundaries(result.order, result.sites, result.shell, options.boundary);
  for (const int grain : result.sites.grain_of_atom)
    result.moment.flagged.push_back(static_cast<std::uint8_t>(grain < 0));
  result.moment.flagged_atoms = static_cast<std::size_t>(
      std::count(result.moment.flagged.begin(), result.moment.flagged.end(), std::uint8_t{1}));

  const ChemicalGrains grains = chemical_grains(result.divided, result.sites, result.shell);
  const Nuclei nuclei = find_chemical_nuclei(atoms, result.order, options.nuclei, threads);
  describe_grains(result, grains, options);
  for (const BoundaryPair& pair : phase_boundaries(result.divided, result.sites, result.shell))
    ++result.boundaries[pair.kind];
  result.swaps = swap_pairs(result.divided, result.sites, result.shell);
  describe_all_nuclei(result, nuclei, kernel, options, threads);
  add_columns(result, grains, nuclei);
  return result;
}

std::string boundary_name(BoundaryKind kind) {
  constexpr std::array names{"antiphase", "orientation", "phase", "disorder", "lattice"};
  return names.at(static_cast<std::size_t>(kind));
}

} // namespace aet::analysis
