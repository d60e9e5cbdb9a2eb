#include "sim/core/error.hpp"
#include "sim/core/io/file.hpp"
#include "sim/core/io/mrc.hpp"
#include "sim/core/io/tilt_files.hpp"
#include "sim/core/io/xyz.hpp"
#include "validation/report/report_data.hpp"

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include <charconv>
#include <set>
#include <string_view>

namespace aet::validation {

using page::JsonText;
using page::MatchList;
using page::Part;
using page::Table;

namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

/// Run `read` if the file is there; its error becomes the reason.
template <class T, class Read> Part<T> read_part(const fs::path& run, const fs::path& relative, Read read) {
  Part<T> part;
  const fs::path path = run / relative;
  std::error_code ignored;
  if (!fs::exists(path, ignored)) {
    part.reason = fmt::format("the run has no {}", relative.generic_string());
    return part;
  }
  try {
    part.value = read(path);
    part.reason.clear();
  } catch (const std::exception& error) {
    // The page must not depend on where the run lies, and the folder says nothing to its reader.
    std::string message = error.what();
    const std::string prefix = run.string() + "/";
    for (auto at = message.find(prefix); at != std::string::npos; at = message.find(prefix))
      message.erase(at, prefix.size());
    const std::string name = relative.generic_string();
    part.reason = message.starts_with(name) ? message : fmt::format("{} cannot be used: {}", name, message);
  }
  return part;
}

JsonText read_json(const fs::path& path) {
  std::string text = core::read_file(path);
  try {
    // Parsed once here, so that a broken file is reported with the place of its fault.
    if (!Json::parse(text).is_object()) throw core::DataError("it is JSON, but not an object {...}");
  } catch (const Json::parse_error& error) {
    throw core::DataError(fmt::format("not valid JSON at byte {}", error.byte));
  }
  return {std::move(text)};
}

MatchList read_matches(const fs::path& path) {
  MatchList list;
  const Json json = Json::parse(read_json(path).text);
  if (const auto found = json.find("cutoff_a"); found != json.end() && found->is_number())
    list.cutoff_a = found->get<double>();
  const auto pairs = json.find("pairs");
  if (pairs == json.end() || !pairs->is_array()) throw core::DataError("key \"pairs\" must be a list");
  list.pairs.reserve(pairs->size());
  for (const Json& row : *pairs) {
    const bool usable = row.is_array() && row.size() == 5 && row[0].is_number_unsigned() &&
                        row[1].is_number_unsigned() && row[2].is_number() && row[3].is_number() &&
                        row[4].is_number();
    if (!usable)
      throw core::DataError(
          fmt::format("pair {} must be [truth index, model index, dx_pm, dy_pm, dz_pm]", list.pairs.size()));
    list.pairs.push_back({row[0].get<std::size_t>(),
                          row[1].get<std::size_t>(),
                          {row[2].get<double>(), row[3].get<double>(), row[4].get<double>()}});
  }
  return list;
}

/// The next field of a comma-separated line, without blanks around it.
std::string_view take_field(std::string_view& rest) {
  const auto comma = rest.find(',');
  std::string_view field = rest.substr(0, comma);
  rest = comma == std::string_view::npos ? std::string_view{} : rest.substr(comma + 1);
  const auto first = field.find_first_not_of(" \t\r\"");
  if (first == std::string_view::npos) return {};
  return field.substr(first, field.find_last_not_of(" \t\r\"") - first + 1);
}

double parse_number(std::string_view field, std::size_t line_number) {
  double value = 0.0;
  const auto result = std::from_chars(field.data(), field.data() + field.size(), value);
  if (result.ec != std::errc{} || result.ptr != field.data() + field.size())
    throw core::DataError(fmt::format("line {}: \"{}\" is not a number", line_number, field));
  return value;
}

/// Comma-separated numbers under a line of names; a column "stage" holds text.
Table read_table(const fs::path& path) {
  Table table;
  std::vector<std::string> header;
  const std::string text = core::read_file(path);
  std::string_view rest = text;
  for (std::size_t line_number = 1; !rest.empty(); ++line_number) {
    const auto end = rest.find('\n');
    std::string_view line = rest.substr(0, end);
    rest = end == std::string_view::npos ? std::string_view{} : rest.substr(end + 1);
    if (line.find_first_not_of(" \t\r") == std::string_view::npos || line.front() == '#') continue;
    if (header.empty()) {
      while (!line.empty())
        header.emplace_back(take_field(line));
      for (const std::string& name : header)
        if (name != "stage") table.names.push_back(name);
      table.columns.resize(table.names.size());
      continue;
    }
    std::size_t column = 0;
    for (const std::string& name : header) {
      const std::string_view field = take_field(line);
      if (name == "stage")
        table.stages.emplace_back(field);
      else
        table.columns[column++].push_back(parse_number(field, line_number));
    }
    if (!line.empty())
      throw core::DataError(fmt::format("line {} has more columns than line 1", line_number));
  }
  if (table.columns.empty() || table.columns.front().empty()) throw core::DataError("it holds no rows");
  return table;
}

bool is_frame_name(const std::string& name) {
  return name.size() >= 2 && name.front() == 't' &&
         name.find_first_not_of("0123456789", 1) == std::string::npos;
}

void collect_frame_names(const fs::path& folder, std::string_view extension, std::set<std::string>& names) {
  std::error_code error;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    const std::string stem = it->path().stem().string();
    if (it->path().extension() == extension && is_frame_name(stem)) names.insert(stem);
  }
}

