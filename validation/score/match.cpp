#include "validation/score/match.hpp"

#include "sim/core/error.hpp"
#include "sim/core/neighbours/pairs.hpp"
#include "sim/core/random.hpp"
#include "sim/core/units.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>

namespace aet::validation {

using core::Mat3;
using core::Vec3;

namespace {

constexpr double largest_cutoff = 20.0;
constexpr double good_recall = 0.9; // above, no other start is tried
constexpr double mirror_margin = 0.2;
constexpr int search_rotations = 30000;
constexpr std::size_t followed_rotations = 24;
constexpr std::size_t finished_rotations = 4;
constexpr double core_radius = 3.0; // of the innermost atoms, in truth spacings (twice the default cutoff)

using core::IndexPairs;

Transform fit(Alignment alignment, const PointPairs& pairs) {
  switch (alignment) {
  case Alignment::none:
    break;
  case Alignment::translation:
    return fit_translation(pairs);
  case Alignment::rigid:
    return fit_rigid(pairs);
  case Alignment::affine:
    return fit_affine(pairs);
  }
  return {};
}

struct Attempt {
  Transform transform;
  IndexPairs pairs;
  double square = 0.0; ///< sum of squared distances of the pairs
  int iterations = 0;
  bool settled = false;
};

bool better(const Attempt& a, const Attempt& b) {
  if (a.pairs.size() != b.pairs.size()) return a.pairs.size() > b.pairs.size();
  return a.square < b.square;
}

/// The truth with its grid, and everything an attempt at alignment needs.
class Aligner {
public:
  Aligner(const std::vector<Vec3>& truth, const std::vector<Vec3>& model, double cutoff,
          const MatchOptions& options)
      : truth_(truth), model_(model), cutoff_(cutoff), options_(options), grid_(truth, {}, cutoff) {
    for (const Vec3& p : truth)
      truth_centre_ += p / static_cast<double>(truth.size());
    for (const Vec3& p : model)
      model_centre_ += p / static_cast<double>(model.size());
    for (const Vec3& p : model)
      model_radius_ = std::max(model_radius_, (p - model_centre_).norm());
  }

  /// Match and fit in turn until the pairs stay.
  [[nodiscard]] Attempt settle(const Transform& start) const {
    Attempt attempt;
    attempt.transform = start;
    attempt.pairs = pairs_at(start, model_);
    while (attempt.iterations < options_.max_iterations) {
      ++attempt.iterations;
      attempt.transform = options_.alignment == Alignment::none
                              ? Transform{}
                              : fit(options_.alignment, matched_points(attempt.pairs, model_));
      IndexPairs next = pairs_at(attempt.transform, model_);
      attempt.settled = next == attempt.pairs;
      attempt.pairs = std::move(next);
      if (attempt.settled) break;
    }
    for (const auto& [t, m] : attempt.pairs) {
      attempt.square += (attempt.transform(model_[m]) - truth_[t]).squaredNorm();
    }
    return attempt;
  }

  /// Fit the atoms within a radius of the model's centre, then within a larger one, up to all but the last
  /// step.
  [[nodiscard]] Transform grow(Transform transform, double radius, double last_radius) const {
    constexpr int turns = 5; // at each radius; enough to settle, and growing goes on anyway
    for (; radius < last_radius; radius *= 1.4) {
      const std::vector<Vec3> inner = model_within(radius);
      for (int turn = 0; turn < turns; ++turn) {
        const IndexPairs pairs = pairs_at(transform, inner);
        if (pairs.size() < 3) break;
        transform = fit_rigid(matched_points(pairs, inner));
      }
    }
    return transform;
  }

  [[nodiscard]] Transform centred() const { return {Mat3::Identity(), truth_centre_ - model_centre_}; }
  [[nodiscard]] double first_radius() const { return core_radius * 2.0 * cutoff_; }
  [[nodiscard]] double model_radius() const { return model_radius_; }

  [[nodiscard]] Transform about_centres(const Mat3& rotation) const {
    return {rotation, truth_centre_ - rotation * model_centre_};
  }

  /// Number of innermost model atoms with a truth atom within the cutoff.
  [[nodiscard]] std::size_t inner_hits(const Transform& transform, const std::vector<Vec3>& inner) const {
    std::size_t hits = 0;
    for (const std::size_t i : core::nearest_of_each(transformed(transform, inner), grid_, cutoff_))
      hits += i != core::no_point ? 1 : 0;
    return hits;
  }

