// Which nucleus of a model is which nucleus of the truth.
#pragma once

#include "validation/score/match.hpp"

#include <cstddef>
#include <vector>

namespace aet::validation {

struct NucleusPair {
  int truth = 0;          ///< label in the truth
  int model = 0;          ///< label in the model
  std::size_t shared = 0; ///< matched atoms that belong to both
  std::size_t truth_atoms = 0;
  std::size_t model_atoms = 0;
  double overlap = 0.0; ///< shared / (truth_atoms + model_atoms - shared), 0..1
};

struct NucleiMatch {
  std::size_t truth = 0; ///< number of nuclei
  std::size_t model = 0;
  std::vector<NucleusPair> pairs; ///< one-to-one, largest overlap first
};

/// Match nuclei one to one by the atoms they share (through the matching of atoms), from the largest overlap
/// down to `min_overlap` (two nuclei of one size that share half of their atoms overlap by a third).
///
/// \param truth_labels, model_labels  nucleus of each atom: a whole number >= 0, negative for none.
/// \throws DataError if a label is not a whole number or the lengths do not fit the matching.
[[nodiscard]] NucleiMatch match_nuclei(const std::vector<double>& truth_labels,
                                       const std::vector<double>& model_labels, const MatchResult& match,
                                       double min_overlap);

} // namespace aet::validation
