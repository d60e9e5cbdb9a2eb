#include "recon/align/scene_fit.hpp"

#include "recon/scene/newton.hpp"
#include "recon/scene/term_weights.hpp"

#include <cstddef>

namespace aet::recon {

namespace {

constexpr double first_damping = 1e-2;
/// A step need not be better than its linear model: a tenth of the residual is left to the next one, which
/// has new derivatives. Solving further takes five times as long and ends in the same poses.
const NewtonOptions newton{0.1, 10, 0.5, {}};

} // namespace

int fit_scene(Scene& scene, const SeriesLikelihood& likelihood, const FreeParameters& free,
              const SceneFitOptions& options, core::Threads threads,
              const std::function<void(int, double)>& told) {
  fit_term_weights(scene, likelihood, threads);
  double damping = first_damping;
  for (int step = 1; step <= options.steps; ++step) {
    const NewtonStep done = newton_step(scene, likelihood, free, newton, damping, threads);
    normalise_gains(scene);
    fit_term_weights(scene, likelihood, threads);
    if (told) told(step, done.loss);
    if (!done.accepted || done.gain < options.stop * (done.loss + done.gain)) return step;
  }
  return options.steps;
}

std::vector<double> fit_tilts(Scene& scene, const core::TiltSeries& series, const PixelLikelihood& noise,
                              const FreeParameters& free, int steps, core::Threads threads) {
  FreeParameters of_tilt = free;
  of_tilt.positions = of_tilt.strengths = false;
  std::vector<double> losses(series.size());
  std::vector<TiltState> fitted(series.size());
  core::parallel_for(series.size(), threads, [&](std::size_t t, int) {
    Scene alone = scene;
    alone.tilts = {scene.tilts[t]};
    core::TiltSeries image = {};
    image.images = {series.images[t]};
    image.orientations = {series.orientations[t]};
    image.pixel_size = series.pixel_size;
    const SeriesLikelihood likelihood(image, noise);
    constexpr core::Threads one{1};
    double damping = first_damping;
    for (int step = 0; step < steps; ++step) {
      const NewtonStep done = newton_step(alone, likelihood, of_tilt, newton, damping, one);
      losses[t] = done.loss;
      if (!done.accepted) break;
    }
    fitted[t] = alone.tilts.front();
  });
  scene.tilts = std::move(fitted);
  return losses;
}

} // namespace aet::recon
