// The papers' ways to decide about single atoms from the images: flipping species, adding or leaving out.
#pragma once

#include "recon/published/gradient_refinement.hpp"

#include <cstdint>
#include <vector>

namespace aet::recon::published {

struct FlipOptions {
  std::vector<std::size_t> atoms; ///< indices to look at; empty: all
  int max_sweeps = 50;            ///< 1..1000
  std::uint64_t seed = 1;         ///< of the order within a sweep
};

struct FlipResult {
  Model model;
  int sweeps = 0;
  bool settled = false;             ///< a sweep without change
  std::size_t flips = 0;            ///< in all sweeps
  std::vector<std::size_t> changed; ///< atoms of another species than at the start, rising
};

/// Zhou et al. 2019, "Refinement", i-iv: atoms in random order; each takes the species with the least squared
/// difference between calculated and measured projections in the windows around it, at once; after a sweep
/// the global scale is fitted; sweeps until nothing changes.
/// \throws ConfigError, and DataError as check_series.
[[nodiscard]] FlipResult flip_atoms(const core::TiltSeries& series, const Model& start,
                                    const FlipOptions& options, core::Threads threads);

/// An atom that one tracing has and another has not.
struct Candidate {
  core::Vec3 position = core::Vec3::Zero(); ///< [angstrom]
  double intensity = 0.0;                   ///< decides the order: strongest first
};

struct AddResult {
  Model model;                    ///< with the candidates that were taken
  std::size_t taken = 0;          ///< the strongest so many
  std::vector<std::size_t> order; ///< candidates by falling intensity; the first `taken` are atoms
  std::vector<double> error;      ///< E with the first 0, 1, 2, ... candidates, H and B fitted each time
};

/// Yang et al. 2017, step v d: from the sure atoms, candidates are put in one by one, strongest first, as
/// atoms of the dimmest species; H and B are fitted to each of these models; the one with the least E is
/// right. (Candidates of the model itself, taken out before, are thereby removed where E says so.)
/// \param shape_steps Gauss-Newton steps in H and B after each candidate, 0..100 (warm start: 1 is enough).
[[nodiscard]] AddResult add_atoms(const core::TiltSeries& series, const Model& sure,
                                  const std::vector<Candidate>& candidates, int shape_steps,
                                  core::Threads threads);

} // namespace aet::recon::published
