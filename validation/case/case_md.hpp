// [truth] with source = "md".
#pragma once

#include "sim/core/config.hpp"
#include "sim/md/droplet.hpp"

#include <cstdint>

namespace aet::validation {

/// What is looked at while the hold runs.
struct OrderWatch {
  int frames_averaged = 10; ///< 1..1000, order_every_ps apart: hot liquids are noisy
};

struct MdTruth {
  md::DropletOptions options;
  OrderWatch watch; ///< in use where options.droplet.watch_ps > 0
};

/// Temperatures may be given as parts of the model's own melting point (melting_k): melt_t_over_tm in the
/// place of melt_k, and so on.
/// \throws ConfigError naming file, line, key, value and what is allowed.
[[nodiscard]] MdTruth read_md(const core::ConfigSection& section, std::uint64_t seed);

} // namespace aet::validation
