// Errors of the project: four kinds, each with the exit code the command line documents.
#pragma once

#include <stdexcept>
#include <string>

namespace aet::core {

/// Exit codes of the `aetval` program (README, "Exit codes").
enum class ExitCode : int {
  pass = 0,
  check_failed = 1,
  usage = 2,
  bad_data = 3,
  runtime_failure = 4,
  interrupted = 75,
};

/// Base of every error this project throws. The message is one sentence a user can act on: it names
/// the file, key or line, the value found, what is allowed, and what to do.
class Error : public std::runtime_error {
public:
  Error(const std::string& message, ExitCode code) : std::runtime_error(message), code_(code) {}
  [[nodiscard]] ExitCode exit_code() const noexcept { return code_; }

private:
  ExitCode code_;
};

/// A setting or argument is unknown, missing or out of range.
class ConfigError : public Error {
public:
  explicit ConfigError(const std::string& message) : Error(message, ExitCode::usage) {}
};

/// An input file or array cannot be used (missing, unreadable, wrong shape, NaN).
class DataError : public Error {
public:
  explicit DataError(const std::string& message) : Error(message, ExitCode::bad_data) {}
};

/// A computation lost its meaning (norm not conserved, fit did not converge).
class NumericsError : public Error {
public:
  explicit NumericsError(const std::string& message) : Error(message, ExitCode::runtime_failure) {}
};

/// Something outside this program failed (child process, disk, permission).
class ExternalError : public Error {
public:
  explicit ExternalError(const std::string& message) : Error(message, ExitCode::runtime_failure) {}
};

/// The user or the scheduler asked to stop; what was computed is on disk and `--resume` continues.
class Interrupted : public Error {
public:
  explicit Interrupted(const std::string& message) : Error(message, ExitCode::interrupted) {}
};

} // namespace aet::core
