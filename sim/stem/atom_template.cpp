#include "sim/stem/atom_template.hpp"

#include "sim/core/units.hpp"
#include "sim/stem/atom_modes.hpp"
#include "sim/stem/atom_response.hpp"
#include "sim/stem/exit_count.hpp"
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
/// Side of the patch of diffuse scattering into the hole, which the whole slope of the potential does.
constexpr double diffuse_side = 2.4;
/// Radius up to which an atom's potential is followed [angstrom].
constexpr double atom_radius = 5.0;
constexpr int radial_points = 2000;
/// The same for modes, which need less.
constexpr double mode_radius = 3.0;
constexpr int mode_points = 600;
/// Modes weaker than this, relative to the strongest, are left out.
constexpr double escape_cutoff = 0.01;
/// The same of diffuse ones, whose sum is known otherwise.
constexpr double diffuse_cutoff = 0.03;
/// Spacing of tabulated spectra [1/angstrom]; functions of extent 5 A vary over 1/10 per angstrom.
constexpr double table_step = 0.04;

/// exp(i sigma V) - 1 of one atom, on nodes that are dense at the nucleus: r = R u^3.
RadialFunction scattered_wave(int z, const StemOptions& options, double radius, int points) {
  const double sigma = core::interaction_constant(options.probe.energy_kv);
  RadialFunction out;
  for (int i = 0; i < points; ++i) {
    const double u = (i + 0.5) / points;
    const double r = radius * u * u * u;
    out.r.push_back(r);
    out.weight.push_back(2.0 * core::pi * r * 3.0 * radius * u * u / points);
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

/// Mean of f(kx, ky) over the disc up to q.
template <class Function> double mean_over_disc(double q, const Function& f) {
  constexpr int rings = 6;
  constexpr int directions = 12;
  double sum = 0.0;
  for (int i = 0; i < rings; ++i) {
    const double k = q * std::sqrt((i + 0.5) / rings); // rings of equal area
    for (int j = 0; j < directions; ++j) {
      const double phi = 2.0 * core::pi * (j + 0.5) / directions;
      sum += f(k * std::cos(phi), k * std::sin(phi));
    }
  }
  return sum / (rings * directions);
}

int patch_size(double side, double pixel) {
  return core::good_fft_size(static_cast<int>(std::ceil(side / pixel)));
}

} // namespace

AtomTemplate make_atom_template(int z, double u_rms, double pixel, const StemOptions& options) {
  AtomTemplate out;
  out.patch = patch_size(patch_side, pixel);
  out.core_patch = patch_size(core_side + 3.0 * u_rms, pixel);
  out.diffuse_patch = patch_size(diffuse_side, pixel);
  const Annulus annulus(options.probe, options.detector, 1e-6);
  const double q_max = std::max(0.5 / pixel, annulus.outer());

  using Value = std::complex<double>;
  const RadialFunction scattered = scattered_wave(z, options, atom_radius, radial_points);
  const RadialTable<Value> spectrum(q_max, [&scattered](double q) {
    Value sum = 0.0;
    for (std::size_t i = 0; i < scattered.r.size(); ++i) {
      sum += scattered.value[i] * (scattered.weight[i] * ::j0(2.0 * core::pi * q * scattered.r[i]));
    }
    return sum;
  });
  const double damping = 2.0 * core::pi * core::pi * u_rms * u_rms;
  if (u_rms > 0.0)
    out.at_rest =
        patch_spectrum([&](double kx, double ky) { return spectrum(std::hypot(kx, ky)); }, out.patch, pixel);
  out.scatter = patch_spectrum(
      [&](double kx, double ky) {
        return spectrum(std::hypot(kx, ky)) * std::exp(-damping * (kx * kx + ky * ky));
      },
      out.patch, pixel);

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
  for (const double edge : counted_edges(options)) {
    StemOptions to_edge = options;
    to_edge.detector.inner_mrad = edge;
    double beyond = out.detected_area;
    if (edge < options.probe.convergence_mrad)
      beyond = 0.0;
    else if (edge != options.detector.inner_mrad)
      beyond = AtomResponse(z, to_edge, {0.0})(0, 0.0);
    out.areas_beyond.push_back(beyond);
  }
  out.escape_area = std::max(0.0, total_area - inside_outer);

  const double aperture =
      options.probe.convergence_mrad * 1e-3 / core::electron_wavelength(options.probe.energy_kv);
  AtomModeOptions mode_options;
  mode_options.u_rms = u_rms;
  mode_options.inner = annulus.inner();
  mode_options.outer = annulus.outer();
  mode_options.beyond_cutoff = escape_cutoff;
  mode_options.diffuse_cutoff = diffuse_cutoff;
  const AtomModes modes = atom_modes(scattered_wave(z, options, mode_radius, mode_points), mode_options);
  const auto patch_of = [&](const AtomMode& mode, int n) {
    const double scale = std::sqrt(mode.strength) * pixel;
    return patch_spectrum(
        [&](double kx, double ky) {
          return scale * mode(std::hypot(kx, ky)) * std::polar(1.0, mode.m * std::atan2(ky, kx));
        },
        n, pixel);
  };
  constexpr double ring = 0.125; // [1/angstrom]
  for (double q = 0.5 * ring; q < q_max && u_rms > 0.0; q += ring) {
    const double part = std::clamp((annulus.inner() - q) / ring + 0.5, 0.0, 1.0);
    if (part == 0.0) break;
    out.diffuse_area +=
        part * 2.0 * core::pi * q * ring * mean_over_disc(aperture, [&](double kx, double ky) {
          const double transfer = std::hypot(q - kx, ky);
          return std::norm(spectrum(transfer)) * -std::expm1(-2.0 * damping * transfer * transfer);
        });
  }
  // Displacements make more modes than are kept. Those beyond the detector all lie at the nucleus, and those
  // left out scatter like the others.
  const auto cross_section = [](const std::vector<AtomMode>& list, double directions) {
    double sum = 0.0;
    for (const AtomMode& mode : list) {
      sum += mode.strength * mean_over_disc(directions, [&](double kx, double ky) {
               return std::norm(mode(std::hypot(kx, ky)));
             });
    }
    return sum;
  };
  const double held = cross_section(modes.beyond, 0.0);
  const auto scale = static_cast<float>(u_rms > 0.0 ? std::sqrt(out.escape_area / held) : 1.0);
  for (const AtomMode& mode : modes.beyond) {
    out.escape.push_back(patch_of(mode, out.core_patch));
    for (core::Complex& value : out.escape.back())
      value *= scale;
  }
  out.escape_by_first = held / cross_section({modes.beyond.front()}, 0.0);
  for (const AtomMode& mode : modes.diffuse)
    out.diffuse.push_back(patch_of(mode, out.diffuse_patch));
  out.diffuse_left = std::max(0.0, out.diffuse_area - cross_section(modes.diffuse, aperture));
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
