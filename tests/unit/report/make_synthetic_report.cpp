// make_synthetic_report DIR [KIND]: writes a made-up run and its report, for the browser check and for
// looking at. KIND: "plain" (default), "hostile" (texts that try to run as scripts), "empty" (no artefact at
// all), or the particle's radius in angstrom (45 gives 25,000 atoms).
#include "sim/core/io/file.hpp"
#include "tests/unit/report/synthetic_run.hpp"
#include "validation/report/report.hpp"

#include <cstdio>
#include <exception>
#include <filesystem>
#include <string>

int main(int argc, char** argv) {
  if (argc < 2 || argc > 3) {
    std::fputs("usage: make_synthetic_report DIR [plain|hostile|empty|RADIUS_A]\n", stderr);
    return 2;
  }
  const std::filesystem::path run = argv[1];
  const std::string kind = argc == 3 ? argv[2] : "plain";
  try {
    aet::test::SyntheticRun what;
    if (kind == "hostile") {
      what.title = "</script><script>alert(1)</script><img src=x onerror=alert(2)>";
    } else if (kind != "plain" && kind != "empty") {
      what.radius_a = std::stod(kind);
      what.box = 4 * static_cast<int>((what.radius_a + 3.0) / 0.8);
    }
    std::filesystem::create_directories(run);
    if (kind != "empty") aet::test::write_synthetic_run(run, what);
    if (kind == "hostile") // also through a document that the page's script draws
      aet::core::write_file(
          run / "truth" / "md" / "hold" / "md.json",
          R"({"note": "<img src=x onerror=alert(3)>", "</script><script>alert(4)</script>": 1})");
    aet::validation::write_report(run);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "make_synthetic_report: %s\n", error.what());
    return 1;
  }
  return 0;
}
