// The check of a setting that is a number.
#pragma once

#include "sim/core/error.hpp"

#include <fmt/core.h>

#include <string_view>

namespace aet::stem {

/// \throws ConfigError with the setting's name unless min <= value <= max.
inline void require_range(std::string_view name, double value, double min, double max) {
  if (value >= min && value <= max) return;
  throw core::ConfigError(fmt::format("{} = {} is out of range: allowed is {} to {}", name, value, min, max));
}

} // namespace aet::stem
