// What a microscope does to a tilt series apart from the physics of one image, and what it did: the truth.
#pragma once

#include "sim/core/atoms.hpp"
#include "sim/stem/background.hpp"
#include "sim/stem/checked_settings.hpp"
#include "sim/stem/scan_geometry.hpp"
#include "sim/stem/tilt_imaging.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

namespace aet::stem {

/// Defaults: a perfect microscope. Every error is drawn from a stream (seed, purpose, {frame, tilt}).
struct MicroscopeOptions {
  int exposures_per_tilt = 1;           ///< exposures of a tilt; they share its dose, 1..100
  Vec2 drift_a_per_exposure{0.0, 0.0};  ///< mean speed of the specimen [angstrom an exposure], |.| <= 20
  double drift_sd_a_per_exposure = 0.0; ///< sd of the constant speed, per axis, drawn for every tilt, 0..20
  double drift_walk_sd_a =
      0.0;                   ///< sd of the random step from exposure to exposure, per axis [angstrom], 0..20
  ScanDistortion distortion; ///< of the whole series
  std::optional<Mat2> scan_matrix;    ///< in the place of `distortion`: true place = matrix x nominal place
  double distortion_sd_percent = 0.0; ///< sd of each element of the matrix from tilt to tilt, 0..5
  double shift_sd_a = 0.0;            ///< sd of the specimen's shift, per axis, drawn for every tilt, 0..50
  /// sd of the error of orientation about z, y and x of the laboratory, drawn for every tilt [degree], 0..10.
  /// Published series before refinement: 0.5 to 0.7.
  std::array<double, 3> angle_error_sd_deg{0.0, 0.0, 0.0};
  double defocus_sd_a = 0.0; ///< sd of C1 from tilt to tilt [angstrom], 0..500
  /// Residual aberrations of order 1 to 5, of every kind but C1: rms of the phase that a kind adds at the
  /// edge of the aperture [degree], 0..360. A corrector is usually adjusted until none exceeds 45 (pi/4).
  std::array<double, 5> aberration_sd_deg{};
  BackgroundOptions background;
  double hot_pixel_fraction = 0.0;         ///< part of the pixels of every exposure hit by a spike, 0..0.1
  double hot_pixel_counts = 0.0;           ///< mean of a spike's exponential height [counts], 0..1e6
  std::optional<double> saturation_counts; ///< largest value of a pixel of an exposure [counts], > 0
  /// Probes simulated per pixel along each axis, from which images are interpolated, 1..8. 0: as many as
  /// carry every frequency of the image (exact) where exposures are distorted or drift, else 1. Measured on a
  /// tilted 331-atom Pt particle, R1 of an image moved by half a pixel: from a sharp image sampled at 0.4 A
  /// 37 %, 0.3 A 12 %, 0.25 A 3 %, 0.2 A (exact) 0.03 %; with source_sd_a = 0.4 at 0.4 A 1.1 %, 0.34 A 0.2 %.
  int oversampling = 0;
  std::uint64_t seed = 0;
  std::uint32_t frame = 0; ///< which time; part of the random streams' key
};

/// \throws core::ConfigError for the first value out of range, a scan matrix that cannot be inverted or
/// distorts absurdly, and a drift that leaves the field.
void validate(const MicroscopeOptions& options, const Scan& scan);

/// Path of the specimen during one exposure, at constant speed [angstrom].
struct ExposureDrift {
  Vec2 start = Vec2::Zero();
  Vec2 end = Vec2::Zero();
};

/// What happened at one tilt.
struct TiltTruth {
  core::Mat3 nominal = core::Mat3::Identity();     ///< as the stage reports it
  core::Mat3 orientation = core::Mat3::Identity(); ///< as it was: Rz(e0) Ry(e1) Rx(e2) x nominal
  std::array<double, 3> angle_error_deg{};         ///< e0, e1, e2
  Vec2 shift = Vec2::Zero();                       ///< of the specimen in the image plane [angstrom]
  Mat2 scan_matrix = Mat2::Identity();             ///< true place of the probe = matrix x nominal place
  double defocus_error_a = 0.0;                    ///< added to C1
  SmoothBackground background;
  double grain_sd = 0.0;                ///< fraction of the beam
  std::vector<ExposureDrift> exposures; ///< relative to the middle of the tilt's exposure

  /// Place in the specimen, but for `shift`, that a pixel of exposure f shows.
  [[nodiscard]] ExposureMap map(std::size_t f, const Scan& scan) const {
    return exposure_map(scan_matrix, exposures[f].start, exposures[f].end, scan);
  }
};

/// \throws as validate().
[[nodiscard]] std::vector<TiltTruth> draw_truth(const std::vector<core::Mat3>& nominal, const Scan& scan,
                                                const MicroscopeOptions& options);

/// The residual aberrations, which all tilts share: complex normal where they are not round, real normal
/// where they are, of stream (seed, "aberrations", {frame}).
[[nodiscard]] Aberrations draw_aberrations(const MicroscopeOptions& options, const ProbeOptions& probe);

/// Whether any exposure is drawn out of the square scan, so that images must be interpolated.
[[nodiscard]] bool needs_resampling(const std::vector<TiltTruth>& truth, const Scan& scan);

/// The scan to simulate: `scan` itself if every exposure is taken on it and no oversampling is asked for,
/// else one that covers all places with `oversampling` probes a pixel, or in exact_step().
[[nodiscard]] Scan simulated_scan(const std::vector<TiltTruth>& truth, const Scan& scan,
                                  const StemOptions& stem, const MicroscopeOptions& options);

/// \throws core::ConfigError naming the tilt and the size that would do if an atom leaves the field in an
/// exposure.
void require_inside_exposures(const core::Atoms& atoms, const std::vector<TiltTruth>& truth,
                              const Scan& scan);

/// A tilt as it was: for the length of a call.
struct TrueTilt {
  const TiltSeriesOptions& series; ///< its orientations are not used
  const TiltTruth& truth;          ///< of this tilt
  std::size_t number = 0;          ///< part of the random streams' key
  Scan simulated;                  ///< on which it is sampled
};

/// The specimen as it was at a tilt: true orientation, shift and focus, source size included, before scan
/// distortion, drift, background and counts.
/// \throws as simulate_image().
[[nodiscard]] core::Image simulate_true_image(const core::Atoms& atoms, const TrueTilt& tilt,
                                              core::Threads threads, const core::ProgressSink& progress = {});

/// The same with the further signals of series.stem, for frozen-phonon configuration number `configuration`
/// alone, without the source size.
[[nodiscard]] Signals simulate_true_signals(const core::Atoms& atoms, const TrueTilt& tilt, int configuration,
                                            core::Threads threads, const core::ProgressSink& progress = {});

/// The settings with which simulate_true_signals() images the tilt.
[[nodiscard]] CheckedSettings settings_of(const core::Atoms& atoms, const TrueTilt& tilt,
                                          core::Threads threads);

/// Atoms moved by `shift` in the image plane of `orientation`.
[[nodiscard]] core::Atoms shifted(core::Atoms atoms, const core::Mat3& orientation, const Vec2& shift);

} // namespace aet::stem
