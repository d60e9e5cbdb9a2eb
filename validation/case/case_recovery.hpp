// Tables of a case that recovery reads: [prepare], [align], [reconstruct], [trace], [classify], [refine].
// Commands on files read their options through the same declarations. All throw ConfigError naming file,
// line, key, value and what is allowed.
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

/// [prepare]: hot pixels, window, binning, exposures, padding, tilt axis.
[[nodiscard]] recon::ImageOptions read_prepare(const core::ConfigSection& section);

/// [align]: refinement of angles and shifts, off unless asked for.
/// \param reconstruct  says how the images that are compared are denoised and smoothed.
[[nodiscard]] recon::AlignmentOptions read_align(const core::ConfigSection& section,
                                                 const core::ConfigSection& reconstruct);

/// [reconstruct]: the volume.
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
