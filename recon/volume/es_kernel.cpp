#include "recon/volume/es_kernel.hpp"

#include "sim/core/units.hpp"

#include <cmath>
#include <cstddef>

namespace aet::recon {

namespace {

/// The cited paper's rule for twofold oversampling: beta = 2.30 w.
constexpr double beta = 2.30 * EsKernel::width;

/// Power-basis coefficients of the Chebyshev interpolant of f on [-1, 1].
template <std::size_t count, class F> std::array<double, count> interpolate(const F& f) {
  std::array<double, count> samples{};
  std::array<double, count> angles{};
  for (std::size_t i = 0; i < count; ++i) {
    angles[i] = core::pi * (static_cast<double>(i) + 0.5) / static_cast<double>(count);
    samples[i] = f(std::cos(angles[i]));
  }
  std::array<double, count> power{};
  std::array<double, count> previous{}; // T_(k-1)
  std::array<double, count> current{};  // T_k
  current[0] = 1.0;
  for (std::size_t k = 0; k < count; ++k) {
    double a = 0.0;
    for (std::size_t i = 0; i < count; ++i)
      a += samples[i] * std::cos(static_cast<double>(k) * angles[i]);
    a *= (k == 0 ? 1.0 : 2.0) / static_cast<double>(count);
    for (std::size_t i = 0; i < count; ++i)
      power[i] += a * current[i];
    std::array<double, count> next{};
    for (std::size_t i = 0; i + 1 < count; ++i)
      next[i + 1] = (k == 0 ? 1.0 : 2.0) * current[i];
    for (std::size_t i = 0; i < count; ++i)
      next[i] -= previous[i];
    previous = current;
    current = next;
  }
  return power;
}

} // namespace

EsKernel::EsKernel() {
  for (std::size_t j = 0; j < width; ++j) {
    const auto power = interpolate<degree + 1>(
        [j](double z) { return exact(0.5 * (z - (width - 1)) + static_cast<double>(j)); });
    for (std::size_t d = 0; d <= degree; ++d)
      coefficients_[d][j] = static_cast<float>(power[d]);
  }
}

double EsKernel::exact(double distance) {
  const double t = 2.0 * distance / width;
  return std::abs(t) > 1.0 ? 0.0 : std::exp(beta * (std::sqrt(1.0 - t * t) - 1.0));
}

std::vector<float> EsKernel::deconvolution(int n, int fine) {
  // Mid-point rule after d = (w/2) sin(a), which removes the square-root ends: converges geometrically.
  constexpr int nodes = 128;
  std::array<double, nodes> position{};
  std::array<double, nodes> weight{};
  for (std::size_t i = 0; i < nodes; ++i) {
    const double a = core::pi * ((static_cast<double>(i) + 0.5) / nodes - 0.5);
    position[i] = 0.5 * width * std::sin(a);
    weight[i] = exact(position[i]) * 0.5 * width * std::cos(a) * core::pi / nodes;
  }
  std::vector<float> factors(static_cast<std::size_t>(n));
  for (int m = 0; m < n; ++m) {
    double transform = 0.0;
    for (std::size_t i = 0; i < nodes; ++i) {
      transform += weight[i] * std::cos(2.0 * core::pi * (m - n / 2) / fine * position[i]);
    }
    factors[static_cast<std::size_t>(m)] = static_cast<float>(1.0 / transform);
  }
  return factors;
}

} // namespace aet::recon
