#include "validation/score/stored_run.hpp"

#include "sim/core/error.hpp"
#include "sim/core/io/file.hpp"
#include "validation/figures/table.hpp"

#include <fmt/core.h>
#include <nlohmann/json.hpp>
#include <toml++/toml.h>

#include <algorithm>
#include <array>
#include <sstream>

namespace aet::validation {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

namespace {

constexpr std::array axes{"x", "y", "z"};

Figure figure_of(const std::string& name, const Json& value, const Json* interval) {
  // Not known(): the file may be of a version of aetval that has further figures, which nothing here judges.
  Figure figure{name, value.get<double>(), {}, ""};
  if (interval != nullptr) figure.interval = {interval->at(0).get<double>(), interval->at(1).get<double>()};
  return figure;
}

/// Numbers of a group of scores.json under their dotted names.
void collect(const std::string& prefix, const Json& group, Figures& figures) {
  for (const auto& [key, value] : group.items()) {
    const std::string name = prefix + "." + key;
    const auto interval = group.find(key + "_interval");
    const Json* range = interval == group.end() || !interval->is_array() ? nullptr : &*interval;
    if (value.is_object()) {
      collect(name, value, figures);
    } else if (value.is_number()) {
      figures.push_back(figure_of(name, value, range));
    } else if (key == "rmsd_axis_pm" && value.is_array() && value.size() == axes.size()) {
      for (std::size_t i = 0; i < axes.size(); ++i) {
        figures.push_back(figure_of(fmt::format("{}.rmsd_{}_pm", prefix, axes[i]), value.at(i),
                                    range == nullptr ? nullptr : &range->at(i)));
      }
    }
  }
}

Json read_json(const fs::path& file) {
  try {
    return Json::parse(core::read_file(file));
  } catch (const Json::exception& e) {
    throw core::DataError(fmt::format("'{}' is not a usable scores file: {}.", file.string(), e.what()));
  }
}

void flatten(const toml::table& table, const std::string& prefix, std::map<std::string, std::string>& out) {
  for (const auto& [key, node] : table) {
    const std::string name = prefix + std::string(key.str());
    if (const toml::table* inner = node.as_table()) {
      flatten(*inner, name + ".", out);
    } else {
      std::ostringstream text;
      if (const auto number = node.value<double>(); number && node.is_floating_point())
        text << fmt::format("{}", *number); // shortest form: 0.4, not 0.40000000000000002
      else
        node.visit([&text](const auto& n) { text << n; });
      out[name] = text.str();
    }
  }
}

Check check_of(const Json& object) {
  Check check;
  check.name = object.at("name").get<std::string>();
  check.frame = object.at("frame").get<std::string>();
  if (object.at("value").is_number()) check.value = object.at("value").get<double>();
  check.unit = object.at("unit").get<std::string>();
  check.limit = object.at("limit").get<double>();
  check.direction = object.at("direction") == "at_least" ? Direction::at_least : Direction::at_most;
  for (const CheckStatus status : {CheckStatus::pass, CheckStatus::fail, CheckStatus::not_assessed}) {
    if (object.at("status") == status_name(status)) check.status = status;
  }
  check.reason = object.at("reason").get<std::string>();
  return check;
}

} // namespace

const StoredFrame* frame_of(const StoredRun& run, const std::string& name) {
  const auto found = std::find_if(run.frames.begin(), run.frames.end(),
                                  [&name](const StoredFrame& frame) { return frame.name == name; });
  return found == run.frames.end() ? nullptr : &*found;
}

StoredRun read_stored_run(const fs::path& run_dir) {
  const fs::path file = run_dir / "scores.json";
  const Json scores = read_json(file);
  StoredRun run;
  try {
    run.case_name = scores.at("case").get<std::string>();
    for (const Json& frame : scores.at("frames")) {
      StoredFrame stored{frame.at("name").get<std::string>(), {}};
      for (const std::string& group : frame_groups())
        if (frame.contains(group)) collect(group, frame.at(group), stored.figures);
      run.frames.push_back(std::move(stored));
    }
    if (const auto dynamics = scores.find("dynamics"); dynamics != scores.end() && dynamics->is_object()) {
      StoredFrame whole;
      collect("dynamics", *dynamics, whole.figures);
      run.frames.push_back(std::move(whole));
    }
  } catch (const Json::exception& e) {
    throw core::DataError(fmt::format("'{}' is not a usable scores file: {}.", file.string(), e.what()));
  }
  if (const fs::path config = run_dir / "config.toml"; fs::exists(config)) {
    try {
      const toml::table table = toml::parse(core::read_file(config));
      flatten(table, "", run.settings);
      run.seed = static_cast<std::uint64_t>(table["seed"].value_or<std::int64_t>(0));
    } catch (const toml::parse_error& e) {
      throw core::DataError(fmt::format("'{}' is not valid TOML: {}.", config.string(), e.description()));
    }
    run.settings.erase("seed");
  }
  if (const fs::path manifest = run_dir / "manifest.json"; fs::exists(manifest)) {
    const Json document = read_json(manifest);
    run.version = document.value("version", "");
  }
  return run;
}

std::vector<Check> read_checks(const fs::path& run_dir) {
  const fs::path file = run_dir / "scores.json";
  const Json scores = read_json(file);
  std::vector<Check> checks;
  try {
    for (const Json& check : scores.at("checks"))
      checks.push_back(check_of(check));
  } catch (const Json::exception& e) {
    throw core::DataError(fmt::format("'{}' is not a usable scores file: {}.", file.string(), e.what()));
  }
  return checks;
}

Json stored_run_json(const StoredRun& run) {
  Json frames = Json::array();
  for (const StoredFrame& frame : run.frames) {
    Json figures = Json::object();
    for (const Figure& figure : frame.figures) {
      if (!figure.value) continue;
      Json entry = {{"value", *figure.value}};
      if (figure.interval) entry["interval"] = {figure.interval->first, figure.interval->second};
      figures[figure.name] = std::move(entry);
    }
    frames.push_back({{"name", frame.name}, {"figures", std::move(figures)}});
  }
  return {{"date", run.date},      {"version", run.version},   {"seed", run.seed},
          {"case", run.case_name}, {"settings", run.settings}, {"frames", std::move(frames)}};
}

StoredRun stored_run_of(const Json& document) {
  StoredRun run;
  run.date = document.at("date").get<std::string>();
  run.version = document.at("version").get<std::string>();
  run.seed = document.at("seed").get<std::uint64_t>();
  run.case_name = document.at("case").get<std::string>();
  for (const auto& [key, value] : document.at("settings").items())
    run.settings[key] = value.get<std::string>();
  for (const Json& frame : document.at("frames")) {
    StoredFrame stored{frame.at("name").get<std::string>(), {}};
    for (const auto& [name, entry] : frame.at("figures").items()) {
      const auto interval = entry.find("interval");
      stored.figures.push_back(
          figure_of(name, entry.at("value"), interval == entry.end() ? nullptr : &*interval));
    }
    run.frames.push_back(std::move(stored));
  }
  return run;
}

} // namespace aet::validation
