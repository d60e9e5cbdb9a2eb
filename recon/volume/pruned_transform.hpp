// 3D transforms between a small box and the large padded spectrum, without ever holding the padded volume.
#pragma once

#include "sim/core/fft.hpp"
#include "sim/core/parallel.hpp"

#include <functional>
#include <memory>
#include <vector>

namespace aet::recon {

/// Discrete Fourier transform of size N^3 of a real volume that is zero outside a box of b^3 voxels (b <= N).
///
/// The spectrum is visited one slab at a time: slab ky (index 0 ... N-1, wrapped frequency) is an array
/// [kz][kx], kz wrapped, kx = 0 ... N/2 (the other half follows by conjugation). Only b of N lines are
/// transformed along the first two axes, and a slab fits the cache, so a pass costs about a third of a full
/// transform at N = 3 b and needs 8 b N (N/2+1) bytes instead of 8 N^3. Forward is exp(-2 pi i k x / N),
/// box voxel 0 at x = 0; nothing is scaled. Slabs are independent, so results do not depend on threads.
class PrunedTransform {
public:
  using Slab = std::function<void(int ky, core::Complex* slab, int worker)>;

  /// \throws ConfigError unless 1 <= box <= size and size is even.
  PrunedTransform(int size, int box);

  /// Transform `in` (b^3) and show every slab to `visit`, which may use it as scratch space.
  void forward(const float* in, const Slab& visit, core::Threads threads);
  /// out (b^3) = scale * inverse transform of the slabs that `fill` writes. A slab is handed over zeroed.
  void backward(const Slab& fill, float* out, float scale, core::Threads threads);
  /// out = scale * inverse(change(forward(in))); `in` and `out` may be the same.
  void filter(const float* in, const Slab& change, float* out, float scale, core::Threads threads);

  [[nodiscard]] int size() const { return size_; }
  [[nodiscard]] int box() const { return box_; }
  /// Complex numbers in a line along kx: N/2+1.
  [[nodiscard]] int half() const { return half_; }

  /// Bytes that an object of these sizes holds, scratch space of `threads` included.
  [[nodiscard]] static double bytes(int size, int box, core::Threads threads);

private:
  struct Scratch {
    core::AlignedVector<core::Complex> slab; ///< N x (N/2+1)
    core::AlignedVector<float> rows;         ///< b x N
  };
  void reserve(core::Threads threads);
  void box_to_lines(const float* in, core::Threads threads);
  void lines_to_box(float* out, float scale, core::Threads threads);
  void slabs(const Slab& visit, bool load, bool store, core::Threads threads);
  [[nodiscard]] core::Complex* line(int ky, int z);

  int size_;
  int box_;
  int half_;
  std::shared_ptr<void> rows_forward_;
  std::shared_ptr<void> rows_backward_;
  std::shared_ptr<void> columns_forward_;
  std::shared_ptr<void> columns_backward_;
  core::AlignedVector<core::Complex> lines_; ///< [ky][z][kx], N x b x (N/2+1)
  std::vector<Scratch> scratch_;             ///< one a worker
};

} // namespace aet::recon
