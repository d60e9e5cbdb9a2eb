// Light of what lies beside the model: a specimen larger than the field, a neighbour that comes into view.
#pragma once

#include "recon/refine/profile_fit.hpp"

#include <cstdint>
#include <vector>

namespace aet::recon {

/// Numbers of pixels (iy nx + ix, rising), one list an image, as in core::TiltSeries::masked.
using PixelLists = std::vector<std::vector<std::uint32_t>>;

/// What enters some images from beyond the field is explained by no model of what is always in view, and
/// bends everything that is fitted. Foreign are regions in which an image, smoothed to the distance between
/// atoms, is brighter than the model by a tenth of the specimen and by five standard deviations of the noise,
/// and which are larger than the image of an atom: a missing atom is no neighbour. They count if one of them,
/// in any image, reaches the edge, as what comes in must (what lies within the field all the time is a fault
/// of the model, and stays visible); then in all images, for at high tilt a neighbour may stand before the
/// specimen.
/// \param scene      with its gains, backgrounds and profiles fitted.
/// \param likelihood of the images; its masked pixels are foreign to nobody, but a region may begin behind
/// them.
[[nodiscard]] PixelLists foreign_pixels(const Scene& scene, const SeriesLikelihood& likelihood,
                                        core::Threads threads);

/// The same for a model of which only the places are known: in turn profiles, gains and backgrounds are
/// fitted outside what is foreign, and what is foreign is found anew. Deterministic for any number of
/// threads.
/// \param scene positions, species and tilts are used.
/// \param species number of species.
/// \param gains   whether gains may be fitted.
/// \return empty where nothing is foreign, or where in some image nearly everything is: the model is then too
///   small a part of the specimen to tell the rest from it.
/// \throws DataError as start_profiles().
[[nodiscard]] PixelLists foreign_pixels_of(Scene scene, const core::TiltSeries& series,
                                           const NoiseModel& exposure, int species, bool gains,
                                           const ProfileFitOptions& options, core::Threads threads);

/// The series without these pixels.
[[nodiscard]] core::TiltSeries with_masked(core::TiltSeries series, const PixelLists& pixels);

/// The likelihood without these pixels.
[[nodiscard]] SeriesLikelihood without(const SeriesLikelihood& likelihood, const PixelLists& pixels);

} // namespace aet::recon
