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

json rows(const core::Mat3& m) {
  json out = json::array();
  for (int i = 0; i < 3; ++i)
    out.push_back({m(i, 0), m(i, 1), m(i, 2)});
  return out;
}

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
    throw core::DataError(fmt::format("{} is no JSON file: {}", path.string(), e.what()));
  }
}

} // namespace

void write_poses(const std::filesystem::path& path, const recon::PoseRefinement& refined,
                 const core::TiltSeries& given) {
  json j;
  j["format"] = "aetval poses 1";
  j["convention"] =
      "r' = orientation r, orientation = Rz(e0) Ry(e1) Rx(e2); the projected rotation centre lies "
      "shift_px off pixel n/2 along (x, y)";
  j["tilts"] = json::array();
  const double pixel = given.pixel_size;
  for (std::size_t i = 0; i < refined.tilts.size(); ++i) {
    const recon::RefinedTilt& tilt = refined.tilts[i];
    j["tilts"].push_back({{"given", rows(given.orientations.at(i))},
                          {"orientation", rows(tilt.pose.orientation)},
                          {"given_euler_deg", euler_degrees(given.orientations.at(i))},
                          {"euler_deg", euler_degrees(tilt.pose.orientation)},
                          {"shift_px", {tilt.pose.shift.x() / pixel, tilt.pose.shift.y() / pixel}},
                          {"turn_deg", tilt.turn_deg},
                          {"scale", tilt.scale},
                          {"misfit", tilt.misfit}});
  }
  j["rounds"] = json::array();
  for (const recon::PoseRound& round : refined.rounds) {
    j["rounds"].push_back({{"blur_a", round.blur_a},
                           {"turn_deg", round.turn_deg},
                           {"shift_px", round.shift_px},
                           {"misfit", round.misfit}});
  }
  core::write_file(path, j.dump(1) + "\n");
}

PoseScore score_poses(const std::filesystem::path& poses, const std::filesystem::path& truth) {
  const json found = parsed(poses);
  const json wanted = parsed(truth);
  std::vector<TiltPose> before;
  std::vector<TiltPose> after;
  std::vector<TiltPose> right;
  try {
    for (const json& tilt : found.at("tilts")) {
      before.push_back({matrix(tilt.at("given")), {}});
      after.push_back({matrix(tilt.at("orientation")), tilt.at("shift_px").get<std::array<double, 2>>()});
    }
    const double pixel = wanted.at("pixel_a").get<double>();
    for (const json& tilt : wanted.at("tilts")) {
      auto shift = tilt.at("shift_a").get<std::array<double, 2>>();
      // Exposures are brought to their mean place, which drifted off the tilt's.
      const json& frames = tilt.at("frames");
      for (const json& frame : frames) {
        for (std::size_t axis = 0; axis < 2; ++axis) {
          shift[axis] += 0.5 *
                         (frame.at("drift_start_a").at(axis).get<double>() +
                          frame.at("drift_end_a").at(axis).get<double>()) /
                         static_cast<double>(frames.size());
        }
      }
      right.push_back({matrix(tilt.at("orientation")), {shift[0] / pixel, shift[1] / pixel}});
    }
  } catch (const json::exception& e) {
    throw core::DataError(fmt::format("{} or {} lacks what a comparison of poses needs: {}", poses.string(),
                                      truth.string(), e.what()));
  }
  return {pose_residual(before, right), pose_residual(after, right)};
}

std::string sentence(const PoseScore& score) {
  return fmt::format(
      "Tilts were off the truth by {:.3f} degrees and {:.3f} pixels (rms an axis, the specimen's "
      "own turn and shift taken off) as given, and by {:.3f} degrees and {:.3f} pixels after "
      "refinement.",
      score.before.angle_rms_deg, score.before.shift_rms_px, score.after.angle_rms_deg,
      score.after.shift_rms_px);
}

} // namespace aet::validation
