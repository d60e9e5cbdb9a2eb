// [truth] with source = "particle": the settings of the particle builder.
#pragma once

#include "sim/core/config.hpp"
#include "sim/specimen/particle.hpp"

#include <cstdint>

namespace aet::validation {

/// \throws ConfigError naming file, line, key, value and what is allowed.
[[nodiscard]] specimen::ParticleOptions read_particle(const core::ConfigSection& section, std::uint64_t seed);

} // namespace aet::validation
