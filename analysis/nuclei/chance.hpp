// What chance makes: nuclei found by the same rule where there are none.
#pragma once

#include "analysis/nuclei/nuclei.hpp"
#include "analysis/nuclei/surface_sites.hpp"
#include "analysis/structure/voronoi.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace aet::analysis {

struct ChanceNucleus {
  std::size_t atoms = 0; ///< members
  double effective_atoms = 0.0;
  std::optional<SurfaceSite> site; ///< none where there is no surface
  std::optional<double> core_rank; ///< 0 .. 1, see core_rank(); none where there is no surface
};

/// Nuclei of several realizations of matter without nuclei.
struct ChanceNuclei {
  std::string how;      ///< how such matter was made
  int realizations = 0; ///< >= 1
  int min_atoms = 1;    ///< of the rule; nuclei of down to half of it are kept, to tell the tail from
  std::vector<ChanceNucleus> nuclei; ///< of all realizations, by falling effective number of atoms

  /// Mean number of nuclei of at least min_atoms.
  [[nodiscard]] double expected() const;
  /// Mean number of nuclei at least as large. Beyond the tenth largest the tail is taken as exponential, with
  /// the mean excess of the largest ten, or of all if they are fewer (Pickands, Ann. Stat. 3, 119 (1975),
  /// doi:10.1214/aos/1176343003, for a tail index of 0); with fewer than three, as if one more had been as
  /// large.
  [[nodiscard]] double expected_as_large(double effective_atoms) const;
  /// Probability that chance makes at least one nucleus as large, anywhere: 1 - exp(-expected_as_large).
  [[nodiscard]] double probability(double effective_atoms) const;
  /// Part of its nuclei that lie near the surface; none if it has no nuclei with a known site.
  [[nodiscard]] std::optional<double> surface_share() const;
  /// Mean and standard deviation of the core ranks of one nucleus; none if there is none.
  struct Spread {
    double mean = 0.0;
    double sd = 0.0;
  };
  [[nodiscard]] std::optional<Spread> core_rank() const;
};

/// Half of the fewest atoms of a nucleus: what ChanceNuclei keeps.
[[nodiscard]] NucleiOptions rule_of_chance(NucleiOptions rule);

/// What is said of a nucleus of chance.
/// \param shell first shell of the atoms.
[[nodiscard]] ChanceNucleus chance_nucleus(const Nucleus& nucleus, const core::Atoms& atoms,
                                           const core::NeighbourList& shell, const SurfaceOfAtoms& surface,
                                           double surface_site_depth_a);

/// Puts the nuclei in their order.
void sort_by_size(ChanceNuclei& chance);

struct ChanceOptions {
  int realizations = 0; ///< 0: as many as 40,000 atoms allow, 4 .. 20; of chemical order 50
  std::uint64_t seed = 1;
};

/// Nuclei that chance makes with a higher probability than this are not told from chance.
inline constexpr double max_chance = 0.05;

/// Part of all atoms that lie nearer to the centre of the particle than a point does: 0.5 on average for
/// places spread like atoms, 1 at the surface.
[[nodiscard]] double core_rank(const std::vector<core::Vec3>& positions, const core::Vec3& point);

} // namespace aet::analysis
