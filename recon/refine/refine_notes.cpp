#include "recon/refine/refine_notes.hpp"

#include <fmt/core.h>

#include <cmath>
#include <utility>

namespace aet::recon {

void note_foreign(RefineResult& result, const core::TiltSeries& series) {
  std::size_t pixels = 0;
  std::size_t images = 0;
  for (const auto& list : result.foreign) {
    pixels += list.size();
    images += list.empty() ? 0 : 1;
  }
  const double part =
      static_cast<double>(pixels) / static_cast<double>(series.size() * series.images.front().data.size());
  result.notes.push_back(
      fmt::format("{} of {} images hold light from beside the model that comes in over their edges: {} "
                  "pixels ({:.1f} %) were left out.",
                  images, series.size(), pixels, 100.0 * part));
}

void note_end(RefineResult& result, std::size_t start, double longest_a) {
  if (!result.converged) {
    result.notes.push_back(
        fmt::format("The refinement {} after {} iterations: atoms still moved {:.2f} pm rms.",
                    result.stopped ? "was stopped" : "had not converged", result.history.size(),
                    100.0 * result.history.back().rms_a));
  }
  constexpr double wandering_a = 0.05;
  if (result.converged && longest_a > wandering_a) {
    result.notes.push_back(fmt::format(
        "Some atoms are hardly determined by the images: the last step still moved one by {:.2f} A, "
        "without a gain in likelihood that counts.",
        longest_a));
  }
  if (2 * (result.added + result.dropped + result.merged) > start) {
    const bool others = 2 * result.added > result.scene.size();
    result.notes.push_back(
        fmt::format("Of {} atoms at the start {} were dropped or merged, and {} were added{}", start,
                    result.dropped + result.merged, result.added,
                    others ? ": does the tilt series belong to this model?" : "."));
  }
}

void note_noise(RefineResult& result) {
  if (!result.effective) {
    if (auto warning = misfit_warning(result.misfit)) result.notes.push_back(std::move(*warning));
    return;
  }
  result.notes.push_back(fmt::format(
      "The noise of the images was taken off or smoothed, so that they were fitted by least squares: "
      "evidence, errors and limit rest on the misfit itself (standard deviation {:.3g}, {:.1f} pixels "
      "deviating together), not on counted electrons.",
      std::sqrt(result.noise.readout_variance / result.correlation_area), result.correlation_area));
  if (result.held_sd_a) {
    result.notes.push_back(fmt::format(
        "Atoms were held to the places of the start with a standard deviation of {:.3g} A along each axis, "
        "by which withheld images are predicted best.",
        *result.held_sd_a));
  }
}

} // namespace aet::recon
