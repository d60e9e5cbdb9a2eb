// Published and peers' reference data that live beside a checkout, not in it.
#pragma once

#include <boost/test/tools/assertion_result.hpp>
#include <boost/test/unit_test.hpp>

#include <filesystem>

namespace aet::test {

/// Folder with the reference data; empty where this checkout has none beside it.
inline std::filesystem::path reference_dir() {
  const auto dir = std::filesystem::path(AET_SOURCE_DIR) / ".." / "shared" / "reference";
  return std::filesystem::exists(dir) ? dir : std::filesystem::path{};
}

/// For a test that compares with them: BOOST_AUTO_TEST_CASE(name, needs_reference()). CTest runs these as an
/// entry of their own (unit.MODULE.reference), which it reports as skipped where there are none.
inline boost::unit_test::decorator::collector_t& needs_reference() {
  namespace ut = boost::unit_test;
  return *ut::label("reference") * ut::precondition([](ut::test_unit_id) {
    boost::test_tools::assertion_result there = !reference_dir().empty();
    there.message() << "../shared/reference is not beside this checkout";
    return there;
  });
}

} // namespace aet::test
