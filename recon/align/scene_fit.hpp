// Atoms and poses fitted together to images, and poses alone.
#pragma once

#include "recon/scene/linear_model.hpp"

#include <functional>
#include <vector>

namespace aet::recon {

struct SceneFitOptions {
  int steps = 20;     ///< at most, >= 1
  double stop = 1e-4; ///< end when the loss falls by less than this part in a step, > 0
};

/// Maximise the likelihood over all that is free at once, and in turn with it over the weights of the
/// profiles' Gaussians; widths stay.
///
/// Atoms and poses have stiff combinations, which an alternation of both approaches but slowly; a Newton step
/// solves for them directly. Gains are kept at mean 1.
/// \param scene one tilt an image, at least one atom (see validate()).
/// \param told called after each step with its number and the loss. It may throw.
/// \return steps done. Deterministic for any number of threads. Source of the method: Triggs et al., "Bundle
///   adjustment - a modern synthesis", LNCS 1883, 298 (2000), doi:10.1007/3-540-44480-7_21.
int fit_scene(Scene& scene, const SeriesLikelihood& likelihood, const FreeParameters& free,
              const SceneFitOptions& options, core::Threads threads,
              const std::function<void(int step, double loss)>& told = {});

/// Fit each tilt on its own, by at most `steps` Newton steps, atoms and profiles as they are.
/// \param free of which only what concerns tilts is used.
/// \return loss of each tilt. Deterministic for any number of threads.
[[nodiscard]] std::vector<double> fit_tilts(Scene& scene, const core::TiltSeries& series,
                                            const PixelLikelihood& noise, const FreeParameters& free,
                                            int steps, core::Threads threads);

} // namespace aet::recon
