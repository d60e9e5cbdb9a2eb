// The .json beside a volume.
#pragma once

#include "recon/chain/reconstruction.hpp"

#include <filesystem>

namespace aet::validation {

/// How a volume was made and how well it fits the images.
/// \throws core::ExternalError if it cannot be written.
void write_volume_report(const std::filesystem::path& path, const recon::Reconstruction& reconstruction,
                         const recon::ReconstructionOptions& options);

} // namespace aet::validation
