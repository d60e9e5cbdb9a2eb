#include "sim/core/io/series_files.hpp"

#include "sim/core/error.hpp"
#include "sim/core/io/mat.hpp"
#include "sim/core/io/npy.hpp"
#include "sim/core/io/series_arrays.hpp"
#include "sim/core/io/tilt_files.hpp"

#include <fmt/core.h>

#include <map>
#include <utility>

namespace aet::core {

namespace fs = std::filesystem;

namespace {

void take_angles(SeriesFile& file, Orientations orientations, const std::string& source) {
  file.series.orientations = std::move(orientations.rotations);
  file.series.poses = orientations.poses;
  if (!orientations.shifts.empty()) file.series.shifts = std::move(orientations.shifts);
  file.notes.push_back(fmt::format("Angles from {}, read in the '{}' convention.", source,
                                   angle_convention_name(orientations.convention)));
}

void read_stack(const fs::path& path, const SeriesFileOptions& options, SeriesFile& file) {
  fs::path sidecar(path);
  sidecar.replace_extension(".json");
  fs::path rawtlt(path);
  rawtlt.replace_extension(".rawtlt");
  fs::path tlt(path);
  tlt.replace_extension(".tlt");
  if (options.angles) {
    Orientations angles = read_angles(*options.angles, options.convention);
    file.series = read_tilt_series_with(path, angles.rotations, options.pixel_size);
    take_angles(file, std::move(angles), options.angles->string());
  } else if (!fs::exists(sidecar) && !fs::exists(rawtlt) && fs::exists(tlt)) {
    Orientations angles = read_angles(tlt, options.convention);
    file.series = read_tilt_series_with(path, angles.rotations, options.pixel_size);
    take_angles(file, std::move(angles), tlt.string());
  } else {
    file.series = read_tilt_series(path, {}, options.pixel_size);
  }
}

void read_matlab(const fs::path& path, const SeriesFileOptions& options, SeriesFile& file) {
  std::map<std::string, NumericArray> arrays = read_mat(path);
  if (options.angles) {
    take_angles(file, read_angles(*options.angles, options.convention), options.angles->string());
  } else {
    if (arrays.size() < 2) {
      throw DataError(fmt::format("'{}' holds no angles beside its images; give them with --angles FILE.",
                                  path.string()));
    }
    const NamedArray angles = choose_array(arrays, angle_names(), path.string(), "angles");
    take_angles(file, orientations_from(angles.array, options.convention, path.string()),
                fmt::format("'{}' in {}", angles.name, path.string()));
  }
  const NamedArray images = choose_array(std::move(arrays), image_names(), path.string(), "images");
  file.series.images = images_from(images.array, path.string());
}

void read_numpy(const fs::path& path, const SeriesFileOptions& options, SeriesFile& file) {
  if (!options.angles) {
    throw DataError(
        fmt::format("'{}' comes without tilt angles; give them with --angles FILE.", path.string()));
  }
  take_angles(file, read_angles(*options.angles, options.convention), options.angles->string());
  file.series.images = images_from(read_npy(path), path.string());
}

void check_pixel_size(const TiltSeries& series, const std::string& source) {
  constexpr double smallest = 0.02; // [angstrom] beyond any microscope's reach
  constexpr double largest = 20.0;  // atoms are lost long before
  if (series.pixel_size >= smallest && series.pixel_size <= largest) return;
  throw DataError(
      fmt::format("{}: pixel size is {} A; {} to {} A can hold atoms: was it given in another unit? "
                  "Give it in angstrom with --pixel-a.",
                  source, series.pixel_size, smallest, largest));
}

} // namespace

std::vector<fs::path> companions(const fs::path& series) {
  const std::string ending = lower_ending(series);
  std::vector<fs::path> paths;
  if (ending == ".mat" || ending == ".npy") return paths;
  for (const char* extension : {".json", ".rawtlt", ".tlt"})
    paths.push_back(fs::path(series).replace_extension(extension));
  return paths;
}

SeriesFile read_series_file(const fs::path& path, const SeriesFileOptions& options) {
  const std::string ending = lower_ending(path);
  SeriesFile file;
  file.series.pixel_size = options.pixel_size.value_or(0.0);
  if (ending == ".mat") {
    read_matlab(path, options, file);
  } else if (ending == ".npy") {
    read_numpy(path, options, file);
  } else {
    read_stack(path, options, file);
  }
  if (!(file.series.pixel_size > 0.0)) {
    throw DataError(
        fmt::format("'{}' does not say its pixel size; give it in angstrom with --pixel-a.", path.string()));
  }
  validate(file.series, path.string());
  if (file.series.size() < 2) {
    throw DataError(fmt::format("{}: a single image; a tilt series is needed.", path.string()));
  }
  check_pixel_size(file.series, path.string());
  return file;
}

} // namespace aet::core
