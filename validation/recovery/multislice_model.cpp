#include "validation/recovery/multislice_model.hpp"

#include "sim/core/elements.hpp"
#include "sim/core/error.hpp"
#include "sim/stem/image.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <string>

namespace aet::validation {

namespace {

double known(const std::optional<double>& given, const std::optional<double>& recorded, const char* key,
             const char* what) {
  if (given) return *given;
  if (recorded) return *recorded;
  throw core::ConfigError(fmt::format("physics = \"multislice\" needs the {}, which is not recorded with the "
                                      "series: give [refine.instrument] "
                                      "{} (--instrument-{})",
                                      what, key, [](std::string text) {
                                        std::replace(text.begin(), text.end(), '_', '-');
                                        return text;
                                      }(key)));
}

stem::StemOptions instrument_of(const core::Microscope& recorded, const core::Microscope& given) {
  stem::StemOptions o;
  stem::set_accuracy(o, 0.005);
  o.phonons.sampling = stem::PhononSampling::average;
  o.probe.energy_kv = known(given.energy_kv, recorded.energy_kv, "energy_kv", "voltage");
  o.probe.convergence_mrad =
      known(given.convergence_mrad, recorded.convergence_mrad, "convergence_mrad", "probe's semi-angle");
  o.detector.inner_mrad = known(given.detector_inner_mrad, recorded.detector_inner_mrad,
                                "detector_inner_mrad", "detector's inner edge");
  o.detector.outer_mrad = known(given.detector_outer_mrad, recorded.detector_outer_mrad,
                                "detector_outer_mrad", "detector's outer edge");
  o.probe.c3_mm = given.c3_mm.value_or(recorded.c3_mm.value_or(0.0));
  o.probe.c5_mm = given.c5_mm.value_or(recorded.c5_mm.value_or(0.0));
  stem::validate(o);
  return o;
}

/// The middle nx x ny pixels, origin on pixel (nx / 2, ny / 2).
core::Image middle_of(const core::Image& image, int nx, int ny) {
  core::Image out(nx, ny);
  for (int y = 0; y < ny; ++y) {
    for (int x = 0; x < nx; ++x)
      out.at(x, y) = image.at(x + image.nx / 2 - nx / 2, y + image.ny / 2 - ny / 2);
  }
  return out;
}

} // namespace

recon::ForwardModel multislice_model(const core::TiltSeries& series, const std::vector<int>& elements,
                                     const PhysicsSettings& settings, core::Threads threads) {
  const stem::StemOptions options = instrument_of(series.microscope, settings.instrument);
  if (settings.u_rms_a.size() != 1 && settings.u_rms_a.size() != elements.size()) {
    throw core::ConfigError(fmt::format("[refine] physics_u_rms_a holds {} displacements, but the model has "
                                        "{} elements: give one, or one for "
                                        "each by rising atomic number",
                                        settings.u_rms_a.size(), elements.size()));
  }
  const int nx = series.images.front().nx;
  const int ny = series.images.front().ny;
  const int edge = std::max(nx, ny) + 1;
  const stem::Scan scan{edge + edge % 2, series.pixel_size};
  return [=, u = settings.u_rms_a](const recon::Scene& scene, const core::ProgressSink& progress) {
    core::Atoms atoms;
    for (const int species : scene.species) {
      const auto s = static_cast<std::size_t>(species);
      atoms.atomic_numbers.push_back(elements[s]);
      atoms.columns["u_rms"].push_back(u.size() == 1 ? u.front() : u[s]);
    }
    std::vector<core::Image> images;
    for (std::size_t t = 0; t < scene.tilts.size(); ++t) {
      const recon::Pose& pose = scene.tilts[t].pose;
      const core::Vec3 moved = pose.orientation.transpose() * core::Vec3(pose.shift.x(), pose.shift.y(), 0.0);
      atoms.positions = scene.positions;
      for (core::Vec3& r : atoms.positions)
        r += moved;
      const auto within = [&](const core::Progress& p) {
        core::report(progress, {static_cast<double>(t) + (p.total > 0.0 ? p.done / p.total : 0.0),
                                static_cast<double>(scene.tilts.size()), "tilts", ""});
      };
      images.push_back(
          middle_of(stem::simulate_image({atoms, pose.orientation, scan}, options, threads, within), nx, ny));
    }
    return images;
  };
}

} // namespace aet::validation
