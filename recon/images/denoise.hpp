// Denoising of ADF-STEM images: noise estimated, variance stabilised, BM3D, exact unbiased inverse.
#pragma once

#include "recon/images/bm3d.hpp"
#include "recon/images/noise_model.hpp"
#include "sim/core/parallel.hpp"

#include <vector>

namespace aet::recon {

/// Images with Poisson-Gaussian noise, denoised by BM3D between the generalised Anscombe transform and its
/// exact unbiased inverse.
///
/// \param images counts or anything linear in them, each side at least as long as the largest block.
/// \param noise  as estimate_noise() gives it. Without any noise the images are returned unchanged.
/// \throws ConfigError for options or noise out of range, DataError for images that are too small.
/// Deterministic for any number of threads. Cost: about 0.5 s of CPU time for 256 x 256 pixels.
/// Source of the combination: Yang et al., Nature 542, 75 (2017), Methods, doi:10.1038/nature21042.
[[nodiscard]] std::vector<core::Image> denoise(const std::vector<core::Image>& images,
                                               const NoiseModel& noise, const Bm3dOptions& options,
                                               core::Threads threads);

} // namespace aet::recon
