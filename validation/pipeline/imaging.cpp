// Each tilt is kept in a folder of checkpoints as soon as it is computed, so that a run that was stopped,
// however roughly, loses one tilt at most. The folder's name tells the exact work, so a checkpoint of other
// settings is never taken.
#include "validation/pipeline/imaging.hpp"

#include "sim/core/io/mrc.hpp"
#include "sim/core/io/tilt_files.hpp"
#include "sim/stem/kinematic.hpp"
#include "validation/pipeline/microscope_truth.hpp"

#include <fmt/format.h>

#include <array>
#include <utility>

namespace aet::validation {

namespace fs = std::filesystem;

namespace {

/// What tomography takes an image for: the projection at focus.
core::Image linear_image(const core::Atoms& atoms, const stem::TiltSeriesOptions& series,
                         const stem::TiltTruth& truth, const stem::Scan& scan, core::Threads threads) {
  const core::Image sharp =
      stem::simulate_kinematic_image(stem::shifted(atoms, truth.orientation, truth.shift), truth.orientation,
                                     scan, series.stem, {.depth_of_focus = false}, threads);
  return stem::gaussian_blur(sharp, series.source_sd_a / scan.pixel_a);
}

} // namespace

ImagedMoment image_atoms(const core::Atoms& atoms, const ImagesCase& images, const fs::path& partial,
                         core::Threads threads, const core::ProgressSink& progress) {
  ImagedMoment out;
  const stem::TiltSeriesOptions& series = images.series;
  out.truth = stem::draw_truth(series.orientations, series.scan, images.microscope);
  stem::require_inside_frames(atoms, out.truth, series.scan);
  const stem::Scan simulated = stem::simulated_scan(out.truth, series.scan, series.stem, images.microscope);
  const std::size_t tilts = out.truth.size();
  std::vector<core::Image> computed;
  std::vector<core::Image> linear;
  for (std::size_t tilt = 0; tilt < tilts; ++tilt) {
    const fs::path checkpoint = partial / fmt::format("{}_{:04}.mrc", series.frame, tilt);
    if (fs::exists(checkpoint)) {
      computed.push_back(core::read_mrc_stack(checkpoint).images.at(0));
    } else {
      const auto within = [&](const core::Progress& p) {
        const double part = p.total > 0.0 ? p.done / p.total : 0.0;
        core::report(progress, {static_cast<double>(tilt) + part, static_cast<double>(tilts), "tilts", ""});
      };
      computed.push_back(
          stem::simulate_true_image(atoms, series, out.truth[tilt], tilt, simulated, threads, within));
      core::write_mrc_stack(checkpoint, {computed.back()}, simulated.pixel_a);
    }
    linear.push_back(linear_image(atoms, series, out.truth[tilt], simulated, threads));
    core::report(progress, {static_cast<double>(tilt + 1), static_cast<double>(tilts), "tilts", ""});
  }
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
  if (images.keep_frames && !a.exposures.images.empty()) series(beside("_frames.mrc"), a.exposures);
  stack("_clean.mrc", a.expected);
  stack("_background.mrc", a.background);
  written.push_back(beside("_truth.json"));
  write_microscope_truth(written.back(), moment.truth, images);
  written.push_back(beside("_model_error.json"));
  write_model_error(written.back(), moment.model_error);
  return written;
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
  tell(o.drift_a_per_frame.norm() + o.drift_sd_a_per_frame + o.drift_walk_sd_a > 0.0, "drift");
  tell(stem::distortion_matrix(o.distortion) != stem::Mat2::Identity() || o.scan_matrix ||
           o.distortion_sd_percent > 0.0,
       "scan distortion");
  tell(o.defocus_sd_a > 0.0, "defocus errors");
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
  if (o.frames_per_tilt > 1) {
    notes.push_back(
        fmt::format("{} exposures a tilt share its dose; the series holds their plain mean, without "
                    "registration.",
                    o.frames_per_tilt));
  }
  notes.emplace_back(
      "Frozen phonons are independent for every atom (Einstein model), with the u_rms of the molecular "
      "dynamics.");
  if (images.series.stem.method == stem::Method::fast) {
    notes.emplace_back(
        "Images by the fast method: band-limited waves in a local window, electrons counted by their "
        "complement; method = \"multislice\" is the reference.");
  }
  return notes;
}

} // namespace aet::validation
