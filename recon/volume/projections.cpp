#include "recon/volume/projections.hpp"

#include "recon/volume/shift.hpp"
#include "sim/core/error.hpp"
#include "sim/core/orientation.hpp"
#include "sim/core/units.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace aet::recon {

namespace {

constexpr std::size_t fewest_tilts = 3;
constexpr int smallest_image = 8;

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  if (values.size() % 2 == 1) return *middle;
  return 0.5 * (*middle + *std::max_element(values.begin(), middle));
}

void check(const core::TiltSeries& series) {
  core::validate(series, "tilt series");
  if (series.size() < fewest_tilts) {
    throw core::DataError(fmt::format("tilt series: {} images; a reconstruction needs at least {}.",
                                      series.size(), fewest_tilts));
  }
  const core::Image& first = series.images.front();
  if (std::min(first.nx, first.ny) < smallest_image) {
    throw core::DataError(fmt::format("tilt series: images are {} x {} pixels; at least {} x {} are needed.",
                                      first.nx, first.ny, smallest_image, smallest_image));
  }
  for (std::size_t i = 0; i < series.size(); ++i) {
    const auto& data = series.images[i].data;
    if (std::all_of(data.begin(), data.end(), [](float v) { return v == 0.0F; })) {
      throw core::DataError(fmt::format("tilt series: image {} is zero everywhere; leave it out (aetval "
                                        "prepare --images, [prepare] images).",
                                        i));
    }
    for (std::size_t j = 0; j < i; ++j) {
      // A tenth of a millidegree: far below any goniometer, far above rounding of the angles in a file.
      constexpr double same = 1e-4 * core::radian_per_degree;
      if (core::rotation_angle_between(series.orientations[i], series.orientations[j]) < same) {
        throw core::DataError(fmt::format("tilt series: images {} and {} have the same orientation; average "
                                          "them into one image or correct the angle file.",
                                          j, i));
      }
    }
  }
}

/// Zero-padded copy whose pixel (n/2, n/2) is the old (nx/2, ny/2).
core::Image padded(const core::Image& image, int n) {
  core::Image out(n, n);
  const int dx = n / 2 - image.nx / 2;
  const int dy = n / 2 - image.ny / 2;
  for (int iy = 0; iy < image.ny; ++iy) {
    std::copy_n(&image.data[image.index(0, iy)], image.nx, &out.data[out.index(dx, iy + dy)]);
  }
  return out;
}

/// 1 where images were measured, in frames of n x n; empty where nothing that matters was not.
std::vector<core::Image> known_pixels(const core::TiltSeries& series, double extent, int n) {
  constexpr double few = 0.01; // hot pixels
  double masked = 0.0;
  for (const auto& pixels : series.masked)
    masked = std::max(masked, static_cast<double>(pixels.size()) /
                                  static_cast<double>(series.images.front().data.size()));
  if (extent <= 1.0 && masked <= few) return {};
  std::vector<core::Image> known;
  for (std::size_t t = 0; t < series.size(); ++t) {
    core::Image measured(series.images[t].nx, series.images[t].ny);
    std::fill(measured.data.begin(), measured.data.end(), 1.0F);
    if (t < series.masked.size()) {
      for (const std::uint32_t pixel : series.masked[t])
        measured.data[pixel] = 0.0F;
    }
    core::Image& frame = known.emplace_back(n, n);
    if (extent <= 1.0) // round what is padded here the specimen is known to end
      std::fill(frame.data.begin(), frame.data.end(), 1.0F);
    const int dx = n / 2 - measured.nx / 2;
    const int dy = n / 2 - measured.ny / 2;
    for (int y = 0; y < measured.ny; ++y)
      std::copy_n(&measured.data[measured.index(0, y)], measured.nx, &frame.data[frame.index(dx, y + dy)]);
  }
  return known;
}

/// A mask moved with its image: known is what was known at all four pixels that a place lies between.
core::Image moved_mask(const core::Image& mask, double dx, double dy) {
  core::Image out(mask.nx, mask.ny);
  const auto at = [&](int x, int y) {
    return mask.at(std::clamp(x, 0, mask.nx - 1), std::clamp(y, 0, mask.ny - 1));
  };
  for (int y = 0; y < mask.ny; ++y) {
    for (int x = 0; x < mask.nx; ++x) {
      const int x0 = static_cast<int>(std::floor(x - dx));
      const int x1 = static_cast<int>(std::ceil(x - dx));
      const int y0 = static_cast<int>(std::floor(y - dy));
      const int y1 = static_cast<int>(std::ceil(y - dy));
      out.at(x, y) = std::min({at(x0, y0), at(x1, y0), at(x0, y1), at(x1, y1)});
    }
  }
  return out;
}

void subtract(core::Image& image, double level) {
  for (float& v : image.data)
    v -= static_cast<float>(level);
}

