#include "recon/align/atom_stage.hpp"

#include "recon/align/scene_fit.hpp"
#include "recon/atoms/peak_selection.hpp"
#include "recon/atoms/trace.hpp"
#include "sim/core/error.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

namespace aet::recon {

namespace {

constexpr std::size_t fewest_atoms = 10;
constexpr int steps_alone = 3; // of the atoms, to settle before the poses move

TraceResult traced_atoms(const core::Volume& volume, const AtomStageOptions& options, core::Threads threads) {
  TraceOptions trace;
  trace.element = 1; // which one has no effect here
  trace.min_distance_a = options.min_distance_a;
  trace.min_relative_height = options.min_relative_height;
  trace.non_atoms = NonAtomRule::none; // a peak that is not an atom gets its strength from the images
  return trace_atoms(volume, trace, threads);
}

Scene scene_of(const TraceResult& traced, const AtomStageStart& start, const AtomStageOptions& options) {
  Scene scene;
  const std::vector<double>& intensities = traced.atoms.columns.at("intensity");
  // At low dose peaks of noise outnumber the atoms; each would be fitted to the noise of all images, and the
  // fit would take hours.
  const double weakest = crowd_of_noise(intensities);
  const std::vector<double>& heights = traced.atoms.columns.at("height");
  for (std::size_t i = 0; i < traced.atoms.size(); ++i) {
    if (intensities[i] < weakest) continue;
    scene.positions.push_back(traced.atoms.positions[i]);
    scene.strengths.push_back(heights[i] / traced.summary.height_level);
  }
  scene.species.assign(scene.positions.size(), 0);
  constexpr double narrowest = 0.7; // [pixel]; narrower ones are not sampled
  AtomProfile profile;
  for (const double width : options.widths_a)
    profile.terms.push_back({1.0, std::max(narrowest * start.volume.voxel_size, width)});
  scene.profiles = {profile};
  for (const Pose& pose : start.poses) {
    TiltState tilt;
    tilt.pose = pose;
    scene.tilts.push_back(tilt);
  }
  return scene;
}

core::TiltSeries series_of(const AtomStageStart& start) {
  core::TiltSeries series;
  series.images = start.images;
  series.pixel_size = start.volume.voxel_size;
  for (const Pose& pose : start.poses)
    series.orientations.push_back(pose.orientation);
  return series;
}

/// Tilts that fit better when they begin from the given orientation take that.
/// \return how many.
int begin_anew(Scene& scene, const SeriesLikelihood& likelihood, const FreeParameters& free,
               const std::vector<Pose>& given, core::Threads threads) {
  constexpr int steps = 8;
  constexpr double clearly = 0.96; // of the loss: not for rounding
  Scene there = scene;
  for (std::size_t t = 0; t < given.size(); ++t)
    there.tilts[t].pose.orientation = given[t].orientation;
  Scene here = scene;
  const std::vector<double> loss_here =
      fit_tilts(here, likelihood.series(), likelihood.noise(), free, steps, threads);
  const std::vector<double> loss_there =
      fit_tilts(there, likelihood.series(), likelihood.noise(), free, steps, threads);
  int replaced = 0;
  for (std::size_t t = 0; t < given.size(); ++t) {
    if (!(loss_there[t] < clearly * loss_here[t])) continue;
    scene.tilts[t] = there.tilts[t];
    ++replaced;
  }
  return replaced;
}

} // namespace

void check(const AtomStageOptions& options) {
  const bool widths = !options.widths_a.empty() && options.widths_a.size() <= most_terms &&
                      std::all_of(options.widths_a.begin(), options.widths_a.end(),
                                  [](double w) { return w >= 0.1 && w <= 5.0; });
  if (!widths)
    throw core::ConfigError(
        "refinement with atoms needs 1 to 4 widths of the atoms' image, each in [0.1, 5] A.");
  if (options.steps < 1 || options.rounds_before < 1) {
    throw core::ConfigError(
        fmt::format("refinement with atoms needs at least 1 step and 1 round before; they are {} and {}.",
                    options.steps, options.rounds_before));
  }
}

AtomStage refine_with_atoms(const AtomStageStart& start, const AtomStageOptions& options,
                            core::Threads threads, const core::ProgressSink& progress) {
  AtomStage out;
  const TraceResult traced = traced_atoms(start.volume, options, threads);
  Scene scene = scene_of(traced, start, options);
  out.atoms = scene.positions.size();
  const std::size_t noise = traced.atoms.size() - out.atoms;
  if (out.atoms < fewest_atoms) {
    out.note = fmt::format(
        "Poses were not refined against atoms: {} can be told apart in the volume, {} are needed.", out.atoms,
        fewest_atoms);
    return out;
  }
  const core::TiltSeries series = series_of(start);
  FreeParameters free;
  free.strengths = true;
  free.gain = free.background = false;
  SceneFitOptions alone;
  alone.steps = steps_alone;
  // The variance has no effect on the best fit, but for the weight of the expected size of a pose's
  // correction.
  const SeriesLikelihood unit(series, PixelLikelihood({0.0, 0.0, 1.0}));
  (void)fit_scene(scene, unit, free, alone, threads);
  const ImageMisfit left = misfit(scene, unit, threads);
  const double variance = std::max(2.0 * left.loss / left.pixels, std::numeric_limits<double>::min());
  const SeriesLikelihood likelihood(series, PixelLikelihood({0.0, 0.0, variance}));

  free.shift = free.gain = true;
  free.angles = start.turns;
  SceneFitOptions joint;
  joint.steps = options.steps;
  const auto fit = [&] {
    out.steps = fit_scene(scene, likelihood, free, joint, threads, [&](int step, double loss) {
      core::report(progress, {static_cast<double>(step), static_cast<double>(options.steps), "steps",
                              fmt::format("{} atoms, loss {:.6g}", out.atoms, loss)});
    });
  };
  int anew = start.turns ? begin_anew(scene, likelihood, free, start.given, threads) : 0;
  fit();
  const int again = start.turns ? begin_anew(scene, likelihood, free, start.given, threads) : 0;
  if (again > 0) {
    anew += again;
    fit();
  }
  const std::vector<double> losses = misfit(scene, likelihood, threads).tilt_loss;
  std::vector<PoseFit> tilts;
  for (std::size_t t = 0; t < losses.size(); ++t) {
    double square = 0.0; // of the image
    for (const float v : series.images[t].data)
      square += static_cast<double>(v) * static_cast<double>(v);
    tilts.push_back(
        {scene.tilts[t].pose, scene.tilts[t].gain, std::sqrt(2.0 * variance * losses[t] / square)});
    out.misfit += tilts.back().misfit / static_cast<double>(losses.size());
  }
  // A volume has the freedom to fit a part of the noise, atoms have not: down to the noise, what the images
  // leave of both is no fault of the atoms.
  constexpr double over_noise = 1.05;
  if (out.misfit > std::max(start.misfit, over_noise * start.noise_misfit)) {
    out.note =
        fmt::format("Poses were not refined against atoms: the {} that were traced explain the images worse "
                    "(misfit {:.3f}) than the volume ({:.3f}) and than their noise alone would ({:.3f}).",
                    out.atoms, out.misfit, start.misfit, start.noise_misfit);
    return out;
  }
  out.tilts = std::move(tilts);
  out.note =
      fmt::format("Poses and {} atoms were then fitted to the images together, in {} steps, to a misfit of "
                  "{:.4f}",
                  out.atoms, out.steps, out.misfit);
  if (noise > 0) out.note += fmt::format("; {} peaks of the volume are noise and were left out", noise);
  out.note +=
      anew > 0 ? fmt::format("; tilts that began anew from the angles given: {}.", anew) : std::string(".");
  return out;
}

} // namespace aet::recon
