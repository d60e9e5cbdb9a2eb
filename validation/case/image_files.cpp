#include "validation/case/image_files.hpp"

#include "sim/core/io/text_lines.hpp"

#include <fmt/core.h>

namespace aet::validation {

namespace {

std::vector<std::filesystem::path> paths_of(const std::string& words) {
  std::vector<std::filesystem::path> paths;
  for (const std::string_view word : core::split_words(words))
    paths.emplace_back(word);
  return paths;
}

} // namespace

core::SeriesFile ImageFiles::moment(int frame) const {
  const auto index = static_cast<std::size_t>(frame);
  core::SeriesFileOptions options = read;
  if (!angles.empty()) options.angles = angles.at(index);
  return core::read_series_file(series.at(index), options);
}

ImageFiles read_image_files(const core::ConfigSection& s) {
  ImageFiles files;
  files.series = paths_of(s.required_text("files", "experimental tilt series, one per moment"));
  if (files.series.empty()) s.fail("files", "one tilt series per moment is expected");
  files.angles = paths_of(
      s.text("angles", "", "files of angles, one per series; empty: the angles beside or in the series"));
  if (!files.angles.empty() && files.angles.size() != files.series.size()) {
    s.fail("angles", fmt::format("one file of angles for each of the {} series is expected, or none",
                                 files.series.size()));
  }
  files.read.pixel_size =
      s.optional_number("pixel_a", {0.02, 20}, "of the images; left out: as their files say");
  files.read.convention = core::angle_convention_from(s.choice(
      "angle_convention", "automatic", {"automatic", "stage", "resire", "genfire"}, "of the angles"));
  return files;
}

std::vector<std::filesystem::path> files_of(const ImageFiles& files) {
  std::vector<std::filesystem::path> paths;
  for (const auto& series : files.series) {
    paths.push_back(std::filesystem::absolute(series));
    for (const auto& companion : core::companions(series))
      paths.push_back(std::filesystem::absolute(companion));
  }
  for (const auto& angles : files.angles)
    paths.push_back(std::filesystem::absolute(angles));
  return paths;
}

} // namespace aet::validation
