// From the images as recorded to one clean image a tilt: frames averaged, hot pixels replaced, noise removed.
#pragma once

#include "recon/images/bm3d.hpp"
#include "recon/images/hot_pixels.hpp"
#include "recon/images/register.hpp"
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

struct ImageOptions {
  bool average_frames = true; ///< images in a row with one orientation are frames of a tilt
  RegisterOptions registration;
  bool hot_pixels = false; ///< look for them; off, as atoms in coarsely sampled images are single pixels too
  HotPixelOptions hot;
  Denoising denoising = Denoising::none;
  double gaussian_a =
      0.0; ///< sd of the Gaussian [angstrom], 0..10; 0: the width with the least estimated error
  Bm3dOptions bm3d;
  /// largest part of an image's pixels that may share its largest value before it counts as saturated, 0..1
  double saturated_part = 0.02;
};

/// A series with one image a tilt, and what was done to it.
struct PreparedImages {
  core::TiltSeries series;
  int frames = 0;                 ///< images that came in
  int hot_pixels = 0;             ///< replaced
  NoiseModel noise;               ///< of an image of `series` before denoising; zero where it was not needed
  std::vector<std::string> notes; ///< sentences for the report
};

/// Check images, average frames, replace hot pixels, remove noise: in this order, each as the options say.
///
/// Images in a row with one orientation are frames where most tilts have more than one; their number may
/// differ from tilt to tilt. The noise model is the microscope's record of gain and readout; where there is
/// none, it is estimated from all images together.
/// \throws ConfigError for options out of range; DataError for a series that cannot be used (see
/// core::validate()), or an image that is zero, one value everywhere, or saturated.
/// Deterministic for any number of threads.
[[nodiscard]] PreparedImages prepare_images(const core::TiltSeries& series, const ImageOptions& options,
                                            core::Threads threads);

} // namespace aet::recon
