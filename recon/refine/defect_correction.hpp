// Refinement by a model of images that is no sum of atoms.
//
// A sum of profiles is quick to fit, but a specimen channels, absorbs and scatters more than once. Around
// that inner model goes a correction: the images of the atoms found so far are computed by the full model,
// and the atoms are refined against
//     data - (full(atoms) - sum(atoms)),
// again and again until they rest. Where they do, the data less the full model have no component left that
// moving an atom could explain: the atoms fit under the full model, and the sum only said which way to go.
// Method: defect correction, Stetter, Numer. Math. 29, 425 (1978), doi:10.1007/BF01432879.
#pragma once

#include "recon/refine/refine.hpp"
#include "sim/core/grid.hpp"

#include <functional>
#include <optional>
#include <vector>

namespace aet::recon {

/// The full model: an image for each tilt of the series of these atoms in the poses of the scene, on the
/// pixels of the series, in any unit, before the size of the source. Nothing else of the scene is of use to
/// it.
using ForwardModel = std::function<std::vector<core::Image>(const Scene& scene, const core::ProgressSink&)>;

struct DefectOptions {
  int rounds = 3;            ///< at most, each a series of full images and a refinement, 1..20
  double tolerance_a = 2e-3; ///< atoms rest when they move by less, rms [angstrom], > 0
  /// Gaussian blur of the full images, which stands for the size of the source and all else that is
  /// incoherent [angstrom], 0..2; none: as fits the images best.
  std::optional<double> source_sd_a;
};

/// What a round found before it moved the atoms.
struct DefectRound {
  double source_sd_a = 0.0;          ///< blur taken [angstrom]
  double chi2_per_pixel = 0.0;       ///< of the full images, scaled to the data, against the data
  std::vector<double> r1;            ///< per tilt: sum |data - full| / sum |data - background|
  std::vector<double> chi2_of_tilts; ///< per pixel
  double moved_a = 0.0;              ///< rms way of the atoms in the refinement after it [angstrom]
  std::size_t atoms = 0;             ///< after it
};

struct DefectRefinement {
  RefineResult linear; ///< without correction
  RefineResult result; ///< the last, or `linear` where correction did not help
  /// The series that `result` was refined against: what likelihoods of it need.
  core::TiltSeries corrected;
  std::vector<DefectRound> rounds; ///< none where nothing was corrected
  double linear_chi2_per_pixel = 0.0;
  bool helped = false; ///< the full images explain the data better than the sums
};

/// \throws ConfigError naming the option out of range.
void check(const DefectOptions& options);

/// refine(), then with correction.
/// Where the full images, after at least one correction, explain the data worse than the sums of the linear
/// result do, the full model is not that of these images: a note says so, and the linear result stays.
/// Stopped (keep_when_stopped) or failed on the way, the atoms are the last that were judged. Not for
/// denoised images, whose noise is the misfit.
/// \param options of every refinement; its noise is found once.
/// \throws as refine(), check() and the full model.
[[nodiscard]] DefectRefinement
refine_with_correction(const core::TiltSeries& series, const std::vector<core::Vec3>& start,
                       const std::vector<int>& species, const RefineOptions& options,
                       const DefectOptions& defect, const ForwardModel& full, core::Threads threads,
                       const core::ProgressSink& progress = {});

} // namespace aet::recon
