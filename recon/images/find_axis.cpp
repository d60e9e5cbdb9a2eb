#include "recon/images/find_axis.hpp"

#include "recon/images/border_level.hpp"
#include "recon/images/common_line.hpp"
#include "recon/images/gaussian.hpp"
#include "recon/images/image_geometry.hpp"
#include "recon/images/specimen_centre.hpp"
#include "sim/core/error.hpp"
#include "sim/core/units.hpp"

#include <Eigen/LU>
#include <Eigen/QR>
#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <functional>
#include <numeric>
#include <utility>

namespace aet::recon {

namespace {

using core::Vec2;

constexpr std::size_t quarters = 4;
constexpr double broader = 12.0;

void check_tilts(const core::TiltSeries& series) {
  constexpr std::size_t fewest = 2 * quarters;
  constexpr double narrowest = 30.0;
  if (!core::is_single_axis(series)) {
    throw core::DataError("tilt_axis = automatic: the orientations are no tilts about y, so that an axis is "
                          "known already; leave it out, or give plain tilt angles.");
  }
  double low = 360.0;
  double high = -360.0;
  for (const core::Mat3& r : series.orientations) {
    low = std::min(low, core::tilt_degrees(r));
    high = std::max(high, core::tilt_degrees(r));
  }
  if (series.size() < fewest || high - low < narrowest) {
    throw core::DataError(fmt::format("tilt_axis = automatic: {} images over {:.1f} degrees do not tell the "
                                      "axis, {} over {} do; give tilt_axis_deg and tilt_axis_px.",
                                      series.size(), high - low, fewest, narrowest));
  }
  for (const Vec2& s : series.shifts) {
    if (s != series.shifts.front())
      throw core::DataError(
          "tilt_axis = automatic: the images have shifts of their own, from an alignment "
          "about an axis that is known; leave it out, or give the images as they were taken.");
  }
}

/// A small copy of the images, without background.
struct SmallImages {
  std::vector<core::Image> images;
  double pixel = 1.0;           ///< [angstrom]
  Vec2 middle_a = Vec2::Zero(); ///< of the large images off that of the small ones [angstrom]
};

SmallImages small_images(const core::TiltSeries& series, int bin, core::Threads threads) {
  SmallImages out;
  out.images.resize(series.size());
  core::parallel_for(series.size(), threads, [&](std::size_t t, int /*worker*/) {
    core::TiltSeries one = part_of(series, {t});
    one.shifts.clear();
    one.masked.clear(); // stand-ins will do
    one = binned(std::move(one), bin);
    const auto level = static_cast<float>(border_level(one.images.front()));
    for (float& v : one.images.front().data)
      v -= level;
    out.images[t] = std::move(one.images.front());
    if (t > 0) return;
    out.pixel = one.pixel_size;
    out.middle_a = shift_of(one, 0);
  });
  return out;
}

/// Unit vectors in the image along and across an axis at this angle.
Vec2 along_axis(double angle_deg) {
  const double angle = angle_deg * core::radian_per_degree;
  return {-std::sin(angle), std::cos(angle)};
}
Vec2 across_axis(double angle_deg) {
  const double angle = angle_deg * core::radian_per_degree;
  return {std::cos(angle), std::sin(angle)};
}

/// How alike the curves of all images are, and those of all but a quarter (every fourth image) in the place
/// of that quarter: 1 for curves that are the same, 1 / their number for such as have nothing in common.
using Likeness = std::array<double, quarters + 1>;

Likeness likeness_of(const std::vector<AxisCurve>& curves) {
  Likeness out{};
  for (std::size_t without = 0; without <= quarters; ++without) {
    AxisCurve sum(curves.front().size(), 0.0);
    double number = 0.0;
    for (std::size_t t = 0; t < curves.size(); ++t) {
      const double square = std::inner_product(curves[t].begin(), curves[t].end(), curves[t].begin(), 0.0);
      if (t % quarters == without || !(square > 0.0)) continue;
      for (std::size_t i = 0; i < sum.size(); ++i)
        sum[i] += curves[t][i] / std::sqrt(square);
      number += 1.0;
    }
    out.at(without) =
        std::inner_product(sum.begin(), sum.end(), sum.begin(), 0.0) / std::max(1.0, number * number);
  }
  return out;
}

/// The same of the projections of the images onto an axis. What is finer than the blur is noise, and what is
/// twelve times broader is taken off: the tail of neighbours and the film come and go with the tilt, and
/// there is more of them than of atoms.
Likeness likeness(const std::vector<core::Image>& images, double angle_deg, double blur_px, int reach,
                  core::Threads threads) {
  const Vec2 axis = along_axis(angle_deg);
  std::vector<AxisCurve> curves(images.size());
  core::parallel_for(images.size(), threads, [&](std::size_t t, int /*worker*/) {
    const AxisCurve sharp = disc_projection(images[t], axis);
    curves[t] = blurred_curve(sharp, blur_px);
    const AxisCurve broad = blurred_curve(sharp, broader * blur_px);
    std::transform(curves[t].begin(), curves[t].end(), broad.begin(), curves[t].begin(), std::minus<>());
  });
  constexpr int rounds = 2;
  return likeness_of(align_curves(curves, reach, rounds, threads).curves);
}

/// Where the largest of equally spaced values lies [spacing], with a parabola through it and its neighbours.
double top_of(const std::vector<double>& values) {
  const auto top = std::max_element(values.begin(), values.end());
  const auto place = static_cast<double>(top - values.begin());
  if (top == values.begin() || top + 1 == values.end()) return place;
  const double bend = top[-1] - 2.0 * top[0] + top[1];
  return bend < 0.0 ? place + 0.5 * (top[-1] - top[1]) / bend : place;
}

/// Of all images but a quarter; quarters: of all.
double top_without(const std::vector<Likeness>& at, std::size_t quarter) {
  std::vector<double> values;
  for (const Likeness& l : at)
    values.push_back(l.at(quarter));
  return top_of(values);
}

/// The binning that leaves at most so many pixels along the shorter edge.
int binning_to(const core::TiltSeries& series, int edge) {
  const core::Image& first = series.images.front();
  return (std::min(first.nx, first.ny) + edge - 1) / edge;
}

void find_angle(const core::TiltSeries& series, const SmallImages& close, FoundAxis& found,
                core::Threads threads) {
  constexpr int small_edge = 256;
  const SmallImages small = small_images(series, binning_to(series, small_edge), threads);
  const auto look = [threads](const SmallImages& images, double angle_deg, int part) {
    constexpr double blur_a = 0.4; // the width of an atom
    constexpr double bins = 0.7;   // less would show the bins
    return likeness(images.images, angle_deg, std::max(bins, blur_a / images.pixel),
                    images.images.front().nx / part, threads);
  };
  constexpr double half_turn = 180.0;
  std::vector<Likeness> around;
  for (int degree = -90; degree < 90; ++degree)
    around.push_back(look(small, degree, 16));
  const double roughly = top_without(around, quarters) - 90.0;
  constexpr double step_deg = 0.1;
  constexpr int steps = 15;
  std::vector<Likeness> near;
  for (int step = -steps; step <= steps; ++step)
    near.push_back(look(close, roughly + step_deg * step, 32));
  const auto place = [&](std::size_t without) {
    // Images that find another angle altogether speak for that.
    const double there = top_without(around, without) - 90.0;
    const double off = std::remainder(there - roughly, half_turn);
    constexpr double same = 3.0;
    if (std::abs(off) > same) return roughly + off;
    return roughly + step_deg * (top_without(near, without) - steps);
  };
  found.angle_deg = place(quarters);
  double square = 0.0;
  for (std::size_t q = 0; q < quarters; ++q)
    square += std::pow(place(q) - found.angle_deg, 2);
  found.angle_sd_deg = std::sqrt(square * (quarters - 1) / quarters); // the jackknife
  constexpr double most_uncertain = 2.0;
  if (found.angle_sd_deg > most_uncertain) {
    throw core::DataError(
        fmt::format("tilt_axis = automatic: the images do not tell the angle of the axis ({:.1f} "
                    "degrees, uncertain by {:.1f}); give tilt_axis_deg.",
                    found.angle_deg, found.angle_sd_deg));
  }
  found.angle_deg = std::remainder(found.angle_deg, half_turn);
}

void find_position(const core::TiltSeries& series, const SmallImages& close, FoundAxis& found,
                   core::Threads threads) {
  const std::size_t tilts = series.size();
  std::vector<Vec2> centres(tilts);
  core::parallel_for(tilts, threads, [&](std::size_t t, int /*worker*/) {
    constexpr double blur_a = 3.0;     // as far as neighbours lie apart, so that the specimen is one region
    constexpr double mask_level = 0.2; // as where images are aligned on the axis
    const core::Image blurred = gaussian_smoothed(close.images[t], blur_a / close.pixel);
    centres[t] = close.pixel * specimen_centre(close.images[t], blurred, 0.0, mask_level) - close.middle_a;
  });
  const Vec2 across = across_axis(found.angle_deg);
  Eigen::MatrixXd model(tilts, 3);
  Eigen::VectorXd seen(tilts);
  for (std::size_t t = 0; t < tilts; ++t) {
    const auto row = static_cast<Eigen::Index>(t);
    const double tilt = core::tilt_degrees(series.orientations[t]) * core::radian_per_degree;
    model.row(row) << 1.0, std::cos(tilt), std::sin(tilt);
    seen(row) = centres[t].dot(across);
  }
  const Eigen::Vector3d path = model.colPivHouseholderQr().solve(seen);
  const double square = (seen - model * path).squaredNorm() / static_cast<double>(tilts - 3);
  const Eigen::Matrix3d information = model.transpose() * model;
  found.across_sd_a = std::sqrt(square * information.inverse()(0, 0));
  found.scatter_a = std::sqrt(square);
  found.position_a = path(0) * across;
}

} // namespace

FoundAxis find_axis(const core::TiltSeries& series, std::optional<double> angle_deg, core::Threads threads) {
  check_tilts(series);
  constexpr int edge = 512;
  const SmallImages close = small_images(series, binning_to(series, edge), threads);
  FoundAxis found;
  found.angle_deg = angle_deg.value_or(0.0);
  if (!angle_deg) {
    find_angle(series, close, found, threads);
    found.notes.push_back(fmt::format(
        "Tilt axis found {:.2f} degrees from y, counterclockwise, uncertain by {:.2f} (by the jackknife); "
        "the mirror image of the specimen belongs to the same line with the tilts reversed.",
        found.angle_deg, found.angle_sd_deg));
  }
  find_position(series, close, found, threads);
  const double pixel = series.pixel_size;
  found.notes.push_back(fmt::format(
      "The tilt axis passes {:.2f} pixels from the middle of the prepared images, uncertain by {:.2f}; the "
      "specimen "
      "is {:.2f} pixels (rms) off the path of one that turns about it{}.",
      found.position_a.dot(across_axis(found.angle_deg)) / pixel, found.across_sd_a / pixel,
      found.scatter_a / pixel,
      found.scatter_a > pixel ? ": the images are shifted one by one, which 'aetval align' corrects" : ""));
  return found;
}

} // namespace aet::recon
