#include "sim/stem/atom_modes.hpp"

#include "sim/core/units.hpp"

#include <Eigen/Core>
#include <Eigen/Eigenvalues>

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace aet::stem {

namespace {

/// Momenta of the incident wave that are followed: in full up to `full_band`, fading to `end_band`
/// [1/angstrom].
constexpr double full_band = 3.0;
constexpr double end_band = 5.0;
constexpr int momenta = static_cast<int>(end_band / atom_mode_step);
constexpr double quadrature_step = 0.05; ///< over |k| inside the edge [1/angstrom]
constexpr int highest_order = 2;         ///< of the modes
constexpr int mixed_orders = 7;          ///< further ones that displacements mix in

double fade(double k) {
  if (k <= full_band) return 1.0;
  const double c = std::cos(0.5 * core::pi * (k - full_band) / (end_band - full_band));
  return c * c;
}

/// Bessel functions of orders 0, 1, ... at x >= 0, by the recurrence f(n-1) = 2n/x f(n) + sign f(n+1)
/// downwards from where they vanish, scaled so that f(0) + 2 sum of f(every), f(2 every), ... = 1.
void downwards(double x, double sign, std::size_t every, std::vector<double>& f) {
  std::fill(f.begin(), f.end(), 0.0);
  f[0] = 1.0;
  constexpr double nothing = 1e-8;
  if (x < nothing) return;
  double above = 0.0;
  double here = 1e-200;
  double sum = 0.0;
  for (std::size_t n = f.size() + 24 + static_cast<std::size_t>(x); n > 0; --n) {
    const double below = 2.0 * static_cast<double>(n) / x * here + sign * above;
    above = here;
    here = below;
    if (n - 1 < f.size()) f[n - 1] = here;
    if ((n - 1) % every == 0) sum += n == 1 ? here : 2.0 * here;
    constexpr double large = 1e100;
    if (std::abs(here) > large) {
      for (double& v : f)
        v /= large;
      above /= large;
      here /= large;
      sum /= large;
    }
  }
  for (double& v : f)
    v /= sum;
}

/// J_0 .. J_highest at x >= 0.
void bessel_orders(double x, std::vector<double>& j) {
  const auto highest = j.size() - 1;
  if (x > static_cast<double>(highest)) { // where going up is stable
    j[0] = ::j0(x);
    if (highest > 0) j[1] = ::j1(x);
    for (std::size_t n = 1; n < highest; ++n)
      j[n + 1] = 2.0 * static_cast<double>(n) / x * j[n] - j[n - 1];
    return;
  }
  downwards(x, -1.0, 2, j); // J_0 + 2 J_2 + 2 J_4 + ... = 1
}

double momentum(Eigen::Index j) {
  return (static_cast<double>(j) + 0.5) * atom_mode_step;
}

/// The waves exp(i m phi) J_m(2 pi k r) after the atom, for each order m: node x incident momentum, weighted
/// for quadrature over both.
std::vector<Eigen::MatrixXcd> waves_after(const RadialFunction& scattered, int count) {
  const auto points = static_cast<Eigen::Index>(scattered.r.size());
  std::vector<Eigen::MatrixXcd> after(static_cast<std::size_t>(count), Eigen::MatrixXcd(points, momenta));
  std::vector<double> j(after.size());
  for (Eigen::Index i = 0; i < points; ++i) {
    const auto n = static_cast<std::size_t>(i);
    for (Eigen::Index c = 0; c < momenta; ++c) {
      const double k = momentum(c);
      const double s = std::sqrt(2.0 * core::pi * k * atom_mode_step) * fade(k);
      bessel_orders(2.0 * core::pi * k * scattered.r[n], j);
      for (std::size_t m = 0; m < after.size(); ++m)
        after[m](i, c) = std::sqrt(scattered.weight[n]) * scattered.value[n] * (s * j[m]);
    }
  }
  return after;
}

/// Intensity inside |k| = edge of these waves, between any two of them, for each order.
std::vector<Eigen::MatrixXcd> inside(const RadialFunction& nodes, const std::vector<Eigen::MatrixXcd>& after,
                                     double edge) {
  const auto points = static_cast<Eigen::Index>(nodes.r.size());
  const auto steps = static_cast<Eigen::Index>(std::ceil(edge / quadrature_step));
  const double dq = edge / static_cast<double>(steps);
  std::vector<Eigen::MatrixXd> to_momentum(after.size(), Eigen::MatrixXd(steps, points));
  std::vector<double> j(after.size());
  for (Eigen::Index q = 0; q < steps; ++q) {
    const double k = (static_cast<double>(q) + 0.5) * dq;
    for (Eigen::Index i = 0; i < points; ++i) {
      const auto n = static_cast<std::size_t>(i);
      bessel_orders(2.0 * core::pi * k * nodes.r[n], j);
      for (std::size_t m = 0; m < after.size(); ++m)
        to_momentum[m](q, i) = std::sqrt(2.0 * core::pi * k * dq * nodes.weight[n]) * j[m];
    }
  }
  std::vector<Eigen::MatrixXcd> out;
  for (std::size_t m = 0; m < after.size(); ++m) {
    const Eigen::MatrixXcd part = to_momentum[m] * after[m];
    out.emplace_back(part.adjoint() * part);
  }
  return out;
}

/// Mean of an operator over displacements, of the modes' own orders.
/// \param at_rest of the atom at rest, from order 0; those left out count as nothing.
std::vector<Eigen::MatrixXcd> thermal_mean(const std::vector<Eigen::MatrixXcd>& at_rest, double u) {
  const int own = highest_order + 1;
  if (u == 0.0) return {at_rest.begin(), at_rest.begin() + own};
  const int all = static_cast<int>(at_rest.size());
  std::vector<Eigen::MatrixXcd> mean(static_cast<std::size_t>(own), Eigen::MatrixXcd::Zero(momenta, momenta));
  const double c = 2.0 * core::pi * core::pi * u * u;
  std::vector<double> bessel(static_cast<std::size_t>(all + highest_order));
  for (Eigen::Index a = 0; a < momenta; ++a) {
    for (Eigen::Index b = 0; b < momenta; ++b) {
      const double k = momentum(a);
      const double l = momentum(b);
      downwards(2.0 * c * k * l, 1.0, 1, bessel); // exp(-x) I_n: I_0 + 2 I_1 + 2 I_2 + ... = exp(x)
      const double damping = std::exp(-c * (k - l) * (k - l));
      for (int m = 0; m < own; ++m) {
        for (int other = 1 - all; other < all; ++other) {
          mean[static_cast<std::size_t>(m)](a, b) += damping *
                                                     bessel[static_cast<std::size_t>(std::abs(m - other))] *
                                                     at_rest[static_cast<std::size_t>(std::abs(other))](a, b);
        }
      }
    }
  }
  return mean;
}

/// The modes of one order, m and -m.
void add_modes(const Eigen::MatrixXcd& op, int m, double cutoff, std::vector<AtomMode>& modes) {
  const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXcd> solver(op);
  for (Eigen::Index e = momenta - 1; e >= 0; --e) {
    AtomMode mode;
    mode.m = m;
    mode.strength = solver.eigenvalues()(e);
    for (Eigen::Index j = 0; j < momenta; ++j)
      mode.u.push_back(solver.eigenvectors()(j, e) /
                       std::sqrt(2.0 * core::pi * momentum(j) * atom_mode_step));
    modes.push_back(mode);
    if (m > 0) {
      mode.m = -m;
      modes.push_back(mode);
    }
  }
  double strongest = 0.0;
  for (const AtomMode& mode : modes)
    strongest = std::max(strongest, mode.strength);
  std::erase_if(modes, [&](const AtomMode& mode) { return mode.strength < cutoff * strongest; });
}

} // namespace

std::complex<double> AtomMode::operator()(double k) const {
  const double x = k / atom_mode_step - 0.5;
  const auto i = static_cast<std::ptrdiff_t>(std::floor(x));
  const double t = x - static_cast<double>(i);
  const auto size = static_cast<std::ptrdiff_t>(u.size());
  const auto at = [&](std::ptrdiff_t j) -> std::complex<double> {
    if (j >= size) return 0.0;
    if (j >= 0) return u[static_cast<std::size_t>(j)];
    return (m % 2 == 0 ? 1.0 : -1.0) * u[static_cast<std::size_t>(-1 - j)];
  };
  return at(i - 1) * (-t * (t - 1.0) * (t - 2.0) / 6.0) + at(i) * ((t + 1.0) * (t - 1.0) * (t - 2.0) / 2.0) +
         at(i + 1) * (-(t + 1.0) * t * (t - 2.0) / 2.0) + at(i + 2) * ((t + 1.0) * t * (t - 1.0) / 6.0);
}

RadialFunction blurred(const RadialFunction& f, double u_rms) {
  if (u_rms == 0.0) return f;
  constexpr double step = 0.04;    // the functions reach 5 angstrom
  constexpr double nothing = 14.0; // exponent
  const double c = 2.0 * core::pi * core::pi * u_rms * u_rms;
  const double last = std::sqrt(nothing / c);
  RadialFunction out{f.r, f.weight, std::vector<std::complex<double>>(f.r.size())};
  for (double q = 0.5 * step; q < last; q += step) {
    std::complex<double> transform = 0.0;
    std::vector<double> j(f.r.size());
    for (std::size_t i = 0; i < f.r.size(); ++i) {
      j[i] = ::j0(2.0 * core::pi * q * f.r[i]);
      transform += f.weight[i] * j[i] * f.value[i];
    }
    transform *= 2.0 * core::pi * q * step * std::exp(-c * q * q);
    for (std::size_t i = 0; i < f.r.size(); ++i)
      out.value[i] += j[i] * transform;
  }
  return out;
}

AtomOperators atom_operators(const RadialFunction& scattered, double inner, double outer) {
  const std::vector<Eigen::MatrixXcd> after = waves_after(scattered, highest_order + 1 + mixed_orders);
  AtomOperators out{scattered, inner, inside(scattered, after, outer), inside(scattered, after, inner)};
  for (std::size_t m = 0; m < after.size(); ++m)
    out.beyond[m] = after[m].adjoint() * after[m] - out.beyond[m];
  return out;
}

AtomModes atom_modes(const AtomOperators& at_rest, const AtomModeOptions& o) {
  constexpr int own = highest_order + 1;
  AtomModes modes;
  const std::vector<Eigen::MatrixXcd> beyond = thermal_mean(at_rest.beyond, o.u_rms);
  for (int m = 0; m < own; ++m)
    add_modes(beyond[static_cast<std::size_t>(m)], m, o.beyond_cutoff, modes.beyond);
  if (o.u_rms == 0.0) return modes;
  const std::vector<Eigen::MatrixXcd> hole = thermal_mean(at_rest.hole, o.u_rms);
  const RadialFunction mean = blurred(at_rest.scattered, o.u_rms);
  const std::vector<Eigen::MatrixXcd> coherent = inside(mean, waves_after(mean, own), at_rest.inner);
  for (int m = 0; m < own; ++m) {
    const auto order = static_cast<std::size_t>(m);
    add_modes(hole[order] - coherent[order], m, o.diffuse_cutoff, modes.diffuse);
  }
  return modes;
}

} // namespace aet::stem