  [[nodiscard]] std::vector<Vec3> model_within(double radius) const {
    std::vector<Vec3> inner;
    for (const Vec3& p : model_) {
      if ((p - model_centre_).norm() <= radius) inner.push_back(p);
    }
    return inner;
  }

private:
  [[nodiscard]] IndexPairs pairs_at(const Transform& transform, const std::vector<Vec3>& model) const {
    return core::mutual_nearest(truth_, grid_, transformed(transform, model), cutoff_);
  }

  [[nodiscard]] PointPairs matched_points(const IndexPairs& pairs, const std::vector<Vec3>& model) const {
    PointPairs points;
    for (const auto& [t, m] : pairs) {
      points.from.push_back(model[m]);
      points.to.push_back(truth_[t]);
    }
    return points;
  }

  const std::vector<Vec3>& truth_;
  const std::vector<Vec3>& model_;
  double cutoff_;
  const MatchOptions& options_;
  core::CellGrid grid_;
  Vec3 truth_centre_ = Vec3::Zero();
  Vec3 model_centre_ = Vec3::Zero();
  double model_radius_ = 0.0;
};

Mat3 rotation_of_quaternion(double w, double x, double y, double z) {
  Mat3 r;
  r << 1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y), //
      2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x),  //
      2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y);
  return r;
}

/// The i-th of n rotations spread evenly over all rotations.
/// Source: Alexa, CVPR 2022, doi:10.1109/CVPR52688.2022.00811 (super-Fibonacci spirals).
Mat3 spread_rotation(int i, int n) {
  constexpr double phi = 1.4142135623730951;
  constexpr double psi = 1.533751168755204;
  const double s = i + 0.5;
  const double r = std::sqrt(s / n);
  const double big = std::sqrt(1.0 - s / n);
  const double a = 2.0 * core::pi * s / phi;
  const double b = 2.0 * core::pi * s / psi;
  return rotation_of_quaternion(r * std::sin(a), r * std::cos(a), big * std::sin(b), big * std::cos(b));
}

Attempt search_rotations_for_best(const Aligner& aligner) {
  const std::vector<Vec3> inner = aligner.model_within(aligner.first_radius());
  std::vector<std::pair<std::size_t, int>> hits;
  for (int i = 0; i < search_rotations; ++i) {
    hits.emplace_back(aligner.inner_hits(aligner.about_centres(spread_rotation(i, search_rotations)), inner),
                      i);
  }
  std::stable_sort(hits.begin(), hits.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
  // Follow the best outwards; only those that still hold at twice the radius to the end.
  const double middle = std::min(2.0 * aligner.first_radius(), aligner.model_radius());
  const std::vector<Vec3> wider = aligner.model_within(middle);
  std::vector<std::pair<std::size_t, Transform>> grown;
  for (std::size_t k = 0; k < std::min(followed_rotations, hits.size()); ++k) {
    const Transform start = aligner.about_centres(spread_rotation(hits[k].second, search_rotations));
    const Transform end = aligner.grow(start, aligner.first_radius(), middle);
    grown.emplace_back(aligner.inner_hits(end, wider), end);
  }
  std::stable_sort(grown.begin(), grown.end(),
                   [](const auto& a, const auto& b) { return a.first > b.first; });
  Attempt best;
  for (std::size_t k = 0; k < std::min(finished_rotations, grown.size()); ++k) {
    Attempt attempt = aligner.settle(aligner.grow(grown[k].second, middle, aligner.model_radius()));
    if (k == 0 || better(attempt, best)) best = std::move(attempt);
  }
  return best;
}

Attempt best_attempt(const Aligner& aligner, std::size_t truth_atoms, const MatchOptions& options) {
  Attempt best = aligner.settle({});
  if (options.alignment == Alignment::none) return best;
  const auto good = [&] {
    return static_cast<double>(best.pairs.size()) >= good_recall * static_cast<double>(truth_atoms);
  };
  const auto consider = [&](Attempt attempt) {
    if (better(attempt, best)) best = std::move(attempt);
  };
  if (!good()) consider(aligner.settle(aligner.centred()));
  if (!good() && options.alignment != Alignment::translation) {
    for (const Transform& start : {Transform{}, aligner.centred()}) {
      consider(aligner.settle(aligner.grow(start, aligner.first_radius(), aligner.model_radius())));
    }
    if (!good() && options.any_rotation) consider(search_rotations_for_best(aligner));
  }
  return best;
}

core::Atoms reflected(const core::Atoms& model, const Vec3& signs) {
  core::Atoms mirror;
  mirror.atomic_numbers = model.atomic_numbers;
  const Vec3 centre = core::centroid(model);
  for (const Vec3& p : model.positions)
    mirror.positions.emplace_back(centre + signs.cwiseProduct(p - centre));
  return mirror;
}

} // namespace

