// Whole files: read with a clear error, written under a temporary name, synced, then renamed.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

namespace aet::core {

/// The whole file as bytes.
/// \throws DataError naming the path and the system's reason.
[[nodiscard]] std::string read_file(const std::filesystem::path& path);

/// Replace `path` by `bytes`: a reader sees the old file or the new one, never a part. Missing parent folders
/// are made.
/// \throws ExternalError naming the path and the system's reason (no permission, disk full); the old file, if
///   any, is then untouched.
void write_file(const std::filesystem::path& path, std::string_view bytes);

/// SHA-256 of a file's bytes as 64 hexadecimal digits.
/// \throws DataError as read_file.
[[nodiscard]] std::string sha256_of_file(const std::filesystem::path& path);

/// SHA-256 of bytes in memory.
[[nodiscard]] std::string sha256(std::string_view bytes);

} // namespace aet::core
