// Numbers and names as a reader wants to see them.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace aet::validation::page {

/// Four significant digits without trailing zeros, thousands set apart by thin spaces: "0.9983", "17.2", "19
/// 993". Below 0.001 and from 100,000 three digits with a power of ten. Whole numbers are written in full.
[[nodiscard]] std::string format_number(double value);

/// A key of scores.json that is no figure, in words, split from the unit its suffix names.
struct Label {
  std::string words; ///< "Rotation fitted"
  std::string unit;  ///< "pm", "\u00c5", or "" for pure numbers
};

/// Label of a key such as "mean_deviation_pm"; unknown keys are split at underscores.
[[nodiscard]] Label label_of_key(std::string_view key);

/// Where such a key stands in a table: the order in which people ask; unknown keys come last.
[[nodiscard]] std::size_t rank_of_key(std::string_view key);

/// Standard base64 (RFC 4648, section 4) with padding; at most 2^31 / 4 x 3 bytes.
[[nodiscard]] std::string base64(std::string_view bytes);

/// JSON text that can stand inside an HTML script element: nothing in it ends the element or opens a comment.
[[nodiscard]] std::string json_for_html(const std::string& json);

} // namespace aet::validation::page
