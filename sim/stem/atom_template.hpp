// What one atom of an element does to the wave, prepared once and placed anywhere on the coarse grid.
#pragma once

#include "sim/core/aligned.hpp"
#include "sim/core/fft.hpp"
#include "sim/stem/atom_modes.hpp"
#include "sim/stem/detector.hpp"
#include "sim/stem/options.hpp"

#include <complex>
#include <vector>

namespace aet::stem {

/// Small square patches around an atom, as spectra of functions centred on the atom.
struct AtomTemplate {
  int patch = 0;         ///< samples a side of `scatter`, even
  int core_patch = 0;    ///< samples a side of the escape modes, even
  int diffuse_patch = 0; ///< samples a side of the diffuse modes, even
  /// Of exp(i sigma V) - 1, mean over the displacements, band-limited to the coarse grid.
  core::AlignedVector<core::Complex> scatter;
  /// The same of the atom at rest; empty without displacements.
  core::AlignedVector<core::Complex> at_rest;
  /// Of the escape modes, scaled so that |sum over samples of conj(mode) wave|^2, added up over the modes, is
  /// the fraction beyond the outer edge for a wave whose squared magnitudes sum to one.
  std::vector<core::AlignedVector<core::Complex>> escape;
  /// Where the wave hardly varies over the atom, the first mode alone gives the sum, times this.
  double escape_by_first = 1.0;
  /// The same for what displacements spread inside the inner edge, beside the mean wave (atom_modes.hpp).
  std::vector<core::AlignedVector<core::Complex>> diffuse;
  double detected_area = 0.0; ///< cross-section for scattering into the annulus, mean over the directions of
                              ///< the probe [angstrom^2]
  std::vector<double> areas_beyond; ///< the same from each of counted_edges() to the annulus' outer edge; 0
                                    ///< for edges within the aperture
  double escape_area = 0.0;         ///< cross-section for scattering beyond its outer edge [angstrom^2]
  double diffuse_left = 0.0; ///< what the diffuse modes lack of it, which lies around them [angstrom^2]
  double diffuse_area = 0.0; ///< cross-section for diffuse scattering inside its inner edge, mean over the
                             ///< directions of the probe [angstrom^2]
};

/// Spacing of an element's spectrum [1/angstrom]; functions of extent 5 A vary over 1/10 per angstrom.
inline constexpr double element_spectrum_step = 0.04;

/// What all atoms of an element share, whatever their displacement.
struct ElementScattering {
  /// exp(i sigma V) - 1 is radially symmetric, so its spectrum is a Hankel transform, computed by quadrature
  /// from the exact projected potential: no grid smooths the nucleus. At multiples of element_spectrum_step.
  std::vector<std::complex<double>> spectrum;
  AtomOperators operators;
  double detected_area = 0.0;       ///< as in AtomTemplate
  std::vector<double> areas_beyond; ///< as in AtomTemplate
  double escape_area = 0.0;         ///< as in AtomTemplate
};

/// \param pixel of the coarse grid [angstrom].
[[nodiscard]] ElementScattering element_scattering(int z, double pixel, const StemOptions& options);

/// \param u_rms displacement along one axis that is averaged over [angstrom]; 0: an atom at rest.
/// \param pixel of the coarse grid, as for the element [angstrom].
[[nodiscard]] AtomTemplate make_atom_template(const ElementScattering& element, double u_rms, double pixel,
                                              const StemOptions& options);

/// Real-space values of a template spectrum for an atom `dx`, `dy` pixels (|.| <= 1/2) from sample (n/2, n/2)
/// of the patch. `out` holds n x n values.
/// \param chirp Fourier sample (kx, ky) is also multiplied by exp(i pi chirp (kx^2 + ky^2)): propagation over
///   -chirp side^2 / lambda.
void place_template(const core::AlignedVector<core::Complex>& spectrum, double dx, double dy,
                    const core::Fft2& fft, core::AlignedVector<core::Complex>& out, double chirp = 0.0);

} // namespace aet::stem
