#include "sim/stem/escape_modes.hpp"

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
constexpr int momenta = static_cast<int>(end_band / escape_mode_step);
constexpr double quadrature_step = 0.05; ///< over |k| inside the edge [1/angstrom]
constexpr int highest_order = 1;

double fade(double k) {
  if (k <= full_band) return 1.0;
  const double c = std::cos(0.5 * core::pi * (k - full_band) / (end_band - full_band));
  return c * c;
}

double bessel(int m, double x) {
  return m == 0 ? ::j0(x) : ::jn(m, x);
}

} // namespace

std::complex<double> EscapeMode::operator()(double k) const {
  const double x = k / escape_mode_step - 0.5;
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

std::vector<EscapeMode> escape_modes(const RadialFunction& scattered, double edge, double cutoff) {
  const auto points = static_cast<Eigen::Index>(scattered.r.size());
  const auto steps = static_cast<Eigen::Index>(std::ceil(edge / quadrature_step));
  const double dq = edge / static_cast<double>(steps);
  std::vector<EscapeMode> modes;
  for (int m = 0; m <= highest_order; ++m) {
    // The waves exp(i m phi) J_m(2 pi k r) after the atom, weighted for quadrature over r and over incident
    // k.
    Eigen::MatrixXcd after(points, momenta);
    for (Eigen::Index i = 0; i < points; ++i) {
      const auto n = static_cast<std::size_t>(i);
      for (int j = 0; j < momenta; ++j) {
        const double k = (j + 0.5) * escape_mode_step;
        const double s = std::sqrt(2.0 * core::pi * k * escape_mode_step) * fade(k);
        after(i, j) = std::sqrt(scattered.weight[n]) * scattered.value[n] *
                      (s * bessel(m, 2.0 * core::pi * k * scattered.r[n]));
      }
    }
    // Their part inside the edge; all minus inside is what escapes.
    Eigen::MatrixXd to_momentum(steps, points);
    for (Eigen::Index q = 0; q < steps; ++q) {
      const double k = (static_cast<double>(q) + 0.5) * dq;
      for (Eigen::Index i = 0; i < points; ++i) {
        const auto n = static_cast<std::size_t>(i);
        to_momentum(q, i) = std::sqrt(2.0 * core::pi * k * dq * scattered.weight[n]) *
                            bessel(m, 2.0 * core::pi * k * scattered.r[n]);
      }
    }
    const Eigen::MatrixXcd inside = to_momentum * after;
    const Eigen::MatrixXcd escaped = after.adjoint() * after - inside.adjoint() * inside;
    const Eigen::SelfAdjointEigenSolver<Eigen::MatrixXcd> solver(escaped);
    for (int e = momenta - 1; e >= 0; --e) {
      EscapeMode mode;
      mode.m = m;
      mode.strength = solver.eigenvalues()(e);
      for (int j = 0; j < momenta; ++j) {
        const double k = (j + 0.5) * escape_mode_step;
        mode.u.push_back(solver.eigenvectors()(j, e) / std::sqrt(2.0 * core::pi * k * escape_mode_step));
      }
      if (modes.empty() || mode.strength >= cutoff * modes.front().strength) {
        modes.push_back(mode);
        if (m > 0) {
          mode.m = -m;
          modes.push_back(mode);
        }
      }
    }
  }
  return modes;
}

} // namespace aet::stem
