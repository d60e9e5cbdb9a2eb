#include "recon/align/atom_stage.hpp"

#include "recon/align/joint_fit.hpp"
#include "recon/atoms/trace.hpp"
#include "sim/core/error.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <numeric>
#include <utility>

namespace aet::recon {

namespace {

constexpr std::size_t fewest_atoms = 10;
constexpr int steps_alone = 3; // of the atoms, to settle before the poses move

AtomModel model_of(const TraceResult& traced, double pixel, const AtomStageOptions& options) {
  AtomModel model;
  for (std::size_t a = 0; a < traced.atoms.size(); ++a) {
    model.positions.emplace_back(traced.atoms.positions[a] / pixel);
    model.weights.push_back(traced.atoms.columns.at("height")[a] / traced.summary.height_level);
  }
  constexpr double narrowest = 0.7; // [pixel]; narrower ones are not sampled
  double widest = 0.0;
  for (const double width : options.widths_a) {
    model.shape.push_back({std::max(narrowest, width / pixel), 1.0});
    widest = std::max(widest, model.shape.back().width);
  }
  model.reach = 3.0 * widest;
  return model;
}

/// Views that fit better when they begin from the given orientation take that. \return how many.
int begin_anew(const std::vector<core::Image>& images, const AtomModel& model, const std::vector<Pose>& given,
               std::vector<View>& views, core::Threads threads) {
  constexpr int steps = 8;
  constexpr double clearly = 0.98; // not for rounding
  std::vector<int> replaced(views.size(), 0);
  core::parallel_for(views.size(), threads, [&](std::size_t j, int /*worker*/) {
    View start = views[j];
    start.pose.orientation = given[j].orientation;
    const ViewFit here = fit_view(model, images[j], views[j], true, steps);
    const ViewFit there = fit_view(model, images[j], start, true, steps);
    if (there.misfit < clearly * here.misfit) {
      views[j] = there.view;
      replaced[j] = 1;
    }
  });
  return std::accumulate(replaced.begin(), replaced.end(), 0);
}

double mean(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

} // namespace

void check(const AtomStageOptions& options) {
  const bool widths = !options.widths_a.empty() && options.widths_a.size() <= 6 &&
                      std::all_of(options.widths_a.begin(), options.widths_a.end(),
                                  [](double w) { return w >= 0.1 && w <= 5.0; });
  if (!widths)
    throw core::ConfigError(
        "refinement with atoms needs 1 to 6 widths of the atoms' image, each in [0.1, 5] A.");
  if (options.steps < 1 || options.rounds_before < 1) {
    throw core::ConfigError(
        fmt::format("refinement with atoms needs at least 1 step and 1 round before; they are {} and {}.",
                    options.steps, options.rounds_before));
  }
}

std::optional<AtomStageResult> refine_with_atoms(const std::vector<core::Image>& images,
                                                 const core::Volume& volume, const std::vector<Pose>& poses,
                                                 const std::vector<Pose>& given, bool turns,
                                                 double volume_misfit, const AtomStageOptions& options,
                                                 core::Threads threads, const core::ProgressSink& progress,
                                                 std::string& note) {
  TraceOptions trace;
  trace.element = 1; // which one has no effect here
  trace.min_distance_a = options.min_distance_a;
  trace.min_relative_height = options.min_relative_height;
  trace.non_atoms = NonAtomRule::none; // a peak that is none gets its weight from the images
  const TraceResult traced = trace_atoms(volume, trace, threads);
  if (traced.atoms.size() < fewest_atoms) {
    note = fmt::format(
        "Poses were not refined against atoms: {} can be told apart in the volume, {} are needed.",
        traced.atoms.size(), fewest_atoms);
    return std::nullopt;
  }
  std::vector<View> views;
  for (const Pose& pose : poses)
    views.push_back({pose, 1.0});
  const auto tell = [&](int step, double misfit) {
    core::report(progress, {static_cast<double>(step), static_cast<double>(options.steps), "steps",
                            fmt::format("{} atoms, misfit {:.4f}", traced.atoms.size(), misfit)});
  };
  JointFitOptions fit;
  fit.views = false;
  fit.steps = steps_alone;
  JointFit joint = fit_atoms_and_views(images, model_of(traced, volume.voxel_size, options), std::move(views),
                                       fit, threads, [&](int, double misfit) { tell(0, misfit); });
  fit.views = true;
  fit.turns = turns;
  fit.steps = options.steps;
  int anew = turns ? begin_anew(images, joint.model, given, joint.views, threads) : 0;
  joint = fit_atoms_and_views(images, std::move(joint.model), std::move(joint.views), fit, threads, tell);
  const int again = turns ? begin_anew(images, joint.model, given, joint.views, threads) : 0;
  if (again > 0) {
    anew += again;
    joint = fit_atoms_and_views(images, std::move(joint.model), std::move(joint.views), fit, threads, tell);
  }
  AtomStageResult out;
  out.misfit = mean(joint.misfits);
  if (out.misfit > volume_misfit) {
    note =
        fmt::format("Poses were not refined against atoms: the {} that were traced explain the images worse "
                    "(misfit {:.3f}) than the volume ({:.3f}).",
                    traced.atoms.size(), out.misfit, volume_misfit);
    return std::nullopt;
  }
  for (const View& view : joint.views) {
    out.poses.push_back(view.pose);
    out.scales.push_back(view.scale);
  }
  out.misfits = std::move(joint.misfits);
  out.atoms = traced.atoms.size();
  out.steps = joint.steps;
  note =
      fmt::format("Poses and {} atoms were then fitted to the images together, in {} steps, to a misfit of "
                  "{:.4f}",
                  out.atoms, out.steps, out.misfit);
  note +=
      anew > 0 ? fmt::format("; tilts that began anew from the angles given: {}.", anew) : std::string(".");
  return out;
}

} // namespace aet::recon
