#include "sim/stem/scattering.hpp"

#include "sim/core/error.hpp"
#include "sim/core/units.hpp"
#include "sim/stem/scattering_tables.hpp"

#include <fmt/core.h>

#include <cmath>
#include <cstddef>

namespace aet::stem {

namespace {

std::size_t table_row(int z) {
  if (z < 1 || z > elements_with_factors) {
    throw core::DataError(fmt::format(
        "no electron scattering factor for atomic number {}: the tables hold 1 to {}; use another element", z,
        elements_with_factors));
  }
  return static_cast<std::size_t>(z - 1);
}

constexpr double two_pi_a0_e = 2.0 * core::pi * core::bohr_radius_angstrom * core::coulomb_ev_angstrom;

} // namespace

double scattering_factor(FactorTable table, int z, double q) {
  const std::size_t row = table_row(z);
  const double q2 = q * q;
  double f = 0.0;
  if (table == FactorTable::lobato) {
    const auto& p = lobato_parameters[row];
    for (std::size_t i = 0; i < 5; ++i) {
      const double bq2 = p[5 + i] * q2;
      f += p[i] * (2.0 + bq2) / ((1.0 + bq2) * (1.0 + bq2));
    }
  } else {
    const auto& p = kirkland_parameters[row];
    for (std::size_t i = 0; i < 3; ++i)
      f += p[i] / (q2 + p[3 + i]) + p[6 + i] * std::exp(-p[9 + i] * q2);
  }
  return f;
}

double potential_transform(FactorTable table, int z, double q) {
  return two_pi_a0_e * scattering_factor(table, z, q);
}

double projected_potential_at(FactorTable table, int z, double r) {
  const std::size_t row = table_row(z);
  const double two_pi_r = 2.0 * core::pi * r;
  double sum = 0.0;
  if (table == FactorTable::lobato) {
    // (2 + b q^2) / (1 + b q^2)^2 = 1 / (1 + b q^2) + 1 / (1 + b q^2)^2, transformed one by one with B =
    // b^(-1/2).
    const auto& p = lobato_parameters[row];
    for (std::size_t i = 0; i < 5; ++i) {
      const double beta = 1.0 / std::sqrt(p[5 + i]);
      const double x = two_pi_r * beta;
      sum += p[i] * 2.0 * core::pi * beta * beta *
             (std::cyl_bessel_k(0.0, x) + 0.5 * x * std::cyl_bessel_k(1.0, x));
    }
  } else {
    const auto& p = kirkland_parameters[row];
    for (std::size_t i = 0; i < 3; ++i) {
      sum += p[i] * 2.0 * core::pi * std::cyl_bessel_k(0.0, two_pi_r * std::sqrt(p[3 + i]));
      sum += p[6 + i] * core::pi / p[9 + i] * std::exp(-core::pi * core::pi * r * r / p[9 + i]);
    }
  }
  return two_pi_a0_e * sum;
}

} // namespace aet::stem
