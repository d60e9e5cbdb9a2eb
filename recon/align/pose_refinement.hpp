// Angle refinement and alignment against reprojections, alternated with the reconstruction.
#pragma once

#include "recon/align/atom_stage.hpp"
#include "recon/align/tilt_axis.hpp"
#include "recon/scene/pose.hpp"
#include "recon/volume/projections.hpp"
#include "recon/volume/support.hpp"
#include "recon/volume/volume_result.hpp"
#include "sim/core/parallel.hpp"
#include "sim/core/progress.hpp"
#include "sim/core/tilt_series.hpp"

#include <optional>
#include <string>
#include <vector>

namespace aet::recon {

/// One step from coarse to fine.
struct PoseStage {
  double blur_a = 0.0; ///< sd of a Gaussian on all images [angstrom], in [0, 20]
  bool turns = true;   ///< fit the angles; otherwise only shifts
  int rounds = 1;      ///< at most, each a reconstruction and a fit of all poses; >= 1
};

struct PoseRefinementOptions {
  bool turns = true; ///< false: shifts only, in all stages
  /// First guess of the shifts; not used if none, for a series whose images have shifts of their own, or for
  /// orientations that are no tilts about one axis.
  std::optional<TiltAxisOptions> tilt_axis = TiltAxisOptions{false};
  /// Shifts first, on a blur wider than an atom, where there is but one minimum; then angles; then all there
  /// is. Images of a blur wider than two pixels are thinned out.
  std::vector<PoseStage> stages{{1.8, false, 4}, {0.9, true, 4}, {0.0, true, 20}};
  /// Each image is compared with a volume made without it: this many volumes a round, each without every so
  /// many-th image, in {1} or [3, number of tilts]; 1: one volume of all images.
  int folds = 4;
  int volume_iterations = 40;   ///< of least squares a round, from the last round's volume, >= 1
  double stop_turn_deg = 0.004; ///< a stage ends when angles change by less (rms), > 0
  double stop_shift_px = 0.004; ///< and shifts, too
  std::size_t memory = 5;       ///< of Anderson's mixing
  double largest_turn_deg =
      10.0; ///< a tilt that is turned further from where it began is an error, in (0, 45]
  /// Edge of images beyond which a round at full resolution takes minutes: the last stage then makes one
  /// volume, of all images, before the atoms are traced in it [pixel], >= 1.
  int large_images = 200;
  /// A progress sink that throws core::Interrupted ends the refinement with the poses of the last round; else
  /// they are lost, and the exception goes on.
  bool keep_when_stopped = false;
  /// Last stage, against atoms traced in the volume; none: volumes only, as published.
  std::optional<AtomStageOptions> atoms = AtomStageOptions{};
  SupportOptions support{SupportShape::automatic}; ///< of the volumes
  ProjectionOptions prepare;                       ///< background of the images; smoothing is not used
};

/// What became of a tilt.
struct RefinedTilt {
  Pose pose;             ///< as found; the shift is that of the specimen in the image given
  double turn_deg = 0.0; ///< angle between the orientation given and found
  double scale = 1.0;    ///< of the image relative to its reprojection
  double misfit = 0.0;   ///< ||image - reprojection|| / ||image||
};

/// A round of the alternation.
struct PoseRound {
  double blur_a = 0.0;
  double turn_deg = 0.0; ///< change of the angles an axis, rms
  double shift_px = 0.0; ///< change of the shifts an axis, rms
  double misfit = 0.0;   ///< mean over tilts
};

struct PoseRefinement {
  core::TiltSeries series; ///< the series given, its images untouched, with the poses (and backgrounds) found
  std::vector<RefinedTilt> tilts;
  std::vector<PoseRound> rounds;
  bool stopped = false;           ///< by the progress sink
  std::vector<std::string> notes; ///< sentences for the report
};

/// Find each tilt's three angles and two shifts.
///
/// In turn, the volume that fits the images best in the least-squares sense is computed (projected gradient,
/// exact projector, positive, zero outside a tight support, going on from the last volume) and every image's
/// pose is fitted to the volume by a Gauss-Newton step on analytic derivatives. The turn and the shift common
/// to all tilts, which no image tells, are kept at zero. Poses are mixed by Anderson's method.
/// \param series   >= 3 images; the specimen within the image.
/// \param progress called once a round.
/// \throws ConfigError for options out of range; DataError for a series that cannot be used
/// (projections.hpp); NumericsError if a tilt leaves its range. Deterministic for any number of threads.
/// Method: Zhou et al. 2019, "spatial alignment" and "angular refinement", with derivatives in place
/// of a search over a grid.
[[nodiscard]] PoseRefinement refine_poses(const core::TiltSeries& series,
                                          const PoseRefinementOptions& options, core::Threads threads,
                                          const core::ProgressSink& progress = {});

/// Predicted cost for `tilts` images of n x n pixels, if all rounds are done.
[[nodiscard]] Cost predicted_cost(int n, int tilts, const PoseRefinementOptions& options);

} // namespace aet::recon
