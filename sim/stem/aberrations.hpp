// Axial aberrations of the probe-forming lens to fifth order, by their usual names, and their phase.
//
// chi(q) = (2 pi / lambda) sum over n, m of a^(n+1) / (n+1) (C_nm,a cos m phi + C_nm,b sin m phi), with a =
// lambda |q| and phi the azimuth of q, counted from x towards y. Sources: Krivanek, Dellby & Lupini,
// Ultramicroscopy 78, 1 (1999), doi:10.1016/S0304-3991(99)00013-3, for this sum; Haider, Uhlemann & Zach,
// Ultramicroscopy 81, 163 (2000), doi:10.1016/S0304-3991(99)00194-1, for the other names, whose terms have
// the factor 1 in place of 1 / (n+1) where they are neither round nor have m = n + 1.
#pragma once

#include <array>
#include <complex>
#include <cstddef>
#include <string_view>
#include <vector>

namespace aet::stem {

inline constexpr double angstrom_per_mm = 1e7;

/// One term of the sum.
struct AberrationKind {
  const char* krivanek; ///< "C23"
  const char* haider;   ///< "A2"
  const char* meaning;
  int order;        ///< n: of the displacement of rays, which goes as a^n
  int multiplicity; ///< m: turning by 360/m degrees changes nothing; 0: round
  double factor;    ///< C_nm = factor x Haider's coefficient
};

inline constexpr std::array<AberrationKind, 14> aberration_kinds{{
    {"C10", "C1", "defocus", 1, 0, 1.0},
    {"C12", "A1", "twofold astigmatism", 1, 2, 1.0},
    {"C21", "B2", "axial coma", 2, 1, 3.0},
    {"C23", "A2", "threefold astigmatism", 2, 3, 1.0},
    {"C30", "C3", "spherical aberration", 3, 0, 1.0},
    {"C32", "S3", "axial star aberration", 3, 2, 4.0},
    {"C34", "A3", "fourfold astigmatism", 3, 4, 1.0},
    {"C41", "B4", "axial coma of fourth order", 4, 1, 5.0},
    {"C43", "D4", "three-lobe aberration", 4, 3, 5.0},
    {"C45", "A4", "fivefold astigmatism", 4, 5, 1.0},
    {"C50", "C5", "spherical aberration of fifth order", 5, 0, 1.0},
    {"C52", "S5", "axial star aberration of fifth order", 5, 2, 6.0},
    {"C54", "R5", "rosette aberration", 5, 4, 6.0},
    {"C56", "A5", "sixfold astigmatism", 5, 6, 1.0},
}};

/// Where a kind stands among them, by Haider's name.
consteval std::size_t aberration_number(std::string_view haider) {
  std::size_t k = 0;
  while (haider != aberration_kinds.at(k).haider) // an unknown name does not compile
    ++k;
  return k;
}

/// C_nm,a + i C_nm,b = amplitude x exp(i m azimuth) of every kind [angstrom]; the azimuth is where the term
/// of chi is largest. Real where the kind is round.
using Aberrations = std::array<std::complex<double>, aberration_kinds.size()>;

[[nodiscard]] Aberrations sum_of(Aberrations a, const Aberrations& b);

/// What is left of them after rotation about the axis.
[[nodiscard]] Aberrations round_part(Aberrations a);

/// Their phase, prepared: kinds that are zero cost nothing.
class AberrationPhase {
public:
  /// \param wavelength [angstrom].
  AberrationPhase(const Aberrations& aberrations, double wavelength);

  /// chi at (qx, qy) [1/angstrom], in radian.
  [[nodiscard]] double operator()(double qx, double qy) const;
  /// Where the ray through (qx, qy) arrives in the plane of the focus: grad chi / 2 pi, x + i y [angstrom].
  [[nodiscard]] std::complex<double> displacement(double qx, double qy) const;
  /// Largest displacement [angstrom] of rays up to `q_aperture` [1/angstrom].
  [[nodiscard]] double largest_displacement(double q_aperture) const;

private:
  /// Re(conjugate w^m |w|^2p), w = lambda (qx + i qy).
  struct Term {
    int m = 0;
    int p = 0;
    std::complex<double> conjugate; ///< of C_nm / (n+1) [angstrom]
  };
  double wavelength_;
  std::vector<Term> terms_;
};

} // namespace aet::stem
