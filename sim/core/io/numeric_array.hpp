// Arrays of numbers as MATLAB and NumPy write them.
#pragma once

#include <cstddef>
#include <vector>

namespace aet::core {

/// Any number of indices; the first runs fastest in `values` (column-major), whatever the file did.
struct NumericArray {
  std::vector<std::size_t> shape;
  std::vector<double> values; ///< as many as the product of `shape`
};

} // namespace aet::core
