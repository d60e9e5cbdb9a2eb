#include "sim/md/child_process.hpp"

#include "sim/core/error.hpp"
#include "sim/core/io/text_lines.hpp"

#include <fcntl.h>
#include <fmt/core.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <string_view>
#include <thread>

namespace aet::md {

namespace {

/// A file descriptor that closes itself.
class Descriptor {
public:
  Descriptor() = default;
  explicit Descriptor(int fd) : fd_(fd) {}
  ~Descriptor() { reset(); }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    if (this != &other) {
      reset();
      fd_ = std::exchange(other.fd_, -1);
    }
    return *this;
  }
  void reset() {
    if (fd_ >= 0) ::close(fd_);
    fd_ = -1;
  }
  [[nodiscard]] int get() const { return fd_; }
  [[nodiscard]] bool open() const { return fd_ >= 0; }

private:
  int fd_ = -1;
};

struct Pipe {
  Descriptor read;
  Descriptor write;
};

Pipe make_pipe() {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0)
    throw core::ExternalError(fmt::format("a pipe could not be made ({})", std::strerror(errno)));
  return {Descriptor(ends[0]), Descriptor(ends[1])};
}

std::vector<std::string> child_environment(const Command& command) {
  std::vector<std::string> out;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string text = *entry;
    const auto drops = [&](const std::string& prefix) { return text.rfind(prefix, 0) == 0; };
    const auto replaced = [&](const auto& pair) { return text.rfind(pair.first + "=", 0) == 0; };
    if (std::any_of(command.drop_environment.begin(), command.drop_environment.end(), drops)) continue;
    if (std::any_of(command.environment.begin(), command.environment.end(), replaced)) continue;
    out.push_back(text);
  }
  for (const auto& [name, value] : command.environment)
    out.push_back(fmt::format("{}={}", name, value));
  return out;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> out;
  out.reserve(texts.size() + 1);
  for (std::string& text : texts)
    out.push_back(text.data());
  out.push_back(nullptr);
  return out;
}

/// Everything the child needs between fork and exec, made before the fork: afterwards only calls that are
/// safe in a signal handler are allowed, since other threads may hold locks.
struct Launch {
  const char* program;
  const char* directory;
  char* const* arguments;
  char* const* environment;
  int output;
  int error;
  int report; ///< errno goes here if the program cannot be started
  pid_t parent;
};

[[noreturn]] void become_program(const Launch& launch) {
  ::setpgid(0, 0); // a terminal's Ctrl-C is the parent's business
  ::prctl(PR_SET_PDEATHSIG, SIGTERM);
  if (::getppid() != launch.parent) ::_exit(127); // the parent died before prctl
  sigset_t none;
  sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGPIPE})
    ::signal(signal, SIG_DFL);
  const int nothing = ::open("/dev/null", O_RDONLY);
  const bool ready = nothing >= 0 && ::dup2(nothing, 0) >= 0 && ::dup2(launch.output, 1) >= 0 &&
                     ::dup2(launch.error, 2) >= 0 && ::chdir(launch.directory) == 0;
  if (ready) ::execve(launch.program, launch.arguments, launch.environment);
  const int reason = errno;
  [[maybe_unused]] const auto written = ::write(launch.report, &reason, sizeof reason);
  ::_exit(127);
}

constexpr std::size_t kept_bytes = 64U << 10U;

/// Append what can be read now; closes the descriptor at its end.
void drain(Descriptor& from, std::string& into) {
  std::array<char, 8192> buffer{};
  while (from.open()) {
    const auto got = ::read(from.get(), buffer.data(), buffer.size());
    if (got > 0) {
      into.append(buffer.data(), static_cast<std::size_t>(got));
      continue;
    }
    if (got < 0 && errno == EINTR) continue;
    if (got == 0 || (errno != EAGAIN && errno != EWOULDBLOCK)) from.reset();
    return;
  }
}

} // namespace

struct ChildProcess::State {
  pid_t pid = -1;
  Descriptor output;
  Descriptor error;
  std::string pending; ///< stdout after the last whole line
  std::string error_text;
  std::optional<ExitStatus> ended;

  void reap(int flags) {
    if (ended) return;
    int status = 0;
    pid_t got = 0;
    do
      got = ::waitpid(pid, &status, flags);
    while (got < 0 && errno == EINTR);
    if (got == pid)
      ended = WIFSIGNALED(status) ? ExitStatus{0, WTERMSIG(status)} : ExitStatus{WEXITSTATUS(status), 0};
    else if (got < 0)
      ended = ExitStatus{127, 0}; // somebody else has waited for it
  }
};

