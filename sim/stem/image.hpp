// One ADF-STEM image of one specimen in one orientation.
#pragma once

#include "sim/core/atoms.hpp"
#include "sim/core/grid.hpp"
#include "sim/core/parallel.hpp"
#include "sim/core/progress.hpp"
#include "sim/stem/options.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace aet::stem {

/// \throws core::ConfigError naming `what` unless r is orthonormal and right-handed (to 1e-6).
void require_rotation(const core::Mat3& r, const std::string& what);

/// ADF-STEM image by multislice with frozen phonons.
///
/// \param atoms       specimen [angstrom]; an optional column "u_rms" holds thermal displacements per axis.
/// \param orientation proper rotation R; electrons travel along +z of the rotated specimen R r.
/// \param key         which random draws to use; the same key gives the same image.
/// \param progress    unit "probes".
/// \return scan.n x scan.n, fraction of the incident beam on the detector, before source size and noise; the
/// origin
///         falls on pixel n/2.
/// \throws core::ConfigError for options out of range, core::DataError for atoms without scattering factors.
/// Deterministic for any number of threads. Cost: see predicted_cost().
[[nodiscard]] core::Image simulate_image(const core::Atoms& atoms, const core::Mat3& orientation,
                                         const Scan& scan, const StemOptions& options, const ImageKey& key,
                                         core::Threads threads, const core::ProgressSink& progress = {});

/// Several signals of the same probes.
struct Signals {
  core::Image annulus;              ///< as simulate_image()
  std::vector<core::Image> ranges;  ///< one for each of options.further.ranges
  std::vector<core::Image> pattern; ///< one for each ring of the diffraction pattern
};

/// All signals that options.further asks for. Parameters and errors as simulate_image().
[[nodiscard]] Signals simulate_signals(const core::Atoms& atoms, const core::Mat3& orientation,
                                       const Scan& scan, const StemOptions& options, const ImageKey& key,
                                       core::Threads threads, const core::ProgressSink& progress = {});

/// The same for some pixels of the scan only, in the order given (index iy * n + ix): to compare methods or
/// settings at a part of the cost.
/// \throws also core::ConfigError for an index outside the scan.
[[nodiscard]] std::vector<float> simulate_pixels(const core::Atoms& atoms, const core::Mat3& orientation,
                                                 const Scan& scan, const std::vector<std::size_t>& pixels,
                                                 const StemOptions& options, const ImageKey& key,
                                                 core::Threads threads,
                                                 const core::ProgressSink& progress = {});

} // namespace aet::stem
