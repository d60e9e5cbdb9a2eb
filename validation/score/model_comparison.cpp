#include "validation/score/model_comparison.hpp"

#include "sim/core/error.hpp"
#include "validation/score/match.hpp"

#include <fmt/core.h>

#include <cmath>

namespace aet::validation {

namespace {

/// 1 where the model does not say how sure it is.
double probability_of(const core::Atoms& atoms, std::size_t i) {
  const auto column = atoms.columns.find("probability");
  return column == atoms.columns.end() ? 1.0 : column->second[i];
}

} // namespace

ModelComparison compare_models(const core::Atoms& first, const core::Atoms& second,
                               const ComparisonOptions& options) {
  if (!(options.borderline_probability > 0.0 && options.borderline_probability <= 1.0)) {
    throw core::ConfigError(
        fmt::format("comparison of models: borderline_probability is {}; allowed is (0, 1]",
                    options.borderline_probability));
  }
  MatchOptions match_options;
  match_options.cutoff_a = options.cutoff_a;
  match_options.alignment = Alignment::affine;
  const MatchResult match = match_atoms(first, second, match_options);

  ModelComparison c;
  c.transform = match.transform;
  c.largest_strain = largest_strain(match.transform);
  c.pairs = match.pairs.size();
  c.score = score_zhou2019(first, second, match, options.cutoff_a);
  c.first = first;
  PointPairs same;
  double square = 0.0;
  for (const MatchPair& pair : match.pairs) {
    if (first.atomic_numbers[pair.truth] == second.atomic_numbers[pair.model]) {
      square += pair.error.squaredNorm();
      same.from.push_back(second.positions[pair.model]);
      same.to.push_back(first.positions[pair.truth]);
      continue;
    }
    c.other_species.push_back(pair.truth);
    if (probability_of(first, pair.truth) < options.borderline_probability &&
        probability_of(second, pair.model) >= options.borderline_probability) {
      c.taken_over.push_back(pair.truth);
      c.first.atomic_numbers[pair.truth] = second.atomic_numbers[pair.model];
    }
  }
  if (same.from.empty()) return c;
  const auto n = static_cast<double>(same.from.size());
  c.rmsd_a = std::sqrt(square / n);
  const Transform rigid = fit_rigid(same);
  double rigid_square = 0.0;
  for (std::size_t i = 0; i < same.from.size(); ++i)
    rigid_square += (rigid(same.from[i]) - same.to[i]).squaredNorm();
  c.rmsd_rigid_a = std::sqrt(rigid_square / n);
  return c;
}

} // namespace aet::validation
