// How likely each atom of a refined model is there, and what the model then expects to be wrong with itself.
#pragma once

#include "recon/refine/refine.hpp"

#include <vector>

namespace aet::recon {

struct Presence {
  std::vector<double> probability; ///< of each atom of the scene, in [0, 1]
  double expected_spurious = 0.0;  ///< atoms of the model that are none: sum of 1 - probability
  double expected_missing = 0.0;   ///< atoms that the model lacks, of those that the images can tell of
};

/// Probabilities by the odds of odds.hpp, and where options.structure holds by how densely places of their
/// kind are taken (structure_prior.hpp): an atom whose evidence is E, and T at even odds, is there with 1 /
/// (1 + exp((T - E) / 2D)), D the dispersion. Places without an atom count as missing ones by the same odds,
/// if they lie next to an atom of the model: beside the specimen there are none.
///
/// What such a count cannot see: an atom at a wrong place that the images show well, such as one for two.
/// \param series the result was refined against. Cost: one round of edits. Deterministic for any number of
/// threads.
[[nodiscard]] Presence presence_of(const RefineResult& result, const core::TiltSeries& series,
                                   const RefineOptions& options, core::Threads threads);

} // namespace aet::recon
