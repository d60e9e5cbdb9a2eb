// [truth] with source = "particle": the settings of the particle builder.
#pragma once

#include "sim/core/config.hpp"
#include "sim/specimen/particle.hpp"

#include <cstdint>
#include <vector>

namespace aet::validation {

/// \throws ConfigError naming file, line, key, value and what is allowed.
[[nodiscard]] specimen::ParticleOptions read_particle(const core::ConfigSection& section, std::uint64_t seed);

/// Keys nuclei and tables nucleus_1, ... of a section.
/// \throws as read_particle.
[[nodiscard]] std::vector<specimen::OrderedNucleus> read_ordered_nuclei(const core::ConfigSection& section);

} // namespace aet::validation
