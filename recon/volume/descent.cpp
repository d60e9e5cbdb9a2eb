#include "recon/volume/descent.hpp"

#include "sim/core/error.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

namespace aet::recon {

namespace {

void check(const Problem& problem, const core::AlignedVector<float>& support, const DescentOptions& options) {
  if (options.iterations < 1) {
    throw core::ConfigError(
        fmt::format("the number of iterations must be at least 1; it is {}.", options.iterations));
  }
  if (!(options.step > 0.0) || options.stop_change < 0.0 || options.stop_patience < 0) {
    throw core::ConfigError(
        fmt::format("step must be positive and stop rules not negative; step {}, change {}, "
                    "patience {}.",
                    options.step, options.stop_change, options.stop_patience));
  }
  if (support.size() != problem.fitted.target.size()) {
    throw core::ConfigError(fmt::format("the support has {} voxels, the volume {}.", support.size(),
                                        problem.fitted.target.size()));
  }
}

void check(const DescentState& start, std::size_t voxels, bool momentum) {
  if (start.current.empty()) return;
  if (start.current.size() != voxels || (momentum && start.point.size() != voxels)) {
    throw core::ConfigError(
        fmt::format("the state to go on from has {} voxels, the volume {}.", start.current.size(), voxels));
  }
}

/// u after a projected gradient step from y, for one voxel.
float stepped(float y, float gradient, float step, float support, bool positive) {
  const float value = y + step * gradient;
  return support * (positive ? std::max(0.0F, value) : value);
}

/// Plain step: u <- P(u + step (A^T b - A^T A u)).
void plain_step(DescentState& s, const core::AlignedVector<float>& product, const Problem& problem,
                const core::AlignedVector<float>& support, const DescentOptions& options,
                core::Threads threads) {
  const std::size_t plane = s.current.size() / static_cast<std::size_t>(problem.box);
  const auto step = static_cast<float>(options.step);
  core::parallel_for(static_cast<std::size_t>(problem.box), threads, [&](std::size_t z, int /*worker*/) {
    for (std::size_t i = z * plane; i < (z + 1) * plane; ++i) {
      s.current[i] =
          stepped(s.current[i], problem.fitted.target[i] - product[i], step, support[i], options.positive);
    }
  });
}

/// Step from the extrapolated point, then the next extrapolation.
void momentum_step(DescentState& s, core::AlignedVector<float>& product, const Problem& problem,
                   const core::AlignedVector<float>& support, const DescentOptions& options,
                   core::Threads threads) {
  const std::size_t plane = s.current.size() / static_cast<std::size_t>(problem.box);
  const auto planes = static_cast<std::size_t>(problem.box);
  const auto step = static_cast<float>(options.step);
  // New u into `product`; its sign test: does the step y -> u oppose the motion u_before -> u?
  std::vector<double> uphill(planes, 0.0);
  core::parallel_for(planes, threads, [&](std::size_t z, int /*worker*/) {
    double sum = 0.0;
    for (std::size_t i = z * plane; i < (z + 1) * plane; ++i) {
      const float next =
          stepped(s.point[i], problem.fitted.target[i] - product[i], step, support[i], options.positive);
      sum += static_cast<double>(s.point[i] - next) * static_cast<double>(next - s.current[i]);
      product[i] = next;
    }
    uphill[z] = sum;
  });
  double total = 0.0;
  for (const double v : uphill)
    total += v;
  if (total > 0.0) s.t = 1.0;
  const double next_t = 0.5 * (1.0 + std::sqrt(1.0 + 4.0 * s.t * s.t));
  const auto ahead = static_cast<float>((s.t - 1.0) / next_t);
  s.t = next_t;
  core::parallel_for(planes, threads, [&](std::size_t z, int /*worker*/) {
    for (std::size_t i = z * plane; i < (z + 1) * plane; ++i) {
      const float next = product[i];
      s.point[i] = next + ahead * (next - s.current[i]);
      s.current[i] = next;
    }
  });
}

bool has_settled(const std::vector<double>& r, double change) {
  constexpr std::size_t span = 10;
  return change > 0.0 && r.size() > span && std::abs(r[r.size() - 1 - span] - r.back()) < change * r.back();
}

bool stopped_falling(const std::vector<double>& r, int patience) {
  if (patience <= 0 || r.empty()) return false;
  const auto best = std::min_element(r.begin(), r.end());
  return r.end() - best > patience;
}

} // namespace

DescentResult descend(Problem& problem, const core::AlignedVector<float>& support,
                      const DescentOptions& options, core::Threads threads,
                      const core::ProgressSink& progress, const Schedule& schedule, DescentControl control) {
  check(problem, support, options);
  check(control.start, support.size(), options.momentum);
  NormalOperator op(problem);
  DescentState s = std::move(control.start);
  s.current.resize(support.size());
  core::AlignedVector<float> product(support.size()); // A^T A y
  if (options.momentum) s.point.resize(support.size());
  DescentResult out;
  const auto stopped = [&] {
    const std::size_t done = s.r_fitted.size();
    if (has_settled(s.r_fitted, options.stop_change)) {
      out.stopped = fmt::format("R_k settled after {} iterations", done);
    } else if (stopped_falling(s.r_withheld, options.stop_patience)) {
      out.stopped = fmt::format("R_free stopped falling after {} iterations", done);
    } else if (done >= static_cast<std::size_t>(options.iterations)) {
      out.stopped = fmt::format("all {} iterations done", options.iterations);
    }
    return !out.stopped.empty();
  };
  while (!stopped()) {
    const int i = static_cast<int>(s.r_fitted.size());
    if (schedule) schedule(i, problem, s.current);
    const float* at = options.momentum ? s.point.data() : s.current.data();
    const Evaluation e = op.apply(problem, at, product.data(), threads);
    if (!std::isfinite(e.fitted)) {
      throw core::NumericsError(
          fmt::format("the reconstruction diverged at iteration {}; scale the images to "
                      "values near 1.",
                      i + 1));
    }
    if (options.momentum) {
      momentum_step(s, product, problem, support, options, threads);
    } else {
      plain_step(s, product, problem, support, options, threads);
    }
    s.r_fitted.push_back(e.fitted);
    std::string note = fmt::format("R_k {:.4f}", e.fitted);
    if (problem.withheld) {
      s.r_withheld.push_back(e.withheld);
      note += fmt::format(", R_free {:.4f}", e.withheld);
    }
    if (control.keep && control.keep_every > 0 && (i + 1) % control.keep_every == 0) control.keep(s);
    core::report(progress, {static_cast<double>(i + 1), static_cast<double>(options.iterations), "iterations",
                            note, options.stop_patience > 0 || options.stop_change > 0.0});
  }
  out.iterations = static_cast<int>(s.r_fitted.size());
  out.volume = std::move(s.current);
  out.r_fitted = std::move(s.r_fitted);
  out.r_withheld = std::move(s.r_withheld);
  return out;
}

} // namespace aet::recon
