#include "validation/score/counts_behind.hpp"

#include "validation/score/count_chance.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace aet::validation {

namespace {

const std::array<CountFigure, 5>& table() {
  static const std::array<CountFigure, 5> counts{
      {{"nuclei.truth", "", "nuclei in the truth"},
       {"nuclei.model", "", "nuclei in the model"},
       {"nuclei.matched", "nuclei.truth", "nuclei of the truth matched in the model"},
       {"opg.compared", "nuclei.matched", "matched nuclei with an OPG fit in truth and model"},
       {"opg.barrier_compared", "opg.compared",
        "compared OPG fits with a nucleation barrier on both sides"}}};
  return counts;
}

std::optional<int> number(const StoredFrame* frame, const std::string& name) {
  const Figure* figure = frame == nullptr ? nullptr : find(frame->figures, name);
  if (figure == nullptr || !figure->value) return {};
  return static_cast<int>(std::lround(*figure->value));
}

/// None where the frame does not record the count, or not what it is a part of.
std::optional<Count> count_in(const StoredFrame* frame, const CountFigure& figure) {
  const auto n = number(frame, figure.name);
  if (!n) return {};
  if (figure.of.empty()) return Count{*n, {}};
  const auto of = number(frame, figure.of);
  if (!of) return {};
  return Count{*n, std::max(*of, *n)};
}

std::string history_text(const std::vector<Count>& counts) {
  double sum = 0.0;
  double of = 0.0;
  for (const Count& c : counts) {
    sum += c.number;
    of += c.of.value_or(0);
  }
  const std::size_t runs = counts.size();
  const std::string where =
      runs == 1 ? std::string("in the accepted run") : fmt::format("in {} accepted runs", runs);
  if (counts.front().of) return fmt::format("{} of {} {}", sum, of, where);
  return runs == 1 ? fmt::format("{} {}", sum, where)
                   : fmt::format("{:.3g} a run {}", sum / static_cast<double>(runs), where);
}

} // namespace

std::span<const CountFigure> count_figures() {
  return table();
}

Footing footing_of(const std::string& figure) {
  constexpr int enough_nuclei = 3;
  const auto named = [](const char* name) {
    return std::find_if(table().begin(), table().end(), [name](const auto& c) { return c.name == name; });
  };
  if (figure == "nuclei.recall") return {named("nuclei.truth"), 1};
  if (figure == "nuclei.precision") return {named("nuclei.model"), 1};
  if (figure == "nuclei.mean_overlap") return {named("nuclei.matched"), enough_nuclei};
  if (figure == "opg.barrier_rms") return {named("opg.barrier_compared"), enough_nuclei};
  for (const char* compared : {"opg.alpha0_rms", "opg.lambda_rms_a", "opg.beta_rms"})
    if (figure == compared) return {named("opg.compared"), enough_nuclei};
  return {};
}

bool stands(const std::string& figure, const StoredFrame& frame) {
  const Footing footing = footing_of(figure);
  return footing.count == nullptr ||
         number(&frame, footing.count->name).value_or(footing.least) >= footing.least;
}

Check count_against(const CountFigure& figure, const StoredFrame* run,
                    const std::vector<const StoredFrame*>& accepted, double level) {
  Check check;
  check.name = figure.name;
  check.direction = Direction::at_least;
  check.status = CheckStatus::fail;
  std::vector<Count> history;
  for (const StoredFrame* frame : accepted)
    if (const auto count = count_in(frame, figure); count && count->of.value_or(1) > 0)
      history.push_back(*count);
  if (const auto last = number(accepted.back(), figure.name)) check.baseline = *last;
  const std::optional<Count> now = count_in(run, figure);
  if (!now) {
    check.reason = fmt::format("this run does not record the number of {}", figure.what);
    return check;
  }
  check.value = now->number;
  if (now->of == 0) {
    check.status = CheckStatus::not_assessed;
    const auto of = std::find_if(table().begin(), table().end(),
                                 [&figure](const CountFigure& c) { return c.name == figure.of; });
    check.reason = fmt::format("this run has no {}: there is nothing to count", of->what);
    return check;
  }
  const std::string mine =
      now->of ? fmt::format("{} of {}", now->number, *now->of) : fmt::format("{}", now->number);
  if (history.empty()) {
    check.status = CheckStatus::not_assessed;
    check.reason = fmt::format("{} {}; {} is 0 in all accepted runs", mine, figure.what, figure.of);
    return check;
  }
  check.limit = fewest_explained(*now, history, level);
  if (now->number >= check.limit) check.status = CheckStatus::pass;
  check.reason = fmt::format(
      "{} {}, {}: {} (probability of so few: {:.2g})", mine, figure.what, history_text(history),
      check.status == CheckStatus::pass ? "no fewer than chance explains" : "fewer than chance explains",
      chance_of_so_few(*now, history));
  return check;
}

std::string why_absent(const std::string& figure, const StoredFrame* run, const StoredFrame& accepted) {
  const Footing footing = footing_of(figure);
  if (run == nullptr || stands(figure, *run) || !number(&accepted, footing.count->name)) return "";
  const int n = number(run, footing.count->name).value_or(0);
  return fmt::format("this run has {} {}{}; whether that is a loss is judged at {}",
                     n == 0 ? "no" : fmt::format("{}", n), footing.count->what,
                     footing.least == 1 ? std::string()
                                        : fmt::format(", and it takes {} for this figure", footing.least),
                     footing.count->name);
}

} // namespace aet::validation