void check(const MatchOptions& options) {
  if (options.cutoff_a && !(*options.cutoff_a > 0.0 && *options.cutoff_a <= largest_cutoff)) {
    throw core::ConfigError(fmt::format("matching: cutoff_a is {}; allowed is (0, {}] angstrom",
                                        *options.cutoff_a, largest_cutoff));
  }
  if (options.max_iterations < 1 || options.max_iterations > 1000) {
    throw core::ConfigError(
        fmt::format("matching: max_iterations is {}; allowed is 1 to 1000", options.max_iterations));
  }
}

double MatchResult::recall() const {
  return truth_atoms == 0 ? 0.0 : static_cast<double>(pairs.size()) / static_cast<double>(truth_atoms);
}

double MatchResult::precision() const {
  return model_atoms == 0 ? 0.0 : static_cast<double>(pairs.size()) / static_cast<double>(model_atoms);
}

double MatchResult::rmsd_a() const {
  if (pairs.empty()) return 0.0;
  double sum = 0.0;
  for (const MatchPair& pair : pairs)
    sum += pair.error.squaredNorm();
  return std::sqrt(sum / static_cast<double>(pairs.size()));
}

MatchResult match_atoms(const core::Atoms& truth, const core::Atoms& model, const MatchOptions& options) {
  check(options);
  core::validate(truth, "truth");
  core::validate(model, "model");
  if (truth.size() == 0)
    throw core::DataError("the truth has no atoms; there is nothing to compare a model with");
  MatchResult result;
  if (options.cutoff_a) {
    result.cutoff_a = *options.cutoff_a;
  } else {
    if (truth.size() < 2) {
      throw core::DataError(
          "a truth of one atom has no nearest-neighbour distance; give the matching cutoff");
    }
    result.cutoff_a = std::min(0.5 * core::median_nearest_distance(truth.positions), largest_cutoff);
    if (!(result.cutoff_a > 0.0)) {
      throw core::DataError(
          "the median nearest-neighbour distance of the truth is 0: atoms coincide; repair the truth "
          "or give the matching cutoff");
    }
  }
  result.truth_atoms = truth.size();
  result.model_atoms = model.size();

  Attempt best;
  best.settled = true;
  if (model.size() > 0) {
    const Aligner aligner(truth.positions, model.positions, result.cutoff_a, options);
    best = best_attempt(aligner, truth.size(), options);
  }
  result.transform = best.transform;
  result.iterations = best.iterations;
  result.settled = best.settled;

  std::vector<bool> truth_used(truth.size(), false);
  std::vector<bool> model_used(model.size(), false);
  for (const auto& [t, m] : best.pairs) {
    result.pairs.push_back({t, m, best.transform(model.positions[m]) - truth.positions[t]});
    truth_used[t] = true;
    model_used[m] = true;
  }
  for (std::size_t i = 0; i < truth.size(); ++i) {
    if (!truth_used[i]) result.missed.push_back(i);
  }
  for (std::size_t i = 0; i < model.size(); ++i) {
    if (!model_used[i]) result.extra.push_back(i);
  }
  return result;
}

