#include "sim/stem/atom_template.hpp"

#include "sim/core/units.hpp"
#include "sim/stem/exit_count.hpp"
#include "sim/stem/fourier.hpp"
#include "sim/stem/gauss_legendre.hpp"
#include "sim/stem/interpolation.hpp"

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

/// Mean of f(k) over the disc up to q.
template <class Function> double mean_over_disc(double q, const Function& f) {
  const Quadrature discs = gauss_legendre(12, 0.0, 1.0); // of k^2 over q^2
  double sum = 0.0;
  for (std::size_t i = 0; i < discs.node.size(); ++i)
    sum += discs.weight[i] * f(q * std::sqrt(discs.node[i]));
  return sum;
}

int patch_size(double side, double pixel) {
  return core::good_fft_size(static_cast<int>(std::ceil(side / pixel)));
}

/// Cross-section for scattering into rings, mean over the directions k of the aperture: integral over |q| of
/// f(|q - k|).
/// \param rings nodes |q| and weights d|q| [1/angstrom].
template <class Function> double area_of(const Quadrature& rings, double aperture, const Function& f) {
  constexpr int directions = 96;
  return mean_over_disc(aperture, [&](double k) {
    double sum = 0.0;
    for (std::size_t j = 0; j < rings.node.size(); ++j) {
      const double q = rings.node[j];
      double around = 0.0;
      for (int d = 0; d < directions; ++d) {
        const double c = std::cos(core::pi * (d + 0.5) / directions);
        around += f(std::sqrt(std::max(0.0, q * q + k * k - 2.0 * q * k * c)));
      }
      sum += rings.weight[j] * 2.0 * core::pi * q * around / directions;
    }
    return sum;
  });
}

/// Rings between two edges, as wide as they are large.
Quadrature rings_between(double inner, double outer) {
  Quadrature rings = gauss_legendre(64, std::log(inner), std::log(outer));
  for (std::size_t j = 0; j < rings.node.size(); ++j) {
    rings.node[j] = std::exp(rings.node[j]);
    rings.weight[j] *= rings.node[j];
  }
  return rings;
}

} // namespace

ElementScattering element_scattering(int z, double pixel, const StemOptions& options) {
  ElementScattering out;
  const Annulus annulus(options.probe, options.detector, 1e-6);
  const double wavelength = core::electron_wavelength(options.probe.energy_kv);
  const double aperture = options.probe.convergence_mrad * 1e-3 / wavelength;
  const double outer = options.detector.outer_mrad * 1e-3 / wavelength;
  const RadialFunction scattered = scattered_wave(z, options, atom_radius, radial_points);
  const double q_max = std::max(0.5 / pixel, std::max(annulus.outer(), outer + aperture));
  const int count = static_cast<int>(std::ceil(q_max / element_spectrum_step)) + 4;
  for (int j = 0; j < count; ++j) {
    std::complex<double> sum = 0.0;
    for (std::size_t i = 0; i < scattered.r.size(); ++i) {
      sum += scattered.value[i] *
             (scattered.weight[i] * ::j0(2.0 * core::pi * j * element_spectrum_step * scattered.r[i]));
    }
    out.spectrum.push_back(sum);
  }

  const auto area_beyond = [&](double edge_mrad) {
    return area_of(rings_between(edge_mrad * 1e-3 / wavelength, outer), aperture, [&](double q) {
      return std::norm(interpolate_even(out.spectrum, q / element_spectrum_step));
    });
  };
  for (const double edge : counted_edges(options))
    out.areas_beyond.push_back(edge < options.probe.convergence_mrad ? 0.0 : area_beyond(edge));
  out.detected_area = area_beyond(options.detector.inner_mrad);
  double total_area = 0.0;
  for (std::size_t i = 0; i < scattered.r.size(); ++i)
    total_area += scattered.weight[i] * std::norm(scattered.value[i]);
  constexpr int steps = 400;
  const double h = annulus.outer() / steps;
  double inside_outer = 0.0;
  for (int j = 0; j < steps; ++j) {
    const double q = (j + 0.5) * h;
    inside_outer +=
        2.0 * core::pi * q * h * std::norm(interpolate_even(out.spectrum, q / element_spectrum_step));
  }
  out.escape_area = std::max(0.0, total_area - inside_outer);
  out.operators =
      atom_operators(scattered_wave(z, options, mode_radius, mode_points), annulus.inner(), annulus.outer());
  return out;
}

AtomTemplate make_atom_template(const ElementScattering& element, double u_rms, double pixel,
                                const StemOptions& options) {
  AtomTemplate out;
  out.patch = patch_size(patch_side, pixel);
  out.core_patch = patch_size(core_side + 3.0 * u_rms, pixel);
  out.diffuse_patch = patch_size(diffuse_side, pixel);
  const Annulus annulus(options.probe, options.detector, 1e-6);
  const auto spectrum = [&element](double q) {
    return interpolate_even(element.spectrum, q / element_spectrum_step);
  };
  const double damping = 2.0 * core::pi * core::pi * u_rms * u_rms;
  if (u_rms > 0.0)
    out.at_rest =
        patch_spectrum([&](double kx, double ky) { return spectrum(std::hypot(kx, ky)); }, out.patch, pixel);
  out.scatter = patch_spectrum(
      [&](double kx, double ky) {
        return spectrum(std::hypot(kx, ky)) * std::exp(-damping * (kx * kx + ky * ky));
      },
      out.patch, pixel);

  out.detected_area = element.detected_area;
  out.areas_beyond = element.areas_beyond;
  out.escape_area = element.escape_area;

  const double aperture =
      options.probe.convergence_mrad * 1e-3 / core::electron_wavelength(options.probe.energy_kv);
  AtomModeOptions mode_options;
  mode_options.u_rms = u_rms;
  mode_options.beyond_cutoff = escape_cutoff;
  mode_options.diffuse_cutoff = diffuse_cutoff;
  const AtomModes modes = atom_modes(element.operators, mode_options);
  const auto patch_of = [&](const AtomMode& mode, int n) {
    const double scale = std::sqrt(mode.strength) * pixel;
    return patch_spectrum(
        [&](double kx, double ky) {
          return scale * mode(std::hypot(kx, ky)) * std::polar(1.0, mode.m * std::atan2(ky, kx));
        },
        n, pixel);
  };
  if (u_rms > 0.0) {
    out.diffuse_area = area_of(gauss_legendre(48, 0.0, annulus.inner()), aperture, [&](double q) {
      return std::norm(spectrum(q)) * -std::expm1(-2.0 * damping * q * q);
    });
  }
  // There are more modes than are kept. Those beyond the detector all lie at the nucleus, and those left out
  // scatter like the others.
  const auto cross_section = [](const std::vector<AtomMode>& list, double directions) {
    double sum = 0.0;
    for (const AtomMode& mode : list) {
      sum += mode.strength * mean_over_disc(directions, [&](double k) { return std::norm(mode(k)); });
    }
    return sum;
  };
  const double held = cross_section(modes.beyond, 0.0);
  const auto scale = static_cast<float>(std::sqrt(out.escape_area / held));
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
