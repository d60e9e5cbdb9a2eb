#include "sim/core/io/angle_files.hpp"

#include "sim/core/error.hpp"
#include "sim/core/io/file.hpp"
#include "sim/core/io/mat.hpp"
#include "sim/core/io/npy.hpp"
#include "sim/core/io/series_arrays.hpp"
#include "sim/core/io/series_description.hpp"
#include "sim/core/io/text_lines.hpp"
#include "sim/core/orientation.hpp"
#include "sim/core/units.hpp"

#include <Eigen/Geometry>
#include <fmt/core.h>

#include <cmath>
#include <string_view>

namespace aet::core {

namespace fs = std::filesystem;

namespace {

Mat3 rotation(double phi, double theta, double psi, AngleConvention convention) {
  const Euler radians{phi * radian_per_degree, theta * radian_per_degree, psi * radian_per_degree};
  switch (convention) {
  case AngleConvention::stage:
    return rotation_from_euler(radians);
  case AngleConvention::genfire:
    // Plane coordinates are the inverse rotation of volume coordinates: Pryor et al., Sci. Rep. 7, 10409
    // (2017), and the rotation matrices of the authors' MATLAB and Python programs.
    return (Eigen::AngleAxisd(radians.phi, Vec3::UnitZ()) * Eigen::AngleAxisd(radians.theta, Vec3::UnitY()) *
            Eigen::AngleAxisd(radians.psi, Vec3::UnitZ()))
        .toRotationMatrix()
        .transpose();
  default:
    return rotation_from_published_euler(radians);
  }
}

constexpr std::string_view convention_words = "angle convention:";

/// What a comment says of the numbers; automatic if it says nothing.
AngleConvention stated_convention(std::string_view comment, const std::string& place) {
  const std::size_t at = comment.find(convention_words);
  if (at == std::string_view::npos) return AngleConvention::automatic;
  constexpr std::string_view end_of_name = " \t\r,;.";
  comment.remove_prefix(at + convention_words.size());
  comment.remove_prefix(std::min(comment.find_first_not_of(end_of_name), comment.size()));
  const std::string name(comment.substr(0, comment.find_first_of(end_of_name)));
  try {
    return angle_convention_from(name);
  } catch (const ConfigError& e) {
    throw DataError(fmt::format("{}: {}", place, e.what()));
  }
}

struct AngleText {
  NumericArray angles; ///< N x 1 or N x 3
  AngleConvention stated = AngleConvention::automatic;
};

/// One or three numbers a line.
AngleText read_text(const fs::path& path) {
  const std::string text = read_file(path);
  AngleText out;
  std::vector<std::vector<double>> rows;
  std::size_t line_number = 0;
  for (std::string_view line : split_lines(text)) {
    ++line_number;
    const std::size_t comment = line.find('#');
    if (comment != std::string_view::npos && out.stated == AngleConvention::automatic)
      out.stated = stated_convention(line.substr(comment), fmt::format("{}:{}", path.string(), line_number));
    std::vector<double> row;
    for (const std::string_view word : split_words(line.substr(0, comment), " \t\r,;")) {
      const auto value = parse_word(word);
      if (!value) {
        throw DataError(fmt::format("{}:{}: '{}' is not a number; a line holds one tilt angle or three Euler "
                                    "angles [degree].",
                                    path.string(), line_number, word));
      }
      row.push_back(*value);
    }
    if (row.empty()) continue;
    if ((row.size() != 1 && row.size() != 3) || (!rows.empty() && row.size() != rows.front().size())) {
      throw DataError(
          fmt::format("{}:{}: {} numbers; every line must hold one tilt angle, or every line three "
                      "Euler angles [degree].",
                      path.string(), line_number, row.size()));
    }
    rows.push_back(std::move(row));
  }
  if (rows.empty()) throw DataError(fmt::format("'{}' holds no angles.", path.string()));
  out.angles.shape = {rows.size(), rows.front().size()};
  for (std::size_t c = 0; c < rows.front().size(); ++c) {
    for (const auto& row : rows)
      out.angles.values.push_back(row[c]);
  }
  return out;
}

/// The convention of a text file: what it says, what was asked for, and for a single column the stage's.
AngleConvention convention_of(const AngleText& text, AngleConvention asked, const fs::path& path) {
  const bool said = text.stated != AngleConvention::automatic;
  if (said && asked != AngleConvention::automatic && asked != text.stated) {
    throw DataError(fmt::format("'{}' says that its angles are of the '{}' convention, not '{}'; leave out "
                                "--angle-convention, or correct the file.",
                                path.string(), angle_convention_name(text.stated),
                                angle_convention_name(asked)));
  }
  if (said || asked != AngleConvention::automatic) return said ? text.stated : asked;
  if (text.angles.shape[1] == 1) return AngleConvention::stage;
  throw DataError(
      fmt::format("'{}' holds three angles an image and does not say what they mean: say it with "
                  "--angle-convention stage, resire or genfire, or by a line '# {} stage' in the file.",
                  path.string(), convention_words));
}

Orientations read_poses(const fs::path& path) {
  SeriesDescription described = read_series_description(path);
  if (described.series.orientations.empty())
    throw DataError(fmt::format("'{}' holds no orientations.", path.string()));
  return {std::move(described.series.orientations), AngleConvention::stage,
          std::move(described.series.shifts), described.series.poses};
}

} // namespace

AngleConvention angle_convention_from(const std::string& name) {
  for (const AngleConvention c : {AngleConvention::automatic, AngleConvention::stage, AngleConvention::resire,
                                  AngleConvention::genfire}) {
    if (angle_convention_name(c) == name) return c;
  }
  throw ConfigError(fmt::format(
      "angle convention '{}' is unknown; allowed are automatic, stage, resire and genfire.", name));
}

std::string angle_convention_name(AngleConvention convention) {
  switch (convention) {
  case AngleConvention::automatic:
    return "automatic";
  case AngleConvention::stage:
    return "stage";
  case AngleConvention::resire:
    return "resire";
  default:
    return "genfire";
  }
}

Orientations orientations_from(const NumericArray& angles, AngleConvention convention,
                               const std::string& source) {
  const std::vector<std::size_t> shape = without_trailing_ones(angles.shape, 2);
  const std::size_t rows = shape.empty() ? 1 : shape[0];
  const std::size_t columns = shape.size() > 1 ? shape[1] : 1;
  const bool single = rows == 1 || columns == 1;
  const bool three_rows = !single && rows == 3 && columns != 3;
  if (shape.size() > 2 || angles.values.empty() || (!single && columns != 3 && !three_rows)) {
    throw DataError(
        fmt::format("{}: angles are an array of {}; N x 3 Euler angles or N x 1 tilt angles [degree] "
                    "are expected.",
                    source, shape_text(angles.shape)));
  }
  Orientations out;
  out.convention = convention == AngleConvention::automatic ? AngleConvention::resire : convention;
  // A single triple (1 x 3) would be one orientation or three tilts: three tilts, as one image is no series.
  const std::size_t count = single ? angles.values.size() : (three_rows ? columns : rows);
  for (std::size_t i = 0; i < count; ++i) {
    const auto angle = [&](std::size_t c) {
      const double value =
          single ? (c == 1 ? angles.values[i] : 0.0) : angles.values[three_rows ? i * 3 + c : c * rows + i];
      constexpr double full_turn = 360.0;
      if (!(std::abs(value) <= full_turn)) {
        throw DataError(fmt::format("{}: angle {} of image {} is {}; allowed is -360 to 360 (degree).",
                                    source, c, i, value));
      }
      return value;
    };
    out.rotations.push_back(rotation(angle(0), angle(1), angle(2), out.convention));
  }
  return out;
}

Orientations read_angles(const fs::path& path, AngleConvention convention) {
  const std::string ending = lower_ending(path);
  if (ending == ".npy") return orientations_from(read_npy(path), convention, path.string());
  if (ending == ".mat") {
    const NamedArray found = choose_array(read_mat(path), angle_names(), path.string(), "angles");
    return orientations_from(found.array, convention, path.string());
  }
  if (ending == ".json") return read_poses(path);
  const AngleText text = read_text(path);
  return orientations_from(text.angles, convention_of(text, convention, path), path.string());
}

void write_angles(const fs::path& path, const std::vector<Mat3>& orientations) {
  std::string text =
      fmt::format("# {} {}; phi theta psi [degree] of R = Rz(phi) Ry(theta) Rx(psi), r' = R r\n",
                  convention_words, angle_convention_name(AngleConvention::stage));
  for (const Mat3& r : orientations) {
    const Euler e = euler_from_rotation(r);
    text += fmt::format("{:.8f} {:.8f} {:.8f}\n", e.phi / radian_per_degree, e.theta / radian_per_degree,
                        e.psi / radian_per_degree);
  }
  write_file(path, text);
}

} // namespace aet::core
