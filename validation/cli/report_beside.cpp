#include "validation/cli/report_beside.hpp"

#include "sim/core/error.hpp"
#include "sim/core/io/file.hpp"

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include <optional>
#include <string>

namespace aet::cli {

namespace fs = std::filesystem;

namespace {

/// Of which images a file is the description: their name, empty where it does not say; none if it is not one.
std::optional<std::string> described_images(const fs::path& file) {
  const auto j = nlohmann::json::parse(core::read_file(file), nullptr, false);
  if (!j.is_object() || !(j.contains("orientations") || j.contains("images"))) return std::nullopt;
  const auto images = j.find("images");
  return images != j.end() && images->is_string() ? images->get<std::string>() : std::string();
}

[[noreturn]] void refuse(const fs::path& out, const fs::path& report, const std::string& what) {
  throw core::ConfigError(
      fmt::format("--out {} would overwrite '{}', which describes {}; choose another name.", out.string(),
                  report.string(), what));
}

} // namespace

fs::path report_beside(const fs::path& out) {
  fs::path report = fs::path(out).replace_extension(".json");
  if (!fs::is_regular_file(report)) return report;
  if (described_images(report)) refuse(out, report, "a tilt series");
  const fs::path mrc = fs::path(out).replace_extension(".mrc");
  if (mrc != out && fs::exists(mrc)) refuse(out, report, fmt::format("'{}'", mrc.string()));
  return report;
}

void check_description_beside(const fs::path& out) {
  const fs::path report = fs::path(out).replace_extension(".json");
  if (!fs::is_regular_file(report)) return;
  const auto images = described_images(report);
  if (images && !images->empty() && *images != out.filename().string())
    refuse(out, report, fmt::format("the images '{}'", *images));
}

} // namespace aet::cli
