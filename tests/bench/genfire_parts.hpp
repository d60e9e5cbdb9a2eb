// The parts of bench_genfire; each returns "key": value pairs of the JSON object.
#pragma once

#include <filesystem>
#include <functional>
#include <string>

namespace aet::bench {

/// bytes_per_voxel of a series at oversampling 4; first in its process, while the peak is still its own.
[[nodiscard]] std::string memory_part(const std::filesystem::path& reference);
/// resire_genfire, resire_genfire_momentum: GENFIRE on the authors' set.
[[nodiscard]] std::string resire_genfire_part(const std::filesystem::path& reference);
/// resire, resire_wbp: the best the tool does on that set, and the naive baseline.
[[nodiscard]] std::string resire_part(const std::filesystem::path& reference);
/// ves91x: GENFIRE's own vesicle.
[[nodiscard]] std::string vesicle_part(const std::filesystem::path& reference);
/// iteration_ms, gridding_s on one thread.
[[nodiscard]] std::string speed_part(const std::filesystem::path& reference);
/// angles: pose errors of a simulated series before and after refinement, and what they do to the atoms.
[[nodiscard]] std::string angles_part(const std::filesystem::path& reference);
/// scaling: seconds and memory against the size of the images. Forks; needs 4 GB.
[[nodiscard]] std::string scaling_part(const std::filesystem::path& reference);

/// Runs `work` in a process of its own, so that its CPU time and peak memory are its own, and returns what it
/// returned.
/// \throws core::ExternalError if that process fails.
[[nodiscard]] std::string in_own_process(const std::string& name, const std::function<std::string()>& work);

} // namespace aet::bench
