#include "recon/images/image_geometry.hpp"

#include "recon/images/border_level.hpp"
#include "sim/core/error.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace aet::recon {

namespace {

using core::Image;
using core::Vec2;
using Masked = std::vector<std::uint32_t>;

constexpr int smallest_edge = 8; // below it there is nothing to reconstruct

/// Where the middle of the old images lies off that of the new ones [old pixel].
void move_centres(core::TiltSeries& series, const Vec2& offset) {
  if (offset.isZero(0.0)) return;
  if (series.shifts.empty()) series.shifts.assign(series.size(), Vec2::Zero());
  for (Vec2& s : series.shifts)
    s += offset * series.pixel_size;
}

Image window_of(const Image& image, int x, int y, int width, int height) {
  Image out(width, height);
  for (int iy = 0; iy < height; ++iy)
    std::copy_n(&image.data[image.index(x, y + iy)], width, &out.data[out.index(0, iy)]);
  return out;
}

/// Masked pixels of an image nx wide, in a window (or a larger image, with x and y negative).
Masked moved_mask(const Masked& masked, int nx, int x, int y, int width, int height) {
  Masked out;
  for (const std::uint32_t pixel : masked) {
    const int ix = static_cast<int>(pixel % static_cast<std::uint32_t>(nx)) - x;
    const int iy = static_cast<int>(pixel / static_cast<std::uint32_t>(nx)) - y;
    if (ix < 0 || iy < 0 || ix >= width || iy >= height) continue;
    out.push_back(static_cast<std::uint32_t>(iy) * static_cast<std::uint32_t>(width) +
                  static_cast<std::uint32_t>(ix));
  }
  return out; // rows stay in order, and so do the pixels in them
}

core::TiltSeries windows_of(core::TiltSeries series, int x, int y, int width, int height) {
  const int nx = series.images.front().nx;
  const int ny = series.images.front().ny;
  if (x == 0 && y == 0 && width == nx && height == ny) return series;
  for (Image& image : series.images)
    image = window_of(image, x, y, width, height);
  for (std::size_t t = 0; t < series.masked.size(); ++t) {
    series.masked[t] = moved_mask(series.masked[t], nx, x, y, width, height);
    if (series.masked[t].size() == series.images[t].data.size())
      throw core::DataError(
          fmt::format("crop: all pixels of image {} in the window are masked; leave it out.", t));
  }
  move_centres(series, Vec2(nx / 2 - x - width / 2, ny / 2 - y - height / 2));
  return series;
}

/// Sums of n x n pixels; those masked are left out, and `masked` becomes that of the sums. A masked sum is
/// that of the values that stand in for its pixels.
Image sums_of(const Image& image, int n, bool average, Masked& masked) {
  Image out(image.nx / n, image.ny / n);
  const auto place = [&](int x, int y) { return out.index(x / n, y / n); };
  const int area = n * n;
  std::vector<double> sums(out.data.size(), 0.0);
  for (int y = 0; y < image.ny; ++y) {
    for (int x = 0; x < image.nx; ++x)
      sums[place(x, y)] += static_cast<double>(image.at(x, y));
  }
  std::vector<double> stand_ins(masked.empty() ? 0 : sums.size(), 0.0);
  std::vector<int> missing(stand_ins.size(), 0);
  for (const std::uint32_t pixel : masked) {
    const int x = static_cast<int>(pixel % static_cast<std::uint32_t>(image.nx));
    const int y = static_cast<int>(pixel / static_cast<std::uint32_t>(image.nx));
    ++missing[place(x, y)];
    stand_ins[place(x, y)] += static_cast<double>(image.at(x, y));
  }
  masked.clear();
  for (std::size_t i = 0; i < missing.size(); ++i) {
    if (2 * missing[i] > area) {
      masked.push_back(static_cast<std::uint32_t>(i));
    } else if (missing[i] > 0) {
      sums[i] = (sums[i] - stand_ins[i]) * area / (area - missing[i]);
    }
  }
  for (std::size_t i = 0; i < sums.size(); ++i)
    out.data[i] = static_cast<float>(average ? sums[i] / area : sums[i]);
  return out;
}

void scale_noise(core::TiltSeries& series, int n, bool average) {
  const double area = static_cast<double>(n) * n;
  const double unit = average ? 1.0 / area : 1.0;
  core::Microscope& m = series.microscope;
  if (m.gain) *m.gain *= unit;
  if (m.readout_mean) *m.readout_mean *= area * unit;
  if (m.readout_sd) *m.readout_sd *= n * unit;
  for (double& level : series.backgrounds)
    level *= area * unit;
}

} // namespace

