// Which peaks are atoms, and of which species: from the volume alone.
#pragma once

#include "recon/atoms/gaussian_mixture.hpp"
#include "recon/atoms/l1_classes.hpp"
#include "sim/core/atoms.hpp"
#include "sim/core/grid.hpp"
#include "sim/core/parallel.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace aet::recon {

/// How peaks that are no atoms are found.
enum class NonAtomMethod {
  automatic,      ///< the valley below the dimmest species (split_non_atoms)
  three_class_l1, ///< Yang et al. 2017, steps ii and iii: the lowest peaks as a class of their own, then the
                  ///< less aggressive second look
  k_means_l1,     ///< the later scripts: k-means of the intensity, then an L1 test of each doubtful peak
  none            ///< every peak is an atom
};

/// "automatic", "three_class_l1", "k_means_l1", "none": names for files and the command line.
[[nodiscard]] std::string_view non_atom_method_name(NonAtomMethod method);
/// \throws ConfigError listing the names.
[[nodiscard]] NonAtomMethod non_atom_method_from_name(std::string_view name);

/// Options of the classification.
struct ClassifyOptions {
  std::vector<int> elements; ///< 1 to 6 different atomic numbers, in any order; there is no default
  NonAtomMethod non_atoms = NonAtomMethod::automatic;
  int box_half_voxels = 2; ///< of the compared boxes, 1..8; Yang et al. 2017: 2, a box of 5 x 5 x 5
  double radius_a = 0.8;   ///< of the integrated intensity [angstrom], (0, 5]
  double lowest_fraction =
      0.006; ///< Yang et al. 2017: share of the peaks that make the mean non-atom, (0, 0.5]
  double local_radius_a = 6.76;         ///< of the local re-classification [angstrom], 0 (off) or [3, 50]
  double missing_wedge_deg = 0.0;       ///< half angle left out around the beam, [0, 80]; 0: no treatment
  int least_bonds = 3;                  ///< a doubtful atom with fewer sure neighbours is none; 0..12, 0: off
  double borderline_probability = 0.95; ///< atoms less sure than this are listed, (0.5, 1]
};

/// \throws ConfigError naming the option out of range.
void check(const ClassifyOptions& options);

/// The steps, each with what it did: the manual corrections of the papers are here stated rules with counts.
struct ClassifySummary {
  std::size_t peaks = 0;
  std::size_t non_atoms = 0;       ///< in the end
  std::size_t non_atoms_first = 0; ///< three_class_l1 and k_means_l1: before the second look
  std::size_t rescued = 0;         ///< of these, taken back: nearer to the dimmest species than to a flat box
  std::string non_atom_rule;       ///< the method; for automatic followed by the rule that decided
  double non_atom_threshold = 0.0; ///< automatic: integrated intensity below which peaks are non-atoms
  int unbiased_rounds = 0;
  bool unbiased_settled = true;
  std::size_t start_dependent = 0; ///< atoms that end in another class if the first thresholds are 20 % lower
                                   ///< or higher: 0 means unbiased
  std::size_t wedge_peaks = 0;     ///< atoms in the directions the tilts left out
  double wedge_ratio = 1.0;        ///< their mean intensity relative to the others of their species
  bool wedge_treated = false;      ///< they were classified among themselves
  std::size_t wedge_changed = 0;
  int local_rounds = 0;
  bool local_settled = true; ///< false: ended in a cycle or at the largest number of rounds
  std::size_t local_changed = 0;
  std::size_t mixture_changed = 0;      ///< moved to the side of the crossing point they lie on
  std::size_t unbonded = 0;             ///< doubtful atoms given up for want of neighbours
  std::vector<std::size_t> per_species; ///< atoms by rising atomic number
  std::vector<double> mean_intensity;   ///< of each species, locally corrected
  std::vector<double> crossing_points;  ///< between neighbouring species [corrected intensity]
  GaussianMixture mixture;              ///< of the corrected intensities of the atoms
  double expected_wrong = 0.0;          ///< sum over the atoms of 1 - probability
  std::vector<std::size_t> borderline;  ///< indices of atoms less sure than borderline_probability, rising
};

/// All single numbers of a summary by name, in a fixed order, for files and reports.
[[nodiscard]] std::vector<std::pair<std::string, double>> named_numbers(const ClassifySummary& summary);

struct Classification {
  std::vector<int> elements;       ///< atomic numbers, rising: species s is elements[s]
  std::vector<int> species;        ///< a peak: label_non_atom, or index into elements
  std::vector<double> probability; ///< that the class given is right; non-atoms: that it is none
  std::vector<double> intensity;   ///< integrated within radius_a [volume units x voxels]
  std::vector<double> corrected;   ///< the same, divided by the local gain of the volume
  ClassifySummary summary;
};

/// Sort peaks into non-atoms and species, blindly: species by order of atomic number to order of intensity.
///
/// Steps: (1) non-atoms by the method named; (2) unbiased L1 iteration of the species from thresholds at the
/// geometric means of the expected levels (Z^1.7, annular dark field) to no change; (3) atoms in the missing
/// wedge among themselves, where they are weaker than the others by over four standard errors and 3 %; (4)
/// local re-classification; (5) intensities divided by the local gain, their Gaussian mixture, its crossing
/// points, and each atom on its side of them: probabilities; (6) atoms less sure than borderline_probability
/// to be atoms at all, without neighbours at bonding distance, become non-atoms. One element: only steps 1, 5
/// and 6.
///
/// A species that is not there stays empty; if the brightest is not there, the next takes its name: the
/// volume has no absolute scale.
/// \param volume    as for trace_atoms.
/// \param positions peaks [angstrom, specimen axes], at least 2.
/// \throws ConfigError for options; DataError for too few peaks, a peak outside the volume, or a voxel size
///   that is not positive. The same result for any number of threads.
[[nodiscard]] Classification classify_peaks(const core::Volume& volume,
                                            const std::vector<core::Vec3>& positions,
                                            const ClassifyOptions& options, core::Threads threads);

/// The same on a spline that exists already.
[[nodiscard]] Classification classify_peaks(const SplineVolume& spline, double voxel_size,
                                            const std::vector<core::Vec3>& positions,
                                            const ClassifyOptions& options, core::Threads threads);

/// The atoms among the peaks, with columns "probability", "intensity" and "corrected_intensity", in order.
[[nodiscard]] core::Atoms classified_atoms(const std::vector<core::Vec3>& positions,
                                           const Classification& classes);

} // namespace aet::recon
