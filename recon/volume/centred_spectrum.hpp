// Small steps between images and spectra whose origin lies in the middle, index n/2.
#pragma once

#include "sim/core/fft.hpp"

#include <cstddef>
#include <utility>

namespace aet::recon {

/// Modes -m/2 have no partner +m/2: without them real volumes give real images.
/// \param modes m x m.
inline void drop_nyquist(core::AlignedVector<core::Complex>& modes, int m) {
  const auto edge = static_cast<std::size_t>(m);
  for (std::size_t i = 0; i < edge; ++i) {
    modes[i] = {};
    modes[i * edge] = {};
  }
}

/// Turn a spectrum with (0,0) in the middle into one as FFTW orders it, or an image with the origin in the
/// middle into one with the origin first: the two halves of each axis change places.
/// \param m even.
inline void swap_halves(core::AlignedVector<core::Complex>& data, int m) {
  const auto edge = static_cast<std::size_t>(m);
  const std::size_t half = edge / 2;
  for (std::size_t y = 0; y < half; ++y) {
    for (std::size_t x = 0; x < edge; ++x) {
      std::swap(data[y * edge + x], data[(y + half) * edge + (x + half) % edge]);
    }
  }
}

} // namespace aet::recon
