#include "recon/atoms/bond_check.hpp"

#include "sim/core/neighbours/cell_grid.hpp"

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
  const core::CellGrid grid(sure_atoms, {}, reach);
  std::vector<core::Hit> bonds;
  for (std::size_t i = 0; i < positions.size(); ++i) {
    if (!doubtful[i]) continue;
    grid.within(positions[i], reach, bonds);
    lonely[i] = bonds.size() < least_bonds;
  }
  return lonely;
}

} // namespace aet::recon
