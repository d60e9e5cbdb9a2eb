#include "validation/manifest/manifest.hpp"

#include "sim/core/error.hpp"
#include "sim/core/io/file.hpp"

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <utility>

namespace aet::validation {

namespace fs = std::filesystem;
using nlohmann::json;

namespace {

json to_json(const StageRecord& r) {
  return {{"name", r.name},           {"key", r.key},           {"inputs", r.inputs},
          {"outputs", r.outputs},     {"logs", r.logs},         {"notes", r.notes},
          {"wall_s", r.usage.wall_s}, {"cpu_s", r.usage.cpu_s}, {"peak_memory_mb", r.usage.peak_memory_mb}};
}

StageRecord record_from(const json& j) {
  StageRecord r;
  r.name = j.at("name").get<std::string>();
  r.key = j.at("key").get<std::string>();
  r.inputs = j.at("inputs").get<FileHashes>();
  r.outputs = j.at("outputs").get<FileHashes>();
  r.logs = j.at("logs").get<std::vector<std::string>>();
  r.notes = j.at("notes").get<std::vector<std::string>>();
  r.usage = {j.at("wall_s").get<double>(), j.at("cpu_s").get<double>(), j.at("peak_memory_mb").get<double>()};
  return r;
}

} // namespace

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
    manifest.case_name = j.at("case").get<std::string>();
    manifest.seed = j.at("seed").get<std::uint64_t>();
    manifest.command = j.at("command").get<std::string>();
    manifest.versions = j.at("versions").get<std::map<std::string, std::string>>();
    for (const json& stage : j.at("stages"))
      manifest.stages.push_back(record_from(stage));
  } catch (const json::exception& e) {
    throw core::DataError(fmt::format(
        "'{}' is broken ({}); remove the folder or choose another one with --out.", path.string(), e.what()));
  }
  return manifest;
}

void write_manifest(const fs::path& run_dir, const Manifest& manifest) {
  json j{{"schema", 1},
         {"version", manifest.version},
         {"case", manifest.case_name},
         {"seed", manifest.seed},
         {"command", manifest.command},
         {"versions", manifest.versions},
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
