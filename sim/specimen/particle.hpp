// Particles made to measure: lattice, shape, size, chemical order, grains, planted nuclei, defects - and
// columns that say what is where, so that an analysis can be scored.
#pragma once

#include "sim/core/atoms.hpp"
#include "sim/specimen/lattice.hpp"
#include "sim/specimen/random_packing.hpp"
#include "sim/specimen/shape.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace aet::specimen {

/// One grain. Lengths and positions are in the crystal axes, origin at the centre of the shape.
struct GrainOptions {
  Phase phase = Phase::a1;
  int axis = 2;                          ///< c axis of L1_0: 0, 1, 2
  int variant = 0;                       ///< translation variant, 0..variants_of(phase)-1
  std::vector<double> composition;       ///< as ParticleOptions::composition; empty: that one
  std::optional<double> order_parameter; ///< Bragg-Williams S, 0..1; default: the most the composition allows
  double antisite_fraction = 0.0;        ///< 0..0.5; not together with order_parameter
  std::optional<core::Mat3>
      rotation;                     ///< of the grain's own lattice about the centre; none: the shared lattice
  std::optional<core::Vec3> seed_a; ///< of its Voronoi cell [angstrom]; none: random inside the particle
};

/// A region of chemical order that fades away: S(r) = order_parameter exp(-(r / length_a)^exponent), the form
/// of the order parameter gradient of nuclei (Zhou et al., Nature 570, 500 (2019)).
struct OrderedNucleus {
  Phase phase = Phase::l1_0; ///< not A1
  int axis = 2;              ///< 0..2
  int variant = 0;
  core::Vec3 centre_a = core::Vec3::Zero(); ///< crystal axes [angstrom]
  double order_parameter = 1.0;             ///< at the centre, 0..1
  double length_a = 8.0;                    ///< 0.1..1000 [angstrom]
  double exponent = 2.0;                    ///< 0.1..20; large: a sharp edge
};

/// A crystalline core in liquid-like surroundings.
struct MatrixOptions {
  double core_radius_a = 8.0;                    ///< of the crystal, >= 0 [angstrom]
  core::Vec3 core_centre_a = core::Vec3::Zero(); ///< [angstrom]
  double density_per_a3 = 0.058;    ///< atoms outside the core, 0.001..0.5 (liquid Pt at 2041 K: 0.058)
  PackingOptions packing;           ///< its seed is not used; min_distance_a holds to the core as well
  std::optional<core::Atoms> atoms; ///< taken instead of a random packing; centred first
};

struct ParticleOptions {
  Lattice lattice = Lattice::fcc;
  double lattice_constant_a = 3.92; ///< 1..20 [angstrom]
  std::optional<double> c_over_a;   ///< 0.5..2; default ideal_c_over_a
  int unique_axis = 2;              ///< of c_over_a, 0..2; L1_0 grains of a stretched lattice must share it

  std::vector<int> elements{78};   ///< A, B, ...: 1 to 8 different ones
  std::vector<double> composition; ///< part of each, sum 1; empty: that of the phase, equal parts in A1

  std::vector<FacetFamily> facets; ///< empty: sphere
  std::optional<double>
      radius_a;             ///< of the sphere, or of the largest sphere inside the facets, 1..1000 [angstrom]
  std::optional<int> atoms; ///< exactly, 1..10 million; give this or radius_a
  core::Vec3 centre_cells =
      core::Vec3::Zero(); ///< centre of the shape in fractions of the cell; 0: on an atom

  std::vector<GrainOptions> grains{GrainOptions{}};
  std::vector<OrderedNucleus>
      nuclei;                ///< in one A1 grain of two elements; at each site the one with most order counts
  bool exact_nuclei = false; ///< true: nuclei have their order in every shell of 1 A and sublattice up to
                             ///< rounding; false: in expectation
  std::optional<MatrixOptions> matrix;

  double vacancy_fraction = 0.0; ///< of the lattice sites, 0..0.2; only sites with all neighbours are emptied
  core::Mat3 strain = core::Mat3::Zero();          ///< symmetric, |e| <= 0.2, crystal axes: r' = (1 + e) r
  core::Mat3 orientation = core::Mat3::Identity(); ///< crystal axes to specimen axes, r' = R r
  std::vector<double> u_rms_a; ///< per axis, of each element, 0..0.5 [angstrom]; empty: no column u_rms
  double static_displacement_a = 0.0; ///< rms per axis of a frozen random displacement, 0..0.5 [angstrom]
  std::uint64_t seed = 1;
};

/// \throws core::ConfigError naming the option, the value, what is allowed.
void validate(const ParticleOptions& options);

/// What was built, grain by grain or planted nucleus by planted nucleus.
struct RegionSummary {
  std::string name;      ///< "grain 0", "nucleus 0", "matrix"
  std::string phase;     ///< phase_name(), or "amorphous"
  std::size_t atoms = 0; ///< of a nucleus: where its order is at least half of that at its centre
  double fraction_a = 0.0;
  std::optional<double> order_parameter; ///< measured on these atoms
};

struct Particle {
  /// Centred on the origin (mean of positions), no cell. Columns: "grain" (number, -1 matrix), "phase" (0 A1
  /// or an element, 1 L1_0, 2 L1_2 A3B, 3 L1_2 AB3, 4 amorphous), "sublattice" (0 site of A, 1 of B, -1
  /// none), "ordered" (1: an atom on its own sublattice, 0 otherwise), "planted" (nucleus, -1 none),
  /// "order_wanted" (S asked for at the site), and "u_rms" if asked for.
  core::Atoms atoms;
  double size_a = 0.0;     ///< radius of the (inscribed) sphere of the body that holds all sites
  std::size_t trimmed = 0; ///< atoms taken off the smallest complete body to reach the count
  std::size_t vacancies = 0;
  double minimum_distance_a = 0.0;
  std::vector<RegionSummary> regions;
};

/// Build a particle. Equal options give equal atoms.
///
/// Size by count: the smallest body of the shape with enough lattice sites is taken; then, one after the
/// other, the atom with the fewest neighbours goes (of equals the one farthest out in units of the shape,
/// then one at random) until the number is right. Where grains of different lattices meet, an atom closer
/// than 0.75 of the nearest-neighbour distance to one of a grain with a lower number is left out.
/// \throws core::ConfigError as validate(), and for order that the composition does not allow;
///   core::DataError if atoms come closer than 0.6 of the nearest-neighbour distance, a given matrix has too
///   few atoms or other elements; core::NumericsError as random_packing().
[[nodiscard]] Particle build_particle(const ParticleOptions& options);

/// Rotation that brings the crystal direction `zone` along the beam (+z) and, as far as it can, `up` along
/// +y.
/// \throws core::ConfigError if a direction is zero or both are parallel.
[[nodiscard]] core::Mat3 zone_axis_orientation(const UnitCell& cell, const core::Vec3& zone,
                                               const core::Vec3& up);

} // namespace aet::specimen
