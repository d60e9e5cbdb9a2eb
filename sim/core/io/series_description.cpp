#include "sim/core/io/series_description.hpp"

#include "sim/core/error.hpp"
#include "sim/core/io/file.hpp"

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <map>

namespace aet::core {

namespace fs = std::filesystem;
using nlohmann::json;

namespace {

/// The optional numbers of Microscope under their names in the file.
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

PoseSource pose_source_from(const std::string& name) {
  if (name == "aligned") return PoseSource::aligned;
  return name == "refined" ? PoseSource::refined : PoseSource::given;
}

json rows(const Mat3& r) {
  json out = json::array();
  for (Eigen::Index i = 0; i < 3; ++i)
    out.push_back({r(i, 0), r(i, 1), r(i, 2)});
  return out;
}

Mat3 matrix(const json& rows_of) {
  Mat3 r;
  for (std::size_t i = 0; i < 3; ++i) {
    for (std::size_t k = 0; k < 3; ++k)
      r(static_cast<Eigen::Index>(i), static_cast<Eigen::Index>(k)) = rows_of.at(i).at(k).get<double>();
  }
  return r;
}

json runs(const std::vector<std::uint32_t>& pixels) {
  json out = json::array();
  for (std::size_t i = 0; i < pixels.size();) {
    std::size_t next = i + 1;
    while (next < pixels.size() && pixels[next] == pixels[next - 1] + 1)
      ++next;
    out.push_back(pixels[i]);
    out.push_back(next - i);
    i = next;
  }
  return out;
}

std::vector<std::uint32_t> pixels_of(const json& runs_of, const fs::path& path) {
  constexpr std::size_t most = 1U << 28U; // more pixels than any image has
  std::vector<std::uint32_t> pixels;
  for (std::size_t k = 0; k + 1 < runs_of.size(); k += 2) {
    const auto first = runs_of.at(k).get<std::uint32_t>();
    const auto length = runs_of.at(k + 1).get<std::size_t>();
    if (length + pixels.size() > most)
      throw DataError(
          fmt::format("'{}': a run of {} masked pixels is longer than any image.", path.string(), length));
    for (std::size_t i = 0; i < length; ++i)
      pixels.push_back(first + static_cast<std::uint32_t>(i));
  }
  return pixels;
}

void check_format(const json& j, const fs::path& path) {
  if (!j.contains("format")) return;
  const auto format = j.at("format").get<std::string>();
  if (format == "aetval tilt series 1" || format == "aetval tilt series 2") return;
  throw DataError(fmt::format("'{}' is of format '{}'; 'aetval tilt series 2' (or 1) is expected.",
                              path.string(), format));
}

void read_lists(const json& j, const fs::path& path, TiltSeries& series) {
  for (const json& r : j.value("orientations", json::array()))
    series.orientations.push_back(matrix(r));
  for (const json& s : j.value("shifts_a", json::array()))
    series.shifts.emplace_back(s.at(0).get<double>(), s.at(1).get<double>());
  series.exposures = j.value("exposures", std::vector<int>{});
  series.backgrounds = j.value("background_levels", std::vector<double>{});
  for (const json& r : j.value("masked", json::array()))
    series.masked.push_back(pixels_of(r, path));
}

} // namespace

std::string pose_source_name(PoseSource source) {
  switch (source) {
  case PoseSource::aligned:
    return "aligned";
  case PoseSource::refined:
    return "refined";
  default:
    return "given";
  }
}

SeriesDescription read_series_description(const fs::path& path) {
  try {
    const json j = json::parse(read_file(path));
    check_format(j, path);
    SeriesDescription out;
    if (j.contains("pixel_a")) out.pixel_size = j.at("pixel_a").get<double>();
    out.images = j.value("images", std::string{});
    out.series.intensity = intensity_from(j.value("intensity", std::string{}));
    out.series.poses = pose_source_from(j.value("poses", std::string{}));
    read_lists(j, path, out.series);
    if (j.contains("microscope")) {
      const json& m = j.at("microscope");
      for (const auto& [name, field] : microscope_fields()) {
        const auto found = m.find(name);
        if (found != m.end() && found->is_number()) out.series.microscope.*field = found->get<double>();
      }
      out.series.microscope.noise_source = m.value("noise_source", std::string{});
    }
    return out;
  } catch (const json::exception& e) {
    throw DataError(
        fmt::format("'{}' is not a usable tilt series description: {}.", path.string(), e.what()));
  }
}

std::string series_description(const TiltSeries& series, const std::string& images) {
  json j;
  j["format"] = "aetval tilt series 2";
  j["convention"] =
      "r' = R r, image integrated over z', tilt axis y; orientations are rows of R; the rotation "
      "centre appears shifts_a off pixel n/2; masked pixels iy nx + ix as runs: first, length, ...";
  j["images"] = images;
  j["poses"] = pose_source_name(series.poses);
  j["pixel_a"] = series.pixel_size;
  j["intensity"] = intensity_name(series.intensity);
  j["orientations"] = json::array();
  for (const Mat3& r : series.orientations)
    j["orientations"].push_back(rows(r));
  for (const Vec2& s : series.shifts)
    j["shifts_a"].push_back({s.x(), s.y()});
  if (!series.exposures.empty()) j["exposures"] = series.exposures;
  if (!series.backgrounds.empty()) j["background_levels"] = series.backgrounds;
  for (const auto& pixels : series.masked)
    j["masked"].push_back(runs(pixels));
  j["microscope"] = json::object();
  for (const auto& [name, field] : microscope_fields()) {
    const std::optional<double>& value = series.microscope.*field;
    j["microscope"][name] = value ? json(*value) : json(nullptr);
  }
  if (!series.microscope.noise_source.empty())
    j["microscope"]["noise_source"] = series.microscope.noise_source;
  return j.dump(1) + "\n";
}

} // namespace aet::core
