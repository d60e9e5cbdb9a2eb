#include "sim/specimen/close_pairs.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <limits>
#include <numeric>

namespace aet::specimen {

using core::Vec3;

namespace {

/// Points sorted into cubic boxes at least `cutoff` wide.
class Boxes {
public:
  Boxes(const std::vector<Vec3>& points, double cutoff) : low_(points.front()), width_(cutoff) {
    Vec3 high = low_;
    for (const Vec3& r : points) {
      low_ = low_.cwiseMin(r);
      high = high.cwiseMax(r);
    }
    // Far outliers must not ask for more boxes than there is use for.
    constexpr double most_per_axis = 256.0;
    width_ = std::max(width_, (high - low_).maxCoeff() / most_per_axis);
    for (int k = 0; k < 3; ++k)
      count_.at(static_cast<std::size_t>(k)) = static_cast<std::int64_t>((high[k] - low_[k]) / width_) + 1;
    const auto boxes = static_cast<std::size_t>(count_[0] * count_[1] * count_[2]);
    begin_.assign(boxes + 1, 0);
    for (const Vec3& r : points)
      ++begin_[index(box_of(r)) + 1];
    std::partial_sum(begin_.begin(), begin_.end(), begin_.begin());
    members_.resize(points.size());
    std::vector<std::size_t> next(begin_.begin(), begin_.end() - 1);
    for (std::size_t i = 0; i < points.size(); ++i)
      members_[next[index(box_of(points[i]))]++] = i;
  }

  template <class F> void for_each_near(const Vec3& r, F&& visit) const {
    const auto box = box_of(r);
    std::array<std::int64_t, 3> b{};
    for (b[0] = std::max<std::int64_t>(0, box[0] - 1); b[0] <= std::min(count_[0] - 1, box[0] + 1); ++b[0]) {
      for (b[1] = std::max<std::int64_t>(0, box[1] - 1); b[1] <= std::min(count_[1] - 1, box[1] + 1);
           ++b[1]) {
        for (b[2] = std::max<std::int64_t>(0, box[2] - 1); b[2] <= std::min(count_[2] - 1, box[2] + 1);
             ++b[2]) {
          for (std::size_t m = begin_[index(b)]; m < begin_[index(b) + 1]; ++m)
            visit(members_[m]);
        }
      }
    }
  }

private:
  [[nodiscard]] std::array<std::int64_t, 3> box_of(const Vec3& r) const {
    std::array<std::int64_t, 3> box{};
    for (int k = 0; k < 3; ++k) {
      const auto axis = static_cast<std::size_t>(k);
      box.at(axis) = std::clamp<std::int64_t>(static_cast<std::int64_t>((r[k] - low_[k]) / width_), 0,
                                              count_.at(axis) - 1);
    }
    return box;
  }
  [[nodiscard]] std::size_t index(const std::array<std::int64_t, 3>& b) const {
    return static_cast<std::size_t>((b[0] * count_[1] + b[1]) * count_[2] + b[2]);
  }

  Vec3 low_;
  double width_;
  std::array<std::int64_t, 3> count_{};
  std::vector<std::size_t> begin_;
  std::vector<std::size_t> members_;
};

} // namespace

std::vector<std::pair<std::size_t, std::size_t>> close_pairs(const std::vector<Vec3>& points, double cutoff) {
  std::vector<std::pair<std::size_t, std::size_t>> pairs;
  if (points.size() < 2) return pairs;
  const Boxes boxes(points, cutoff);
  for (std::size_t i = 0; i < points.size(); ++i) {
    boxes.for_each_near(points[i], [&](std::size_t j) {
      if (j > i && (points[j] - points[i]).squaredNorm() < cutoff * cutoff) pairs.emplace_back(i, j);
    });
  }
  std::sort(pairs.begin(), pairs.end());
  return pairs;
}

double minimum_distance(const std::vector<Vec3>& points) {
  if (points.size() < 2) return std::numeric_limits<double>::infinity();
  // Any spacing that some pair is closer than will do: widen the search until one is found.
  for (double cutoff = 2.0;; cutoff *= 2.0) {
    double least = std::numeric_limits<double>::infinity();
    for (const auto& [i, j] : close_pairs(points, cutoff))
      least = std::min(least, (points[i] - points[j]).norm());
    if (std::isfinite(least)) return least;
  }
}

} // namespace aet::specimen
