// A case with one key changed to another allowed value.
#pragma once

#include "validation/case/case.hpp"

#include <string>

namespace aet::test {

/// Every setting of a case that has a value, without the tables themselves and what follows from settings.
[[nodiscard]] std::vector<std::string> setting_keys(const validation::Case& c);

/// \param key  dotted, one of setting_keys().
/// \throws std::runtime_error if no other value is found that the case allows.
[[nodiscard]] validation::Case changed(const validation::Case& c, const std::string& key);

} // namespace aet::test
