// Which tilt angles a series is taken at.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace aet::stem {

/// Equal steps, both ends included; count >= 2 and last > first, or one angle if count = 1.
/// \throws core::ConfigError otherwise.
[[nodiscard]] std::vector<double> tilts_by_count(double first_deg, double last_deg, int count);

/// first, first + step, ... up to last (to 1e-6 of a step).
/// \throws core::ConfigError if step <= 0, last < first or there would be more than 3600.
[[nodiscard]] std::vector<double> tilts_by_step(double first_deg, double last_deg, double step_deg);

/// Steps proportional to cos(tilt), both ends included: fine where a slab is long along the beam. In the
/// spirit of Saxton, Baumeister & Hahn, Ultramicroscopy 13, 57 (1984), doi:10.1016/0304-3991(84)90057-3.
/// \throws core::ConfigError unless -85 <= first < last <= 85 and count >= 2.
[[nodiscard]] std::vector<double> tilts_by_cosine(double first_deg, double last_deg, int count);

/// A needle turned all the way round: count equal steps of 360/count from 0.
/// \throws core::ConfigError for count < 1.
[[nodiscard]] std::vector<double> full_turn_tilts(int count);

/// Inner angles moved by independent normal deviates, clipped to 0.45 of the smaller neighbouring step so
/// that order is kept; the ends stay. Random stream (seed, "tilt_jitter").
/// \param sd_deg >= 0.
[[nodiscard]] std::vector<double> jittered(std::vector<double> angles_deg, double sd_deg, std::uint64_t seed);

/// Number and range of published series, by name.
struct PublishedTilts {
  std::string name;
  double first_deg = 0.0;
  double last_deg = 0.0;
  int count = 0;
  std::string source;
};

/// The published angles themselves are not in print; a jitter stands for their irregularity.
[[nodiscard]] const std::vector<PublishedTilts>& published_tilts();

} // namespace aet::stem
