#include "recon/refine/refine.hpp"
#include "sim/core/error.hpp"

#include <fmt/core.h>

namespace aet::recon {

void check(const RefineOptions& o) {
  const auto fail = [](const std::string& message) { throw core::ConfigError("refinement: " + message); };
  check(o.profile);
  if (!(o.threshold >= 0.0)) fail(fmt::format("threshold is {}; it must be 0 or more", o.threshold));
  if (!(o.flip_threshold >= 0.0))
    fail(fmt::format("flip_threshold is {}; it must be 0 or more", o.flip_threshold));
  if (!(o.min_distance_a > 0.0 && o.min_distance_a <= 20.0))
    fail(fmt::format("min_distance_a is {}; allowed is (0, 20] angstrom", o.min_distance_a));
  if (o.max_iterations < 1) fail(fmt::format("max_iterations is {}; it must be 1 or more", o.max_iterations));
  if (o.max_edit_rounds < 0)
    fail(fmt::format("max_edit_rounds is {}; it must be 0 or more", o.max_edit_rounds));
  if (!(o.defocus_range_a > 0.0 && o.defocus_range_a <= 1e4))
    fail(fmt::format("defocus_range_a is {}; allowed is (0, 10000] angstrom", o.defocus_range_a));
  if (!(o.tolerance_a > 0.0)) fail(fmt::format("tolerance_a is {}; it must be positive", o.tolerance_a));
  if (!(o.free.shift_scale_a > 0.0) || !(o.free.angle_scale_rad > 0.0))
    fail("the expected sizes of shifts and angles must be positive");
}

std::optional<std::string> misfit_warning(const ImageMisfit& misfit) {
  constexpr double fair = 3.0;
  const double chi2 = misfit.chi2 / misfit.pixels;
  if (chi2 < fair && chi2 > 1.0 / fair) return std::nullopt;
  return fmt::format(
      "Warning: images and model differ by {:.2g} times the variance of the noise a pixel, where 1 is "
      "expected: gain and offset of the detector are wrong (--gain, --offset), or {}. Errors and limit "
      "rest on this noise.",
      chi2, chi2 > 1.0 ? "no static sum of atoms describes the images" : "the images were smoothed");
}

core::TiltSeries with_poses(core::TiltSeries series, const Scene& scene) {
  series.shifts.assign(series.size(), core::Vec2::Zero());
  series.poses = core::PoseSource::refined;
  for (std::size_t t = 0; t < series.size(); ++t) {
    series.orientations[t] = scene.tilts[t].pose.orientation;
    series.shifts[t] = scene.tilts[t].pose.shift;
  }
  return series;
}

SeriesLikelihood RefineResult::likelihood(const core::TiltSeries& series, core::Threads threads) const {
  SeriesLikelihood pixels = without(likelihood_of(series, noise), foreign);
  if (scatter.displacement2.empty()) return pixels;
  return pixels.trusted_by(pixel_trust(scene, pixels, scatter, threads));
}

} // namespace aet::recon
