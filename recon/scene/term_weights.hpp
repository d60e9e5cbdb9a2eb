// Weights of the Gaussians of all profiles and backgrounds of the tilts: what an image depends on linearly.
#pragma once

#include "recon/scene/series_likelihood.hpp"
#include "sim/core/parallel.hpp"

#include <Eigen/Core>

#include <cstddef>
#include <vector>

namespace aet::recon {

/// Image of each Gaussian of each profile at weight 1, gain and strengths of the atoms included, response
/// left out; species by species. A profile may have any number of Gaussians here.
/// \param pixel [angstrom].
/// \param nx, ny of the images [pixel].
[[nodiscard]] std::vector<PixelBuffer> term_images(const Scene& scene, std::size_t tilt, double pixel, int nx,
                                                   int ny);

/// Weighted normal equations J^T W J x = J^T W y of one tilt; the last column of J is the constant 1.
struct TiltEquations {
  Eigen::MatrixXd matrix;
  Eigen::VectorXd right;
};

/// \param columns of J but the last.
/// \param target y.
/// \param weight diagonal of W, >= 0.
[[nodiscard]] TiltEquations equations_of(const std::vector<PixelBuffer>& columns, const PixelBuffer& target,
                                         const PixelBuffer& weight);

/// Normal equations of what all tilts share.
struct SharedEquations {
  Eigen::MatrixXd matrix;
  Eigen::VectorXd right;
};

/// The sum of all tilts' equations, the constant of each eliminated.
/// \param tilts at least one.
[[nodiscard]] SharedEquations eliminate_backgrounds(const std::vector<TiltEquations>& tilts);

/// The constant of a tilt that belongs to a solution of the shared equations.
[[nodiscard]] double background_of(const TiltEquations& tilt, const Eigen::VectorXd& shared);

/// Set the weights of all profiles' Gaussians to the most likely, everything else, backgrounds too, as it is.
/// Exact for normal noise and no saturation, else one step of iterative reweighting. Of any sign.
void fit_term_weights(Scene& scene, const SeriesLikelihood& likelihood, core::Threads threads);

} // namespace aet::recon
