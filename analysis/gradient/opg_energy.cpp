#include "analysis/gradient/opg_energy.hpp"

#include "sim/core/error.hpp"
#include "sim/core/units.hpp"

#include <fmt/core.h>

#include <array>
#include <cmath>

namespace aet::analysis {
namespace {

using core::pi;

void check(double alpha0, const NucleationEnergies& e) {
  if (!(alpha0 > 0.0) || !(e.gamma > 0.0) || !(e.delta_g > 0.0))
    throw core::ConfigError(fmt::format("alpha0 = {}, gamma = {}, delta_g = {}: all three must be positive",
                                        alpha0, e.gamma, e.delta_g));
}

/// A profile that scales with r has G = 4 pi alpha0 (gamma surface r^2 - delta_g volume r^3), where
/// volume = int f(s) s^2 ds and surface = int |f'(s)| s^2 ds.
Barrier scaled(double volume, double surface, double alpha0, const NucleationEnergies& e) {
  check(alpha0, e);
  const double r = 2.0 * surface * e.gamma / (3.0 * volume * e.delta_g);
  return {r, 4.0 * pi / 3.0 * alpha0 * surface * e.gamma * r * r};
}

/// Gauss-Legendre, 8 points in each of 64 panels.
template <typename F> double integrate(const F& f, double to) {
  constexpr std::array<double, 4> node{0.1834346424956498, 0.5255324099163290, 0.7966664774136267,
                                       0.9602898564975363};
  constexpr std::array<double, 4> weight{0.3626837833783620, 0.3137066458778873, 0.2223810344533745,
                                         0.1012285362903763};
  constexpr int panels = 64;
  const double half = 0.5 * to / panels;
  double sum = 0.0;
  for (int p = 0; p < panels; ++p) {
    const double middle = (2 * p + 1) * half;
    for (std::size_t k = 0; k < node.size(); ++k)
      sum += weight[k] * (f(middle - half * node[k]) + f(middle + half * node[k]));
  }
  return sum * half;
}

} // namespace

Barrier closed_form_barrier(Interface interface, double alpha0, const NucleationEnergies& energies) {
  switch (interface) {
  case Interface::sharp:
    return scaled(1.0 / 3.0, 1.0, alpha0, energies);
  case Interface::linear:
    return scaled(1.0 / 12.0, 1.0 / 3.0, alpha0, energies);
  case Interface::parabola_above:
    return scaled(2.0 / 15.0, 1.0 / 2.0, alpha0, energies);
  case Interface::parabola_below:
    return scaled(1.0 / 30.0, 1.0 / 6.0, alpha0, energies);
  }
  throw core::ConfigError("unknown interface of a nucleus");
}

Barrier generalised_gaussian_barrier(double alpha0, double beta, const NucleationEnergies& energies) {
  if (!(beta > 0.0)) throw core::ConfigError(fmt::format("beta is {}; it must be positive", beta));
  // int exp(-s^beta) s^2 ds = Gamma(3/beta)/beta; int |f'| s^2 ds = 2 int f s ds = 2 Gamma(2/beta)/beta.
  return scaled(std::tgamma(3.0 / beta) / beta, 2.0 * std::tgamma(2.0 / beta) / beta, alpha0, energies);
}

double nucleus_free_energy(const ProfileFamily& family, double r, const NucleationEnergies& energies) {
  const double end = family.extent * r;
  const double volume = integrate([&](double at) { return family.alpha(r, at) * at * at; }, end);
  const double surface = integrate([&](double at) { return std::abs(family.slope(r, at)) * at * at; }, end) +
                         std::abs(family.alpha(r, end)) * end * end;
  return 4.0 * pi * (energies.gamma * surface - energies.delta_g * volume);
}

Barrier solve_barrier(const ProfileFamily& family, const NucleationEnergies& energies, double r_low,
                      double r_high) {
  check(1.0, energies);
  if (!(r_low > 0.0) || !(r_high > r_low) || !(family.extent > 0.0))
    throw core::ConfigError(
        fmt::format("nucleus sizes from {} to {}: they must be positive and rise", r_low, r_high));
  // Five-point derivative: exact for the cubic in r that every profile of fixed shape gives.
  const auto force = [&](double r) {
    const double h = 1e-2 * r;
    const auto g = [&](double at) { return nucleus_free_energy(family, at, energies); };
    return (8.0 * (g(r + h) - g(r - h)) - (g(r + 2.0 * h) - g(r - 2.0 * h))) / (12.0 * h);
  };
  constexpr int steps = 60;
  const double ratio = std::pow(r_high / r_low, 1.0 / steps);
  double low = r_low;
  double high = r_low;
  bool found = false;
  for (int i = 0; i < steps && !found; ++i) {
    low = high;
    high = low * ratio;
    found = force(low) > 0.0 && force(high) <= 0.0;
  }
  if (!found)
    throw core::NumericsError(
        fmt::format("the free energy of the nucleus has no maximum between sizes {} and {}", r_low, r_high));
  for (int i = 0; i < 100 && high - low > 1e-14 * high; ++i) {
    const double middle = 0.5 * (low + high);
    (force(middle) > 0.0 ? low : high) = middle;
  }
  const double r = 0.5 * (low + high);
  return {r, nucleus_free_energy(family, r, energies)};
}

} // namespace aet::analysis
