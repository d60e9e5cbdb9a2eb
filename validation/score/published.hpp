// The scores of the papers and their scripts, by name, so that their numbers can be compared with ours.
#pragma once

#include "sim/core/atoms.hpp"
#include "validation/score/match.hpp"

#include <cstddef>
#include <optional>
#include <vector>

namespace aet::validation {

/// FePt 2017 (Yang et al., Nature 542, 75 (2017), doi:10.1038/nature21042, "Multislice STEM
/// simulations").
struct ScoreYang2017 {
  double cutoff_a = 1.4;          ///< radius of the Fe atom
  std::size_t common = 0;         ///< pairs within the cutoff, one to one, after our rigid alignment
  std::size_t common_species = 0; ///< of these, of the right species
  double identified = 0.0;        ///< common_species / truth atoms (the paper's 99.0 %)
  std::optional<double> rmsd_a;   ///< root mean square deviation of the common pairs [angstrom]
};
[[nodiscard]] ScoreYang2017 score_yang2017(const core::Atoms& truth, const core::Atoms& model,
                                           const MatchResult& match, double cutoff_a = 1.4);

/// FePt 4D-AET 2019 (Zhou et al., Nature 570, 500 (2019), doi:10.1038/s41586-019-1317-x, Extended
/// Data Fig. 1): two measurements of one particle compared, after an affine correction.
struct ScoreZhou2019 {
  double cutoff_a = 1.4;
  std::size_t common = 0;                 ///< pairs within the cutoff and of one species
  double consistency = 0.0;               ///< 2 common / (atoms of both models)
  std::optional<double> mean_deviation_a; ///< of the common pairs [angstrom]
  std::optional<double> precision_a; ///< mean deviation / sqrt(2): what one of two equal measurements has
};
[[nodiscard]] ScoreZhou2019 score_zhou2019(const core::Atoms& truth, const core::Atoms& model,
                                           const MatchResult& match, double cutoff_a = 1.4);

/// The scripts published with Yang et al., Nature 592, 60 (2021), and with papers to 2026: each model atom
/// belongs to the nearest truth atom within the cutoff (several model atoms may claim one; the nearest has
/// it), the mean difference is taken off, nothing is turned, and the RMSD is the root of the summed variances
/// of the three components, with N - 1.
struct ScoreYang2021 {
  double cutoff_a = 1.5; ///< 1.5 A, in some scripts 1.0 or 0.9
  std::size_t matched = 0;
  double matched_fraction = 0.0; ///< matched / truth atoms
  std::optional<double> rmsd_a;  ///< [angstrom]; none for fewer than two pairs
  struct Species {
    int atomic_number = 0;
    std::size_t matched = 0; ///< model atoms of this species with truth atoms of this species
    double matched_fraction = 0.0;
    std::optional<double> rmsd_a;
  };
  std::vector<Species> by_species; ///< matched and translated within the species; by rising atomic number
};
[[nodiscard]] ScoreYang2021 score_yang2021(const core::Atoms& truth, const core::Atoms& model,
                                           double cutoff_a = 1.5);

} // namespace aet::validation
