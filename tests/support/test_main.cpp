// The one main of all test executables.
#define BOOST_TEST_NO_MAIN
#include "tests/support/reference_data.hpp"

#include <algorithm>
#include <iostream>
#include <string_view>

namespace {

bool name_suite() {
  boost::unit_test::framework::master_test_suite().p_name.value = "aetval";
  return true;
}

} // namespace

int main(int argc, char** argv) {
  constexpr int skipped = 77; // what CTest takes for a skipped test; Boost.Test never returns it
  const bool needs_data =
      std::any_of(argv, argv + argc, [](std::string_view word) { return word == "--run_test=@reference"; });
  if (needs_data && aet::test::reference_dir().empty()) {
    std::cout << "skipped: ../shared/reference is not beside this checkout\n";
    return skipped;
  }
  return boost::unit_test::unit_test_main(&name_suite, argc, argv);
}
