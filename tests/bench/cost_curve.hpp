// Cost against accuracy of the fast method, one setting varied at a time.
#pragma once

#include "sim/stem/image.hpp"

#include <nlohmann/json_fwd.hpp>

#include <cstddef>
#include <filesystem>
#include <vector>

namespace aet::bench {

/// For each series (window, pixel, slices with and without exact depths, configurations): its points as
/// {value, ms_per_probe, r1} over `pixels`. Errors are against the same method with a 20 A window, 0.06 A
/// pixel and 0.25 A slices; those of configurations are the statistical error of one image against the mean
/// of many.
[[nodiscard]] nlohmann::json cost_curve(const core::Atoms& atoms, const core::Mat3& orientation,
                                        const stem::Scan& scan, const stem::StemOptions& options,
                                        const std::vector<std::size_t>& pixels);

/// R1 against milliseconds a probe, both logarithmic, as an SVG.
void draw_cost_curve(const nlohmann::json& curve, const std::filesystem::path& svg);

} // namespace aet::bench
