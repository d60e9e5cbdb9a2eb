#include "sim/stem/atom_template.hpp"

#include "sim/core/units.hpp"
#include "sim/stem/atom_response.hpp"
#include "sim/stem/escape_modes.hpp"
#include "sim/stem/fourier.hpp"

#include <algorithm>
#include <cmath>
#include <complex>
#include <cstddef>
#include <vector>

namespace aet::stem {

namespace {

/// Side of the patch [angstrom]: +-4 A hold all but 1e-5 of a neutral atom's potential.
constexpr double patch_side = 8.0;
/// Side of the patch in which electrons leave beyond the detector [angstrom]: that happens at the nucleus.
constexpr double core_side = 1.3;
/// Radius up to which an atom's potential is followed [angstrom].
constexpr double atom_radius = 5.0;
constexpr int radial_points = 2000;
/// Modes weaker than this, relative to the strongest, are left out.
constexpr double escape_cutoff = 0.01;
/// Spacing of tabulated spectra [1/angstrom]; functions of extent 5 A vary over 1/10 per angstrom.
constexpr double table_step = 0.04;

/// exp(i sigma V) - 1 of one atom, on nodes that are dense at the nucleus: r = R u^3.
RadialFunction scattered_wave(int z, const StemOptions& options) {
  const double sigma = core::interaction_constant(options.probe.energy_kv);
  RadialFunction out;
  for (int i = 0; i < radial_points; ++i) {
    const double u = (i + 0.5) / radial_points;
    const double r = atom_radius * u * u * u;
    out.r.push_back(r);
    out.weight.push_back(2.0 * core::pi * r * 3.0 * atom_radius * u * u / radial_points);
    out.value.push_back(std::polar(1.0, sigma * projected_potential_at(options.factors, z, r)) - 1.0);
  }
  return out;
}

/// A radial function of frequency, tabulated at multiples of table_step, cubic in between.
template <class Value> class RadialTable {
public:
  template <class Function> RadialTable(double q_max, const Function& f) {
    const int count = static_cast<int>(std::ceil(q_max / table_step)) + 4;
    for (int i = 0; i < count; ++i)
      values_.push_back(f(i * table_step));
  }
  [[nodiscard]] Value operator()(double q) const {
    const double x = q / table_step;
    const auto i = static_cast<std::ptrdiff_t>(x);
    const double t = x - static_cast<double>(i);
    const auto at = [this](std::ptrdiff_t j) { return values_[static_cast<std::size_t>(std::abs(j))]; };
    // Lagrange through four neighbours; even in q.
    return at(i - 1) * (-t * (t - 1.0) * (t - 2.0) / 6.0) +
           at(i) * ((t + 1.0) * (t - 1.0) * (t - 2.0) / 2.0) +
           at(i + 1) * (-(t + 1.0) * t * (t - 2.0) / 2.0) + at(i + 2) * ((t + 1.0) * t * (t - 1.0) / 6.0);
  }

private:
  std::vector<Value> values_;
};

/// Samples f(kx, ky) / side^2 of a periodic n x n patch, inside the inscribed circle; frequencies in
/// 1/angstrom.
template <class Function>
core::AlignedVector<core::Complex> patch_spectrum(const Function& f, int n, double pixel) {
  core::AlignedVector<core::Complex> out(square(n));
  const double side = n * pixel;
  const int reach = n / 2 - 1;
  for (int ky = -reach; ky <= reach; ++ky) {
    for (int kx = -reach; kx <= reach; ++kx) {
      if (std::hypot(kx, ky) > reach) continue;
      const std::complex<double> value = f(kx / side, ky / side) / (side * side);
      out[static_cast<std::size_t>(fourier_index(ky, n) * n + fourier_index(kx, n))] =
          core::Complex(static_cast<float>(value.real()), static_cast<float>(value.imag()));
    }
  }
  return out;
}

int patch_size(double side, double pixel) {
  return core::good_fft_size(static_cast<int>(std::ceil(side / pixel)));
}

} // namespace

AtomTemplate make_atom_template(int z, double pixel, const StemOptions& options) {
  AtomTemplate out;
  out.patch = patch_size(patch_side, pixel);
  out.core_patch = patch_size(core_side, pixel);
  const Annulus annulus(options.probe, options.detector, 1e-6);
  const double q_max = std::max(0.5 / pixel, annulus.outer());

  using Value = std::complex<double>;
  const RadialFunction scattered = scattered_wave(z, options);
  const RadialTable<Value> spectrum(q_max, [&scattered](double q) {
    Value sum = 0.0;
    for (std::size_t i = 0; i < scattered.r.size(); ++i) {
      sum += scattered.value[i] * (scattered.weight[i] * ::j0(2.0 * core::pi * q * scattered.r[i]));
    }
    return sum;
  });
  out.scatter =
      patch_spectrum([&](double kx, double ky) { return spectrum(std::hypot(kx, ky)); }, out.patch, pixel);

  const auto area_inside = [&spectrum](double edge) {
    constexpr int steps = 400;
    const double h = edge / steps;
    double sum = 0.0;
    for (int j = 0; j < steps; ++j) {
      const double q = (j + 0.5) * h;
      sum += 2.0 * core::pi * q * h * std::norm(spectrum(q));
    }
    return sum;
  };
  double total_area = 0.0;
  for (std::size_t i = 0; i < scattered.r.size(); ++i)
    total_area += scattered.weight[i] * std::norm(scattered.value[i]);
  const double inside_outer = area_inside(annulus.outer());
  out.detected_area = AtomResponse(z, options, {0.0})(0, 0.0);
  out.escape_area = std::max(0.0, total_area - inside_outer);

  for (const EscapeMode& mode : escape_modes(scattered, annulus.outer(), escape_cutoff)) {
    const double scale = std::sqrt(mode.strength) * pixel;
    out.escape.push_back(patch_spectrum(
        [&](double kx, double ky) {
          return scale * mode(std::hypot(kx, ky)) * std::polar(1.0, mode.m * std::atan2(ky, kx));
        },
        out.core_patch, pixel));
  }
  return out;
}

void place_template(const core::AlignedVector<core::Complex>& spectrum, double dx, double dy,
                    const core::Fft2& fft, core::AlignedVector<core::Complex>& out, double chirp) {
  const int n = fft.nx();
  const auto width = static_cast<std::size_t>(n);
  std::vector<core::Complex> phase_x(width);
  const auto phase = [&](int i, double d) {
    const double k = signed_index(i, n);
    return unit_phase(core::pi * k * (chirp * k - 2.0 * (d + n / 2) / n));
  };
  for (int i = 0; i < n; ++i)
    phase_x[static_cast<std::size_t>(i)] = phase(i, dx);
  for (int iy = 0; iy < n; ++iy) {
    const auto phase_y = phase(iy, dy);
    const std::size_t row = static_cast<std::size_t>(iy) * width;
    for (std::size_t ix = 0; ix < width; ++ix) {
      out[row + ix] = product(spectrum[row + ix], product(phase_y, phase_x[ix]));
    }
  }
  fft.backward(out.data());
}

} // namespace aet::stem
