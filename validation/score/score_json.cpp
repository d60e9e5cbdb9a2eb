#include "validation/score/score_json.hpp"

#include "sim/core/elements.hpp"
#include "sim/core/units.hpp"

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include <cmath>

namespace aet::validation {

using Json = nlohmann::ordered_json;

namespace {

using core::pm_per_a;

/// Rounded to 1e-4 pm, far below any error of interest, to keep files small.
double picometres(double angstrom) {
  return std::round(1e6 * angstrom) / 1e4;
}

Json optional_number(const std::optional<double>& value) {
  return value ? Json(*value) : Json(nullptr);
}

/// value, value_reason or value_interval into `object`.
void put(Json& object, const std::string& key, const Figure& figure) {
  object[key] = optional_number(figure.value);
  if (!figure.value) object[key + "_reason"] = figure.reason;
  if (figure.interval) object[key + "_interval"] = {figure.interval->first, figure.interval->second};
}

/// x, y and z as one list under "rmsd_axis_pm".
void put_axes(Json& atoms, const Figures& figures) {
  Json values = Json::array();
  Json intervals = Json::array();
  for (const char* name : {"atoms.rmsd_x_pm", "atoms.rmsd_y_pm", "atoms.rmsd_z_pm"}) {
    const Figure* figure = find(figures, name);
    if (figure == nullptr || !figure->value) {
      atoms["rmsd_axis_pm"] = nullptr;
      atoms["rmsd_axis_pm_reason"] = figure == nullptr ? "it was not computed" : figure->reason;
      return;
    }
    values.push_back(*figure->value);
    if (figure->interval) intervals.push_back({figure->interval->first, figure->interval->second});
  }
  atoms["rmsd_axis_pm"] = std::move(values);
  if (intervals.size() == 3) atoms["rmsd_axis_pm_interval"] = std::move(intervals);
}

bool is_axis(const std::string& name) {
  return name == "atoms.rmsd_x_pm" || name == "atoms.rmsd_y_pm" || name == "atoms.rmsd_z_pm";
}

/// Figures by their dotted names: "atoms.by_species.Pt.recall" becomes atoms{by_species{Pt{recall}}}.
void put_figures(Json& frame, const Figures& figures) {
  for (const Figure& figure : figures) {
    if (figure.name == "atoms.rmsd_x_pm") put_axes(frame["atoms"], figures);
    if (is_axis(figure.name)) continue;
    Json* object = &frame;
    std::string rest = figure.name;
    for (auto dot = rest.find('.'); dot != std::string::npos; dot = rest.find('.')) {
      object = &(*object)[rest.substr(0, dot)];
      rest.erase(0, dot + 1);
    }
    put(*object, rest, figure);
  }
}

Json transform_json(const Transform& transform) {
  Json rows = Json::array();
  for (int i = 0; i < 3; ++i) {
    rows.push_back({transform.linear(i, 0), transform.linear(i, 1), transform.linear(i, 2)});
  }
  return {{"linear", rows}, {"shift_a", {transform.shift.x(), transform.shift.y(), transform.shift.z()}}};
}

Json alignment_json(const MatchResult& match) {
  Json object = transform_json(match.transform);
  object["rotation_deg"] = rotation_angle(match.transform) / core::radian_per_degree;
  object["largest_strain"] = largest_strain(match.transform);
  object["iterations"] = match.iterations;
  object["settled"] = match.settled;
  return object;
}

/// rmsd in pm, or null with the reason.
void put_pm(Json& object, const char* key, const std::optional<double>& angstrom, const char* reason) {
  object[key] = angstrom ? Json(pm_per_a * *angstrom) : Json(nullptr);
  if (!angstrom) object[std::string(key) + "_reason"] = reason;
}

Json published_json(const FrameScore& score) {
  const char* too_few = "too few atoms match by this definition";
  Json yang2017{{"source", "Yang et al., Nature 542, 75 (2017)"},
                {"cutoff_a", score.yang2017.cutoff_a},
                {"common", score.yang2017.common},
                {"common_species", score.yang2017.common_species},
                {"identified", score.yang2017.identified}};
  put_pm(yang2017, "rmsd_pm", score.yang2017.rmsd_a, too_few);
  Json zhou2019{{"source", "Zhou et al., Nature 570, 500 (2019)"},
                {"cutoff_a", score.zhou2019.cutoff_a},
                {"common", score.zhou2019.common},
                {"consistency", score.zhou2019.consistency}};
  put_pm(zhou2019, "mean_deviation_pm", score.zhou2019.mean_deviation_a, too_few);
  put_pm(zhou2019, "precision_pm", score.zhou2019.precision_a, too_few);
  Json yang2021{{"source", "scripts published with Yang et al., Nature 592, 60 (2021), and later papers"},
                {"cutoff_a", score.yang2021.cutoff_a},
                {"matched", score.yang2021.matched},
                {"matched_fraction", score.yang2021.matched_fraction}};
  put_pm(yang2021, "rmsd_pm", score.yang2021.rmsd_a, too_few);
  yang2021["by_species"] = Json::array();
  for (const auto& species : score.yang2021.by_species) {
    Json one{{"atomic_number", species.atomic_number},
             {"matched", species.matched},
             {"matched_fraction", species.matched_fraction}};
    put_pm(one, "rmsd_pm", species.rmsd_a, too_few);
    yang2021["by_species"].push_back(std::move(one));
  }
  return {{"yang2017", yang2017}, {"zhou2019", zhou2019}, {"yang2021", yang2021}};
}

Json confusion_json(const Confusion& confusion) {
  Json species = Json::array();
  for (const int z : confusion.species)
    species.push_back(z >= 1 && z <= 118 ? core::element_symbol(z) : fmt::format("Z{}", z));
  return {{"species", species},
          {"called", confusion.called},
          {"missed", confusion.missed},
          {"spurious", confusion.spurious}};
}

Json bands_json(const std::vector<Band>& bands) {
  Json rows = Json::array();
  for (const Band& band : bands) {
    Json row{{"low", band.low},
             {"truth", band.truth},
             {"matched", band.matched},
             {"right_species", band.right_species}};
    put_pm(row, "rmsd_pm", band.rmsd_a, "no atom of this band is matched");
    if (std::isfinite(band.high)) row["high"] = band.high; // the last band is open
    if (const auto& axis = band.rmsd_axis_a)
      row["rmsd_axis_pm"] = {picometres(axis->x()), picometres(axis->y()), picometres(axis->z())};
    rows.push_back(std::move(row));
  }
  return rows;
}

Json breakdown_json(const Breakdown& breakdown) {
  Json object{{"confusion", confusion_json(breakdown.confusion)},
              {"by_depth_a", bands_json(breakdown.by_depth)},
              {"by_neighbours", bands_json(breakdown.by_neighbours)}};
  if (!breakdown.reason.empty()) object["reason"] = breakdown.reason;
  return object;
}

Json pair_json(const MatchPair& pair) {
  return {pair.truth, pair.model, picometres(pair.error.x()), picometres(pair.error.y()),
          picometres(pair.error.z())};
}

Json frame_json(const FrameScore& score) {
  Json frame{{"name", score.name}};
  put_figures(frame, score.figures);
  frame["alignment"] = alignment_json(score.match);
  frame["mirror"] = {{"mirrored", score.mirror.mirrored},
                     {"recall", optional_number(score.mirror.recall)},
                     {"reason", score.mirror.reason}};
  if (!score.mirror.recall) frame["mirror"]["recall_reason"] = score.mirror.reason;
  frame["chance"] = {{"recall", score.chance.recall},
                     {"recall_sd", score.chance.recall_sd},
                     {"rotations", score.chance.rotations}};
  frame["published"] = published_json(score);
  frame["breakdown"] = breakdown_json(score.breakdown);
  frame["error_histogram"] = {{"bin_pm", score.histogram.bin_pm}, {"counts", score.histogram.counts}};
  frame["cutoff_curve"] = Json::array();
  for (const CutoffPoint& point : score.curve) {
    Json one{{"cutoff_a", point.cutoff_a}, {"recall", point.recall}, {"precision", point.precision}};
    put_pm(one, "rmsd_pm", point.rmsd_a, "no atom is matched at this cutoff");
    frame["cutoff_curve"].push_back(std::move(one));
  }
  frame["worst_atoms"] = Json::array();
  for (const MatchPair& pair : score.worst) {
    frame["worst_atoms"].push_back(
        {{"truth", pair.truth},
         {"model", pair.model},
         {"error_pm", picometres(pair.error.norm())},
         {"error_axis_pm",
          {picometres(pair.error.x()), picometres(pair.error.y()), picometres(pair.error.z())}}});
  }
  if (score.nuclei) {
    frame["nuclei_pairs"] = Json::array();
    for (const NucleusPair& pair : score.nuclei->pairs) {
      frame["nuclei_pairs"].push_back({{"truth", pair.truth},
                                       {"model", pair.model},
                                       {"shared_atoms", pair.shared},
                                       {"truth_atoms", pair.truth_atoms},
                                       {"model_atoms", pair.model_atoms},
                                       {"overlap", pair.overlap}});
    }
  }
  frame["notes"] = score.notes;
  return frame;
}

Json check_json(const Check& check) {
  Json object{{"name", check.name},
              {"frame", check.frame},
              {"value", optional_number(check.value)},
              {"unit", check.unit},
              {"limit", check.limit},
              {"direction", direction_name(check.direction)},
              {"status", status_name(check.status)},
              {"reason", check.reason}};
  if (check.baseline) object["baseline"] = *check.baseline;
  if (check.tolerance) object["tolerance"] = *check.tolerance;
  if (!check.history.empty()) object["history"] = check.history;
  return object;
}

} // namespace

Json checks_json(const std::vector<Check>& checks) {
  Json object = Json::array();
  for (const Check& check : checks)
    object.push_back(check_json(check));
  return object;
}

Json score_json(const RunScores& run) {
  Json document{{"schema", 1}, {"case", run.case_name}, {"verdict", status_name(verdict(run.checks))}};
  document["checks"] = checks_json(run.checks);
  document["frames"] = Json::array();
  for (const FrameScore& frame : run.frames)
    document["frames"].push_back(frame_json(frame));
  if (run.dynamics.empty()) {
    document["dynamics"] = nullptr;
    document["dynamics_reason"] = run.dynamics_reason;
  } else {
    document["dynamics"] = Json::object();
    for (const Figure& figure : run.dynamics)
      put(document["dynamics"], figure.name.substr(figure.name.find('.') + 1), figure);
  }
  document["notes"] = run.notes;
  return document;
}

Json match_json(const MatchResult& match) {
  Json document{{"cutoff_a", match.cutoff_a}, {"transform", transform_json(match.transform)}};
  document["pairs"] = Json::array();
  for (const MatchPair& pair : match.pairs)
    document["pairs"].push_back(pair_json(pair));
  return document;
}

std::string json_text(const Json& document) {
  return document.dump(1, ' ', false, Json::error_handler_t::replace) + "\n";
}

} // namespace aet::validation
