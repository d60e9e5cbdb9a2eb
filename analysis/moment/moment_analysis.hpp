// Everything the report says about the order of one set of atoms; the same for truth and for recovered atoms.
#pragma once

#include "analysis/gradient/opg_fit.hpp"
#include "analysis/gradient/opg_nucleus.hpp"
#include "analysis/nuclei/chance.hpp"
#include "analysis/nuclei/dynamics.hpp"
#include "analysis/nuclei/nuclei.hpp"
#include "analysis/nuclei/surface_sites.hpp"
#include "analysis/order/bond_order.hpp"
#include "analysis/order/crystal_rules.hpp"
#include "analysis/structure/radial_distribution.hpp"
#include "analysis/structure/voronoi.hpp"
#include "sim/core/atoms.hpp"
#include "sim/core/parallel.hpp"

#include <map>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace aet::analysis {

/// A number, or the reason why there is none.
struct Quantity {
  std::optional<double> value;
  std::string reason;
};

enum class NeighbourRule {
  cutoff,  ///< nearer than the cut-off
  nearest, ///< a fixed number
  voronoi  ///< behind faces of the Voronoi cell, weighted with their areas (doi:10.1063/1.4774084)
};

enum class CutoffRule {
  published,    ///< 3.8 A for Pt (Zhou et al. 2019); for everything else first_minimum
  first_minimum ///< first minimum of g(r)
};

struct AnalysisOptions {
  std::optional<double> neighbour_cutoff_a{}; ///< > 0 [angstrom]; not set: by the rule
  CutoffRule cutoff_rule =
      CutoffRule::published;                  ///< analyses of several moments use that of the first in all
  RadialOptions radial{};                     ///< r_max is cut to half the box in a periodic cell
  NeighbourRule rule = NeighbourRule::cutoff; ///< of the bonds; sites always go by the cut-off
  int nearest = 12;                           ///< >= 1, < atoms: of NeighbourRule::nearest
  int min_neighbours = 6;                     ///< >= 1: atoms with fewer are flagged
  std::vector<int> degrees{4,
                           6}; ///< each 0 .. 12, in any order: columns qL of the averaged Q_l; 4 and 6 always
  bool own_shell = false;      ///< also the Q_l of the atom's own shell: columns qL_own
  bool third_order = false;    ///< also the averaged W_l: columns wL
  bool structure = false;  ///< also columns structure (0 none, 1 fcc, 2 hcp, 3 bcc, 4 sc) and surface (0: all
                           ///< its neighbours are below the surface; 1: not all; 2: it lies at the surface)
  bool rules = false;      ///< also MomentAnalysis::rules
  bool directions = false; ///< also profiles along <100>, <110>, <111> of the nucleus' own lattice
  double direction_half_angle_rad = 0.3; ///< 0 .. 1.6: of the cones around those
  VoronoiOptions voronoi{};
  NucleiOptions nuclei = nuclei_joined();
  double surface_site_depth_a =
      3.87; ///< >= 0: a core at most this far from the surface is a surface site (Zhou et al. 2019)
  double profile_shell_a =
      0.5; ///< > 0: width of the shells of radial profiles; with 1 A the bend of the profile inside
           ///< a shell already biases the fit of a 9 A nucleus by a tenth of its error
  double profile_beyond_a = 4.0; ///< >= 0: profiles reach this far beyond the farthest member
  ProfileFitOptions profile_fit{};
  NucleationEnergies
      nucleation{}; ///< of the barriers; 1 and 1: in units of gamma / delta_g and gamma^3 / delta_g^2
  double histogram_step = 0.02; ///< > 0: bins of the histogram of alpha, from 0 to beyond its maximum
};

enum class Site { surface, subsurface };

/// The profile of a nucleus along one family of directions.
struct DirectionalProfile {
  std::string family; ///< "100", "110", "111"
  std::vector<ProfilePoint> profile;
  ProfileFitResult opg;
};

