// The door through which a stage gets what it needs: settings of the case and files. What it gets is noted,
// and nothing else can have a part in its outcome.
#pragma once

#include "sim/core/tilt_series.hpp"
#include "validation/case/case.hpp"
#include "validation/manifest/manifest.hpp"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace aet::validation {

class StageInputs {
public:
  /// \param work  name of the stage, or of the command that does the same.
  /// \param program  hash of its code.
  StageInputs(const Case& settings, std::filesystem::path run_dir, std::string work,
              const std::string& program);

  /// A group of settings, as in get(&Case::trace).
  template <class T> const T& get(Group<T> Case::*group) {
    note(settings_.*group);
    return (settings_.*group).value;
  }

  /// A file that is about to be read; `path` relative to the run directory, or absolute.
  /// \return its full path.
  /// \throws core::DataError if it does not exist.
  std::filesystem::path file(const std::string& path);

  /// The same of a file that need not exist; none if it does not.
  std::optional<std::filesystem::path> file_if_there(const std::string& path);

  /// A tilt series that an earlier stage wrote, its description and angles included.
  /// \throws as core::read_tilt_series().
  core::TiltSeries series(const std::string& path);

  [[nodiscard]] const ReadRecord& record() const { return record_; }
  /// Names the work as it is determined by all that was read so far: for checkpoints.
  [[nodiscard]] std::string key() const { return record_.key(work_); }

private:
  template <class T> void note(const Group<T>& group) { note(group.keys, group.files); }
  void note(const std::set<std::string>& keys, const std::vector<std::filesystem::path>& files);

  const Case& settings_;
  std::filesystem::path run_dir_;
  std::string work_;
  ReadRecord record_;
};

/// What is not as it was when the record was made, in words such as "trace.upsampling is 3, was 2"; empty:
/// the same work would read the same.
[[nodiscard]] std::vector<std::string> changes_since(const ReadRecord& record, const Case& settings,
                                                     const std::filesystem::path& run_dir,
                                                     const std::string& program);

} // namespace aet::validation
