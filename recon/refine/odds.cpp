#include "recon/refine/odds.hpp"

#include "sim/core/neighbours/pairs.hpp"

#include <Eigen/LU>

#include <algorithm>
#include <cmath>
#include <numbers>

namespace aet::recon {

double volume_per_atom(const std::vector<core::Vec3>& positions) {
  constexpr double radius_a = 5.0;
  std::vector<int> around(positions.size(), 1); // itself
  for (const auto& [a, b] : core::close_pairs(positions, radius_a)) {
    ++around[a];
    ++around[b];
  }
  const auto quartile = around.begin() + static_cast<std::ptrdiff_t>(3 * around.size() / 4);
  std::nth_element(around.begin(), quartile, around.end());
  return 4.0 / 3.0 * std::numbers::pi * radius_a * radius_a * radius_a / *quartile;
}

std::vector<double> evidence_at_even_odds(const LinearModel& model, const std::vector<double>& volumes,
                                          double dispersion) {
  std::vector<double> evidence;
  evidence.reserve(model.atom_blocks().size());
  const double normal = 3.0 * std::log(2.0 * std::numbers::pi * dispersion);
  for (std::size_t a = 0; a < volumes.size(); ++a) {
    const double places = 2.0 * std::log(volumes[a]) - normal;
    const double information = model.atom_blocks()[a].topLeftCorner<3, 3>().determinant();
    // An atom that no image shows has no place; any evidence will do then, and it has none.
    evidence.push_back(information > 0.0 ? dispersion * std::max(0.0, places + std::log(information)) : 0.0);
  }
  return evidence;
}

} // namespace aet::recon
