#include "sim/stem/atom_response.hpp"

#include "sim/core/units.hpp"
#include "sim/stem/gauss_legendre.hpp"
#include "sim/stem/interpolation.hpp"
#include "sim/stem/probe.hpp"
#include "sim/stem/scattering.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <complex>

namespace aet::stem {

namespace {

using Value = std::complex<double>;

constexpr double response_radius = 5.0; ///< up to which an atom's potential is followed [angstrom]
constexpr int response_points = 2000;
constexpr double spectrum_step = 0.04; ///< of T(q) [1/angstrom]: functions of extent 5 A vary over 1/10
constexpr int k_nodes = 33;            ///< of |k| from the axis to the edge of the aperture
constexpr int angle_nodes = 97;        ///< of the angle between k and k', 0 to pi
constexpr int ring_nodes = 64;         ///< of |q| in the annulus
/// Angular orders kept: a potential that ends at 3 A has 2 pi x 3 A x 1.2/A = 22 of them in the aperture.
constexpr int orders = 48;
constexpr int q_nodes = 129; ///< of |Q| in the result

/// T(q) of one atom: the Hankel transform of exp(i sigma V) - 1 from the exact projected potential, on nodes
/// that are dense at the nucleus (r = R u^3).
std::vector<Value> scattered_spectrum(int z, const StemOptions& options, double q_max) {
  const double sigma = core::interaction_constant(options.probe.energy_kv);
  std::vector<double> radius;
  std::vector<Value> weighted;
  for (int i = 0; i < response_points; ++i) {
    const double u = (i + 0.5) / response_points;
    const double r = response_radius * u * u * u;
    const double area = 2.0 * core::pi * r * 3.0 * response_radius * u * u / response_points;
    radius.push_back(r);
    weighted.push_back(area * (std::polar(1.0, sigma * projected_potential_at(options.factors, z, r)) - 1.0));
  }
  std::vector<Value> table;
  const int count = static_cast<int>(std::ceil(q_max / spectrum_step)) + 4;
  for (int i = 0; i < count; ++i) {
    Value sum = 0.0;
    for (std::size_t j = 0; j < radius.size(); ++j)
      sum += weighted[j] * ::j0(2.0 * core::pi * i * spectrum_step * radius[j]);
    table.push_back(sum);
  }
  return table;
}

/// G(k, k') for |k|, |k'| in the aperture and the angle between them.
class Overlap {
public:
  Overlap(const std::vector<Value>& spectrum, double k_max, double inner, double outer)
      : k_step_(k_max / (k_nodes - 1)), values_(static_cast<std::size_t>(k_nodes * k_nodes * angle_nodes)) {
    // T(q - k) = sum over m of T_m(|q|, |k|) exp(i m angle); the annulus is round, so orders do not mix.
    std::vector<double> cosine(2 * (angle_nodes - 1));
    for (std::size_t j = 0; j < cosine.size(); ++j)
      cosine[j] = std::cos(core::pi * static_cast<double>(j) / (angle_nodes - 1));
    const auto cosine_of = [&](int m, int j) {
      return cosine[static_cast<std::size_t>(m * j) % cosine.size()];
    };
    const Quadrature rings = gauss_legendre(ring_nodes, std::log(inner), std::log(outer));
    constexpr std::size_t pairs = static_cast<std::size_t>(k_nodes) * static_cast<std::size_t>(k_nodes);
    std::vector<Value> by_order(pairs * orders);
    std::vector<Value> ring(static_cast<std::size_t>(k_nodes * orders));
    for (std::size_t n = 0; n < rings.node.size(); ++n) {
      const double q = std::exp(rings.node[n]);
      const double area = 2.0 * core::pi * q * q * rings.weight[n];
      for (int k = 0; k < k_nodes; ++k) {
        std::array<Value, angle_nodes> t;
        for (int j = 0; j < angle_nodes; ++j) {
          const double kk = k * k_step_;
          const double transfer = std::sqrt(std::max(0.0, q * q + kk * kk - 2.0 * q * kk * cosine_of(1, j)));
          const double end = j == 0 || j == angle_nodes - 1 ? 0.5 : 1.0;
          t[static_cast<std::size_t>(j)] =
              end / (angle_nodes - 1) * interpolate_even(spectrum, transfer / spectrum_step);
        }
        for (int m = 0; m < orders; ++m) {
          Value sum = 0.0;
          for (int j = 0; j < angle_nodes; ++j)
            sum += t[static_cast<std::size_t>(j)] * cosine_of(m, j);
          ring[static_cast<std::size_t>(k * orders + m)] = sum;
        }
      }
      for (int a = 0; a < k_nodes; ++a) {
        for (int b = 0; b < k_nodes; ++b) {
          for (int m = 0; m < orders; ++m) {
            by_order[static_cast<std::size_t>((a * k_nodes + b) * orders + m)] +=
                area * ring[static_cast<std::size_t>(a * orders + m)] *
                std::conj(ring[static_cast<std::size_t>(b * orders + m)]);
          }
        }
      }
    }
    for (std::size_t pair = 0; pair < pairs; ++pair) {
      for (int j = 0; j < angle_nodes; ++j) {
        Value sum = by_order[pair * orders];
        for (int m = 1; m < orders; ++m)
          sum += 2.0 * cosine_of(m, j) * by_order[pair * orders + static_cast<std::size_t>(m)];
        values_[pair * angle_nodes + static_cast<std::size_t>(j)] = sum;
      }
    }
  }

