#include "recon/images/image_list.hpp"

#include "sim/core/error.hpp"
#include "sim/core/io/text_lines.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <numeric>
#include <optional>

namespace aet::recon {

namespace {

struct ImageRange {
  int first = 0;
  int last = 0;
  int step = 1;
  std::string_view word; ///< as written
};

/// "7", "2-9" or "2-9/3"; without spaces.
std::optional<ImageRange> parse_range(std::string_view part) {
  ImageRange range;
  const std::vector<std::string_view> sides = core::split_fields(part, '/');
  if (sides.size() > 2) return std::nullopt;
  const std::vector<std::string_view> ends = core::split_fields(sides.front(), '-');
  if (ends.size() > 2 || (sides.size() == 2 && ends.size() != 2)) return std::nullopt;
  const auto first = core::parse_word<int>(ends.front());
  const auto last = core::parse_word<int>(ends.back());
  const auto step = sides.size() == 2 ? core::parse_word<int>(sides[1]) : std::optional<int>(1);
  if (!first || !last || !step || *step < 1) return std::nullopt;
  return ImageRange{*first, *last, *step, part};
}

std::vector<ImageRange> parse_list(std::string_view text) {
  std::vector<ImageRange> ranges;
  for (const std::string_view word : core::split_words(text, ", \t")) {
    const auto range = parse_range(word);
    if (!range || range->first > range->last) {
      throw core::ConfigError(
          fmt::format("'{}' in the list of images is no image or range of images; allowed are numbers, as "
                      "7, and rising ranges, as 2-9 or 2-9/3, with commas between them",
                      word));
    }
    ranges.push_back(*range);
  }
  return ranges;
}

} // namespace

void check_image_list(std::string_view text) {
  static_cast<void>(parse_list(text));
}

std::vector<std::size_t> image_list(std::string_view text, std::size_t count) {
  const std::vector<ImageRange> ranges = parse_list(text);
  std::vector<bool> chosen(count, ranges.empty());
  for (const ImageRange& range : ranges) {
    if (static_cast<std::size_t>(range.last) >= count) {
      throw core::ConfigError(
          fmt::format("'{}' in the list of images is no part of the series, whose images are 0 to {}",
                      range.word, count - 1));
    }
    for (int i = range.first; i <= range.last; i += range.step)
      chosen[static_cast<std::size_t>(i)] = true;
  }
  std::vector<std::size_t> list;
  for (std::size_t i = 0; i < count; ++i) {
    if (chosen[i]) list.push_back(i);
  }
  return list;
}

} // namespace aet::recon
