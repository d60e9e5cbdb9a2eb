#include "sim/stem/options.hpp"

#include "sim/core/error.hpp"
#include "sim/core/units.hpp"
#include "sim/stem/require_range.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <string_view>

namespace aet::stem {

namespace {

/// What the fast method counts, but for what its grid carries.
void check_fast_range(const StemOptions& o, const AngleRange& range) {
  const bool to_outer = range.outer_mrad == o.detector.outer_mrad;
  if (range.segments > 1 && to_outer) {
    throw core::ConfigError(
        fmt::format("the fast method knows how many electrons pass the detector's outer edge of {} mrad, but "
                    "not on which "
                    "side: let segments end at an angle that its grid carries, or use method = multislice",
                    o.detector.outer_mrad));
  }
  if (!averages_analytically(o)) return;
  const auto known = [&](double edge) {
    return edge == 0.0 || edge == o.detector.inner_mrad || edge == o.detector.outer_mrad;
  };
  if (known(range.inner_mrad) && known(range.outer_mrad) && range.segments == 1) return;
  throw core::ConfigError(fmt::format(
      "phonons = average counts what vibrations scatter at the detector's own edges ({} and {} mrad) alone; "
      "a further detector from {} to {} mrad{} needs phonons = pairs or snapshots, or method = multislice",
      o.detector.inner_mrad, o.detector.outer_mrad, range.inner_mrad, range.outer_mrad,
      range.segments > 1 ? " in segments" : ""));
}

void check_further(const StemOptions& o) {
  const FurtherSignals& f = o.further;
  if (o.method == Method::kinematic && (!f.ranges.empty() || f.pattern_bin_mrad != 0.0)) {
    throw core::ConfigError(
        "further detectors are set, but method = kinematic computes the annulus only: use "
        "method = multislice");
  }
  if (f.pattern_bin_mrad != 0.0) require_range("pattern_bin_mrad", f.pattern_bin_mrad, 0.1, 100.0);
  if (f.pattern_bin_mrad != 0.0 && o.method == Method::fast) {
    throw core::ConfigError("pattern_bin_mrad is set, but the fast method does not compute whole diffraction "
                            "patterns: use method = multislice");
  }
  for (const auto& range : f.ranges) {
    require_range("a further detector's inner edge [mrad]", range.inner_mrad, 0.0, 500.0);
    require_range("a further detector's outer edge [mrad]", range.outer_mrad, 0.0, 500.0);
    if (range.outer_mrad <= range.inner_mrad) {
      throw core::ConfigError(
          fmt::format("a further detector from {} to {} mrad has no width: give its range as inner, outer",
                      range.inner_mrad, range.outer_mrad));
    }
    require_range("the number of segments of a further detector", range.segments, 1, 64);
    require_range("the number of a segment", range.segment, 0, range.segments - 1);
    require_range("the rotation of a further detector's segments [degree]", range.rotation_deg, -360.0,
                  360.0);
    if (o.method == Method::fast) check_fast_range(o, range);
    if (range.outer_mrad <= o.detector.outer_mrad) continue;
    throw core::ConfigError(fmt::format(
        "a further detector reaches to {} mrad, beyond the detector's outer edge of {} mrad that decides the "
        "sampling: raise detector_outer_mrad to {}",
        range.outer_mrad, o.detector.outer_mrad, range.outer_mrad));
  }
}

/// Beyond the window the probe is taken for the tail of a sharp one.
void check_window(const StemOptions& o) {
  const double wavelength = core::electron_wavelength(o.probe.energy_kv);
  const double reach = AberrationPhase(aberrations_of(o.probe), wavelength)
                           .largest_displacement(o.probe.convergence_mrad * 1e-3 / wavelength);
  if (reach <= 0.5 * o.fast.window_a) return;
  throw core::ConfigError(fmt::format(
      "the probe's aberrations send rays {:.1f} A from its middle, out of the window of {} A around each "
      "probe: use fast.window_a = {:.0f} or more, or smaller aberrations",
      reach, o.fast.window_a, std::ceil(2.0 * reach)));
}

} // namespace

Aberrations aberrations_of(const ProbeOptions& probe) {
  Aberrations all = sum_of(probe.further, probe.residual);
  all[aberration_number("C1")] += probe.c1_a;
  all[aberration_number("A1")] +=
      std::polar(probe.astigmatism_a, 2.0 * probe.astigmatism_deg * core::radian_per_degree);
  all[aberration_number("C3")] += probe.c3_mm * angstrom_per_mm;
  all[aberration_number("C5")] += probe.c5_mm * angstrom_per_mm;
  return all;
}

ProbeOptions round_probe(ProbeOptions probe) {
  probe.astigmatism_a = 0.0;
  probe.further = round_part(probe.further);
  probe.residual = round_part(probe.residual);
  return probe;
}

const char* method_name(Method method) {
  if (method == Method::fast) return "fast";
  return method == Method::multislice ? "multislice" : "kinematic";
}

int pattern_bins(const StemOptions& options) {
  const double width = options.further.pattern_bin_mrad;
  return width > 0.0 ? static_cast<int>(std::ceil(options.detector.outer_mrad / width - 1e-9)) : 0;
}

void set_accuracy(StemOptions& options, double r1) {
  require_range("accuracy", r1, 0.002, 0.1);
  struct Point {
    double r1;
    double window_a;
    double pixel_a;
    double slice_a;
  };
  // Coarsest first; `sim/stem/README.md` has what was measured with each.
  constexpr std::array<Point, 3> points{
      {{0.01, 8.0, 0.115, 3.0}, {0.005, 10.0, 0.093, 2.0}, {0.0, 16.0, 0.07, 1.0}}};
  const auto* point = std::find_if(points.begin(), points.end(), [r1](const Point& p) { return r1 >= p.r1; });
  options.fast.window_a = point->window_a;
  options.fast.pixel_a = point->pixel_a;
  options.slices.thickness_a = point->slice_a;
  options.fast.accuracy = r1;
}

double sampling_needed(const ProbeOptions& probe, const DetectorOptions& detector) {
  const double k_outer = detector.outer_mrad * 1e-3 / core::electron_wavelength(probe.energy_kv);
  return 1.0 / (3.0 * k_outer);
}

void validate(const StemOptions& o) {
  require_range("energy_kv", o.probe.energy_kv, 20.0, 1000.0);
  require_range("convergence_mrad", o.probe.convergence_mrad, 1.0, 100.0);
  require_range("c1_a", o.probe.c1_a, -1e4, 1e4);
  require_range("astigmatism_a", o.probe.astigmatism_a, 0.0, 1e4);
  require_range("astigmatism_deg", o.probe.astigmatism_deg, -180.0, 180.0);
  require_range("focal_spread_a", o.probe.focal_spread_a, 0.0, 1000.0);
  require_range("focal_points", o.probe.focal_points, 2, 21);
  require_range("c3_mm", o.probe.c3_mm, -10.0, 10.0);
  require_range("c5_mm", o.probe.c5_mm, -1000.0, 1000.0);
  if (o.probe.focus_z_a) require_range("focus_z_a", *o.probe.focus_z_a, -1e5, 1e5);
  require_range("detector_inner_mrad", o.detector.inner_mrad, 1.0, 500.0);
  require_range("detector_outer_mrad", o.detector.outer_mrad, 1.0, 500.0);
  if (o.detector.outer_mrad <= o.detector.inner_mrad) {
    throw core::ConfigError(fmt::format(
        "detector_outer_mrad = {} must be larger than detector_inner_mrad = {}: give the annulus as "
        "inner, outer",
        o.detector.outer_mrad, o.detector.inner_mrad));
  }
  check_further(o);
  require_range("slice_a", o.slices.thickness_a, 0.1, 10.0);
  if (o.slices.entrance_z_a) require_range("entrance_z_a", *o.slices.entrance_z_a, -1e5, 1e5);
  if (o.phonons.u_rms_a) require_range("u_rms_a", *o.phonons.u_rms_a, 0.0, 0.5);
  require_range("configurations", o.phonons.configurations, 1, 1000);
  if (o.method == Method::fast) {
    require_range("fast.window_a", o.fast.window_a, 8.0, 64.0);
    require_range("fast.pixel_a", o.fast.pixel_a, 0.02, 0.2);
    require_range("fast.exact_depth_a", o.fast.exact_depth_a, 0.0, 2.0);
    require_range("fast.accuracy", o.fast.accuracy, 0.0, 0.1);
    require_range("fast.near_a", o.fast.near_a, 1.0, 0.5 * o.fast.window_a);
    if (o.detector.inner_mrad < o.probe.convergence_mrad + 1.0) {
      throw core::ConfigError(
          fmt::format("detector_inner_mrad = {} lies within the probe's convergence angle of {} mrad, but "
                      "the fast method counts "
                      "what leaves that disc: use at least {} mrad, or method = multislice",
                      o.detector.inner_mrad, o.probe.convergence_mrad, o.probe.convergence_mrad + 1.0));
    }
    check_window(o);
    return;
  }
  if (o.method == Method::kinematic) {
    if (o.probe.astigmatism_a != 0.0) {
      throw core::ConfigError(fmt::format("astigmatism_a = {} is set, but method = kinematic takes every "
                                          "atom's image for round: use method = "
                                          "fast or multislice",
                                          o.probe.astigmatism_a));
    }
    for (std::size_t k = 0; k < aberration_kinds.size(); ++k) {
      const AberrationKind& kind = aberration_kinds[k];
      const double size = std::abs(o.probe.further[k]) + std::abs(o.probe.residual[k]);
      if (kind.multiplicity == 0 || size == 0.0) continue;
      throw core::ConfigError(fmt::format(
          "the probe has {} ({}, {}) of {:.4g} A, which is not round, but method = kinematic takes every "
          "atom's image for round: use method = fast or multislice",
          kind.meaning, kind.haider, kind.krivanek, size));
    }
    return;
  }
  require_range("reference.cell_a", o.reference.cell_a, 0.0, 500.0);
  require_range("reference.padding_a", o.reference.padding_a, 0.0, 100.0);
  require_range("reference.window_a", o.reference.window_a, 0.0, 500.0);
  require_range("reference.pixel_a", o.reference.pixel_a, 0.0, 1.0);
  require_range("reference.oversampling", o.reference.oversampling, 0, 4);
  if (o.reference.potential == PotentialSampling::pixel_averaged && o.reference.oversampling == 0) {
    throw core::ConfigError("reference.oversampling = 0 has no summed potential that could be averaged over "
                            "pixels: use 1 to 4, or the exact potential");
  }
  const double needed = sampling_needed(o.probe, o.detector);
  if (o.reference.pixel_a > needed * (1.0 + 1e-9)) {
    throw core::ConfigError(fmt::format(
        "reference.pixel_a = {} A carries scattering up to {:.1f} mrad only, but detector_outer_mrad = {}: "
        "use a "
        "pixel of at most {:.4f} A, or 0 to have it chosen",
        o.reference.pixel_a, 1e3 * core::electron_wavelength(o.probe.energy_kv) / (3.0 * o.reference.pixel_a),
        o.detector.outer_mrad, std::floor(needed * 1e4) * 1e-4));
  }
}

void validate(const Scan& scan) {
  if (scan.n < 2 || scan.n > 4096 || scan.n % 2 != 0) {
    throw core::ConfigError(
        fmt::format("image size n = {} is not allowed: it must be even and between 2 and 4096", scan.n));
  }
  require_range("pixel_a", scan.pixel_a, 0.02, 10.0);
}

} // namespace aet::stem
