// How much more images deviate from a model than their noise does.
#pragma once

#include "recon/scene/linear_model.hpp"

namespace aet::recon {

/// Mean square of the residuals in units of the noise, at least 1, over the pixels that the specimen covers:
/// those brighter than a tenth of the brightest, masked ones left out.
/// \param model of the scene.
[[nodiscard]] double dispersion_of(const LinearModel& model, const Scene& scene,
                                   const core::TiltSeries& series, core::Threads threads);

} // namespace aet::recon
