// Reading results written by other stages, perhaps of another version: what is absent or of another type is
// "not there", never an error. Include in .cpp files only: the JSON library is heavy.
#pragma once

#include <nlohmann/json.hpp>

#include <optional>
#include <string>
#include <vector>

namespace aet::validation::page {

using Json = nlohmann::json;

/// \throws DataError naming `name` and the place of the fault if `text` is not JSON.
[[nodiscard]] Json parse_json(const std::string& text, const std::string& name);

/// The member, or null if `json` is no object or has no such member.
[[nodiscard]] const Json& member(const Json& json, const char* key);
[[nodiscard]] std::optional<double> number_at(const Json& json, const char* key);
[[nodiscard]] std::string text_at(const Json& json, const char* key, const std::string& fallback = "");
/// The numbers of a list, or none.
[[nodiscard]] std::vector<double> numbers_at(const Json& json, const char* key);
/// The elements of a list, or an empty list.
[[nodiscard]] const Json& items_at(const Json& json, const char* key);
/// The members of an object, or an empty object.
[[nodiscard]] const Json& object_at(const Json& json, const char* key);

} // namespace aet::validation::page
