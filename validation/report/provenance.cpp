#include "validation/report/provenance.hpp"

#include "validation/report/lenient_json.hpp"
#include "validation/report/text.hpp"

#include <algorithm>

namespace aet::validation::page {
namespace {

std::string plain(const Json& value) {
  if (value.is_string()) return value.get<std::string>();
  if (value.is_number_integer()) return value.dump(); // a seed must be readable back, digit for digit
  if (value.is_number()) return format_number(value.get<double>());
  return value.is_null() ? "not recorded" : value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string measured(const Json& stage, const char* key, const char* unit) {
  const auto value = number_at(stage, key);
  return value ? format_number(*value) + "\u00a0" + unit : "not recorded";
}

void add_notes(std::vector<StageNotes>& all, const std::string& stage, const Json& notes) {
  for (const Json& note : notes) {
    if (!note.is_string()) continue;
    const std::string text = note.get<std::string>();
    if (std::any_of(all.begin(), all.end(), [&text](const StageNotes& s) {
          return std::find(s.notes.begin(), s.notes.end(), text) != s.notes.end();
        }))
      continue;
    auto found = std::find_if(all.begin(), all.end(), [&](const StageNotes& s) { return s.stage == stage; });
    if (found == all.end()) found = all.insert(all.end(), StageNotes{stage, {}});
    found->notes.push_back(text);
  }
}

void add_notes(std::vector<StageNotes>& all, const std::string& stage, const Part<JsonText>& part) {
  if (part.value) add_notes(all, stage, items_at(parse_json(part.value->text, stage), "notes"));
}

} // namespace

Provenance provenance(const Part<JsonText>& manifest) {
  Provenance view;
  if (!manifest.value) {
    view.missing = manifest.reason;
    return view;
  }
  const Json json = parse_json(manifest.value->text, "manifest.json");
  view.command = text_at(json, "command");
  view.facts.push_back({"aetval", text_at(json, "version", "not recorded")});
  view.facts.push_back({"Seed", plain(member(json, "seed"))});
  for (const auto& [name, value] : object_at(json, "versions").items())
    view.facts.push_back({name, plain(value)});
  double wall = 0.0;
  double cpu = 0.0;
  for (const Json& stage : items_at(json, "stages")) {
    const std::string name = text_at(stage, "name", "?");
    view.stages.push_back({name, measured(stage, "wall_s", "s"), measured(stage, "cpu_s", "s"),
                           measured(stage, "peak_memory_mb", "MB")});
    wall += number_at(stage, "wall_s").value_or(0.0);
    cpu += number_at(stage, "cpu_s").value_or(0.0);
    for (const auto& [path, hash] : object_at(stage, "outputs").items())
      view.hashes.push_back({name, path, plain(hash)});
  }
  if (view.stages.size() > 1)
    view.stages.push_back(
        {"all stages", format_number(wall) + "\u00a0s", format_number(cpu) + "\u00a0s", ""});
  return view;
}

std::vector<StageNotes> simplifications(const ReportData& data) {
  std::vector<StageNotes> all;
  if (data.manifest.value) {
    const Json json = parse_json(data.manifest.value->text, "manifest.json");
    for (const Json& stage : items_at(json, "stages"))
      add_notes(all, text_at(stage, "name", "?"), items_at(stage, "notes"));
  }
  add_notes(all, "truth", data.truth_summary);
  add_notes(all, "truth", data.md_summary);
  for (const ReportFrame& frame : data.frames) {
    add_notes(all, "reconstruct", frame.volume_summary);
    add_notes(all, "trace", frame.trace_summary);
  }
  add_notes(all, "analyze", data.truth_analysis);
  add_notes(all, "analyze", data.model_analysis);
  add_notes(all, "score", data.scores);
  if (!data.scores.value) return all;
  const Json scores = parse_json(data.scores.value->text, "scores.json");
  for (const Json& frame : items_at(scores, "frames"))
    add_notes(all, "score", items_at(frame, "notes"));
  return all;
}

} // namespace aet::validation::page
