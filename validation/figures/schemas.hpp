// What the JSON files of a run look like, as JSON Schema (draft 7), made from the table of figures. The same
// documents are committed beside this file, for whoever reads those files elsewhere.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace aet::validation {

/// "scores", "manifest", "baseline": schemas/NAME.json.
[[nodiscard]] std::vector<std::string> schema_names();

/// The schema of that name.
/// \throws ConfigError for another one, naming those there are.
[[nodiscard]] nlohmann::ordered_json schema_of(const std::string& name);

/// The schema as text: what the committed files hold.
[[nodiscard]] std::string schema_text(const std::string& name);

} // namespace aet::validation
