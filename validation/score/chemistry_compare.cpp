#include "validation/score/chemistry_compare.hpp"

#include "analysis/moment/moment_chance.hpp"
#include "sim/core/statistics.hpp"
#include "validation/score/analysis_figures.hpp"
#include "validation/score/frame_score.hpp"

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <string>

namespace aet::validation {

namespace {

using nlohmann::json;

ChemistrySide side_of(const analysis::ChemicalAnalysis& a) {
  ChemistrySide side;
  side.nuclei = side.nuclei_left = a.moment.nuclei.size();
  if (a.moment.chance) {
    const analysis::ChanceSummary chance = analysis::chance_summary(a.moment);
    side.nuclei_left = chance.left;
    side.by_chance = chance.expected;
  }
  side.antisites = static_cast<std::size_t>(
      std::count(a.divided.antisite.begin(), a.divided.antisite.end(), std::uint8_t{1}));
  side.grains = a.grains.size();
  if (a.c_over_a) side.c_over_a = a.c_over_a->mean;
  return side;
}

json side_json(const ChemistrySide& side) {
  json object{{"nuclei", side.nuclei},
              {"nuclei_left", side.nuclei_left},
              {"antisites", side.antisites},
              {"grains", side.grains}};
  object["by_chance"] = side.by_chance ? json(*side.by_chance) : json();
  if (!side.by_chance) object["by_chance_reason"] = "nuclei of chance were not asked for";
  object["c_over_a"] = side.c_over_a ? json(*side.c_over_a) : json();
  if (!side.c_over_a) object["c_over_a_reason"] = "there is no nucleus of L1_0 that spans space";
  return object;
}

Figure from(const std::string& name, const json& object, const char* key) {
  const json& value = object.at(key);
  if (value.is_number()) return known(name, value.get<double>());
  return unknown(name, object.value(std::string(key) + "_reason", "the comparison gave no number"));
}

} // namespace

ChemistryComparison compare_chemistry(const analysis::ChemicalAnalysis& truth,
                                      const analysis::ChemicalAnalysis& model) {
  const ScoreOptions options; // as the score matches atoms and nuclei
  const MatchResult match = match_atoms(truth.moment.atoms, model.moment.atoms, options.match);
  ChemistryComparison result;
  result.order = compare_analyses(truth.moment, model.moment, match, options.nucleus_overlap);
  double agree = 0.0;
  double squares = 0.0;
  for (const MatchPair& pair : match.pairs) {
    const int here = truth.order.phase[pair.truth];
    const int there = model.order.phase[pair.model];
    if (here < 0 || there < 0) continue;
    ++result.on_lattices;
    agree += here == there ? 1.0 : 0.0;
    squares += std::pow(model.order.alpha[pair.model] - truth.order.alpha[pair.truth], 2);
  }
  if (result.on_lattices > 0) {
    result.phases_agree = agree / static_cast<double>(result.on_lattices);
    result.order_rms_error = std::sqrt(squares / static_cast<double>(result.on_lattices));
  }
  result.truth = side_of(truth);
  result.model = side_of(model);
  return result;
}

json to_json(const ChemistryComparison& c) {
  json object{{"order", to_json(c.order)},
              {"on_lattices", c.on_lattices},
              {"truth", side_json(c.truth)},
              {"model", side_json(c.model)}};
  object["phases_agree"] = c.phases_agree ? json(*c.phases_agree) : json();
  object["order_rms_error"] = c.order_rms_error ? json(*c.order_rms_error) : json();
  for (const char* key : {"phases_agree", "order_rms_error"})
    if (object[key].is_null())
      object[std::string(key) + "_reason"] = "no matched atom is on a lattice on both sides";
  return object;
}

Figures chemistry_figures(const json& frame) {
  const json& order = frame.at("order");
  Figures figures;
  Figure agree = from("chemistry.phases_agree", frame, "phases_agree");
  const double atoms = frame.at("on_lattices").get<double>();
  if (agree.value && atoms > 0.0) agree.interval = core::wilson_interval(*agree.value * atoms, atoms);
  figures.push_back(agree);
  figures.push_back(from("chemistry.order_rms_error", frame, "order_rms_error"));
  for (const char* key : {"nuclei", "nuclei_left", "by_chance", "antisites", "grains", "c_over_a"})
    for (const char* side : {"truth", "model"})
      figures.push_back(from(fmt::format("chemistry.{}_{}", key, side), frame.at(side), key));
  figures.push_back(from("chemistry.nuclei_matched", order, "nuclei_matched"));
  figures.push_back(from("chemistry.nuclei_missed", order, "nuclei_missed"));
  figures.push_back(from("chemistry.nuclei_spurious", order, "nuclei_spurious"));
  Figure f1 = from("chemistry.nuclei_f1", order, "f1");
  const double nuclei =
      0.5 * (order.at("nuclei_truth").get<double>() + order.at("nuclei_model").get<double>());
  if (f1.value && nuclei > 0.0) f1.interval = core::wilson_interval(*f1.value * nuclei, nuclei);
  figures.push_back(f1);
  figures.push_back(from("chemistry.nuclei_size_rms", order.at("size_relative"), "rms"));
  return figures;
}

} // namespace aet::validation
