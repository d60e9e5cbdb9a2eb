// What a volume looks like around each peak: small cubes of values centred on the fitted positions.
#pragma once

#include "recon/atoms/spline_volume.hpp"
#include "sim/core/atoms.hpp"
#include "sim/core/parallel.hpp"

#include <cstddef>
#include <span>
#include <vector>

namespace aet::recon {

/// One cube of (2 half + 1)^3 values a peak, x fastest.
struct PeakBoxes {
  int half = 2;
  std::size_t count = 0;     ///< peaks
  std::size_t length = 0;    ///< values a peak
  std::vector<float> values; ///< count x length

  [[nodiscard]] std::span<const float> box(std::size_t peak) const {
    return {values.data() + peak * length, length};
  }
};

/// The volume on cubes of one-voxel steps around `positions` [angstrom, specimen axes], between the voxels
/// by the spline: every box has its peak in the centre, so boxes can be averaged and compared.
/// \param half voxels from the centre to a face, 1..8 (Yang et al. 2017: 2, a box of 5 x 5 x 5).
[[nodiscard]] PeakBoxes sample_boxes(const SplineVolume& spline, double voxel_size,
                                     const std::vector<core::Vec3>& positions, int half,
                                     core::Threads threads);

/// Sum of each box over the voxels within `radius` [voxels] of its centre: the integrated intensity.
[[nodiscard]] std::vector<double> integrated_intensities(const PeakBoxes& boxes, double radius);

/// Mean box of the peaks for which `label` is `which`; empty where there is none.
[[nodiscard]] std::vector<double> mean_box(const PeakBoxes& boxes, const std::vector<int>& label, int which);

/// sum |box - other|: Yang et al. 2017, equation 2.
[[nodiscard]] double l1_distance(std::span<const float> box, std::span<const double> other);

} // namespace aet::recon