  [[nodiscard]] Value at_axis() const { return values_.front(); }

  [[nodiscard]] Value operator()(double a, double b, double angle) const {
    const CubicStencil i(a / k_step_, k_nodes);
    const CubicStencil j(b / k_step_, k_nodes);
    const CubicStencil l(angle / core::pi * (angle_nodes - 1), angle_nodes);
    Value sum = 0.0;
    for (std::size_t u = 0; u < 4; ++u) {
      for (std::size_t v = 0; v < 4; ++v) {
        const Value* row = values_.data() + ((i.first + u) * k_nodes + j.first + v) * angle_nodes + l.first;
        Value along = 0.0;
        for (std::size_t w = 0; w < 4; ++w)
          along += l.weight[w] * row[w];
        sum += i.weight[u] * j.weight[v] * along;
      }
    }
    return sum;
  }

private:
  double k_step_;
  std::vector<Value> values_; ///< [k][k'][angle]
};

/// Largest rate at which the phase between k + Q/2 and k - Q/2 changes over the overlap of two apertures,
/// times its width [radian].
double largest_phase(const ProbeOptions& probe, double k_max, double depth) {
  const double wavelength = core::electron_wavelength(probe.energy_kv);
  const ProbeWave wave(round_probe(probe), 1e-9);
  // Slope of the aberration phase at the edge of the aperture, where it is largest.
  const double h = 1e-4 * k_max;
  const double slope =
      std::abs(std::arg(wave(k_max - h, 0.0, depth) * std::conj(wave(k_max - 2.0 * h, 0.0, depth)))) / h;
  return slope * k_max + 2.0 * core::pi * wavelength * std::abs(depth) * k_max * k_max;
}

} // namespace

double AtomResponse::q_max(const ProbeOptions& probe) {
  return 2.0 * probe.convergence_mrad * 1e-3 / core::electron_wavelength(probe.energy_kv);
}

AtomResponse::AtomResponse(int z, const StemOptions& options, const std::vector<double>& depths) {
  const double wavelength = core::electron_wavelength(options.probe.energy_kv);
  const double k_max = options.probe.convergence_mrad * 1e-3 / wavelength;
  const double inner = options.detector.inner_mrad * 1e-3 / wavelength;
  const double outer = options.detector.outer_mrad * 1e-3 / wavelength;
  const Overlap overlap(scattered_spectrum(z, options, outer + k_max), k_max, inner, outer);
  detected_area_ = overlap.at_axis().real();

  double phase = 0.0;
  for (const double depth : depths)
    phase = std::max(phase, largest_phase(options.probe, k_max, depth));
  const int points = 24 + static_cast<int>(phase); // Gauss: some three a radian are plenty
  const Quadrature unit = gauss_legendre(points, 0.0, 1.0);
  const ProbeWave wave(round_probe(options.probe), 1e-9); // a sharp aperture

  step_ = 2.0 * k_max / (q_nodes - 1);
  table_.assign(depths.size(), std::vector<double>(q_nodes, 0.0));
  const double norm = 4.0 / (core::pi * k_max * k_max); // |psi|^2, and four quarters of the overlap
  for (int iq = 0; iq + 1 < q_nodes; ++iq) {
    const double half = 0.5 * iq * step_;
    const double x_max = k_max - half;
    for (std::size_t i = 0; i < unit.node.size(); ++i) {
      // x = x_max (1 - s^2) makes the overlap's height smooth at its tip.
      const double s = unit.node[i];
      const double x = x_max * (1.0 - s * s);
      const double height = std::sqrt(std::max(0.0, k_max * k_max - (x + half) * (x + half)));
      for (std::size_t j = 0; j < unit.node.size(); ++j) {
        const double y = height * unit.node[j];
        const double a = std::min(k_max, std::hypot(x + half, y));
        const double b = std::min(k_max, std::hypot(x - half, y));
        const double angle = std::abs(std::atan2(y, x + half) - std::atan2(y, x - half));
        const double area = 2.0 * s * x_max * unit.weight[i] * height * unit.weight[j];
        const Value focused = norm * area * overlap(a, b, std::min(angle, core::pi)) * wave(a, 0.0, 0.0) *
                              std::conj(wave(b, 0.0, 0.0));
        // |k + Q/2|^2 - |k - Q/2|^2 = 2 k Q; the other half of the overlap is the conjugate.
        const double turn = -2.0 * core::pi * wavelength * x * 2.0 * half;
        for (std::size_t d = 0; d < depths.size(); ++d) {
          table_[d][static_cast<std::size_t>(iq)] +=
              focused.real() * std::cos(turn * depths[d]) - focused.imag() * std::sin(turn * depths[d]);
        }
      }
    }
  }
}

double AtomResponse::operator()(std::size_t i, double q) const {
  const double x = q / step_;
  if (x >= q_nodes - 1) return 0.0;
  const CubicStencil stencil(x, q_nodes);
  double sum = 0.0;
  for (std::size_t j = 0; j < 4; ++j)
    sum += stencil.weight[j] * table_[i][stencil.first + j];
  return sum;
}

} // namespace aet::stem
