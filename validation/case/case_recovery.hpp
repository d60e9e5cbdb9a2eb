// Tables of a case that recovery reads: [reconstruct], [trace], [classify], [refine]. Commands on files read
// their options through the same declarations. All throw ConfigError naming file, line, key, value and what
// is allowed.
#pragma once

#include "recon/atoms/species_model.hpp"
#include "recon/chain/alignment.hpp"
#include "recon/chain/reconstruction.hpp"
#include "recon/images/prepare_images.hpp"
#include "sim/core/config.hpp"
#include "validation/recovery/refinement.hpp"

#include <cstdint>
#include <optional>
#include <vector>

namespace aet::validation {

/// [trace] element: atomic numbers; platinum where it is left out.
[[nodiscard]] std::vector<int> read_elements(const core::ConfigSection& trace);

/// What is done to exposures and hot pixels, of [reconstruct].
[[nodiscard]] recon::ImageOptions read_image_options(const core::ConfigSection& reconstruct);

/// [reconstruct.angles], and the denoising of the images that it compares.
[[nodiscard]] recon::AlignmentOptions read_alignment(const core::ConfigSection& reconstruct);

/// The rest of [reconstruct].
[[nodiscard]] recon::ReconstructionOptions read_reconstruct(const core::ConfigSection& section,
                                                            std::uint64_t seed);

[[nodiscard]] recon::TraceOptions read_trace(const core::ConfigSection& section);

/// \param elements  of [trace]; without two or more nothing is sorted, and no key is known.
/// \param wedge_deg default of missing_wedge_deg.
[[nodiscard]] recon::ClassifyOptions read_classify(const core::ConfigSection& section,
                                                   const std::vector<int>& elements, double wedge_deg);

/// \param present  whether atoms are refined unless the table says otherwise.
/// \param of_volume  how the poses were refined with the volume: the atoms are refined against the images as
///   they were taken, with the poses as given, so where the volume needed refined poses, the atoms need them
///   too. The seed of the papers' refinement is the caller's.
[[nodiscard]] std::optional<RefineSettings>
read_refine(const core::ConfigSection& section, bool present,
            const std::optional<recon::PoseRefinementOptions>& of_volume);

} // namespace aet::validation
