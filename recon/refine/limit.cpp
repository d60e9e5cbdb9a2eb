#include "recon/refine/limit.hpp"

#include "recon/scene/newton.hpp"
#include "sim/core/error.hpp"
#include "sim/core/random.hpp"

#include <Eigen/Cholesky>
#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>

namespace aet::recon {

namespace {

/// Derivatives of one atom's window by x', y', z', written out.
struct DerivativeWindow {
  int x0 = 0;
  int y0 = 0;
  int nx = 0;
  int ny = 0;
  std::array<std::vector<double>, 3> d;
};

DerivativeWindow window_of(const Stamp& s, double gain) {
  DerivativeWindow w{s.x0, s.y0, s.nx, s.ny, {}};
  const auto size = static_cast<std::size_t>(s.nx) * static_cast<std::size_t>(s.ny);
  for (std::vector<double>& plane : w.d)
    plane.assign(size, 0.0);
  for (int j = 0; j < s.ny; ++j) {
    for (int i = 0; i < s.nx; ++i) {
      const auto at = static_cast<std::size_t>(j * s.nx + i);
      const auto u = static_cast<std::size_t>(i);
      const auto v = static_cast<std::size_t>(j);
      for (int t = 0; t < s.terms; ++t) {
        const auto k = static_cast<std::size_t>(t);
        w.d[0][at] += gain * s.fx[k][u] * s.ey[k][v];
        w.d[1][at] += gain * s.ex[k][u] * s.fy[k][v];
        if (s.depth) w.d[2][at] += gain * (s.qx[k][u] * s.ey[k][v] + s.ex[k][u] * s.qy[k][v]);
      }
    }
  }
  return w;
}

/// Sum of weight x (derivative of a)(derivative of b)^T over the pixels that both windows hold.
core::Mat3 overlap(const DerivativeWindow& a, const DerivativeWindow& b, const PixelBuffer& weight,
                   bool depth) {
  core::Mat3 sum = core::Mat3::Zero();
  const int left = std::max(a.x0, b.x0);
  const int right = std::min(a.x0 + a.nx, b.x0 + b.nx);
  const int low = std::max(a.y0, b.y0);
  const int high = std::min(a.y0 + a.ny, b.y0 + b.ny);
  if (left >= right) return sum;
  const int planes = depth ? 3 : 2;
  for (int y = low; y < high; ++y) {
    const double* w = weight.row(y) + left;
    const auto at_a = static_cast<std::size_t>((y - a.y0) * a.nx + left - a.x0);
    const auto at_b = static_cast<std::size_t>((y - b.y0) * b.nx + left - b.x0);
    for (int p = 0; p < planes; ++p) {
      const double* u = a.d[static_cast<std::size_t>(p)].data() + at_a;
      for (int q = 0; q < planes; ++q) {
        const double* v = b.d[static_cast<std::size_t>(q)].data() + at_b;
        double line = 0.0;
        for (int x = 0; x < right - left; ++x)
          line += w[x] * u[x] * v[x];
        sum(p, q) += line;
      }
    }
  }
  return sum;
}

void finish(Limit& limit) {
  core::Vec3 sum = core::Vec3::Zero();
  for (const core::Mat3& c : limit.covariance)
    sum += c.diagonal();
  const double n = std::max(1.0, static_cast<double>(limit.covariance.size()));
  limit.axis_rms_a = (sum / n).cwiseMax(0.0).cwiseSqrt();
  limit.rms_a = std::sqrt(std::max(0.0, sum.sum() / n));
}

void reject_unseen(const LinearModel& model) {
  for (std::size_t a = 0; a < model.atom_blocks().size(); ++a) {
    const core::Mat3 block = model.atom_blocks()[a].topLeftCorner<3, 3>();
    const Eigen::LLT<core::Mat3> factor(block);
    if (factor.info() != Eigen::Success || !(block.trace() > 0.0)) {
      throw core::DataError(
          fmt::format("the images do not fix the position of atom {} (counted from 0): it is "
                      "outside them, or the tilts are too few; remove it or widen the images",
                      a));
    }
  }
}

Limit dense_limit(const Scene& scene, const SeriesLikelihood& likelihood, const LinearModel& model,
                  const Unknowns& unknowns, core::Threads threads) {
  const Eigen::MatrixXd information = dense_information(scene, model, threads);
  const Eigen::LLT<Eigen::MatrixXd> factor(information);
  if (factor.info() != Eigen::Success) {
    throw core::DataError("the images do not fix all positions: their information has no inverse; are there "
                          "atoms at the same place?");
  }
  const Eigen::MatrixXd inverse =
      factor.solve(Eigen::MatrixXd::Identity(information.rows(), information.cols()));
  Limit limit;
  for (std::size_t a = 0; a < scene.size(); ++a) {
    const auto at = static_cast<Eigen::Index>(3 * a);
    limit.covariance.emplace_back(inverse.block<3, 3>(at, at));
  }
  if (unknowns.any()) {
    const std::vector<core::Mat3> more = covariance_by(unknowns, scene, likelihood, inverse, threads);
    for (std::size_t a = 0; a < scene.size(); ++a)
      limit.covariance[a] += more[a];
  }
  finish(limit);
  return limit;
}

Limit probed_limit(const Scene& scene, const LinearModel& model, const LimitOptions& options,
                   const core::ProgressSink& progress) {
  constexpr int most_iterations = 300;
  const std::size_t atoms = scene.size();
  Limit limit;
  limit.dense = false;
  limit.covariance.assign(atoms, core::Mat3::Zero());
  std::vector<double> means; // of the trace, for each probe
  for (int probe = 0; probe < options.probes; ++probe) {
    core::RandomStream stream(options.seed, "limit probes", {static_cast<std::uint32_t>(probe)});
    std::vector<double> sign(atoms);
    for (double& s : sign)
      s = (stream() & 1U) != 0U ? 1.0 : -1.0;
    double trace = 0.0;
    for (int c = 0; c < 3; ++c) {
      ParameterVector b = ParameterVector::Zero(model.size());
      for (std::size_t a = 0; a < atoms; ++a)
        b[atom_index(a) + c] = sign[a];
      const SolveResult solved = solve(model, b, 0.0, options.tolerance, most_iterations);
      for (std::size_t a = 0; a < atoms; ++a) {
        const core::Vec3 column = sign[a] * solved.x.segment<3>(atom_index(a));
        limit.covariance[a].col(c) += column / options.probes;
        trace += column[c];
      }
      core::report(progress, {3.0 * probe + c + 1.0, 3.0 * options.probes, "solutions", "limit"});
    }
    means.push_back(trace / static_cast<double>(atoms));
  }
  for (core::Mat3& c : limit.covariance)
    c = 0.5 * (c + core::Mat3(c.transpose()));
  finish(limit);
  if (means.size() > 1) {
    const auto n = static_cast<double>(means.size());
    double mean = 0.0;
    for (const double m : means)
      mean += m / n;
    double square = 0.0;
    for (const double m : means)
      square += (m - mean) * (m - mean);
    limit.rms_error_a = std::sqrt(square / (n * (n - 1.0))) / (2.0 * limit.rms_a);
  }
  return limit;
}

} // namespace

void check(const LimitOptions& o) {
  if (o.probes < 1 || o.probes > 1000)
    throw core::ConfigError(fmt::format("limit: probes is {}; allowed is 1 to 1000", o.probes));
  if (!(o.tolerance > 0.0 && o.tolerance < 1.0))
    throw core::ConfigError(fmt::format("limit: tolerance is {}; allowed is (0, 1)", o.tolerance));
}

Eigen::MatrixXd dense_information(const Scene& scene, const LinearModel& model, core::Threads threads) {
  const std::size_t atoms = scene.size();
  const auto n = static_cast<Eigen::Index>(3 * atoms);
  Eigen::MatrixXd information = Eigen::MatrixXd::Zero(n, n);
  const bool depth = scene.depth.active();
  for (std::size_t t = 0; t < scene.tilts.size(); ++t) {
    const TiltState& tilt = scene.tilts[t];
    std::vector<DerivativeWindow> windows(atoms);
    core::parallel_for(atoms, threads, [&](std::size_t a, int) {
      Stamp stamp;
      if (model.stamps().place(scene, tilt, a, stamp)) windows[a] = window_of(stamp, tilt.gain);
    });
    // Each row belongs to one index, and tilts come one after the other: sums are in a fixed order.
    core::parallel_for(atoms, threads, [&](std::size_t a, int) {
      for (std::size_t b = a; b < atoms; ++b) {
        const core::Mat3 h = overlap(windows[a], windows[b], model.weights(t), depth);
        const core::Mat3 block = tilt.pose.orientation.transpose() * h * tilt.pose.orientation;
        const auto i = static_cast<Eigen::Index>(3 * a);
        const auto j = static_cast<Eigen::Index>(3 * b);
        information.block<3, 3>(i, j) += block;
      }
    });
  }
  information.triangularView<Eigen::StrictlyLower>() = information.transpose();
  return information;
}

Limit position_limit(const Scene& scene, const SeriesLikelihood& likelihood, const LimitOptions& options,
                     core::Threads threads, const core::ProgressSink& progress) {
  check(options);
  validate(scene, likelihood.series());
  FreeParameters free;
  free.gain = false;
  free.background = false;
  const LinearModel model(scene, likelihood, free, threads);
  reject_unseen(model);
  return scene.size() <= options.dense_atoms
             ? dense_limit(scene, likelihood, model, options.unknowns, threads)
             : probed_limit(scene, model, options, progress);
}

} // namespace aet::recon
