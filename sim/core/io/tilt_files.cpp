#include "sim/core/io/tilt_files.hpp"

#include "sim/core/error.hpp"
#include "sim/core/io/file.hpp"
#include "sim/core/io/mrc.hpp"
#include "sim/core/orientation.hpp"
#include "sim/core/units.hpp"

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include <charconv>
#include <cmath>
#include <map>
#include <string>
#include <string_view>

namespace aet::core {

namespace fs = std::filesystem;
using nlohmann::json;

namespace {

fs::path beside(const fs::path& mrc, const char* extension) {
  return fs::path(mrc).replace_extension(extension);
}

/// The optional numbers of Microscope under their names in the sidecar file.
using Field = std::optional<double> Microscope::*;
const std::map<std::string, Field>& microscope_fields() {
  static const std::map<std::string, Field> fields{
      {"energy_kv", &Microscope::energy_kv},
      {"convergence_mrad", &Microscope::convergence_mrad},
      {"c3_mm", &Microscope::c3_mm},
      {"c5_mm", &Microscope::c5_mm},
      {"detector_inner_mrad", &Microscope::detector_inner_mrad},
      {"detector_outer_mrad", &Microscope::detector_outer_mrad},
      {"dose_e_per_a2", &Microscope::dose_e_per_a2},
      {"gain", &Microscope::gain},
      {"readout_mean", &Microscope::readout_mean},
      {"readout_sd", &Microscope::readout_sd},
  };
  return fields;
}

const char* intensity_name(Intensity intensity) {
  switch (intensity) {
  case Intensity::fraction:
    return "fraction";
  case Intensity::counts:
    return "counts";
  default:
    return "unknown";
  }
}

Intensity intensity_from(const std::string& name) {
  if (name == "fraction") return Intensity::fraction;
  return name == "counts" ? Intensity::counts : Intensity::unknown;
}

void read_sidecar(const fs::path& path, TiltSeries& series, double& pixel_size) {
  try {
    const json j = json::parse(read_file(path));
    if (j.contains("pixel_a")) pixel_size = j.at("pixel_a").get<double>();
    if (j.contains("intensity")) series.intensity = intensity_from(j.at("intensity").get<std::string>());
    if (j.contains("orientations")) {
      for (const auto& rows : j.at("orientations")) {
        Mat3 r;
        for (std::size_t i = 0; i < 3; ++i) {
          for (std::size_t k = 0; k < 3; ++k) {
            r(static_cast<Eigen::Index>(i), static_cast<Eigen::Index>(k)) = rows.at(i).at(k).get<double>();
          }
        }
        series.orientations.push_back(r);
      }
    }
    if (j.contains("microscope")) {
      for (const auto& [name, field] : microscope_fields()) {
        const auto found = j.at("microscope").find(name);
        if (found != j.at("microscope").end() && found->is_number()) {
          series.microscope.*field = found->get<double>();
        }
      }
    }
  } catch (const json::exception& e) {
    throw DataError(
        fmt::format("'{}' is not a usable tilt series description: {}.", path.string(), e.what()));
  }
}

std::vector<Mat3> rotations_of(const std::vector<double>& degrees) {
  std::vector<Mat3> rotations;
  for (const double angle : degrees)
    rotations.push_back(tilt_rotation(angle * radian_per_degree));
  return rotations;
}

/// A header and a description that contradict each other: one of them was changed, and nobody can tell which
/// is right. A header of 1 angstrom is what programs write that do not know the pixel size.
void check_same_pixel(const fs::path& mrc, double header, const fs::path& sidecar, double described) {
  constexpr double rounding = 1e-4; // the header's numbers are single precision, of the whole cell
  if (!(header > 0.0) || header == 1.0) return;
  if (std::abs(header - described) <= rounding * described) return;
  throw DataError(
      fmt::format("'{}' has pixels of {:.6g} A by its header, but of {:.6g} A by '{}'; correct the "
                  "wrong one, or give the pixel size in angstrom with --pixel-a.",
                  mrc.string(), header, described, sidecar.string()));
}

} // namespace

std::vector<double> read_rawtlt(const fs::path& path) {
  const std::string text = read_file(path);
  std::vector<double> angles;
  std::size_t line_number = 0;
  constexpr std::string_view blank = " \t\r";
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    std::string_view line(text.data() + begin, end - begin);
    begin = end + 1;
    ++line_number;
    const std::size_t first = line.find_first_not_of(blank);
    if (first == std::string_view::npos || line[first] == '#') continue;
    line = line.substr(first, line.find_last_not_of(blank) + 1 - first);
    if (line.front() == '+') line.remove_prefix(1);
    double angle = 0.0;
    const auto [rest, error] = std::from_chars(line.data(), line.data() + line.size(), angle);
    constexpr double full_turn = 360.0;
    if (error != std::errc{} || rest != line.data() + line.size() || !(std::abs(angle) <= full_turn)) {
      throw DataError(fmt::format("{}:{}: '{}' is not a tilt angle; one number from -360 to 360 (degree) a "
                                  "line is expected.",
                                  path.string(), line_number, line));
    }
    angles.push_back(angle);
  }
  return angles;
}

