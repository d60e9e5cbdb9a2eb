#include "validation/report/pictures.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <tuple>
#include <utility>

namespace aet::validation::page {
namespace {

/// Means over blocks of bin^3 (or bin^2 x 1) values of an array with x fastest.
std::vector<float> block_means(std::span<const float> data, int nx, int ny, int nz, int bin, int bin_z) {
  const int mx = (nx + bin - 1) / bin;
  const int my = (ny + bin - 1) / bin;
  const int mz = (nz + bin_z - 1) / bin_z;
  std::vector<float> means;
  means.reserve(static_cast<std::size_t>(mx) * static_cast<std::size_t>(my) * static_cast<std::size_t>(mz));
  for (int bz = 0; bz < mz; ++bz)
    for (int by = 0; by < my; ++by)
      for (int bx = 0; bx < mx; ++bx) {
        double sum = 0.0;
        int count = 0;
        for (int z = bz * bin_z; z < std::min(nz, (bz + 1) * bin_z); ++z)
          for (int y = by * bin; y < std::min(ny, (by + 1) * bin); ++y)
            for (int x = bx * bin; x < std::min(nx, (bx + 1) * bin); ++x, ++count)
              sum += static_cast<double>(data[(static_cast<std::size_t>(z) * static_cast<std::size_t>(ny) +
                                               static_cast<std::size_t>(y)) *
                                                  static_cast<std::size_t>(nx) +
                                              static_cast<std::size_t>(x)]);
        means.push_back(static_cast<float>(sum / count));
      }
  return means;
}

/// Bright atoms fill little of a volume, so a few in a thousand may saturate. Never equal.
std::pair<double, double> grey_range(std::vector<float> values) {
  if (values.empty()) return {0.0, 1.0};
  const auto quantile = [&values](double q) {
    const auto at = static_cast<std::ptrdiff_t>(q * static_cast<double>(values.size() - 1));
    std::nth_element(values.begin(), values.begin() + at, values.end());
    return static_cast<double>(values[static_cast<std::size_t>(at)]);
  };
  const double low = quantile(0.0005);
  const double high = quantile(0.998);
  return {low, high > low ? high : low + 1.0};
}

void set_grey(GreyStack& stack, const std::vector<float>& values) {
  std::tie(stack.low, stack.high) = grey_range(values);
  stack.bytes.reserve(values.size());
  for (const float value : values) {
    const double grey = 255.0 * (static_cast<double>(value) - stack.low) / (stack.high - stack.low);
    stack.bytes.push_back(
        static_cast<char>(static_cast<std::uint8_t>(std::clamp(std::lround(grey), 0L, 255L))));
  }
}

} // namespace

GreyStack grey_images(std::span<const core::Image> images, int bin) {
  GreyStack stack;
  stack.bin = bin;
  if (images.empty()) return stack;
  stack.nx = (images.front().nx + bin - 1) / bin;
  stack.ny = (images.front().ny + bin - 1) / bin;
  stack.nz = static_cast<int>(images.size());
  std::vector<float> values;
  for (const core::Image& image : images) {
    const auto means = block_means(image.data, image.nx, image.ny, 1, bin, 1);
    values.insert(values.end(), means.begin(), means.end());
  }
  set_grey(stack, values);
  return stack;
}

GreyStack grey_volume(const core::Volume& volume, int bin) {
  GreyStack stack;
  stack.bin = bin;
  stack.nx = (volume.nx + bin - 1) / bin;
  stack.ny = (volume.ny + bin - 1) / bin;
  stack.nz = (volume.nz + bin - 1) / bin;
  set_grey(stack, block_means(volume.data, volume.nx, volume.ny, volume.nz, bin, bin));
  return stack;
}

int bin_to_fit(std::size_t values, int dimensions, std::size_t budget) {
  int bin = 1;
  while (static_cast<double>(values) / std::pow(bin, dimensions) > static_cast<double>(budget))
    ++bin;
  return bin;
}

PackedColumn pack_column(std::span<const double> values) {
  constexpr std::uint16_t missing = 65535;
  constexpr double steps = 65534.0;
  double low = std::numeric_limits<double>::infinity();
  double high = -low;
  for (const double value : values) {
    if (!std::isfinite(value)) continue;
    low = std::min(low, value);
    high = std::max(high, value);
  }
  PackedColumn column;
  if (low <= high) {
    column.low = low;
    column.step = (high - low) / steps;
  }
  column.bytes.reserve(2 * values.size());
  for (const double value : values) {
    std::uint16_t word = missing;
    if (std::isfinite(value))
      word = column.step > 0.0 ? static_cast<std::uint16_t>(std::lround((value - low) / column.step)) : 0;
    column.bytes.push_back(static_cast<char>(word & 0xFFU));
    column.bytes.push_back(static_cast<char>(word >> 8U));
  }
  return column;
}

std::string pack_integers(std::span<const std::size_t> values) {
  std::string bytes;
  bytes.reserve(4 * values.size());
  for (const std::size_t value : values)
    for (unsigned shift = 0; shift < 32; shift += 8)
      bytes.push_back(static_cast<char>(value >> shift & 0xFFU));
  return bytes;
}

} // namespace aet::validation::page
