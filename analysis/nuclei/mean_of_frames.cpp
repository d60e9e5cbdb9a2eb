#include "analysis/nuclei/mean_of_frames.hpp"

#include "sim/core/error.hpp"
#include "sim/core/neighbours/neighbours.hpp"

#include <fmt/core.h>

#include <algorithm>

namespace aet::analysis {

core::Atoms mean_of_frames(std::span<const core::Atoms> frames) {
  if (frames.empty()) throw core::DataError("the mean of a trajectory without frames was asked for");
  core::Atoms result = frames.front();
  for (std::size_t f = 1; f < frames.size(); ++f) {
    if (frames[f].atomic_numbers != result.atomic_numbers)
      throw core::DataError(fmt::format(
          "frame {} of those to be averaged holds other atoms than the first ({} and {} of them, or "
          "of other elements); average frames of one set of atoms",
          f, frames[f].size(), result.size()));
    for (std::size_t i = 0; i < result.size(); ++i)
      result.positions[i] +=
          core::nearest_image(frames[f].positions[i], frames.front().positions[i], result.cell) -
          frames.front().positions[i];
  }
  // So far: the first frame plus the sum of the displacements from it.
  const double share = 1.0 / static_cast<double>(frames.size());
  for (std::size_t i = 0; i < result.size(); ++i) {
    const core::Vec3& first = frames.front().positions[i];
    result.positions[i] = first + share * (result.positions[i] - first);
  }
  return result;
}

MeanOnSites mean_on_sites(std::span<const core::Atoms> frames, double site_radius_a) {
  MeanOnSites result{mean_of_frames(frames), 0};
  const core::Atoms& middle = frames[frames.size() / 2];
  for (std::size_t i = 0; i < result.atoms.size(); ++i) {
    core::Vec3& mean = result.atoms.positions[i];
    const bool kept = std::all_of(frames.begin(), frames.end(), [&](const core::Atoms& frame) {
      return (core::nearest_image(frame.positions[i], mean, result.atoms.cell) - mean).norm() < site_radius_a;
    });
    if (kept) continue;
    ++result.moved;
    mean = core::nearest_image(middle.positions[i], mean, result.atoms.cell);
  }
  return result;
}

} // namespace aet::analysis
