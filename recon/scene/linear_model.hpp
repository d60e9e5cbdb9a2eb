// The images of a scene, their likelihood, and the Gauss-Newton model of it around the scene.
#pragma once

#include "recon/scene/series_likelihood.hpp"
#include "sim/core/parallel.hpp"

#include <Eigen/Core>

#include <cstddef>
#include <vector>

namespace aet::recon {

/// What is refined.
struct FreeParameters {
  bool positions = true;
  bool strengths = false;        ///< of each atom
  bool shift = false;            ///< of each tilt
  bool angles = false;           ///< of each tilt: a turn about x', y' and z' on top of its orientation
  bool gain = true;              ///< of each tilt
  bool background = true;        ///< of each tilt
  double shift_scale_a = 0.2;    ///< expected size of a shift's correction [angstrom], > 0; damps each step
  double angle_scale_rad = 0.01; ///< the same of an angle [radian], > 0
};

/// Parameters of an atom: position, then strength.
inline constexpr int atom_parameters = 4;
/// Parameters of a tilt, in this order; the first five are a PoseChange.
enum TiltParameter { turn_x, turn_y, turn_z, shift_x, shift_y, tilt_gain, tilt_background };
inline constexpr int tilt_parameters = 7;

/// Vectors over all parameters: 4 numbers an atom [angstrom x 3, 1], then 7 a tilt [radian x 3, angstrom,
/// angstrom, 1, image units]; those not free stay zero.
using ParameterVector = Eigen::VectorXd;

/// Where the parameters of an atom begin; its position is the first three.
[[nodiscard]] constexpr Eigen::Index atom_index(std::size_t atom) {
  return static_cast<Eigen::Index>(atom_parameters * atom);
}
/// Where the parameters of a tilt begin.
[[nodiscard]] constexpr Eigen::Index tilt_index(std::size_t atoms, std::size_t tilt) {
  return atom_index(atoms) + static_cast<Eigen::Index>(tilt_parameters * tilt);
}

/// Sum of all profiles in each image: gain 1, no background, before the response. Of the series only the
/// shape of the images and the pixel size are used.
[[nodiscard]] std::vector<PixelBuffer> profile_sums(const Scene& scene, const core::TiltSeries& series,
                                                    core::Threads threads);

/// The images that a scene predicts.
[[nodiscard]] std::vector<PixelBuffer> model_images(const Scene& scene, const core::TiltSeries& series,
                                                    core::Threads threads);

/// Negative log likelihood (half deviance) of a series, summed tilt by tilt in order, and what describes it.
struct ImageMisfit {
  double loss = 0.0;
  double chi2 = 0.0;             ///< sum of (observed - calculated)^2 / variance
  double pixels = 0.0;           ///< in the sums: those not masked
  std::vector<double> tilt_loss; ///< per tilt
  std::vector<double> r1;        ///< per tilt: sum |obs - calc| / sum |obs|, background taken off both
};
[[nodiscard]] ImageMisfit misfit(const Scene& scene, const SeriesLikelihood& likelihood,
                                 core::Threads threads);

/// A scene with its first derivatives: gradient, and products with J^T W J without forming it. W is the
/// Fisher information of the pixels (one over their variance) about the sum of the profiles there: the square
/// of the response's slope is in it.
class LinearModel {
public:
  /// The scene must outlive the object, and what the likelihood refers to. Cost: about 2 microseconds an atom
  /// and tilt; memory: 24 bytes a pixel of the series and 160 bytes an atom.
  LinearModel(const Scene& scene, const SeriesLikelihood& likelihood, const FreeParameters& free,
              core::Threads threads);

  [[nodiscard]] Eigen::Index size() const;
  /// Of the negative log likelihood, without the damping of tilts.
  [[nodiscard]] const ParameterVector& gradient() const { return gradient_; }
  /// (J^T W J + damping of tilts) v. Deterministic for any number of threads.
  [[nodiscard]] ParameterVector product(const ParameterVector& v) const;
  /// Diagonal blocks of J^T W J: position and strength of each atom; zero for what is not free. An atom
  /// weaker than a tenth of its profile counts as a tenth there, so that no step sends it far.
  [[nodiscard]] const std::vector<Eigen::Matrix4d>& atom_blocks() const { return atom_blocks_; }
  /// r / (diagonal blocks x (1 + damping)).
  [[nodiscard]] ParameterVector precondition(const ParameterVector& r, double damping) const;
  /// diagonal blocks x v: the metric of the damping.
  [[nodiscard]] ParameterVector block_product(const ParameterVector& v) const;

  /// Weights of the pixels of one tilt: slope^2 / variance.
  [[nodiscard]] const PixelBuffer& weights(std::size_t tilt) const { return weights_[tilt]; }
  /// slope x (observed - calculated) / variance of one tilt.
  [[nodiscard]] const PixelBuffer& residuals(std::size_t tilt) const { return residuals_[tilt]; }
  [[nodiscard]] double loss() const { return loss_; }
  [[nodiscard]] const StampMaker& stamps() const { return maker_; }

private:
  using TiltVector = Eigen::Matrix<double, tilt_parameters, 1>;
  using TiltBlock = Eigen::Matrix<double, tilt_parameters, tilt_parameters>;

  /// Derivatives of an image by gain and background, over the response's slope.
  struct TiltColumns {
    PixelBuffer gain;
    PixelBuffer background;
  };

  void linearize();
  [[nodiscard]] Eigen::Matrix4d atom_block(std::size_t tilt, std::size_t atom) const;
  void fill_tilt_block(std::size_t tilt, const TiltColumns& columns);
  /// J^T buffer: atoms' parts written to `atoms` (4 numbers each, of this tilt), the tilt's returned.
  TiltVector adjoint(std::size_t tilt, const PixelBuffer& buffer, const TiltColumns& columns,
                     double* atoms) const;
  [[nodiscard]] TiltColumns tilt_columns(std::size_t tilt) const;
  [[nodiscard]] bool atoms_free() const { return free_.positions || free_.strengths; }
  [[nodiscard]] bool poses_free() const { return free_.shift || free_.angles; }
  /// 1 for what is free, 0 for what is not.
  [[nodiscard]] TiltVector free_of_tilt() const;
  void clear_fixed(ParameterVector& v) const;
  void add_tilt_damping(ParameterVector& out, const ParameterVector& v) const;

  const Scene& scene_;
  SeriesLikelihood likelihood_;
  FreeParameters free_;
  core::Threads threads_;
  StampMaker maker_;
  std::vector<PixelBuffer> sums_; ///< of the profiles
  std::vector<PixelBuffer> weights_;
  std::vector<PixelBuffer> residuals_;
  std::vector<Eigen::Matrix4d> atom_blocks_;
  std::vector<TiltBlock> tilt_blocks_;
  ParameterVector gradient_;
  double loss_ = 0.0;
};

/// The scene with a step taken.
[[nodiscard]] Scene stepped(const Scene& scene, const ParameterVector& step);

} // namespace aet::recon
