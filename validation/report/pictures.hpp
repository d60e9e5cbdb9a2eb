// Images and volumes as grey bytes small enough to travel inside a page, and columns of numbers likewise.
#pragma once

#include "sim/core/grid.hpp"

#include <cstddef>
#include <span>
#include <string>
#include <vector>

namespace aet::validation::page {

/// How many bytes all pictures of a page may hold together, before base64 adds a third.
/// With 25,000 atoms and three frames the page then stays under 15 MB.
struct PictureBudget {
  std::size_t tilt_bytes = 2'500'000;
  std::size_t volume_bytes = 4'000'000;
};

/// nz pictures of ny x nx grey values, x fastest: 0 is `low` or less, 255 is `high` or more.
struct GreyStack {
  int nx = 0;
  int ny = 0;
  int nz = 0;
  int bin = 1; ///< pixels (voxels) of the source along one side of a grey value
  double low = 0.0;
  double high = 1.0;
  std::string bytes;
};

/// Images binned `bin` x `bin` (means; blocks at the far edge may be partial). The grey scale runs from the
/// 0.05th to the 99.8th percentile of the binned values of the whole stack.
[[nodiscard]] GreyStack grey_images(std::span<const core::Image> images, int bin);

/// A volume binned along all three directions.
[[nodiscard]] GreyStack grey_volume(const core::Volume& volume, int bin);

/// Smallest bin >= 1 with which `values` numbers of `dimensions` binned directions fit into `budget` bytes.
[[nodiscard]] int bin_to_fit(std::size_t values, int dimensions, std::size_t budget);

/// Numbers in 65,535 equal steps from `low`; 65535 stands for a number that is not there (NaN).
struct PackedColumn {
  double low = 0.0;
  double step = 0.0; ///< 0 if all numbers are equal
  std::string bytes; ///< little-endian 16-bit words
};

[[nodiscard]] PackedColumn pack_column(std::span<const double> values);

/// Whole numbers as little-endian 32-bit words.
[[nodiscard]] std::string pack_integers(std::span<const std::size_t> values);

} // namespace aet::validation::page