/// What to take off each image, told in the notes.
std::vector<double> levels_of(const core::TiltSeries& given, Background background,
                              std::vector<std::string>& notes) {
  const std::size_t tilts = given.size();
  if (background == Background::automatic && !given.backgrounds.empty()) {
    const auto [low, high] = std::minmax_element(given.backgrounds.begin(), given.backgrounds.end());
    notes.push_back(
        fmt::format("Background: the level found in each image subtracted, {:.6g} to {:.6g}.", *low, *high));
    return given.backgrounds;
  }
  if (background == Background::automatic) {
    background = given.intensity == core::Intensity::counts ? Background::border : Background::none;
  }
  if (background == Background::none) {
    notes.emplace_back("No background was subtracted.");
    return std::vector<double>(tilts, 0.0);
  }
  std::vector<double> levels;
  for (const core::Image& image : given.images)
    levels.push_back(border_level(image));
  const auto [low, high] = std::minmax_element(levels.begin(), levels.end());
  if (background == Background::per_image) {
    notes.push_back(
        fmt::format("Background: each image's border level subtracted, {:.6g} to {:.6g}.", *low, *high));
    return levels;
  }
  const double common = median(levels);
  notes.push_back(fmt::format(
      "Background: {:.6g} subtracted, the median of the images' border levels ({:.6g} to {:.6g}).", common,
      *low, *high));
  return std::vector<double>(tilts, common);
}

} // namespace

core::Image smoothed(const core::Image& image, double sigma) {
  const int reach = static_cast<int>(std::ceil(4.0 * sigma));
  std::vector<double> weights;
  double total = 0.0;
  for (int d = -reach; d <= reach; ++d) {
    weights.push_back(std::exp(-0.5 * d * d / (sigma * sigma)));
    total += weights.back();
  }
  const auto weight = [&](int d) { return weights[static_cast<std::size_t>(d + reach)] / total; };
  core::Image along_x(image.nx, image.ny);
  core::Image out(image.nx, image.ny);
  for (int iy = 0; iy < image.ny; ++iy) {
    for (int ix = 0; ix < image.nx; ++ix) {
      double sum = 0.0;
      for (int x = std::max(0, ix - reach); x <= std::min(image.nx - 1, ix + reach); ++x) {
        sum += weight(x - ix) * static_cast<double>(image.at(x, iy));
      }
      along_x.at(ix, iy) = static_cast<float>(sum);
    }
  }
  for (int iy = 0; iy < image.ny; ++iy) {
    for (int ix = 0; ix < image.nx; ++ix) {
      double sum = 0.0;
      for (int y = std::max(0, iy - reach); y <= std::min(image.ny - 1, iy + reach); ++y) {
        sum += weight(y - iy) * static_cast<double>(along_x.at(ix, y));
      }
      out.at(ix, iy) = static_cast<float>(sum);
    }
  }
  return out;
}

Projections make_projections(const core::TiltSeries& series, const ProjectionOptions& options) {
  constexpr double most_smoothing = 10.0;
  if (!(options.smoothing >= 0.0 && options.smoothing <= most_smoothing)) {
    throw core::ConfigError(
        fmt::format("smoothing must lie in [0, {}] A; it is {} A (usual: half a pixel to one pixel).",
                    most_smoothing, options.smoothing));
  }
  constexpr double most_extent = 3.0;
  if (!(options.extent >= 1.0 && options.extent <= most_extent)) {
    throw core::ConfigError(fmt::format("extent must lie in [1, {}] times the images' edge; it is {}.",
                                        most_extent, options.extent));
  }
  check(series);
  Projections out;
  out.images = series.images;
  out.orientations = series.orientations;
  out.pixel_size = series.pixel_size;
  out.backgrounds = levels_of(series, options.background, out.notes);
  for (std::size_t i = 0; i < out.images.size(); ++i)
    subtract(out.images[i], out.backgrounds[i]);
  if (options.smoothing > 0.0) {
    for (core::Image& image : out.images)
      image = smoothed(image, options.smoothing / series.pixel_size);
    out.notes.push_back(
        fmt::format("Images were smoothed by a Gaussian of {:.3g} A standard deviation.", options.smoothing));
  }
  const int nx = series.images.front().nx;
  const int ny = series.images.front().ny;
  const int longest = std::max(nx, ny);
  const int edge = static_cast<int>(std::ceil(options.extent * longest));
  out.n = edge + edge % 2;
  out.known = known_pixels(series, options.extent, out.n);
  if (nx != out.n || ny != out.n) {
    for (core::Image& image : out.images)
      image = padded(image, out.n);
    out.notes.push_back(
        options.extent > 1.0
            ? fmt::format("The volume is {:.3g} times as wide as the images of {} x {} pixels; what lies "
                          "outside an image is unknown there.",
                          options.extent, nx, ny)
            : fmt::format("Images of {} x {} pixels were padded with zeros to {} x {}.", nx, ny, out.n,
                          out.n));
  }
  for (std::size_t i = 0; options.centre && i < series.shifts.size(); ++i) {
    const core::Vec2 shift = series.shifts[i] / series.pixel_size;
    out.images[i] = shifted(out.images[i], -shift.x(), -shift.y());
    if (!out.known.empty()) out.known[i] = moved_mask(out.known[i], -shift.x(), -shift.y());
  }
  return out;
}

} // namespace aet::recon
