#include "recon/scene/newton.hpp"

#include <algorithm>
#include <cmath>

namespace aet::recon {

SolveResult solve(const LinearModel& model, const ParameterVector& b, double damping, double tolerance,
                  int most_iterations, const Restraint& restraint) {
  SolveResult result;
  result.x = ParameterVector::Zero(model.size());
  ParameterVector r = b;
  ParameterVector z = model.precondition(r, damping);
  ParameterVector p = z;
  double rz = r.dot(z);
  const double start = rz;
  result.residual = start > 0.0 ? 1.0 : 0.0;
  while (result.iterations < most_iterations && result.residual > tolerance) {
    ParameterVector hp = model.product(p);
    if (damping > 0.0) hp += damping * model.block_product(p);
    add_restraint_product(restraint, p, hp);
    const double curvature = p.dot(hp);
    if (!(curvature > 0.0)) break;
    const double step = rz / curvature;
    result.x += step * p;
    r -= step * hp;
    z = model.precondition(r, damping);
    const double next = r.dot(z);
    p = z + (next / rz) * p;
    rz = next;
    ++result.iterations;
    result.residual = std::sqrt(std::max(0.0, rz / start));
  }
  return result;
}

NewtonStep newton_step(Scene& scene, const SeriesLikelihood& likelihood, const FreeParameters& free,
                       const NewtonOptions& options, double& damping, core::Threads threads) {
  constexpr int most_tries = 6;
  constexpr double least_damping = 1e-6;
  NewtonStep out;
  const LinearModel model(scene, likelihood, free, threads);
  out.loss = model.loss() + restraint_loss(options.restraint, scene.positions);
  ParameterVector gradient = model.gradient();
  add_restraint_gradient(options.restraint, scene.positions, gradient);
  for (int attempt = 0; attempt < most_tries; ++attempt) {
    SolveResult solved =
        solve(model, -gradient, damping, options.tolerance, options.inner_iterations, options.restraint);
    out.inner_iterations += solved.iterations;
    double square = 0.0;
    double longest = 0.0;
    for (std::size_t a = 0; a < scene.size(); ++a) {
      auto move = solved.x.segment<3>(atom_index(a));
      const double length = move.norm();
      if (length > options.longest_step_a) move *= options.longest_step_a / length;
      square += move.squaredNorm();
      longest = std::max(longest, move.norm());
    }
    Scene next = stepped(scene, solved.x);
    const double loss =
        misfit(next, likelihood, threads).loss + restraint_loss(options.restraint, next.positions);
    if (loss < out.loss) {
      ParameterVector curved = model.product(solved.x);
      add_restraint_product(options.restraint, solved.x, curved);
      const double promised = -gradient.dot(solved.x) - 0.5 * solved.x.dot(curved);
      if (out.loss - loss > 0.5 * promised) damping = damping > least_damping ? 0.1 * damping : 0.0;
      out.accepted = true;
      out.gain = out.loss - loss;
      out.loss = loss;
      out.rms_a = scene.size() > 0 ? std::sqrt(square / static_cast<double>(scene.size())) : 0.0;
      out.longest_a = longest;
      scene = std::move(next);
      return out;
    }
    // At the minimum rounding decides; nothing more can be gained.
    const double promised = -gradient.dot(solved.x);
    if (promised < 1e-9 * std::max(1.0, out.loss)) break;
    damping = std::max(1e-2, 10.0 * damping);
  }
  return out;
}

} // namespace aet::recon
