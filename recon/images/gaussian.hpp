// Gaussian smoothing, and the width at which it helps most.
#pragma once

#include "recon/images/noise_model.hpp"
#include "sim/core/parallel.hpp"

#include <vector>

namespace aet::recon {

/// Convolve with a Gaussian of sd `sigma` pixels (>= 0; 0 changes nothing), cut off at 4 sd and normalised.
/// The image is continued by its mirror image, so that a constant stays what it is up to the edge.
[[nodiscard]] core::Image gaussian_smoothed(const core::Image& image, double sigma);

/// The width [pixel] of a Gaussian that brings noisy images nearest to what they were without noise, in the
/// mean square, by Stein's unbiased estimate of that error: mean (smoothed - noisy)^2 + 2 h v - v, with h
/// the kernel's centre and v the mean noise variance. Scanned from 0 to 3 in steps of 0.05.
/// Source: Stein, Ann. Statist. 9, 1135 (1981), doi:10.1214/aos/1176345632.
/// \throws DataError for no images.
[[nodiscard]] double best_gaussian(const std::vector<core::Image>& noisy, const NoiseModel& noise,
                                   core::Threads threads);

} // namespace aet::recon
