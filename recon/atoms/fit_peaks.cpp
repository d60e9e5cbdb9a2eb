#include "recon/atoms/fit_peaks.hpp"

#include "recon/atoms/gaussian_fit.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <functional>
#include <utility>

namespace aet::recon {

namespace {

Fate fate_of(FitOutcome outcome) {
  switch (outcome) {
  case FitOutcome::converged:
    return Fate::atom;
  case FitOutcome::no_maximum:
    return Fate::no_maximum;
  case FitOutcome::drifted:
    return Fate::drifted;
  case FitOutcome::at_edge:
    return Fate::at_edge;
  case FitOutcome::not_converged:
    break;
  }
  return Fate::not_converged;
}

/// The Gaussian fit with the outcomes and units of the polynomial one.
PeakFit gaussian_peak(const core::Volume& volume, const core::Vec3& grid, const TraceOptions& options) {
  const double factor = options.upsampling;
  const GaussianPeak gaussian = fit_gaussian(volume, grid / factor);
  PeakFit fit;
  fit.centre = factor * gaussian.centre;
  fit.height = gaussian.height + gaussian.base;
  fit.iterations = gaussian.iterations;
  const core::Vec3 last(volume.nx - 1, volume.ny - 1, volume.nz - 1);
  const auto near_face = [&](const core::Vec3& c) {
    return std::min(c.minCoeff(), (last - c).minCoeff()) * factor <
           std::max(options.fit.radius, 2.5 * factor);
  };
  if (near_face(grid / factor) || near_face(gaussian.centre)) {
    fit.outcome = FitOutcome::at_edge;
    fit.centre = grid;
  } else if (!(gaussian.height > 0.0)) {
    fit.outcome = FitOutcome::no_maximum;
  } else if ((fit.centre - grid).norm() > options.fit.max_drift) {
    fit.outcome = FitOutcome::drifted;
  } else {
    fit.outcome = gaussian.converged ? FitOutcome::converged : FitOutcome::not_converged;
  }
  return fit;
}

} // namespace

FittedPeaks fit_peaks(const core::Volume& volume, const SplineVolume& spline,
                      const std::vector<GridMaximum>& candidates, const TraceOptions& options,
                      core::Threads threads, const core::ProgressSink& progress) {
  // Peaks are cheap; a block of them is worth handing out.
  constexpr std::size_t block = 64;
  const PolynomialPeakFitter fitter(options.fit, options.upsampling);
  const core::Vec3 origin(spline.nx() / 2, spline.ny() / 2, spline.nz() / 2); // integer halves: voxel n/2
  FittedPeaks fitted{std::vector<Peak>(candidates.size()), std::vector<int>(candidates.size(), 0)};
  const std::size_t blocks = (candidates.size() + block - 1) / block;
  const auto total = static_cast<double>(candidates.size());
  std::function<void(std::size_t)> on_caller;
  if (progress) {
    on_caller = [&](std::size_t done) {
      core::report(progress, {std::min(static_cast<double>(done * block), total), total, "peaks", "fitting"});
    };
  }
  core::parallel_for(
      blocks, threads,
      [&](std::size_t b, int) {
        for (std::size_t i = b * block; i < std::min((b + 1) * block, candidates.size()); ++i) {
          const GridMaximum& start = candidates[i];
          const core::Vec3 grid(start.x, start.y, start.z);
          const PeakFit fit = options.method == PeakMethod::polynomial ? fitter.fit(spline, grid)
                                                                       : gaussian_peak(volume, grid, options);
          Peak& peak = fitted.peaks[i];
          peak.height = static_cast<double>(start.height);
          peak.position = volume.voxel_size * (fit.centre / options.upsampling - origin);
          peak.fate = fate_of(fit.outcome);
          if (peak.fate == Fate::atom) peak.intensity = fitter.integrate(spline, fit.centre);
          fitted.iterations[i] = fit.iterations;
        }
      },
      on_caller);
  return fitted;
}

std::vector<Peak> peaks_in_residual(const core::Volume& volume, const std::vector<Peak>& peaks,
                                    const TraceOptions& options, double height_threshold,
                                    core::Threads threads) {
  const core::Vec3 origin(volume.nx / 2, volume.ny / 2, volume.nz / 2);
  std::vector<core::Vec3> atoms;
  for (const Peak& peak : peaks) {
    if (peak.fate == Fate::atom) atoms.push_back(peak.position);
  }
  std::vector<GaussianPeak> shapes(atoms.size());
  core::parallel_for(atoms.size(), threads, [&](std::size_t i, int) {
    shapes[i] = fit_gaussian(volume, atoms[i] / volume.voxel_size + origin);
  });
  const core::Volume rest = subtract_peaks(volume, shapes, threads);
  const SplineVolume spline(rest, threads);
  const auto maxima = find_local_maxima(spline, options.upsampling, options.neighbourhood,
                                        static_cast<float>(height_threshold), threads);
  std::vector<Peak> found = fit_peaks(rest, spline, maxima, options, threads, {}).peaks;
  for (Peak& peak : found)
    peak.in_residual = true;
  return found;
}

} // namespace aet::recon
