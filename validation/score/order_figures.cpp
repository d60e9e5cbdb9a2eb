#include "validation/score/order_figures.hpp"

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include <cmath>
#include <string>
#include <utility>

namespace aet::validation {

using nlohmann::json;

namespace {

Figure figure_from(const std::string& name, const json& object, const std::string& key) {
  const json& value = object.at(key);
  if (value.is_number()) return known(name, value.get<double>());
  return unknown(name, object.value(key + "_reason", "the analysis gave no number"));
}

/// Number of entries of `list` whose `key` is `kind`.
double count(const json& list, const char* key, const std::string& kind) {
  double n = 0.0;
  for (const json& entry : list)
    n += entry.at(key) == kind ? 1.0 : 0.0;
  return n;
}

} // namespace

Figures order_figures(const json& truth, const json& model) {
  Figures figures;
  for (const char* key : {"q4_mean", "q6_mean", "alpha_mean", "crystalline_fraction"}) {
    figures.push_back(figure_from(fmt::format("order.{}_truth", key), truth, key));
    figures.push_back(figure_from(fmt::format("order.{}_model", key), model, key));
  }
  for (const auto& [side, analysis] : {std::pair("truth", &truth), {"model", &model}}) {
    const auto chance = analysis->find("chance");
    const auto put = [&](const char* figure, const char* key) {
      const std::string name = fmt::format("nuclei.{}_{}", figure, side);
      figures.push_back(chance != analysis->end() ? known(name, chance->at(key).get<double>())
                                                  : unknown(name, "nuclei of chance were not looked for"));
    };
    put("left", "left");
    put("by_chance", "expected");
  }
  return figures;
}

Figures opg_figures(const json& truth, const json& model, const std::optional<NucleiMatch>& nuclei) {
  const auto absent = [](const std::string& reason) {
    return Figures{unknown("opg.alpha0_rms", reason), unknown("opg.lambda_rms_a", reason),
                   unknown("opg.beta_rms", reason)};
  };
  if (!nuclei) {
    Figures figures = absent("nuclei were not matched");
    figures.push_back(unknown("opg.compared", "nuclei were not matched")); // not 0: nobody looked
    return figures;
  }
  double compared = 0.0;
  double alpha0 = 0.0;
  double lambda = 0.0;
  double beta = 0.0;
  for (const NucleusPair& pair : nuclei->pairs) {
    const json& t = truth.at("nuclei").at(static_cast<std::size_t>(pair.truth)).at("opg");
    const json& m = model.at("nuclei").at(static_cast<std::size_t>(pair.model)).at("opg");
    if (t.is_null() || m.is_null()) continue;
    const auto squared = [&](const char* key) {
      return std::pow(m.at(key).get<double>() - t.at(key).get<double>(), 2);
    };
    alpha0 += squared("alpha0");
    lambda += squared("lambda_a");
    beta += squared("beta");
    compared += 1.0;
  }
  if (compared == 0.0) {
    Figures figures =
        absent(nuclei->pairs.empty() ? "no nucleus of the model matches one of the truth"
                                     : "no matched nucleus has an OPG fit in truth and in model");
    figures.push_back(known("opg.compared", 0.0));
    return figures;
  }
  return {known("opg.compared", compared), known("opg.alpha0_rms", std::sqrt(alpha0 / compared)),
          known("opg.lambda_rms_a", std::sqrt(lambda / compared)),
          known("opg.beta_rms", std::sqrt(beta / compared))};
}

Figures dynamics_figures(const json& truth, const json& model) {
  Figures figures;
  const auto add = [&](const std::string& name, auto number) {
    figures.push_back(known(fmt::format("dynamics.{}_truth", name), number(truth)));
    figures.push_back(known(fmt::format("dynamics.{}_model", name), number(model)));
  };
  add("common", [](const json& a) { return static_cast<double>(a.at("common_nuclei").size()); });
  for (const std::string kind : {"growing", "dissolving", "fluctuating"}) {
    add(kind, [&](const json& a) { return count(a.at("common_nuclei"), "class", kind); });
  }
  for (const std::string kind : {"merge", "divide", "nucleate", "dissolve"}) {
    add("events_" + kind, [&](const json& a) { return count(a.at("events"), "kind", kind); });
  }
  return figures;
}

} // namespace aet::validation
