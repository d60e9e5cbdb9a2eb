// Each tilt and frozen-phonon configuration is kept in a folder of checkpoints as soon as it is computed, so
// that a run that was stopped, however roughly, loses one of them at most. The folder's name tells the exact
// work, so a checkpoint of other settings is never taken. Ranks share work through this folder, which makes
// the result the same for any number of them.
#include "validation/synthesis/imaging.hpp"

#include "sim/core/error.hpp"
#include "sim/core/io/mrc.hpp"
#include "sim/core/io/tilt_files.hpp"
#include "sim/core/random.hpp"
#include "sim/stem/cost.hpp"
#include "sim/stem/kinematic.hpp"
#include "sim/stem/thermal_motion.hpp"
#include "validation/manifest/usage.hpp"
#include "validation/synthesis/microscope_truth.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <utility>

namespace aet::validation {

namespace fs = std::filesystem;

namespace {

/// What tomography takes an image for: the projection at focus.
core::Image linear_image(const core::Atoms& atoms, const stem::TiltSeriesOptions& series,
                         const stem::TiltTruth& truth, const stem::Scan& scan, core::Threads threads) {
  const core::Image sharp = stem::simulate_kinematic_image(
      {stem::shifted(atoms, truth.orientation, truth.shift), truth.orientation, scan}, series.stem,
      {.depth_of_focus = false}, threads);
  return stem::gaussian_blur(sharp, series.source_sd_a / scan.pixel_a);
}

} // namespace

namespace {

/// What an image takes for the thermal motion.
std::string thermal_note(const stem::StemOptions& stem) {
  if (stem::averages_analytically(stem)) return "Images are averaged over all of their motion.";
  const int drawn = stem::drawn_configurations(stem);
  if (stem.phonons.sampling != stem::PhononSampling::independent) {
    return fmt::format("Each image is the mean of {} moments, in pairs of opposite displacements.", drawn);
  }
  return fmt::format("Each image is the mean of {} frozen snapshot{}{}", drawn, drawn > 1 ? "s." : ",",
                     drawn > 1 ? "" : " which displaces its atoms; phonons = \"average\" does not.");
}

/// `needed` different numbers below `there`, the same for the same image.
std::vector<std::size_t> drawn_snapshots(std::size_t there, std::size_t needed,
                                         const stem::TiltSeriesOptions& series, std::size_t tilt) {
  core::RandomStream random(series.seed, "phonon.snapshot", {series.frame, static_cast<std::uint32_t>(tilt)});
  std::vector<std::size_t> all(there);
  std::iota(all.begin(), all.end(), std::size_t{0});
  for (std::size_t i = 0; i < needed; ++i) {
    const auto among = static_cast<double>(there - i);
    std::swap(all[i], all[i + static_cast<std::size_t>(random.uniform() * among)]);
  }
  all.resize(needed);
  return all;
}

/// The atoms at the moment of a trajectory that is configuration `number` of an image.
core::Atoms moment_of(const core::Atoms& atoms, const md::Vibrations& vibrations,
                      const stem::TiltSeriesOptions& series, std::size_t tilt, int number) {
  const stem::PhononOptions& phonons = series.stem.phonons;
  const bool pairs = phonons.sampling == stem::PhononSampling::pairs;
  const auto drawn = static_cast<std::size_t>(pairs ? number / 2 : number);
  const auto chosen = drawn_snapshots(vibrations.size(), drawn + 1, series, tilt);
  return md::displaced(atoms, vibrations, chosen[drawn], pairs && number % 2 == 1 ? -1.0 : 1.0);
}

/// Atoms as the linear model takes them: with the u_rms of the vibrations, if there are any.
core::Atoms with_motion_of(core::Atoms atoms, const md::Vibrations& vibrations) {
  if (vibrations.size() == 0) return atoms;
  std::erase_if(atoms.columns, [](const auto& column) { return column.first.starts_with("u_aniso"); });
  atoms.columns["u_rms"] = md::rms_along_an_axis(vibrations);
  return atoms;
}

/// The same images of atoms that do not vibrate.
stem::TiltSeriesOptions at_rest(stem::TiltSeriesOptions series) {
  series.stem.phonons = {.u_rms_a = 0.0};
  return series;
}

/// Mean over configurations, in their order.
std::vector<core::Image> mean_of(const std::vector<std::vector<core::Image>>& configurations) {
  if (configurations.size() == 1) return configurations.front();
  std::vector<core::Image> out = configurations.front();
  for (std::size_t s = 0; s < out.size(); ++s) {
    for (std::size_t i = 0; i < out[s].data.size(); ++i) {
      double sum = 0.0;
      for (const auto& images : configurations)
        sum += static_cast<double>(images[s].data[i]);
      out[s].data[i] = static_cast<float>(sum / static_cast<double>(configurations.size()));
    }
  }
  return out;
}

} // namespace

ImagedMoment image_atoms(const core::Atoms& particle, const ImagesCase& images, const fs::path& partial,
                         const Ranks& ranks, core::Threads threads, const core::ProgressSink& progress,
                         const md::Vibrations& vibrations) {
  if (images.phonon_trajectory && vibrations.size() == 0) {
    throw core::ConfigError(
        "phonons = \"trajectory\" needs moments of the specimen: name a file of them with "
        "phonon_trajectory, or use phonons = \"pairs\"");
  }
  ImagedMoment out;
  const stem::TiltSeriesOptions& series = images.series;
  out.truth = stem::draw_truth(series.orientations, series.scan, images.microscope);
  stem::require_inside_exposures(particle, out.truth, series.scan);
  const stem::Scan simulated = stem::simulated_scan(out.truth, series.scan, series.stem, images.microscope);
  std::vector<core::Mat3> true_orientations;
  for (const stem::TiltTruth& tilt : out.truth)
    true_orientations.push_back(tilt.orientation);
  const core::Atoms film =
      stem::membrane_atoms(images.membrane, particle, true_orientations, simulated, series.seed);
  const core::Atoms atoms = stem::on_membrane(particle, film);
  // The probe is focused on the particle, with and without a film beside it.
  const auto focused = [&](std::size_t tilt) {
    stem::TiltSeriesOptions of_tilt = series;
    if (film.size() > 0 && !series.stem.probe.focus_z_a)
      of_tilt.stem.probe.focus_z_a = stem::middle_along_beam(particle, true_orientations[tilt]);
    return of_tilt;
  };
  stem::TiltSeriesOptions sampled = series;
  sampled.scan = simulated;
  stem::require_memory(atoms, sampled, threads, available_memory_bytes() / ranks.size_here());
  const std::size_t tilts = out.truth.size();
  const auto configurations = static_cast<std::size_t>(stem::drawn_configurations(series.stem));
  const auto checkpoint = [&](std::size_t tilt, std::size_t configuration) {
    return partial / fmt::format("{}_{:04}_{:03}.mrc", series.frame, tilt, configuration);
  };
  const double total = static_cast<double>(tilts);
  for (std::size_t unit = 0; unit < tilts * configurations; ++unit) {
    const std::size_t tilt = unit / configurations;
    const fs::path file = checkpoint(tilt, unit % configurations);
    const double begun = static_cast<double>(unit) / static_cast<double>(configurations);
    if (ranks.takes(unit) && !fs::exists(file)) {
      const auto within = [&](const core::Progress& p) {
        const double part = p.total > 0.0 ? p.done / p.total : 0.0;
        core::report(progress, {begun + part / static_cast<double>(configurations), total, "tilts", ""});
      };
      const auto number = static_cast<int>(unit % configurations);
      const stem::TiltSeriesOptions of_tilt = vibrations.size() == 0 ? focused(tilt) : at_rest(focused(tilt));
      const core::Atoms moment =
          vibrations.size() == 0
              ? atoms
              : stem::on_membrane(moment_of(particle, vibrations, series, tilt, number), film);
      const auto signals = stem::simulate_true_signals(moment, {of_tilt, out.truth[tilt], tilt, simulated},
                                                       number, threads, within);
      std::vector<core::Image> recorded{signals.annulus};
      recorded.insert(recorded.end(), signals.ranges.begin(), signals.ranges.end());
      recorded.insert(recorded.end(), signals.pattern.begin(), signals.pattern.end());
      core::write_mrc_stack(file, recorded, simulated.pixel_a);
    }
    core::report(progress, {begun + 1.0 / static_cast<double>(configurations), total, "tilts", ""});
  }
  ranks.wait_for_all();
  if (!ranks.is_first()) return out;

  const core::Atoms vibrating = stem::on_membrane(with_motion_of(particle, vibrations), film);
  std::vector<core::Image> computed;
  std::vector<core::Image> linear;
  for (std::size_t tilt = 0; tilt < tilts; ++tilt) {
    std::vector<std::vector<core::Image>> recorded;
    for (std::size_t c = 0; c < configurations; ++c)
      recorded.push_back(core::read_mrc_stack(checkpoint(tilt, c)).images);
    std::vector<core::Image> mean = mean_of(recorded);
    for (core::Image& image : mean)
      image = stem::gaussian_blur(image, series.source_sd_a / simulated.pixel_a);
    computed.push_back(std::move(mean.front()));
    mean.erase(mean.begin());
    if (!mean.empty()) out.further.push_back(std::move(mean));
    if (series.stem.method == stem::Method::fast) {
      const stem::TiltSeriesOptions of_tilt = focused(tilt);
      out.settings.push_back(stem::settings_of(atoms, {of_tilt, out.truth[tilt], tilt, simulated}, threads));
    }
    linear.push_back(linear_image(vibrating, series, out.truth[tilt], simulated, threads));
  }
  out.further_pixel_a = simulated.pixel_a;
  out.model_error = stem::model_error(computed, linear);
  out.acquisition = stem::acquire(computed, simulated, out.truth, series, images.microscope, images.noise);
  return out;
}

std::vector<fs::path> write_imaged_moment(const fs::path& mrc, const ImagedMoment& moment,
                                          const ImagesCase& images) {
  std::vector<fs::path> written;
  const auto beside = [&](const std::string& ending) {
    return fs::path(mrc).replace_filename(mrc.stem().string() + ending);
  };
  const auto series = [&](const fs::path& path, const core::TiltSeries& tilts) {
    core::write_tilt_series(path, tilts);
    written.push_back(path);
    if (core::is_single_axis(tilts)) written.push_back(fs::path(path).replace_extension(".rawtlt"));
    written.push_back(fs::path(path).replace_extension(".json"));
  };
  const auto stack = [&](const std::string& ending, const std::vector<core::Image>& stacked) {
    written.push_back(beside(ending));
    core::write_mrc_stack(written.back(), stacked, images.series.scan.pixel_a);
  };
  const stem::Acquisition& a = moment.acquisition;
  series(mrc, a.series);
  if (images.keep_exposures && !a.exposures.images.empty()) series(beside("_exposures.mrc"), a.exposures);
  stack("_clean.mrc", a.expected);
  stack("_background.mrc", a.background);
  // One stack for each further signal, an image per tilt; one for the diffraction pattern, ring by ring.
  const auto& further = images.series.stem.further;
  const auto further_stack = [&](const std::string& ending, std::size_t first, std::size_t last) {
    std::vector<core::Image> stacked;
    for (const auto& of_tilt : moment.further)
      stacked.insert(stacked.end(), of_tilt.begin() + static_cast<std::ptrdiff_t>(first),
                     of_tilt.begin() + static_cast<std::ptrdiff_t>(last));
    written.push_back(beside(ending));
    core::write_mrc_stack(written.back(), stacked, moment.further_pixel_a);
  };
  for (std::size_t r = 0; r < further.ranges.size(); ++r) {
    const stem::AngleRange& range = further.ranges[r];
    const std::string part =
        range.segments > 1 ? fmt::format("_{}of{}", range.segment + 1, range.segments) : "";
    further_stack(fmt::format("_{}-{}mrad{}.mrc", range.inner_mrad, range.outer_mrad, part), r, r + 1);
  }
  if (further.pattern_bin_mrad > 0.0)
    further_stack("_pattern.mrc", further.ranges.size(), moment.further.front().size());
  written.push_back(beside("_truth.json"));
  write_microscope_truth(written.back(), moment.truth, moment.settings, images);
  written.push_back(beside("_model_error.json"));
  write_model_error(written.back(), moment.model_error);
  return written;
}

md::Vibrations read_vibrations(const core::Atoms& atoms, const ImagesCase& images,
                               const fs::path& trajectory) {
  if (!images.phonon_trajectory) return {};
  md::Vibrations vibrations =
      md::vibrations_about(atoms, md::read_snapshots(trajectory), trajectory.string());
  const auto needed = static_cast<std::size_t>(snapshots_needed(images));
  if (vibrations.size() < needed) {
    throw core::DataError(
        fmt::format("{}: it holds {} moments, but each image needs {}; give more of them, or "
                    "fewer phonon_configurations",
                    trajectory.string(), vibrations.size(), needed));
  }
  try {
    static_cast<void>(stem::thermal_motion(with_motion_of(atoms, vibrations), {}));
  } catch (const core::DataError& e) {
    throw core::DataError(fmt::format("{}: {}", trajectory.string(), e.what()));
  }
  return vibrations;
}

std::string columns_note(const std::vector<stem::CheckedSettings>& settings) {
  std::string tilts;
  double pixel = 0.0;
  double worst = 0.0;
  for (std::size_t t = 0; t < settings.size(); ++t) {
    if (!settings[t].along_columns) continue;
    tilts += fmt::format("{}{}", tilts.empty() ? "" : ", ", t + 1);
    pixel = settings[t].options.fast.pixel_a;
    worst = std::max(worst, settings[t].r1);
  }
  if (tilts.empty()) return {};
  return fmt::format(
      "the beam runs along columns of atoms in image {}: taken with pixels of {} A, expected to "
      "deviate from multislice in thin slices by R1 = {:.1f} %.",
      tilts, pixel, 100.0 * worst);
}

std::string vibrations_note(const md::Vibrations& vibrations, const ImagesCase& images) {
  const std::vector<double> u = md::rms_along_an_axis(vibrations);
  double square = 0.0;
  for (const double each : u)
    square += each * each / static_cast<double>(u.size());
  const int needed = snapshots_needed(images);
  return fmt::format(
      "Atoms vibrate together as in molecular dynamics: each image is the mean of {} of {} moments{}. rms "
      "displacement along one axis {:.4f} A; correlation of a moment with the next {:.2f} (0: independent).",
      needed, vibrations.size(),
      images.series.stem.phonons.sampling == stem::PhononSampling::pairs
          ? ", each also with opposite displacements"
          : "",
      std::sqrt(square), md::correlation_in_time(vibrations));
}

std::vector<std::string> imaging_notes(const ImagesCase& images) {
  std::vector<std::string> notes;
  const stem::MicroscopeOptions& o = images.microscope;
  std::string simulated;
  std::string left_out;
  const auto tell = [&](bool is_simulated, const std::string& what) {
    std::string& list = is_simulated ? simulated : left_out;
    list += (list.empty() ? "" : ", ") + what;
  };
  const auto& e = o.angle_error_sd_deg;
  tell(e != std::array<double, 3>{}, "angle errors");
  tell(o.shift_sd_a > 0.0, "shifts");
  tell(o.drift_a_per_exposure.norm() + o.drift_sd_a_per_exposure + o.drift_walk_sd_a > 0.0, "drift");
  tell(stem::distortion_matrix(o.distortion) != stem::Mat2::Identity() || o.scan_matrix ||
           o.distortion_sd_percent > 0.0,
       "scan distortion");
  tell(o.defocus_sd_a > 0.0, "defocus errors");
  tell(o.aberration_sd_deg != std::array<double, 5>{}, "residual aberrations");
  const auto& b = o.background;
  tell(b.film_fraction + b.slope_sd_fraction + b.grain_sd_fraction + b.neighbour_fraction > 0.0,
       "background");
  tell(o.hot_pixel_fraction > 0.0, "hot pixels");
  tell(o.saturation_counts.has_value(), "saturation");
  if (!simulated.empty()) {
    notes.push_back(fmt::format(
        "Errors of the microscope that are simulated, written beside the series as truth: {}.", simulated));
  }
  if (!left_out.empty())
    notes.push_back(fmt::format("Errors of the microscope that are not simulated: {}.", left_out));
  if (o.exposures_per_tilt > 1) {
    notes.push_back(
        fmt::format("{} exposures per tilt share its dose; the series holds their plain mean, without "
                    "registration.",
                    o.exposures_per_tilt));
  }
  if (images.membrane.material != stem::MembraneMaterial::none) {
    notes.push_back(fmt::format(
        "The particle lies on {:.0f} A of {} as atoms, put down at random at the right density and distance, "
        "without bonds or vibrations.",
        images.membrane.thickness_a,
        images.membrane.material == stem::MembraneMaterial::carbon ? "amorphous carbon"
                                                                   : "amorphous silicon nitride"));
  }
  if (!images.phonon_trajectory) {
    notes.push_back(
        "Atoms vibrate independently of each other (Einstein model), with the u_aniso or u_rms of "
        "the specimen unless u_rms_a is given. " +
        thermal_note(images.series.stem));
  }
  if (images.series.stem.method == stem::Method::kinematic) {
    notes.emplace_back(
        "Images by the kinematic method: every atom scatters alone, without absorption, channelling "
        "or multiple scattering; method = \"fast\" has them.");
  }
  if (images.series.stem.method == stem::Method::fast) {
    notes.emplace_back(
        "Images by the fast method: band-limited waves in a local window, electrons counted by their "
        "complement; method = \"multislice\" is the reference.");
  }
  return notes;
}

} // namespace aet::validation
