#include "validation/report/lenient_json.hpp"

#include "sim/core/error.hpp"

#include <fmt/core.h>

namespace aet::validation::page {

Json parse_json(const std::string& text, const std::string& name) {
  try {
    return Json::parse(text);
  } catch (const Json::parse_error& error) {
    throw core::DataError(fmt::format("{}: not valid JSON at byte {}", name, error.byte));
  }
}

const Json& member(const Json& json, const char* key) {
  static const Json none;
  if (!json.is_object()) return none;
  const auto found = json.find(key);
  return found == json.end() ? none : *found;
}

std::optional<double> number_at(const Json& json, const char* key) {
  const Json& value = member(json, key);
  return value.is_number() ? std::optional(value.get<double>()) : std::nullopt;
}

std::string text_at(const Json& json, const char* key, const std::string& fallback) {
  const Json& value = member(json, key);
  return value.is_string() ? value.get<std::string>() : fallback;
}

std::vector<double> numbers_at(const Json& json, const char* key) {
  std::vector<double> numbers;
  for (const Json& value : items_at(json, key))
    if (value.is_number()) numbers.push_back(value.get<double>());
  return numbers;
}

const Json& items_at(const Json& json, const char* key) {
  static const Json none = Json::array();
  const Json& value = member(json, key);
  return value.is_array() ? value : none;
}

const Json& object_at(const Json& json, const char* key) {
  static const Json none = Json::object();
  const Json& value = member(json, key);
  return value.is_object() ? value : none;
}

} // namespace aet::validation::page
