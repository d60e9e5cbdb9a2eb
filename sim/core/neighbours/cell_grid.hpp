// Atoms sorted into bins, so that everything near a point is found without looking at all atoms.
#pragma once

#include "sim/core/atoms.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace aet::core {

/// One atom (or one periodic image of it) near a point.
struct Hit {
  double distance = 0.0; ///< [angstrom]
  double dx = 0.0;       ///< atom minus point [angstrom]
  double dy = 0.0;
  double dz = 0.0;
  std::uint32_t index = 0; ///< of the atom in the positions the grid was built from
};

/// Order by geometry alone (distance, then displacement), so that sums over neighbours come out the same,
/// bit for bit, in whatever order the atoms were listed.
[[nodiscard]] inline bool nearer(const Hit& a, const Hit& b) {
  if (a.distance != b.distance) return a.distance < b.distance;
  if (a.dx != b.dx) return a.dx < b.dx;
  if (a.dy != b.dy) return a.dy < b.dy;
  return a.dz < b.dz;
}

/// Bins over the bounding box (open directions) or the cell (periodic directions; any parallelepiped).
/// Holds its own copy of the positions; safe to query from several threads.
class CellGrid {
public:
  /// \param positions finite, fewer than 2^32.
  /// \param cell      absent or without a periodic direction: open boundaries.
  /// \param bin_size  > 0 [angstrom]; a query is quickest with a radius of about one bin.
  /// \throws ConfigError for a bin size that is not positive; DataError for a periodic cell without volume.
  CellGrid(std::span<const Vec3> positions, const std::optional<Cell>& cell, double bin_size);

  /// All atoms (and images) with distance < radius from `point`, in no order. Replaces `out`.
  void within(const Vec3& point, double radius, std::vector<Hit>& out) const;

  /// The nearest atom or image; none if the grid is empty or nothing lies within `max_radius`.
  [[nodiscard]] std::optional<Hit> nearest(const Vec3& point, double max_radius) const;

  /// Half the smallest height of the cell over its periodic directions [angstrom]: up to this radius an
  /// atom is met at most once. Infinity for open boundaries.
  [[nodiscard]] double unique_image_radius() const { return unique_radius_; }

  /// Distance [angstrom] from `point` that is sure to reach every atom (once at least).
  [[nodiscard]] double reach(const Vec3& point) const;

  [[nodiscard]] std::size_t size() const { return id_.size(); }

private:
  [[nodiscard]] Vec3 to_fraction(const Vec3& point) const { return to_fraction_ * point; }

  /// Appends the hits among the sorted atoms begin .. end, moved by `shift`.
  void scan(std::uint32_t begin, std::uint32_t end, const Vec3& p, const Vec3& shift, double radius,
            std::vector<Hit>& out) const;

  Mat3 edges_;       // rows: cell edges
  Mat3 to_fraction_; // fraction = to_fraction * position
  std::array<bool, 3> periodic_{};
  std::array<double, 3> height_{}; // distance between opposite faces per unit fraction
  std::array<double, 3> low_{};    // fraction at which bin 0 begins
  std::array<double, 3> width_{};  // bin width in fractions
  std::array<int, 3> bins_{1, 1, 1};
  double bin_size_ = 1.0;
  double unique_radius_ = 0.0;
  std::vector<std::uint32_t> start_; // of each bin, one more than bins
  std::vector<double> x_, y_, z_;    // sorted by bin
  std::vector<std::uint32_t> id_;
};

} // namespace aet::core
