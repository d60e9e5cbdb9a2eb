#include "recon/scene/term_weights.hpp"

#include <Eigen/Cholesky>

#include <algorithm>

namespace aet::recon {

std::vector<PixelBuffer> term_images(const Scene& scene, std::size_t tilt, double pixel, int nx, int ny) {
  std::vector<AtomProfile> single; // one Gaussian each
  std::vector<std::size_t> first;  // of each species
  for (const AtomProfile& profile : scene.profiles) {
    first.push_back(single.size());
    for (const GaussianTerm& term : profile.terms)
      single.push_back({{{1.0, term.sigma}}});
  }
  const StampMaker maker(single, scene.depth, pixel, nx, ny);
  std::vector<PixelBuffer> images(single.size(), PixelBuffer(nx, ny));
  const TiltState& state = scene.tilts[tilt];
  Stamp stamp;
  for (std::size_t a = 0; a < scene.size(); ++a) {
    const core::Vec3 p = projected(state, scene.positions[a]);
    const auto s = static_cast<std::size_t>(scene.species[a]);
    for (std::size_t k = first[s]; k < first[s] + scene.profiles[s].terms.size(); ++k) {
      if (maker.place(static_cast<int>(k), p, stamp, state.defocus))
        add_value(stamp, state.gain * scene.strength(a), images[k]);
    }
  }
  return images;
}

TiltEquations equations_of(const std::vector<PixelBuffer>& columns, const PixelBuffer& target,
                           const PixelBuffer& weight) {
  const auto n = static_cast<Eigen::Index>(columns.size() + 1);
  TiltEquations e{Eigen::MatrixXd::Zero(n, n), Eigen::VectorXd::Zero(n)};
  const std::size_t pixels = target.data.size();
  constexpr std::size_t block = 1024; // columns stay in the cache
  for (std::size_t first = 0; first < pixels; first += block) {
    const auto count = static_cast<Eigen::Index>(std::min(block, pixels - first));
    Eigen::MatrixXd part(count, n);
    for (std::size_t c = 0; c < columns.size(); ++c)
      part.col(static_cast<Eigen::Index>(c)) =
          Eigen::Map<const Eigen::VectorXd>(columns[c].data.data() + first, count);
    part.col(n - 1).setOnes();
    const Eigen::Map<const Eigen::VectorXd> w(weight.data.data() + first, count);
    const Eigen::Map<const Eigen::VectorXd> y(target.data.data() + first, count);
    const Eigen::MatrixXd weighted = w.asDiagonal() * part;
    e.matrix.noalias() += part.transpose() * weighted;
    e.right.noalias() += weighted.transpose() * y;
  }
  return e;
}

SharedEquations eliminate_backgrounds(const std::vector<TiltEquations>& tilts) {
  const Eigen::Index n = tilts.front().matrix.rows() - 1;
  SharedEquations s{Eigen::MatrixXd::Zero(n, n), Eigen::VectorXd::Zero(n)};
  for (const TiltEquations& t : tilts) {
    const Eigen::VectorXd coupling = t.matrix.col(n).head(n);
    const double own = t.matrix(n, n);
    s.matrix += t.matrix.topLeftCorner(n, n) - coupling * coupling.transpose() / own;
    s.right += t.right.head(n) - coupling * (t.right[n] / own);
  }
  return s;
}

double background_of(const TiltEquations& t, const Eigen::VectorXd& shared) {
  const Eigen::Index n = shared.size();
  return (t.right[n] - t.matrix.col(n).head(n).dot(shared)) / t.matrix(n, n);
}

void fit_term_weights(Scene& scene, const SeriesLikelihood& likelihood, core::Threads threads) {
  const core::TiltSeries& series = likelihood.series();
  std::vector<TiltEquations> equations(series.size());
  core::parallel_for(series.size(), threads, [&](std::size_t t, int) {
    const core::Image& image = series.images[t];
    const TiltState& tilt = scene.tilts[t];
    const TiltLikelihood pixels = likelihood.tilt(t);
    const std::vector<PixelBuffer> columns = term_images(scene, t, series.pixel_size, image.nx, image.ny);
    PixelBuffer sum(image.nx, image.ny);
    std::size_t k = 0;
    for (const AtomProfile& profile : scene.profiles) {
      for (const GaussianTerm& term : profile.terms) {
        for (std::size_t i = 0; i < sum.data.size(); ++i)
          sum.data[i] += term.weight * columns[k].data[i];
        ++k;
      }
    }
    PixelBuffer target(image.nx, image.ny);
    PixelBuffer weight(image.nx, image.ny);
    for (std::size_t i = 0; i < sum.data.size(); ++i) {
      target.data[i] = pixels.observed(i) - tilt.background;
      weight.data[i] = pixels.weight(i, tilt.background + sum.data[i]);
    }
    equations[t] = equations_of(columns, target, weight);
  });
  const Eigen::Index n = equations.front().right.size() - 1; // without the background
  Eigen::MatrixXd normal = Eigen::MatrixXd::Zero(n, n);
  Eigen::VectorXd right = Eigen::VectorXd::Zero(n);
  for (const TiltEquations& e : equations) {
    normal += e.matrix.topLeftCorner(n, n);
    right += e.right.head(n);
  }
  constexpr double ridge = 1e-6; // Gaussians of like width are nearly alike
  normal.diagonal() *= 1.0 + ridge;
  const Eigen::VectorXd weights = normal.llt().solve(right);
  Eigen::Index k = 0;
  for (AtomProfile& profile : scene.profiles) {
    for (GaussianTerm& term : profile.terms)
      term.weight = weights[k++];
  }
}

} // namespace aet::recon
