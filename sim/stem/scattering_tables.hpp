// Published parameters of electron scattering factors, as figures.
#pragma once

#include <array>

namespace aet::stem {

inline constexpr int elements_with_factors = 103;

/// a1 a2 a3 b1 b2 b3 c1 c2 c3 d1 d2 d3 of
/// f(q) = sum a_i / (q^2 + b_i) + sum c_i exp(-d_i q^2) [angstrom], q in 1/angstrom; row Z - 1.
/// Source: Kirkland, Advanced Computing in Electron Microscopy, 2nd ed. (Springer 2010), app. C,
/// doi:10.1007/978-1-4419-6533-2.
extern const std::array<std::array<double, 12>, elements_with_factors> kirkland_parameters;

/// a1..a5 b1..b5 of f(q) = sum a_i (2 + b_i q^2) / (1 + b_i q^2)^2 [angstrom], q in 1/angstrom; row Z - 1.
/// Source: Lobato & Van Dyck, Acta Cryst. A70, 636 (2014), doi:10.1107/S205327331401643X.
extern const std::array<std::array<double, 10>, elements_with_factors> lobato_parameters;

} // namespace aet::stem
