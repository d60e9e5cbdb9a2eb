// One half of pose refinement: volumes from the images in their poses, and poses from the volumes.
#pragma once

#include "recon/align/pose_fit.hpp"
#include "recon/align/pose_refinement.hpp"
#include "recon/volume/projections.hpp"
#include "sim/core/aligned.hpp"
#include "sim/core/parallel.hpp"

#include <vector>

namespace aet::recon {

/// The volumes and data of a stage: images blurred as it says and, where that leaves nothing to lose, thinned
/// out.
class Alternation {
public:
  /// \param series, support of the whole refinement. The volumes start empty.
  Alternation(const Projections& series, const core::AlignedVector<float>& support, const PoseStage& stage,
              const PoseRefinementOptions& options, core::Threads threads);

  /// Edge of the images [angstrom].
  [[nodiscard]] double edge() const { return n_ * pixel(); }

  /// Least squares with the images moved to where the poses say they belong, from the last volumes.
  void reconstruct(const std::vector<Pose>& poses);

  /// Every pose after a step towards the volume that is made without its image.
  [[nodiscard]] std::vector<PoseFit> fit(const std::vector<Pose>& poses,
                                         const PoseFitOptions& fit_options) const;

  /// Of all images: the mean of the volumes that lack some of them.
  [[nodiscard]] core::Volume mean_volume() const;

private:
  /// Of the thinned images [angstrom].
  [[nodiscard]] double pixel() const { return volumes_.front().voxel_size; }

  PoseRefinementOptions options_;
  core::Threads threads_;
  int thinning_; ///< every so many-th pixel along an axis is used
  int n_;
  Reprojector reproject_;
  std::vector<core::Image> images_;
  core::AlignedVector<float> support_;
  std::vector<core::Volume> volumes_; ///< volume k is made without images k, k + K, ... (K > 1)
  bool warm_ = false;
};

} // namespace aet::recon
