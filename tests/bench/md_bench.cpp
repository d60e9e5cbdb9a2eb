// Molecular dynamics: properties of the potentials, speed, the papers' protocols in small, interruptions; one
// JSON object on standard output.
//
// usage: bench_md [--only PART] [--folder DIR] [--quick]
//   PART: static melting speed twins kills; all of them without it, some 30 minutes of CPU time
//   --folder  keep what is made there; finished runs found there are not run again
#include "sim/core/error.hpp"
#include "tests/bench/md_parts.hpp"

#include <fmt/core.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include <cstdio>
#include <string>

namespace {

struct Part {
  const char* name;
  void (*run)(const aet::bench::MdBench&, nlohmann::json&);
};

int run(int argc, char** argv) {
  namespace bench = aet::bench;
  const Part parts[] = {{"static", bench::static_part},
                        {"melting", bench::melting_part},
                        {"speed", bench::speed_part},
                        {"twins", bench::twins_part},
                        {"kills", bench::kills_part}};
  std::string only;
  bench::MdBench options;
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    if (word == "--quick") options.quick = true;
    if (word == "--only" && i + 1 < argc) only = argv[++i];
    if (word == "--folder" && i + 1 < argc) options.folder = argv[++i];
  }
  const bool keep = !options.folder.empty();
  if (!keep) options.folder = std::filesystem::temp_directory_path() / fmt::format("bench-md-{}", ::getpid());
  nlohmann::json out;
  for (const Part& part : parts)
    if (only.empty() || only == part.name) part.run(options, out);
  std::error_code ignored;
  if (!keep) std::filesystem::remove_all(options.folder, ignored);
  std::fputs((out.dump(2) + "\n").c_str(), stdout);
  return 0;
}

} // namespace

void aet::bench::tell(const std::string& what) {
  std::fputs((what + "\n").c_str(), stderr);
}

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const aet::core::Error& e) {
    std::fputs(fmt::format("bench_md: {}\n", e.what()).c_str(), stderr);
    return static_cast<int>(e.exit_code());
  }
}
