// Atoms and poses fitted together to the images.
#pragma once

#include "recon/align/atom_model.hpp"
#include "sim/core/grid.hpp"
#include "sim/core/parallel.hpp"

#include <functional>
#include <vector>

namespace aet::recon {

struct JointFitOptions {
  int steps = 20;     ///< at most, >= 1
  int inner = 30;     ///< iterations of conjugate gradients a step, >= 1
  bool views = true;  ///< fit the views, too; otherwise atoms only
  bool turns = true;  ///< fit the three angles of each view
  double stop = 1e-4; ///< end when the misfit's square falls by less than this part in a step, > 0
};

struct JointFit {
  AtomModel model;
  std::vector<View> views;
  std::vector<double> misfits; ///< ||image - projection|| / ||image||, one a view
  int steps = 0;               ///< done
};

/// Minimise sum over images and pixels (image - projection of the atoms)^2 over positions and weights of all
/// atoms, the heights of their common shape, and all views, at once.
///
/// Levenberg-Marquardt with conjugate gradients, preconditioned by the blocks of single atoms and views: the
/// stiff combinations of atoms and poses, which an alternation of both approaches but slowly, are solved for
/// directly. Nothing holds the turn and shift of the whole back; the mean scale is kept at 1.
/// \param images n x n, n even, without background. \param told called after each step with its number and
/// the misfit of all images. \throws DataError unless there is a view for each image, and an atom;
/// Interrupted as `told` does. Deterministic for any number of threads. Source of the method: Triggs et al.,
/// "Bundle adjustment - a modern synthesis", LNCS 1883, 298 (2000), doi:10.1007/3-540-44480-7_21.
[[nodiscard]] JointFit fit_atoms_and_views(const std::vector<core::Image>& images, AtomModel model,
                                           std::vector<View> views, const JointFitOptions& options,
                                           core::Threads threads,
                                           const std::function<void(int step, double misfit)>& told = {});

/// A view, and how well the model explains the image in it.
struct ViewFit {
  View view;
  double misfit = 1.0; ///< ||image - projection|| / ||image||
};

/// The view nearest to `start` in which the model looks most like the image, by at most `steps` damped
/// Gauss-Newton steps; turns only if asked for.
[[nodiscard]] ViewFit fit_view(const AtomModel& model, const core::Image& image, const View& start,
                               bool turns, int steps);

} // namespace aet::recon
