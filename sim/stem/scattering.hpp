// Electron scattering factors and the transform of an atom's projected potential.
#pragma once

namespace aet::stem {

/// Published parametrisations; both hold all elements up to lawrencium.
enum class FactorTable { lobato, kirkland };

/// Electron scattering factor of a neutral atom at rest, first Born approximation [angstrom].
/// \param z atomic number, 1..103.
/// \param q spatial frequency 2 sin(theta/2) / lambda [1/angstrom], >= 0.
/// \throws core::DataError for an element without factors.
[[nodiscard]] double scattering_factor(FactorTable table, int z, double q);

/// Fourier transform of the projected potential [V angstrom^3]: v(q) = 2 pi a0 e f(q), so that
/// V(r) [V angstrom] = integral of v(|q|) exp(+2 pi i q r) d^2q.
/// Source: Kirkland, Advanced Computing in Electron Microscopy, eq. 5.15 to 5.20.
[[nodiscard]] double potential_transform(FactorTable table, int z, double q);

/// Projected potential [V angstrom] of a neutral atom at distance r > 0 [angstrom] from its axis: the exact
/// transform of potential_transform(), in modified Bessel functions and Gaussians. Diverges logarithmically
/// at the nucleus. Source: Kirkland, op. cit., eq. C.20; Lobato & Van Dyck, Acta Cryst. A70, 636 (2014),
/// table 2.
[[nodiscard]] double projected_potential_at(FactorTable table, int z, double r);

} // namespace aet::stem
