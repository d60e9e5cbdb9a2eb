#include "validation/score/analysis_compare.hpp"

#include "sim/core/error.hpp"
#include "sim/core/random.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

namespace aet::validation {
namespace {

/// Gathers errors of one quantity.
class Errors {
public:
  void add(double truth, double model, bool relative, std::optional<double> half_width = {}) {
    const double error = relative ? model / truth - 1.0 : model - truth;
    if (!std::isfinite(error)) return;
    ++summary_.compared;
    sum_ += error;
    squares_ += error * error;
    if (!half_width) return;
    ++summary_.with_interval;
    inside_ += std::abs(model - truth) <= *half_width ? 1 : 0;
  }

  [[nodiscard]] ErrorSummary summary() const {
    ErrorSummary result = summary_;
    if (result.compared == 0) return result;
    const double n = static_cast<double>(result.compared);
    result.mean = sum_ / n;
    result.rms = std::sqrt(squares_ / n);
    if (result.with_interval > 0)
      result.in_interval = static_cast<double>(inside_) / static_cast<double>(result.with_interval);
    return result;
  }

private:
  ErrorSummary summary_;
  double sum_ = 0.0;
  double squares_ = 0.0;
  int inside_ = 0;
};

std::optional<double> half_width(const analysis::ProfileFit& fit, const std::optional<double>& sd) {
  return sd ? std::optional(fit.interval_factor * *sd) : std::nullopt;
}

/// Event of the model in the truth's numbers: nuclei of the two moments, those without a partner left out.
std::set<std::pair<int, int>> partners(const analysis::Event& event, std::span<const NucleiMatch> nuclei,
                                       bool of_model) {
  std::set<std::pair<int, int>> result;
  const auto add = [&](const std::vector<int>& ids, std::size_t moment, int side) {
    for (const int id : ids) {
      if (!of_model) {
        result.insert({side, id});
        continue;
      }
      for (const NucleusPair& pair : nuclei[moment].pairs)
        if (pair.model == id) result.insert({side, pair.truth});
    }
  };
  add(event.from, event.moment - 1, 0);
  add(event.to, event.moment, 1);
  return result;
}

} // namespace

AnalysisComparison compare_analyses(const analysis::MomentAnalysis& truth,
                                    const analysis::MomentAnalysis& model, const MatchResult& match,
                                    double min_overlap) {
  if (match.truth_atoms != truth.atoms.size() || match.model_atoms != model.atoms.size())
    throw core::DataError(fmt::format("the matching is one of {} and {} atoms, the analyses of {} and {}",
                                      match.truth_atoms, match.model_atoms, truth.atoms.size(),
                                      model.atoms.size()));
  AnalysisComparison result;
  Errors alpha;
  const std::vector<double>& alpha_truth = truth.atoms.columns.at("alpha");
  const std::vector<double>& alpha_model = model.atoms.columns.at("alpha");
  for (const MatchPair& pair : match.pairs)
    alpha.add(alpha_truth[pair.truth], alpha_model[pair.model], false);
  result.atoms = match.pairs.size();
  result.alpha_mean_error = alpha.summary().mean;
  result.alpha_rms_error = alpha.summary().rms;

  result.nuclei =
      match_nuclei(truth.atoms.columns.at("nucleus"), model.atoms.columns.at("nucleus"), match, min_overlap);
  result.nuclei_truth = result.nuclei.truth;
  result.nuclei_model = result.nuclei.model;
  result.nuclei_matched = result.nuclei.pairs.size();
  result.nuclei_missed = result.nuclei_truth - result.nuclei_matched;
  result.nuclei_spurious = result.nuclei_model - result.nuclei_matched;
  if (const std::size_t both = result.nuclei_truth + result.nuclei_model; both > 0)
    result.f1 = 2.0 * static_cast<double>(result.nuclei_matched) / static_cast<double>(both);

  Errors size;
  Errors surface;
  Errors alpha0;
  Errors lambda;
  Errors beta;
  Errors barrier;
  for (const NucleusPair& pair : result.nuclei.pairs) {
    const analysis::NucleusReport& t = truth.nuclei[static_cast<std::size_t>(pair.truth)];
    const analysis::NucleusReport& m = model.nuclei[static_cast<std::size_t>(pair.model)];
    size.add(t.nucleus.effective_atoms, m.nucleus.effective_atoms, true);
    if (t.effective_surface_a2.value && m.effective_surface_a2.value)
      surface.add(*t.effective_surface_a2.value, *m.effective_surface_a2.value, true);
    if (!t.opg.fit || !m.opg.fit) continue;
    const analysis::ProfileFit& a = *t.opg.fit;
    const analysis::ProfileFit& b = *m.opg.fit;
    alpha0.add(a.alpha0, b.alpha0, false, half_width(b, b.alpha0_sd));
    lambda.add(a.lambda_a, b.lambda_a, true, half_width(b, b.lambda_sd_a));
    beta.add(a.beta, b.beta, false, half_width(b, b.beta_sd));
    if (t.barrier && m.barrier) barrier.add(t.barrier->opg.energy, m.barrier->opg.energy, true);
  }
  result.size = size.summary();
  result.surface = surface.summary();
  result.alpha0 = alpha0.summary();
  result.lambda = lambda.summary();
  result.beta = beta.summary();
  result.barrier = barrier.summary();
  return result;
}

EventConfusion event_confusion(const analysis::Dynamics& truth, const analysis::Dynamics& model,
                               std::span<const NucleiMatch> nuclei) {
  EventConfusion table{};
  for (const auto* dynamics : {&truth, &model})
    for (const analysis::Event& e : dynamics->events)
      if (e.moment >= nuclei.size())
        throw core::DataError(
            fmt::format("an event of moment {} is compared, but nuclei of {} moments are matched", e.moment,
                        nuclei.size()));
  std::vector<bool> used(model.events.size(), false);
  for (const analysis::Event& t : truth.events) {
    const auto mine = partners(t, nuclei, false);
    std::size_t best = model.events.size();
    for (std::size_t k = 0; k < model.events.size(); ++k) {
      const analysis::Event& m = model.events[k];
      if (used[k] || m.moment != t.moment) continue;
      const auto theirs = partners(m, nuclei, true);
      const bool common =
          std::any_of(theirs.begin(), theirs.end(), [&](const auto& x) { return mine.contains(x); });
      if (!common) continue;
      if (best == model.events.size() || (m.kind == t.kind && model.events[best].kind != t.kind)) best = k;
    }
    const auto row = static_cast<std::size_t>(t.kind);
    if (best == model.events.size()) {
      ++table.at(row).at(4);
    } else {
      used[best] = true;
      ++table.at(row).at(static_cast<std::size_t>(model.events[best].kind));
    }
  }
  for (std::size_t k = 0; k < model.events.size(); ++k)
    if (!used[k]) ++table.at(4).at(static_cast<std::size_t>(model.events[k].kind));
  return table;
}

double event_accuracy(const EventConfusion& confusion) {
  int correct = 0;
  int all = 0;
  for (std::size_t row = 0; row < 5; ++row)
    for (std::size_t column = 0; column < 5; ++column) {
      all += confusion.at(row).at(column);
      correct += row == column ? confusion.at(row).at(column) : 0;
    }
  return all > 0 ? static_cast<double>(correct) / all : 1.0;
}

core::Atoms disturbed(const core::Atoms& truth, double rms_a, double wrong_species, std::uint64_t seed,
                      std::uint32_t trial) {
  if (!(rms_a >= 0.0) || !std::isfinite(rms_a) || !(wrong_species >= 0.0) || wrong_species > 1.0)
    throw core::ConfigError(
        fmt::format("errors of {} A and {} of the species were asked for; the first must not be "
                    "negative, the second lie between 0 and 1",
                    rms_a, wrong_species));
  const std::set<int> present(truth.atomic_numbers.begin(), truth.atomic_numbers.end());
  const std::vector<int> elements(present.begin(), present.end());
  core::Atoms result = truth;
  core::RandomStream place(seed, "propagation.position", {trial});
  core::RandomStream species(seed, "propagation.species", {trial});
  for (std::size_t i = 0; i < result.size(); ++i) {
    for (int k = 0; k < 3; ++k)
      result.positions[i][k] += rms_a / std::sqrt(3.0) * place.normal();
    // The same number of draws whatever happens: trials of other errors use the same deviates.
    const bool wrong = species.uniform() < wrong_species;
    const double which = species.uniform();
    if (!wrong || elements.size() < 2) continue;
    std::vector<int> others;
    for (const int z : elements)
      if (z != truth.atomic_numbers[i]) others.push_back(z);
    result.atomic_numbers[i] = others[static_cast<std::size_t>(which * static_cast<double>(others.size()))];
  }
  return result;
}

} // namespace aet::validation
