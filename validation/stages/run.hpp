// Running a case: the stages in order, each skipped if it is done and valid.
#pragma once

#include "validation/manifest/manifest.hpp"
#include "validation/stages/stage.hpp"

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace aet::validation {

struct RunOptions {
  std::filesystem::path run_dir;
  bool resume = false;             ///< keep what is done and valid
  std::optional<std::string> from; ///< first stage to run; earlier ones must be done. Implies resume, but
                                   ///< redoes this stage and what follows
  std::optional<std::string> to;   ///< last stage to run
  core::Threads threads;
  std::string command;                         ///< as typed, for the manifest
  std::map<std::string, std::string> versions; ///< of the libraries, for the manifest
  std::string program;          ///< hash of the program's code; a result of other code is not valid any more
  std::filesystem::path shared; ///< folder through which runs of a study share work; empty: none
};

/// What the caller hears while a case runs.
struct RunEvents {
  /// \param reasons  what has changed since the stage was done; empty if it was not, or has to run by --from
  std::function<void(const Stage&, int number, int of, const std::vector<std::string>& reasons)> started;
  std::function<void(const Stage&)> skipped; ///< done before and still valid
  std::function<void(const Stage&, const StageRecord&)> finished;
  core::ProgressSink progress;
};

/// Run the stages of a case into a directory; returns the manifest, which is on disk after every stage.
/// config.toml (every default spelled out) and manifest.json are written there before work starts.
/// \throws ConfigError for unknown stage names, for `from` after `to`, or if the directory holds a run and
/// neither resume nor from is given; DataError if `from` needs a stage that is not done; and whatever a stage
/// throws.
Manifest run_case(const Case& settings, const RunOptions& options, const RunEvents& events);

} // namespace aet::validation
