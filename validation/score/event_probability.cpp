#include "validation/score/event_probability.hpp"

#include "sim/core/error.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <map>
#include <tuple>
#include <vector>

namespace aet::validation {

namespace {

/// Which nucleus of the original each nucleus of the trial is, -1: none.
std::vector<int> originals(const analysis::MomentAnalysis& original, const analysis::MomentAnalysis& trial) {
  const std::vector<double>& here = trial.atoms.columns.at("nucleus");
  const std::vector<double>& there = original.atoms.columns.at("nucleus");
  std::map<std::pair<int, int>, std::size_t> shared;
  for (std::size_t i = 0; i < here.size(); ++i)
    if (here[i] >= 0.0 && there[i] >= 0.0) ++shared[{static_cast<int>(here[i]), static_cast<int>(there[i])}];
  std::vector<int> result(trial.nuclei.size(), -1);
  std::vector<std::size_t> most(trial.nuclei.size(), 0);
  for (const auto& [pair, atoms] : shared) {
    const auto mine = static_cast<std::size_t>(pair.first);
    const std::size_t smaller =
        std::min(trial.nuclei[mine].nucleus.atoms.size(),
                 original.nuclei[static_cast<std::size_t>(pair.second)].nucleus.atoms.size());
    if (2 * atoms <= smaller || atoms <= most[mine]) continue;
    most[mine] = atoms;
    result[mine] = pair.second;
  }
  return result;
}

using Key = std::tuple<std::size_t, analysis::EventKind, std::vector<int>, std::vector<int>>;

Key key_of(const analysis::Event& event) {
  return {event.moment, event.kind, event.from, event.to};
}

/// The event in the numbers of the originals.
Key key_of(const analysis::Event& event, const std::vector<std::vector<int>>& names) {
  const auto named = [&](const std::vector<int>& ids, std::size_t moment) {
    std::vector<int> result;
    for (const int id : ids)
      result.push_back(names[moment][static_cast<std::size_t>(id)]);
    std::sort(result.begin(), result.end());
    return result;
  };
  return {event.moment, event.kind,
          event.from.empty() ? std::vector<int>{} : named(event.from, event.moment - 1),
          named(event.to, event.moment)};
}

} // namespace

void set_event_probabilities(analysis::Dynamics& dynamics, std::span<const analysis::MomentAnalysis> moments,
                             const Analyse& analyse, const EventErrors& errors, core::Threads threads) {
  if (!(errors.rms_pm >= 0.0) || errors.rms_pm > 300.0 || !(errors.wrong_percent >= 0.0) ||
      errors.wrong_percent > 100.0 || errors.trials < 1 || errors.trials > 1000)
    throw core::ConfigError(fmt::format("probability of events: errors of {} pm and {} % of the species in "
                                        "{} trials; allowed are 0 to 300, 0 to "
                                        "100, and 1 to 1000",
                                        errors.rms_pm, errors.wrong_percent, errors.trials));
  std::map<Key, int> again;
  for (int t = 0; t < errors.trials; ++t) {
    std::vector<analysis::MomentAnalysis> trial;
    std::vector<std::vector<int>> names;
    for (std::size_t k = 0; k < moments.size(); ++k) {
      // Other deviates at each moment: the moments were measured one by one.
      const auto stream = static_cast<std::uint32_t>(static_cast<std::size_t>(t) * moments.size() + k);
      trial.push_back(analyse(disturbed(moments[k].atoms, 0.01 * errors.rms_pm, 0.01 * errors.wrong_percent,
                                        errors.seed, stream)));
      names.push_back(originals(moments[k], trial.back()));
    }
    for (const analysis::Event& event : analysis::analyze_dynamics(trial, {}, threads).events)
      ++again[key_of(event, names)];
  }
  for (analysis::Event& event : dynamics.events) {
    const auto found = again.find(key_of(event));
    // Twice in one trial where two of its nuclei are one of the original.
    event.probability =
        found == again.end() ? 0.0 : std::min(1.0, static_cast<double>(found->second) / errors.trials);
  }
}

} // namespace aet::validation
