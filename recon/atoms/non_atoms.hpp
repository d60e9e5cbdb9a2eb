// Peaks that are no atoms, in data of several species.
#pragma once

#include "recon/atoms/classify.hpp"
#include "recon/atoms/peak_boxes.hpp"

#include <string>
#include <vector>

namespace aet::recon {

/// Expected intensity of each species relative to the heaviest: (Z / Z_max)^1.7, the exponent of annular dark
/// field images at high angles (Kirkland, Advanced Computing in Electron Microscopy: between 1.5 and 2).
/// \param elements atomic numbers, rising.
[[nodiscard]] std::vector<double> expected_levels(const std::vector<int>& elements);

/// First labels 0..k-1: thresholds at the geometric means of neighbouring expected levels, times `level` and
/// `shift`.
[[nodiscard]] std::vector<int> label_by_level(const std::vector<double>& intensities,
                                              const std::vector<double>& levels, double level, double shift);

struct NonAtomResult {
  std::vector<int> label; ///< label_non_atom, or a first species
  std::size_t first = 0;  ///< non-atoms before the second look
  std::size_t rescued = 0;
  std::string rule;
  double threshold = 0.0;
};

/// Non-atoms by the method of the options.
/// \param intensities integrated within options.radius_a.
[[nodiscard]] NonAtomResult find_non_atoms(const PeakBoxes& boxes, const std::vector<double>& intensities,
                                           const std::vector<double>& levels, const ClassifyOptions& options);

} // namespace aet::recon
