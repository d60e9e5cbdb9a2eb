// A JSON document held against a JSON Schema.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace aet::test {

/// What is wrong with the document, a line each ("<root>[frames][0]: ..."); empty if it is as the schema
/// says.
/// \param schema, document JSON as text.
/// \throws std::exception if one of them is not JSON.
[[nodiscard]] std::vector<std::string> schema_errors(const std::string& schema, const std::string& document);

/// The committed schema "scores", "manifest" or "baseline".
[[nodiscard]] std::filesystem::path schema_file(const std::string& name);

} // namespace aet::test
