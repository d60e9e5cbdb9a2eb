// Options of the commands that follow one specimen over several moments.
#pragma once

#include "validation/score/event_probability.hpp"
#include "validation/score/register_moments.hpp"

#include <CLI/App.hpp>

#include <optional>
#include <string>

namespace aet::cli {

struct MomentArguments {
  std::string registration = "rigid";
  validation::EventErrors errors; ///< asked for where one of them is not 0
};

/// --register, --error-pm, --error-percent, --error-trials.
void add_moment_options(CLI::App& command, MomentArguments& arguments);

/// Lays later moments onto the first one as it comes, if asked for.
class Registrar {
public:
  explicit Registrar(const MomentArguments& arguments);
  /// \return what is to be said about it; empty for the first moment, or where nothing was asked for.
  std::string add(core::Atoms& atoms);

private:
  std::optional<validation::Alignment> alignment_;
  std::optional<core::Atoms> first_;
};

/// Probabilities of the events, if errors are given.
void add_event_probabilities(const MomentArguments& arguments, analysis::Dynamics& dynamics,
                             std::span<const analysis::MomentAnalysis> moments,
                             const validation::Analyse& analyse, core::Threads threads);

/// One line for each event with its probability.
void print_events(const analysis::Dynamics& dynamics);

} // namespace aet::cli
