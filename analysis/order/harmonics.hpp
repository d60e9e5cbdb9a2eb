// Real spherical harmonics of bond directions, summed over bonds.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace aet::analysis {

/// Sums real orthonormal spherical harmonics of chosen degrees over directions, without angles: with
/// (x, y, z) a unit vector, Y_lm = Pi_lm(z) times the real or imaginary part of (x + iy)^m, where Pi_lm is
/// the normalised associated Legendre function divided by sin^m(theta), a polynomial that the usual
/// three-term recurrence gives (Numerical Recipes, 3rd ed., 6.7.1). Orthonormal over the sphere, no
/// Condon-Shortley sign. Order of the 2l+1 components of one degree: m = 0, then cos and sin of m = 1, 2,
/// ..., l.
class HarmonicSums {
public:
  /// \param degrees each 0 .. 12, rising.
  /// \throws ConfigError otherwise.
  explicit HarmonicSums(std::vector<int> degrees);

  [[nodiscard]] const std::vector<int>& degrees() const { return degrees_; }
  /// Number of components of all degrees together.
  [[nodiscard]] std::size_t components() const { return components_; }
  /// Where the components of the d-th degree begin.
  [[nodiscard]] std::size_t offset(std::size_t d) const { return offsets_[d]; }

  /// out[c] = sum over bonds of weight x component c of the bond's direction; out has components() numbers.
  /// An empty `weights` means 1 for each. Lengths must be > 0. The sum is taken in a fixed order.
  void add_up(std::span<const double> dx, std::span<const double> dy, std::span<const double> dz,
              std::span<const double> length, std::span<const double> weights, std::span<double> out) const;

private:
  struct Step {
    double a = 0.0; ///< Pi_l = a z Pi_(l-1) - b Pi_(l-2)
    double b = 0.0;
    int component = -1; ///< where Y_lm goes, -1: only needed on the way
  };
  std::vector<int> degrees_;
  std::vector<std::size_t> offsets_;
  std::size_t components_ = 0;
  int top_ = 0;
  std::vector<double> start_; // Pi_mm
  std::vector<Step> steps_;   // for m = 0..top: l = m..top
};

} // namespace aet::analysis
