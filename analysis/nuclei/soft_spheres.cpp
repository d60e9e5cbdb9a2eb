#include "analysis/nuclei/soft_spheres.hpp"

#include "sim/core/error.hpp"
#include "sim/core/neighbours/cell_grid.hpp"
#include "sim/core/random.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <unordered_map>

namespace aet::analysis {
namespace {

using core::Vec3;

constexpr double reach_in_sigma = 1.8; // there the repulsion is 9e-4 kT
constexpr double skin_a = 1.6;         // lists hold for moves of half of it
constexpr double most_stuck = 0.03;    // of the atoms; then the lists are made anew
constexpr double outline_radius_a = 5.0;
constexpr double outline_step_a = 0.5;
constexpr double wanted_acceptance = 0.4;
constexpr int most_sweeps_between_frames = 60;

bool is_open(const std::optional<core::Cell>& cell) {
  return !cell || !(cell->periodic[0] || cell->periodic[1] || cell->periodic[2]);
}

/// Where centres may be, remembered on a grid of points half an angstrom apart.
class Outline {
public:
  explicit Outline(std::span<const Vec3> atoms) : grid_(atoms, std::nullopt, outline_radius_a) {
    std::vector<std::size_t> counts;
    for (const Vec3& p : atoms)
      counts.push_back(count(p));
    const auto twentieth = counts.begin() + static_cast<std::ptrdiff_t>(counts.size() / 20);
    std::nth_element(counts.begin(), twentieth, counts.end());
    least_ = *twentieth;
  }

  [[nodiscard]] bool holds(const Vec3& p) {
    std::int64_t key = 0;
    Vec3 point;
    for (int k = 0; k < 3; ++k) {
      const std::int64_t at = std::llround(p[k] / outline_step_a);
      point[k] = static_cast<double>(at) * outline_step_a;
      key = key * 2097152 + at + 1048576; // 2^21 points a side
    }
    const auto known = inside_.find(key);
    if (known != inside_.end()) return known->second;
    return inside_[key] = count(point) >= least_;
  }

private:
  [[nodiscard]] std::size_t count(const Vec3& p) {
    grid_.within(p, outline_radius_a, hits_);
    return hits_.size();
  }
  core::CellGrid grid_;
  std::size_t least_ = 0;
  std::vector<core::Hit> hits_;
  std::unordered_map<std::int64_t, bool> inside_;
};

class Fluid {
public:
  Fluid(std::span<const Vec3> atoms, const std::optional<core::Cell>& cell, double volume_per_atom,
        core::RandomStream random)
      : positions_(atoms.begin(), atoms.end()), cell_(cell), volume_(volume_per_atom),
        random_(std::move(random)) {
    if (is_open(cell)) outline_.emplace(atoms);
  }

  void set_coupling(double coupling) {
    sigma_ = std::cbrt(coupling * volume_);
    step_ = std::clamp(step_, 0.02 * sigma_, 0.4 * sigma_);
    list_neighbours();
  }

  void sweep() {
    std::size_t accepted = 0;
    std::size_t stuck = 0;
    for (std::size_t i = 0; i < positions_.size(); ++i) {
      Vec3 to = positions_[i];
      for (int k = 0; k < 3; ++k)
        to[k] += step_ * (2.0 * random_.uniform() - 1.0);
      if ((to - listed_[i]).squaredNorm() > 0.25 * skin_a * skin_a) {
        ++stuck;
        continue;
      }
      if (outline_ && !outline_->holds(to)) continue;
      const double cost = energy(i, to) - energy(i, positions_[i]);
      if (cost > 0.0 && random_.uniform() >= std::exp(-cost)) continue;
      positions_[i] = to;
      ++accepted;
    }
    const double share = static_cast<double>(accepted) / static_cast<double>(positions_.size());
    step_ = std::clamp(step_ * (share > wanted_acceptance ? 1.1 : 0.9), 0.02 * sigma_, 0.4 * sigma_);
    if (static_cast<double>(stuck) > most_stuck * static_cast<double>(positions_.size())) list_neighbours();
  }

