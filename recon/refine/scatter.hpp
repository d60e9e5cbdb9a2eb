// What no static model of the specimen can explain: how much each image deviates from it beyond the noise.
#pragma once

#include "recon/scene/linear_model.hpp"

#include <vector>

namespace aet::recon {

/// In each image every atom is displaced, and its strength changed, by chance and on its own. An image taken
/// with few frozen-phonon configurations is like that; channelling, which the sum of profiles leaves out, is
/// nearly so, for it depends on how atoms line up in that one direction. Per species:
struct Scatter {
  std::vector<double> displacement2; ///< mean square along one axis [angstrom^2], >= 0
  std::vector<double> strength2;     ///< mean square of the relative change, >= 0
};

/// Both from the residuals: the squared deviation of a pixel from its mean is expected to be noise variance +
/// sum over atoms (displacement2 |gradient|^2 + strength2 value^2) (of the atoms' parts of that pixel), and
/// the coefficients follow by non-negative least squares over all pixels, each weighted by its own expected
/// square, in four rounds. Residuals of fitted positions are a little too small: by 3 numbers an atom for
/// some 100 pixels an image.
/// \param scene near the maximum of the likelihood.
/// \param likelihood of the noise alone. Deterministic for any number of threads.
[[nodiscard]] Scatter estimate_scatter(const Scene& scene, const SeriesLikelihood& likelihood,
                                       core::Threads threads);

/// For each image and pixel the noise's part of the expected squared deviation, in (0, 1]: the weight of the
/// pixel in a likelihood that knows of the scatter (weighted least squares; neighbouring pixels' common
/// deviations are left out).
[[nodiscard]] std::vector<PixelBuffer> pixel_trust(const Scene& scene, const SeriesLikelihood& likelihood,
                                                   const Scatter& scatter, core::Threads threads);

} // namespace aet::recon
