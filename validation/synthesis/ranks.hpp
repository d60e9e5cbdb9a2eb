// The only place that knows MPI: processes that share one command's work.
#pragma once

#include <cstddef>

namespace aet::validation {

/// This process among those that mpirun started, or alone. At most one a process may exist.
class Ranks {
public:
  Ranks() = default; ///< alone
  /// Joins the others if a launcher of MPI started this process.
  /// \throws core::ExternalError if MPI fails.
  [[nodiscard]] static Ranks from_launcher();
  ~Ranks();
  Ranks(Ranks&& other) noexcept;
  Ranks(const Ranks&) = delete;
  Ranks& operator=(const Ranks&) = delete;
  Ranks& operator=(Ranks&&) = delete;

  [[nodiscard]] bool is_first() const { return rank_ == 0; }
  [[nodiscard]] int size() const { return size_; }
  /// Of the processes on this machine.
  [[nodiscard]] int size_here() const { return size_here_; }
  /// Whether unit of work number `unit` is this process's.
  [[nodiscard]] bool takes(std::size_t unit) const {
    return unit % static_cast<std::size_t>(size_) == static_cast<std::size_t>(rank_);
  }
  /// Returns once every rank has called it.
  void wait_for_all() const;
  /// Ends all ranks with this exit code, since a rank that fails alone would leave the others waiting. Does
  /// nothing when alone.
  void abandon(int exit_code) const;

private:
  int rank_ = 0;
  int size_ = 1;
  int size_here_ = 1;
  bool joined_ = false;
};

} // namespace aet::validation