core::TiltSeries cropped(core::TiltSeries series, const CropWindow& window) {
  const int nx = series.images.front().nx;
  const int ny = series.images.front().ny;
  const Eigen::Vector2i corner =
      window.corner.value_or(Eigen::Vector2i(nx / 2 - window.width / 2, ny / 2 - window.height / 2));
  if (window.width < smallest_edge || window.height < smallest_edge || corner.minCoeff() < 0 ||
      corner.x() > nx - window.width || corner.y() > ny - window.height) {
    throw core::ConfigError(fmt::format(
        "crop is {} x {} pixels from pixel ({}, {}), but the images have {} x {}; allowed is a window of at "
        "least {} x {} pixels inside them: give it as X,Y,WIDTH,HEIGHT, or WIDTH,HEIGHT about the middle.",
        window.width, window.height, corner.x(), corner.y(), nx, ny, smallest_edge, smallest_edge));
  }
  return windows_of(std::move(series), corner.x(), corner.y(), window.width, window.height);
}

core::TiltSeries binned(core::TiltSeries series, int n) {
  const int nx = series.images.front().nx;
  const int ny = series.images.front().ny;
  if (n < 1 || std::min(nx, ny) / n < smallest_edge) {
    throw core::ConfigError(
        fmt::format("bin is {}; allowed is 1 to {}, so that images of {} x {} pixels keep "
                    "at least {} x {}.",
                    n, std::max(1, std::min(nx, ny) / smallest_edge), nx, ny, smallest_edge, smallest_edge));
  }
  if (n == 1) return series;
  series = windows_of(std::move(series), nx % n / 2, ny % n / 2, nx - nx % n, ny - ny % n);
  const int wide = nx - nx % n;
  const int high = ny - ny % n;
  // The middle of pixel k of the sums lies at n k + (n - 1) / 2 of the pixels before.
  const auto off_middle = [n](int edge) { return edge / 2 - (n * (edge / n / 2) + 0.5 * (n - 1)); };
  move_centres(series, Vec2(off_middle(wide), off_middle(high)));
  const bool average = series.intensity == core::Intensity::fraction;
  Masked none;
  for (std::size_t t = 0; t < series.size(); ++t) {
    Masked& masked = series.masked.empty() ? none : series.masked[t];
    series.images[t] = sums_of(series.images[t], n, average, masked);
    if (masked.size() == series.images[t].data.size())
      throw core::DataError(fmt::format("bin: all pixels of image {} are masked; leave it out.", t));
  }
  scale_noise(series, n, average);
  series.pixel_size *= n;
  return series;
}

core::TiltSeries padded(core::TiltSeries series, int edge) {
  constexpr int largest_edge = 32768; // numbers of pixels fit 32 bits
  const int nx = series.images.front().nx;
  const int ny = series.images.front().ny;
  if (edge < std::max(nx, ny) || edge > largest_edge) {
    throw core::ConfigError(
        fmt::format("pad is {}, but the images have {} x {} pixels; allowed is {} to {}, or 0 for none: crop "
                    "or bin the images to make them smaller.",
                    edge, nx, ny, std::max(nx, ny), largest_edge));
  }
  if (nx == edge && ny == edge) return series;
  const int x = edge / 2 - nx / 2;
  const int y = edge / 2 - ny / 2;
  series.masked.resize(series.size());
  for (std::size_t t = 0; t < series.size(); ++t) {
    const Image& image = series.images[t];
    Image out(edge, edge, static_cast<float>(border_level(image)));
    for (int iy = 0; iy < ny; ++iy)
      std::copy_n(&image.data[image.index(0, iy)], nx, &out.data[out.index(x, y + iy)]);
    const Masked inside = moved_mask(series.masked[t], nx, -x, -y, edge, edge);
    Masked& masked = series.masked[t];
    masked.clear();
    auto next = inside.begin();
    for (int iy = 0; iy < edge; ++iy) {
      for (int ix = 0; ix < edge; ++ix) {
        const auto pixel = static_cast<std::uint32_t>(out.index(ix, iy));
        const bool known = next != inside.end() && *next == pixel;
        if (known) ++next;
        if (known || ix < x || iy < y || ix >= x + nx || iy >= y + ny) masked.push_back(pixel);
      }
    }
    series.images[t] = std::move(out);
  }
  return series;
}

} // namespace aet::recon
