#include "analysis/order/directions.hpp"

#include <array>

namespace aet::analysis {

std::vector<core::Vec3> cubic_family(const core::Vec3& v, const core::Mat3& axes) {
  std::vector<core::Vec3> found;
  constexpr std::array<std::array<int, 3>, 6> orders{
      {{0, 1, 2}, {1, 2, 0}, {2, 0, 1}, {0, 2, 1}, {2, 1, 0}, {1, 0, 2}}};
  for (const auto& o : orders)
    for (int signs = 0; signs < 8; ++signs) {
      core::Vec3 w(v[o[0]], v[o[1]], v[o[2]]);
      for (int k = 0; k < 3; ++k)
        if ((signs >> k & 1) != 0) w[k] = -w[k];
      w = axes.transpose() * w;
      bool known = false;
      for (const core::Vec3& f : found)
        known = known || (f - w).norm() < 1e-9 * v.norm();
      if (!known) found.push_back(w);
    }
  return found;
}

} // namespace aet::analysis
