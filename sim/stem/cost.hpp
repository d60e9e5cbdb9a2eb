// What an image will cost, without computing it.
#pragma once

#include "sim/core/atoms.hpp"
#include "sim/core/parallel.hpp"
#include "sim/stem/tilt_imaging.hpp"

#include <cstddef>

namespace aet::stem {

struct PredictedCost {
  double cpu_seconds =
      0.0; ///< on the machine this was calibrated on (one core of an EPYC 9004); half to double elsewhere
  double memory_bytes = 0.0; ///< largest amount held at once
  std::size_t probes = 0;    ///< propagated probes, over all tilts and configurations
};

/// Of a whole tilt series.
/// \throws as simulate_tilt_series().
[[nodiscard]] PredictedCost predicted_cost(const core::Atoms& atoms, const TiltSeriesOptions& options,
                                           core::Threads threads);

/// \throws core::ConfigError if the series needs more memory than there is, naming the field or the sampling
/// that would fit.
void require_memory(const core::Atoms& atoms, const TiltSeriesOptions& options, core::Threads threads,
                    double available_bytes);

} // namespace aet::stem
