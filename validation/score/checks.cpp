#include "validation/score/checks.hpp"

#include "sim/core/config.hpp"
#include "sim/core/error.hpp"
#include "validation/figures/table.hpp"
#include "validation/score/frame_score.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

namespace aet::validation {

namespace {

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
  const FigureDefinition* row = find_definition(spec.figure);
  if (row != nullptr && row->checked) return;
  const std::string near = core::nearest_word(spec.figure, checked_figures());
  throw core::ConfigError(
      fmt::format("check {}: {}{}; see 'aetval figures'", spec.figure,
                  row == nullptr ? "no score has a figure of this name" : "this figure takes no limit",
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
  const std::string unit(unit_of(spec.figure));
  result.unit = unit;
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
  result.reason = fmt::format("{} is {} the limit {}", apart_from(value, spec.limit, unit),
                              value == spec.limit  ? "at"
                              : value > spec.limit ? "above"
                                                   : "below",
                              with_unit(spec.limit, unit));
  return result;
}

std::vector<Check> evaluate_checks(const std::vector<FrameScore>& frames, const std::vector<CheckSpec>& specs,
                                   const Figures& of_run) {
  std::vector<Check> checks;
  for (const CheckSpec& spec : specs) {
    check(spec);
    if (of_whole_run(spec.figure)) {
      checks.push_back(evaluate_check(spec, find(of_run, spec.figure), ""));
      continue;
    }
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
