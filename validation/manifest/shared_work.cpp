#include "validation/manifest/shared_work.hpp"

#include "sim/core/error.hpp"
#include "sim/core/io/file.hpp"

#include <fmt/core.h>

#include <vector>

namespace aet::validation {

namespace fs = std::filesystem;

namespace {

/// The first line names the run's folder, the rest is the stage's record.
fs::path note_of(const SharedWork& shared, const std::string& stage, const std::string& key) {
  constexpr std::size_t key_digits = 32;
  return shared.folder / fmt::format("{}-{}.stage", stage, key.substr(0, key_digits));
}

void copy_over(const fs::path& from, const fs::path& to) {
  core::write_file(to, core::read_file(from));
}

} // namespace

std::optional<StageRecord> adopt_stage(const SharedWork& shared, const std::string& stage,
                                       const std::function<bool(const ReadRecord&)>& valid,
                                       const fs::path& run_dir) {
  if (!shared || !fs::exists(shared.folder)) return {};
  for (const fs::directory_entry& note : fs::directory_iterator(shared.folder)) {
    if (note.path().extension() != ".stage" || !note.path().filename().string().starts_with(stage + "-"))
      continue;
    const std::string text = core::read_file(note.path());
    const auto end = text.find('\n');
    if (end == std::string::npos) continue;
    const fs::path donor = shared.folder / text.substr(0, end);
    StageRecord record = stage_record_of(text.substr(end + 1));
    if (!valid(record.read) || !fs::exists(donor) || fs::equivalent(donor, run_dir) ||
        !outputs_intact(donor, record))
      continue;
    for (const auto& [path, hash] : record.outputs)
      copy_over(donor / path, run_dir / path);
    std::erase_if(record.logs, [&](const std::string& log) { return !fs::exists(donor / log); });
    for (const std::string& log : record.logs)
      copy_over(donor / log, run_dir / log);
    return record;
  }
  return {};
}

void offer_stage(const SharedWork& shared, const StageRecord& record, const fs::path& run_dir) {
  if (!shared) return;
  fs::create_directories(shared.folder);
  core::write_file(note_of(shared, record.name, record.key),
                   fs::relative(run_dir, shared.folder).string() + "\n" + stage_record_text(record));
}

} // namespace aet::validation
