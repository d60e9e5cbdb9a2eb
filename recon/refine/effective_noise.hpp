// What images deviate by from a model where their noise is not known: denoised and interpolated images.
#pragma once

#include "recon/scene/linear_model.hpp"

namespace aet::recon {

/// Least squares, stated as a noise. Every pixel deviates from the model by the same mean square, whatever
/// the reason (noise that was smoothed, light of atoms beyond the field, the model's own faults), and pixels
/// within one area deviate together and count as one. Errors and evidence that rest on it are those of the
/// misfit, not of the electrons that were counted.
struct EffectiveNoise {
  double variance = 0.0; ///< mean square deviation of a pixel [image units^2]
  double area = 1.0;     ///< pixels that deviate together, >= 1: sum of the deviations' autocorrelation

  /// Signal-independent noise of `variance` times `area`: with it sums over all pixels weigh as those over
  /// the independent ones.
  [[nodiscard]] NoiseModel model() const { return {0.0, 0.0, variance * area}; }
};

/// Of the images about a scene. The autocorrelation is summed over the disc in which its mean along a ring
/// stays above 0.05, of 12 pixels at most.
/// \param likelihood says which pixels are measurements; its noise does not matter.
[[nodiscard]] EffectiveNoise effective_noise(const Scene& scene, const SeriesLikelihood& likelihood,
                                             core::Threads threads);

/// The same of deviations.
/// \param deviations one image each, 0 for what is no measurement.
/// \param pixels     that are measurements, in all.
[[nodiscard]] EffectiveNoise effective_noise(const std::vector<PixelBuffer>& deviations, double pixels,
                                             core::Threads threads);

/// Before there is a model: of the images about their means. Too large, which only makes evidence careful.
[[nodiscard]] EffectiveNoise effective_noise(const core::TiltSeries& series, core::Threads threads);

/// What an image holds beyond the model on the scale of several atoms: light of atoms outside the field, of
/// the support, of an uneven detector. The deviations smoothed by a Gaussian, one image each. With these
/// taken off the images, a model is weighed by its atoms and not by what lies around it.
/// \param width_a standard deviation [angstrom], > 0.
[[nodiscard]] std::vector<PixelBuffer> smooth_deviations(const Scene& scene,
                                                         const SeriesLikelihood& likelihood, double width_a,
                                                         core::Threads threads);

} // namespace aet::recon
