#include "sim/core/tilt_series.hpp"

#include "sim/core/error.hpp"
#include "sim/core/units.hpp"

#include <Eigen/Core>
#include <Eigen/LU>
#include <fmt/core.h>

#include <cmath>

namespace aet::core {

void validate(const TiltSeries& series, const std::string& source) {
  if (series.images.empty()) throw DataError(fmt::format("{}: holds no images.", source));
  if (series.orientations.size() != series.images.size()) {
    throw DataError(fmt::format("{}: {} images but {} tilt angles; give one angle for each image.", source,
                                series.images.size(), series.orientations.size()));
  }
  if (!(series.pixel_size > 0.0) || !std::isfinite(series.pixel_size)) {
    throw DataError(fmt::format("{}: pixel size is {} A; it must be positive (give it with --pixel-a).",
                                source, series.pixel_size));
  }
  const Image& first = series.images.front();
  for (std::size_t i = 0; i < series.size(); ++i) {
    const Image& image = series.images[i];
    if (image.nx != first.nx || image.ny != first.ny) {
      throw DataError(fmt::format("{}: image {} is {} x {} but image 0 is {} x {}; all must have one shape.",
                                  source, i, image.nx, image.ny, first.nx, first.ny));
    }
    for (int iy = 0; iy < image.ny; ++iy) {
      for (int ix = 0; ix < image.nx; ++ix) {
        if (!std::isfinite(image.at(ix, iy))) {
          throw DataError(fmt::format("{}: image {} holds {} at pixel ({}, {}); replace it by a number "
                                      "(for example the mean of its neighbours).",
                                      source, i, static_cast<double>(image.at(ix, iy)), ix, iy));
        }
      }
    }
    const Mat3& r = series.orientations[i];
    constexpr double rounding = 1e-6; // sidecar files may carry as few as seven digits
    if (!((r * r.transpose() - Mat3::Identity()).norm() < rounding) || r.determinant() < 0.0) {
      throw DataError(fmt::format("{}: orientation {} is not a rotation (R R^T differs from 1 by {:.2g}, "
                                  "determinant {:.2g}).",
                                  source, i, (r * r.transpose() - Mat3::Identity()).norm(), r.determinant()));
    }
  }
}

bool is_single_axis(const TiltSeries& series) {
  constexpr double rounding = 1e-9;
  for (const Mat3& r : series.orientations) {
    if (std::abs(r(1, 1) - 1.0) > rounding) return false;
  }
  return true;
}

double tilt_degrees(const Mat3& orientation) {
  return std::atan2(orientation(0, 2), orientation(0, 0)) / radian_per_degree;
}

} // namespace aet::core
