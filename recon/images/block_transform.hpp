// Orthonormal transforms of small blocks and of groups of them.
#pragma once

#include "sim/core/aligned.hpp"

namespace aet::recon {

/// 2D cosine transform (type II) of n x n blocks; its inverse is its transpose.
class BlockTransform {
public:
  explicit BlockTransform(int n);
  /// `block` and `spectrum` hold n x n values; they may be the same. `scratch` holds n x n.
  void forward(const float* block, float* spectrum, float* scratch) const;
  void inverse(const float* spectrum, float* block, float* scratch) const;

private:
  int n_;
  core::AlignedVector<float> matrix_;    ///< [frequency][sample]
  core::AlignedVector<float> transpose_; ///< [sample][frequency]
};

/// Hadamard transform across `count` (a power of two) arrays of `size` values stored one after another,
/// scaled to be orthonormal: its own inverse.
void hadamard(float* arrays, int count, int size);

} // namespace aet::recon