namespace {

/// Orientations: `given`, else the sidecar's, else from the .rawtlt.
TiltSeries read_series(const fs::path& mrc, const std::vector<Mat3>* given,
                       std::optional<double> pixel_size) {
  TiltSeries series;
  MrcStack stack = read_mrc_stack(mrc);
  series.images = std::move(stack.images);
  double described_pixel = stack.pixel_size;
  const fs::path sidecar = beside(mrc, ".json");
  if (fs::exists(sidecar)) read_sidecar(sidecar, series, described_pixel);
  if (!pixel_size) check_same_pixel(mrc, stack.pixel_size, sidecar, described_pixel);
  if (given != nullptr) {
    series.orientations = *given;
  } else if (series.orientations.empty()) {
    const fs::path rawtlt = beside(mrc, ".rawtlt");
    if (!fs::exists(rawtlt)) {
      throw DataError(fmt::format("'{}' comes without tilt angles: neither '{}' nor '{}' exists; give them "
                                  "with --angles FILE.",
                                  mrc.string(), sidecar.string(), rawtlt.string()));
    }
    series.orientations = rotations_of(read_rawtlt(rawtlt));
  }
  series.pixel_size = pixel_size.value_or(described_pixel);
  if (!(series.pixel_size > 0.0)) {
    throw DataError(
        fmt::format("'{}' does not say its pixel size; give it in angstrom with --pixel-a.", mrc.string()));
  }
  validate(series, mrc.string());
  return series;
}

} // namespace

TiltSeries read_tilt_series(const fs::path& mrc, const std::optional<fs::path>& angles,
                            std::optional<double> pixel_size) {
  if (!angles) return read_series(mrc, nullptr, pixel_size);
  const std::vector<Mat3> given = rotations_of(read_rawtlt(*angles));
  return read_series(mrc, &given, pixel_size);
}

TiltSeries read_tilt_series_with(const fs::path& mrc, const std::vector<Mat3>& orientations,
                                 std::optional<double> pixel_size) {
  return read_series(mrc, &orientations, pixel_size);
}

void write_tilt_series(const fs::path& mrc, const TiltSeries& series) {
  validate(series, mrc.string());
  write_mrc_stack(mrc, series.images, series.pixel_size);
  if (is_single_axis(series)) {
    std::string text;
    for (const Mat3& r : series.orientations)
      text += fmt::format("{:.6f}\n", tilt_degrees(r));
    write_file(beside(mrc, ".rawtlt"), text);
  }
  json j;
  j["format"] = "aetval tilt series 1";
  j["convention"] = "r' = R r, image integrated over z', tilt axis y; orientations are rows of R";
  j["pixel_a"] = series.pixel_size;
  j["intensity"] = intensity_name(series.intensity);
  j["orientations"] = json::array();
  for (const Mat3& r : series.orientations) {
    json rows = json::array();
    for (Eigen::Index i = 0; i < 3; ++i)
      rows.push_back({r(i, 0), r(i, 1), r(i, 2)});
    j["orientations"].push_back(rows);
  }
  j["microscope"] = json::object();
  for (const auto& [name, field] : microscope_fields()) {
    const std::optional<double>& value = series.microscope.*field;
    j["microscope"][name] = value ? json(*value) : json(nullptr);
  }
  write_file(beside(mrc, ".json"), j.dump(1) + "\n");
}

} // namespace aet::core
