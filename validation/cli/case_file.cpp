#include "validation/cli/case_file.hpp"

#include <fmt/core.h>

namespace aet::cli {

void warn_of_old_names(const std::filesystem::path& path) {
  core::Config config = core::Config::from_file(path);
  config.accept_old_names(validation::renamed_settings());
  for (const std::string& warning : config.warnings())
    fmt::print(stderr, "warning: {}\n", warning);
}

validation::Case read_case_file(const std::filesystem::path& path, std::optional<std::uint64_t> seed) {
  validation::Case settings = validation::read_case(path, seed);
  for (const std::string& warning : settings.config.warnings())
    fmt::print(stderr, "warning: {}\n", warning);
  return settings;
}

} // namespace aet::cli
