// From the images as recorded to one image a tilt, still in raw counts: hot pixels masked, cut out and
// binned, exposures registered, the tilt axis in its place.
#pragma once

#include "recon/images/axis_placement.hpp"
#include "recon/images/hot_pixels.hpp"
#include "recon/images/image_geometry.hpp"
#include "recon/images/register.hpp"
#include "sim/core/parallel.hpp"
#include "sim/core/tilt_series.hpp"

#include <optional>
#include <string>
#include <vector>

namespace aet::recon {

struct ImageOptions {
  std::string images;            ///< that are kept (image_list.hpp); empty: all
  bool average_exposures = true; ///< images in a row with one orientation are exposures of a tilt
  RegisterOptions registration;
  bool hot_pixels = false; ///< look for them; off, as atoms in coarsely sampled images are single pixels too
  HotPixelOptions hot;
  /// largest part of an image's pixels that may share its largest value before it counts as saturated, 0..1
  double saturated_part = 0.02;
  std::optional<CropWindow> crop;
  int bin = 1; ///< counts of so many pixels along x and y are added up, >= 1
  int pad = 0; ///< edge of the square that images are put into [pixel after binning]; 0: none
  AxisPlacement axis;
};

/// A series with one image a tilt, and what was done to it.
struct PreparedImages {
  core::TiltSeries
      series;         ///< raw counts; with the noise of an exposure, exposures an image and masked pixels
  int exposures = 0;  ///< images that came in
  int hot_pixels = 0; ///< replaced and masked
  std::vector<std::string> notes; ///< sentences for the report
};

/// Take the images asked for, check them, find their noise, replace and mask hot pixels, crop, bin, average
/// exposures, pad, place the tilt axis: in this order, each as the options say. What is measured stays as it
/// was measured, so that the likelihood of later stages has its noise; orientations and shifts say where the
/// axis lies.
///
/// A series that is moved in is held once, beside the few images that are worked on.
///
/// Images in a row with one orientation are exposures where most tilts have more than one; their number may
/// differ from tilt to tilt. The noise is that of find_noise(): the record, else what the exposures tell.
/// \throws ConfigError for options out of range (as cropped(), binned(), padded(), axis_placement.hpp);
/// DataError as find_axis(), and for a series that cannot be used (see
/// core::validate()), or an image that is zero, one value everywhere, or saturated; as find_noise().
/// Deterministic for any number of threads.
[[nodiscard]] PreparedImages prepare_images(core::TiltSeries series, const ImageOptions& options,
                                            core::Threads threads);

/// Replace and mask hot pixels, each image by its own noise (find_noise(); none where that is not known).
/// \return how many.
/// \throws ConfigError for a threshold out of range.
int mask_hot_pixels(core::TiltSeries& series, const HotPixelOptions& options, core::Threads threads = {});

/// How many pixels that would mask, beside those that are.
[[nodiscard]] int count_hot_pixels(const core::TiltSeries& series, const HotPixelOptions& options,
                                   core::Threads threads = {});

/// Whether several images in a row share their orientation at most tilts, as exposures of one tilt do.
[[nodiscard]] bool has_exposures(const core::TiltSeries& series);

} // namespace aet::recon
