#include "sim/specimen/particle.hpp"

#include "sim/core/error.hpp"
#include "sim/core/neighbours/pairs.hpp"
#include "sim/core/random.hpp"
#include "sim/core/units.hpp"
#include "sim/specimen/alloy_order.hpp"
#include "sim/specimen/sites.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <string>
#include <utility>

namespace aet::specimen {

using core::Vec3;

namespace {

constexpr double amorphous_code = 4.0; ///< in column "phase", after those of Phase

/// The particle while it grows: one entry an atom in each list.
struct Draft {
  std::vector<Vec3> positions;
  std::vector<int> atomic_numbers;
  std::vector<int> species; ///< index into elements, -1 if given from outside
  std::vector<int> grain;
  std::vector<int> owner;
  std::vector<int> planted;
  std::vector<double> phase;
  std::vector<double> order_wanted;

  [[nodiscard]] std::size_t size() const { return positions.size(); }
};

std::vector<double> equal_parts(std::size_t n) {
  return std::vector<double>(n, 1.0 / static_cast<double>(n));
}

std::vector<double> disordered_composition(const ParticleOptions& o, const std::vector<double>& of_grain) {
  if (!of_grain.empty()) return of_grain;
  return o.composition.empty() ? equal_parts(o.elements.size()) : o.composition;
}

Species species_of_grain(const ParticleOptions& o, const GrainOptions& grain, const Owners& owners,
                         core::RandomStream& random) {
  if (grain.phase == Phase::a1) {
    return random_alloy(owners.size(), disordered_composition(o, grain.composition), random);
  }
  OrderRequest request;
  const std::vector<double>& composition = grain.composition.empty() ? o.composition : grain.composition;
  if (!composition.empty()) request.fraction_a = composition.front();
  request.order_parameter = grain.order_parameter;
  request.antisite_fraction = grain.antisite_fraction;
  return ordered_alloy(owners, request, random);
}

/// Chemical order of grains, each on its own.
void order_grains(Draft& d, const std::vector<Site>& sites, const ParticleOptions& o) {
  for (std::size_t g = 0; g < o.grains.size(); ++g) {
    const GrainOptions& grain = o.grains[g];
    const auto basis_owner = sublattices(grain.phase, grain.axis, grain.variant);
    std::vector<std::size_t> members;
    Owners owners;
    for (std::size_t i = 0; i < sites.size(); ++i) {
      if (sites[i].grain != static_cast<int>(g)) continue;
      members.push_back(i);
      owners.push_back(grain.phase == Phase::a1 ? -1
                                                : basis_owner.at(static_cast<std::size_t>(sites[i].basis)));
    }
    core::RandomStream random(o.seed, "specimen.species", {static_cast<std::uint32_t>(g)});
    const Species species = species_of_grain(o, grain, owners, random);
    const double wanted = grain.phase == Phase::a1 ? 0.0 : order_parameter(owners, species).value_or(0.0);
    for (std::size_t k = 0; k < members.size(); ++k) {
      d.species[members[k]] = species[k];
      d.owner[members[k]] = owners[k];
      d.phase[members[k]] = static_cast<double>(grain.phase);
      d.order_wanted[members[k]] = wanted;
    }
  }
}

/// Chemical order of planted nuclei in one disordered grain.
void plant_nuclei(Draft& d, const std::vector<Site>& sites, const ParticleOptions& o) {
  Owners owners(sites.size(), -1);
  std::vector<double> order(sites.size(), 0.0);
  std::vector<double> share_b(sites.size(), 0.5);
  std::vector<long> groups(sites.size(), 0); // by nucleus, shell of 1 A and sublattice
  for (std::size_t i = 0; i < sites.size(); ++i) {
    for (std::size_t k = 0; k < o.nuclei.size(); ++k) {
      const OrderedNucleus& n = o.nuclei[k];
      const double profile =
          std::exp(-std::pow((sites[i].position - n.centre_a).norm() / n.length_a, n.exponent));
      const double s = n.order_parameter * profile;
      if (s <= order[i]) continue;
      order[i] = s;
      owners[i] = sublattices(n.phase, n.axis, n.variant).at(static_cast<std::size_t>(sites[i].basis));
      share_b[i] = 1.0 - ideal_fraction_a(n.phase);
      const long shell = std::lround(std::floor((sites[i].position - n.centre_a).norm()));
      groups[i] = 1 + 2 * (static_cast<long>(k) * 10000 + std::min(shell, 9999L)) + owners[i];
      const bool inside = profile >= 0.5;
      d.planted[i] = inside ? static_cast<int>(k) : -1;
      d.phase[i] = static_cast<double>(inside ? n.phase : Phase::a1);
    }
  }
  core::RandomStream random(o.seed, "specimen.species", {0});
  const double fraction_a = disordered_composition(o, o.grains.front().composition).front();
  d.species = o.exact_nuclei ? exact_alloy(owners, order, share_b, fraction_a, groups, random)
                             : graded_alloy(owners, order, share_b, fraction_a, random);
  d.owner = owners;
  d.order_wanted = order;
}

void add_crystal(Draft& d, const std::vector<Site>& sites, const ParticleOptions& o) {
  const std::size_t n = sites.size();
  for (const Site& s : sites) {
    d.positions.push_back(s.position);
    d.grain.push_back(s.grain);
  }
  d.species.assign(n, 0);
  d.owner.assign(n, -1);
  d.planted.assign(n, -1);
  d.phase.assign(n, 0.0);
  d.order_wanted.assign(n, 0.0);
  if (o.nuclei.empty()) {
    order_grains(d, sites, o);
  } else {
    plant_nuclei(d, sites, o);
  }
  for (const int s : d.species)
    d.atomic_numbers.push_back(o.elements[static_cast<std::size_t>(s)]);
}

void add_amorphous(Draft& d, const Vec3& position, int species, int atomic_number) {
  d.positions.push_back(position);
  d.atomic_numbers.push_back(atomic_number);
  d.species.push_back(species);
  d.grain.push_back(-1);
  d.owner.push_back(-1);
  d.planted.push_back(-1);
  d.phase.push_back(amorphous_code);
  d.order_wanted.push_back(0.0);
}

void add_packed_matrix(Draft& d, std::size_t count, const Shape& shape, double size,
                       const ParticleOptions& o) {
  PackingOptions packing = o.matrix->packing;
  packing.seed = o.seed;
  const auto points = random_packing(count, shape, size, d.positions, packing);
  core::RandomStream random(o.seed, "specimen.matrix");
  const Species species = random_alloy(count, disordered_composition(o, {}), random);
  for (std::size_t i = 0; i < count; ++i)
    add_amorphous(d, points[i], species[i], o.elements[static_cast<std::size_t>(species[i])]);
}

/// Atoms of the given matrix that are inside the body and clear of the core, innermost first.
std::vector<std::pair<double, std::size_t>> usable_matrix(const Draft& d, const core::Atoms& matrix,
                                                          const Vec3& centre, const Shape& shape,
                                                          double distance) {
  std::vector<Vec3> all = d.positions;
  for (const Vec3& r : matrix.positions)
    all.push_back(r - centre);
  std::vector<bool> blocked(all.size(), false);
  for (const auto& [i, j] : core::close_pairs(all, distance)) {
    if (i < d.size() && j >= d.size()) blocked[j] = true;
  }
  std::vector<std::pair<double, std::size_t>> usable;
  for (std::size_t i = 0; i < matrix.size(); ++i) {
    if (!blocked[d.size() + i]) usable.emplace_back(gauge(shape, all[d.size() + i]), i);
  }
  std::sort(usable.begin(), usable.end());
  return usable;
}

void add_given_matrix(Draft& d, const Shape& shape, double size, const ParticleOptions& o) {
  const core::Atoms& matrix = *o.matrix->atoms;
  core::validate(matrix, "matrix");
  const Vec3 centre = core::centroid(matrix);
  const auto usable = usable_matrix(d, matrix, centre, shape, o.matrix->packing.min_distance_a);
  const std::size_t crystal = d.size();
  for (const auto& [needed, i] : usable) {
    if (o.radius_a ? needed > size : d.size() == static_cast<std::size_t>(*o.atoms)) break;
    const int z = matrix.atomic_numbers[i];
    const auto element = std::find(o.elements.begin(), o.elements.end(), z);
    if (element == o.elements.end()) {
      throw core::DataError(
          fmt::format("matrix: atom {} has atomic number {}, which is none of the particle's "
                      "elements; name it there",
                      i, z));
    }
    add_amorphous(d, matrix.positions[i] - centre, static_cast<int>(element - o.elements.begin()), z);
  }
  if (o.atoms && d.size() != static_cast<std::size_t>(*o.atoms)) {
    throw core::DataError(
        fmt::format("matrix: {} atoms are wanted besides the core's {}, but only {} of the given {} "
                    "are clear of it; give more atoms or ask for fewer",
                    *o.atoms - static_cast<int>(crystal), crystal, usable.size(), matrix.size()));
  }
}

/// A crystalline core in an amorphous matrix. Returns the size of the body.
double build_embedded(Draft& d, const Shape& shape, const ParticleOptions& o) {
  const MatrixOptions& m = *o.matrix;
  const double unit_volume = volume(shape);
  const double size = o.radius_a.value_or(std::cbrt(o.atoms.value_or(0) / m.density_per_a3 / unit_volume));
  if (gauge(shape, m.core_centre_a) + m.core_radius_a > size) {
    throw core::ConfigError(
        fmt::format("particle: matrix: a core of radius {} A around ({}, {}, {}) does not fit into "
                    "a body of size {:.2f} A; make the core smaller or the particle larger",
                    m.core_radius_a, m.core_centre_a.x(), m.core_centre_a.y(), m.core_centre_a.z(), size));
  }
  add_crystal(d, core_sites(o, shape, size), o);
  if (m.atoms) {
    add_given_matrix(d, shape, size, o);
    return size;
  }
  const double free_volume =
      unit_volume * std::pow(size, 3) - 4.0 * core::pi / 3.0 * std::pow(m.core_radius_a, 3);
  const double count =
      o.atoms ? *o.atoms - static_cast<double>(d.size()) : std::round(m.density_per_a3 * free_volume);
  if (count < 0.0) {
    throw core::ConfigError(
        fmt::format("particle: the core alone has {} atoms, more than atoms = {}; make it smaller", d.size(),
                    o.atoms.value_or(0)));
  }
  add_packed_matrix(d, static_cast<std::size_t>(count), shape, size, o);
  return size;
}

void place(Draft& d, const ParticleOptions& o) {
  const core::Mat3 map = o.orientation * (core::Mat3::Identity() + o.strain);
  core::RandomStream random(o.seed, "specimen.static");
  Vec3 sum = Vec3::Zero();
  for (Vec3& r : d.positions) {
    r = map * r;
    for (int k = 0; k < 3 && o.static_displacement_a > 0.0; ++k)
      r[k] += o.static_displacement_a * random.normal();
    sum += r;
  }
  for (Vec3& r : d.positions)
    r -= sum / static_cast<double>(d.size());
}

RegionSummary summarise(const Draft& d, const std::string& name, const std::string& phase,
                        const std::function<bool(std::size_t)>& inside) {
  RegionSummary s;
  s.name = name;
  s.phase = phase;
  Owners owners;
  Species species;
  for (std::size_t i = 0; i < d.size(); ++i) {
    if (!inside(i)) continue;
    owners.push_back(d.owner[i]);
    species.push_back(d.species[i]);
  }
  s.atoms = owners.size();
  if (s.atoms > 0) {
    s.fraction_a =
        static_cast<double>(std::count(species.begin(), species.end(), 0)) / static_cast<double>(s.atoms);
  }
  s.order_parameter = order_parameter(owners, species);
  return s;
}

std::vector<RegionSummary> summarise_all(const Draft& d, const ParticleOptions& o) {
  std::vector<RegionSummary> all;
  for (std::size_t g = 0; g < o.grains.size(); ++g) {
    all.push_back(summarise(d, fmt::format("grain {}", g), phase_name(o.grains[g].phase),
                            [&](std::size_t i) { return d.grain[i] == static_cast<int>(g); }));
    if (o.grains[g].phase == Phase::a1) all.back().order_parameter.reset();
  }
  for (std::size_t k = 0; k < o.nuclei.size(); ++k) {
    all.push_back(summarise(d, fmt::format("nucleus {}", k), phase_name(o.nuclei[k].phase),
                            [&](std::size_t i) { return d.planted[i] == static_cast<int>(k); }));
  }
  if (o.matrix)
    all.push_back(summarise(d, "matrix", "amorphous", [&](std::size_t i) { return d.grain[i] < 0; }));
  return all;
}

core::Atoms finish(Draft d, const ParticleOptions& o) {
  core::Atoms atoms;
  const auto reals = [](const std::vector<int>& v) { return std::vector<double>(v.begin(), v.end()); };
  std::vector<double> ordered;
  for (std::size_t i = 0; i < d.size(); ++i)
    ordered.push_back(d.owner[i] >= 0 && d.owner[i] == d.species[i] && d.phase[i] > 0.0 ? 1.0 : 0.0);
  atoms.columns["grain"] = reals(d.grain);
  atoms.columns["phase"] = std::move(d.phase);
  atoms.columns["sublattice"] = reals(d.owner);
  atoms.columns["ordered"] = std::move(ordered);
  atoms.columns["planted"] = reals(d.planted);
  atoms.columns["order_wanted"] = std::move(d.order_wanted);
  if (!o.u_rms_a.empty()) {
    std::vector<double>& u = atoms.columns["u_rms"];
    for (const int s : d.species)
      u.push_back(o.u_rms_a[static_cast<std::size_t>(s)]);
  }
  atoms.positions = std::move(d.positions);
  atoms.atomic_numbers = std::move(d.atomic_numbers);
  return atoms;
}

} // namespace

Particle build_particle(const ParticleOptions& options) {
  validate(options);
  const Shape shape =
      options.facets.empty() ? Shape{} : wulff_shape(options.facets, options.lattice, unit_cell(options));
  Particle particle;
  Draft draft;
  if (options.matrix) {
    particle.size_a = build_embedded(draft, shape, options);
  } else {
    const SiteSelection chosen = select_sites(options, shape);
    particle.size_a = chosen.size_a;
    particle.trimmed = chosen.trimmed;
    particle.vacancies = chosen.vacancies;
    add_crystal(draft, chosen.sites, options);
  }
  if (draft.size() == 0) throw core::ConfigError("particle: it would hold no atoms; make it larger");
  place(draft, options);
  particle.minimum_distance_a = core::minimum_distance(draft.positions);
  const double neighbour = nearest_distance(options.lattice, options.lattice_constant_a);
  if (particle.minimum_distance_a < 0.6 * neighbour) {
    throw core::DataError(
        fmt::format("particle: two atoms are {:.2f} A apart, less than 0.6 of the {:.2f} A of "
                    "neighbours; reduce strain or static_displacement_a, or raise min_distance_a",
                    particle.minimum_distance_a, neighbour));
  }
  particle.regions = summarise_all(draft, options);
  particle.atoms = finish(std::move(draft), options);
  return particle;
}

} // namespace aet::specimen
