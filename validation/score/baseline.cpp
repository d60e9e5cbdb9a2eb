#include "validation/score/baseline.hpp"

#include "sim/core/error.hpp"
#include "sim/core/io/file.hpp"
#include "sim/core/statistics.hpp"
#include "validation/figures/table.hpp"
#include "validation/score/counts_behind.hpp"
#include "validation/score/score_json.hpp"

#include <fmt/chrono.h>
#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <ctime>

namespace aet::validation {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

namespace {

constexpr std::size_t enough_history = 3;
constexpr std::size_t longest_history = 100;
constexpr double interval_width = 2.0 * 1.959964; ///< of a 95 % interval, in standard deviations

std::vector<double> history_of(const Baseline& baseline, const std::string& frame,
                               const std::string& figure) {
  std::vector<double> values;
  for (const StoredRun& run : baseline.history) {
    const StoredFrame* stored = frame_of(run, frame);
    const Figure* entry = stored == nullptr ? nullptr : find(stored->figures, figure);
    if (entry != nullptr && entry->value && stands(figure, *stored)) values.push_back(*entry->value);
  }
  return values;
}

/// Standard deviation of the difference between a new value and one of the history.
double scatter(const std::vector<double>& values) {
  double mean = 0.0;
  for (const double v : values)
    mean += v / static_cast<double>(values.size());
  double sum = 0.0;
  for (const double v : values)
    sum += (v - mean) * (v - mean);
  return std::sqrt(2.0 * sum / static_cast<double>(values.size() - 1));
}

double sd_of(const std::optional<std::pair<double, double>>& interval) {
  return interval ? (interval->second - interval->first) / interval_width : 0.0;
}

/// What is known of how a figure scatters.
struct Spread {
  double stated = 0.0;  ///< standard deviation of now - accepted, from both values' intervals or assumed
  double seen = 0.0;    ///< the same, from the scatter of the accepted runs; 0: too few of them
  double freedom = 0.0; ///< degrees of freedom of `seen`; 0: it is only there to widen what is stated
};

Spread spread_of(const FigureDefinition& row, const Figure& accepted, const Figure* now,
                 const std::vector<double>& history) {
  Spread spread;
  if (history.size() >= enough_history) spread.seen = scatter(history);
  const bool states_now = now != nullptr && now->interval;
  if (accepted.interval || states_now) { // a value that states none is as uncertain as the other
    const double sd = sd_of(accepted.interval ? accepted.interval : now->interval);
    spread.stated = std::hypot(sd, states_now ? sd_of(now->interval) : sd);
    return spread;
  }
  const double relative =
      spread.seen > 0.0 ? row.scatter.relative : std::max(row.scatter.relative, row.scatter.at_first);
  spread.stated = std::max(relative * std::abs(*accepted.value), row.scatter.absolute);
  spread.freedom = static_cast<double>(history.size()) - 1.0;
  return spread;
}

/// The change to the bad side that chance exceeds with probability `level`. A scatter that a few runs have
/// shown and nothing else is known of is itself uncertain: the change over it follows Student's t, not the
/// normal distribution. At a level of 2.7e-4 that makes 15.9 standard deviations after four runs and 5.2
/// after ten, instead of 3.5, with which one figure in 50 would be a false alarm after four runs, not one in
/// 3700.
double tolerance_of(const Spread& spread, double level) {
  const double z = core::normal_quantile_above(level);
  if (spread.seen == 0.0 || spread.freedom == 0.0) return z * std::max(spread.stated, spread.seen);
  const double t = core::student_t_quantile_above(level, spread.freedom);
  return std::max(z * spread.stated, t * spread.seen);
}

std::string amount(double value, const std::string& unit) {
  return unit.empty() ? fmt::format("{:.4g}", value) : fmt::format("{:.4g} {}", value, unit);
}

struct Guarded {
  std::string frame;
  const Figure* accepted;
  const Figure* now; ///< null: the run has no such figure
  Direction direction;
  Spread spread;
  std::string excuse; ///< why the run may lack it, or its value says nothing; "" if it must have one
};

/// Figures of a frame to hold a run against: of the last accepted run, and those for which its counts are too
/// small, from the last run in which they are not.
std::vector<const Figure*> accepted_figures(const Baseline& baseline, const StoredFrame& last) {
  std::vector<const Figure*> figures;
  for (const Figure& figure : last.figures)
    if (stands(figure.name, last)) figures.push_back(&figure);
  for (auto run = baseline.history.rbegin() + 1; run != baseline.history.rend(); ++run) {
    const StoredFrame* earlier = frame_of(*run, last.name);
    if (earlier == nullptr) continue;
    for (const Figure& figure : earlier->figures) {
      const bool known_already = std::any_of(figures.begin(), figures.end(),
                                             [&](const Figure* f) { return f->name == figure.name; });
      if (!known_already && !stands(figure.name, last) && stands(figure.name, *earlier))
        figures.push_back(&figure);
    }
  }
  return figures;
}

std::vector<Guarded> guarded_figures(const StoredRun& run, const Baseline& baseline) {
  std::vector<Guarded> guarded;
  for (const StoredFrame& frame : baseline.history.back().frames) {
    const StoredFrame* mine = frame_of(run, frame.name);
    for (const Figure* accepted : accepted_figures(baseline, frame)) {
      const FigureDefinition* row = find_definition(accepted->name);
      const auto direction = wanted_direction(accepted->name);
      if (!direction || !accepted->value || row->rule == Rule::count) continue;
      const Figure* now = mine == nullptr ? nullptr : find(mine->figures, accepted->name);
      guarded.push_back({frame.name, accepted, now, *direction,
                         spread_of(*row, *accepted, now, history_of(baseline, frame.name, accepted->name)),
                         why_absent(accepted->name, mine, frame)});
    }
  }
  return guarded;
}

Check held_against(const Guarded& g, double level) {
  const bool at_least = g.direction == Direction::at_least;
  const double tolerance = tolerance_of(g.spread, level);
  const std::string unit(unit_of(g.accepted->name));
  Check check;
  check.name = g.accepted->name + std::string(against_baseline);
  check.frame = g.frame;
  check.unit = unit;
  check.direction = g.direction;
  check.baseline = g.accepted->value;
  check.tolerance = tolerance;
  // What is to be high is a share, and none is below 0.
  check.limit = at_least ? std::max(0.0, *g.accepted->value - tolerance) : *g.accepted->value + tolerance;
  check.status = CheckStatus::fail;
  if (g.now != nullptr) check.value = g.now->value;
  if (!g.excuse.empty()) {
    check.status = CheckStatus::not_assessed;
    check.reason = g.excuse;
    return check;
  }
  if (!check.value) {
    check.reason =
        fmt::format("the baseline has {}, this run has no such figure", amount(*g.accepted->value, unit));
    return check;
  }
  const double change = *g.now->value - *g.accepted->value;
  const double gain = at_least ? change : -change;
  if (gain >= -tolerance) check.status = CheckStatus::pass;
  const char* word = gain > tolerance ? "better than" : gain < -tolerance ? "worse than" : "as good as";
  check.reason = fmt::format("{} is {} the baseline's {} (change {:+.3g}, chance explains {:.3g}){}",
                             amount(*g.now->value, unit), word, amount(*g.accepted->value, unit), change,
                             tolerance, gain > tolerance ? "; accept it with --update" : "");
  return check;
}

/// A count that the last accepted run records.
struct GuardedCount {
  std::string count;
  const StoredFrame* now;
  std::vector<const StoredFrame*> accepted; ///< oldest first
};

std::vector<GuardedCount> guarded_counts(const StoredRun& run, const Baseline& baseline) {
  std::vector<GuardedCount> guarded;
  for (const StoredFrame& frame : baseline.history.back().frames) {
    std::vector<const StoredFrame*> accepted;
    for (const StoredRun& earlier : baseline.history)
      if (const StoredFrame* stored = frame_of(earlier, frame.name)) accepted.push_back(stored);
    for (const Figure& last : frame.figures)
      if (const FigureDefinition* row = find_definition(last.name);
          row != nullptr && row->rule == Rule::count)
        guarded.push_back({last.name, frame_of(run, frame.name), accepted});
  }
  return guarded;
}

} // namespace

std::optional<Direction> wanted_direction(const std::string& figure) {
  const FigureDefinition* row = find_definition(figure);
  if (row == nullptr || row->better == Better::neither) return {};
  return row->better == Better::higher ? Direction::at_least : Direction::at_most;
}

std::vector<Check> compare_with_baseline(const StoredRun& run, const Baseline& baseline,
                                         const BaselineOptions& options) {
  if (!(options.false_alarm > 0.0) || options.false_alarm > 0.5) {
    throw core::ConfigError(
        fmt::format("baseline: false_alarm is {}; allowed is above 0, at most 0.5", options.false_alarm));
  }
  if (baseline.history.empty()) throw core::DataError("the baseline holds no run.");
  const std::vector<Guarded> guarded = guarded_figures(run, baseline);
  const std::vector<GuardedCount> counts = guarded_counts(run, baseline);
  std::vector<Check> checks;
  if (guarded.empty() && counts.empty()) return checks;
  const double level = options.false_alarm / static_cast<double>(guarded.size() + counts.size());
  for (const Guarded& g : guarded)
    checks.push_back(held_against(g, level));
  for (const GuardedCount& c : counts) {
    checks.push_back(count_against(c.count, c.now, c.accepted, level));
    checks.back().name += against_baseline;
    checks.back().frame = c.accepted.back()->name;
  }
  return checks;
}

std::string scores_against(const fs::path& run_dir, const Baseline& baseline,
                           const BaselineOptions& options) {
  std::vector<Check> checks = read_checks(run_dir);
  for (Check& check : checks)
    check.history = history_of(baseline, check.frame, check.name);
  const auto further = compare_with_baseline(read_stored_run(run_dir), baseline, options);
  checks.insert(checks.end(), further.begin(), further.end());
  Json document = Json::parse(core::read_file(run_dir / "scores.json")); // read_checks has parsed it before
  document["verdict"] = status_name(verdict(checks));
  document["checks"] = checks_json(checks);
  return json_text(document);
}

std::vector<std::string> changed_settings(const StoredRun& run, const Baseline& baseline) {
  std::vector<std::string> changes;
  if (baseline.history.empty()) return changes;
  const StoredRun& accepted = baseline.history.back();
  const auto value = [](const StoredRun& of, const std::string& key) {
    const auto found = of.settings.find(key);
    return found == of.settings.end() ? std::string("not set") : found->second;
  };
  std::map<std::string, std::string> keys = accepted.settings;
  keys.insert(run.settings.begin(), run.settings.end());
  for (const auto& [key, ignored] : keys) {
    if (value(accepted, key) != value(run, key))
      changes.push_back(
          fmt::format("{}: {} in the baseline, {} now", key, value(accepted, key), value(run, key)));
  }
  return changes;
}

std::optional<double> rank_in_history(const Baseline& baseline, const std::string& frame,
                                      const std::string& figure, double value) {
  const auto direction = wanted_direction(figure);
  const std::vector<double> values = history_of(baseline, frame, figure);
  if (!direction || values.size() < enough_history) return {};
  double below = 0.0;
  for (const double v : values)
    below += v == value ? 0.5 : (v < value) == (*direction == Direction::at_least) ? 1.0 : 0.0;
  return below / static_cast<double>(values.size());
}

Baseline read_baseline(const fs::path& file) {
  Baseline baseline;
  try {
    const Json document = Json::parse(core::read_file(file));
    if (document.at("schema") != 1)
      throw core::DataError(fmt::format("'{}' is a baseline of schema {}; this aetval reads schema 1.",
                                        file.string(), document.at("schema").dump()));
    for (const Json& run : document.at("history"))
      baseline.history.push_back(stored_run_of(run));
  } catch (const Json::exception& e) {
    throw core::DataError(fmt::format("'{}' is not a baseline: {}.", file.string(), e.what()));
  }
  if (baseline.history.empty())
    throw core::DataError(fmt::format("'{}' holds no run; record one with --update.", file.string()));
  return baseline;
}

void record_in_baseline(const fs::path& file, StoredRun run) {
  Baseline baseline;
  if (fs::exists(file)) baseline = read_baseline(file);
  run.date = fmt::format("{:%Y-%m-%d}", fmt::gmtime(std::time(nullptr)));
  baseline.history.push_back(std::move(run));
  if (baseline.history.size() > longest_history) baseline.history.erase(baseline.history.begin());
  Json history = Json::array();
  for (const StoredRun& entry : baseline.history)
    history.push_back(stored_run_json(entry));
  core::write_file(file, json_text({{"schema", 1}, {"history", std::move(history)}}));
}

} // namespace aet::validation
