// Images and volumes: plain values, x fastest, the sampling step travels with the array.
#pragma once

#include "sim/core/aligned.hpp"

#include <cstddef>

namespace aet::core {

/// A real image, data[iy * nx + ix]. A point at the origin falls on pixel (nx/2, ny/2).
struct Image {
  int nx = 0;
  int ny = 0;
  AlignedVector<float> data;

  Image() = default;
  Image(int nx_, int ny_, float value = 0.0F)
      : nx(nx_), ny(ny_), data(static_cast<std::size_t>(nx_) * static_cast<std::size_t>(ny_), value) {}

  [[nodiscard]] std::size_t index(int ix, int iy) const {
    return static_cast<std::size_t>(iy) * static_cast<std::size_t>(nx) + static_cast<std::size_t>(ix);
  }
  [[nodiscard]] float& at(int ix, int iy) { return data[index(ix, iy)]; }
  [[nodiscard]] float at(int ix, int iy) const { return data[index(ix, iy)]; }
};

/// A real volume, data[(iz * ny + iy) * nx + ix]. The origin falls on voxel (nx/2, ny/2, nz/2).
struct Volume {
  int nx = 0;
  int ny = 0;
  int nz = 0;
  double voxel_size = 1.0; ///< [angstrom], > 0
  AlignedVector<float> data;

  Volume() = default;
  Volume(int nx_, int ny_, int nz_, double voxel_size_, float value = 0.0F)
      : nx(nx_), ny(ny_), nz(nz_), voxel_size(voxel_size_),
        data(static_cast<std::size_t>(nx_) * static_cast<std::size_t>(ny_) * static_cast<std::size_t>(nz_),
             value) {}

  [[nodiscard]] std::size_t index(int ix, int iy, int iz) const {
    return (static_cast<std::size_t>(iz) * static_cast<std::size_t>(ny) + static_cast<std::size_t>(iy)) *
               static_cast<std::size_t>(nx) +
           static_cast<std::size_t>(ix);
  }
  [[nodiscard]] float& at(int ix, int iy, int iz) { return data[index(ix, iy, iz)]; }
  [[nodiscard]] float at(int ix, int iy, int iz) const { return data[index(ix, iy, iz)]; }
};

} // namespace aet::core
