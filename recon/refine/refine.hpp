// Atoms refined against the raw images of a tilt series: maximum likelihood, fully automatic.
#pragma once

#include "recon/refine/evidence.hpp"
#include "recon/refine/foreign_light.hpp"
#include "recon/refine/profile_fit.hpp"
#include "recon/refine/scatter.hpp"
#include "recon/scene/newton.hpp"
#include "sim/core/progress.hpp"

#include <optional>
#include <string>
#include <vector>

namespace aet::recon {

struct RefineOptions {
  ProfileFitOptions profile;
  FreeParameters free;
  std::optional<NoiseModel> noise; ///< default: see noise_of() in images/series_noise.hpp
  bool add = true;                 ///< put atoms where the residual images ask for them
  bool drop = true;                ///< take away atoms that the images do not support
  bool flip = true;                ///< let atoms change their species
  /// Estimate what images deviate by from a static sum of atoms, and trust pixels less by it (scatter.hpp).
  bool scatter = true;
  /// Profiles change with height where the images show that they do (depth.hpp). Not with `defocus`, which
  /// takes the change from the probe, nor with an effective noise.
  bool depth = true;
  /// Find the defocus of each tilt (defocus.hpp). The spread of the depth model then starts from the
  /// convergence angle that is recorded with the series.
  bool defocus = false;
  double defocus_range_a = 200.0; ///< largest defocus looked for, (0, 10000] [angstrom]
  /// Least evidence (twice the log likelihood ratio, over the dispersion) for an atom to stay or to be added,
  /// > 0; 0: where it is as likely there as not (odds.hpp).
  double threshold = 0.0;
  /// Where `threshold` is 0: in the end judge atoms by how densely places with so many neighbours are taken
  /// in the model itself, and look for those that it lacks together (structure_prior.hpp). It fills vacancies
  /// that the images speak against too faintly.
  bool structure = true;
  double flip_threshold = 2.0; ///< least evidence for another species, >= 0; above 0 so that no atom swings
  double min_distance_a = 1.6; ///< nearer atoms must each be needed; none is added nearer, (0, 20] [angstrom]
  int max_iterations = 200;    ///< of the whole refinement, >= 1
  int max_edit_rounds = 24;    ///< rounds of adding, dropping and flipping, >= 0
  /// A progress sink that throws core::Interrupted ends the refinement with what it has reached; else that
  /// is lost, and the exception goes on.
  bool keep_when_stopped = false;
  double tolerance_a = 1e-4; ///< converged when the rms shift of the atoms falls below, > 0 [angstrom]
};

/// \throws ConfigError naming the option out of range.
void check(const RefineOptions& options);

/// One round of the refinement.
struct RefineStep {
  std::size_t atoms = 0;
  double loss = 0.0;  ///< half deviance of all pixels, each times its trust, which is set anew between edits
  double rms_a = 0.0; ///< rms shift of the atoms [angstrom]
  std::size_t added = 0;
  std::size_t dropped = 0;
  std::size_t flipped = 0;
};

struct RefineResult {
  Scene scene;
  std::vector<AtomEvidence> evidence; ///< of each atom of the scene
  std::vector<RefineStep> history;
  ImageMisfit misfit;       ///< of the result; misfit.r1 per tilt
  NoiseModel noise;         ///< that was used
  std::string noise_source; ///< "given", "recorded with the series", "Poisson, from whole numbers",
                            ///< "estimated", "effective, from the misfit"
  PixelLists foreign;       ///< pixels left out for what lies beside the model (foreign_light.hpp)
  Scatter scatter;          ///< deviations beyond the noise that pixels were weighted by; empty without
  /// Mean (observed - calculated)^2 / expected square where the specimen is, at least 1; the expected square
  /// is that of noise and scatter.
  double dispersion = 1.0;
  /// The noise is the misfit itself (effective_noise.hpp): the images' own was taken off or smoothed.
  bool effective = false;
  /// Standard deviation with which atoms were held to the start, of an effective noise (held_places.hpp)
  /// [angstrom]. Below 0.2 none are added.
  std::optional<double> held_sd_a;
  double correlation_area = 1.0; ///< pixels that deviate together, of an effective noise; else 1
  double contrast_r1 = 0.0;      ///< contrast.hpp, of the result
  double threshold = 0.0;        ///< evidence asked for, dispersion included; of the median atom,
                                 ///< before the structure is learnt
  std::size_t added = 0;
  std::size_t dropped = 0;
  std::size_t merged = 0;
  std::size_t flipped = 0;
  bool converged = false;
  bool stopped = false; ///< by the progress sink
  /// The result is the start, with profiles fitted: what the refinement reached was worse. Not converged
  /// then.
  bool failed = false;
  std::vector<std::string> notes; ///< sentences for the report

  /// Noise and scatter of a series at this scene, foreign pixels left out.
  [[nodiscard]] SeriesLikelihood likelihood(const core::TiltSeries& series, core::Threads threads) const;

  /// Mean square of the deviations in units of the noise; 1 is expected.
  [[nodiscard]] double chi2_per_pixel() const { return misfit.chi2 * correlation_area / misfit.pixels; }
};

/// A sentence where images and model differ by more than thrice the variance of the noise, or less than a
/// third: the noise is not what it is taken for, or the model is not.
[[nodiscard]] std::optional<std::string> misfit_warning(const ImageMisfit& misfit);

/// The series with the poses of a scene that was refined against it.
[[nodiscard]] core::TiltSeries with_poses(core::TiltSeries series, const Scene& scene);

/// Refine a model: positions, profiles, gains, backgrounds and, if asked for, poses of the tilts maximise the
/// likelihood of the raw pixels; in between atoms are dropped, merged, flipped and added, each if the images
/// demand it by the threshold, in the order of the evidence.
///
/// \param series   raw images (not denoised), >= 3 tilts, one shape, any orientations; refinement starts from
/// its
///   poses, leaves out its masked pixels, and takes noise as that of one exposure.
/// \param start    positions within some 0.4 angstrom, e.g. from trace_atoms(); at least one atom.
/// \param species  of each atom, 0 .. kinds - 1; every kind occurs.
/// \param progress called on the calling thread once a step. It may throw, see keep_when_stopped.
/// Regions of light from beside the model that come in over the images' edges are left out
/// (foreign_light.hpp), with a note. Images whose noise was taken off or smoothed (image_content.hpp), or
/// whose estimated noise is a hundredth of what they deviate by from the model, are fitted by least squares
/// with an effective noise. A tenth of the atoms at the start may be dropped or merged by their evidence
/// alone; each further tenth only if the model without them predicts withheld tilts (withheld.hpp) no worse
/// than by the part of the threshold that peaks of noise may carry there, else they stay and no more are
/// dropped. A result that the images speak against more than against the start is not returned, but the start
/// is.
///
/// \throws ConfigError for options out of range; DataError for a series or model that cannot be used, if the
/// images are nothing but noise, or if they show no more at the atoms' places than at places of chance.
///
/// Not converged after max_iterations: the result is returned and says so. Deterministic for any number of
/// threads. Cost: some 10 microseconds an atom, tilt and iteration of the inner solution at 13 x 13 pixels an
/// atom; measured figures in the README.
[[nodiscard]] RefineResult refine(const core::TiltSeries& series, const std::vector<core::Vec3>& start,
                                  const std::vector<int>& species, const RefineOptions& options,
                                  core::Threads threads, const core::ProgressSink& progress = {});

} // namespace aet::recon
