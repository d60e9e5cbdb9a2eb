#include "recon/refine/scatter.hpp"

#include "recon/refine/non_negative.hpp"

#include <algorithm>
#include <cstddef>

namespace aet::recon {

namespace {

/// Expected squared deviations of one image for unit coefficients: two buffers a species, displacement first.
struct ScatterBuffers {
  PixelBuffer mean;
  std::vector<PixelBuffer> unit;
};

void add_squares(const Stamp& stamp, PixelBuffer& gradient, PixelBuffer& value) {
  for (int j = 0; j < stamp.ny; ++j) {
    const auto v = static_cast<std::size_t>(j);
    double* g = gradient.row(stamp.y0 + j) + stamp.x0;
    double* s = value.row(stamp.y0 + j) + stamp.x0;
    for (int i = 0; i < stamp.nx; ++i) {
      const auto u = static_cast<std::size_t>(i);
      double dx = 0.0;
      double dy = 0.0;
      double sum = 0.0;
      for (int t = 0; t < stamp.terms; ++t) {
        const auto k = static_cast<std::size_t>(t);
        dx += stamp.fx[k][u] * stamp.ey[k][v];
        dy += stamp.ex[k][u] * stamp.fy[k][v];
        sum += stamp.ex[k][u] * stamp.ey[k][v];
      }
      g[i] += dx * dx + dy * dy;
      s[i] += sum * sum;
    }
  }
}

ScatterBuffers scatter_buffers(const Scene& scene, const StampMaker& maker, std::size_t t, int nx, int ny) {
  ScatterBuffers buffers{PixelBuffer(nx, ny),
                         std::vector<PixelBuffer>(2 * scene.profiles.size(), PixelBuffer(nx, ny))};
  const TiltState& tilt = scene.tilts[t];
  Stamp stamp;
  for (std::size_t a = 0; a < scene.size(); ++a) {
    if (!maker.place(scene, tilt, a, stamp)) continue;
    const std::size_t s = 2 * static_cast<std::size_t>(scene.species[a]);
    add_value(stamp, 1.0, buffers.mean);
    add_squares(stamp, buffers.unit[s], buffers.unit[s + 1]);
  }
  for (std::size_t i = 0; i < buffers.mean.data.size(); ++i) {
    const double sum = buffers.mean.data[i];
    const double slope = tilt.gain * scene.response.slope(sum);
    buffers.mean.data[i] = pixel_mean(tilt, scene.response, sum);
    for (PixelBuffer& unit : buffers.unit)
      unit.data[i] *= slope * slope;
  }
  return buffers;
}

double expected(const ScatterBuffers& buffers, std::size_t pixel, const Eigen::VectorXd& coefficients) {
  double sum = 0.0;
  for (std::size_t k = 0; k < buffers.unit.size(); ++k)
    sum += coefficients[static_cast<Eigen::Index>(k)] * buffers.unit[k].data[pixel];
  return sum;
}

struct Equations {
  Eigen::MatrixXd matrix;
  Eigen::VectorXd right;
};

} // namespace

Scatter estimate_scatter(const Scene& scene, const SeriesLikelihood& likelihood, core::Threads threads) {
  constexpr int rounds = 4;
  constexpr double first_strength2 = 0.01; // weights need some scatter to begin with
  const core::TiltSeries& series = likelihood.series();
  const StampMaker maker(scene, series);
  const auto n = static_cast<Eigen::Index>(2 * scene.profiles.size());
  Eigen::VectorXd coefficients = Eigen::VectorXd::Zero(n);
  for (Eigen::Index s = 0; s < n; s += 2)
    coefficients[s + 1] = first_strength2;
  for (int round = 0; round < rounds; ++round) {
    std::vector<Equations> parts(series.size());
    core::parallel_for(series.size(), threads, [&](std::size_t t, int) {
      const core::Image& image = series.images[t];
      const ScatterBuffers buffers = scatter_buffers(scene, maker, t, image.nx, image.ny);
      const TiltLikelihood pixels = likelihood.tilt(t);
      Equations& e = parts[t];
      e = {Eigen::MatrixXd::Zero(n, n), Eigen::VectorXd::Zero(n)};
      Eigen::VectorXd unit(n);
      for (std::size_t i = 0; i < buffers.mean.data.size(); ++i) {
        for (Eigen::Index k = 0; k < n; ++k)
          unit[k] = buffers.unit[static_cast<std::size_t>(k)].data[i];
        if (!(unit.maxCoeff() > 0.0) || !pixels.trusted(i)) continue;
        const double variance = 1.0 / pixels.weight(i, buffers.mean.data[i]);
        const double deviation = static_cast<double>(image.data[i]) - buffers.mean.data[i];
        const double square = variance + expected(buffers, i, coefficients);
        const double weight = 1.0 / (square * square); // the variance of a normal variable's square, over 2
        e.matrix.noalias() += weight * unit * unit.transpose();
        e.right.noalias() += weight * (deviation * deviation - variance) * unit;
      }
    });
    Equations all = parts.front();
    for (std::size_t t = 1; t < parts.size(); ++t) {
      all.matrix += parts[t].matrix;
      all.right += parts[t].right;
    }
    coefficients = non_negative_solution(all.matrix, all.right);
  }
  Scatter scatter;
  for (Eigen::Index s = 0; s < n; s += 2) {
    scatter.displacement2.push_back(coefficients[s]);
    scatter.strength2.push_back(coefficients[s + 1]);
  }
  return scatter;
}

std::vector<PixelBuffer> pixel_trust(const Scene& scene, const SeriesLikelihood& likelihood,
                                     const Scatter& scatter, core::Threads threads) {
  const core::TiltSeries& series = likelihood.series();
  const StampMaker maker(scene, series);
  Eigen::VectorXd coefficients(static_cast<Eigen::Index>(2 * scene.profiles.size()));
  for (std::size_t s = 0; s < scene.profiles.size(); ++s) {
    coefficients[static_cast<Eigen::Index>(2 * s)] = scatter.displacement2[s];
    coefficients[static_cast<Eigen::Index>(2 * s + 1)] = scatter.strength2[s];
  }
  std::vector<PixelBuffer> trust(series.size());
  core::parallel_for(series.size(), threads, [&](std::size_t t, int) {
    const core::Image& image = series.images[t];
    const ScatterBuffers buffers = scatter_buffers(scene, maker, t, image.nx, image.ny);
    trust[t] = PixelBuffer(image.nx, image.ny);
    for (std::size_t i = 0; i < trust[t].data.size(); ++i) {
      const double variance = 1.0 / likelihood.noise(t).weight(buffers.mean.data[i]);
      trust[t].data[i] = variance / (variance + expected(buffers, i, coefficients));
    }
  });
  return trust;
}

} // namespace aet::recon
