// What positions lose by everything else that is not known.
#pragma once

#include "recon/scene/linear_model.hpp"

#include <Eigen/Core>

#include <vector>

namespace aet::recon {

/// Beside the positions; nothing by default.
struct Unknowns {
  bool profiles =
      false; ///< weights and widths of all species, change with height and response where they act
  bool gain = false, background = false, shift = false, angles = false; ///< of every tilt
  [[nodiscard]] bool any() const { return profiles || gain || background || shift || angles; }
};

/// What is added to the covariance of positions: the inverse information H^-1 becomes
///   H^-1 + H^-1 C S^-1 C^T H^-1,  S = N - C^T H^-1 C,
/// with N the information of the unknowns and C what they share with the positions (the inverse of a matrix
/// in blocks). Directions of S without information are those that positions and unknowns share, such as a
/// turn of everything, which no image tells and every score takes off: they count as known.
/// \param inverse H^-1 of the positions, 3 rows an atom.
/// \return a 3 x 3 block for each atom [angstrom^2].
[[nodiscard]] std::vector<core::Mat3> covariance_by(const Unknowns& unknowns, const Scene& scene,
                                                    const SeriesLikelihood& likelihood,
                                                    const Eigen::MatrixXd& inverse, core::Threads threads);

} // namespace aet::recon
