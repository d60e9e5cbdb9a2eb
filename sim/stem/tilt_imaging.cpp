#include "sim/stem/tilt_imaging.hpp"

#include "sim/core/error.hpp"
#include "sim/core/orientation.hpp"
#include "sim/core/units.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <utility>

namespace aet::stem {

std::vector<core::Mat3> single_axis_tilts(const std::vector<double>& angles_deg) {
  std::vector<core::Mat3> out;
  out.reserve(angles_deg.size());
  for (const double angle : angles_deg)
    out.push_back(core::tilt_rotation(angle * core::radian_per_degree));
  return out;
}

void validate(const TiltSeriesOptions& options) {
  if (options.orientations.empty()) {
    throw core::ConfigError("the tilt series has no tilt angles: give at least one");
  }
  for (std::size_t i = 0; i < options.orientations.size(); ++i) {
    require_rotation(options.orientations[i], fmt::format("orientation {}", i + 1));
  }
  if (!(options.source_sd_a >= 0.0 && options.source_sd_a <= 2.0)) {
    throw core::ConfigError(
        fmt::format("source_sd_a = {} is out of range: allowed is 0 to 2 angstrom", options.source_sd_a));
  }
  validate(options.scan);
  validate(options.stem);
}

void require_inside_field(const core::Atoms& atoms, const TiltSeriesOptions& options) {
  double reach = 0.0;
  std::size_t worst = 0;
  for (std::size_t i = 0; i < options.orientations.size(); ++i) {
    for (const auto& r : atoms.positions) {
      const core::Vec3 p = options.orientations[i] * r;
      const double here = std::max(std::abs(p.x()), std::abs(p.y()));
      if (here > reach) {
        reach = here;
        worst = i;
      }
    }
  }
  const double half = 0.5 * options.scan.n * options.scan.pixel_a;
  if (reach <= half) return;
  throw core::ConfigError(fmt::format("at tilt {} an atom lies {:.2f} A from the image centre, outside the "
                                      "field of {} x {} pixels of {} A: use at "
                                      "least {} pixels",
                                      worst + 1, reach, options.scan.n, options.scan.n, options.scan.pixel_a,
                                      2 * static_cast<int>(std::ceil(reach / options.scan.pixel_a))));
}

core::Image gaussian_blur(const core::Image& image, double sd) {
  if (sd <= 0.0) return image;
  // Beyond 5 standard deviations less than 1e-6 of the weight is left.
  const int reach = static_cast<int>(std::ceil(5.0 * sd));
  std::vector<double> kernel;
  double sum = 0.0;
  for (int i = -reach; i <= reach; ++i) {
    kernel.push_back(std::exp(-0.5 * i * i / (sd * sd)));
    sum += kernel.back();
  }
  for (double& k : kernel)
    k /= sum;
  core::Image rows(image.nx, image.ny);
  core::Image out(image.nx, image.ny);
  for (int y = 0; y < image.ny; ++y) {
    for (int x = 0; x < image.nx; ++x) {
      double value = 0.0;
      for (int i = std::max(-reach, -x); i <= std::min(reach, image.nx - 1 - x); ++i) {
        value += kernel[static_cast<std::size_t>(i + reach)] * static_cast<double>(image.at(x + i, y));
      }
      rows.at(x, y) = static_cast<float>(value);
    }
  }
  for (int y = 0; y < image.ny; ++y) {
    for (int x = 0; x < image.nx; ++x) {
      double value = 0.0;
      for (int i = std::max(-reach, -y); i <= std::min(reach, image.ny - 1 - y); ++i) {
        value += kernel[static_cast<std::size_t>(i + reach)] * static_cast<double>(rows.at(x, y + i));
      }
      out.at(x, y) = static_cast<float>(value);
    }
  }
  return out;
}

core::Image simulate_tilt_image(const core::Atoms& atoms, const TiltSeriesOptions& options, std::size_t tilt,
                                core::Threads threads, const core::ProgressSink& progress) {
  validate(options);
  if (tilt >= options.orientations.size()) {
    throw core::ConfigError(
        fmt::format("tilt {} was asked for, but the series has {}", tilt + 1, options.orientations.size()));
  }
  require_inside_field(atoms, options);
  const ImageKey key{options.seed, options.frame, static_cast<std::uint32_t>(tilt)};
  const core::Image sharp =
      simulate_image({atoms, options.orientations[tilt], options.scan, key}, options.stem, threads, progress);
  return gaussian_blur(sharp, options.source_sd_a / options.scan.pixel_a);
}

core::TiltSeries assemble_tilt_series(std::vector<core::Image> images, const TiltSeriesOptions& options) {
  core::TiltSeries series;
  series.images = std::move(images);
  series.orientations = options.orientations;
  series.pixel_size = options.scan.pixel_a;
  series.intensity = core::Intensity::fraction;
  const StemOptions& stem = options.stem;
  series.microscope.energy_kv = stem.probe.energy_kv;
  series.microscope.convergence_mrad = stem.probe.convergence_mrad;
  const auto set = [&](std::size_t number) { return stem.probe.further[number].real() / angstrom_per_mm; };
  series.microscope.c3_mm = stem.probe.c3_mm + set(aberration_number("C3"));
  series.microscope.c5_mm = stem.probe.c5_mm + set(aberration_number("C5"));
  series.microscope.detector_inner_mrad = stem.detector.inner_mrad;
  series.microscope.detector_outer_mrad = stem.detector.outer_mrad;
  core::validate(series, "simulated tilt series");
  return series;
}

core::TiltSeries simulate_tilt_series(const core::Atoms& atoms, const TiltSeriesOptions& options,
                                      core::Threads threads, const core::ProgressSink& progress) {
  validate(options);
  const std::size_t count = options.orientations.size();
  std::vector<core::Image> images;
  for (std::size_t tilt = 0; tilt < count; ++tilt) {
    const core::ProgressSink within = [&](const core::Progress& p) {
      const double part = p.total > 0.0 ? p.done / p.total : 0.0;
      core::report(progress, {static_cast<double>(tilt) + part, static_cast<double>(count), "tilts", ""});
    };
    images.push_back(simulate_tilt_image(atoms, options, tilt, threads, within));
  }
  return assemble_tilt_series(std::move(images), options);
}

} // namespace aet::stem
