#include "validation/manifest/manifest.hpp"

#include "sim/core/error.hpp"
#include "sim/core/io/file.hpp"

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <set>
#include <utility>

namespace aet::validation {

namespace fs = std::filesystem;
using nlohmann::json;

namespace {

constexpr int schema = 2; // 1 recorded no settings

json to_json(const StageRecord& r) {
  json settings = json::object();
  for (const auto& [key, value] : r.read.settings)
    settings[key] = value ? json(*value) : json(nullptr);
  return {{"name", r.name},
          {"key", r.key},
          {"program", r.read.program},
          {"settings", settings},
          {"inputs", r.read.inputs},
          {"not_there", r.read.not_there},
          {"outputs", r.outputs},
          {"logs", r.logs},
          {"notes", r.notes},
          {"wall_s", r.usage.wall_s},
          {"cpu_s", r.usage.cpu_s},
          {"peak_memory_mb", r.usage.peak_memory_mb}};
}

StageRecord record_from(const json& j) {
  StageRecord r;
  r.name = j.at("name").get<std::string>();
  r.key = j.at("key").get<std::string>();
  r.read.program = j.at("program").get<std::string>();
  for (const auto& [key, value] : j.at("settings").items()) {
    std::optional<std::string>& read = r.read.settings[key];
    if (!value.is_null()) read = value.get<std::string>();
  }
  r.read.inputs = j.at("inputs").get<FileHashes>();
  r.read.not_there = j.at("not_there").get<std::vector<std::string>>();
  r.outputs = j.at("outputs").get<FileHashes>();
  r.logs = j.at("logs").get<std::vector<std::string>>();
  r.notes = j.at("notes").get<std::vector<std::string>>();
  r.usage = {j.at("wall_s").get<double>(), j.at("cpu_s").get<double>(), j.at("peak_memory_mb").get<double>()};
  return r;
}

/// A stage of a manifest of another form: it is known that there is one, and it has to run again.
StageRecord name_of_old(const json& j) {
  StageRecord r;
  r.name = j.at("name").get<std::string>();
  r.outputs = j.at("outputs").get<FileHashes>();
  return r;
}

} // namespace

std::string ReadRecord::key(const std::string& work) const {
  std::string text = program + "\n" + work + "\n";
  for (const auto& [name, value] : settings)
    text += value ? fmt::format("{} = {}\n", name, *value) : name + "\n";
  for (const auto& [path, hash] : inputs)
    text += fmt::format("{} {}\n", path, hash);
  for (const std::string& path : not_there)
    text += path + "\n";
  return core::sha256(text);
}

const StageRecord* Manifest::find(const std::string& stage) const {
  const auto found =
      std::find_if(stages.begin(), stages.end(), [&](const StageRecord& r) { return r.name == stage; });
  return found == stages.end() ? nullptr : &*found;
}

void Manifest::put(StageRecord record) {
  const auto found =
      std::find_if(stages.begin(), stages.end(), [&](const StageRecord& r) { return r.name == record.name; });
  if (found == stages.end()) {
    stages.push_back(std::move(record));
  } else {
    *found = std::move(record);
  }
}

void Manifest::drop(const std::string& stage) {
  std::erase_if(stages, [&](const StageRecord& r) { return r.name == stage; });
}

void remove_leftovers(const fs::path& run_dir, const StageRecord& before, const Manifest& manifest) {
  std::set<std::string> made;
  for (const StageRecord& record : manifest.stages) {
    for (const auto& [path, hash] : record.outputs)
      made.insert(path);
    made.insert(record.logs.begin(), record.logs.end());
  }
  std::set<std::string> left(before.logs.begin(), before.logs.end());
  for (const auto& [path, hash] : before.outputs)
    left.insert(path);
  std::error_code ignored; // what cannot be deleted is at least not in the manifest
  for (const std::string& path : left)
    if (!made.contains(path)) fs::remove(run_dir / path, ignored);
}

std::string stage_record_text(const StageRecord& record) {
  return to_json(record).dump(1) + "\n";
}

StageRecord stage_record_of(const std::string& text) {
  try {
    return record_from(json::parse(text));
  } catch (const json::exception& e) {
    throw core::DataError(fmt::format("this is not the record of a stage: {}.", e.what()));
  }
}

Manifest read_manifest(const fs::path& run_dir) {
  const fs::path path = run_dir / "manifest.json";
  Manifest manifest;
  if (!fs::exists(path)) return manifest;
  try {
    const json j = json::parse(core::read_file(path));
    manifest.version = j.at("version").get<std::string>();
    const bool readable = j.at("schema").get<int>() == schema;
    manifest.case_name = j.at("case").get<std::string>();
    manifest.seed = j.at("seed").get<std::uint64_t>();
    manifest.command = j.at("command").get<std::string>();
    manifest.versions = j.at("versions").get<std::map<std::string, std::string>>();
    for (const json& stage : j.at("stages"))
      manifest.stages.push_back(readable ? record_from(stage) : name_of_old(stage));
  } catch (const json::exception& e) {
    throw core::DataError(fmt::format(
        "'{}' is broken ({}); remove the folder or choose another one with --out.", path.string(), e.what()));
  }
  return manifest;
}

void write_manifest(const fs::path& run_dir, const Manifest& manifest) {
  json j{{"schema", schema},       {"version", manifest.version}, {"case", manifest.case_name},
         {"seed", manifest.seed},  {"command", manifest.command}, {"versions", manifest.versions},
         {"stages", json::array()}};
  for (const StageRecord& record : manifest.stages)
    j["stages"].push_back(to_json(record));
  core::write_file(run_dir / "manifest.json", j.dump(1, ' ', false, json::error_handler_t::replace) + "\n");
}

FileHashes hash_files(const fs::path& run_dir, const std::vector<std::string>& paths) {
  FileHashes hashes;
  for (const std::string& path : paths)
    hashes[path] = core::sha256_of_file(run_dir / path);
  return hashes;
}

bool outputs_intact(const fs::path& run_dir, const StageRecord& record) {
  return std::all_of(record.outputs.begin(), record.outputs.end(), [&](const auto& output) {
    return fs::is_regular_file(run_dir / output.first) &&
           core::sha256_of_file(run_dir / output.first) == output.second;
  });
}

} // namespace aet::validation
