#include "recon/published/gradient_refinement.hpp"

#include "sim/core/error.hpp"

#include <Eigen/Cholesky>
#include <fmt/core.h>

#include <algorithm>
#include <cmath>

namespace aet::recon::published {

namespace {

void require(bool good, const std::string& message) {
  if (!good) throw core::ConfigError("gradient refinement: " + message);
}

struct Normal {
  Eigen::MatrixXd matrix;
  Eigen::VectorXd gradient;
};

/// Normal equations of H and B: columns H_0, B_0, H_1, B_1, ...
Normal shape_equations(const Model& model, const core::TiltSeries& series, core::Threads threads) {
  const auto profiles = profiles_of(model);
  const auto columns = static_cast<Eigen::Index>(2 * model.parameters.size());
  std::vector<Normal> parts(series.size());
  core::parallel_for(series.size(), threads, [&](std::size_t j, int) {
    const auto pixels = static_cast<Eigen::Index>(series.images[j].data.size());
    Eigen::MatrixXd design = Eigen::MatrixXd::Zero(pixels, columns);
    for (std::size_t n = 0; n < model.positions.size(); ++n) {
      const auto s = static_cast<std::size_t>(model.species[n]);
      const auto column = static_cast<Eigen::Index>(2 * s);
      visit_pixels(series, j, model.positions[n], profiles[s].reach(),
                   [&](std::size_t i, const Eigen::Vector2d&, double u) {
                     const auto sample = profiles[s](u);
                     design(static_cast<Eigen::Index>(i), column) += sample.value;
                     design(static_cast<Eigen::Index>(i), column + 1) += sample.by_b;
                   });
    }
    Eigen::VectorXd rest(pixels);
    for (Eigen::Index i = 0; i < pixels; ++i)
      rest[i] = static_cast<double>(series.images[j].data[static_cast<std::size_t>(i)]);
    for (std::size_t s = 0; s < model.parameters.size(); ++s) {
      const auto column = static_cast<Eigen::Index>(2 * s);
      rest -= model.parameters[s].h * design.col(column);
      design.col(column + 1) *= model.parameters[s].h;
    }
    parts[j] = {design.transpose() * design, design.transpose() * rest};
  });
  Normal sum{Eigen::MatrixXd::Zero(columns, columns), Eigen::VectorXd::Zero(columns)};
  for (const Normal& part : parts) {
    sum.matrix += part.matrix;
    sum.gradient += part.gradient;
  }
  return sum;
}

/// For every atom minus the gradient of half the sum of squares, and the curvature.
struct Forces {
  std::vector<core::Vec3> force;
  std::vector<double> curvature;
};

Forces position_forces(const Model& model, const core::TiltSeries& series, core::Threads threads) {
  const auto profiles = profiles_of(model);
  const std::size_t atoms = model.positions.size();
  std::vector<Forces> parts(series.size());
  core::parallel_for(series.size(), threads, [&](std::size_t j, int) {
    std::vector<double> rest = render(model, profiles, series, j);
    for (std::size_t i = 0; i < rest.size(); ++i)
      rest[i] = static_cast<double>(series.images[j].data[i]) - rest[i];
    Forces& part = parts[j];
    part.force.resize(atoms);
    part.curvature.assign(atoms, 0.0);
    const core::Mat3 back = series.orientations[j].transpose();
    for (std::size_t n = 0; n < atoms; ++n) {
      const auto s = static_cast<std::size_t>(model.species[n]);
      const double h = model.parameters[s].h;
      Eigen::Vector2d force = Eigen::Vector2d::Zero();
      double curvature = 0.0;
      visit_pixels(series, j, model.positions[n], profiles[s].reach(),
                   [&](std::size_t i, const Eigen::Vector2d& d, double u) {
                     // d = pixel - atom, so dI/d(atom) = -2 d dI/du.
                     const Eigen::Vector2d slope = -2.0 * h * profiles[s](u).by_u * d;
                     force += rest[i] * slope;
                     curvature += slope.squaredNorm();
                   });
      part.force[n] = back * core::Vec3(force.x(), force.y(), 0.0);
      part.curvature[n] = curvature;
    }
  });
  Forces sum{std::vector<core::Vec3>(atoms, core::Vec3::Zero()), std::vector<double>(atoms, 0.0)};
  for (const Forces& part : parts) {
    for (std::size_t n = 0; n < atoms; ++n) {
      sum.force[n] += part.force[n];
      sum.curvature[n] += part.curvature[n];
    }
  }
  return sum;
}

/// One step of steepest descent in all coordinates; `pace` is kept between steps. Returns E.
double move_atoms(Model& model, const core::TiltSeries& series, const GradientOptions& options, double before,
                  double& pace, core::Threads threads) {
  const Forces forces = position_forces(model, series, threads);
  for (int tries = 0; tries < 12; ++tries) {
    Model trial = model;
    for (std::size_t n = 0; n < trial.positions.size(); ++n) {
      if (!(forces.curvature[n] > 0.0)) continue;
      // The curvature is summed over both axes of each image and seen by three coordinates.
      core::Vec3 step = pace * forces.force[n] / (forces.curvature[n] / 3.0);
      if (step.norm() > options.max_step_a) step *= options.max_step_a / step.norm();
      trial.positions[n] += step;
    }
    const double after = error_of(trial, series, threads);
    if (after <= before) {
      model = std::move(trial);
      pace = std::min(1.0, 1.3 * pace);
      return after;
    }
    pace *= 0.5;
  }
  return before;
}

} // namespace

void check(const GradientOptions& o) {
  require(o.rounds >= 1 && o.rounds <= 1000, fmt::format("rounds is {}; allowed is 1 to 1000", o.rounds));
  require(o.shape_steps >= 0 && o.shape_steps <= 1000,
          fmt::format("shape_steps is {}; allowed is 0 to 1000", o.shape_steps));
  require(o.position_steps >= 0 && o.position_steps <= 1000,
          fmt::format("position_steps is {}; allowed is 0 to 1000", o.position_steps));
  require(o.least_b_a2 > 0.0 && o.least_b_a2 < o.most_b_a2,
          fmt::format("B is kept in [{}, {}]; the lower bound must be positive and below the upper",
                      o.least_b_a2, o.most_b_a2));
  require(o.max_step_a > 0.0 && o.max_step_a <= 1.0,
          fmt::format("max_step_a is {}; allowed is (0, 1] angstrom", o.max_step_a));
}

double fit_shapes(Model& model, const core::TiltSeries& series, const GradientOptions& options, int steps,
                  core::Threads threads) {
  double error = error_of(model, series, threads);
  double damping = 1e-3;
  for (int step = 0; step < steps; ++step) {
    const Normal normal = shape_equations(model, series, threads);
    Eigen::MatrixXd damped = normal.matrix;
    damped.diagonal() *= 1.0 + damping;
    // A species without atoms has empty rows.
    for (Eigen::Index i = 0; i < damped.rows(); ++i) {
      if (damped(i, i) <= 0.0) damped(i, i) = 1.0;
    }
    const Eigen::VectorXd change = damped.ldlt().solve(normal.gradient);
    Model trial = model;
    for (std::size_t s = 0; s < trial.parameters.size(); ++s) {
      const auto column = static_cast<Eigen::Index>(2 * s);
      SpeciesParameters& p = trial.parameters[s];
      p.h = std::max(p.h + change[column], 0.01 * p.h);
      p.b_a2 = std::clamp(p.b_a2 + change[column + 1], options.least_b_a2, options.most_b_a2);
    }
    const double after = error_of(trial, series, threads);
    if (after <= error) {
      const bool settled = error - after < 1e-10 * error;
      model = std::move(trial);
      error = after;
      damping *= 0.2;
      if (settled) break;
    } else {
      damping *= 10.0;
    }
  }
  return error;
}

GradientResult refine_gradient(const core::TiltSeries& series, const Model& start,
                               const GradientOptions& options, core::Threads threads,
                               const core::ProgressSink& progress) {
  check(options);
  check_series(series, start);
  GradientResult result;
  result.model = start;
  fit_scale(result.model, series, threads);
  double error = error_of(result.model, series, threads);
  result.error_before = error;
  double pace = 0.5;
  for (int round = 0; round < options.rounds; ++round) {
    core::report(progress, {static_cast<double>(round), static_cast<double>(options.rounds), "rounds",
                            fmt::format("E {:.5f}", error)});
    error = fit_shapes(result.model, series, options, options.shape_steps, threads);
    for (int step = 0; step < options.position_steps; ++step)
      error = move_atoms(result.model, series, options, error, pace, threads);
    result.error.push_back(error);
  }
  double square = 0.0;
  for (std::size_t n = 0; n < start.positions.size(); ++n)
    square += (result.model.positions[n] - start.positions[n]).squaredNorm();
  result.moved_rms_a = std::sqrt(square / static_cast<double>(start.positions.size()));
  result.r = r_factors(result.model, series, threads);
  return result;
}

} // namespace aet::recon::published
