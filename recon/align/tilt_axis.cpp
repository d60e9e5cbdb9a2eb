#include "recon/align/tilt_axis.hpp"

#include "recon/images/common_line.hpp"
#include "recon/images/specimen_centre.hpp"
#include "sim/core/error.hpp"
#include "sim/core/units.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace aet::recon {

namespace {

void check(const Projections& series, const TiltAxisOptions& options) {
  if (!(options.blur_a >= 0.0 && options.blur_a <= 20.0)) {
    throw core::ConfigError(
        fmt::format("the blur of the alignment must lie in [0, 20] A; it is {} A.", options.blur_a));
  }
  if (!(options.mask_level > 0.0 && options.mask_level < 1.0) || options.rounds < 1) {
    throw core::ConfigError(
        fmt::format("the alignment needs a mask level in (0, 1) and at least one round; they are {} and {}.",
                    options.mask_level, options.rounds));
  }
  if (const auto odd = image_off_axis(series.orientations)) {
    throw core::DataError(fmt::format("the tilt axis of image {} is more than 10 degrees off that of the "
                                      "others, or out of the image plane; align such a series against "
                                      "reprojections instead.",
                                      *odd));
  }
}

AxisCurve projected_on(const core::Image& image, const Eigen::Vector2d& axis) {
  // Whole rows hold more of the specimen than the disc, and a few degrees matter to second order only.
  constexpr double little = 2.0 * core::radian_per_degree;
  return axis.y() > std::cos(little) ? row_means(image) : disc_projection(image, axis);
}

} // namespace

Eigen::Vector2d common_axis(const std::vector<core::Mat3>& orientations) {
  Eigen::Vector2d sum = Eigen::Vector2d::Zero();
  for (const core::Mat3& r : orientations)
    sum += r.col(1).head<2>();
  return sum.norm() > 0.0 ? Eigen::Vector2d(sum.normalized()) : Eigen::Vector2d(0.0, 1.0);
}

std::optional<std::size_t> image_off_axis(const std::vector<core::Mat3>& orientations) {
  constexpr double most = 10.0 * core::radian_per_degree;
  const Eigen::Vector2d axis = common_axis(orientations);
  for (std::size_t j = 0; j < orientations.size(); ++j) {
    if (orientations[j].col(1).head<2>().dot(axis) < std::cos(most)) return j;
  }
  return std::nullopt;
}

TiltAxisResult align_on_tilt_axis(const Projections& series, const TiltAxisOptions& options,
                                  core::Threads threads) {
  check(series, options);
  const std::size_t tilts = series.images.size();
  const double blur = options.blur_a / series.pixel_size;
  std::vector<core::Image> blurred(tilts);
  core::parallel_for(tilts, threads, [&](std::size_t j, int /*worker*/) {
    blurred[j] = blur > 0.0 ? smoothed(series.images[j], blur) : series.images[j];
  });
  const Eigen::Vector2d axis = common_axis(series.orientations);
  const Eigen::Vector2d across(axis.y(), -axis.x());
  std::vector<AxisCurve> curves;
  for (const core::Image& image : blurred)
    curves.push_back(projected_on(image, axis));
  const int reach =
      static_cast<int>(curves.front().size()) / 2; // the specimen may lie that far off the middle
  const AlignedCurves aligned = align_curves(curves, reach, options.rounds, threads);
  const std::vector<double>& along = aligned.shifts;
  const std::vector<CurveFit>& fits = aligned.fits;

  TiltAxisResult out;
  out.backgrounds.assign(tilts, 0.0);
  if (options.background) {
    // The regression on the mean curve leaves open what background the mean has: the borders tell.
    double common = 0.0;
    for (const core::Image& image : series.images)
      common += border_level(image) / static_cast<double>(tilts);
    for (std::size_t j = 0; j < tilts; ++j)
      out.backgrounds[j] = fits[j].level + fits[j].gain * common;
  }
  double middle = 0.0;
  std::vector<Eigen::Vector2d> centres(tilts);
  core::parallel_for(tilts, threads, [&](std::size_t j, int /*worker*/) {
    centres[j] = specimen_centre(series.images[j], blurred[j], out.backgrounds[j], options.mask_level);
  });
  for (std::size_t j = 0; j < tilts; ++j)
    middle += (centres[j].dot(axis) - along[j]) / static_cast<double>(tilts);
  for (std::size_t j = 0; j < tilts; ++j) {
    const Eigen::Vector2d shift = centres[j].dot(across) * across + (along[j] + middle) * axis;
    out.shifts.push_back({shift.x(), shift.y()});
    out.correlations.push_back(fits[j].correlation);
  }
  const double lowest = *std::min_element(out.correlations.begin(), out.correlations.end());
  out.notes.push_back(fmt::format("Images were aligned along the tilt axis by their common line (lowest "
                                  "correlation {:.4f}) and across it by the centre of mass.",
                                  lowest));
  if (options.background) {
    const auto [low, high] = std::minmax_element(out.backgrounds.begin(), out.backgrounds.end());
    out.notes.push_back(fmt::format(
        "Background by the highest correlation of the common line: {:.6g} to {:.6g} in the images.", *low,
        *high));
  }
  return out;
}

} // namespace aet::recon
