#include "validation/score/published.hpp"

#include "sim/core/neighbours/pairs.hpp"

#include <cmath>
#include <limits>
#include <set>
#include <span>

namespace aet::validation {

using core::Vec3;

namespace {

/// Errors of pairs of the same species, and how many pairs there are in all.
struct CommonPairs {
  std::size_t all = 0;
  double square_of_all = 0.0;
  std::size_t same_species = 0;
  double distance_of_same = 0.0;
};

CommonPairs common_pairs(const core::Atoms& truth, const core::Atoms& model, const Transform& transform,
                         double cutoff_a) {
  CommonPairs common;
  if (model.size() == 0) return common;
  const std::vector<Vec3> aligned = transformed(transform, model.positions);
  for (const auto& [t, m] : core::mutual_nearest(truth.positions, aligned, cutoff_a)) {
    const double square = (aligned[m] - truth.positions[t]).squaredNorm();
    ++common.all;
    common.square_of_all += square;
    if (truth.atomic_numbers[t] != model.atomic_numbers[m]) continue;
    ++common.same_species;
    common.distance_of_same += std::sqrt(square);
  }
  return common;
}

/// Differences model - truth by the scripts' rule.
std::vector<Vec3> nearest_differences(std::span<const Vec3> truth, std::span<const Vec3> model,
                                      double cutoff_a) {
  std::vector<double> distance(truth.size(), std::numeric_limits<double>::infinity());
  std::vector<Vec3> difference(truth.size(), Vec3::Zero());
  if (!truth.empty()) {
    const core::CellGrid grid(truth, {}, cutoff_a);
    for (const Vec3& p : model) {
      const std::optional<core::Hit> nearest = grid.nearest(p, cutoff_a);
      if (!nearest || nearest->distance >= distance[nearest->index]) continue;
      distance[nearest->index] = nearest->distance;
      difference[nearest->index] = p - truth[nearest->index];
    }
  }
  std::vector<Vec3> matched;
  for (std::size_t i = 0; i < truth.size(); ++i) {
    if (std::isfinite(distance[i])) matched.push_back(difference[i]);
  }
  return matched;
}

/// Root of the summed variances, N - 1.
std::optional<double> spread(const std::vector<Vec3>& differences) {
  if (differences.size() < 2) return std::nullopt;
  const auto n = static_cast<double>(differences.size());
  Vec3 mean = Vec3::Zero();
  for (const Vec3& d : differences)
    mean += d / n;
  double sum = 0.0;
  for (const Vec3& d : differences)
    sum += (d - mean).squaredNorm();
  return std::sqrt(sum / (n - 1.0));
}

std::vector<Vec3> of_species(const core::Atoms& atoms, int z) {
  std::vector<Vec3> list;
  for (std::size_t i = 0; i < atoms.size(); ++i) {
    if (atoms.atomic_numbers[i] == z) list.push_back(atoms.positions[i]);
  }
  return list;
}

} // namespace

ScoreYang2017 score_yang2017(const core::Atoms& truth, const core::Atoms& model, const MatchResult& match,
                             double cutoff_a) {
  const CommonPairs common = common_pairs(truth, model, match.transform, cutoff_a);
  ScoreYang2017 score;
  score.cutoff_a = cutoff_a;
  score.common = common.all;
  score.common_species = common.same_species;
  score.identified = static_cast<double>(common.same_species) / static_cast<double>(truth.size());
  if (common.all > 0) score.rmsd_a = std::sqrt(common.square_of_all / static_cast<double>(common.all));
  return score;
}

ScoreZhou2019 score_zhou2019(const core::Atoms& truth, const core::Atoms& model, const MatchResult& match,
                             double cutoff_a) {
  PointPairs points;
  for (const MatchPair& pair : match.pairs) {
    points.from.push_back(model.positions[pair.model]);
    points.to.push_back(truth.positions[pair.truth]);
  }
  const Transform affine = points.from.empty() ? match.transform : fit_affine(points);
  const CommonPairs common = common_pairs(truth, model, affine, cutoff_a);
  ScoreZhou2019 score;
  score.cutoff_a = cutoff_a;
  score.common = common.same_species;
  score.consistency =
      2.0 * static_cast<double>(common.same_species) / static_cast<double>(truth.size() + model.size());
  if (common.same_species > 0) {
    score.mean_deviation_a = common.distance_of_same / static_cast<double>(common.same_species);
    score.precision_a = *score.mean_deviation_a / std::sqrt(2.0);
  }
  return score;
}

ScoreYang2021 score_yang2021(const core::Atoms& truth, const core::Atoms& model, double cutoff_a) {
  ScoreYang2021 score;
  score.cutoff_a = cutoff_a;
  const auto differences = nearest_differences(truth.positions, model.positions, cutoff_a);
  score.matched = differences.size();
  score.matched_fraction = static_cast<double>(score.matched) / static_cast<double>(truth.size());
  score.rmsd_a = spread(differences);
  for (const int z : std::set<int>(truth.atomic_numbers.begin(), truth.atomic_numbers.end())) {
    const auto wanted = of_species(truth, z);
    const auto of_this = nearest_differences(wanted, of_species(model, z), cutoff_a);
    score.by_species.push_back({z, of_this.size(),
                                static_cast<double>(of_this.size()) / static_cast<double>(wanted.size()),
                                spread(of_this)});
  }
  return score;
}

} // namespace aet::validation
