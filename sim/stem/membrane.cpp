#include "sim/stem/membrane.hpp"

#include "sim/core/error.hpp"
#include "sim/core/random.hpp"
#include "sim/core/units.hpp"
#include "sim/stem/require_range.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace aet::stem {

namespace {

/// What the waves of probes at the border of the field still meet [angstrom].
constexpr double around_field = 8.0;
/// Least cosine between the film's normal and the beam.
constexpr double least_cosine = 0.17;
constexpr double most_atoms = 3e6;

struct Matter {
  double per_a3 = 0.0;          ///< atoms
  double min_distance = 0.0;    ///< [angstrom]
  std::array<int, 7> formula{}; ///< atomic numbers, taken in turn
};

Matter matter_of(MembraneMaterial material) {
  if (material == MembraneMaterial::carbon) return {0.1003, 1.3, {6, 6, 6, 6, 6, 6, 6}};
  return {0.0901, 1.55, {14, 7, 14, 7, 14, 7, 7}};
}

/// Half the sides of the film, along x and y.
std::array<double, 2> half_sides(const std::array<double, 2>& faces,
                                 const std::vector<core::Mat3>& orientations, const Scan& scan) {
  const double reach = 0.5 * scan.n * scan.pixel_a + around_field;
  std::array<double, 2> half{};
  for (std::size_t t = 0; t < orientations.size(); ++t) {
    const core::Mat3 back = orientations[t].transpose();
    if (std::abs(back(2, 2)) < least_cosine) {
      throw core::ConfigError(fmt::format(
          "[images.membrane]: image {} looks at the film from {:.1f} degrees of its plane: at least 10 are "
          "needed; leave the membrane or that tilt out",
          t + 1, 90.0 - std::acos(std::abs(back(2, 2))) / core::radian_per_degree));
    }
    for (const double x : {-reach, reach}) {
      for (const double y : {-reach, reach}) {
        for (const double face : faces) {
          // Where the beam through (x, y) goes through the face.
          const double along = (face - back(2, 0) * x - back(2, 1) * y) / back(2, 2);
          const core::Vec3 r = back * core::Vec3(x, y, along);
          half[0] = std::max(half[0], std::abs(r.x()));
          half[1] = std::max(half[1], std::abs(r.y()));
        }
      }
    }
  }
  return half;
}

/// Points put down one after another, each at least a distance from all before it.
class Deposit {
public:
  Deposit(const core::Vec3& corner, const core::Vec3& sides, double distance)
      : corner_(corner), distance_(distance) {
    for (Eigen::Index k = 0; k < 3; ++k)
      cells_[static_cast<std::size_t>(k)] = std::max(1, static_cast<int>(sides(k) / distance_));
    step_ = sides.array() / Eigen::Array3d(cells_[0], cells_[1], cells_[2]);
    held_.resize(static_cast<std::size_t>(cells_[0]) * static_cast<std::size_t>(cells_[1]) *
                 static_cast<std::size_t>(cells_[2]));
  }

  bool add(const core::Vec3& r) {
    std::array<int, 3> at{};
    for (std::size_t k = 0; k < 3; ++k) {
      const auto e = static_cast<Eigen::Index>(k);
      at[k] = std::clamp(static_cast<int>((r(e) - corner_(e)) / step_(e)), 0, cells_[k] - 1);
    }
    for (int z = std::max(0, at[2] - 1); z <= std::min(cells_[2] - 1, at[2] + 1); ++z) {
      for (int y = std::max(0, at[1] - 1); y <= std::min(cells_[1] - 1, at[1] + 1); ++y) {
        for (int x = std::max(0, at[0] - 1); x <= std::min(cells_[0] - 1, at[0] + 1); ++x) {
          for (const core::Vec3& other : cell(x, y, z)) {
            if ((other - r).squaredNorm() < distance_ * distance_) return false;
          }
        }
      }
    }
    cell(at[0], at[1], at[2]).push_back(r);
    return true;
  }

private:
  std::vector<core::Vec3>& cell(int x, int y, int z) {
    return held_[(static_cast<std::size_t>(z) * static_cast<std::size_t>(cells_[1]) +
                  static_cast<std::size_t>(y)) *
                     static_cast<std::size_t>(cells_[0]) +
                 static_cast<std::size_t>(x)];
  }

  core::Vec3 corner_;
  double distance_;
  core::Vec3 step_;
  std::array<int, 3> cells_{};
  std::vector<std::vector<core::Vec3>> held_;
};

} // namespace

core::Atoms membrane_atoms(const MembraneOptions& options, const core::Atoms& particle,
                           const std::vector<core::Mat3>& orientations, const Scan& scan,
                           std::uint64_t seed) {
  core::Atoms film;
  if (options.material == MembraneMaterial::none) return film;
  require_range("[images.membrane] thickness_a", options.thickness_a, 5.0, 1000.0);
  require_range("[images.membrane] gap_a", options.gap_a, 0.0, 100.0);
  double lowest = std::numeric_limits<double>::max();
  double highest = std::numeric_limits<double>::lowest();
  for (const auto& r : particle.positions) {
    lowest = std::min(lowest, r.z());
    highest = std::max(highest, r.z());
  }
  const double first =
      options.in_front ? lowest - options.gap_a - options.thickness_a : highest + options.gap_a;
  const std::array<double, 2> faces{first, first + options.thickness_a};
  const auto half = half_sides(faces, orientations, scan);
  const core::Vec3 corner(-half[0], -half[1], first);
  const core::Vec3 sides(2.0 * half[0], 2.0 * half[1], options.thickness_a);
  const Matter matter = matter_of(options.material);
  const double count = matter.per_a3 * sides.prod();
  if (count > most_atoms) {
    throw core::ConfigError(fmt::format("[images.membrane]: a film of {:.0f} x {:.0f} x {:.0f} A holds "
                                        "{:.1f} million atoms, more than {:.0f}: "
                                        "use a smaller field, lower tilts or a thinner film",
                                        sides.x(), sides.y(), sides.z(), 1e-6 * count, 1e-6 * most_atoms));
  }
  core::RandomStream random(seed, "membrane");
  Deposit deposit(corner, sides, matter.min_distance);
  while (static_cast<double>(film.size()) < count) {
    core::Vec3 r;
    for (Eigen::Index k = 0; k < 3; ++k)
      r(k) = corner(k) + sides(k) * random.uniform();
    if (!deposit.add(r)) continue;
    film.positions.push_back(r);
    film.atomic_numbers.push_back(matter.formula[film.positions.size() % matter.formula.size()]);
  }
  return film;
}

core::Atoms on_membrane(core::Atoms particle, const core::Atoms& film) {
  particle.positions.insert(particle.positions.end(), film.positions.begin(), film.positions.end());
  particle.atomic_numbers.insert(particle.atomic_numbers.end(), film.atomic_numbers.begin(),
                                 film.atomic_numbers.end());
  for (auto& [name, values] : particle.columns)
    values.resize(particle.positions.size(), 0.0);
  return particle;
}

double middle_along_beam(const core::Atoms& particle, const core::Mat3& orientation) {
  double lowest = std::numeric_limits<double>::max();
  double highest = std::numeric_limits<double>::lowest();
  for (const auto& r : particle.positions) {
    const double z = orientation.row(2).dot(r);
    lowest = std::min(lowest, z);
    highest = std::max(highest, z);
  }
  return 0.5 * (lowest + highest);
}

} // namespace aet::stem
