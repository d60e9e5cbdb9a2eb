// The .json beside traced atoms: candidates, what became of each, and the thresholds.
#pragma once

#include "recon/atoms/species_model.hpp"
#include "validation/synthesis/eam_energy.hpp"

#include <filesystem>

namespace aet::validation {

/// \throws core::ExternalError if it cannot be written.
void write_trace_report(const std::filesystem::path& path, const recon::SpeciesModel& model,
                        const EamEnergy& energy);

} // namespace aet::validation
