#include "recon/atoms/bond_check.hpp"

#include <algorithm>

namespace aet::recon {

std::vector<bool> without_bonds(const std::vector<core::Vec3>& positions, const std::vector<bool>& sure,
                                const std::vector<bool>& doubtful, std::size_t least_bonds) {
  std::vector<core::Vec3> sure_atoms;
  for (std::size_t i = 0; i < positions.size(); ++i) {
    if (sure[i]) sure_atoms.push_back(positions[i]);
  }
  std::vector<bool> lonely(positions.size(), false);
  if (sure_atoms.size() < 10 || std::find(doubtful.begin(), doubtful.end(), true) == doubtful.end()) {
    return lonely;
  }
  const double reach = 1.25 * core::median_nearest_distance(sure_atoms);
  for (std::size_t i = 0; i < positions.size(); ++i) {
    if (!doubtful[i]) continue;
    const auto bonds = std::count_if(sure_atoms.begin(), sure_atoms.end(), [&](const core::Vec3& other) {
      return (other - positions[i]).norm() <= reach;
    });
    lonely[i] = static_cast<std::size_t>(bonds) < least_bonds;
  }
  return lonely;
}

} // namespace aet::recon
