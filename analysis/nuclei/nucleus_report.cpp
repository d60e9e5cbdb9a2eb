#include "analysis/nuclei/nucleus_report.hpp"

#include "analysis/nuclei/cluster_surface.hpp"
#include "analysis/order/directions.hpp"
#include "analysis/order/mean.hpp"
#include "sim/core/error.hpp"
#include "sim/core/neighbours/cell_grid.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <numeric>

namespace aet::analysis {
namespace {

using core::Vec3;

/// Volume of a member [A^3]; at the surface the mean of the closed cells, missing if there is none.
std::optional<double> volume_of(const NucleusContext& context, std::size_t atom) {
  if (context.surface.exposed[atom] == 0) return context.surface.cells[atom].volume;
  return context.surface.bulk_volume_a3;
}

Quantity effective_surface(const NucleusContext& context, const OrderField& field, const Nucleus& nucleus) {
  std::vector<double> parts;
  double volume = 0.0;
  double covered = 0.0;
  for (const std::size_t i : nucleus.atoms) {
    const std::optional<double> v = volume_of(context, i);
    if (!v) return {std::nullopt, "no atom has a closed Voronoi cell"};
    volume += *v;
    if (field.gradient->valid[i] == 0) continue;
    covered += *v;
    parts.push_back(field.gradient->gradient[i].norm() * *v);
  }
  if (!(covered > 0.5 * volume)) return {std::nullopt, "most members have too few neighbours for a gradient"};
  // Members without a gradient count as the others do on average.
  return {mean(parts) * static_cast<double>(parts.size()) * volume / covered, ""};
}

Quantity roundness(const NucleusContext& context, const Nucleus& nucleus) {
  std::vector<Vec3> positions;
  std::vector<double> volumes;
  for (const std::size_t i : nucleus.atoms) {
    const std::optional<double> v = volume_of(context, i);
    if (!v) return {std::nullopt, "no atom has a closed Voronoi cell"};
    positions.push_back(
        core::nearest_image(context.atoms.positions[i], nucleus.core_position, context.atoms.cell));
    volumes.push_back(*v);
  }
  const Surface surface = cluster_surface(positions, volumes);
  if (!(surface.area > 0.0)) return {std::nullopt, "the nucleus is too thin for a surface of its own"};
  return {sphericity(surface.volume, surface.area), ""};
}

/// The order parameters of a sum over members err together as far as one averaging reaches.
double size_error(const NucleusContext& context, const OrderField& field, const Nucleus& nucleus) {
  if (field.sd.empty()) return 0.0;
  double variance = 0.0;
  double shells = 0.0;
  for (const std::size_t i : nucleus.atoms) {
    variance += field.sd[i] * field.sd[i];
    shells += static_cast<double>(context.shell.count(i) + 1);
  }
  const double members = static_cast<double>(nucleus.atoms.size());
  return std::sqrt(variance * std::min(members, context.shared_errors.value_or(shells / members)));
}

/// Atoms around a core and their order.
struct Surroundings {
  std::vector<Vec3> from_core;
  std::vector<double> distances;
  std::vector<double> values;
};

Surroundings about_core(const NucleusContext& context, const OrderField& field, const Nucleus& nucleus,
                        int number, const core::CellGrid& grid, const AnalysisOptions& options) {
  const auto from_core = [&](std::size_t i) {
    return Vec3(core::nearest_image(context.atoms.positions[i], nucleus.core_position, context.atoms.cell) -
                nucleus.core_position);
  };
  double extent = 0.0;
  for (const std::size_t i : nucleus.atoms)
    extent = std::max(extent, from_core(i).norm());
  const double reach = std::min(extent + options.profile_beyond_a, grid.unique_image_radius());
  std::vector<core::Hit> hits;
  grid.within(nucleus.core_position, reach, hits);
  Surroundings result;
  for (const core::Hit& hit : hits) {
    const int owner = context.nuclei.nucleus_of_atom[hit.index];
    if ((owner != -1 && owner != number) || context.flagged[hit.index] != 0) continue;
    result.from_core.push_back(from_core(hit.index));
    result.distances.push_back(hit.distance);
    result.values.push_back(field.alpha[hit.index]);
  }
  return result;
}

void add_directions(const NucleusContext& context, const Surroundings& around, const AnalysisOptions& options,
                    NucleusReport& report) {
  const int grain = context.lattice->grain_of_atom[report.nucleus.root];
  if (grain < 0) {
    report.directions_reason = "the core of the nucleus lies on no fcc lattice";
    return;
  }
  core::Mat3 axes = context.lattice->grains[static_cast<std::size_t>(grain)].lattice.edges;
  for (int k = 0; k < 3; ++k)
    axes.row(k).normalize();
  for (const auto& [name, direction] :
       {std::pair("100", Vec3(1, 0, 0)), std::pair("110", Vec3(1, 1, 0)), std::pair("111", Vec3(1, 1, 1))}) {
    DirectionalProfile d;
    d.family = name;
    d.profile =
        directional_profile(around.from_core, around.values, cubic_family(direction.normalized(), axes),
                            options.direction_half_angle_rad, options.profile_shell_a);
    d.opg = fit_profile(d.profile, options.profile_fit);
    report.directions.push_back(std::move(d));
  }
}

/// Mean depth of the core atoms.
Quantity core_depth(const NucleusContext& context, const Nucleus& nucleus) {
  if (context.surface.depth.empty()) return {std::nullopt, "there is no surface"};
  std::vector<double> depths;
  for (const std::size_t i : nucleus.core_atoms)
    depths.push_back(context.surface.depth[i]);
  return {mean(depths), ""};
}

} // namespace

std::vector<NucleusReport> describe_nuclei(const NucleusContext& context, const AnalysisOptions& options,
                                           core::Threads threads) {
  const std::size_t count = context.nuclei.nuclei.size();
  if (context.fields.size() != 1 && context.fields.size() != count)
    throw core::DataError(fmt::format("{} fields of order are given for {} nuclei; give one, or one each",
                                      context.fields.size(), count));
  const core::CellGrid grid(context.atoms.positions, context.atoms.cell, 4.0);
  std::vector<NucleusReport> result(count);
  core::parallel_for(count, threads, [&](std::size_t k, int) {
    NucleusReport& report = result[k];
    report.nucleus = context.nuclei.nuclei[k];
    const OrderField& field = context.fields.size() == 1 ? context.fields.front() : context.fields[k];
    report.effective_atoms_sd = size_error(context, field, report.nucleus);
    report.effective_surface_a2 = effective_surface(context, field, report.nucleus);
    report.sphericity = roundness(context, report.nucleus);
    report.depth_a = core_depth(context, report.nucleus);
    report.site_kind = site_of_core(context.atoms.positions, context.atoms.cell, context.shell,
                                    context.surface, report.nucleus.core_atoms, options.surface_site_depth_a);
    if (report.site_kind)
      report.site = *report.site_kind == SurfaceSite::subsurface ? Site::subsurface : Site::surface;
    const Surroundings around =
        about_core(context, field, report.nucleus, static_cast<int>(k), grid, options);
    report.profile = radial_profile(around.distances, around.values, options.profile_shell_a);
    report.opg = fit_profile(report.profile, options.profile_fit);
    if (report.opg.fit) report.barrier = nucleus_barrier(*report.opg.fit, options.nucleation);
    if (context.lattice != nullptr) add_directions(context, around, options, report);
  });
  return result;
}

} // namespace aet::analysis
