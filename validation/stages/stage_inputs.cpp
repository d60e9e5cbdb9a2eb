#include "validation/stages/stage_inputs.hpp"

#include "sim/core/error.hpp"
#include "sim/core/io/file.hpp"
#include "sim/core/io/series_files.hpp"
#include "sim/core/io/tilt_files.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

namespace aet::validation {

namespace fs = std::filesystem;

namespace {

std::optional<std::string> value_of(const Case& settings, const std::string& key) {
  const auto found = settings.values.find(key);
  return found == settings.values.end() ? std::nullopt : std::optional(found->second);
}

bool is_there(const fs::path& path) {
  std::error_code ignored;
  return fs::is_regular_file(path, ignored);
}

} // namespace

StageInputs::StageInputs(const Case& settings, fs::path run_dir, std::string work, const std::string& program)
    : settings_(settings), run_dir_(std::move(run_dir)), work_(std::move(work)) {
  record_.program = program;
}

void StageInputs::note(const std::set<std::string>& keys, const std::vector<fs::path>& files) {
  for (const std::string& key : keys)
    record_.settings[key] = value_of(settings_, key);
  for (const fs::path& path : files)
    static_cast<void>(file_if_there(path.string()));
}

fs::path StageInputs::file(const std::string& path) {
  if (const auto found = file_if_there(path)) return *found;
  if (fs::path(path).is_absolute()) throw core::DataError(fmt::format("'{}' does not exist.", path));
  throw core::DataError(
      fmt::format("{} needs '{}' of an earlier stage, which is not in '{}'; run the earlier "
                  "stages first (leave out --from).",
                  work_, path, run_dir_.string()));
}

std::optional<fs::path> StageInputs::file_if_there(const std::string& path) {
  const fs::path full = run_dir_ / path; // an absolute path stays what it is
  if (is_there(full)) {
    if (!record_.inputs.contains(path)) record_.inputs[path] = core::sha256_of_file(full);
    return full;
  }
  if (std::find(record_.not_there.begin(), record_.not_there.end(), path) == record_.not_there.end())
    record_.not_there.push_back(path);
  return {};
}

core::TiltSeries StageInputs::series(const std::string& path) {
  const fs::path full = file(path);
  if (full.extension() == ".json") {
    // A description: what it names is read, too.
    const fs::path images = fs::absolute(core::series_images(full)).lexically_normal();
    const fs::path here = fs::absolute(run_dir_).lexically_normal();
    static_cast<void>(file(images.lexically_relative(here).generic_string()));
    return core::read_tilt_series(full);
  }
  for (const fs::path& companion : core::companions(path))
    static_cast<void>(file_if_there(companion.string()));
  return core::read_tilt_series(full);
}

std::vector<std::string> changes_since(const ReadRecord& record, const Case& settings,
                                       const fs::path& run_dir, const std::string& program) {
  std::vector<std::string> changes;
  if (record.program != program) changes.emplace_back("the program is another one");
  for (const auto& [key, was] : record.settings) {
    const auto is = value_of(settings, key);
    if (is == was) continue;
    changes.push_back(fmt::format("{} is {}, was {}", key, is.value_or("not set"), was.value_or("not set")));
  }
  for (const auto& [path, hash] : record.inputs) {
    if (!is_there(run_dir / path)) {
      changes.push_back(path + " is gone");
    } else if (core::sha256_of_file(run_dir / path) != hash) {
      changes.push_back(path + " has changed");
    }
  }
  for (const std::string& path : record.not_there)
    if (is_there(run_dir / path)) changes.push_back(path + " is new");
  return changes;
}

} // namespace aet::validation
