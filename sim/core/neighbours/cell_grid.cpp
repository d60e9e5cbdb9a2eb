#include "sim/core/neighbours/cell_grid.hpp"

#include "sim/core/error.hpp"

#include <Eigen/LU>
#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace aet::core {
namespace {

int floor_divide(int a, int n) {
  return a >= 0 ? a / n : -((-a + n - 1) / n);
}

} // namespace

CellGrid::CellGrid(std::span<const Vec3> positions, const std::optional<Cell>& cell, double bin_size)
    : edges_(Mat3::Identity()), bin_size_(bin_size) {
  if (!(bin_size > 0.0) || !std::isfinite(bin_size))
    throw ConfigError(
        fmt::format("neighbour bin size is {} A; it must be positive: check the cut-off", bin_size));
  if (cell) periodic_ = cell->periodic;
  const bool any_periodic = periodic_[0] || periodic_[1] || periodic_[2];
  if (any_periodic) edges_ = cell->vectors;
  if (const double volume = std::abs(edges_.determinant()); !(volume > 1e-9) || !std::isfinite(volume))
    throw DataError(fmt::format("the periodic cell has a volume of {} A^3; give three edges that are "
                                "not in one plane",
                                volume));
  // position = edges^T fraction
  to_fraction_ = edges_.transpose().inverse();
  unique_radius_ = std::numeric_limits<double>::infinity();
  for (int k = 0; k < 3; ++k) {
    height_[k] = 1.0 / to_fraction_.row(k).norm();
    if (periodic_[k]) unique_radius_ = std::min(unique_radius_, 0.5 * height_[k]);
  }

  const std::size_t n = positions.size();
  std::vector<Vec3> wrapped(positions.begin(), positions.end());
  std::vector<Vec3> fraction(n);
  Vec3 low = Vec3::Zero();
  Vec3 high = Vec3::Zero();
  for (std::size_t i = 0; i < n; ++i) {
    Vec3 f = to_fraction(wrapped[i]);
    for (int k = 0; k < 3; ++k) {
      if (!periodic_[k]) continue;
      const double turns = std::floor(f[k]);
      if (turns == 0.0) continue; // atoms inside the cell keep their exact coordinates
      wrapped[i] -= turns * edges_.row(k).transpose();
      f[k] -= turns;
    }
    fraction[i] = f;
    low = i == 0 ? f : low.cwiseMin(f);
    high = i == 0 ? f : high.cwiseMax(f);
  }

  // No more than a few bins an atom, however sparse the atoms are.
  const double most = 4.0 * static_cast<double>(n) + 64.0;
  std::array<double, 3> wanted{};
  double product = 1.0;
  for (int k = 0; k < 3; ++k) {
    low_[k] = periodic_[k] ? 0.0 : low[k];
    const double span = periodic_[k] ? 1.0 : high[k] - low[k];
    wanted[k] = std::max(1.0, std::floor(span * height_[k] / bin_size));
    product *= wanted[k];
    width_[k] = span;
  }
  const double shrink = product > most ? std::cbrt(most / product) : 1.0;
  for (int k = 0; k < 3; ++k) {
    bins_[k] = std::max(1, static_cast<int>(std::min(wanted[k] * shrink, most)));
    width_[k] = width_[k] > 0.0 ? width_[k] / bins_[k] : 1.0;
  }

  const auto bin_of = [&](const Vec3& f) {
    std::array<int, 3> b{};
    for (int k = 0; k < 3; ++k)
      b[k] = std::clamp(static_cast<int>((f[k] - low_[k]) / width_[k]), 0, bins_[k] - 1);
    return (static_cast<std::size_t>(b[2]) * bins_[1] + b[1]) * bins_[0] + b[0];
  };
  const std::size_t count = static_cast<std::size_t>(bins_[0]) * bins_[1] * bins_[2];
  start_.assign(count + 1, 0);
  std::vector<std::size_t> bin(n);
  for (std::size_t i = 0; i < n; ++i) {
    bin[i] = bin_of(fraction[i]);
    ++start_[bin[i] + 1];
  }
  for (std::size_t b = 0; b < count; ++b)
    start_[b + 1] += start_[b];
  std::vector<std::uint32_t> next(start_.begin(), start_.end() - 1);
  x_.resize(n);
  y_.resize(n);
  z_.resize(n);
  id_.resize(n);
  for (std::size_t i = 0; i < n; ++i) {
    const std::uint32_t slot = next[bin[i]]++;
    x_[slot] = wrapped[i].x();
    y_[slot] = wrapped[i].y();
    z_[slot] = wrapped[i].z();
    id_[slot] = static_cast<std::uint32_t>(i);
  }
}

