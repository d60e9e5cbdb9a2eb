// Projected gradient descent on a quadratic misfit: the iteration behind both reconstructions.
#pragma once

#include "recon/volume/quadratic.hpp"
#include "sim/core/progress.hpp"

#include <functional>
#include <string>
#include <vector>

namespace aet::recon {

struct DescentOptions {
  int iterations = 100;     ///< at most, >= 1
  double step = 1.0;        ///< gradient step; 1 / (largest eigenvalue of A^T A) or less
  bool momentum = false;    ///< Nesterov's extrapolation (FISTA), restarted where it points uphill
  bool positive = true;     ///< negative voxels are set to zero
  double stop_change = 0.0; ///< stop when R_k changed by less than this fraction over 10 iterations; 0: never
  int stop_patience = 0;    ///< stop when R_free has not fallen for so many iterations; 0: never
};

struct DescentResult {
  core::AlignedVector<float> volume; ///< n^3
  std::vector<double> r_fitted;      ///< ||A u - b|| / ||b|| of the volume that each iteration starts from
  std::vector<double> r_withheld;    ///< the same for withheld data; empty if there are none
  int iterations = 0;                ///< done
  std::string stopped;               ///< why, in words
};

/// All that the next iteration depends on: kept, it lets a descent go on as if it had not been stopped.
struct DescentState {
  core::AlignedVector<float> current; ///< u, n^3; empty: zero
  core::AlignedVector<float> point;   ///< y, where the gradient is taken; empty without momentum (y = u)
  double t = 1.0;                     ///< FISTA's sequence
  std::vector<double> r_fitted;       ///< as in DescentResult, of the iterations done
  std::vector<double> r_withheld;
};

/// Called before each iteration with its number and the volume u; may change the data of the problem.
using Schedule = std::function<void(int iteration, Problem&, const core::AlignedVector<float>& u)>;

/// Where a descent begins, and who is told of its states.
struct DescentControl {
  DescentState start; ///< default: u = 0 at iteration 0; with r_fitted of k iterations: at iteration k
  std::function<void(const DescentState&)> keep = {}; ///< called every `keep_every` iterations
  int keep_every = 0;                                 ///< >= 0; 0: never
};

/// Minimise ||A u - b||^2 over u = support * u >= 0, from u = 0 or control.start:
/// u <- support * max(0, y + step (A^T b - A^T A y)), y = u or, with momentum, u + (t-1)/t' (u - u_before).
///
/// Without momentum and with step 1 on a gridded problem these are GENFIRE's iterates (see quadratic.hpp).
/// \param support  n^3 factors in [0, 1].
/// \param schedule called before each iteration with its number and u; may change the data of the problem.
/// \param progress called once an iteration with R_k.
/// Deterministic for any number of threads. Cost an iteration: two pruned transforms of edge problem.embed.
/// Source of the momentum: Beck & Teboulle, SIAM J. Imaging Sci. 2, 183 (2009), doi:10.1137/080716542; of its
/// restart: O'Donoghue & Candes, Found. Comput. Math. 15, 715 (2015), doi:10.1007/s10208-013-9150-3.
[[nodiscard]] DescentResult descend(Problem& problem, const core::AlignedVector<float>& support,
                                    const DescentOptions& options, core::Threads threads,
                                    const core::ProgressSink& progress, const Schedule& schedule = {},
                                    DescentControl control = {});

} // namespace aet::recon
