// Fitting all candidates of a volume, and those that only show once the atoms found are taken out.
#pragma once

#include "recon/atoms/trace.hpp"

#include <vector>

namespace aet::recon {

struct FittedPeaks {
  std::vector<Peak> peaks;     ///< one a candidate, in order
  std::vector<int> iterations; ///< of each fit
};

/// Fit every candidate by the method of the options; `spline` is that of `volume`.
[[nodiscard]] FittedPeaks fit_peaks(const core::Volume& volume, const SplineVolume& spline,
                                    const std::vector<GridMaximum>& candidates, const TraceOptions& options,
                                    core::Threads threads, const core::ProgressSink& progress);

/// Peaks of the volume after subtracting a Gaussian for every peak with the fate `atom`, above the height
/// threshold of the first look, strongest first; not yet compared with those atoms: most are what a Gaussian
/// leaves of them. Their intensities are those of the residual.
///
/// The search for atoms "by hand" in the papers (Yang et al. 2017: 525 peaks added by manual Gaussian fits)
/// as a rule.
[[nodiscard]] std::vector<Peak> peaks_in_residual(const core::Volume& volume, const std::vector<Peak>& peaks,
                                                  const TraceOptions& options, double height_threshold,
                                                  core::Threads threads);

} // namespace aet::recon