  [[nodiscard]] const std::vector<Vec3>& positions() const { return positions_; }

private:
  struct Neighbour {
    std::uint32_t index = 0;
    Vec3 shift = Vec3::Zero(); // of its periodic image
  };

  void list_neighbours() {
    listed_ = positions_;
    const double reach = reach_in_sigma * sigma_ + skin_a;
    const core::CellGrid grid(positions_, cell_, reach);
    first_.assign(1, 0);
    near_.clear();
    std::vector<core::Hit> hits;
    for (std::size_t i = 0; i < positions_.size(); ++i) {
      grid.within(positions_[i], std::min(reach, grid.unique_image_radius()), hits);
      for (const core::Hit& hit : hits)
        if (hit.index != i)
          near_.push_back({hit.index, positions_[i] + Vec3(hit.dx, hit.dy, hit.dz) - positions_[hit.index]});
      first_.push_back(near_.size());
    }
  }

  [[nodiscard]] double energy(std::size_t i, const Vec3& at) const {
    const double square = sigma_ * sigma_;
    const double farthest = reach_in_sigma * reach_in_sigma * square;
    double sum = 0.0;
    for (std::size_t e = first_[i]; e < first_[i + 1]; ++e) {
      const double r2 = (positions_[near_[e].index] + near_[e].shift - at).squaredNorm();
      if (r2 >= farthest) continue;
      const double s = square / std::max(r2, 1e-3 * square);
      const double cube = s * s * s;
      sum += cube * cube;
    }
    return sum;
  }

  std::vector<Vec3> positions_;
  std::optional<core::Cell> cell_;
  double volume_;
  core::RandomStream random_;
  std::optional<Outline> outline_;
  double sigma_ = 1.0;
  double step_ = 0.3;
  std::vector<Vec3> listed_; // where the lists were made
  std::vector<std::size_t> first_;
  std::vector<Neighbour> near_;
};

double rms_move(const std::vector<Vec3>& from, const std::vector<Vec3>& to) {
  double squares = 0.0;
  for (std::size_t i = 0; i < from.size(); ++i)
    squares += (to[i] - from[i]).squaredNorm();
  return std::sqrt(squares / static_cast<double>(from.size()));
}

} // namespace

std::vector<std::vector<Vec3>> soft_sphere_frames(std::span<const Vec3> atoms,
                                                  const std::optional<core::Cell>& cell,
                                                  double volume_per_atom_a3, std::size_t frames,
                                                  const SoftSphereOptions& options) {
  for (const double coupling : {options.coupling, options.melt_coupling})
    if (!(coupling >= 0.1) || coupling > 1.2)
      throw core::ConfigError(fmt::format("coupling of soft spheres is {}; allowed is 0.1 to 1.2", coupling));
  if (options.melt_sweeps < 1 || options.settle_sweeps < 1 || !(options.step_a >= 0.0) ||
      !(volume_per_atom_a3 > 0.0))
    throw core::ConfigError(
        fmt::format("soft spheres: {} and {} sweeps, steps of {} A and {} A^3 an atom; at "
                    "least 1, 1, 0 and more than 0 are needed",
                    options.melt_sweeps, options.settle_sweeps, options.step_a, volume_per_atom_a3));
  if (atoms.size() < 2) throw core::DataError("a fluid of fewer than two atoms was asked for");
  Fluid fluid(atoms, cell, volume_per_atom_a3,
              core::RandomStream(options.seed, "analysis.soft_spheres", {options.realization}));
  fluid.set_coupling(options.melt_coupling);
  for (int s = 0; s < options.melt_sweeps; ++s)
    fluid.sweep();
  fluid.set_coupling(options.coupling);
  for (int s = 0; s < options.settle_sweeps; ++s)
    fluid.sweep();
  std::vector<std::vector<Vec3>> result;
  while (result.size() < frames) {
    for (int s = 0; !result.empty() && s < most_sweeps_between_frames; ++s) {
      fluid.sweep();
      if (rms_move(result.back(), fluid.positions()) >= options.step_a) break;
    }
    result.push_back(fluid.positions());
  }
  return result;
}

} // namespace aet::analysis
