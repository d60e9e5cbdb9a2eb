// Atoms from a reconstructed volume.
#pragma once

#include "recon/atoms/local_maxima.hpp"
#include "recon/atoms/peak_selection.hpp"
#include "recon/atoms/polynomial_fit.hpp"
#include "sim/core/atoms.hpp"
#include "sim/core/grid.hpp"
#include "sim/core/parallel.hpp"
#include "sim/core/progress.hpp"

#include <array>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace aet::recon {

/// How peaks that are no atoms are told apart.
enum class NonAtomRule {
  automatic, ///< split_non_atoms: one species
  fixed,     ///< below `fixed_threshold` times the typical strong intensity
  none       ///< every peak is an atom
};

/// How a peak's place is found.
enum class PeakMethod {
  polynomial, ///< quartic on the upsampled volume (Zhou et al. 2019, step ii)
  gaussian    ///< 3D Gaussian in 5 x 5 x 5 voxels (Yang et al. 2017, step i)
};

struct TraceOptions {
  int element = 0;    ///< atomic number given to every atom, 1..118; there is no default
  int upsampling = 3; ///< grid points a voxel edge, 1..6
  Neighbourhood neighbourhood = Neighbourhood::cube_26;
  double min_relative_height = 0.05; ///< weakest peak looked at, in units of the typical strong peak, [0, 1)
  PeakMethod method = PeakMethod::polynomial;
  PeakFitOptions fit;     ///< of the polynomial; its drift and step limits apply to both methods
  int residual_looks = 0; ///< times the atoms found are subtracted and the rest is searched, 0..5
  /// Between two atoms [angstrom], (0, 20]. Two neighbours 2.35 apart, each off by a quarter, are nearer than
  /// the published 2.0 (Yang et al. 2017, with 1.6 as the check).
  double min_distance_a = 1.6;
  double second_min_distance_a = 0.0; ///< trace_species: of a second pass that checks the first [angstrom],
                                      ///< 0: none, else below min_distance_a; Yang et al. 2017 1.6
  NonAtomRule non_atoms = NonAtomRule::automatic;
  double fixed_threshold = 0.3; ///< for NonAtomRule::fixed, (0, 1)
};

/// \throws ConfigError naming the option out of range.
void check(const TraceOptions& options);

/// What became of a peak; all but `atom` are reasons for rejection.
enum class Fate {
  atom,
  no_maximum,    ///< the fitted polynomial has no maximum there
  drifted,       ///< the fit left the peak it started from
  not_converged, ///< the fit did not settle
  at_edge,       ///< the fitted sphere leaves the volume
  too_close,     ///< nearer than the minimum distance to a stronger atom
  non_atom       ///< weaker than the non-atom threshold
};
inline constexpr std::size_t fate_count = 7;

/// "atom", "no_maximum", ...: names for files and reports.
[[nodiscard]] std::string_view fate_name(Fate fate);

struct Peak {
  core::Vec3 position = core::Vec3::Zero(); ///< [angstrom], specimen axes; where the fit ended
  double height = 0.0;                      ///< of the maximum on the upsampled grid [volume units]
  double intensity = 0.0; ///< integral in the fitted sphere [volume units x voxels]; 0 if not fitted
  Fate fate = Fate::atom;
  bool in_residual = false; ///< found after the stronger atoms were subtracted
  int blocker = -1;         ///< for too_close: index of the stronger peak in TraceResult::peaks
};

/// Counts and thresholds of one trace.
struct TraceSummary {
  std::size_t maxima = 0;                      ///< local maxima above zero
  std::size_t candidates = 0;                  ///< of these, above the height threshold
  std::array<std::size_t, fate_count> fates{}; ///< number of candidates with each fate
  double height_level = 0.0;                   ///< typical strong height [volume units]
  double height_threshold = 0.0;               ///< [volume units]
  double intensity_level = 0.0;                ///< typical strong intensity
  double intensity_threshold = 0.0;            ///< peaks below are non-atoms; 0: none was set
  double valley_significance = 0.0;            ///< standard deviations; 0 where no valley was found
  std::string non_atom_rule;                   ///< "valley", "gap", "mixture", "fixed" or "none"
  double noise_above = 0.0;            ///< by "mixture": expected peaks of noise among the atoms, else 0
  double atoms_below = 0.0;            ///< the same of atoms among the non-atoms
  std::size_t residual_candidates = 0; ///< peaks fitted in what was left, all looks together
  std::size_t residual_atoms = 0;      ///< of these, atoms
  double median_iterations = 0.0;      ///< of the peak fits

  [[nodiscard]] std::size_t count(Fate fate) const { return fates[static_cast<std::size_t>(fate)]; }
};

/// All numbers of a summary by name, in a fixed order, for files and reports.
[[nodiscard]] std::vector<std::pair<std::string, double>> named_numbers(const TraceSummary& summary);

struct TraceResult {
  core::Atoms atoms;              ///< strongest first; columns "intensity" and "height"
  std::vector<Peak> peaks;        ///< every candidate with its fate, strongest first
  std::vector<std::string> notes; ///< sentences for the report: how sure the division from noise is
  TraceSummary summary;
};

/// Trace the atoms of a volume: upsample by cubic splines, take the local maxima from the strongest down, fit
/// each by a quartic (or a Gaussian), keep those that stay `min_distance_a` from every stronger one and stand
/// out from the non-atoms. With `residual_looks`, the atoms found are subtracted as Gaussians and what is
/// left is searched again with the same thresholds: weak atoms that a strong neighbour hides.
///
/// \param volume   at least 8 voxels a side, finite, background near zero, atoms bright; origin at voxel n/2.
/// \param progress called on the calling thread while peaks are fitted.
/// \return         positions [angstrom, specimen axes].
/// \throws ConfigError for an option out of range; DataError if the volume is empty or too small, holds NaN
///   or infinity, has one value everywhere, has nothing above zero, or is saturated (its peaks cut off flat).
///
/// The same result for any number of threads. Memory: two floats a voxel. Cost: about 160 operations a voxel,
/// then some 20,000 an iteration and candidate.
///
/// Source: Zhou et al. 2019 Methods, "Determination of 3D atomic coordinates and species" (Zhou et al.,
/// Nature 570, 500 (2019), doi:10.1038/s41586-019-1317-x), steps i-iii without the manual corrections.
[[nodiscard]] TraceResult trace_atoms(const core::Volume& volume, const TraceOptions& options,
                                      core::Threads threads, const core::ProgressSink& progress = {});

} // namespace aet::recon
