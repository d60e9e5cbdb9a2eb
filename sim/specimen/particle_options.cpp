// What a particle may be: the checks of ParticleOptions.
#include "sim/core/elements.hpp"
#include "sim/core/error.hpp"
#include "sim/specimen/particle.hpp"

#include <Eigen/Dense>
#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>

namespace aet::specimen {

namespace {

[[noreturn]] void reject(const std::string& what) {
  throw core::ConfigError("particle: " + what);
}

void require_range(double value, double min, double max, const std::string& name) {
  if (!(value >= min && value <= max))
    reject(fmt::format("{} = {} is out of range; allowed is {} to {}", name, value, min, max));
}

void check_composition(const std::vector<double>& composition, std::size_t elements,
                       const std::string& name) {
  if (composition.empty()) return;
  if (composition.size() != elements) {
    reject(fmt::format("{} has {} entries for {} elements; give one for each", name, composition.size(),
                       elements));
  }
  for (const double part : composition)
    require_range(part, 0.0, 1.0, name);
  const double sum = std::accumulate(composition.begin(), composition.end(), 0.0);
  if (std::abs(sum - 1.0) > 1e-6) reject(fmt::format("{} sums up to {}; it must be 1", name, sum));
}

void check_phase(const ParticleOptions& o, Phase phase, int axis, int variant, const std::string& name) {
  require_range(axis, 0, 2, name + ": axis");
  require_range(variant, 0, variants_of(phase) - 1,
                fmt::format("{}: variant of {}", name, phase_name(phase)));
  if (phase == Phase::a1) return;
  if (o.elements.size() != 2) {
    reject(fmt::format("{}: phase {} needs two elements; there are {}", name, phase_name(phase),
                       o.elements.size()));
  }
  if (o.lattice != Lattice::fcc) {
    reject(fmt::format("{}: phase {} is an order of the fcc lattice, not of {}", name, phase_name(phase),
                       lattice_name(o.lattice)));
  }
  const bool stretched = o.c_over_a && *o.c_over_a != 1.0;
  if (stretched && (phase != Phase::l1_0 || axis != o.unique_axis)) {
    reject(fmt::format(
        "{}: {} along axis {} does not fit a lattice stretched along axis {} (c_over_a = {}); use "
        "c_over_a = 1, or L1_0 along that axis",
        name, phase_name(phase), axis, o.unique_axis, *o.c_over_a));
  }
}

void check_grain(const ParticleOptions& o, const GrainOptions& g, const std::string& name) {
  check_phase(o, g.phase, g.axis, g.variant, name);
  check_composition(g.composition, o.elements.size(), name + ": composition");
  require_range(g.antisite_fraction, 0.0, 0.5, name + ": antisite_fraction");
  if (g.order_parameter) require_range(*g.order_parameter, 0.0, 1.0, name + ": order_parameter");
  if (g.order_parameter && g.antisite_fraction > 0.0)
    reject(name + ": give order_parameter or antisite_fraction, not both; one follows from the other");
  if (g.phase == Phase::a1 && (g.order_parameter || g.antisite_fraction > 0.0)) {
    reject(
        name +
        ": order_parameter and antisite_fraction need an ordered phase (L1_0, L1_2_A3B, L1_2_AB3), not A1");
  }
  if (g.seed_a && !g.seed_a->allFinite()) reject(name + ": its seed is not finite");
  if (g.rotation && (*g.rotation * g.rotation->transpose() - core::Mat3::Identity()).norm() > 1e-6)
    reject(name + ": its rotation is no rotation matrix");
}

void check_nuclei(const ParticleOptions& o) {
  if (o.nuclei.empty()) return;
  if (o.grains.size() != 1 || o.grains.front().phase != Phase::a1) {
    reject(
        "planted nuclei need a single grain of phase A1 around them; chemical order comes from them alone");
  }
  for (std::size_t i = 0; i < o.nuclei.size(); ++i) {
    const OrderedNucleus& n = o.nuclei[i];
    const std::string name = fmt::format("nucleus {}", i);
    if (n.phase == Phase::a1) reject(name + ": its phase must be ordered: L1_0, L1_2_A3B or L1_2_AB3");
    check_phase(o, n.phase, n.axis, n.variant, name);
    require_range(n.order_parameter, 0.0, 1.0, name + ": order_parameter");
    require_range(n.length_a, 0.1, 1000.0, name + ": length_a");
    require_range(n.exponent, 0.1, 20.0, name + ": exponent");
    if (!n.centre_a.allFinite()) reject(name + ": its centre is not finite");
  }
}

void check_matrix(const ParticleOptions& o) {
  if (!o.matrix) return;
  require_range(o.matrix->core_radius_a, 0.0, 1000.0, "matrix: core_radius_a");
  require_range(o.matrix->density_per_a3, 0.001, 0.5, "matrix: density_per_a3");
  require_range(o.matrix->packing.min_distance_a, 0.5, 10.0, "matrix: min_distance_a");
  if (!o.matrix->core_centre_a.allFinite()) reject("matrix: the centre of its core is not finite");
  if (o.vacancy_fraction > 0.0)
    reject("vacancy_fraction and an amorphous matrix cannot be combined; leave one out");
}

} // namespace

void validate(const ParticleOptions& o) {
  require_range(o.lattice_constant_a, 1.0, 20.0, "lattice_constant_a");
  if (o.c_over_a) require_range(*o.c_over_a, 0.5, 2.0, "c_over_a");
  require_range(o.unique_axis, 0, 2, "unique_axis");
  require_range(static_cast<double>(o.elements.size()), 1, 8, "number of elements");
  for (const int z : o.elements)
    static_cast<void>(core::element_symbol(z));
  if (std::set<int>(o.elements.begin(), o.elements.end()).size() != o.elements.size())
    reject("an element is named twice; name each once and give its part in composition");
  check_composition(o.composition, o.elements.size(), "composition");
  if (o.radius_a.has_value() == o.atoms.has_value())
    reject("give either radius_a or atoms as the size, one of them and not both");
  if (o.radius_a) require_range(*o.radius_a, 1.0, 1000.0, "radius_a");
  if (o.atoms) require_range(*o.atoms, 1, 1e7, "atoms");
  if (!o.centre_cells.allFinite()) reject("centre_cells is not finite");
  if (o.grains.empty()) reject("at least one grain is needed");
  if (o.grains.size() > 1000)
    reject(fmt::format("{} grains are too many; allowed are 1 to 1000", o.grains.size()));
  for (std::size_t i = 0; i < o.grains.size(); ++i)
    check_grain(o, o.grains[i], fmt::format("grain {}", i));
  check_nuclei(o);
  check_matrix(o);
  require_range(o.vacancy_fraction, 0.0, 0.2, "vacancy_fraction");
  require_range(o.static_displacement_a, 0.0, 0.5, "static_displacement_a");
  if (!o.strain.allFinite() || o.strain.cwiseAbs().maxCoeff() > 0.2)
    reject("a component of the strain is out of range; allowed is -0.2 to 0.2");
  if ((o.strain - o.strain.transpose()).norm() > 1e-12) reject("the strain tensor is not symmetric");
  if (!o.orientation.allFinite() ||
      (o.orientation * o.orientation.transpose() - core::Mat3::Identity()).norm() > 1e-6 ||
      o.orientation.determinant() < 0.0) {
    reject("the orientation is no rotation matrix");
  }
  if (!o.u_rms_a.empty() && o.u_rms_a.size() != o.elements.size()) {
    reject(fmt::format("u_rms_a has {} entries for {} elements; give one for each", o.u_rms_a.size(),
                       o.elements.size()));
  }
  for (const double u : o.u_rms_a)
    require_range(u, 0.0, 0.5, "u_rms_a");
}

core::Mat3 zone_axis_orientation(const UnitCell& cell, const core::Vec3& zone, const core::Vec3& up) {
  const core::Vec3 along = cell.vectors.transpose() * zone;
  const core::Vec3 upwards = cell.vectors.transpose() * up;
  constexpr double parallel = 1e-6;
  if (!(along.norm() > 0.0) || !(along.cross(upwards).norm() > parallel * along.norm() * upwards.norm())) {
    throw core::ConfigError(fmt::format(
        "zone axis [{} {} {}] with [{} {} {}] upwards gives no orientation; use two directions that "
        "are neither zero nor parallel",
        zone.x(), zone.y(), zone.z(), up.x(), up.y(), up.z()));
  }
  core::Mat3 rotation;
  rotation.row(2) = along.normalized();
  rotation.row(0) = upwards.cross(along).normalized();
  rotation.row(1) = rotation.row(2).cross(rotation.row(0));
  return rotation;
}

} // namespace aet::specimen
