// Fourier shell correlation of two volumes, and of the halves of a tilt series.
#pragma once

#include "sim/core/grid.hpp"
#include "sim/core/parallel.hpp"
#include "sim/core/tilt_series.hpp"

#include <functional>
#include <optional>
#include <utility>
#include <vector>

namespace aet::recon {

struct ShellCorrelation {
  std::vector<double> frequency;   ///< middle of each shell [1/angstrom], shell 0 (the mean) left out
  std::vector<double> correlation; ///< in [-1, 1]
  std::vector<double> chance; ///< three standard deviations of what unrelated volumes show, 3 / sqrt(numbers)
  /// Where the curve first falls below 0.5 and 0.143, or below chance (where that is larger, but 0.9 at
  /// most), and what 1/frequency that is [angstrom]; none where it stays above up to the Nyquist frequency,
  /// and where it is below from the first shell on.
  std::optional<double> resolution_05_a;
  std::optional<double> resolution_0143_a;
};

/// sum F G* / sqrt(sum |F|^2 sum |G|^2) over shells one Fourier voxel thick, up to the Nyquist frequency.
/// \throws DataError unless both are cubes of the same even edge and voxel size. Source: Harauz & van Heel,
/// Optik 73, 146 (1986); the threshold 0.143 for halves: Rosenthal & Henderson, J. Mol. Biol. 333, 721
/// (2003); chance, by the numbers of a shell that are independent: van Heel & Schatz, J. Struct. Biol. 151,
/// 250 (2005).
[[nodiscard]] ShellCorrelation shell_correlation(const core::Volume& a, const core::Volume& b,
                                                 core::Threads threads);

/// The images with even and with odd numbers.
/// \throws DataError for fewer than 6 images.
[[nodiscard]] std::pair<core::TiltSeries, core::TiltSeries> halves(const core::TiltSeries& series);

/// FSC of the two volumes that a method makes from every other image each. The halves have gaps twice as
/// wide: for few tilts they agree less well than the full series' quality would suggest.
[[nodiscard]] ShellCorrelation
half_set_correlation(const core::TiltSeries& series,
                     const std::function<core::Volume(const core::TiltSeries&)>& reconstruct,
                     core::Threads threads);

} // namespace aet::recon
