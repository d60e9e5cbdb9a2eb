// How one atom alone answers the probe: the incoherent transfer function of an element into the annulus.
#pragma once

#include "sim/stem/options.hpp"

#include <cstddef>
#include <vector>

namespace aet::stem {

/// Signal of one isolated atom at rest as a function of the probe's distance, as a spectrum H(Q; depth): with
/// the atom at the origin, `depth` behind the focus, a probe at r0 sends the fraction
///   S(r0) = integral of H(|Q|) exp(2 pi i Q r0) d^2Q
/// of the beam into the annulus. H is what makes an image linear in its atoms:
///   H(Q) = integral of psi(k + Q/2) conj(psi(k - Q/2)) G(k + Q/2, k - Q/2) d^2k,
///   G(k, k') = integral over the annulus of T(q - k) conj(T(q - k')) d^2q,
/// with T the transform of exp(i sigma V) - 1 of the atom and psi the normalised wave in the aperture:
/// nothing is assumed but that the atom is alone. Where T varies little over the aperture G is a constant,
/// the detected cross-section, and S becomes cross-section x |probe|^2 (Jesson & Pennycook, Proc. R. Soc. A
/// 449, 273 (1995), doi:10.1098/rspa.1995.0044); at a 38 mrad inner angle that is a coarse approximation. H
/// vanishes beyond q_max() = 2 x convergence angle / wavelength.
class AtomResponse {
public:
  /// \param z       atomic number.
  /// \param depths behind the focus plane [angstrom], >= 1 of them, in any order.
  /// \param options probe, detector and factors; the detector's edges are taken as sharp.
  /// \throws core::DataError for an element without factors.
  AtomResponse(int z, const StemOptions& options, const std::vector<double>& depths);

  /// H [angstrom^2] at depths[i] and |Q| = q [1/angstrom].
  [[nodiscard]] double operator()(std::size_t i, double q) const;

  /// Cross-section into the annulus of an axial plane wave, G(0, 0) [angstrom^2].
  [[nodiscard]] double detected_area() const { return detected_area_; }

  /// Largest frequency in any image [1/angstrom].
  [[nodiscard]] static double q_max(const ProbeOptions& probe);

private:
  double step_ = 0.0; ///< of |Q| in the table [1/angstrom]
  double detected_area_ = 0.0;
  std::vector<std::vector<double>> table_; ///< [depth][q]
};

} // namespace aet::stem
