// One ADF-STEM image of one specimen in one orientation.
#pragma once

#include "sim/core/grid.hpp"
#include "sim/core/parallel.hpp"
#include "sim/core/progress.hpp"
#include "sim/stem/view.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace aet::stem {

/// \throws core::ConfigError naming `what` unless r is orthonormal and right-handed (to 1e-6).
void require_rotation(const core::Mat3& r, const std::string& what);

/// ADF-STEM image by multislice with frozen phonons.
/// \param progress    unit "probes".
/// \return scan.n x scan.n, fraction of the incident beam on the detector, before source size and noise; the
///         origin falls on pixel n/2.
/// \throws core::ConfigError for options out of range, core::DataError for atoms without scattering factors.
/// Deterministic for any number of threads. Cost: see predicted_cost().
[[nodiscard]] core::Image simulate_image(const View& view, const StemOptions& options, core::Threads threads,
                                         const core::ProgressSink& progress = {});

/// Several signals of the same probes.
struct Signals {
  core::Image annulus;              ///< as simulate_image()
  std::vector<core::Image> ranges;  ///< one for each of options.further.ranges
  std::vector<core::Image> pattern; ///< one for each ring of the diffraction pattern
};

/// All signals that options.further asks for. Parameters and errors as simulate_image().
[[nodiscard]] Signals simulate_signals(const View& view, const StemOptions& options, core::Threads threads,
                                       const core::ProgressSink& progress = {});

/// The same for some pixels of the scan only, in the order given (index iy * n + ix): to compare methods or
/// settings at a part of the cost.
/// \throws also core::ConfigError for an index outside the scan.
[[nodiscard]] std::vector<float> simulate_pixels(const View& view, const std::vector<std::size_t>& pixels,
                                                 const StemOptions& options, core::Threads threads,
                                                 const core::ProgressSink& progress = {});

} // namespace aet::stem
