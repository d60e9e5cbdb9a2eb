#include "recon/scene/scene.hpp"

#include "sim/core/error.hpp"

#include <Eigen/LU>
#include <Eigen/SVD>
#include <fmt/format.h>

#include <cmath>

namespace aet::recon {

std::vector<TiltState> nominal_tilts(const core::TiltSeries& series) {
  std::vector<TiltState> tilts(series.size());
  for (std::size_t t = 0; t < tilts.size(); ++t)
    tilts[t].rotation = series.orientations[t];
  return tilts;
}

void fix_gauge(Scene& scene, const core::TiltSeries& series) {
  core::Mat3 sum = core::Mat3::Zero();
  for (std::size_t t = 0; t < scene.tilts.size(); ++t)
    sum += scene.tilts[t].rotation.transpose() * series.orientations[t];
  const Eigen::JacobiSVD<core::Mat3> svd(sum, Eigen::ComputeFullU | Eigen::ComputeFullV);
  core::Vec3 sign = core::Vec3::Ones();
  sign.z() = (svd.matrixU() * svd.matrixV().transpose()).determinant() > 0.0 ? 1.0 : -1.0;
  const core::Mat3 turn = svd.matrixU() * sign.asDiagonal() * svd.matrixV().transpose();
  for (TiltState& tilt : scene.tilts)
    tilt.rotation = tilt.rotation * turn;
  core::Mat3 normal = 1e-12 * core::Mat3::Identity(); // for tilts that are all equal
  core::Vec3 right = core::Vec3::Zero();
  for (const TiltState& tilt : scene.tilts) {
    const Eigen::Matrix<double, 2, 3> seen = tilt.rotation.topRows<2>();
    normal += seen.transpose() * seen;
    right += seen.transpose() * tilt.shift;
  }
  const core::Vec3 shift = normal.inverse() * right;
  for (TiltState& tilt : scene.tilts)
    tilt.shift -= tilt.rotation.topRows<2>() * shift;
  for (core::Vec3& p : scene.positions)
    p = turn.transpose() * p + shift;
}

void validate(const Scene& scene, const core::TiltSeries& series) {
  if (scene.species.size() != scene.size()) {
    throw core::DataError(fmt::format("the model has {} positions but {} species; give one per atom",
                                      scene.size(), scene.species.size()));
  }
  if (scene.tilts.size() != series.size()) {
    throw core::DataError(fmt::format("the model describes {} tilts but the series has {} images",
                                      scene.tilts.size(), series.size()));
  }
  for (std::size_t i = 0; i < scene.size(); ++i) {
    if (!scene.positions[i].allFinite())
      throw core::DataError(fmt::format("the position of atom {} is not finite", i));
    if (scene.species[i] < 0 || static_cast<std::size_t>(scene.species[i]) >= scene.profiles.size()) {
      throw core::DataError(fmt::format("atom {} is of species {}, but there are {} profiles", i,
                                        scene.species[i], scene.profiles.size()));
    }
  }
  for (const AtomProfile& profile : scene.profiles) {
    if (profile.terms.empty() || profile.terms.size() > most_terms) {
      throw core::DataError(
          fmt::format("a profile has {} Gaussians; it must have 1 to {}", profile.terms.size(), most_terms));
    }
    for (const GaussianTerm& term : profile.terms) {
      if (!(term.sigma > 0.0) || !std::isfinite(term.sigma) || !std::isfinite(term.weight)) {
        throw core::DataError(fmt::format("a profile has a Gaussian of weight {} and width {} angstrom; the "
                                          "width must be positive and both finite",
                                          term.weight, term.sigma));
      }
    }
  }
}

} // namespace aet::recon
