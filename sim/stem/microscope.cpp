#include "sim/stem/microscope.hpp"

#include "sim/core/error.hpp"
#include "sim/core/orientation.hpp"
#include "sim/core/random.hpp"
#include "sim/core/units.hpp"
#include "sim/stem/require_range.hpp"

#include <Eigen/LU>
#include <Eigen/SVD>
#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <string_view>
#include <utility>

namespace aet::stem {

namespace {

/// Vacuum simulated around what is sampled [angstrom]: at the rim of its grid an interpolated image is least
/// exact.
constexpr double rim = 3.0;

Mat2 series_matrix(const MicroscopeOptions& options) {
  return options.scan_matrix ? *options.scan_matrix : distortion_matrix(options.distortion);
}

Vec2 normal2(core::RandomStream& random, double sd) {
  const double x = sd * random.normal();
  const double y = sd * random.normal();
  return {x, y};
}

/// The path through all exposures, relative to its mean over time.
std::vector<ExposureDrift> draw_drift(const MicroscopeOptions& o, std::uint32_t tilt) {
  core::RandomStream random(o.seed, "drift", {o.frame, tilt});
  const Vec2 speed = o.drift_a_per_exposure + normal2(random, o.drift_sd_a_per_exposure);
  std::vector<ExposureDrift> path;
  Vec2 here = Vec2::Zero();
  Vec2 mean = Vec2::Zero();
  for (int f = 0; f < o.exposures_per_tilt; ++f) {
    const Vec2 next = here + speed + normal2(random, o.drift_walk_sd_a);
    path.push_back({here, next});
    mean += 0.5 * (here + next) / o.exposures_per_tilt;
    here = next;
  }
  for (ExposureDrift& exposure : path) {
    exposure.start -= mean;
    exposure.end -= mean;
  }
  return path;
}

} // namespace

void validate(const MicroscopeOptions& o, const Scan& scan) {
  validate(scan);
  require_range("exposures_per_tilt", o.exposures_per_tilt, 1, 100);
  require_range("drift_a_per_exposure", o.drift_a_per_exposure.norm(), 0.0, 20.0);
  require_range("drift_sd_a_per_exposure", o.drift_sd_a_per_exposure, 0.0, 20.0);
  require_range("drift_walk_sd_a", o.drift_walk_sd_a, 0.0, 20.0);
  require_range("distortion_sd_percent", o.distortion_sd_percent, 0.0, 5.0);
  require_range("shift_sd_a", o.shift_sd_a, 0.0, 50.0);
  for (const double sd : o.angle_error_sd_deg)
    require_range("angle_error_sd_deg", sd, 0.0, 10.0);
  require_range("defocus_sd_a", o.defocus_sd_a, 0.0, 500.0);
  for (const double sd : o.aberration_sd_deg)
    require_range("aberration_sd_deg", sd, 0.0, 360.0);
  require_range("hot_pixel_fraction", o.hot_pixel_fraction, 0.0, 0.1);
  require_range("hot_pixel_counts", o.hot_pixel_counts, 0.0, 1e6);
  if (o.saturation_counts && !(*o.saturation_counts > 0.0)) {
    throw core::ConfigError(
        fmt::format("saturation_counts = {} is out of range: it must be above 0", *o.saturation_counts));
  }
  require_range("oversampling", o.oversampling, 0, 8);
  validate(o.background);
  const Mat2 matrix = series_matrix(o);
  const Eigen::JacobiSVD<Mat2> svd(matrix);
  if (!(matrix.determinant() > 0.0) || !(svd.singularValues()(1) >= 0.5) ||
      !(svd.singularValues()(0) <= 2.0)) {
    throw core::ConfigError(fmt::format("scan_matrix [{}, {}, {}, {}] cannot be a scan: it must be "
                                        "invertible, keep handedness, and stretch no "
                                        "direction by less than 0.5 or more than 2",
                                        matrix(0, 0), matrix(0, 1), matrix(1, 0), matrix(1, 1)));
  }
  const double field = scan.n * scan.pixel_a;
  const double travel = o.exposures_per_tilt * (o.drift_a_per_exposure.norm() + o.drift_sd_a_per_exposure) +
                        std::sqrt(o.exposures_per_tilt) * o.drift_walk_sd_a;
  if (travel > 0.5 * field) {
    throw core::ConfigError(
        fmt::format("a drift of some {:.1f} A during {} exposures leaves the field of {:.1f} A: "
                    "reduce drift_a_per_exposure, drift_sd_a_per_exposure or drift_walk_sd_a",
                    travel, o.exposures_per_tilt, field));
  }
}

std::vector<TiltTruth> draw_truth(const std::vector<core::Mat3>& nominal, const Scan& scan,
                                  const MicroscopeOptions& o) {
  validate(o, scan);
  std::vector<TiltTruth> out;
  for (std::size_t t = 0; t < nominal.size(); ++t) {
    const auto tilt = static_cast<std::uint32_t>(t);
    TiltTruth truth;
    truth.nominal = nominal[t];
    core::RandomStream angle(o.seed, "angle_error", {o.frame, tilt});
    for (std::size_t i = 0; i < 3; ++i)
      truth.angle_error_deg[i] = o.angle_error_sd_deg[i] * angle.normal();
    const auto& e = truth.angle_error_deg;
    const bool exact = e == std::array<double, 3>{}; // keeps the nominal matrix to the last bit
    if (exact) {
      truth.orientation = truth.nominal;
    } else {
      truth.orientation =
          core::rotation_from_euler({e[0] * core::radian_per_degree, e[1] * core::radian_per_degree,
                                     e[2] * core::radian_per_degree}) *
          truth.nominal;
    }
    core::RandomStream shift(o.seed, "shift", {o.frame, tilt});
    truth.shift = normal2(shift, o.shift_sd_a);
    core::RandomStream defocus(o.seed, "defocus", {o.frame, tilt});
    truth.defocus_error_a = o.defocus_sd_a * defocus.normal();
    core::RandomStream distortion(o.seed, "distortion", {o.frame, tilt});
    truth.scan_matrix = series_matrix(o);
    for (Eigen::Index i = 0; i < 4; ++i)
      truth.scan_matrix(i / 2, i % 2) += 0.01 * o.distortion_sd_percent * distortion.normal();
    truth.exposures = draw_drift(o, tilt);
    core::RandomStream background(o.seed, "background", {o.frame, tilt});
    const double cos_tilt = truth.orientation(2, 2);
    truth.background = draw_background(o.background, cos_tilt, background);
    truth.grain_sd = o.background.grain_sd_fraction * film_thickening(cos_tilt);
    out.push_back(std::move(truth));
  }
  return out;
}

Aberrations draw_aberrations(const MicroscopeOptions& o, const ProbeOptions& probe) {
  core::RandomStream random(o.seed, "aberrations", {o.frame});
  const double wavelength = core::electron_wavelength(probe.energy_kv);
  Aberrations out{};
  for (std::size_t k = 0; k < out.size(); ++k) {
    const AberrationKind& kind = aberration_kinds[k];
    const Vec2 draw = normal2(random, 1.0); // two of every kind, so that no setting changes another's
    if (kind.order == 1 && kind.multiplicity == 0) continue; // has defocus_sd_a
    // chi at the edge is (2 pi / lambda) C a^(n+1) / (n+1).
    const double a = 1e-3 * probe.convergence_mrad;
    const double phase =
        o.aberration_sd_deg[static_cast<std::size_t>(kind.order - 1)] * core::radian_per_degree;
    const double rms = phase * wavelength / (2.0 * core::pi) * (kind.order + 1) / std::pow(a, kind.order + 1);
    out[k] = kind.multiplicity == 0 ? std::complex<double>(rms * draw.x())
                                    : rms * std::sqrt(0.5) * std::complex<double>(draw.x(), draw.y());
  }
  return out;
}

bool needs_resampling(const std::vector<TiltTruth>& truth, const Scan& scan) {
  for (const TiltTruth& tilt : truth) {
    for (std::size_t f = 0; f < tilt.exposures.size(); ++f) {
      if (!tilt.map(f, scan).is_identity()) return true;
    }
  }
  return false;
}

Scan simulated_scan(const std::vector<TiltTruth>& truth, const Scan& scan, const StemOptions& stem,
                    const MicroscopeOptions& options) {
  if (!needs_resampling(truth, scan) && options.oversampling <= 1) return scan;
  double reach = 0.0;
  for (const TiltTruth& tilt : truth) {
    for (std::size_t f = 0; f < tilt.exposures.size(); ++f) {
      const ExposureMap map = tilt.map(f, scan);
      for (const int ix : {0, scan.n - 1}) {
        for (const int iy : {0, scan.n - 1})
          reach = std::max(reach, map.place(ix, iy, scan).cwiseAbs().maxCoeff());
      }
    }
  }
  // A scan finer than what is needed is kept.
  const double step = options.oversampling > 0 ? scan.pixel_a / options.oversampling
                                               : std::min(scan.pixel_a, exact_step(stem));
  return {2 * static_cast<int>(std::ceil((reach + rim) / step)), step};
}

void require_inside_exposures(const core::Atoms& atoms, const std::vector<TiltTruth>& truth,
                              const Scan& scan) {
  const double half = 0.5 * scan.n * scan.pixel_a;
  double reach = 0.0;
  std::size_t worst = 0;
  for (std::size_t t = 0; t < truth.size(); ++t) {
    for (std::size_t f = 0; f < truth[t].exposures.size(); ++f) {
      const ExposureMap map = truth[t].map(f, scan);
      const Mat2 inverse = map.matrix.inverse();
      for (const auto& r : atoms.positions) {
        const Vec2 place = (truth[t].orientation * r).head<2>() + truth[t].shift;
        const double here = (inverse * (place - map.offset)).cwiseAbs().maxCoeff();
        if (here > reach) {
          reach = here;
          worst = t;
        }
      }
    }
  }
  if (reach <= half) return;
  throw core::ConfigError(fmt::format("at tilt {} shift, drift and scan distortion carry an atom to {:.2f} A "
                                      "from the image centre, outside the field "
                                      "of {} x {} pixels of {} A: use at least {} pixels, or smaller errors",
                                      worst + 1, reach, scan.n, scan.n, scan.pixel_a,
                                      2 * static_cast<int>(std::ceil(reach / scan.pixel_a))));
}

core::Atoms shifted(core::Atoms atoms, const core::Mat3& orientation, const Vec2& shift) {
  if (shift == Vec2::Zero()) return atoms;
  const core::Vec3 move = orientation.transpose() * core::Vec3(shift.x(), shift.y(), 0.0);
  for (auto& r : atoms.positions)
    r += move;
  return atoms;
}

core::Image simulate_true_image(const core::Atoms& atoms, const TrueTilt& tilt, core::Threads threads,
                                const core::ProgressSink& progress) {
  const TiltSeriesOptions& series = tilt.series;
  const TiltTruth& truth = tilt.truth;
  StemOptions stem = series.stem;
  stem.probe.c1_a += truth.defocus_error_a;
  const ImageKey key{series.seed, series.frame, static_cast<std::uint32_t>(tilt.number)};
  const core::Atoms moved = shifted(atoms, truth.orientation, truth.shift);
  const core::Image sharp =
      simulate_image({moved, truth.orientation, tilt.simulated, key}, stem, threads, progress);
  return gaussian_blur(sharp, series.source_sd_a / tilt.simulated.pixel_a);
}

CheckedSettings settings_of(const core::Atoms& atoms, const TrueTilt& tilt, core::Threads threads) {
  StemOptions stem = tilt.series.stem;
  stem.probe.c1_a += tilt.truth.defocus_error_a;
  const ImageKey key{tilt.series.seed, tilt.series.frame, static_cast<std::uint32_t>(tilt.number)};
  const core::Atoms moved = shifted(atoms, tilt.truth.orientation, tilt.truth.shift);
  return checked_settings({moved, tilt.truth.orientation, tilt.simulated, key}, stem, threads);
}

Signals simulate_true_signals(const core::Atoms& atoms, const TrueTilt& tilt, int configuration,
                              core::Threads threads, const core::ProgressSink& progress) {
  const TiltSeriesOptions& series = tilt.series;
  const TiltTruth& truth = tilt.truth;
  StemOptions stem = series.stem;
  stem.probe.c1_a += truth.defocus_error_a;
  stem.phonons.configurations = 1;
  const ImageKey key{series.seed, series.frame, static_cast<std::uint32_t>(tilt.number),
                     static_cast<std::uint32_t>(configuration)};
  const core::Atoms moved = shifted(atoms, truth.orientation, truth.shift);
  return simulate_signals({moved, truth.orientation, tilt.simulated, key}, stem, threads, progress);
}

} // namespace aet::stem