/// One nucleus with all that is said about it.
struct NucleusReport {
  Nucleus nucleus;
  double effective_atoms_sd = 0.0; ///< standard error of the effective number of atoms, from those of the
                                   ///< order parameter; atoms within one averaging share theirs
  std::optional<int> phase;        ///< of chemical order: number of the phase
  std::optional<double> chance;    ///< probability that chance makes one as large somewhere; none: not asked
  Quantity effective_surface_a2;   ///< sum over members of |gradient of alpha| x Voronoi volume [A^2]
  Quantity sphericity;
  Quantity depth_a;                     ///< mean distance of the core atoms from the surface atoms [angstrom]
  std::optional<Site> site;             ///< none where there is no surface
  std::optional<SurfaceSite> site_kind; ///< facet, edge or corner exactly where the site is Site::surface;
                                        ///< none where there is no surface
  std::vector<ProfilePoint> profile;
  ProfileFitResult opg;
  std::optional<NucleusBarrier> barrier;      ///< where there is a fit
  std::vector<DirectionalProfile> directions; ///< if asked for
  std::string directions_reason;              ///< why there are none, though asked for
};

struct MomentAnalysis {
  std::string name;
  core::Atoms atoms; ///< as given (of several frames, see mean_on_sites()), with the columns q4, q6, alpha,
                     ///< alpha_sd, neighbours, nucleus (-1: none), voronoi_volume [A^3] (-1: the cell is
                     ///< open), and those asked for
  std::size_t frames = 1;      ///< that the order is the mean over
  std::size_t moved_atoms = 0; ///< kept no site over the frames
  double neighbour_cutoff_a = 0.0;
  Quantity first_peak_a;
  double mean_neighbours = 0.0;
  double q4_mean = 0.0;
  double q6_mean = 0.0;
  double alpha_mean = 0.0;
  double crystalline_threshold = 0.0; ///< the threshold of the nuclei
  double crystalline_fraction = 0.0;  ///< part of atoms with alpha at or above it
  std::size_t flagged_atoms = 0;      ///< with fewer than min_neighbours neighbours
  std::vector<std::uint8_t> flagged;  ///< 1 for those atoms
  Quantity voronoi_volume_mean_a3;    ///< over atoms that are not at the surface
  RadialDistribution g_r;
  std::string g_r_reason; ///< why g_r is empty
  std::vector<double> histogram_edges;
  std::vector<std::size_t> histogram_counts;
  std::map<std::string, std::size_t> structures; ///< atoms of each, if asked for
  std::vector<NucleusReport> nuclei;
  std::vector<CrystalRuleResult> rules; ///< how the crystalline part depends on its rule, if asked for
  std::optional<ChanceNuclei> chance; ///< what the same rule finds where there are no nuclei; none: not asked
};

/// Neighbours, bond order, Voronoi cells, nuclei with their shape, site and OPG profile.
///
/// Profiles hold the members of the nucleus and the atoms of no nucleus around its core (those of other
/// nuclei and flagged atoms are left out), so they fall towards the matrix, not towards the next nucleus.
/// Surface members have no closed Voronoi cell: the mean volume of atoms below the surface stands for it.
///
/// \param atoms >= 2, finite.
/// \throws DataError for bad atoms or if no neighbour cut-off can be found; ConfigError for options out of
///   range. The same to the last bit for any number of threads; in another order of atoms, the same numbers.
[[nodiscard]] MomentAnalysis analyze_moment(const core::Atoms& atoms, const AnalysisOptions& options = {},
                                            core::Threads threads = {}, const std::string& name = "t000");

/// Neighbours for lattice_sites(): within the cut-off, but not farther than halfway from the first peak of
/// g(r) to the second shell of fcc.
[[nodiscard]] core::NeighbourList lattice_shell(const MomentAnalysis& moment, core::Threads threads = {});

/// The same from several frames around one moment: the order parameter is the mean of those of the frames, as
/// bonds are made and broken in each; positions are averaged for atoms that keep their sites. The cut-off, if
/// not given, is that of the first frame.
/// \param frames >= 1, of the same atoms.
[[nodiscard]] MomentAnalysis analyze_frames(std::span<const core::Atoms> frames,
                                            const AnalysisOptions& options = {}, core::Threads threads = {},
                                            const std::string& name = "t000");

/// What the comparison of times needs of an analysed moment.
/// \param most_chance nuclei that chance makes with a higher probability take no part.
[[nodiscard]] NucleiSnapshot snapshot(const MomentAnalysis& moment, double most_chance = max_chance);

/// Common nuclei and events over analysed moments, in the order of time.
[[nodiscard]] Dynamics analyze_dynamics(const std::vector<MomentAnalysis>& moments,
                                        const DynamicsOptions& options = {}, core::Threads threads = {});

} // namespace aet::analysis
