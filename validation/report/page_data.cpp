#include "validation/report/page_data.hpp"

#include "sim/core/elements.hpp"
#include "validation/figures/table.hpp"
#include "validation/report/lenient_json.hpp"
#include "validation/report/text.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <set>
#include <span>
#include <utility>

namespace aet::validation::page {
namespace {

Json missing(const std::string& reason) {
  return {{"missing", reason}};
}

/// Six digits are more than a plot shows, and a third of the characters.
void round_numbers(Json& json) {
  if (json.is_structured()) {
    for (Json& child : json)
      round_numbers(child);
  } else if (json.is_number_float()) {
    const double value = json.get<double>();
    if (!std::isfinite(value))
      json = nullptr;
    else if (value != 0.0)
      json = std::stod(fmt::format("{:.6g}", value));
  }
}

Json document(const Part<JsonText>& part, const std::string& name) {
  if (!part.value) return missing(part.reason);
  Json json = parse_json(part.value->text, name);
  round_numbers(json);
  return json;
}

Json packed(std::span<const double> values) {
  const PackedColumn column = pack_column(values);
  return {{"low", column.low}, {"step", column.step}, {"u16", base64(column.bytes)}};
}

Json grey(const GreyStack& stack) {
  return {{"nx", stack.nx},
          {"ny", stack.ny},
          {"nz", stack.nz},
          {"bin", stack.bin},
          {"low", stack.low},
          {"high", stack.high},
          {"bytes", base64(stack.bytes)}};
}

std::string intensity_name(core::Intensity intensity) {
  switch (intensity) {
  case core::Intensity::fraction:
    return "fraction of the beam";
  case core::Intensity::counts:
    return "counts";
  case core::Intensity::unknown:
    break;
  }
  return "unknown unit";
}

Json tilts(const Part<core::TiltSeries>& part, int bin) {
  if (!part.value) return missing(part.reason);
  const core::TiltSeries& series = *part.value;
  if (series.images.empty()) return missing("the tilt series holds no image");
  Json json = grey(grey_images(series.images, bin));
  json["source_nx"] = series.images.front().nx;
  json["source_ny"] = series.images.front().ny;
  json["pixel_a"] = series.pixel_size;
  json["unit"] = intensity_name(series.intensity);
  const bool single_axis = core::is_single_axis(series);
  json["single_axis"] = single_axis;
  Json& angles = json["angles"] = Json::array();
  if (single_axis)
    for (const core::Mat3& orientation : series.orientations)
      angles.push_back(core::tilt_degrees(orientation));
  Json& microscope = json["microscope"] = Json::object();
  const auto note = [&microscope](const char* key, const std::optional<double>& value) {
    if (value) microscope[key] = *value;
  };
  const core::Microscope& m = series.microscope;
  note("energy_kv", m.energy_kv);
  note("convergence_mrad", m.convergence_mrad);
  note("detector_inner_mrad", m.detector_inner_mrad);
  note("detector_outer_mrad", m.detector_outer_mrad);
  note("dose_e_per_a2", m.dose_e_per_a2);
  return json;
}

Json volume(const Part<core::Volume>& part, int bin) {
  if (!part.value) return missing(part.reason);
  Json json = grey(grey_volume(*part.value, bin));
  json["source"] = {part.value->nx, part.value->ny, part.value->nz};
  json["voxel_a"] = part.value->voxel_size;
  return json;
}

Json atoms(const Part<core::Atoms>& part) {
  if (!part.value) return missing(part.reason);
  const core::Atoms& list = *part.value;
  const std::size_t n = list.size();
  Json json{{"n", n}};
  std::vector<double> values(n);
  constexpr std::array<const char*, 3> axes{"x", "y", "z"};
  for (std::size_t axis = 0; axis < 3; ++axis) {
    for (std::size_t i = 0; i < n; ++i)
      values[i] = list.positions[i][static_cast<Eigen::Index>(axis)];
    json[axes.at(axis)] = packed(values);
  }
  std::string numbers;
  std::set<int> kinds;
  for (const int z : list.atomic_numbers) {
    numbers.push_back(static_cast<char>(z));
    kinds.insert(z);
  }
  json["z_number"] = base64(numbers);
  for (const int z : kinds)
    json["symbols"][std::to_string(z)] = core::element_symbol(z);
  Json& columns = json["columns"] = Json::object();
  for (const char* name : {"alpha", "q4", "q6", "nucleus"})
    if (const auto found = list.columns.find(name); found != list.columns.end())
      columns[name] = packed(found->second);
  return json;
}

/// Pairs whose atoms exist; a list that speaks of others belongs to other atoms and is of no use.
Json matches(const ReportFrame& frame) {
  if (!frame.matches.value) return missing(frame.matches.reason);
  if (!frame.truth.value) return missing("there is no truth to compare with: " + frame.truth.reason);
  if (!frame.model.value) return missing("there is no model to compare: " + frame.model.reason);
  const MatchList& list = *frame.matches.value;
  std::vector<std::size_t> truth;
  std::vector<std::size_t> model;
  std::array<std::vector<double>, 3> error;
  for (const MatchList::Pair& pair : list.pairs) {
    if (pair.truth >= frame.truth.value->size() || pair.model >= frame.model.value->size())
      return missing(
          fmt::format("the matches name truth atom {} and model atom {}, but there are {} and {} atoms",
                      pair.truth, pair.model, frame.truth.value->size(), frame.model.value->size()));
    truth.push_back(pair.truth);
    model.push_back(pair.model);
    for (std::size_t axis = 0; axis < 3; ++axis)
      error.at(axis).push_back(pair.error_pm.at(axis));
  }
  Json json{{"n", list.pairs.size()},
            {"truth", base64(pack_integers(truth))},
            {"model", base64(pack_integers(model))},
            {"dx", packed(error[0])},
            {"dy", packed(error[1])},
            {"dz", packed(error[2])}};
  if (list.cutoff_a) json["cutoff_a"] = *list.cutoff_a;
  return json;
}

/// How bright traced peaks are: counts of those that became atoms and of the others. Null if nothing was
/// recorded.
Json peak_histogram(const Json& peaks) {
  constexpr std::size_t bins = 60;
  std::vector<std::pair<double, bool>> found;
  double low = std::numeric_limits<double>::infinity();
  double high = -low;
  for (const Json& peak : peaks) {
    const auto intensity = number_at(peak, "intensity");
    if (!intensity || !std::isfinite(*intensity)) continue;
    found.emplace_back(*intensity, text_at(peak, "fate") == "atom");
    low = std::min(low, *intensity);
    high = std::max(high, *intensity);
  }
  if (found.empty() || !(high > low)) return nullptr;
  std::array<int, bins> atoms{};
  std::array<int, bins> others{};
  for (const auto& [intensity, is_atom] : found) {
    const auto bin = std::min(bins - 1, static_cast<std::size_t>((intensity - low) / (high - low) * bins));
    ++(is_atom ? atoms : others).at(bin);
  }
  Json edges = Json::array();
  for (std::size_t i = 0; i <= bins; ++i)
    edges.push_back(low + (high - low) * static_cast<double>(i) / bins);
  return {{"edges", edges}, {"atoms", atoms}, {"others", others}};
}

/// The summary of the tracing; its list of all peaks, which is long, becomes a histogram.
Json trace(const Part<JsonText>& part, const std::string& name) {
  if (!part.value) return missing(part.reason);
  Json json = parse_json(part.value->text, name);
  json["peak_histogram"] = peak_histogram(items_at(json, "peaks"));
  json.erase("peaks");
  round_numbers(json);
  return json;
}

/// A long log as at most `max_rows` rows, each the mean of equally many rows of the log.
Json thermo(const Part<Table>& part) {
  constexpr std::size_t max_rows = 600;
  if (!part.value) return missing(part.reason);
  const Table& table = *part.value;
  if (table.columns.empty() || table.columns.front().empty()) return missing("the thermo log holds no rows");
  const std::size_t rows = table.columns.front().size();
  const std::size_t group = (rows + max_rows - 1) / max_rows;
  Json json{{"names", table.names}, {"rows", rows}, {"rows_per_point", group}};
  Json& columns = json["columns"] = Json::array();
  for (const auto& column : table.columns) {
    Json means = Json::array();
    for (std::size_t begin = 0; begin < rows; begin += group) {
      const std::size_t end = std::min(rows, begin + group);
      double sum = 0.0;
      for (std::size_t i = begin; i < end; ++i)
        sum += column[i];
      means.push_back(sum / static_cast<double>(end - begin));
    }
    columns.push_back(std::move(means));
  }
  const auto named = std::find(table.names.begin(), table.names.end(), "time_ps");
  const auto time = named == table.names.end() ? 0 : static_cast<std::size_t>(named - table.names.begin());
  json["time_column"] = time;
  Json& stages = json["stages"] = Json::array();
  for (std::size_t i = 0; i < std::min(rows, table.stages.size()); ++i)
    if (i == 0 || table.stages[i] != table.stages[i - 1])
      stages.push_back({{"name", table.stages[i]}, {"at", table.columns[time][i]}});
  round_numbers(json);
  return json;
}

/// What plots call the figures they show: label and unit by name; families are left out.
Json words_of_figures() {
  Json words = Json::object();
  for (const FigureDefinition& row : figure_table())
    if (names_of(row).size() == 1)
      words[std::string(row.name)] = {{"label", row.label}, {"axis", axis_label_of(row.name)}};
  return words;
}

/// One bin for all frames, so that they can be compared by eye.
int common_bin(const ReportData& data, std::size_t budget, int dimensions) {
  std::size_t values = 0;
  for (const ReportFrame& frame : data.frames) {
    if (dimensions == 2 && frame.tilts.value)
      for (const core::Image& image : frame.tilts.value->images)
        values += image.data.size();
    if (dimensions == 3 && frame.volume.value) values += frame.volume.value->data.size();
  }
  return bin_to_fit(values, dimensions, budget);
}

} // namespace

std::string page_data(const ReportData& data, const PictureBudget& budget) {
  const int tilt_bin = common_bin(data, budget.tilt_bytes, 2);
  const int volume_bin = common_bin(data, budget.volume_bytes, 3);
  Json page;
  page["figures"] = words_of_figures();
  page["scores"] = document(data.scores, "scores.json");
  page["analysis"] = {{"truth", document(data.truth_analysis, "analysis/truth.json")},
                      {"model", document(data.model_analysis, "analysis/model.json")}};
  page["chemistry"] = {{"truth", document(data.truth_chemistry, "analysis/chemistry_truth.json")},
                       {"model", document(data.model_chemistry, "analysis/chemistry_model.json")}};
  page["truth"] = document(data.truth_summary, "truth/truth.json");
  page["md"] = document(data.md_summary, "truth/md/hold/md.json");
  page["thermo"] = thermo(data.thermo);
  Json& frames = page["frames"] = Json::array();
  for (const ReportFrame& frame : data.frames)
    frames.push_back({{"name", frame.name},
                      {"tilts", tilts(frame.tilts, tilt_bin)},
                      {"volume", volume(frame.volume, volume_bin)},
                      {"recovery", document(frame.volume_summary, "volume/" + frame.name + ".json")},
                      {"trace", trace(frame.trace_summary, "model/" + frame.name + ".json")},
                      {"truth", atoms(frame.truth)},
                      {"model", atoms(frame.model)},
                      {"matches", matches(frame)}});
  // Names from files may hold any bytes; what is not UTF-8 is shown as a replacement character.
  return page.dump(-1, ' ', false, Json::error_handler_t::replace);
}

} // namespace aet::validation::page
