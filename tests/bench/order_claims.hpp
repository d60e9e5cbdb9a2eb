// The parts of the order benchmark about what is claimed of nuclei and strain, and what the whole analysis
// costs.
#pragma once

#include <nlohmann/json_fwd.hpp>

namespace aet::bench {

/// Nuclei found and expected by chance where there are none: the liquid of ../shared (molecular dynamics), a
/// random packing, random alloys.
[[nodiscard]] nlohmann::json null_nuclei();

/// 300 frames of 32,000 atoms, everything that analyze_moment() and analyze_dynamics() do, without the making
/// of the frames.
[[nodiscard]] nlohmann::json full_analysis();

/// Rms error of the strain of a bent crystal with errors of 10 pm a coordinate, beside the stated one.
[[nodiscard]] nlohmann::json strain_error();

} // namespace aet::bench
