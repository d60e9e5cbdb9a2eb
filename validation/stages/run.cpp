#include "validation/stages/run.hpp"

#include "sim/core/config.hpp"
#include "sim/core/error.hpp"
#include "sim/core/io/file.hpp"
#include "sim/core/join.hpp"
#include "validation/manifest/version.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

namespace aet::validation {

namespace fs = std::filesystem;

namespace {

std::size_t position_of(const std::vector<Stage>& stages, const std::string& name) {
  std::vector<std::string> names;
  for (std::size_t i = 0; i < stages.size(); ++i) {
    if (stages[i].name == name) return i;
    names.push_back(stages[i].name);
  }
  const std::string near = core::nearest_word(name, names);
  throw core::ConfigError(fmt::format("there is no stage '{}'{}; stages are {}.", name,
                                      near.empty() ? "" : fmt::format(" (did you mean '{}'?)", near),
                                      core::join(names, ", ")));
}

StageRecord run_stage(const Stage& stage, const Case& settings, const RunOptions& options,
                      const core::ProgressSink& progress) {
  const UsageMeter meter;
  StageInputs inputs(settings, options.run_dir, stage.name, options.program);
  StageOutcome outcome =
      stage.run({options.run_dir, inputs, options.threads, progress, SharedWork{options.shared}});
  StageRecord record;
  record.name = stage.name;
  record.key = inputs.key();
  record.read = inputs.record();
  record.outputs = hash_files(options.run_dir, outcome.outputs);
  record.logs = std::move(outcome.logs);
  record.notes = std::move(outcome.notes);
  record.usage = meter.elapsed();
  return record;
}

/// Put it in the manifest, and delete what the same stage left before and does not make any more.
void accept(StageRecord record, const fs::path& run_dir, Manifest& manifest) {
  const StageRecord* found = manifest.find(record.name);
  const std::optional<StageRecord> before = found == nullptr ? std::nullopt : std::optional(*found);
  manifest.put(std::move(record));
  write_manifest(run_dir, manifest);
  if (before) remove_leftovers(run_dir, *before, manifest);
}

/// Stages that the case does not have any more go, with what they left.
void drop_other_stages(const std::vector<Stage>& stages, const fs::path& run_dir, Manifest& manifest) {
  const std::vector<StageRecord> all = manifest.stages;
  for (const StageRecord& record : all) {
    if (std::any_of(stages.begin(), stages.end(), [&](const Stage& s) { return s.name == record.name; }))
      continue;
    manifest.drop(record.name);
    remove_leftovers(run_dir, record, manifest);
  }
}

template <class F, class... Args> void tell(const F& listener, const Args&... args) {
  if (listener) listener(args...);
}

} // namespace

Manifest run_case(const Case& settings, const RunOptions& options, const RunEvents& events) {
  const std::vector<Stage> stages = stages_of(settings);
  const std::size_t first = options.from ? position_of(stages, *options.from) : 0;
  const std::size_t last = options.to ? position_of(stages, *options.to) : stages.size() - 1;
  if (first > last) {
    throw core::ConfigError(
        fmt::format("--from {} comes after --to {}; swap them.", *options.from, *options.to));
  }
  const fs::path& dir = options.run_dir;
  Manifest manifest = read_manifest(dir);
  const bool keep = options.resume || options.from;
  if (!manifest.stages.empty() && !keep) {
    throw core::ConfigError(
        fmt::format("'{}' already holds a run; continue it with --resume, redo a part with "
                    "--from STAGE, or choose another folder with --out.",
                    dir.string()));
  }
  manifest.version = version_text;
  manifest.case_name = *settings.title;
  manifest.seed = *settings.seed;
  manifest.command = options.command;
  manifest.versions = options.versions;
  core::write_file(dir / "config.toml", settings.resolved_toml);
  drop_other_stages(stages, dir, manifest);
  write_manifest(dir, manifest);

  const auto changes = [&](const ReadRecord& read) {
    return changes_since(read, settings, dir, options.program);
  };
  const SharedWork shared{options.shared};
  const bool forced = options.from && !options.resume;
  for (std::size_t i = first; i <= last; ++i) {
    const Stage& stage = stages[i];
    const StageRecord* done = manifest.find(stage.name);
    std::vector<std::string> reasons;
    if (done != nullptr && !forced) {
      reasons = changes(done->read);
      if (reasons.empty() && !outputs_intact(dir, *done))
        reasons.emplace_back("its outputs are not as it left them");
    }
    if (done != nullptr && !forced && reasons.empty()) {
      tell(events.skipped, stage);
      continue;
    }
    const auto valid_here = [&](const ReadRecord& read) { return changes(read).empty(); };
    if (auto record = forced ? std::nullopt : adopt_stage(shared, stage.name, valid_here, dir)) {
      accept(std::move(*record), dir, manifest);
      tell(events.skipped, stage);
      continue;
    }
    tell(events.started, stage, static_cast<int>(i) + 1, static_cast<int>(stages.size()), reasons);
    accept(run_stage(stage, settings, options, events.progress), dir, manifest);
    offer_stage(shared, *manifest.find(stage.name), dir);
    tell(events.finished, stage, *manifest.find(stage.name));
  }
  return manifest;
}

} // namespace aet::validation