double CellGrid::reach(const Vec3& point) const {
  double sum = 0.0;
  const Vec3 f = to_fraction(point);
  for (int k = 0; k < 3; ++k) {
    const double span = width_[k] * bins_[k];
    const double outside = periodic_[k] ? 0.0 : std::max({0.0, low_[k] - f[k], f[k] - low_[k] - span});
    sum += (span + outside) * edges_.row(k).norm();
  }
  return sum + bin_size_;
}

void CellGrid::scan(std::uint32_t begin, std::uint32_t end, const Vec3& p, const Vec3& shift, double radius,
                    std::vector<Hit>& out) const {
  // Slightly more than the radius at first; the strict test is on the distance itself.
  const double limit = radius * radius * (1.0 + 1e-12);
  const double px = p.x();
  const double py = p.y();
  const double pz = p.z();
  const double sx = shift.x();
  const double sy = shift.y();
  const double sz = shift.z();
  for (std::uint32_t s = begin; s < end; ++s) {
    // (atom - point) + shift changes only its sign when the two are swapped: neighbours are mutual.
    const double dx = (x_[s] - px) + sx;
    const double dy = (y_[s] - py) + sy;
    const double dz = (z_[s] - pz) + sz;
    const double squared = dx * dx + dy * dy + dz * dz;
    if (squared >= limit) continue;
    const double distance = std::sqrt(squared);
    if (distance < radius) out.push_back({distance, dx, dy, dz, id_[s]});
  }
}

void CellGrid::within(const Vec3& point, double radius, std::vector<Hit>& out) const {
  out.clear();
  if (id_.empty() || !(radius > 0.0)) return;
  Vec3 p = point;
  Vec3 f = to_fraction(p);
  for (int k = 0; k < 3; ++k) {
    if (!periodic_[k]) continue;
    const double turns = std::floor(f[k]);
    if (turns == 0.0) continue;
    p -= turns * edges_.row(k).transpose();
    f[k] -= turns;
  }
  std::array<int, 3> from{};
  std::array<int, 3> to{};
  for (int k = 0; k < 3; ++k) {
    const double reach = radius / height_[k] * (1.0 + 1e-12) + 1e-12;
    double a = std::floor((f[k] - reach - low_[k]) / width_[k]);
    double b = std::floor((f[k] + reach - low_[k]) / width_[k]);
    if (!periodic_[k]) {
      a = std::clamp(a, 0.0, bins_[k] - 1.0);
      b = std::clamp(b, 0.0, bins_[k] - 1.0);
    }
    from[k] = static_cast<int>(a);
    to[k] = static_cast<int>(b);
  }
  for (int iz = from[2]; iz <= to[2]; ++iz) {
    const int turn_z = floor_divide(iz, bins_[2]);
    for (int iy = from[1]; iy <= to[1]; ++iy) {
      const int turn_y = floor_divide(iy, bins_[1]);
      const std::size_t row = (static_cast<std::size_t>(iz - turn_z * bins_[2]) * bins_[1] +
                               static_cast<std::size_t>(iy - turn_y * bins_[1])) *
                              bins_[0];
      for (int ix = from[0]; ix <= to[0];) {
        const int turn_x = floor_divide(ix, bins_[0]);
        const int first = ix - turn_x * bins_[0];
        const int last = std::min(bins_[0] - 1, first + to[0] - ix);
        ix += last - first + 1;
        const std::uint32_t begin = start_[row + first];
        const std::uint32_t end = start_[row + last + 1];
        const Vec3 shift = edges_.transpose() * Vec3(static_cast<double>(turn_x), static_cast<double>(turn_y),
                                                     static_cast<double>(turn_z));
        scan(begin, end, p, shift, radius, out);
      }
    }
  }
}

std::optional<Hit> CellGrid::nearest(const Vec3& point, double max_radius) const {
  if (id_.empty()) return std::nullopt;
  const double limit = std::min(max_radius, reach(point));
  std::vector<Hit> hits;
  for (double radius = std::min(bin_size_, limit);; radius = std::min(2.0 * radius, limit)) {
    within(point, radius, hits);
    if (!hits.empty()) return *std::min_element(hits.begin(), hits.end(), nearer);
    if (radius >= limit) return std::nullopt;
  }
}

} // namespace aet::core
