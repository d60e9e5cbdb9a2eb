#include "sim/core/tilt_series.hpp"

#include "sim/core/error.hpp"
#include "sim/core/units.hpp"

#include <Eigen/Core>
#include <Eigen/LU>
#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <functional>

namespace aet::core {

namespace {

/// Lists that may be left empty, and what is in them.
void validate_extras(const TiltSeries& series, const std::string& source) {
  const auto require_length = [&](std::size_t length, const char* what) {
    if (length == 0 || length == series.size()) return;
    throw DataError(fmt::format("{}: {} images but {} {}; give one for each image, or none.", source,
                                series.size(), length, what));
  };
  require_length(series.shifts.size(), "shifts");
  require_length(series.exposures.size(), "numbers of exposures");
  require_length(series.masked.size(), "lists of masked pixels");
  require_length(series.backgrounds.size(), "background levels");
  for (std::size_t i = 0; i < series.shifts.size(); ++i) {
    if (!series.shifts[i].allFinite())
      throw DataError(fmt::format("{}: the shift of image {} is not finite.", source, i));
  }
  for (std::size_t i = 0; i < series.exposures.size(); ++i) {
    if (series.exposures[i] < 1) {
      throw DataError(fmt::format("{}: image {} is the mean of {} exposures; at least 1 is expected.", source,
                                  i, series.exposures[i]));
    }
  }
  for (std::size_t i = 0; i < series.masked.size(); ++i) {
    const auto& pixels = series.masked[i];
    if (std::adjacent_find(pixels.begin(), pixels.end(), std::greater_equal<>()) != pixels.end() ||
        (!pixels.empty() && pixels.back() >= series.images[i].data.size())) {
      throw DataError(
          fmt::format("{}: the masked pixels of image {} do not rise, or lie beyond its {} pixels.", source,
                      i, series.images[i].data.size()));
    }
    if (pixels.size() == series.images[i].data.size())
      throw DataError(fmt::format("{}: all pixels of image {} are masked; leave it out.", source, i));
  }
  for (std::size_t i = 0; i < series.backgrounds.size(); ++i) {
    if (!std::isfinite(series.backgrounds[i]))
      throw DataError(fmt::format("{}: the background level of image {} is not finite.", source, i));
  }
}

template <class T>
void take(std::vector<T>& to, const std::vector<T>& from, const std::vector<std::size_t>& numbers) {
  to.clear();
  for (const std::size_t i : numbers) {
    if (!from.empty()) to.push_back(from.at(i));
  }
}

} // namespace

Vec2 shift_of(const TiltSeries& series, std::size_t t) {
  return series.shifts.empty() ? Vec2(Vec2::Zero()) : series.shifts[t];
}

int exposures_of(const TiltSeries& series, std::size_t t) {
  return series.exposures.empty() ? 1 : series.exposures[t];
}

TiltSeries part_of(const TiltSeries& series, const std::vector<std::size_t>& images) {
  TiltSeries part;
  part.poses = series.poses;
  part.pixel_size = series.pixel_size;
  part.intensity = series.intensity;
  part.microscope = series.microscope;
  take(part.images, series.images, images);
  take(part.orientations, series.orientations, images);
  take(part.shifts, series.shifts, images);
  take(part.exposures, series.exposures, images);
  take(part.masked, series.masked, images);
  take(part.backgrounds, series.backgrounds, images);
  return part;
}

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
  validate_extras(series, source);
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
