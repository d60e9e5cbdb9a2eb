// Do stated error bars and probabilities hold? Small cases through the whole pipeline, held against their
// truth.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include <filesystem>

namespace aet::bench {

/// One row a setting: z rms, coverage, Brier scores, and what the model expected to be spurious and missing
/// beside what is. Settings marked `developed` were looked at while the error bars were made.
/// \param cache folder of the runs, whose images are kept between calls.
[[nodiscard]] nlohmann::ordered_json calibration(const std::filesystem::path& cache);

} // namespace aet::bench
