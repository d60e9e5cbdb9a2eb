// Particles whose planted nuclei grow, dissolve, merge and divide, from a TOML file.
#pragma once

#include "sim/specimen/phantom.hpp"

#include <nlohmann/json_fwd.hpp>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace aet::validation {

struct PhantomSeries {
  std::vector<core::Atoms> moments;
  std::vector<specimen::PlantedEvent> events;
};

/// Build the series that a file describes:
///
/// - seed; kind = "order" (nuclei of chemical order in an A1 alloy) or "liquid" (crystals in a liquid)
/// - exact_nuclei = false: order in expectation only (kind order)
/// - [particle]: kind order, as [truth] of a case with source = "particle", one grain, phase "A1"
/// - [liquid]: element, radius_a, lattice_constant_a, density_per_a3, min_distance_a, u_rms_a
/// - [moment_1], [moment_2], ... (`moments` of them): nuclei = N, tables nucleus_1, ...: for order as those
///   of a particle; for a liquid centre_a, euler_deg, radius_a, shake_core_a, shake_rim_a. From the second
///   moment on each may name its `parents`, numbers of nuclei of the moment before: several merge, a shared
///   one divides, none nucleates.
///
/// \throws core::ConfigError naming file, line, key, value and what is allowed; as specimen::build_phantom.
[[nodiscard]] PhantomSeries build_phantom_series(const std::filesystem::path& file,
                                                 std::optional<std::uint64_t> seed = {});

/// Number of moments that such a file describes, 1 .. 20, without building them.
/// \throws core::ConfigError, core::DataError as build_phantom_series().
[[nodiscard]] int phantom_moments(const std::filesystem::path& file);

/// The events as a list of {moment, kind, from, to}; moments and nuclei are counted from 1 as in the file.
[[nodiscard]] nlohmann::ordered_json events_json(const std::vector<specimen::PlantedEvent>& events);

} // namespace aet::validation
