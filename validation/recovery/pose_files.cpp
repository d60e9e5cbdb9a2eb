#include "validation/recovery/pose_files.hpp"

#include "sim/core/error.hpp"
#include "sim/core/io/file.hpp"
#include "sim/core/orientation.hpp"
#include "sim/core/units.hpp"

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include <vector>

namespace aet::validation {

using nlohmann::json;

namespace {

core::Mat3 matrix(const json& rows_of) {
  core::Mat3 out;
  for (int i = 0; i < 3; ++i) {
    for (int k = 0; k < 3; ++k)
      out(i, k) = rows_of.at(static_cast<std::size_t>(i)).at(static_cast<std::size_t>(k)).get<double>();
  }
  return out;
}

json euler_degrees(const core::Mat3& m) {
  const core::Euler e = core::euler_from_rotation(m);
  return {e.phi / core::radian_per_degree, e.theta / core::radian_per_degree,
          e.psi / core::radian_per_degree};
}

json parsed(const std::filesystem::path& path) {
  try {
    return json::parse(core::read_file(path));
  } catch (const json::exception& e) {
    throw core::DataError(fmt::format("{} is not a JSON file: {}", path.string(), e.what()));
  }
}

} // namespace

void write_alignment_report(const std::filesystem::path& path, const recon::Alignment& found,
                            const core::TiltSeries& given) {
  json j;
  j["format"] = "aetval alignment 1";
  j["convention"] =
      "orientation = Rz(e0) Ry(e1) Rx(e2), r' = orientation r; the rotation centre appears shift_a off "
      "pixel n/2";
  j["tilts"] = json::array();
  for (std::size_t i = 0; i < found.tilts.size(); ++i) {
    const recon::RefinedTilt& tilt = found.tilts[i];
    const core::Vec2 shift = shift_of(found.series, i);
    j["tilts"].push_back({{"given_euler_deg", euler_degrees(given.orientations.at(i))},
                          {"euler_deg", euler_degrees(tilt.pose.orientation)},
                          {"shift_a", {shift.x(), shift.y()}},
                          {"turn_deg", tilt.turn_deg},
                          {"scale", tilt.scale},
                          {"misfit", tilt.misfit}});
  }
  j["rounds"] = json::array();
  for (const recon::PoseRound& round : found.rounds) {
    j["rounds"].push_back({{"blur_a", round.blur_a},
                           {"turn_deg", round.turn_deg},
                           {"shift_px", round.shift_px},
                           {"misfit", round.misfit}});
  }
  j["notes"] = found.notes;
  core::write_file(path, j.dump(1) + "\n");
}

namespace {

std::vector<TiltPose> poses_of(const core::TiltSeries& series) {
  std::vector<TiltPose> poses;
  for (std::size_t t = 0; t < series.size(); ++t) {
    const core::Vec2 shift = shift_of(series, t) / series.pixel_size;
    poses.push_back({series.orientations[t], {shift.x(), shift.y()}});
  }
  return poses;
}

std::vector<TiltPose> true_poses(const std::filesystem::path& truth) {
  const json wanted = parsed(truth);
  std::vector<TiltPose> right;
  try {
    const double pixel = wanted.at("pixel_a").get<double>();
    for (const json& tilt : wanted.at("tilts")) {
      auto shift = tilt.at("shift_a").get<std::array<double, 2>>();
      // Exposures are brought to their mean place, which drifted off the tilt's.
      const json& exposures = tilt.contains("frames") ? tilt.at("frames") : tilt.at("exposures"); // old, new
      for (const json& exposure : exposures) {
        for (std::size_t axis = 0; axis < 2; ++axis) {
          shift[axis] += 0.5 *
                         (exposure.at("drift_start_a").at(axis).get<double>() +
                          exposure.at("drift_end_a").at(axis).get<double>()) /
                         static_cast<double>(exposures.size());
        }
      }
      right.push_back({matrix(tilt.at("orientation")), {shift[0] / pixel, shift[1] / pixel}});
    }
  } catch (const json::exception& e) {
    throw core::DataError(
        fmt::format("{} lacks what a comparison of poses needs: {}", truth.string(), e.what()));
  }
  return right;
}

} // namespace

PoseScore score_poses(const core::TiltSeries& before, const core::TiltSeries& after,
                      const std::filesystem::path& truth) {
  const std::vector<TiltPose> right = true_poses(truth);
  return {pose_residual(poses_of(before), right), pose_residual(poses_of(after), right)};
}

std::string sentence(const PoseScore& score) {
  return fmt::format(
      "Tilts were off the truth by {:.3f} degrees and {:.3f} pixels (rms per axis, the specimen's "
      "own rotation and shift removed) as given, and by {:.3f} degrees and {:.3f} pixels after "
      "refinement.",
      score.before.angle_rms_deg, score.before.shift_rms_px, score.after.angle_rms_deg,
      score.after.shift_rms_px);
}

} // namespace aet::validation
