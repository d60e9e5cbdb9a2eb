#include "recon/images/block_transform.hpp"

#include "sim/core/units.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace aet::recon {

BlockTransform::BlockTransform(int n) : n_(n) {
  const auto size = static_cast<std::size_t>(n);
  matrix_.resize(size * size);
  transpose_.resize(size * size);
  for (std::size_t k = 0; k < size; ++k) {
    for (std::size_t i = 0; i < size; ++i) {
      const double scale = std::sqrt((k == 0 ? 1.0 : 2.0) / n);
      const double value =
          scale * std::cos(core::pi * (static_cast<double>(i) + 0.5) * static_cast<double>(k) / n);
      matrix_[k * size + i] = static_cast<float>(value);
      transpose_[i * size + k] = static_cast<float>(value);
    }
  }
}

namespace {

/// out = a b for n x n matrices; `out` is neither of them. A size known to the compiler keeps rows in
/// registers.
template <int fixed> void multiply(const float* a, const float* b, float* out, int n) {
  const int size = fixed > 0 ? fixed : n;
  for (int r = 0; r < size; ++r) {
    float* row = out + r * size;
    std::fill(row, row + size, 0.0F);
    for (int k = 0; k < size; ++k) {
      const float factor = a[r * size + k];
      for (int c = 0; c < size; ++c)
        row[c] += factor * b[k * size + c];
    }
  }
}

void multiply(const float* a, const float* b, float* out, int n) {
  if (n == 8) {
    multiply<8>(a, b, out, n);
  } else if (n == 16) {
    multiply<16>(a, b, out, n);
  } else {
    multiply<0>(a, b, out, n);
  }
}

} // namespace

void BlockTransform::forward(const float* block, float* spectrum, float* scratch) const {
  multiply(block, transpose_.data(), scratch, n_);
  multiply(matrix_.data(), scratch, spectrum, n_);
}

void BlockTransform::inverse(const float* spectrum, float* block, float* scratch) const {
  multiply(spectrum, matrix_.data(), scratch, n_);
  multiply(transpose_.data(), scratch, block, n_);
}

void hadamard(float* arrays, int count, int size) {
  for (int half = 1; half < count; half *= 2) {
    for (int first = 0; first < count; first += 2 * half) {
      for (int i = first; i < first + half; ++i) {
        float* a = arrays + i * size;
        float* b = arrays + (i + half) * size;
        for (int k = 0; k < size; ++k) {
          const float sum = a[k] + b[k];
          b[k] = a[k] - b[k];
          a[k] = sum;
        }
      }
    }
  }
  const auto scale = static_cast<float>(1.0 / std::sqrt(static_cast<double>(count)));
  for (int k = 0; k < count * size; ++k)
    arrays[k] *= scale;
}

} // namespace aet::recon