ChildProcess::ChildProcess(const Command& command) : state_(std::make_unique<State>()) {
  const std::string program = find_program(command.arguments.at(0)).string();
  const std::string directory = command.working_directory.string();
  std::vector<std::string> arguments = command.arguments;
  std::vector<std::string> environment = child_environment(command);
  const auto argument_pointers = pointers(arguments);
  const auto environment_pointers = pointers(environment);
  Pipe output = make_pipe();
  Pipe error = make_pipe();
  Pipe report = make_pipe();
  const Launch launch{
      program.c_str(),    directory.c_str(), argument_pointers.data(), environment_pointers.data(),
      output.write.get(), error.write.get(), report.write.get(),       ::getpid()};
  const pid_t pid = ::fork();
  if (pid < 0)
    throw core::ExternalError(fmt::format("{} could not be started ({})", program, std::strerror(errno)));
  if (pid == 0) become_program(launch);
  state_->pid = pid;
  output.write.reset();
  error.write.reset();
  report.write.reset();

  int reason = 0;
  ssize_t got = 0;
  do
    got = ::read(report.read.get(), &reason, sizeof reason);
  while (got < 0 && errno == EINTR);
  if (got == sizeof reason) {
    state_->reap(0);
    throw core::ExternalError(
        fmt::format("{} could not be started in {} ({})", program, directory, std::strerror(reason)));
  }
  state_->output = std::move(output.read);
  state_->error = std::move(error.read);
  for (const int fd : {state_->output.get(), state_->error.get()})
    ::fcntl(fd, F_SETFL, O_NONBLOCK);
}

ChildProcess::~ChildProcess() {
  terminate();
}

bool ChildProcess::poll(std::chrono::milliseconds timeout,
                        const std::function<void(const std::string&)>& on_line) {
  State& s = *state_;
  std::array<pollfd, 2> wanted{pollfd{s.output.get(), POLLIN, 0}, pollfd{s.error.get(), POLLIN, 0}};
  // A closed descriptor is -1, which poll ignores; with both closed this only waits for the end of the child.
  const bool both_closed = !s.output.open() && !s.error.open();
  const auto wait = both_closed ? std::min(timeout, std::chrono::milliseconds(10)) : timeout;
  ::poll(wanted.data(), wanted.size(), static_cast<int>(wait.count()));
  s.reap(WNOHANG); // before reading, so that nothing written before the end is missed
  drain(s.output, s.pending);
  drain(s.error, s.error_text);
  if (s.error_text.size() > kept_bytes) s.error_text.erase(0, s.error_text.size() - kept_bytes);

  std::size_t begin = 0;
  for (std::size_t end = 0; (end = s.pending.find('\n', begin)) != std::string::npos; begin = end + 1) {
    const std::string line = s.pending.substr(begin, end - begin);
    if (on_line) on_line(line);
  }
  s.pending.erase(0, begin);
  if (s.pending.size() > kept_bytes) s.pending.clear(); // a "line" of that length is none of ours
  if (!s.ended) return true;
  if (!s.pending.empty() && on_line) on_line(std::exchange(s.pending, {}));
  return false;
}

ExitStatus ChildProcess::status() const {
  return state_->ended.value_or(ExitStatus{});
}

void ChildProcess::terminate(std::chrono::milliseconds patience) {
  State& s = *state_;
  if (s.pid < 0 || s.ended) return;
  ::kill(-s.pid, SIGTERM);
  const auto deadline = std::chrono::steady_clock::now() + patience;
  while (!s.ended && std::chrono::steady_clock::now() < deadline) {
    drain(s.output, s.pending); // a child blocked on a full pipe could not end
    drain(s.error, s.error_text);
    s.pending.clear();
    s.reap(WNOHANG);
    if (!s.ended) std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  if (s.ended) return;
  ::kill(-s.pid, SIGKILL);
  s.reap(0);
}

const std::string& ChildProcess::error_output() const {
  return state_->error_text;
}

int ChildProcess::pid() const {
  return state_->pid;
}

std::filesystem::path find_program(const std::string& name) {
  if (name.find('/') != std::string::npos) {
    if (::access(name.c_str(), X_OK) == 0) return std::filesystem::absolute(name);
    throw core::ExternalError(fmt::format("the program {} cannot be run ({})", name, std::strerror(errno)));
  }
  const char* path = std::getenv("PATH");
  for (const std::string_view folder :
       core::split_fields(path != nullptr ? path : "/usr/local/bin:/usr/bin:/bin", ':')) {
    const std::filesystem::path candidate = std::filesystem::path(folder) / name;
    if (!folder.empty() && ::access(candidate.c_str(), X_OK) == 0)
      return std::filesystem::absolute(candidate);
  }
  throw core::ExternalError(fmt::format("the program {} was not found in PATH", name));
}

} // namespace aet::md
