// Denoising of ADF-STEM images: noise known or estimated, variance stabilised, BM3D, exact unbiased inverse.
#pragma once

#include "recon/images/bm3d.hpp"
#include "recon/images/noise_model.hpp"
#include "sim/core/parallel.hpp"
#include "sim/core/tilt_series.hpp"

#include <string>
#include <vector>

namespace aet::recon {

enum class Denoising {
  automatic, ///< bm3d for a series in counts, which is noisy for certain; none otherwise
  none,
  gaussian, ///< one width for the whole series
  bm3d      ///< between a variance-stabilising transform and its exact inverse
};

/// "automatic", "none", "gaussian", "bm3d".
/// \throws core::ConfigError for another name.
[[nodiscard]] Denoising denoising_from(const std::string& name);

struct DenoiseOptions {
  Denoising way = Denoising::none;
  double gaussian_a =
      0.0; ///< sd of the Gaussian [angstrom], 0..10; 0: the width with the least estimated error
  Bm3dOptions bm3d;
};

/// \throws ConfigError for options out of range.
void check(const DenoiseOptions& options);

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

/// A series for alignment and reconstruction, its noise taken off as the options say; refinement against the
/// likelihood needs the images as they were. The noise is that of find_noise(), for each image by its number
/// of exposures.
/// \param notes a sentence on what was done is added.
/// \throws as denoise() and find_noise().
[[nodiscard]] core::TiltSeries denoised(core::TiltSeries series, const DenoiseOptions& options,
                                        core::Threads threads, std::vector<std::string>& notes);

} // namespace aet::recon
