// The truth about a simulated acquisition, as files.
#pragma once

#include "sim/stem/linear_deviation.hpp"
#include "sim/stem/microscope.hpp"
#include "validation/case/case_images.hpp"

#include <filesystem>
#include <vector>

namespace aet::validation {

/// "aetval microscope truth 1": for each tilt its true orientation and everything else of stem::TiltTruth,
/// with the convention in words.
/// \throws core::ExternalError if not written.
void write_microscope_truth(const std::filesystem::path& path, const std::vector<stem::TiltTruth>& truth,
                            const std::vector<stem::CheckedSettings>& settings, const ImagesCase& images);

/// "aetval model error 1": stem::ModelError.
/// \throws core::ExternalError if not written.
void write_model_error(const std::filesystem::path& path, const stem::ModelError& error);

} // namespace aet::validation
