// The papers' refinement: H and B of each species, then all coordinates, by turns.
#pragma once

#include "recon/published/projection_model.hpp"
#include "sim/core/progress.hpp"

#include <vector>

namespace aet::recon::published {

struct GradientOptions {
  int rounds = 10;         ///< outer rounds, 1..1000
  int shape_steps = 10;    ///< steps in H and B a round, 0..1000
  int position_steps = 10; ///< gradient steps in xyz a round, 0..1000
  /// B is kept in [least, most] [angstrom^2]. Without a lower bound sharp images draw it to nothing, and
  /// atoms narrower than a pixel are placed less well: FePt with pixels of 0.4 A, RMSD 8.3 pm with 0.3, 10.3
  /// pm with 0.02.
  double least_b_a2 = 0.3;
  double most_b_a2 = 60.0;
  double max_step_a = 0.1; ///< longest move of an atom in one step [angstrom], (0, 1]
};

/// \throws ConfigError naming the option out of range.
void check(const GradientOptions& options);

struct GradientResult {
  Model model;
  double error_before = 0.0; ///< error_of, after the first scale fit
  std::vector<double> error; ///< after each outer round
  double moved_rms_a = 0.0;  ///< of the atoms, between start and end
  RFactors r;                ///< in the end
};

/// Rounds of `shape_steps` damped Gauss-Newton steps in H and B of all species and `position_steps` steps of
/// steepest descent in all coordinates, each atom's step scaled by its own curvature and the whole halved
/// until E does not rise. (The published scripts use a fixed step; they end at the same minimum.)
///
/// \param series images without background.
/// \throws as check and check_series. Deterministic for any number of threads. Source: Yang et al. 2017,
///   steps v and "The 3D atomic model was refined"; the later scripts for the 10 rounds of 10 + 10.
[[nodiscard]] GradientResult refine_gradient(const core::TiltSeries& series, const Model& start,
                                             const GradientOptions& options, core::Threads threads,
                                             const core::ProgressSink& progress = {});

/// Damped Gauss-Newton steps in H and B alone; returns E.
double fit_shapes(Model& model, const core::TiltSeries& series, const GradientOptions& options, int steps,
                  core::Threads threads);

} // namespace aet::recon::published
