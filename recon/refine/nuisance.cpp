#include "recon/refine/nuisance.hpp"

#include <Eigen/Eigenvalues>

#include <algorithm>
#include <cmath>
#include <functional>
#include <numeric>

namespace aet::recon {

namespace {

/// A number that all images share, as a change of the scene.
struct SharedNumber {
  std::function<void(Scene&, double)> change;
  double probe = 0.0; ///< of the numerical derivative
};

std::vector<SharedNumber> shared_numbers(const Scene& scene) {
  std::vector<SharedNumber> list;
  for (std::size_t s = 0; s < scene.profiles.size(); ++s) {
    for (std::size_t k = 0; k < scene.profiles[s].terms.size(); ++k) {
      const double weight = std::abs(scene.profiles[s].terms[k].weight);
      list.push_back({[s, k](Scene& x, double d) { x.profiles[s].terms[k].weight += d; },
                      1e-3 * std::max(weight, 1e-3)});
      list.push_back({[s, k](Scene& x, double d) { x.profiles[s].terms[k].sigma *= std::exp(d); }, 1e-3});
    }
  }
  if (scene.depth.spread > 0.0) {
    list.push_back({[](Scene& x, double d) { x.depth.spread += d; }, 1e-3 * scene.depth.spread});
    list.push_back({[](Scene& x, double d) { x.depth.focus += d; }, 1e-2});
  }
  if (scene.depth.fade != 0.0) list.push_back({[](Scene& x, double d) { x.depth.fade += d; }, 1e-5});
  if (scene.response.saturation != 0.0) {
    const double probe = 1e-3 * std::abs(scene.response.saturation);
    list.push_back({[](Scene& x, double d) { x.response.saturation += d; }, probe});
  }
  return list;
}

/// Indices into the vectors of a LinearModel of what is unknown of the tilts.
std::vector<Eigen::Index> tilt_numbers(const Unknowns& u, const Scene& scene) {
  std::vector<Eigen::Index> out;
  for (std::size_t t = 0; t < scene.tilts.size(); ++t) {
    const Eigen::Index first = tilt_index(scene.size(), t);
    if (u.angles) out.insert(out.end(), {first + turn_x, first + turn_y, first + turn_z});
    if (u.shift) out.insert(out.end(), {first + shift_x, first + shift_y});
    if (u.gain) out.push_back(first + tilt_gain);
    if (u.background) out.push_back(first + tilt_background);
  }
  return out;
}

/// Rows of the positions, 3 an atom.
Eigen::VectorXd of_positions(const ParameterVector& v, std::size_t atoms) {
  Eigen::VectorXd out(static_cast<Eigen::Index>(3 * atoms));
  for (std::size_t a = 0; a < atoms; ++a)
    out.segment<3>(static_cast<Eigen::Index>(3 * a)) = v.segment<3>(atom_index(a));
  return out;
}

/// Symmetric pseudo-inverse of a matrix scaled to a unit diagonal.
Eigen::MatrixXd inverse_where_known(const Eigen::MatrixXd& s, const Eigen::VectorXd& scale) {
  constexpr double nothing = 1e-3; // of what a number's information would be if the atoms were known
  const Eigen::MatrixXd scaled = scale.cwiseInverse().asDiagonal() * s * scale.cwiseInverse().asDiagonal();
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd> solver(0.5 * (scaled + scaled.transpose()));
  Eigen::VectorXd inverse = solver.eigenvalues();
  for (double& value : inverse)
    value = value > nothing ? 1.0 / value : 0.0;
  const Eigen::MatrixXd vectors = scale.cwiseInverse().asDiagonal() * solver.eigenvectors();
  return vectors * inverse.asDiagonal() * vectors.transpose();
}

} // namespace

std::vector<core::Mat3> covariance_by(const Unknowns& unknowns, const Scene& scene,
                                      const SeriesLikelihood& likelihood, const Eigen::MatrixXd& inverse,
                                      core::Threads threads) {
  FreeParameters free;
  free.gain = unknowns.gain;
  free.background = unknowns.background;
  free.shift = unknowns.shift;
  free.angles = unknowns.angles;
  // What damps the steps of a fit is no information: a turn or a shift of everything would count as told by
  // the images, and as wrong by what the damping expects.
  constexpr double undamped = 1e6;
  free.shift_scale_a = free.angle_scale_rad = undamped;
  // Of data that are the model itself the gradient at a neighbouring scene is information times the way
  // there.
  core::TiltSeries exact = likelihood.series();
  const std::vector<PixelBuffer> means = model_images(scene, exact, threads);
  for (std::size_t t = 0; t < means.size(); ++t)
    std::copy(means[t].data.begin(), means[t].data.end(), exact.images[t].data.begin());
  std::vector<std::size_t> all(exact.size());
  std::iota(all.begin(), all.end(), std::size_t{0});
  const SeriesLikelihood of_model = likelihood.part_of(exact, all);
  const LinearModel model(scene, of_model, free, threads);

  const std::vector<Eigen::Index> tilts = tilt_numbers(unknowns, scene);
  const std::vector<SharedNumber> shared =
      unknowns.profiles ? shared_numbers(scene) : std::vector<SharedNumber>{};
  const auto of_tilts = static_cast<Eigen::Index>(tilts.size());
  const Eigen::Index count = of_tilts + static_cast<Eigen::Index>(shared.size());
  Eigen::MatrixXd cross(static_cast<Eigen::Index>(3 * scene.size()), count);
  Eigen::MatrixXd own = Eigen::MatrixXd::Zero(count, count);
  for (Eigen::Index k = 0; k < of_tilts; ++k) {
    ParameterVector unit = ParameterVector::Zero(model.size());
    unit[tilts[static_cast<std::size_t>(k)]] = 1.0;
    const ParameterVector column = model.product(unit);
    cross.col(k) = of_positions(column, scene.size());
    for (Eigen::Index l = 0; l < of_tilts; ++l)
      own(l, k) = column[tilts[static_cast<std::size_t>(l)]];
  }
  std::vector<std::vector<PixelBuffer>> slopes; // of the images by each shared number
  for (std::size_t s = 0; s < shared.size(); ++s) {
    const Eigen::Index k = of_tilts + static_cast<Eigen::Index>(s);
    Scene up = scene;
    Scene down = scene;
    shared[s].change(up, shared[s].probe);
    shared[s].change(down, -shared[s].probe);
    const ParameterVector column = (LinearModel(up, of_model, free, threads).gradient() -
                                    LinearModel(down, of_model, free, threads).gradient()) /
                                   (2.0 * shared[s].probe);
    cross.col(k) = of_positions(column, scene.size());
    for (Eigen::Index l = 0; l < of_tilts; ++l)
      own(l, k) = own(k, l) = column[tilts[static_cast<std::size_t>(l)]];
    std::vector<PixelBuffer> high = model_images(up, exact, threads);
    const std::vector<PixelBuffer> low = model_images(down, exact, threads);
    for (std::size_t t = 0; t < high.size(); ++t) {
      for (std::size_t i = 0; i < high[t].data.size(); ++i)
        high[t].data[i] = (high[t].data[i] - low[t].data[i]) / (2.0 * shared[s].probe);
    }
    slopes.push_back(std::move(high));
    for (std::size_t r = 0; r <= s; ++r) {
      double sum = 0.0;
      for (std::size_t t = 0; t < means.size(); ++t) {
        const TiltLikelihood pixels = of_model.tilt(t);
        for (std::size_t i = 0; i < means[t].data.size(); ++i)
          sum += pixels.weight(i, means[t].data[i]) * slopes[s][t].data[i] * slopes[r][t].data[i];
      }
      own(k, of_tilts + static_cast<Eigen::Index>(r)) = own(of_tilts + static_cast<Eigen::Index>(r), k) = sum;
    }
  }
  const Eigen::MatrixXd moved = inverse * cross; // atoms that follow an unknown
  const Eigen::MatrixXd rest = own - cross.transpose() * moved;
  const Eigen::VectorXd scale = own.diagonal().cwiseMax(1e-300).cwiseSqrt();
  const Eigen::MatrixXd unknown = inverse_where_known(rest, scale);
  std::vector<core::Mat3> out;
  for (std::size_t a = 0; a < scene.size(); ++a) {
    const auto rows = moved.middleRows(static_cast<Eigen::Index>(3 * a), 3);
    out.emplace_back(rows * unknown * rows.transpose());
  }
  return out;
}

} // namespace aet::recon
