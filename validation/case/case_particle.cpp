#include "validation/case/case_particle.hpp"

#include "sim/core/elements.hpp"
#include "sim/core/error.hpp"
#include "sim/core/io/text_lines.hpp"
#include "sim/core/orientation.hpp"
#include "sim/core/units.hpp"

#include <Eigen/Core>
#include <fmt/core.h>

#include <array>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

namespace aet::validation {

namespace {

using core::ConfigSection;
using core::Vec3;
using specimen::Phase;

constexpr std::array phases{Phase::a1, Phase::l1_0, Phase::l1_2_a3b, Phase::l1_2_ab3};
constexpr std::array lattices{specimen::Lattice::fcc, specimen::Lattice::bcc, specimen::Lattice::hcp,
                              specimen::Lattice::sc, specimen::Lattice::diamond};

Vec3 read_vector(const ConfigSection& s, const std::string& key, const Vec3& fallback, core::Range allowed,
                 const std::string& meaning) {
  const auto v = s.numbers(key, {fallback.x(), fallback.y(), fallback.z()}, allowed, meaning);
  if (v.size() != 3) s.fail(key, "three numbers are expected, such as [1, 1, 0]");
  return {v[0], v[1], v[2]};
}

Phase read_phase(const ConfigSection& s, Phase fallback) {
  std::vector<std::string> names;
  for (const Phase phase : phases)
    names.push_back(specimen::phase_name(phase));
  const std::string chosen =
      s.choice("phase", specimen::phase_name(fallback), names, "chemical order: none (A1), L1_0 or L1_2");
  std::size_t at = 0;
  while (names[at] != chosen)
    ++at;
  return phases.at(at);
}

specimen::Lattice read_lattice(const ConfigSection& s) {
  std::vector<std::string> names;
  for (const auto lattice : lattices)
    names.push_back(specimen::lattice_name(lattice));
  const std::string chosen = s.choice("lattice", "fcc", names, "of the crystal");
  std::size_t at = 0;
  while (names[at] != chosen)
    ++at;
  return lattices.at(at);
}

int read_axis(const ConfigSection& s, const std::string& key, const std::string& meaning) {
  return s.choice(key, "z", {"x", "y", "z"}, meaning).front() - 'x';
}

std::vector<int> read_particle_elements(const ConfigSection& s) {
  std::vector<int> elements;
  const std::string text = s.text("elements", "Pt", "of the particle, such as \"Fe Pt\"");
  try {
    for (const std::string_view word : core::split_words(text))
      elements.push_back(core::atomic_number(word));
  } catch (const core::DataError& e) {
    s.fail("elements", e.what());
  }
  if (elements.empty()) s.fail("elements", "symbols are expected, separated by blanks, such as \"Fe Pt\"");
  return elements;
}

void read_shape(const ConfigSection& s, specimen::ParticleOptions& o) {
  const std::string shape =
      s.choice("shape", "sphere", {"sphere", "cube", "truncated_octahedron", "wulff"}, "of the surface");
  if (shape == "cube") o.facets = specimen::cube();
  if (shape == "truncated_octahedron") {
    constexpr double regular = 1.1547005383792515; // 2 / sqrt(3)
    o.facets = specimen::truncated_octahedron(
        s.number("ratio_100_to_111", regular, {0.1, 10}, "surface energy of {100} over that of {111}"));
  }
  if (shape == "wulff") {
    const auto indices =
        s.numbers("facets_hkl", {1, 1, 1, 1, 0, 0}, {-9, 9}, "three indices for each family of facets");
    const auto energies = s.numbers("surface_energies", {1.0, 1.15}, {1e-6, 1000}, "one for each family");
    if (indices.empty() || indices.size() != 3 * energies.size()) {
      s.fail("facets_hkl",
             fmt::format("three indices for each of the {} surface_energies are expected, such as "
                         "[1, 1, 1,  1, 0, 0]",
                         energies.size()));
    }
    for (std::size_t i = 0; i < energies.size(); ++i) {
      specimen::FacetFamily family;
      family.surface_energy = energies[i];
      for (std::size_t k = 0; k < 3; ++k) {
        const double index = indices[3 * i + k];
        if (index != std::round(index)) s.fail("facets_hkl", "indices are whole numbers");
        family.hkl.at(k) = static_cast<int>(index);
      }
      o.facets.push_back(family);
    }
  }
  o.radius_a = s.optional_number("radius_a", {1, 1000}, "of the particle, instead of atoms");
  if (s.has("radius_a") && s.has("atoms")) s.fail("radius_a", "give either radius_a or atoms, not both");
  constexpr int default_atoms = 586; // a regular truncated octahedron
  if (!o.radius_a) o.atoms = static_cast<int>(s.integer("atoms", default_atoms, {1, 1e7}, "number of atoms"));
  o.centre_cells = read_vector(s, "centre_cells", Vec3::Zero(), {-10, 10},
                               "where the centre lies in the unit cell, in cells");
}

void read_orientation(const ConfigSection& s, specimen::ParticleOptions& o) {
  if (s.has("zone_axis") && s.has("euler_deg"))
    s.fail("zone_axis", "give either zone_axis or euler_deg, not both");
  if (s.has("zone_axis")) {
    const Vec3 zone =
        read_vector(s, "zone_axis", Vec3::UnitZ(), {-100, 100}, "direction of the lattice along the beam");
    const Vec3 up = read_vector(s, "up_axis", Vec3::UnitY(), {-100, 100},
                                "direction of the lattice along the tilt axis, as nearly as possible");
    const double stretch = o.c_over_a.value_or(specimen::ideal_c_over_a(o.lattice));
    try {
      o.orientation = specimen::zone_axis_orientation(
          specimen::unit_cell(o.lattice, o.lattice_constant_a, stretch, o.unique_axis), zone, up);
    } catch (const core::ConfigError& e) {
      s.fail("zone_axis", e.what());
    }
    return;
  }
  const Vec3 euler = core::radian_per_degree *
                     read_vector(s, "euler_deg", Vec3::Zero(), {-360, 360}, "orientation: phi, theta, psi");
  o.orientation = core::rotation_from_euler({euler.x(), euler.y(), euler.z()});
}

void read_strain(const ConfigSection& s, specimen::ParticleOptions& o) {
  if (!s.has("uniaxial_strain")) {
    const auto e = s.numbers("strain", {0, 0, 0, 0, 0, 0}, {-0.2, 0.2},
                             "xx, yy, zz, yz, xz, xy"); // Voigt order: xx yy zz yz xz xy
    if (e.size() != 6) s.fail("strain", "six numbers are expected: xx, yy, zz, yz, xz, xy");
    o.strain << e[0], e[5], e[4], e[5], e[1], e[3], e[4], e[3], e[2];
    return;
  }
  if (s.has("strain")) s.fail("uniaxial_strain", "give either strain or uniaxial_strain, not both");
  const double along = s.number("uniaxial_strain", {-0.2, 0.2}, "along strain_axis");
  const Vec3 axis = read_vector(s, "strain_axis", Vec3::UnitZ(), {-100, 100}, "of uniaxial_strain");
  const double poisson = s.number("poisson_ratio", 0.3, {-1, 0.5}, "contraction across strain_axis");
  if (axis.norm() == 0.0) s.fail("strain_axis", "must not be zero");
  const core::Mat3 projector = axis.normalized() * axis.normalized().transpose();
  o.strain = along * projector - poisson * along * (core::Mat3::Identity() - projector);
}

specimen::GrainOptions read_grain(const ConfigSection& s, Phase fallback) {
  specimen::GrainOptions g;
  g.phase = read_phase(s, fallback);
  if (g.phase == Phase::l1_0) g.axis = read_axis(s, "axis", "of the ordered planes");
  if (g.phase != Phase::a1) {
    g.variant = static_cast<int>(s.integer("variant", 0, {0, specimen::variants_of(g.phase) - 1.0},
                                           "which sublattice has the first element"));
    g.order_parameter = s.optional_number("order_parameter", {0, 1},
                                          "long-range order; left out: as high as the composition allows");
    g.antisite_fraction = s.number("antisite_fraction", 0.0, {0, 0.5},
                                   "fraction of the atoms exchanged with the other sublattice");
  }
  return g;
}

void read_grains(const ConfigSection& s, specimen::ParticleOptions& o) {
  const specimen::GrainOptions whole = read_grain(s, Phase::a1);
  const long grains = s.integer("grains", 1, {1, 1000}, "number of grains, each with a table grain_1, ...");
  o.grains.assign(static_cast<std::size_t>(grains), whole);
  if (grains == 1) return;
  for (long i = 0; i < grains; ++i) {
    const ConfigSection table = s.section(fmt::format("grain_{}", i + 1));
    specimen::GrainOptions& g = o.grains[static_cast<std::size_t>(i)];
    g = read_grain(table, whole.phase);
    g.composition =
        table.numbers("composition", {}, {0, 1}, "one fraction for each element; empty: the particle's");
    if (table.has("seed_a"))
      g.seed_a = read_vector(table, "seed_a", Vec3::Zero(), {-1000, 1000},
                             "where the grain begins to grow; left out: drawn");
    if (table.has("euler_deg")) {
      const Vec3 e = core::radian_per_degree *
                     read_vector(table, "euler_deg", Vec3::Zero(), {-360, 360},
                                 "orientation of the grain against the first; left out: drawn");
      g.rotation = core::rotation_from_euler({e.x(), e.y(), e.z()});
    }
  }
}

void read_nuclei(const ConfigSection& s, specimen::ParticleOptions& o) {
  o.nuclei = read_ordered_nuclei(s);
  if (!o.nuclei.empty())
    o.exact_nuclei = s.flag("exact_nuclei", o.exact_nuclei,
                            "every nucleus has exactly the order that it should have in the mean");
}

void read_matrix(const ConfigSection& s, specimen::ParticleOptions& o) {
  if (s.choice("matrix_around_core", "none", {"none", "amorphous"}, "atoms around the crystalline core") ==
      "none")
    return;
  const ConfigSection table = s.section("matrix");
  specimen::MatrixOptions m;
  m.core_radius_a = table.number("core_radius_a", m.core_radius_a, {0, 1000}, "of the core; 0: none");
  m.core_centre_a = read_vector(table, "core_centre_a", Vec3::Zero(), {-1000, 1000}, "of the core");
  m.density_per_a3 = table.number("density_per_a3", m.density_per_a3, {0.001, 0.5}, "atoms in the matrix");
  m.packing.min_distance_a =
      table.number("min_distance_a", m.packing.min_distance_a, {0.5, 10}, "between atoms of the matrix");
  o.matrix = m;
}

} // namespace

std::vector<specimen::OrderedNucleus> read_ordered_nuclei(const ConfigSection& s) {
  std::vector<specimen::OrderedNucleus> nuclei;
  const long count = s.integer("nuclei", 0, {0, 1000}, "planted ones, each with a table nucleus_1, ...");
  for (long i = 0; i < count; ++i) {
    const ConfigSection table = s.section(fmt::format("nucleus_{}", i + 1));
    specimen::OrderedNucleus n;
    n.phase = read_phase(table, Phase::l1_0);
    n.axis = read_axis(table, "axis", "of the ordered planes");
    n.variant = static_cast<int>(table.integer("variant", 0, {0, specimen::variants_of(n.phase) - 1.0},
                                               "which sublattice has the first element"));
    n.centre_a = read_vector(table, "centre_a", Vec3::Zero(), {-1000, 1000}, "of the nucleus");
    n.order_parameter = table.number("order_parameter", n.order_parameter, {0, 1}, "in its middle");
    n.length_a = table.number("length_a", n.length_a, {0.1, 1000}, "over which order falls off");
    n.exponent = table.number("exponent", n.exponent, {0.1, 20}, "of that fall");
    nuclei.push_back(n);
  }
  return nuclei;
}

specimen::ParticleOptions read_particle(const ConfigSection& s, std::uint64_t seed) {
  specimen::ParticleOptions o;
  o.seed = seed;
  o.lattice = read_lattice(s);
  o.lattice_constant_a = s.number("lattice_constant_a", o.lattice_constant_a, {1, 20}, "of the unit cell");
  o.c_over_a = s.optional_number("c_over_a", {0.5, 2}, "of the cell; left out: the ideal one");
  o.unique_axis = read_axis(s, "unique_axis", "along which c lies");
  o.elements = read_particle_elements(s);
  o.composition =
      s.numbers("composition", {}, {0, 1}, "one fraction for each element; empty: as the order asks for");
  read_shape(s, o);
  read_grains(s, o);
  read_nuclei(s, o);
  read_matrix(s, o);
  o.vacancy_fraction = s.number("vacancy_fraction", 0.0, {0, 0.2}, "fraction of the sites that are empty");
  read_strain(s, o);
  read_orientation(s, o);
  o.u_rms_a = s.numbers("u_rms_a", {}, {0, 0.5},
                        "thermal displacement per axis, for all atoms or for each element; empty: none");
  o.static_displacement_a = s.number("static_displacement_a", 0.0, {0, 0.5},
                                     "static displacement from the lattice sites, rms per axis");
  return o;
}

} // namespace aet::validation
