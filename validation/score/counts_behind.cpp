#include "validation/score/counts_behind.hpp"

#include "validation/figures/table.hpp"
#include "validation/score/count_chance.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cctype>
#include <cmath>

namespace aet::validation {

namespace {

std::optional<int> number(const StoredFrame* frame, std::string_view name) {
  const Figure* figure = frame == nullptr ? nullptr : find(frame->figures, std::string(name));
  if (figure == nullptr || !figure->value) return {};
  return static_cast<int>(std::lround(*figure->value));
}

/// None where the frame does not record the count, or not what it is a part of.
std::optional<Count> count_in(const StoredFrame* frame, const FigureDefinition& row) {
  const auto n = number(frame, row.name);
  if (!n) return {};
  if (row.part_of.empty()) return Count{*n, {}};
  const auto of = number(frame, row.part_of);
  if (!of) return {};
  return Count{*n, std::max(*of, *n)};
}

/// What is left of the whole: many missed are few that are not.
Count rest_of(const Count& count) {
  return {*count.of - count.number, count.of};
}

/// The label within a sentence: "matched nuclei with an OPG fit".
std::string what_is_counted(std::string_view name) {
  std::string words = label_of(name);
  words[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(words[0])));
  return words;
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

bool stands(const std::string& figure, const StoredFrame& frame) {
  const FigureDefinition* row = find_definition(figure);
  if (row == nullptr || row->rests_on.count.empty()) return true;
  return number(&frame, row->rests_on.count).value_or(row->rests_on.least) >= row->rests_on.least;
}

Check count_against(const std::string& figure, const StoredFrame* run,
                    const std::vector<const StoredFrame*>& accepted, double level) {
  const FigureDefinition& row = definition_of(figure);
  const bool fewer_is_better = row.better == Better::lower; // such a count is a part of another
  const std::string what = what_is_counted(figure);
  Check check;
  check.name = figure;
  check.direction = fewer_is_better ? Direction::at_most : Direction::at_least;
  check.status = CheckStatus::fail;
  std::vector<Count> history;
  for (const StoredFrame* frame : accepted)
    if (const auto count = count_in(frame, row); count && count->of.value_or(1) > 0)
      history.push_back(*count);
  if (const auto last = number(accepted.back(), figure)) check.baseline = *last;
  const std::optional<Count> now = count_in(run, row);
  if (!now) {
    check.reason = fmt::format("this run does not record the number of {}", what);
    return check;
  }
  check.value = now->number;
  if (now->of == 0) {
    check.status = CheckStatus::not_assessed;
    check.reason = fmt::format("this run has no {}: there is nothing to count", what_is_counted(row.part_of));
    return check;
  }
  const std::string mine =
      now->of ? fmt::format("{} of {}", now->number, *now->of) : fmt::format("{}", now->number);
  if (history.empty()) {
    check.status = CheckStatus::not_assessed;
    check.reason = fmt::format("{} {}; {} is 0 in all accepted runs", mine, what, row.part_of);
    return check;
  }
  const std::string before = history_text(history);
  Count judged = *now;
  if (fewer_is_better) {
    judged = rest_of(judged);
    std::transform(history.begin(), history.end(), history.begin(), rest_of);
  }
  const int fewest = fewest_explained(judged, history, level);
  check.limit = fewer_is_better ? *now->of - fewest : fewest;
  if (judged.number >= fewest) check.status = CheckStatus::pass;
  const bool passed = check.status == CheckStatus::pass;
  check.reason = fmt::format("{} {}, {}: {}{} than chance explains (probability of so {}: {:.2g})", mine,
                             what, before, passed ? "no " : "", fewer_is_better ? "more" : "fewer",
                             fewer_is_better ? "many" : "few", chance_of_so_few(judged, history));
  return check;
}

std::string why_absent(const std::string& figure, const StoredFrame* run, const StoredFrame& accepted) {
  if (run == nullptr || stands(figure, *run)) return "";
  const Footing& footing = definition_of(figure).rests_on;
  if (!number(&accepted, footing.count)) return "";
  const int n = number(run, footing.count).value_or(0);
  return fmt::format("this run has {} {}{}; whether that is a loss is judged at {}",
                     n == 0 ? "no" : fmt::format("{}", n), what_is_counted(footing.count),
                     footing.least == 1 ? std::string()
                                        : fmt::format(", and it takes {} for this figure", footing.least),
                     footing.count);
}

} // namespace aet::validation
