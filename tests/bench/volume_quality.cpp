#include "tests/bench/volume_quality.hpp"

#include <algorithm>
#include <cmath>

namespace aet::bench {

namespace {

struct Peak {
  std::array<double, 3> position;
  double height;
};

double distance(const std::array<double, 3>& a, const std::array<double, 3>& b) {
  return std::hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);
}

/// Voxels above their six neighbours, refined by a parabola an axis, strongest first, none nearer than 3
/// voxels to a stronger one (as the truth list was made).
std::vector<Peak> highest_maxima(const core::Volume& v, std::size_t count) {
  std::vector<Peak> all;
  const auto vertex = [](float before, float here, float after) {
    return 0.5 * static_cast<double>(before - after) / static_cast<double>(before - 2.0F * here + after);
  };
  for (int z = 1; z + 1 < v.nz; ++z) {
    for (int y = 1; y + 1 < v.ny; ++y) {
      for (int x = 1; x + 1 < v.nx; ++x) {
        const float h = v.at(x, y, z);
        const std::array<float, 6> around{v.at(x - 1, y, z), v.at(x + 1, y, z), v.at(x, y - 1, z),
                                          v.at(x, y + 1, z), v.at(x, y, z - 1), v.at(x, y, z + 1)};
        if (h <= *std::max_element(around.begin(), around.end())) continue;
        all.push_back({{x + vertex(around[0], h, around[1]), y + vertex(around[2], h, around[3]),
                        z + vertex(around[4], h, around[5])},
                       static_cast<double>(h)});
      }
    }
  }
  std::stable_sort(all.begin(), all.end(), [](const Peak& a, const Peak& b) { return a.height > b.height; });
  std::vector<Peak> out;
  for (const Peak& p : all) {
    if (out.size() == count) break;
    const bool alone = std::all_of(out.begin(), out.end(),
                                   [&](const Peak& q) { return distance(p.position, q.position) >= 3.0; });
    if (alone) out.push_back(p);
  }
  return out;
}

} // namespace

Quality quality(const core::Volume& volume, const core::Volume& truth) {
  double sv = 0.0;
  double st = 0.0;
  double svv = 0.0;
  double stt = 0.0;
  double svt = 0.0;
  double difference = 0.0;
  double total = 0.0;
  for (std::size_t i = 0; i < truth.data.size(); ++i) {
    const auto v = static_cast<double>(volume.data[i]);
    const auto t = static_cast<double>(truth.data[i]);
    sv += v;
    st += t;
    svv += v * v;
    stt += t * t;
    svt += v * t;
    difference += std::abs(v - t);
    total += std::abs(t);
  }
  const auto n = static_cast<double>(truth.data.size());
  return {(svt - sv * st / n) / std::sqrt((svv - sv * sv / n) * (stt - st * st / n)), difference / total};
}

MatchedMaxima matched_maxima(const core::Volume& volume, const std::vector<std::array<double, 3>>& truth) {
  const std::vector<Peak> peaks = highest_maxima(volume, truth.size());
  struct Pair {
    double d;
    std::size_t p;
    std::size_t t;
  };
  std::vector<Pair> pairs;
  for (std::size_t p = 0; p < peaks.size(); ++p) {
    for (std::size_t t = 0; t < truth.size(); ++t) {
      const double d = distance(peaks[p].position, truth[t]);
      if (d <= 2.0) pairs.push_back({d, p, t});
    }
  }
  std::sort(pairs.begin(), pairs.end(), [](const Pair& a, const Pair& b) { return a.d < b.d; });
  std::vector<bool> peak_used(peaks.size());
  std::vector<bool> truth_used(truth.size());
  int count = 0;
  double square = 0.0;
  for (const Pair& pair : pairs) {
    if (peak_used[pair.p] || truth_used[pair.t]) continue;
    peak_used[pair.p] = truth_used[pair.t] = true;
    ++count;
    square += pair.d * pair.d;
  }
  return {count, count > 0 ? std::sqrt(square / count) : 0.0};
}

} // namespace aet::bench
