#include "validation/figures/schemas.hpp"

#include "sim/core/error.hpp"
#include "sim/core/join.hpp"
#include "validation/figures/table.hpp"

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <utility>

namespace aet::validation {

namespace {

using Json = nlohmann::ordered_json;

Json described(Json schema, const std::string& description) {
  schema["description"] = description;
  return schema;
}

Json text(const std::string& description) {
  return {{"type", "string"}, {"description", description}};
}

Json number(const std::string& description) {
  return {{"type", "number"}, {"description", description}};
}

Json number_or_null(const std::string& description) {
  return {{"type", {"number", "null"}}, {"description", description}};
}

Json whole(const std::string& description) {
  return {{"type", "integer"}, {"minimum", 0}, {"description", description}};
}

Json list_of(Json items, const std::string& description) {
  return {{"type", "array"}, {"items", std::move(items)}, {"description", description}};
}

/// A list of so many entries.
Json tuple(Json items, int size, const std::string& description) {
  return {{"type", "array"},
          {"items", std::move(items)},
          {"minItems", size},
          {"maxItems", size},
          {"description", description}};
}

Json texts(const std::string& description) {
  return list_of({{"type", "string"}}, description);
}

/// An object with these keys and no others; all are there but those named.
Json object(const std::string& description, Json properties, const std::vector<std::string>& optional = {}) {
  Json required = Json::array();
  for (const auto& [key, schema] : properties.items())
    if (std::find(optional.begin(), optional.end(), key) == optional.end()) required.push_back(key);
  return {{"type", "object"},
          {"description", description},
          {"required", std::move(required)},
          {"properties", std::move(properties)},
          {"additionalProperties", false}};
}

/// An object whose keys are names of the data.
Json map_of(Json values, const std::string& description) {
  return {{"type", "object"}, {"description", description}, {"additionalProperties", std::move(values)}};
}

// What stands at many places is defined once.
const Json interval{{"$ref", "#/definitions/interval"}};
const Json reason{{"$ref", "#/definitions/reason"}};

Json definitions() {
  return {{"interval", tuple({{"type", "number"}}, 2, "95 % interval, low and high.")},
          {"reason", text("Why there is no value.")},
          {"figure", object("A value, and its interval where one is known.",
                            {{"value", number("The value.")}, {"interval", interval}}, {"interval"})}};
}

/// A number that may be missing, with the reason beside it.
void put_pm(Json& properties, const char* key, const std::string& description) {
  properties[key] = number_or_null(description + " [pm].");
  properties[std::string(key) + "_reason"] = reason;
}

std::string sentence(const FigureDefinition& row) {
  std::string unit;
  if (row.form == Form::share) unit = " A share, 0 to 1.";
  if (!row.unit.empty()) unit = fmt::format(" In {}.", unit_sign(row.unit));
  const char* better = row.better == Better::higher  ? " Higher is better."
                       : row.better == Better::lower ? " Lower is better."
                                                     : "";
  return fmt::format("{}{}{}", row.meaning, unit, better);
}

Json value_of(const FigureDefinition& row, const std::string& name) {
  Json value = number_or_null(sentence(row));
  value["title"] = name.find("SYMBOL") == std::string::npos ? label_of(name) : std::string(row.label);
  if (row.form != Form::number) value["minimum"] = 0;
  if (row.form == Form::share) value["maximum"] = 1;
  return value;
}

/// The object that holds the figures of a name's last part but one: "atoms.by_species.SYMBOL" of
/// "atoms.by_species.SYMBOL.recall". Made where it is missing.
Json& holder(Json& properties, const std::string& path) {
  const auto dot = path.find('.');
  const std::string first = path.substr(0, dot);
  Json& here = properties[first];
  if (here.is_null()) here = {{"type", "object"}};
  if (dot == std::string::npos) return here;
  const std::string rest = path.substr(dot + 1);
  if (rest != "SYMBOL") return holder(here["properties"], rest);
  Json& of_element = here["additionalProperties"];
  if (of_element.is_null()) of_element = {{"type", "object"}};
  return of_element;
}

void close(Json& schema) {
  if (!schema.is_object()) return;
  if (schema.value("type", Json()) == "object" && schema.contains("properties") &&
      !schema.contains("additionalProperties"))
    schema["additionalProperties"] = false;
  for (Json& inner : schema)
    close(inner);
}

bool is_axis(const std::string& name) {
  return name.starts_with("atoms.rmsd_") && name.size() == std::string("atoms.rmsd_x_pm").size();
}

/// Groups of figures as objects of a frame (or of the whole run), with intervals and reasons beside the
/// values.
Json groups_of_figures(bool whole_run) {
  Json properties = Json::object();
  for (const FigureDefinition& row : figure_table()) {
    if (of_whole_run(row.name) != whole_run) continue;
    const bool by_element = row.name.find("SYMBOL") != std::string_view::npos;
    for (const std::string& name : by_element ? std::vector{std::string(row.name)} : names_of(row)) {
      const auto dot = name.rfind('.');
      Json& inside = holder(properties, name.substr(0, dot))["properties"];
      if (is_axis(name)) {
        inside["rmsd_axis_pm"] = {
            {"title", "RMSD along x, y, z"},
            {"description", "The three root mean squared errors. In pm. Lower is better."},
            {"type", {"array", "null"}},
            {"items", {{"type", "number"}}},
            {"minItems", 3},
            {"maxItems", 3}};
        inside["rmsd_axis_pm_interval"] = tuple(interval, 3, "Their 95 % intervals.");
        inside["rmsd_axis_pm_reason"] = reason;
        continue;
      }
      const std::string key = name.substr(dot + 1);
      inside[key] = value_of(row, name);
      inside[key + "_interval"] = interval;
      inside[key + "_reason"] = reason;
    }
  }
  for (auto& [group, schema] : properties.items()) {
    schema["title"] = group_heading(group);
    close(schema);
  }
  return properties;
}

Json verdicts() {
  return {{"enum", {"pass", "fail", "not assessed"}}};
}

Json check_schema() {
  return object("A limit held against a value.",
                {{"name", text("The figure; with \" against baseline\" where accepted runs set the limit.")},
                 {"frame", text("The moment; empty for a figure of the whole run.")},
                 {"value", number_or_null("The figure's value.")},
                 {"unit", text("pm, A, deg or px; empty for a pure number.")},
                 {"limit", number("The limit; itself it passes.")},
                 {"direction", {{"enum", {"at_least", "at_most"}}}},
                 {"status", verdicts()},
                 {"reason", text("One sentence.")},
                 {"baseline", number("The accepted value that the limit comes from.")},
                 {"tolerance", number("Change from it that chance explains.")},
                 {"history", list_of({{"type", "number"}}, "Values of accepted runs, oldest first.")}},
                {"baseline", "tolerance", "history"});
}

Json published_schema() {
  Json species{{"atomic_number", whole("Of the element.")},
               {"matched", whole("Atoms matched.")},
               {"matched_fraction", number("Their share.")}};
  put_pm(species, "rmsd_pm", "RMSD");
  Json yang{{"source", text("The paper.")},
            {"cutoff_a", number("Largest distance [\u00c5].")},
            {"common", whole("Common pairs.")},
            {"common_species", whole("Those with the true element.")},
            {"identified", number("Their share in the truth.")}};
  put_pm(yang, "rmsd_pm", "RMSD");
  Json zhou{{"source", text("The paper.")},
            {"cutoff_a", number("Largest distance [\u00c5].")},
            {"common", whole("Common pairs.")},
            {"consistency", number("Their share.")}};
  put_pm(zhou, "mean_deviation_pm", "Mean deviation");
  put_pm(zhou, "precision_pm", "Mean deviation over the square root of two");
  Json scripts{{"source", text("The scripts.")},
               {"cutoff_a", number("Largest distance [\u00c5].")},
               {"matched", whole("Atoms matched.")},
               {"matched_fraction", number("Their share.")}};
  put_pm(scripts, "rmsd_pm", "RMSD");
  scripts["by_species"] = list_of(object("One element.", species, {"rmsd_pm_reason"}), "By element.");
  return object(
      "The scores that published papers define.",
      {{"yang2017", object("Yang et al., Nature 542, 75 (2017).", yang, {"rmsd_pm_reason"})},
       {"zhou2019", object("Zhou et al., Nature 570, 500 (2019).", zhou,
                           {"mean_deviation_pm_reason", "precision_pm_reason"})},
       {"yang2021", object("Scripts published with Yang et al., Nature 592, 60 (2021), and later papers.",
                           scripts, {"rmsd_pm_reason"})}});
}

Json breakdown_schema() {
  const Json counts = list_of({{"type", "integer"}}, "A number for each element.");
  Json band{{"low", number("From here on.")},
            {"high", number("To here; left out where the band is open.")},
            {"truth", whole("True atoms.")},
            {"matched", whole("Those matched.")},
            {"right_species", whole("Those with the true element.")},
            {"rmsd_axis_pm", tuple({{"type", "number"}}, 3, "RMSD along x, y, z [pm].")}};
  put_pm(band, "rmsd_pm", "RMSD");
  const Json bands = list_of(object("A band.", band, {"high", "rmsd_axis_pm", "rmsd_pm_reason"}), "By band.");
  return object("Where atoms were lost, and what they were taken for.",
                {{"confusion", object("Elements of truth and model.",
                                      {{"species", texts("The elements.")},
                                       {"called", list_of(counts, "A row for each true element.")},
                                       {"missed", counts},
                                       {"spurious", counts}})},
                 {"by_depth_a", described(bands, "By depth below the surface [\u00c5].")},
                 {"by_neighbours", described(bands, "By the number of neighbours.")},
                 {"reason", text("Why there are no bands.")}},
                {"reason"});
}

Json frame_schema() {
  Json frame{{"name", text("The moment: t000, t001, ...")}};
  frame.update(groups_of_figures(false));
  const Json vector = tuple({{"type", "number"}}, 3, "x, y, z.");
  frame["alignment"] = object("Model to truth.", {{"linear", tuple(vector, 3, "Rows of the matrix.")},
                                                  {"shift_a", described(vector, "Shift [\u00c5].")},
                                                  {"rotation_deg", number("Angle of the rotation [\u00b0].")},
                                                  {"largest_strain", number("Largest principal strain.")},
                                                  {"iterations", whole("Of matching and fit.")},
                                                  {"settled", {{"type", "boolean"}}}});
  frame["mirror"] = object("Whether the model is the mirror image.",
                           {{"mirrored", {{"type", "boolean"}}},
                            {"recall", number_or_null("Recall of the mirrored model.")},
                            {"reason", text("How that was decided.")},
                            {"recall_reason", text("Why there is no recall.")}},
                           {"recall_reason"});
  frame["chance"] = object("What chance gives.", {{"recall", number("Mean recall.")},
                                                  {"recall_sd", number("Its standard deviation.")},
                                                  {"rotations", whole("Random rotations.")}});
  frame["published"] = published_schema();
  frame["breakdown"] = breakdown_schema();
  frame["error_histogram"] =
      object("Matched atoms by error.", {{"bin_pm", number("Width of a bin [pm].")},
                                         {"counts", list_of({{"type", "integer"}}, "From 0 on.")}});
  Json point{{"cutoff_a", number("Cut-off [\u00c5].")},
             {"recall", number("Recall.")},
             {"precision", number("Precision.")}};
  put_pm(point, "rmsd_pm", "RMSD");
  frame["cutoff_curve"] =
      list_of(object("At one cut-off.", point, {"rmsd_pm_reason"}), "If the cut-off were another.");
  frame["worst_atoms"] =
      list_of(object("A pair.", {{"truth", whole("Index, from 0.")},
                                 {"model", whole("Index, from 0.")},
                                 {"error_pm", number("Distance [pm].")},
                                 {"error_axis_pm", described(vector, "Model less truth [pm].")}}),
              "Largest errors first.");
  frame["nuclei_pairs"] = list_of(object("A pair.", {{"truth", whole("Nucleus of the truth.")},
                                                     {"model", whole("Nucleus of the model.")},
                                                     {"shared_atoms", whole("Atoms of both.")},
                                                     {"truth_atoms", whole("Atoms in the truth.")},
                                                     {"model_atoms", whole("Atoms in the model.")},
                                                     {"overlap", number("Shared over united.")}}),
                                  "Nuclei matched, where nuclei were sought.");
  frame["notes"] = texts("What a reader must know.");
  return object("One moment.", std::move(frame), {"compared_model", "nuclei_pairs"});
}

Json scores_schema() {
  Json dynamics = groups_of_figures(true).at("dynamics");
  dynamics["type"] = {"object", "null"};
  return object("How right the recovered atoms of a run are: scores.json.",
                {{"schema", {{"const", 1}}},
                 {"case", text("Title of the case.")},
                 {"verdict", verdicts()},
                 {"checks", list_of(check_schema(), "All checks.")},
                 {"frames", list_of(frame_schema(), "All moments.")},
                 {"dynamics", std::move(dynamics)},
                 {"dynamics_reason", text("Why there are no dynamics.")},
                 {"notes", texts("What the score leaves out.")}},
                {"dynamics_reason"});
}

Json manifest_schema() {
  const Json hashes =
      map_of({{"type", "string"}, {"pattern", "^[0-9a-f]{64}$"}}, "Relative path and SHA-256.");
  Json stage = object("A finished stage.",
                      {{"name", text("truth, image, ...")},
                       {"key", text("Hash of all that the outcome depends on.")},
                       {"program", text("Hash of the program that ran it.")},
                       {"settings", map_of({{"type", {"string", "null"}}},
                                           "Settings read, by their dotted keys; null: not in the case.")},
                       {"inputs", described(hashes, "Files read, and their SHA-256.")},
                       {"not_there", texts("Files looked for and not found.")},
                       {"outputs", described(hashes, "Files written, and their SHA-256.")},
                       {"logs", texts("Files with times and other facts of this very run.")},
                       {"notes", texts("What the stage leaves out.")},
                       {"wall_s", number("Time [s].")},
                       {"cpu_s", number("CPU time [s].")},
                       {"peak_memory_mb", number("Largest memory [MB].")}});
  return object("What each stage of a run read, wrote and cost: manifest.json.",
                {{"schema", {{"const", 2}}},
                 {"version", text("Of aetval.")},
                 {"case", text("Title of the case.")},
                 {"seed", whole("Of all random numbers.")},
                 {"command", text("As typed.")},
                 {"versions", map_of({{"type", "string"}}, "Of the libraries used.")},
                 {"stages", list_of(std::move(stage), "In the order in which they ran.")}});
}

Json baseline_schema() {
  Json figures = Json::object();
  Json patterns = Json::object();
  const auto entry = [](const FigureDefinition& row, const std::string& name) {
    const Json value = value_of(row, name);
    return Json{{"title", value.at("title")},
                {"description", value.at("description")},
                {"allOf", {{{"$ref", "#/definitions/figure"}}}}};
  };
  for (const FigureDefinition& row : figure_table()) {
    std::string name(row.name);
    if (const auto at = name.find("SYMBOL"); at != std::string::npos) {
      std::string pattern = "^" + name.replace(at, 6, "[A-Z][A-Za-z0-9]*") + "$";
      for (auto dot = pattern.find('.'); dot != std::string::npos; dot = pattern.find('.', dot + 2))
        pattern.replace(dot, 1, "\\.");
      patterns[pattern] = entry(row, std::string(row.name));
      continue;
    }
    for (const std::string& one : names_of(row))
      figures[one] = entry(row, one);
  }
  Json all = map_of(false, "Figures that have a value, by name.");
  all["properties"] = std::move(figures);
  all["patternProperties"] = std::move(patterns);
  Json frame = object("One moment.", {{"name", text("The moment; empty for the figures of the whole run.")},
                                      {"figures", std::move(all)}});
  Json run =
      object("An accepted run.", {{"date", {{"type", "string"}, {"pattern", "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"}}},
                                  {"version", text("Of aetval.")},
                                  {"seed", whole("Of the run.")},
                                  {"case", text("Title of the case.")},
                                  {"settings", map_of({{"type", "string"}}, "Every setting but the seed.")},
                                  {"frames", list_of(std::move(frame), "All moments.")}});
  return object("Accepted runs of one case, oldest first: what new runs are held against.",
                {{"schema", {{"const", 1}}}, {"history", list_of(std::move(run), "Oldest first.")}});
}

} // namespace

std::vector<std::string> schema_names() {
  return {"scores", "manifest", "baseline"};
}

Json schema_of(const std::string& name) {
  Json schema{{"$schema", "http://json-schema.org/draft-07/schema#"}};
  if (name == "scores")
    schema["title"] = "Scores of a run of aetval", schema.update(scores_schema());
  else if (name == "manifest")
    schema["title"] = "Manifest of a run of aetval", schema.update(manifest_schema());
  else if (name == "baseline")
    schema["title"] = "Baseline of aetval", schema.update(baseline_schema());
  else
    throw core::ConfigError(
        fmt::format("there is no schema '{}'; there are {}.", name, core::join(schema_names(), ", ")));
  if (name != "manifest") schema["definitions"] = definitions();
  return schema;
}

std::string schema_text(const std::string& name) {
  return schema_of(name).dump(1) + "\n";
}

} // namespace aet::validation
