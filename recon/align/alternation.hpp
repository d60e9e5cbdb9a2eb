// One half of pose refinement: volumes from the images in their poses, and poses from the volumes.
#pragma once

#include "recon/align/pose_fit.hpp"
#include "recon/align/pose_refinement.hpp"
#include "recon/volume/projections.hpp"
#include "sim/core/aligned.hpp"
#include "sim/core/parallel.hpp"

#include <vector>

namespace aet::recon {

using Poses = std::vector<Pose>;

/// The volumes and data of a stage: images blurred as it says and, where that leaves nothing to lose, thinned
/// out. Poses are in pixels of the thinned images.
class Alternation {
public:
  /// \param series, support of the whole refinement. The volumes start empty.
  Alternation(const Projections& series, const core::AlignedVector<float>& support, const RefineStage& stage,
              const PoseRefinementOptions& options, core::Threads threads);

  /// Every so many-th pixel along an axis is used.
  [[nodiscard]] int thinning() const { return thinning_; }
  /// Edge of the thinned images.
  [[nodiscard]] int size() const { return n_; }

  /// Least squares with the images moved to where the poses say they belong, from the last volumes.
  void reconstruct(const Poses& poses);

  /// Every pose after a step towards the volume that is made without its image.
  [[nodiscard]] std::vector<PoseFit> fit(const Poses& poses, const PoseFitOptions& fit_options) const;

  /// Of all images: the mean of the volumes that lack some of them.
  [[nodiscard]] core::Volume mean_volume() const;

private:
  const PoseRefinementOptions& options_;
  core::Threads threads_;
  int thinning_;
  int n_;
  Reprojector reproject_;
  std::vector<core::Image> images_;
  core::AlignedVector<float> support_;
  std::vector<core::Volume> volumes_; ///< volume k is made without images k, k + K, ... (K > 1)
  bool warm_ = false;
};

} // namespace aet::recon
