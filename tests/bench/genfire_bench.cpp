// Figures of the reconstruction, one JSON object on standard output.
//
// bench_genfire [--only PART]... [REFERENCE_DIR]   (default ../shared/reference beside the checkout)
#include "sim/core/error.hpp"
#include "tests/bench/denoise_report.hpp"
#include "tests/bench/genfire_parts.hpp"

#include <fmt/core.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>
#include <string>
#include <vector>

namespace {

using namespace aet;

struct Part {
  const char* name;
  std::string (*run)(const std::filesystem::path& reference);
};

const std::vector<Part>& parts() {
  static const std::vector<Part> all{
      {"memory", bench::memory_part},
      {"resire_genfire", bench::resire_genfire_part},
      {"resire", bench::resire_part},
      {"ves91x", bench::vesicle_part},
      {"speed", bench::speed_part},
      {"denoise", [](const std::filesystem::path&) { return R"("denoise": )" + bench::denoise_report(); }},
      {"scaling", bench::scaling_part},
      {"angles", bench::angles_part}};
  return all;
}

const Part& part_of(const std::string& name) {
  const auto found =
      std::find_if(parts().begin(), parts().end(), [&](const Part& p) { return p.name == name; });
  if (found != parts().end()) return *found;
  std::string names;
  for (const Part& p : parts())
    names += std::string(names.empty() ? "" : ", ") + p.name;
  throw core::ConfigError(fmt::format("there is no part '{}'; there are {}.", name, names));
}

struct Arguments {
  std::vector<std::string> names;
  std::filesystem::path reference = std::filesystem::path(AET_SOURCE_DIR) / ".." / "shared" / "reference";
};

Arguments arguments(const std::vector<std::string>& words) {
  Arguments out;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (words[i] == "--only" && i + 1 < words.size()) {
      out.names.push_back(part_of(words[++i]).name);
    } else {
      out.reference = words[i];
    }
  }
  if (out.names.empty()) {
    for (const Part& p : parts())
      out.names.emplace_back(p.name);
  }
  return out;
}

} // namespace

std::string bench::in_own_process(const std::string& name, const std::function<std::string()>& work) {
  std::array<int, 2> ends{};
  if (pipe(ends.data()) != 0) throw core::ExternalError("no pipe to a part's process.");
  const pid_t child = fork();
  if (child < 0) throw core::ExternalError("no process for a part.");
  if (child == 0) {
    close(ends[0]);
    int status = 0;
    try {
      const std::string text = work();
      std::size_t done = 0;
      while (done < text.size()) {
        const ssize_t n = write(ends[1], text.data() + done, text.size() - done);
        if (n <= 0) _exit(1);
        done += static_cast<std::size_t>(n);
      }
    } catch (const core::Error& e) {
      std::fputs(fmt::format("bench_genfire: {}: {}\n", name, e.what()).c_str(), stderr);
      status = 1;
    }
    _exit(status);
  }
  close(ends[1]);
  std::string text;
  std::array<char, 4096> buffer{};
  for (ssize_t n = 0; (n = read(ends[0], buffer.data(), buffer.size())) > 0;)
    text.append(buffer.data(), static_cast<std::size_t>(n));
  close(ends[0]);
  int status = 0;
  waitpid(child, &status, 0);
  if (status != 0) throw core::ExternalError(fmt::format("{} failed.", name));
  return text;
}

int main(int argc, char** argv) {
  try {
    const Arguments a = arguments(std::vector<std::string>(argv + 1, argv + argc));
    std::string text = "{";
    for (const std::string& name : a.names) {
      text += (text.size() > 1 ? ",\n " : "") +
              bench::in_own_process(name, [&] { return part_of(name).run(a.reference); });
    }
    std::fputs((text + "}\n").c_str(), stdout);
  } catch (const core::Error& e) {
    std::fputs(fmt::format("bench_genfire: {}\n", e.what()).c_str(), stderr);
    return static_cast<int>(e.exit_code());
  }
  return 0;
}
