// Projected potentials on periodic grids, from Fourier space, with atoms at their exact positions.
#pragma once

#include "sim/core/aligned.hpp"
#include "sim/core/fft.hpp"
#include "sim/stem/specimen.hpp"

#include <map>
#include <vector>

namespace aet::stem {

/// v(q) of the elements needed on a square grid: one quadrant each, since v depends on |q| only.
class PotentialTransforms {
public:
  /// \param n samples a side, even.
  /// \param side of the periodic cell [angstrom].
  PotentialTransforms(FactorTable table, const std::vector<int>& elements, int n, double side,
                      PotentialSampling sampling = PotentialSampling::exact);

  [[nodiscard]] int n() const { return n_; }
  [[nodiscard]] double side() const { return side_; }
  /// v [V angstrom^3] at signed indices (kx, ky) is quadrant(z)[|ky| * (n/2 + 1) + |kx|].
  [[nodiscard]] const std::vector<float>& quadrant(int z) const { return quadrants_.at(z); }

private:
  int n_;
  double side_;
  std::map<int, std::vector<float>> quadrants_;
};

/// The elements of a specimen, each once, in rising order.
[[nodiscard]] std::vector<int> elements_of(const SlicedSpecimen& specimen);

/// Projected potential [V angstrom] of the atoms of one slice on the grid of `transforms`, as a complex array
/// whose imaginary parts vanish to rounding; element iy * n + ix. The origin falls on sample n/2; the cell is
/// periodic. Every frequency the grid holds is kept.
/// V = sum over atoms and q of v(q) exp(2 pi i q (r - r_a)) / side^2. Cost: n^2 x atoms.
[[nodiscard]] core::AlignedVector<core::Complex> projected_potential(const std::vector<ProjectedAtom>& atoms,
                                                                     const PotentialTransforms& transforms,
                                                                     const core::Fft2& fft);

} // namespace aet::stem
