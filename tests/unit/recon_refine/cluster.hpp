// The atoms that tests of the refinement start from.
#pragma once

#include "tests/unit/recon_scene/synthetic.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

namespace aet::test {

/// Some 40 atoms at a dose that fixes them to a few picometres.
struct Cluster {
  recon::Scene truth;
  core::TiltSeries series;
  std::vector<core::Vec3> start;

  Cluster() {
    truth.positions = test::cluster(5.5, 2.8, 2);
    truth.species.assign(truth.size(), 0);
    truth.profiles = {{{{12.0, 0.45}, {4.0, 0.9}}}};
    truth.tilts = test::tilts_over(21, 130.0, 1.0);
    series = test::series_of(truth, 0.3, 52, 7);
    start = truth.positions;
    core::RandomStream stream(8, "test");
    for (core::Vec3& p : start)
      p += 0.15 * core::Vec3(stream.normal(), stream.normal(), stream.normal());
  }
  /// Distance of each atom of the truth to the nearest of the result, root mean square.
  [[nodiscard]] double rmsd(const std::vector<core::Vec3>& model) const {
    double square = 0.0;
    for (const core::Vec3& p : truth.positions) {
      double nearest = 1e9;
      for (const core::Vec3& q : model)
        nearest = std::min(nearest, (p - q).squaredNorm());
      square += nearest / static_cast<double>(truth.size());
    }
    return std::sqrt(square);
  }
};

} // namespace aet::test
