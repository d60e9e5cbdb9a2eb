// A child process without a shell: started with an argument list, read line by line, never left behind.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace aet::md {

struct Command {
  std::vector<std::string> arguments; ///< arguments[0] is the program: a path, or a name searched in PATH
  std::filesystem::path working_directory;                      ///< must exist
  std::vector<std::pair<std::string, std::string>> environment; ///< added to this process's own
  std::vector<std::string> drop_environment; ///< variables whose names begin so are not handed on
};

/// How a process ended.
struct ExitStatus {
  int code = 0;   ///< exit code; meaningless if signal != 0
  int signal = 0; ///< signal that killed it, 0 if none
};

/// The child is in a process group of its own, reads nothing, and is killed by the kernel when this thread
/// dies (PR_SET_PDEATHSIG, SIGTERM). Destroying the object terminates a child that still runs.
class ChildProcess {
public:
  /// \throws ExternalError if the program cannot be found or started.
  explicit ChildProcess(const Command& command);
  ~ChildProcess();
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  /// Wait up to `timeout` for output or the end; whole lines of stdout go to `on_line`.
  /// Returns false once the child has ended and all its output has been delivered.
  bool poll(std::chrono::milliseconds timeout, const std::function<void(const std::string&)>& on_line);

  /// After poll() returned false.
  [[nodiscard]] ExitStatus status() const;

  /// SIGTERM to the whole group, SIGKILL after `patience`; returns when the child is gone.
  void terminate(std::chrono::milliseconds patience = std::chrono::seconds(5));

  /// Last 64 KiB of stderr so far.
  [[nodiscard]] const std::string& error_output() const;

  [[nodiscard]] int pid() const;

private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Full path of an executable: `name` itself if it holds a slash, else searched in PATH.
/// \throws ExternalError saying what was looked for.
[[nodiscard]] std::filesystem::path find_program(const std::string& name);

} // namespace aet::md
