#include "sim/core/io/tilt_files.hpp"

#include "sim/core/error.hpp"
#include "sim/core/io/file.hpp"
#include "sim/core/io/mrc.hpp"
#include "sim/core/io/series_arrays.hpp"
#include "sim/core/io/series_description.hpp"
#include "sim/core/io/text_lines.hpp"
#include "sim/core/orientation.hpp"
#include "sim/core/units.hpp"

#include <fmt/core.h>

#include <cmath>
#include <string>
#include <string_view>

namespace aet::core {

namespace fs = std::filesystem;

namespace {

fs::path beside(const fs::path& mrc, const char* extension) {
  return fs::path(mrc).replace_extension(extension);
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

/// Everything later has one pixel size; images of oblong pixels would be squeezed without a word.
void check_square_pixels(const fs::path& path, const MrcStack& stack) {
  constexpr double rounding = 1e-3; // header words are single precision and often rounded
  const double width = stack.pixel_size;
  const double height = stack.pixel_height;
  if (!(width > 0.0 && height > 0.0) || std::abs(height / width - 1.0) <= rounding) return;
  throw DataError(
      fmt::format("'{}' has pixels of {:.6g} x {:.6g} A by its header, which are not square; resample "
                  "the images, or give the pixel size in angstrom with --pixel-a if the header is "
                  "wrong.",
                  path.string(), width, height));
}

} // namespace

std::vector<double> read_rawtlt(const fs::path& path) {
  const std::string text = read_file(path);
  std::vector<double> angles;
  std::size_t line_number = 0;
  for (const std::string_view line : split_lines(text)) {
    ++line_number;
    const std::vector<std::string_view> words = split_words(line);
    if (words.empty() || words.front().front() == '#') continue;
    const auto angle = words.size() == 1 ? parse_word(words.front()) : std::nullopt;
    constexpr double full_turn = 360.0;
    if (!angle || !(std::abs(*angle) <= full_turn)) {
      throw DataError(fmt::format("{}:{}: '{}' is not a tilt angle; one number from -360 to 360 (degree) a "
                                  "line is expected.",
                                  path.string(), line_number, line));
    }
    angles.push_back(*angle);
  }
  return angles;
}

namespace {

/// Where the images of a series lie, and what is said of them.
struct Sources {
  fs::path images;
  fs::path description; ///< may not exist
};

Sources sources_of(const fs::path& path) {
  if (lower_ending(path) != ".json") return {path, beside(path, ".json")};
  const std::string images = read_series_description(path).images;
  if (images.empty()) {
    throw DataError(fmt::format("'{}' does not name its images (\"images\"); give the image file itself.",
                                path.string()));
  }
  return {path.parent_path() / images, path};
}

/// Orientations: `given`, else the description's, else from the .rawtlt.
TiltSeries read_series(const fs::path& path, const std::vector<Mat3>* given,
                       std::optional<double> pixel_size) {
  const auto [mrc, description] = sources_of(path);
  MrcStack stack = read_mrc_stack(mrc);
  SeriesDescription described;
  if (fs::exists(description)) described = read_series_description(description);
  TiltSeries series = std::move(described.series);
  series.images = std::move(stack.images);
  const double described_pixel = described.pixel_size.value_or(stack.pixel_size);
  if (!pixel_size) check_square_pixels(mrc, stack);
  if (!pixel_size) check_same_pixel(mrc, stack.pixel_size, description, described_pixel);
  if (given != nullptr) {
    series.orientations = *given;
    series.poses = PoseSource::given;
  } else if (series.orientations.empty()) {
    const fs::path rawtlt = beside(mrc, ".rawtlt");
    if (!fs::exists(rawtlt)) {
      throw DataError(fmt::format("'{}' comes without tilt angles: neither '{}' nor '{}' exists; give them "
                                  "with --angles FILE.",
                                  mrc.string(), description.string(), rawtlt.string()));
    }
    series.orientations = rotations_of(read_rawtlt(rawtlt));
  }
  series.pixel_size = pixel_size.value_or(described_pixel);
  if (!(series.pixel_size > 0.0)) {
    throw DataError(
        fmt::format("'{}' does not say its pixel size; give it in angstrom with --pixel-a.", mrc.string()));
  }
  validate(series, path.string());
  return series;
}

} // namespace

fs::path series_images(const fs::path& path) {
  return sources_of(path).images;
}

TiltSeries read_tilt_series(const fs::path& path, const std::optional<fs::path>& angles,
                            std::optional<double> pixel_size) {
  if (!angles) return read_series(path, nullptr, pixel_size);
  const std::vector<Mat3> given = rotations_of(read_rawtlt(*angles));
  return read_series(path, &given, pixel_size);
}

TiltSeries read_tilt_series_with(const fs::path& path, const std::vector<Mat3>& orientations,
                                 std::optional<double> pixel_size) {
  return read_series(path, &orientations, pixel_size);
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
  write_file(beside(mrc, ".json"), series_description(series, mrc.filename().string()));
}

void write_series_poses(const fs::path& description, const TiltSeries& series, const fs::path& images) {
  validate(series, description.string());
  const fs::path folder = fs::absolute(description).parent_path();
  const fs::path there =
      fs::absolute(images).lexically_normal().lexically_relative(folder.lexically_normal());
  write_file(description, series_description(series, there.generic_string()));
}

} // namespace aet::core
