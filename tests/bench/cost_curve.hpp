// Cost against accuracy of the fast method, one setting varied at a time.
#pragma once

#include "sim/stem/image.hpp"

#include <nlohmann/json_fwd.hpp>

#include <cstddef>
#include <filesystem>
#include <vector>

namespace aet::bench {

/// For each series (accuracy setting, window, pixel, slices with and without exact depths): its points as
/// {value, cpu_s, r1}: CPU time of the whole image, error over `pixels` against the same method with a 20 A
/// window, 0.06 A pixels and 0.25 A slices.
[[nodiscard]] nlohmann::json cost_curve(const core::Atoms& atoms, const core::Mat3& orientation,
                                        const stem::Scan& scan, const stem::StemOptions& options,
                                        const std::vector<std::size_t>& pixels);

/// R1 against CPU seconds, both logarithmic, as an SVG.
void draw_cost_curve(const nlohmann::json& curve, const std::filesystem::path& svg);

} // namespace aet::bench
