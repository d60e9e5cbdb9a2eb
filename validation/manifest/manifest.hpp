// manifest.json: what each stage of a run read, wrote and cost, so that a run can be resumed and trusted.
#pragma once

#include "validation/manifest/usage.hpp"

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace aet::validation {

/// Path, relative to the run directory or absolute -> SHA-256.
using FileHashes = std::map<std::string, std::string>;

/// All that a piece of work read, hence all that its outcome depends on.
struct ReadRecord {
  std::string program; ///< hash of the program's code
  /// Dotted key of the case -> its value as in TOML; none: it was looked for, and the case has no such key.
  std::map<std::string, std::optional<std::string>> settings;
  FileHashes inputs;                  ///< files that were read
  std::vector<std::string> not_there; ///< files that were looked for and did not exist

  /// A hash of it, for the work of that name.
  [[nodiscard]] std::string key(const std::string& work) const;
};

/// One finished stage.
struct StageRecord {
  std::string name;
  std::string key; ///< read.key(name)
  ReadRecord read;
  FileHashes outputs;             ///< the same for the same key, whatever the machine load or thread count
  std::vector<std::string> logs;  ///< files with times and other facts of this very run; not hashed
  std::vector<std::string> notes; ///< what the stage leaves out or wants known, one sentence each
  Usage usage;
};

struct Manifest {
  std::string version; ///< of aetval
  std::string case_name;
  std::uint64_t seed = 0;
  std::string command;                         ///< as typed
  std::map<std::string, std::string> versions; ///< of the libraries used
  std::vector<StageRecord> stages;

  [[nodiscard]] const StageRecord* find(const std::string& stage) const;
  /// Put a record in the place of the one with its name, or at the end.
  void put(StageRecord record);
  /// Remove it, if there is one.
  void drop(const std::string& stage);
};

/// Read RUN/manifest.json; an empty manifest if there is none.
/// \throws DataError if the file is there but broken, with the advice to start afresh.
[[nodiscard]] Manifest read_manifest(const std::filesystem::path& run_dir);

/// \throws ExternalError if it cannot be written.
void write_manifest(const std::filesystem::path& run_dir, const Manifest& manifest);

/// One stage alone, for a file of its own.
/// \throws DataError for text of another form.
[[nodiscard]] std::string stage_record_text(const StageRecord& record);
[[nodiscard]] StageRecord stage_record_of(const std::string& text);

/// Delete the files that `before` left and no stage of the manifest has among its outputs and logs.
void remove_leftovers(const std::filesystem::path& run_dir, const StageRecord& before,
                      const Manifest& manifest);

/// Hashes of files given relative to `run_dir`.
/// \throws DataError for a missing one.
[[nodiscard]] FileHashes hash_files(const std::filesystem::path& run_dir,
                                    const std::vector<std::string>& paths);

/// True if every output of the record still exists with its hash.
[[nodiscard]] bool outputs_intact(const std::filesystem::path& run_dir, const StageRecord& record);

} // namespace aet::validation
