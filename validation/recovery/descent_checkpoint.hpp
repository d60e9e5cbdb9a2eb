// A reconstruction's state on disk, from which it goes on after a stop.
#pragma once

#include "recon/volume/descent.hpp"

#include <filesystem>
#include <string>

namespace aet::validation {

/// A control that begins from the state in `path`, if there is one under this key, and keeps a state there
/// every `every` iterations. The file is removed by whoever is done with it.
/// \param key names the exact work: series, settings, program. A file under another key, or one that is
/// broken, is not used.
/// \throws core::ExternalError (when a state is kept) if it cannot be written.
[[nodiscard]] recon::DescentControl checkpointed(const std::filesystem::path& path, const std::string& key,
                                                 int every = 10);

/// The state in `path` under this key; an empty one if there is none.
[[nodiscard]] recon::DescentState read_descent_state(const std::filesystem::path& path,
                                                     const std::string& key);

/// \throws core::ExternalError if it cannot be written.
void write_descent_state(const std::filesystem::path& path, const std::string& key,
                         const recon::DescentState& state);

} // namespace aet::validation
