// What the classification did, as JSON: counts of its steps, the histogram of intensities, borderline atoms.
#pragma once

#include "recon/atoms/classify.hpp"

#include <nlohmann/json_fwd.hpp>

#include <string>
#include <vector>

namespace aet::validation {

/// "Fe Pt" (blanks or commas) as atomic numbers.
/// \throws DataError for a word that is no element; empty text gives an empty list.
[[nodiscard]] std::vector<int> elements_from_text(const std::string& text);

[[nodiscard]] nlohmann::json classification_json(const recon::Classification& classes);

/// "127 Fe, 173 Pt, 254 non-atoms, 2 borderline".
[[nodiscard]] std::string classification_sentence(const recon::Classification& classes);

} // namespace aet::validation