MirrorTest mirror_test(const core::Atoms& truth, const core::Atoms& model, const MatchResult& match,
                       const MatchOptions& options) {
  MirrorTest test;
  if (match.recall() >= good_recall) {
    test.reason = "not tried: the model recovers most of the truth as it is";
    return test;
  }
  if (model.size() == 0) {
    test.reason = "the model has no atoms";
    return test;
  }
  constexpr std::array<std::pair<const char*, std::array<double, 3>>, 4> mirrors{
      {{"x", {-1, 1, 1}}, {"y", {1, -1, 1}}, {"z", {1, 1, -1}}, {"inversion", {-1, -1, -1}}}};
  MatchOptions same = options;
  same.cutoff_a = match.cutoff_a;
  test.recall = 0.0;
  for (const auto& [name, signs] : mirrors) {
    // With every rotation searched, one mirror stands for all.
    if (options.any_rotation && std::string(name) != "inversion") continue;
    const double recall =
        match_atoms(truth, reflected(model, Vec3(signs[0], signs[1], signs[2])), same).recall();
    if (recall > *test.recall) {
      test.recall = recall;
      test.mirror = name;
    }
  }
  test.mirrored = *test.recall >= match.recall() + mirror_margin;
  test.reason =
      test.mirrored
          ? fmt::format(
                "the model is a mirror image of the truth ({}): reflected it recovers {:.1f} %, as it "
                "is {:.1f} %",
                test.mirror, 100.0 * *test.recall, 100.0 * match.recall())
          : fmt::format(
                "no reflection of the model recovers clearly more than the model as it is (best {:.1f} "
                "% against {:.1f} %)",
                100.0 * *test.recall, 100.0 * match.recall());
  return test;
}

ChanceLevel chance_level(const core::Atoms& truth, const core::Atoms& model, const MatchResult& match,
                         int rotations, std::uint64_t seed) {
  if (rotations < 1 || rotations > 1000) {
    throw core::ConfigError(
        fmt::format("chance level: {} rotations asked for; allowed is 1 to 1000", rotations));
  }
  ChanceLevel chance;
  chance.rotations = rotations;
  if (model.size() == 0) return chance;
  const std::vector<Vec3> aligned = transformed(match.transform, model.positions);
  const Vec3 centre = core::centroid(truth);
  const core::CellGrid grid(truth.positions, {}, match.cutoff_a);
  double sum = 0.0;
  double squares = 0.0;
  for (int i = 0; i < rotations; ++i) {
    core::RandomStream random(seed, "score.chance", {static_cast<std::uint32_t>(i)});
    Eigen::Vector4d q;
    for (int k = 0; k < 4; ++k)
      q[k] = random.normal(); // a normal 4-vector points in every direction alike
    q.normalize();
    const Mat3 rotation = rotation_of_quaternion(q[0], q[1], q[2], q[3]);
    const std::vector<Vec3> turned = transformed({rotation, centre - rotation * centre}, aligned);
    const double recall =
        static_cast<double>(core::mutual_nearest(truth.positions, grid, turned, match.cutoff_a).size()) /
        static_cast<double>(truth.size());
    sum += recall;
    squares += recall * recall;
  }
  chance.recall = sum / rotations;
  if (rotations > 1) {
    chance.recall_sd = std::sqrt(std::max(0.0, (squares - sum * sum / rotations) / (rotations - 1)));
  }
  return chance;
}

std::vector<CutoffPoint> cutoff_curve(const core::Atoms& truth, const core::Atoms& model,
                                      const MatchResult& match, std::span<const double> cutoffs_a) {
  std::vector<CutoffPoint> curve;
  if (cutoffs_a.empty()) return curve;
  // Being each other's nearest does not depend on the cutoff, so one matching at the largest serves all.
  const double largest = *std::max_element(cutoffs_a.begin(), cutoffs_a.end());
  std::vector<double> distances;
  if (model.size() > 0) {
    const std::vector<Vec3> aligned = transformed(match.transform, model.positions);
    for (const auto& [t, m] : core::mutual_nearest(truth.positions, aligned, largest)) {
      distances.push_back((aligned[m] - truth.positions[t]).norm());
    }
  }
  std::sort(distances.begin(), distances.end());
  for (const double cutoff : cutoffs_a) {
    CutoffPoint point;
    point.cutoff_a = cutoff;
    double squares = 0.0;
    std::size_t count = 0;
    for (; count < distances.size() && distances[count] < cutoff; ++count)
      squares += distances[count] * distances[count];
    point.recall = static_cast<double>(count) / static_cast<double>(truth.size());
    point.precision =
        model.size() == 0 ? 0.0 : static_cast<double>(count) / static_cast<double>(model.size());
    if (count > 0) point.rmsd_a = std::sqrt(squares / static_cast<double>(count));
    curve.push_back(point);
  }
  return curve;
}

} // namespace aet::validation
