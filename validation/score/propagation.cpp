#include "validation/score/propagation.hpp"

#include "sim/core/error.hpp"

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include <cmath>

namespace aet::validation {
namespace {

void check(const PropagationOptions& o) {
  if (o.rms_pm.empty() || o.wrong_percent.empty())
    throw core::ConfigError(
        "propagation of errors: no size of error is given; give at least one of each kind");
  for (const double pm : o.rms_pm)
    if (!(pm >= 0.0) || pm > 300.0)
      throw core::ConfigError(fmt::format(
          "propagation of errors: an rms error of {} pm is out of range; allowed is 0 to 300", pm));
  for (const double percent : o.wrong_percent)
    if (!(percent >= 0.0) || percent > 100.0)
      throw core::ConfigError(fmt::format(
          "propagation of errors: {} % wrong species is out of range; allowed is 0 to 100", percent));
  if (o.trials < 1 || o.trials > 1000)
    throw core::ConfigError(
        fmt::format("propagation of errors: {} trials are asked for; allowed is 1 to 1000", o.trials));
}

/// Root mean square over all that was compared in all trials.
class Pool {
public:
  void add(const ErrorSummary& e) {
    if (e.compared == 0 || !e.rms) return;
    const double n = static_cast<double>(e.compared);
    squares_ += *e.rms * *e.rms * n;
    compared_ += n;
  }
  [[nodiscard]] std::optional<double> rms() const {
    return compared_ > 0.0 ? std::optional(std::sqrt(squares_ / compared_)) : std::nullopt;
  }

private:
  double squares_ = 0.0;
  double compared_ = 0.0;
};

/// Atom i of the disturbed truth is atom i of the truth.
MatchResult same_atoms(std::size_t n) {
  MatchResult match;
  match.truth_atoms = match.model_atoms = n;
  for (std::size_t i = 0; i < n; ++i)
    match.pairs.push_back({i, i, core::Vec3::Zero()});
  return match;
}

} // namespace

std::vector<PropagationPoint> propagate_errors(const core::Atoms& truth, const Analyse& analyse,
                                               const PropagationOptions& options) {
  check(options);
  const analysis::MomentAnalysis reference = analyse(truth);
  const MatchResult match = same_atoms(truth.size());
  const double trials = options.trials;
  std::vector<PropagationPoint> points;
  for (const double pm : options.rms_pm)
    for (const double percent : options.wrong_percent) {
      PropagationPoint point;
      point.rms_pm = pm;
      point.wrong_percent = percent;
      double f1_squares = 0.0;
      double alpha_squares = 0.0;
      Pool size;
      Pool surface;
      Pool alpha0;
      Pool lambda;
      Pool beta;
      Pool barrier;
      for (int t = 0; t < options.trials; ++t) {
        const core::Atoms off =
            disturbed(truth, 0.01 * pm, 0.01 * percent, options.seed, static_cast<std::uint32_t>(t));
        const AnalysisComparison c = compare_analyses(reference, analyse(off), match, options.min_overlap);
        point.f1 += c.f1 / trials;
        f1_squares += c.f1 * c.f1 / trials;
        point.nuclei_missed += static_cast<double>(c.nuclei_missed) / trials;
        point.nuclei_spurious += static_cast<double>(c.nuclei_spurious) / trials;
        alpha_squares += std::pow(c.alpha_rms_error.value_or(0.0), 2) / trials;
        size.add(c.size);
        surface.add(c.surface);
        alpha0.add(c.alpha0);
        lambda.add(c.lambda);
        beta.add(c.beta);
        barrier.add(c.barrier);
      }
      if (options.trials > 1)
        point.f1_sd = std::sqrt(std::max(0.0, f1_squares - point.f1 * point.f1) * trials / (trials - 1.0));
      point.alpha_rms = std::sqrt(alpha_squares);
      point.size_rms = size.rms();
      point.surface_rms = surface.rms();
      point.alpha0_rms = alpha0.rms();
      point.lambda_rms = lambda.rms();
      point.beta_rms = beta.rms();
      point.barrier_rms = barrier.rms();
      points.push_back(point);
    }
  return points;
}

nlohmann::json to_json(const std::vector<PropagationPoint>& points) {
  nlohmann::json list = nlohmann::json::array();
  for (const PropagationPoint& p : points) {
    nlohmann::json object{{"rms_pm", p.rms_pm},
                          {"wrong_percent", p.wrong_percent},
                          {"nuclei_f1", p.f1},
                          {"nuclei_f1_sd", p.f1_sd},
                          {"nuclei_missed", p.nuclei_missed},
                          {"nuclei_spurious", p.nuclei_spurious}};
    const auto put = [&](const char* key, const std::optional<double>& value) {
      object[key] = value ? nlohmann::json(*value) : nlohmann::json();
      if (!value) object[std::string(key) + "_reason"] = "no matched nucleus has it on both sides";
    };
    put("alpha_rms", p.alpha_rms);
    put("size_relative_rms", p.size_rms);
    put("surface_relative_rms", p.surface_rms);
    put("alpha0_rms", p.alpha0_rms);
    put("lambda_relative_rms", p.lambda_rms);
    put("beta_rms", p.beta_rms);
    put("barrier_relative_rms", p.barrier_rms);
    list.push_back(std::move(object));
  }
  return list;
}

} // namespace aet::validation
