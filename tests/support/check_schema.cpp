// check_schema NAME FILE...: are these JSON files as the committed schema "scores", "manifest" or "baseline"
// says?
#include "sim/core/io/file.hpp"
#include "tests/support/schema_check.hpp"

#include <fmt/core.h>

#include <exception>

int main(int argc, char** argv) {
  if (argc < 3) {
    fmt::print(stderr, "usage: check_schema NAME FILE...\n");
    return 2;
  }
  bool good = true;
  try {
    const std::string schema = aet::core::read_file(aet::test::schema_file(argv[1]));
    for (int i = 2; i < argc; ++i)
      for (const std::string& error : aet::test::schema_errors(schema, aet::core::read_file(argv[i]))) {
        fmt::print("{}: {}\n", argv[i], error);
        good = false;
      }
  } catch (const std::exception& error) {
    fmt::print(stderr, "check_schema: {}\n", error.what());
    return 3;
  }
  return good ? 0 : 1;
}
