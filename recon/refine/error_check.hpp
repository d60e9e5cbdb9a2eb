// Whether the errors that curvature promises are those that a refinement makes.
#pragma once

#include "recon/refine/limit.hpp"
#include "recon/refine/refine.hpp"

#include <vector>

namespace aet::recon {

/// How far atoms go, in units of the errors promised, when images drawn from the model are refined.
struct ErrorCheck {
  std::vector<double> factor; ///< rms over the atoms of each species, three axes, at least 1
};

/// Images are drawn from the model and its noise, and refined from the model without edits. Where noise moves
/// atoms by a good part of their width, they go further than the curvature at the model says, and further
/// still where many overlap. A species of fewer than 30 atoms shares the factor of all. What the images have
/// that the model has not, such as missing atoms, no drawing shows. Parametric bootstrap: Efron & Tibshirani,
/// An Introduction to the Bootstrap (1993), ch. 6.5.
/// \param result of refining `series` with `options`.
/// \param promised by noise alone, for each atom of the result.
/// Draws from the streams (1, "error check", {tilt}). \throws as refine().
[[nodiscard]] ErrorCheck check_errors(const RefineResult& result, const core::TiltSeries& series,
                                      const RefineOptions& options, const Limit& promised,
                                      core::Threads threads, const core::ProgressSink& progress = {});

} // namespace aet::recon
