#include "recon/atoms/local_gain.hpp"

#include "sim/core/neighbours/neighbours.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numbers>

namespace aet::recon {

std::vector<double> mean_by_label(const std::vector<double>& values, const std::vector<int>& label, int k) {
  std::vector<double> sum(static_cast<std::size_t>(k), 0.0);
  std::vector<double> count(sum.size(), 0.0);
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (label[i] < 0) continue;
    sum[static_cast<std::size_t>(label[i])] += values[i];
    count[static_cast<std::size_t>(label[i])] += 1.0;
  }
  for (std::size_t s = 0; s < sum.size(); ++s) {
    if (count[s] > 0.0) sum[s] /= count[s];
  }
  return sum;
}

std::vector<double> local_gain(const std::vector<core::Vec3>& positions,
                               const std::vector<double>& intensities, const std::vector<int>& label, int k,
                               double radius_a, double prior) {
  const std::vector<double> means = mean_by_label(intensities, label, k);
  const double most = *std::max_element(means.begin(), means.end());
  std::vector<double> gain(positions.size(), 1.0);
  if (!(most > 0.0)) return gain;
  const core::NeighbourList near = core::neighbours_within(positions, {}, radius_a);
  for (std::size_t i = 0; i < positions.size(); ++i) {
    double found = prior * most;
    double expected = prior * most;
    for (const std::uint32_t n : near.of(i)) {
      if (label[n] < 0) continue;
      found += intensities[n];
      expected += means[static_cast<std::size_t>(label[n])];
    }
    gain[i] = std::max(found / expected, 0.1);
  }
  return gain;
}

std::vector<bool> in_missing_wedge(const std::vector<core::Vec3>& positions, const std::vector<int>& label,
                                   double half_angle_deg) {
  core::Vec3 sum = core::Vec3::Zero();
  double atoms = 0.0;
  for (std::size_t i = 0; i < positions.size(); ++i) {
    if (label[i] < 0) continue;
    sum += positions[i];
    atoms += 1.0;
  }
  const core::Vec3 centre = sum / std::max(atoms, 1.0);
  const double slope = std::tan(half_angle_deg * std::numbers::pi / 180.0);
  std::vector<bool> inside(positions.size(), false);
  for (std::size_t i = 0; i < positions.size(); ++i) {
    const core::Vec3 d = positions[i] - centre;
    inside[i] = label[i] >= 0 && std::abs(d.x()) < slope * std::abs(d.z());
  }
  return inside;
}

} // namespace aet::recon
