#include "analysis/moment/moment_chance.hpp"

#include "analysis/moment/moment_order.hpp"
#include "analysis/nuclei/soft_spheres.hpp"
#include "sim/core/error.hpp"
#include "sim/core/statistics.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

namespace aet::analysis {
namespace {

constexpr std::size_t atoms_in_all = 40000; // of the realizations together, unless asked otherwise
constexpr int fewest = 4;
constexpr int most = 20;

int realizations_for(std::size_t atoms) {
  return std::clamp(static_cast<int>(atoms_in_all / std::max<std::size_t>(atoms, 1)), fewest, most);
}

/// Mean over consecutive frames of the rms displacement [angstrom]; 0 for one frame.
double rms_step(std::span<const core::Atoms> frames) {
  double squares = 0.0;
  for (std::size_t f = 1; f < frames.size(); ++f)
    for (std::size_t i = 0; i < frames[f].size(); ++i)
      squares += (core::nearest_image(frames[f].positions[i], frames[f - 1].positions[i], frames[f].cell) -
                  frames[f - 1].positions[i])
                     .squaredNorm();
  const double steps = static_cast<double>((frames.size() - 1) * frames.front().size());
  return frames.size() > 1 ? std::sqrt(squares / steps) : 0.0;
}

} // namespace

ChanceNuclei fluid_chance(std::span<const core::Atoms> frames, const MomentAnalysis& moment,
                          const AnalysisOptions& options, const ChanceOptions& chance,
                          core::Threads threads) {
  if (!moment.voronoi_volume_mean_a3.value)
    throw core::DataError(fmt::format("{}: chance cannot be told, since {}", moment.name,
                                      moment.voronoi_volume_mean_a3.reason));
  const core::Atoms& atoms = frames.front();
  ChanceNuclei result;
  result.how = "soft spheres at their freezing point, of the same number, density and outline";
  result.realizations = chance.realizations > 0 ? chance.realizations : realizations_for(atoms.size());
  AnalysisOptions rule = options;
  rule.neighbour_cutoff_a = moment.neighbour_cutoff_a;
  rule.third_order = false;
  rule.nuclei = rule_of_chance(options.nuclei);
  result.min_atoms = options.nuclei.min_atoms;
  std::vector<std::vector<ChanceNucleus>> found(static_cast<std::size_t>(result.realizations));
  const double step = rms_step(frames);
  core::parallel_for(found.size(), threads, [&](std::size_t r, int) {
    SoftSphereOptions spheres;
    spheres.step_a = step;
    spheres.seed = chance.seed;
    spheres.realization = static_cast<std::uint32_t>(r);
    std::vector<core::Atoms> fluid;
    for (std::vector<core::Vec3>& positions : soft_sphere_frames(
             atoms.positions, atoms.cell, *moment.voronoi_volume_mean_a3.value, frames.size(), spheres)) {
      fluid.emplace_back();
      fluid.back().positions = std::move(positions);
      fluid.back().atomic_numbers = atoms.atomic_numbers;
      fluid.back().cell = atoms.cell;
    }
    const MomentOrder order = moment_order(fluid, moment.neighbour_cutoff_a, rule);
    const SurfaceOfAtoms surface = surface_of(order.atoms.positions, order.atoms.cell, options.voronoi);
    for (const Nucleus& nucleus : order.nuclei.nuclei)
      found[r].push_back(
          chance_nucleus(nucleus, order.atoms, order.shell, surface, options.surface_site_depth_a));
  });
  for (const std::vector<ChanceNucleus>& one : found)
    result.nuclei.insert(result.nuclei.end(), one.begin(), one.end());
  sort_by_size(result);
  return result;
}

void set_chance(MomentAnalysis& moment, const ChanceNuclei& chance) {
  moment.chance = chance;
  for (NucleusReport& report : moment.nuclei)
    report.chance = chance.probability(report.nucleus.effective_atoms);
}

ChanceSummary chance_summary(const MomentAnalysis& moment) {
  const ChanceNuclei& chance = *moment.chance;
  ChanceSummary result;
  result.found = moment.nuclei.size();
  result.expected = chance.expected();
  std::size_t with_site = 0;
  std::size_t surface = 0;
  double ranks = 0.0;
  for (const NucleusReport& report : moment.nuclei) {
    if (!report.chance || *report.chance > max_chance) continue;
    ++result.left;
    if (!report.site) continue;
    ++with_site;
    surface += *report.site == Site::surface ? 1 : 0;
    ++result.sites[site_name(*report.site_kind)].found;
    ranks += core_rank(moment.atoms.positions, report.nucleus.core_position);
  }
  const double counted = chance.expected() * chance.realizations;
  for (const ChanceNucleus& nucleus : chance.nuclei)
    if (nucleus.site && nucleus.atoms >= static_cast<std::size_t>(chance.min_atoms))
      result.sites[site_name(*nucleus.site)].share_by_chance += 1.0 / counted;
  result.surface_by_chance = chance.surface_share();
  result.core_rank_by_chance = chance.core_rank();
  if (with_site == 0) return result;
  const double count = static_cast<double>(with_site);
  const double hits = static_cast<double>(surface);
  result.surface_share = hits / count;
  result.surface_interval = core::wilson_interval(hits, count);
  result.core_rank = ranks / count;
  if (result.surface_by_chance) {
    const double share = *result.surface_by_chance;
    const double at_most = core::binomial_cdf(hits, count, share);
    const double below = surface == 0 ? 0.0 : core::binomial_cdf(hits - 1.0, count, share);
    result.surface_p_value = std::min(1.0, 2.0 * std::min(at_most, 1.0 - below));
  }
  return result;
}

} // namespace aet::analysis
