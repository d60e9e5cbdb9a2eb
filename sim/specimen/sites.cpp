#include "sim/specimen/sites.hpp"

#include "sim/core/error.hpp"
#include "sim/core/neighbours/pairs.hpp"
#include "sim/core/random.hpp"

#include <Eigen/Dense>
#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>
#include <tuple>

namespace aet::specimen {

using core::Vec3;

namespace {

constexpr double on_face_a = 1e-6; ///< a site this near to a facet is on it [angstrom]

std::vector<Vec3> grain_seeds(const ParticleOptions& o, const Shape& shape, double size) {
  std::vector<Vec3> seeds;
  const double reach = size * circumradius(shape);
  for (std::size_t i = 0; i < o.grains.size(); ++i) {
    if (o.grains[i].seed_a) {
      seeds.push_back(*o.grains[i].seed_a);
      continue;
    }
    core::RandomStream random(o.seed, "specimen.grain", {static_cast<std::uint32_t>(i)});
    Vec3 r;
    do {
      for (int k = 0; k < 3; ++k)
        r[k] = reach * (2.0 * random.uniform() - 1.0);
    } while (gauge(shape, r) > size);
    seeds.push_back(r);
  }
  return seeds;
}

int nearest_seed(const std::vector<Vec3>& seeds, const Vec3& r) {
  const auto nearest = std::min_element(seeds.begin(), seeds.end(), [&](const Vec3& a, const Vec3& b) {
    return (a - r).squaredNorm() < (b - r).squaredNorm();
  });
  return static_cast<int>(nearest - seeds.begin());
}

/// All sites of all grains within a sphere, those within the body of `size` kept.
std::vector<Site> collect(const ParticleOptions& o, const Shape& shape, const std::vector<Vec3>& seeds,
                          double size, const Vec3& search_centre, double search_radius) {
  const UnitCell cell = unit_cell(o);
  const Vec3 shift = -(cell.vectors.transpose() * o.centre_cells);
  std::vector<Site> sites;
  bool own_lattices = false;
  const auto add = [&](const UnitCell& c, const Vec3& s, auto&& belongs) {
    for (const LatticePoint& p : points_in_sphere(c, s, search_centre, search_radius)) {
      const double needed = gauge(shape, p.position);
      const int grain = nearest_seed(seeds, p.position);
      if (needed <= size + on_face_a && belongs(grain)) sites.push_back({p.position, grain, p.basis, needed});
    }
  };
  const auto grain = [&](int g) -> const GrainOptions& { return o.grains[static_cast<std::size_t>(g)]; };
  add(cell, shift, [&](int g) { return !grain(g).rotation; });
  for (std::size_t i = 0; i < o.grains.size(); ++i) {
    if (!o.grains[i].rotation) continue;
    own_lattices = true;
    UnitCell turned = cell;
    turned.vectors = cell.vectors * o.grains[i].rotation->transpose();
    add(turned, *o.grains[i].rotation * shift, [&](int g) { return g == static_cast<int>(i); });
  }
  std::stable_sort(sites.begin(), sites.end(),
                   [](const Site& a, const Site& b) { return a.grain < b.grain; });
  if (!own_lattices) return sites;

  std::vector<Vec3> positions;
  for (const Site& s : sites)
    positions.push_back(s.position);
  constexpr double too_close = 0.75; // of the nearest-neighbour distance
  std::vector<bool> gone(sites.size(), false);
  for (const auto& [i, j] :
       core::close_pairs(positions, too_close * nearest_distance(o.lattice, o.lattice_constant_a))) {
    if (sites[i].grain != sites[j].grain && !gone[i]) gone[j] = true; // j > i: a grain with a higher number
  }
  std::vector<Site> kept;
  for (std::size_t i = 0; i < sites.size(); ++i) {
    if (!gone[i]) kept.push_back(sites[i]);
  }
  return kept;
}

std::vector<std::vector<std::size_t>> neighbour_lists(const std::vector<Site>& sites, double cutoff) {
  std::vector<Vec3> positions;
  for (const Site& s : sites)
    positions.push_back(s.position);
  std::vector<std::vector<std::size_t>> lists(sites.size());
  for (const auto& [i, j] : core::close_pairs(positions, cutoff)) {
    lists[i].push_back(j);
    lists[j].push_back(i);
  }
  return lists;
}

/// Take off the least-bound atom until `count` are left; see build_particle().
void trim(std::vector<Site>& sites, std::size_t count, const ParticleOptions& o) {
  const auto neighbours = neighbour_lists(sites, neighbour_cutoff(o.lattice, o.lattice_constant_a));
  core::RandomStream random(o.seed, "specimen.trim");
  // Sizes are compared in steps wider than rounding, so that equivalent sites tie and the deviate decides.
  using Key = std::tuple<std::size_t, long, double, std::size_t>;
  std::vector<Key> keys;
  for (std::size_t i = 0; i < sites.size(); ++i)
    keys.emplace_back(neighbours[i].size(), -std::lround(sites[i].size / on_face_a), random.uniform(), i);
  std::set<Key> queue(keys.begin(), keys.end());
  std::vector<bool> gone(sites.size(), false);
  while (queue.size() > count) {
    const std::size_t out = std::get<3>(*queue.begin());
    queue.erase(queue.begin());
    gone[out] = true;
    for (const std::size_t j : neighbours[out]) {
      if (gone[j]) continue;
      queue.erase(keys[j]);
      --std::get<0>(keys[j]);
      queue.insert(keys[j]);
    }
  }
  std::vector<Site> kept;
  for (std::size_t i = 0; i < sites.size(); ++i) {
    if (!gone[i]) kept.push_back(sites[i]);
  }
  sites = std::move(kept);
}

/// Empty `count` random sites that have all their neighbours.
void remove_vacancies(std::vector<Site>& sites, std::size_t count, const ParticleOptions& o) {
  const auto neighbours = neighbour_lists(sites, neighbour_cutoff(o.lattice, o.lattice_constant_a));
  core::RandomStream random(o.seed, "specimen.vacancies");
  std::vector<std::pair<double, std::size_t>> inner;
  for (std::size_t i = 0; i < sites.size(); ++i) {
    const double key = random.uniform();
    if (neighbours[i].size() >= static_cast<std::size_t>(coordination(o.lattice))) inner.emplace_back(key, i);
  }
  if (inner.size() < count) {
    throw core::ConfigError(
        fmt::format("particle: vacancy_fraction = {} asks for {} vacancies, but only {} sites have "
                    "all their neighbours; use at most {:.4f}",
                    o.vacancy_fraction, count, inner.size(),
                    static_cast<double>(inner.size()) / static_cast<double>(sites.size())));
  }
  std::sort(inner.begin(), inner.end());
  std::set<std::size_t> empty;
  for (std::size_t k = 0; k < count; ++k)
    empty.insert(inner[k].second);
  std::vector<Site> kept;
  for (std::size_t i = 0; i < sites.size(); ++i) {
    if (!empty.contains(i)) kept.push_back(sites[i]);
  }
  sites = std::move(kept);
}

double volume_per_site(const ParticleOptions& o) {
  const UnitCell cell = unit_cell(o);
  return std::abs(cell.vectors.determinant()) / static_cast<double>(cell.basis.size());
}

} // namespace

UnitCell unit_cell(const ParticleOptions& o) {
  return unit_cell(o.lattice, o.lattice_constant_a, o.c_over_a.value_or(ideal_c_over_a(o.lattice)),
                   o.unique_axis);
}

SiteSelection select_sites(const ParticleOptions& o, const Shape& shape) {
  SiteSelection chosen;
  const double widest = circumradius(shape);
  if (o.radius_a) {
    const auto seeds = grain_seeds(o, shape, *o.radius_a);
    chosen.size_a = *o.radius_a;
    chosen.sites = collect(o, shape, seeds, chosen.size_a, Vec3::Zero(), widest * chosen.size_a + on_face_a);
    if (chosen.sites.empty()) {
      throw core::ConfigError(
          fmt::format("particle: no lattice site lies within radius_a = {} of the centre; use a "
                      "larger radius",
                      *o.radius_a));
    }
    chosen.vacancies =
        static_cast<std::size_t>(std::round(o.vacancy_fraction * static_cast<double>(chosen.sites.size())));
  } else {
    const auto atoms = static_cast<std::size_t>(*o.atoms);
    const auto wanted = static_cast<std::size_t>(std::round(*o.atoms / (1.0 - o.vacancy_fraction)));
    chosen.vacancies = wanted - atoms;
    const double estimate = std::cbrt(static_cast<double>(wanted) * volume_per_site(o) / volume(shape));
    const auto seeds = grain_seeds(o, shape, estimate);
    double size = 1.02 * estimate + 0.5 * o.lattice_constant_a;
    do {
      chosen.sites = collect(o, shape, seeds, size, Vec3::Zero(), widest * size + on_face_a);
      size *= 1.1;
    } while (chosen.sites.size() < wanted);
    std::vector<double> sizes;
    for (const Site& s : chosen.sites)
      sizes.push_back(s.size);
    std::nth_element(sizes.begin(), sizes.begin() + static_cast<std::ptrdiff_t>(wanted - 1), sizes.end());
    chosen.size_a = sizes[wanted - 1];
    std::erase_if(chosen.sites, [&](const Site& s) { return s.size > chosen.size_a + on_face_a; });
    chosen.trimmed = chosen.sites.size() - wanted;
    trim(chosen.sites, wanted, o);
  }
  if (chosen.vacancies > 0) remove_vacancies(chosen.sites, chosen.vacancies, o);
  return chosen;
}

std::vector<Site> core_sites(const ParticleOptions& o, const Shape& shape, double size) {
  return collect(o, shape, grain_seeds(o, shape, size), size, o.matrix->core_centre_a,
                 o.matrix->core_radius_a + on_face_a);
}

} // namespace aet::specimen
