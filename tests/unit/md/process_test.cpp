#include "sim/core/error.hpp"
#include "sim/core/io/file.hpp"
#include "sim/md/child_process.hpp"
#include "tests/support/message.hpp"
#include "tests/support/temporary_folder.hpp"
#include "tests/unit/md/worker_support.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <string>
#include <thread>
#include <vector>

BOOST_AUTO_TEST_SUITE(process)

using namespace aet;
using namespace aet::test;

namespace {

struct Outcome {
  md::ExitStatus status;
  std::vector<std::string> lines;
  std::string errors;
};

Outcome run(const md::Command& command) {
  Outcome out;
  md::ChildProcess child(command);
  while (child.poll(std::chrono::milliseconds(20),
                    [&](const std::string& line) { out.lines.push_back(line); })) {
  }
  out.status = child.status();
  out.errors = child.error_output();
  return out;
}

} // namespace

BOOST_AUTO_TEST_CASE(arguments_pass_as_they_are_and_lines_come_back) {
  const TemporaryFolder folder;
  const std::vector<std::string> nasty{"a b", "$(touch owned)", "; touch owned", "'\"`x`"};
  md::Command command{{"printf", "%s\\n"}, folder.path(), {}, {}};
  command.arguments.insert(command.arguments.end(), nasty.begin(), nasty.end());
  const Outcome out = run(command);
  BOOST_TEST(out.status.code == 0);
  BOOST_TEST((out.lines == nasty)); // no shell has touched them
  BOOST_TEST(!std::filesystem::exists(folder / "owned"));
}

BOOST_AUTO_TEST_CASE(directory_environment_exit_code_and_stderr) {
  const TemporaryFolder folder;
  const md::Command command{{"sh", "-c", "pwd; echo $AET_ONE$AET_TWO; echo oops >&2; printf last; exit 3"},
                            folder.path(),
                            {{"AET_ONE", "1"}},
                            {"AET_TW"}};
  ::setenv("AET_TWO", "2", 1);
  const Outcome out = run(command);
  BOOST_TEST(out.status.code == 3);
  BOOST_TEST((out.lines ==
              std::vector<std::string>{std::filesystem::canonical(folder.path()).string(), "1", "last"}));
  BOOST_TEST(out.errors == "oops\n");
}

BOOST_AUTO_TEST_CASE(much_output_does_not_block) {
  const Outcome out = run({{"seq", "1", "200000"}, "/tmp", {}, {}});
  BOOST_TEST(out.lines.size() == 200000U);
  BOOST_TEST(out.lines.back() == "200000");
}

BOOST_AUTO_TEST_CASE(signals_are_told_from_exit_codes) {
  const Outcome out = run({{"sh", "-c", "kill -9 $$"}, "/tmp", {}, {}});
  BOOST_TEST(out.status.signal == SIGKILL);
}

BOOST_AUTO_TEST_CASE(what_cannot_be_started_is_named) {
  BOOST_TEST(contains(message_of<core::ExternalError>([] {
                        md::ChildProcess({{"aet-no-such-program"}, "/tmp", {}, {}});
                      }),
                      "aet-no-such-program", "PATH"));
  BOOST_TEST(contains(message_of<core::ExternalError>([] {
                        md::ChildProcess({{"/etc/passwd"}, "/tmp", {}, {}});
                      }),
                      "/etc/passwd"));
  BOOST_TEST(contains(message_of<core::ExternalError>([] {
                        md::ChildProcess({{"true"}, "/no/such/folder", {}, {}});
                      }),
                      "/no/such/folder", "No such file"));
}

BOOST_AUTO_TEST_CASE(termination_ends_the_whole_group_even_if_it_ignores_sigterm) {
  const auto begin = std::chrono::steady_clock::now();
  {
    md::ChildProcess child({{"sh", "-c", "trap '' TERM; sleep 100 & sleep 100"}, "/tmp", {}, {}});
    child.poll(std::chrono::milliseconds(200), {});
    child.terminate(std::chrono::milliseconds(300));
    BOOST_TEST(!child.poll(std::chrono::milliseconds(10), {}));
    BOOST_TEST(child.status().signal == SIGKILL);
    // Killed processes are gone once the kernel and their new parent have run: on a busy machine that takes
    // time.
    const auto any_left = [&] {
      const auto all = living_processes();
      return std::any_of(all.begin(), all.end(),
                         [&](const ProcessInfo& p) { return p.group == child.pid(); });
    };
    while (any_left() && seconds_since(begin) < 4.0)
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
    BOOST_TEST(!any_left());
  }
  { const md::ChildProcess forgotten({{"sleep", "100"}, "/tmp", {}, {}}); }
  BOOST_TEST(seconds_since(begin) < 5.0);
}

BOOST_AUTO_TEST_SUITE_END()
