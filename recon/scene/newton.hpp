// One step of a damped Gauss-Newton (Fisher scoring) minimisation over all atoms and tilts together.
#pragma once

#include "recon/scene/restraint.hpp"

namespace aet::recon {

/// Outcome of a conjugate-gradient solution.
struct SolveResult {
  ParameterVector x;
  int iterations = 0;
  double residual = 0.0; ///< relative, in the norm of the preconditioner
};

/// Solve (H + restraint + damping x blocks) x = b by conjugate gradients, preconditioned with the diagonal
/// blocks.
/// \param tolerance stop at this relative residual. Deterministic for any number of threads.
[[nodiscard]] SolveResult solve(const LinearModel& model, const ParameterVector& b, double damping,
                                double tolerance, int most_iterations, const Restraint& restraint = {});

struct NewtonOptions {
  double tolerance = 0.03; ///< of the inner solution, (0, 1)
  int inner_iterations = 40;
  double longest_step_a = 0.2; ///< of one atom; longer ones are cut, > 0 [angstrom]
  Restraint restraint;         ///< of the positions; part of every loss here
};

struct NewtonStep {
  bool accepted = false;
  double loss = 0.0;      ///< after the step
  double gain = 0.0;      ///< fall of the loss
  double rms_a = 0.0;     ///< root mean square shift of the atoms [angstrom]
  double longest_a = 0.0; ///< [angstrom]
  int inner_iterations = 0;
};

/// Minimise the quadratic model, take the step if the loss falls, and adapt the damping: a tenth after a step
/// that did what the model promised, ten times after one that was refused.
/// \param scene changed only if the step is accepted.
/// \param damping in and out, >= 0. Source: Marquardt, J. SIAM 11, 431 (1963), doi:10.1137/0111030.
[[nodiscard]] NewtonStep newton_step(Scene& scene, const SeriesLikelihood& likelihood,
                                     const FreeParameters& free, const NewtonOptions& options,
                                     double& damping, core::Threads threads);

} // namespace aet::recon
