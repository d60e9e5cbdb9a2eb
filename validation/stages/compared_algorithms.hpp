// What other algorithms make of the same images: their volumes, traced and compared with the truth.
#pragma once

#include "validation/stages/stage.hpp"

#include <string>
#include <vector>

namespace aet::validation {

/// Path of the volume of another algorithm than the case's, relative to the run directory.
[[nodiscard]] std::string compared_volume(const std::string& frame, recon::Algorithm algorithm);

/// A sentence for each volume of a frame, the case's own first: its algorithm, and recall, precision and RMSD
/// of the atoms that the case's tracing finds in it. Empty if none is to be compared.
/// \throws as core::read_mrc_volume(), recon::trace_atoms(), match_atoms().
[[nodiscard]] std::vector<std::string> compare_algorithms(const StageContext& context,
                                                          const std::string& frame, const core::Atoms& truth);

} // namespace aet::validation