/// Every frame that any stage left a file of, or that the scores name.
std::set<std::string> frame_names(const fs::path& run, const Part<JsonText>& scores) {
  std::set<std::string> names;
  collect_frame_names(run / "truth", ".xyz", names);
  collect_frame_names(run / "model", ".xyz", names);
  collect_frame_names(run / "tilts", ".mrc", names);
  collect_frame_names(run / "volume", ".mrc", names);
  if (!scores.value) return names;
  const Json json = Json::parse(scores.value->text);
  const auto frames = json.find("frames");
  if (frames == json.end() || !frames->is_array()) return names;
  for (const Json& frame : *frames)
    if (frame.is_object() && frame.contains("name") && frame["name"].is_string() &&
        is_frame_name(frame["name"].get<std::string>()))
      names.insert(frame["name"].get<std::string>());
  return names;
}

core::Atoms read_atoms(const fs::path& path) {
  core::Atoms atoms = core::read_xyz(path);
  core::validate(atoms, path.string());
  return atoms;
}

/// The analysed atoms carry order and nuclei; the bare ones still show where atoms are.
Part<core::Atoms> read_best_atoms(const fs::path& run, const std::string& side, const std::string& frame) {
  auto analysed = read_part<core::Atoms>(run, fmt::format("analysis/{}_{}.xyz", side, frame), read_atoms);
  if (analysed.value) return analysed;
  auto bare = read_part<core::Atoms>(run, fmt::format("{}/{}.xyz", side, frame), read_atoms);
  if (!bare.value) bare.reason += fmt::format("; {}", analysed.reason);
  return bare;
}

} // namespace

ReportData read_report_data(const fs::path& run_dir) {
  std::error_code ignored;
  if (!fs::is_directory(run_dir, ignored))
    throw core::DataError(
        fmt::format("{} is not a directory; name the folder that `aetval run` wrote", run_dir.string()));
  const fs::path run = run_dir.lexically_normal();
  const auto json = [&run](const fs::path& name) { return read_part<JsonText>(run, name, read_json); };

  ReportData data;
  data.scores = json("scores.json");
  data.manifest = json("manifest.json");
  data.truth_analysis = json("analysis/truth.json");
  data.model_analysis = json("analysis/model.json");
  data.truth_chemistry = json("analysis/chemistry_truth.json");
  data.model_chemistry = json("analysis/chemistry_model.json");
  if (data.model_analysis.value && !fs::exists(run / "analysis/chemistry_truth.json", ignored))
    data.truth_chemistry.reason = data.model_chemistry.reason =
        "truth and recovered atoms do not both hold the same two elements on an fcc lattice";
  data.truth_summary = json("truth/truth.json");
  data.md_summary = json("truth/md/hold/md.json");
  data.thermo = read_part<Table>(run, "truth/md/hold/thermo.csv", read_table);
  if (data.truth_summary.value && !fs::exists(run / "truth/md", ignored)) {
    data.md_summary.reason = data.thermo.reason =
        "the truth was built or read from a file, not made by molecular dynamics";
  }
  data.config = read_part<std::string>(run, "config.toml", core::read_file);

  for (const std::string& name : frame_names(run, data.scores)) {
    ReportFrame frame;
    frame.name = name;
    frame.tilts = read_part<core::TiltSeries>(run, "tilts/" + name + ".mrc", [](const fs::path& path) {
      core::TiltSeries series = core::read_tilt_series(path);
      core::validate(series, path.string());
      return series;
    });
    frame.volume = read_part<core::Volume>(run, "volume/" + name + ".mrc", core::read_mrc_volume);
    frame.volume_summary = json("volume/" + name + ".json");
    frame.truth = read_best_atoms(run, "truth", name);
    frame.model = read_best_atoms(run, "model", name);
    frame.trace_summary = json("model/" + name + ".json");
    frame.matches = read_part<MatchList>(run, "analysis/matches_" + name + ".json", read_matches);
    data.frames.push_back(std::move(frame));
  }
  return data;
}

} // namespace aet::validation
