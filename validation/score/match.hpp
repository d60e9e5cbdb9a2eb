// Which atom of a model is which atom of the truth.
#pragma once

#include "sim/core/atoms.hpp"
#include "validation/score/transform.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace aet::validation {

/// What may be fitted to bring the model onto the truth.
enum class Alignment { none, translation, rigid, affine };

struct MatchOptions {
  std::optional<double> cutoff_a; ///< largest distance of a pair [angstrom], (0, 20]; default half the
                                  ///< truth's median nearest-neighbour distance
  Alignment alignment = Alignment::rigid;
  bool any_rotation =
      false; ///< search all rotations; otherwise the model is taken to be turned by a few degrees at most
  int max_iterations = 50; ///< of matching and fitting, 1..1000
};

/// \throws ConfigError naming the option out of range.
void check(const MatchOptions& options);

/// A truth atom and the model atom it was recovered as.
struct MatchPair {
  std::size_t truth = 0;
  std::size_t model = 0;
  core::Vec3 error = core::Vec3::Zero(); ///< aligned model minus truth [angstrom]
};

struct MatchResult {
  double cutoff_a = 0.0;
  std::size_t truth_atoms = 0;
  std::size_t model_atoms = 0;
  Transform transform;             ///< axes of the model -> axes of the truth
  std::vector<MatchPair> pairs;    ///< by rising truth index; no atom occurs twice
  std::vector<std::size_t> missed; ///< truth atoms without a partner
  std::vector<std::size_t> extra;  ///< model atoms without a partner
  int iterations = 0;
  bool settled = true; ///< false if the pairs still changed at max_iterations

  [[nodiscard]] double recall() const;    ///< pairs / truth atoms
  [[nodiscard]] double precision() const; ///< pairs / model atoms; 0 without model atoms
  [[nodiscard]] double rmsd_a() const;    ///< root of the mean squared error [angstrom]; 0 without pairs
};

/// Match a model with the truth one to one: mutual nearest neighbours within the cutoff, the model aligned by
/// the best transform of its matched atoms, both repeated until the pairs stay.
///
/// Starts: the model as it is, and shifted onto the truth's centroid; where neither recovers 90 % of the
/// atoms, also from the innermost atoms outwards, which corrects turns of several degrees. With
/// `any_rotation`, from some 30,000 rotations spread evenly (steps of about 8 degrees), of which the best for
/// the innermost atoms are followed. The most pairs win, then the lowest RMSD.
/// \throws ConfigError for options out of range; DataError for an empty truth, coordinates that are not
///   finite, or a truth of one atom without a cutoff.
[[nodiscard]] MatchResult match_atoms(const core::Atoms& truth, const core::Atoms& model,
                                      const MatchOptions& options = {});

/// Is the model the truth's mirror image?
struct MirrorTest {
  bool mirrored = false;
  std::optional<double> recall; ///< of the best mirror image of the model; none if not tried
  std::string mirror;           ///< "x", "y", "z" (that axis reversed) or "inversion"
  std::string reason;           ///< one sentence
};

/// Match the model reflected in x, in y, in z and through its centroid, if it recovers less than 90 % as it
/// is. It is mirrored if a reflection recovers at least 0.2 more of the truth.
[[nodiscard]] MirrorTest mirror_test(const core::Atoms& truth, const core::Atoms& model,
                                     const MatchResult& match, const MatchOptions& options = {});

/// What recall a wrong model of the same density would have.
struct ChanceLevel {
  double recall = 0.0;    ///< mean over the rotations
  double recall_sd = 0.0; ///< standard deviation between rotations; 0 for one
  int rotations = 0;
};

/// Turn the aligned model at random about the truth's centroid and match again, without aligning.
/// \param rotations 1..1000.
/// \throws ConfigError otherwise.
[[nodiscard]] ChanceLevel chance_level(const core::Atoms& truth, const core::Atoms& model,
                                       const MatchResult& match, int rotations, std::uint64_t seed);

/// Recall, precision and RMSD as they would be with another cutoff and the same alignment.
struct CutoffPoint {
  double cutoff_a = 0.0;
  double recall = 0.0;
  double precision = 0.0;
  std::optional<double> rmsd_a; ///< none without pairs
};

/// \param cutoffs_a positive, finite.
[[nodiscard]] std::vector<CutoffPoint> cutoff_curve(const core::Atoms& truth, const core::Atoms& model,
                                                    const MatchResult& match,
                                                    std::span<const double> cutoffs_a);

} // namespace aet::validation
