#include "validation/score/analysis_figures.hpp"

#include "sim/core/statistics.hpp"
#include "validation/score/uncertainty.hpp"

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include <array>
#include <cmath>
#include <string>
#include <utility>

namespace aet::validation {
namespace {

using nlohmann::json;

constexpr std::array event_kinds{"merge", "divide", "nucleate", "dissolve", "none"};

void put(json& object, const char* key, const std::optional<double>& value, const char* reason) {
  if (value && std::isfinite(*value)) {
    object[key] = *value;
    return;
  }
  object[key] = nullptr;
  object[std::string(key) + "_reason"] = value ? "the computation gave no finite number" : reason;
}

json summary_json(const ErrorSummary& e) {
  const char* reason = "no matched nucleus has it in truth and in model";
  json object{{"compared", e.compared}, {"with_interval", e.with_interval}};
  put(object, "mean", e.mean, reason);
  put(object, "rms", e.rms, reason);
  put(object, "in_interval", e.in_interval,
      e.compared > 0 ? "the model gives no interval" : "no matched nucleus has it in truth and in model");
  return object;
}

Figure figure_of(std::string name, const json& object, const char* key) {
  const json& value = object.at(key);
  if (value.is_number()) return known(std::move(name), value.get<double>());
  return unknown(std::move(name),
                 object.value(std::string(key) + "_reason", "the comparison gave no number"));
}

/// A share of `total` with its interval.
Figure share_of(std::string name, const json& object, const char* key, double total) {
  Figure figure = figure_of(std::move(name), object, key);
  if (figure.value && total > 0.0) figure.interval = core::wilson_interval(*figure.value * total, total);
  return figure;
}

Figure in_interval(std::string name, const json& errors) {
  return share_of(std::move(name), errors, "in_interval", errors.at("with_interval").get<double>());
}

/// \param all events that happened or were reported; without one the accuracy is 1 by definition, and nothing
/// is known of it.
Figure accuracy_figure(const char* name, const json& confusion, double all) {
  const auto accuracy = confusion.at("accuracy").get<double>();
  return known(name, accuracy, all > 0.0 ? core::wilson_interval(accuracy * all, all) : Interval(0.0, 1.0));
}

} // namespace

json to_json(const AnalysisComparison& c) {
  json object{{"atoms", c.atoms},
              {"nuclei_truth", c.nuclei_truth},
              {"nuclei_model", c.nuclei_model},
              {"nuclei_matched", c.nuclei_matched},
              {"nuclei_missed", c.nuclei_missed},
              {"nuclei_spurious", c.nuclei_spurious},
              {"f1", c.f1},
              {"size_relative", summary_json(c.size)},
              {"surface_relative", summary_json(c.surface)},
              {"alpha0", summary_json(c.alpha0)},
              {"lambda_relative", summary_json(c.lambda)},
              {"beta", summary_json(c.beta)},
              {"barrier_relative", summary_json(c.barrier)}};
  put(object, "alpha_mean_error", c.alpha_mean_error, "no atoms are matched");
  put(object, "alpha_rms_error", c.alpha_rms_error, "no atoms are matched");
  return object;
}

json to_json(const EventConfusion& confusion) {
  return {{"kinds", event_kinds}, {"table", confusion}, {"accuracy", event_accuracy(confusion)}};
}

Figures comparison_figures(const json& c) {
  // F1 is the share of the matched in the mean number of nuclei of truth and model.
  const double nuclei = 0.5 * (c.at("nuclei_truth").get<double>() + c.at("nuclei_model").get<double>());
  return {figure_of("nuclei.missed", c, "nuclei_missed"),
          figure_of("nuclei.spurious", c, "nuclei_spurious"),
          share_of("nuclei.f1", c, "f1", nuclei),
          figure_of("nuclei.size_rms", c.at("size_relative"), "rms"),
          figure_of("nuclei.surface_rms", c.at("surface_relative"), "rms"),
          in_interval("opg.alpha0_in_interval", c.at("alpha0")),
          in_interval("opg.lambda_in_interval", c.at("lambda_relative")),
          in_interval("opg.beta_in_interval", c.at("beta")),
          figure_of("opg.barrier_compared", c.at("barrier_relative"), "compared"),
          figure_of("opg.barrier_rms", c.at("barrier_relative"), "rms")};
}

Figures event_figures(const json& confusion) {
  const json& table = confusion.at("table");
  Figures figures;
  double all = 0.0;
  for (std::size_t row = 0; row < event_kinds.size(); ++row)
    for (std::size_t column = 0; column < event_kinds.size(); ++column)
      if (const int n = table.at(row).at(column).get<int>(); n != 0) {
        all += n;
        figures.push_back(
            known(fmt::format("dynamics.event_{}_as_{}", event_kinds.at(row), event_kinds.at(column)), n));
      }
  figures.insert(figures.begin(), accuracy_figure("dynamics.event_accuracy", confusion, all));
  return figures;
}

Figure chemical_event_figure(const json& confusion) {
  double all = 0.0;
  for (const json& row : confusion.at("table"))
    for (const json& count : row)
      all += count.get<double>();
  return accuracy_figure("dynamics.chemical_event_accuracy", confusion, all);
}

} // namespace aet::validation
