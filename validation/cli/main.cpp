// aetval: the command line. Only here are errors caught and turned into messages and exit codes.
#include "sim/core/config.hpp"
#include "sim/core/error.hpp"
#include "sim/core/io/file.hpp"
#include "sim/core/join.hpp"
#include "validation/cli/commands.hpp"
#include "validation/cli/interrupt.hpp"
#include "validation/manifest/version.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cstdio>
#include <exception>
#include <new>
#include <string>
#include <vector>

namespace {

using aet::core::ExitCode;

int finish(ExitCode code, const std::string& message) {
  fmt::print(stderr, "aetval: {}\n", message);
  return static_cast<int>(code);
}

std::string join(int argc, char** argv) {
  std::vector<std::string> words(argv, argv + argc);
  words.front() = "aetval";
  return aet::core::join(words, " ");
}

/// CLI11's message, with a suggestion where a word is near a subcommand or an option.
std::string explain(const CLI::App& app, const CLI::ParseError& error, int argc, char** argv) {
  std::vector<std::string> known;
  const CLI::App* command = &app;
  for (const CLI::App* sub : app.get_subcommands({}))
    known.push_back(sub->get_name());
  if (argc > 1 && std::find(known.begin(), known.end(), argv[1]) != known.end()) {
    command = app.get_subcommand(argv[1]);
    known.clear();
  }
  for (const CLI::Option* option : command->get_options())
    known.push_back(option->get_name());
  std::string hint;
  for (int i = 1; i < argc && hint.empty(); ++i) {
    const std::string word = std::string(argv[i]).substr(0, std::string(argv[i]).find('='));
    const bool is_known = std::find(known.begin(), known.end(), word) != known.end();
    const bool candidate = word.starts_with("--") || (i == 1 && !word.starts_with("-"));
    if (!is_known && candidate) hint = aet::core::nearest_word(word, known);
  }
  std::string text = error.what();
  while (!text.empty() && (text.back() == '.' || text.back() == '\n'))
    text.pop_back();
  return fmt::format("{}{}; see '{} --help'.", text,
                     hint.empty() ? "" : fmt::format("; did you mean '{}'?", hint),
                     command == &app ? "aetval" : "aetval " + command->get_name());
}

int run(int argc, char** argv) {
  CLI::App app{"aetval: how right is an atomic electron tomography model?\n"
               "Simulates a truth and its tilt series, recovers the atoms, and scores what was recovered.\n"
               "Everything at once:  aetval run inputs/quickstart.toml --out runs/quickstart",
               "aetval"};
  app.footer("Exit codes: 0 pass, 1 a check failed, 2 usage or configuration, 3 bad input data,\n"
             "            4 runtime failure, 75 interrupted (continue with --resume; a study, with the same "
             "command).\n"
             "Help of a subcommand, with an example: aetval SUBCOMMAND --help");
  app.require_subcommand(1);
  app.get_formatter()->column_width(34);
  app.set_version_flag(
      "--version", [] { return aet::cli::version_report(); },
      "Show the versions of aetval and of the libraries it uses");
  aet::cli::add_run(app, join(argc, argv));
  aet::cli::add_md(app);
  aet::cli::add_nucleation(app);
  aet::cli::add_potential(app);
  aet::cli::add_build(app);
  aet::cli::add_phantom(app);
  aet::cli::add_convert(app);
  aet::cli::add_image(app);
  aet::cli::add_prepare(app);
  aet::cli::add_align(app);
  aet::cli::add_reconstruct(app);
  aet::cli::add_trace(app);
  aet::cli::add_classify(app);
  aet::cli::add_refine(app);
  aet::cli::add_refine_published(app);
  aet::cli::add_refine_volume(app);
  aet::cli::add_limit(app);
  aet::cli::add_analyze(app);
  aet::cli::add_chemistry(app);
  aet::cli::add_propagate(app);
  aet::cli::add_score(app);
  aet::cli::add_check(app);
  aet::cli::add_figures(app);
  aet::cli::add_config(app);
  aet::cli::add_compare(app);
  aet::cli::add_report(app);
  aet::cli::add_study(app, join(argc, argv));
  try {
    app.parse(argc, argv);
    return static_cast<int>(ExitCode::pass);
  } catch (const CLI::ParseError& e) {
    // Help and version arrive as "errors" with exit code 0.
    if (e.get_exit_code() == static_cast<int>(CLI::ExitCodes::Success)) return app.exit(e);
    return finish(ExitCode::usage, explain(app, e, argc, argv));
  }
}

} // namespace

int main(int argc, char** argv) {
  try {
    aet::cli::catch_interrupts();
    return run(argc, argv);
  } catch (const aet::core::Error& e) {
    return finish(e.exit_code(), e.what());
  } catch (const std::bad_alloc&) {
    return finish(ExitCode::runtime_failure,
                  "there is not enough memory for this; 'aetval run CASE --dry-run' tells "
                  "how much each stage needs.");
  } catch (const std::exception& e) {
    return finish(ExitCode::runtime_failure, fmt::format("unexpected failure: {}.", e.what()));
  }
}
