// Classes of peaks by the L1 distance to the mean peak of each class.
#pragma once

#include "recon/atoms/peak_boxes.hpp"

#include <vector>

namespace aet::recon {

/// Labels of peaks: 0..k-1 a species, dimmest first; the two below are no species.
inline constexpr int label_non_atom = -1;
inline constexpr int label_ignored = -2; ///< takes no part and keeps this label

struct L1Classes {
  std::vector<int> label;
  int rounds = 0;
  bool settled = true;     ///< false: still changing after max_rounds, or a cycle
  std::size_t changed = 0; ///< peaks whose label differs from the one they started with
};

/// Every peak goes to the class whose mean peak is nearest in L1; the means follow; repeated to no change.
///
/// \param start    a label a peak; k species.
/// \param non_atom mean peak of the non-atoms, which stays as it is; empty: there is no such class.
/// A class that has lost all members does not come back. Stops where labels return to those of an earlier
/// round.
/// Source: Yang et al. 2017, "3D identification", step ii (Yang et al., Nature 542, 75 (2017),
/// doi:10.1038/nature21042).
[[nodiscard]] L1Classes iterate_l1(const PeakBoxes& boxes, const std::vector<int>& start, int k,
                                   const std::vector<double>& non_atom, int max_rounds = 200);

struct LocalL1Options {
  double radius_a =
      6.76; ///< of the sphere of neighbours [angstrom], (0, 50]; Zhou et al. 2019: 6.76, later 10
  std::size_t least_members = 3; ///< a class with fewer in the sphere is represented by its mean everywhere
  int max_rounds = 50;
};

/// The same with the mean peaks of the atoms around each atom, itself left out, so that slow changes of
/// intensity across the volume (missing wedge, surface) do not decide. All atoms change at once; stops at no
/// change or at a cycle, whose first state is kept. Source: Zhou et al. 2019, Methods, "Determination", step
/// v (Zhou et al., Nature 570, 500 (2019), doi:10.1038/s41586-019-1317-x).
[[nodiscard]] L1Classes reclassify_locally(const PeakBoxes& boxes, const std::vector<core::Vec3>& positions,
                                           const std::vector<int>& start, int k,
                                           const LocalL1Options& options, core::Threads threads);

} // namespace aet::recon
