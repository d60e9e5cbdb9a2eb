// Published and peers' reference data that live beside a checkout, not in it.
#pragma once

#include <boost/test/unit_test.hpp>

#include <filesystem>

namespace aet::test {

/// Folder with the reference data; empty where this checkout has none beside it.
inline std::filesystem::path reference_dir() {
  const auto dir = std::filesystem::path(AET_SOURCE_DIR) / ".." / "shared" / "reference";
  return std::filesystem::exists(dir) ? dir : std::filesystem::path{};
}

/// Says on the test log why nothing was compared. Use: if (skip_without_reference()) return;
inline bool skip_without_reference() {
  if (!reference_dir().empty()) return false;
  BOOST_TEST_MESSAGE("skipped: ../shared/reference is not beside this checkout");
  return true;
}

} // namespace aet::test
