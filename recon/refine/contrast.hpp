// A residual of images that does not depend on the scale or the dark level of either side.
#pragma once

#include "recon/scene/linear_model.hpp"

namespace aet::recon {

/// R1 by a measure that is fair to models of any origin and to images of any constant, mean over the images:
/// sum |y - g m - c| / sum |y - mean of y|, with gain g and constant c of each image by least squares. 1 for
/// a model that tells nothing.
/// \param likelihood says which pixels are measurements.
[[nodiscard]] double contrast_r1(const Scene& scene, const SeriesLikelihood& likelihood,
                                 core::Threads threads);

} // namespace aet::recon
