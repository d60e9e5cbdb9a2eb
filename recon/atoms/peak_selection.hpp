// Which peaks are atoms: the minimum distance, and the line between atoms and everything weaker.
#pragma once

#include "sim/core/atoms.hpp"

#include <string>
#include <vector>

namespace aet::recon {

/// For each position, in order: -1 if it keeps at least `min_distance` [angstrom] from every kept position
/// before it, else the index of the nearest kept position that is too close. Order the strongest first.
[[nodiscard]] std::vector<int> enforce_minimum_distance(const std::vector<core::Vec3>& positions,
                                                        double min_distance);

/// The value that splits the sum of squares of the positive values in half: close to the typical strong value
/// even where weak ones outnumber it a hundredfold, and not moved by a few far too strong ones. 0 without
/// positive values.
[[nodiscard]] double strong_level(const std::vector<double>& values);

/// Where a set of peak intensities divides into non-atoms (below) and atoms.
struct NonAtomSplit {
  double level = 0.0;        ///< strong_level of the intensities
  double threshold = 0.0;    ///< peaks below are non-atoms; 0 where no division was found
  double significance = 0.0; ///< depth of the valley in standard deviations of the counts
  std::string rule;          ///< "valley", "gap" or "none": what decided
};

/// Find the valley between weak peaks (noise, ringing, missing-wedge streaks) and atoms of one species.
///
/// The intensities between 0 and the level are counted with a Gaussian window of 4 % of the level. A valley
/// is a place whose count is at most half of the highest counts on either side, or three quarters where the
/// weak peaks outnumber the atoms as those of noise do, with the lower of these at least four standard
/// deviations above the valley's own count (Poisson). Of equally good valleys the one nearest to the atoms is
/// taken. Without a significant valley, a few weak peaks are still parted from the atoms where they lie below
/// half of the level, more than five robust standard deviations under the median, and under a gap wider than
/// the window. A distribution with one mode is never cut. Species of very different strength (Fe beside Pt)
/// form modes of their own; give such data a fixed threshold and classify afterwards.
[[nodiscard]] NonAtomSplit split_non_atoms(const std::vector<double>& intensities);

/// Threshold under which there is nothing but a crowd of noise: peaks below the lowest valley
/// (split_non_atoms) that are more than those above it and densest at their lower end, as noise is and a dim
/// species is not. Any number of species.
/// \return 0 where there is no such crowd.
[[nodiscard]] double crowd_of_noise(std::vector<double> intensities);

} // namespace aet::recon
