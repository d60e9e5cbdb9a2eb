// Lists in sentences.
#pragma once

#include <fmt/core.h>

#include <string>
#include <string_view>

namespace aet::core {

/// The values one after the other with `between` between them. Not fmt::join, which compiles the formatting
/// of every type anew in each file that calls it (seconds of compile time).
template <class Range> [[nodiscard]] std::string join(const Range& values, std::string_view between) {
  std::string text;
  bool first = true;
  for (const auto& value : values) {
    if (!first) text += between;
    text += fmt::format("{}", value);
    first = false;
  }
  return text;
}

} // namespace aet::core
