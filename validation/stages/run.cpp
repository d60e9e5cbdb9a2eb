#include "validation/stages/run.hpp"

#include "sim/core/config.hpp"
#include "sim/core/error.hpp"
#include "sim/core/io/file.hpp"
#include "sim/core/join.hpp"
#include "validation/manifest/version.hpp"

#include <fmt/core.h>

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

/// Everything the outcome of a stage depends on, as one hash.
std::string key_of(const Stage& stage, const Case& settings, const std::string& program,
                   const FileHashes& inputs) {
  std::string text = fmt::format("{}\n{}\n{}\n", program, stage.name, settings.settings_text(stage.settings));
  for (const auto& [path, hash] : inputs)
    text += fmt::format("{} {}\n", path, hash);
  return core::sha256(text);
}

FileHashes hash_inputs(const Stage& stage, const fs::path& run_dir) {
  try {
    return hash_files(run_dir, stage.inputs);
  } catch (const core::DataError& e) {
    throw core::DataError(
        fmt::format("stage '{}' needs a file of an earlier stage: {} Run the earlier stages "
                    "first (leave out --from).",
                    stage.name, e.what()));
  }
}

StageRecord run_stage(const Stage& stage, const StageContext& context, FileHashes inputs) {
  const UsageMeter meter;
  StageOutcome outcome = stage.run(context);
  StageRecord record;
  record.name = stage.name;
  record.key = context.key;
  record.inputs = std::move(inputs);
  record.outputs = hash_files(context.run_dir, outcome.outputs);
  record.logs = std::move(outcome.logs);
  record.notes = std::move(outcome.notes);
  record.usage = meter.elapsed();
  return record;
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
  manifest.case_name = settings.title;
  manifest.seed = settings.seed;
  manifest.command = options.command;
  manifest.versions = options.versions;
  core::write_file(dir / "config.toml", settings.resolved_toml);
  write_manifest(dir, manifest);

  const SharedWork shared{options.shared, options.program};
  for (std::size_t i = first; i <= last; ++i) {
    const Stage& stage = stages[i];
    FileHashes inputs = hash_inputs(stage, dir);
    const std::string key = key_of(stage, settings, options.program, inputs);
    const StageRecord* done = manifest.find(stage.name);
    const bool forced = options.from && !options.resume;
    if (done != nullptr && !forced && done->key == key && outputs_intact(dir, *done)) {
      tell(events.skipped, stage);
      continue;
    }
    if (auto record = forced ? std::nullopt : adopt_stage(shared, stage.name, key, dir)) {
      manifest.put(std::move(*record));
      write_manifest(dir, manifest);
      tell(events.skipped, stage);
      continue;
    }
    tell(events.started, stage, static_cast<int>(i) + 1, static_cast<int>(stages.size()));
    manifest.put(
        run_stage(stage, {dir, settings, key, options.threads, events.progress, shared}, std::move(inputs)));
    write_manifest(dir, manifest);
    offer_stage(shared, *manifest.find(stage.name), dir);
    tell(events.finished, stage, *manifest.find(stage.name));
  }
  return manifest;
}

} // namespace aet::validation
