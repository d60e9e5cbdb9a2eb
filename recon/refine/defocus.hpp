// The defocus of each image of a tilt series.
#pragma once

#include "recon/scene/linear_model.hpp"

namespace aet::recon {

/// Spread of the depth model for the probe of a series: a^2 / 4, a the convergence semi-angle [radian].
/// \throws DataError if no convergence angle is recorded with the series.
[[nodiscard]] double spread_of_probe(const core::TiltSeries& series);

/// Set the defocus of every tilt to the most likely within `range` of the common focus: looked for on a grid
/// of `range` / 10, then by Brent's method; everything else stays. The mean over the tilts goes to the common
/// focus. The sign of a tilt's defocus shows only where the specimen is thick against the depth of focus; in
/// a thin one either stands for the same blur.
/// \param range [angstrom], > 0.
/// \return rms change of a tilt's focus [angstrom].
/// Deterministic for any number of threads. Cost: some 40 model images a tilt.
/// Source: Brent, Algorithms for Minimization without Derivatives (1973), ch. 5 (Boost.Math).
[[nodiscard]] double fit_defocus(Scene& scene, const SeriesLikelihood& likelihood, double range,
                                 core::Threads threads);

} // namespace aet::recon
