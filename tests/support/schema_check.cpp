#include "tests/support/schema_check.hpp"

#include "sim/core/join.hpp"

#include <fmt/core.h>
#include <nlohmann/json.hpp>
#include <valijson/adapters/nlohmann_json_adapter.hpp>
#include <valijson/schema.hpp>
#include <valijson/schema_parser.hpp>
#include <valijson/validation_results.hpp>
#include <valijson/validator.hpp>

namespace aet::test {

std::vector<std::string> schema_errors(const std::string& schema, const std::string& document) {
  using Adapter = valijson::adapters::NlohmannJsonAdapter;
  const nlohmann::json rules = nlohmann::json::parse(schema);
  const nlohmann::json json = nlohmann::json::parse(document);
  valijson::Schema compiled;
  valijson::SchemaParser(valijson::SchemaParser::kDraft7).populateSchema(Adapter(rules), compiled);
  valijson::ValidationResults results;
  std::vector<std::string> errors;
  if (valijson::Validator(valijson::Validator::kStrongTypes).validate(compiled, Adapter(json), &results))
    return errors;
  for (valijson::ValidationResults::Error error; results.popError(error);)
    errors.push_back(fmt::format("{}: {}", core::join(error.context, ""), error.description));
  return errors;
}

std::filesystem::path schema_file(const std::string& name) {
  return std::filesystem::path(AET_SOURCE_DIR) / "validation/figures/schemas" / (name + ".json");
}

} // namespace aet::test
