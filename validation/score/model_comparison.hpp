// Two models of one particle, from two measurements: how far they agree, and what each says of the other.
#pragma once

#include "sim/core/atoms.hpp"
#include "validation/score/published.hpp"
#include "validation/score/transform.hpp"

#include <cstddef>
#include <optional>
#include <vector>

namespace aet::validation {

struct ComparisonOptions {
  double cutoff_a = 1.4;                ///< radius of the Fe atom, (0, 20]
  double borderline_probability = 0.95; ///< atoms less sure than this take the species of a surer partner
};

struct ModelComparison {
  Transform transform;                    ///< affine, second model onto the first
  double largest_strain = 0.0;            ///< of it
  std::size_t pairs = 0;                  ///< of any species, within the cutoff
  ScoreZhou2019 score;                    ///< consistency and precision, after the affine correction
  std::optional<double> rmsd_a;           ///< of pairs of one species, after the affine correction
  std::optional<double> rmsd_rigid_a;     ///< the same pairs after a rigid correction alone
  std::vector<std::size_t> other_species; ///< atoms of the first model whose partner is of another species
  std::vector<std::size_t> taken_over;    ///< of these, atoms that were borderline where the partner is sure
  core::Atoms first;                      ///< the first model with those species taken over
};

/// Pairs within the cutoff, an affine map of the second model onto the first fitted to them, repeated until
/// the pairs stay. Species: a borderline atom (column "probability") whose partner is sure takes the
/// partner's species; Zhou et al. 2019 did this by eye. Zhou et al. 2019, Methods, "Refinement" and Extended
/// Data Fig. 1 (95.4 % consistent, precision 26 pm).
/// \throws ConfigError, and DataError as match_atoms.
[[nodiscard]] ModelComparison compare_models(const core::Atoms& first, const core::Atoms& second,
                                             const ComparisonOptions& options = {});

} // namespace aet::validation
