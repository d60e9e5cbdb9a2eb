#include "validation/cli/moment_arguments.hpp"

#include <fmt/core.h>
#include <fmt/ranges.h>

#include <array>

namespace aet::cli {

void add_moment_options(CLI::App& command, MomentArguments& a) {
  command
      .add_option(
          "--register", a.registration,
          "How later files are laid onto the first: none, rigid, or affine (not for frames of a dump)")
      ->check(CLI::IsMember({"none", "rigid", "affine"}))
      ->capture_default_str();
  command
      .add_option(
          "--error-pm", a.errors.rms_pm,
          "Error of the positions, rms in space [pm]: events get the probability that it does not make "
          "them")
      ->check(CLI::Range(0.0, 300.0))
      ->capture_default_str();
  command.add_option("--error-percent", a.errors.wrong_percent, "Atoms of the wrong species, likewise [%]")
      ->check(CLI::Range(0.0, 100.0))
      ->capture_default_str();
  command.add_option("--error-trials", a.errors.trials, "Trials behind those probabilities")
      ->check(CLI::Range(1, 1000))
      ->capture_default_str();
}

Registrar::Registrar(const MomentArguments& arguments) {
  if (arguments.registration == "rigid") alignment_ = validation::Alignment::rigid;
  if (arguments.registration == "affine") alignment_ = validation::Alignment::affine;
}

std::string Registrar::add(core::Atoms& atoms) {
  if (!alignment_ || atoms.cell) return "";
  if (!first_) {
    first_ = atoms;
    return "";
  }
  return validation::register_moment(*first_, atoms, *alignment_).sentence;
}

void add_event_probabilities(const MomentArguments& a, analysis::Dynamics& dynamics,
                             std::span<const analysis::MomentAnalysis> moments,
                             const validation::Analyse& analyse, core::Threads threads) {
  if (a.errors.rms_pm == 0.0 && a.errors.wrong_percent == 0.0) return;
  validation::set_event_probabilities(dynamics, moments, analyse, a.errors, threads);
}

void print_events(const analysis::Dynamics& dynamics) {
  constexpr std::array kinds{"merge", "divide", "nucleate", "dissolve"};
  for (const analysis::Event& e : dynamics.events) {
    fmt::print("  {}: {} [{}] -> [{}]", dynamics.moments[e.moment],
               kinds.at(static_cast<std::size_t>(e.kind)), fmt::join(e.from, ", "), fmt::join(e.to, ", "));
    if (e.probability) fmt::print(", again in {:.0f} % of the trials", 100.0 * *e.probability);
    fmt::print("\n");
  }
}

} // namespace aet::cli
