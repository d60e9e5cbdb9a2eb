#include "validation/score/checks.hpp"

#include "sim/core/config.hpp"
#include "sim/core/error.hpp"
#include "validation/score/frame_score.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

namespace aet::validation {

namespace {

constexpr std::string_view species_prefix = "atoms.by_species.";

std::string with_unit(double value, const std::string& unit) {
  return unit.empty() ? fmt::format("{:.4g}", value) : fmt::format("{:.4g} {}", value, unit);
}

/// Enough digits to see on which side of the limit the value lies.
std::string apart_from(double value, double limit, const std::string& unit) {
  std::string text = with_unit(value, unit);
  if (value != limit && text == with_unit(limit, unit)) {
    text = unit.empty() ? fmt::format("{}", value) : fmt::format("{} {}", value, unit);
  }
  return text;
}

} // namespace

void check(const CheckSpec& spec) {
  if (!std::isfinite(spec.limit)) {
    throw core::ConfigError(
        fmt::format("check {}: the limit is {}; it must be a finite number", spec.figure, spec.limit));
  }
  const auto& names = figure_names();
  if (std::find(names.begin(), names.end(), spec.figure) != names.end()) return;
  if (spec.figure.starts_with(species_prefix)) {
    const std::string rest = spec.figure.substr(species_prefix.size());
    const auto dot = rest.find('.');
    static const std::vector<std::string> keys{"truth",      "model",     "matched", "recall",
                                               "identified", "precision", "rmsd_pm"};
    if (dot != std::string::npos && std::find(keys.begin(), keys.end(), rest.substr(dot + 1)) != keys.end())
      return;
    throw core::ConfigError(
        fmt::format("check {}: a figure of one species is atoms.by_species.SYMBOL.KEY with KEY one of "
                    "truth, model, matched, recall, identified, precision, rmsd_pm",
                    spec.figure));
  }
  const std::string near = core::nearest_word(spec.figure, names);
  throw core::ConfigError(fmt::format("check {}: no score has a figure of this name{}", spec.figure,
                                      near.empty() ? "" : "; did you mean " + near + "?"));
}

std::string_view status_name(CheckStatus status) {
  switch (status) {
  case CheckStatus::pass:
    return "pass";
  case CheckStatus::fail:
    return "fail";
  case CheckStatus::not_assessed:
    break;
  }
  return "not assessed";
}

std::string_view direction_name(Direction direction) {
  return direction == Direction::at_least ? "at_least" : "at_most";
}

Check evaluate_check(const CheckSpec& spec, const Figure* figure, const std::string& frame) {
  Check result;
  result.name = spec.figure;
  result.frame = frame;
  result.limit = spec.limit;
  result.direction = spec.direction;
  if (figure == nullptr) {
    result.reason = "the score has no such figure";
    return result;
  }
  result.unit = figure->unit;
  if (!figure->value) {
    result.reason = figure->reason.empty() ? "the figure was not computed" : figure->reason;
    return result;
  }
  result.value = figure->value;
  const double value = *figure->value;
  const bool at_least = spec.direction == Direction::at_least;
  // A comparison with NaN is false: it cannot pass.
  result.status =
      (at_least ? value >= spec.limit : value <= spec.limit) ? CheckStatus::pass : CheckStatus::fail;
  result.reason = fmt::format("{} is {} the limit {}", apart_from(value, spec.limit, figure->unit),
                              value == spec.limit  ? "at"
                              : value > spec.limit ? "above"
                                                   : "below",
                              with_unit(spec.limit, figure->unit));
  return result;
}

std::vector<Check> evaluate_checks(const std::vector<FrameScore>& frames,
                                   const std::vector<CheckSpec>& specs) {
  std::vector<Check> checks;
  for (const CheckSpec& spec : specs) {
    check(spec);
    for (const FrameScore& frame : frames) {
      checks.push_back(evaluate_check(spec, find(frame.figures, spec.figure), frame.name));
    }
    if (frames.empty()) {
      Check open = evaluate_check(spec, nullptr, "");
      open.reason = "no frame was scored";
      checks.push_back(open);
    }
  }
  return checks;
}

CheckStatus verdict(const std::vector<Check>& checks) {
  const auto any = [&checks](CheckStatus status) {
    return std::any_of(checks.begin(), checks.end(), [status](const Check& c) { return c.status == status; });
  };
  if (any(CheckStatus::fail)) return CheckStatus::fail;
  if (checks.empty() || any(CheckStatus::not_assessed)) return CheckStatus::not_assessed;
  return CheckStatus::pass;
}

} // namespace aet::validation
