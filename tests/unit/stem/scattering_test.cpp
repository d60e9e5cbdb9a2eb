// Scattering factors and projected potentials against their own definitions in the other space.
#include "sim/core/error.hpp"
#include "sim/core/units.hpp"
#include "sim/stem/atom_modes.hpp"
#include "sim/stem/atom_template.hpp"
#include "sim/stem/fourier.hpp"
#include "sim/stem/projected_potential.hpp"
#include "sim/stem/scattering.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cmath>
#include <complex>
#include <tuple>
#include <utility>
#include <vector>

BOOST_AUTO_TEST_SUITE(scattering)

using namespace aet;
using namespace aet::stem;

namespace {

const std::vector<FactorTable> tables{FactorTable::lobato, FactorTable::kirkland};

/// Two-dimensional transform of a radial function by plain quadrature.
template <class F> double hankel(const F& f, double k, double r_max) {
  constexpr int steps = 40000;
  double sum = 0.0;
  for (int i = 0; i < steps; ++i) {
    const double u = (i + 0.5) / steps;
    const double r = r_max * u * u;
    sum += 2.0 * core::pi * r * f(r) * ::j0(2.0 * core::pi * k * r) * 2.0 * r_max * u / steps;
  }
  return sum;
}

} // namespace

BOOST_AUTO_TEST_CASE(published_values_at_rest) {
  // f(0) of carbon and platinum: both tables fit the same Dirac-Fock factors; they differ by 1 % at most
  // here.
  for (const int z : {6, 26, 29, 78, 79}) {
    const double l = scattering_factor(FactorTable::lobato, z, 0.3);
    const double k = scattering_factor(FactorTable::kirkland, z, 0.3);
    BOOST_TEST(l == k, boost::test_tools::tolerance(0.01));
  }
  // At large q a neutral atom scatters like its nucleus: f = Z / (2 pi^2 a0 q^2) (Mott-Bethe).
  const double q = 10.0;
  const double nucleus = 78.0 / (2.0 * core::pi * core::pi * core::bohr_radius_angstrom * q * q);
  BOOST_TEST(scattering_factor(FactorTable::lobato, 78, q) == nucleus, boost::test_tools::tolerance(0.1));
}

BOOST_AUTO_TEST_CASE(real_space_potential_is_the_transform_of_the_factor) {
  for (const auto table : tables) {
    for (const int z : {6, 78}) {
      for (const double k : {0.1, 0.5, 2.0, 5.0}) {
        const double numeric = hankel([&](double r) { return projected_potential_at(table, z, r); }, k, 30.0);
        BOOST_TEST(numeric == potential_transform(table, z, k), boost::test_tools::tolerance(1e-4));
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(grid_potential_equals_a_direct_sum_in_real_space) {
  // The slow twin adds up exact radial potentials, nearest periodic images included. The grid holds
  // frequencies up to 40 per angstrom, so beyond 0.4 A from a nucleus what is missing is small.
  constexpr int n = 960;
  constexpr double side = 12.0;
  const std::vector<ProjectedAtom> atoms{{78, 0.313, -1.271}, {26, -2.207, 2.018}, {78, 3.9, 1.11}};
  const PotentialTransforms transforms(FactorTable::lobato, {26, 78}, n, side);
  const auto v = projected_potential(atoms, transforms, core::Fft2(n, n));
  double worst = 0.0;
  double imaginary = 0.0;
  for (int iy = 3; iy < n; iy += 37) {
    for (int ix = 5; ix < n; ix += 23) {
      double sum = 0.0;
      double nearest = side;
      for (const auto& a : atoms) {
        for (int sx = -1; sx <= 1; ++sx) {
          for (int sy = -1; sy <= 1; ++sy) {
            const double r = std::hypot((ix - n / 2) * side / n - a.x - sx * side,
                                        (iy - n / 2) * side / n - a.y - sy * side);
            nearest = std::min(nearest, r);
            sum += projected_potential_at(FactorTable::lobato, a.z, r);
          }
        }
      }
      if (nearest < 0.4) continue;
      const auto value = v[static_cast<std::size_t>(iy * n + ix)];
      worst = std::max(worst, std::abs(static_cast<double>(value.real()) - sum));
      imaginary = std::max(imaginary, std::abs(static_cast<double>(value.imag())));
    }
  }
  // The potential at 0.4 A is some 300 V A.
  BOOST_TEST(worst < 3.0);
  // The unpaired highest frequency of an even grid.
  BOOST_TEST(imaginary < 0.3);
}

BOOST_AUTO_TEST_CASE(a_template_is_the_band_limited_transmission_of_one_atom) {
  // Twin: exp(i sigma V) - 1 on a fine grid in real space, its spectrum compared with the radial quadrature.
  // The atom lies between grid points so that the infinite potential at the nucleus is not met.
  const StemOptions options;
  constexpr double pixel = 0.08;
  const AtomTemplate shape = make_atom_template(element_scattering(26, pixel, options), 0.0, pixel, options);
  const int finer = 16;
  const int n = shape.patch * finer;
  const double side = shape.patch * pixel;
  const double sigma = core::interaction_constant(options.probe.energy_kv);
  core::AlignedVector<core::Complex> field(square(n));
  for (int iy = 0; iy < n; ++iy) {
    for (int ix = 0; ix < n; ++ix) {
      const double r = std::hypot((ix + 0.5 - n / 2) * side / n, (iy + 0.5 - n / 2) * side / n);
      field[static_cast<std::size_t>(iy * n + ix)] =
          unit_phase(sigma * projected_potential_at(options.factors, 26, r)) - core::Complex(1.0F);
    }
  }
  core::Fft2(n, n).forward(field.data());
  double error = 0.0;
  double norm = 0.0;
  for (int k = 0; k < shape.patch / 2 - 1; ++k) {
    // The twin's centre lies half a pixel before sample n/2; only kx differs from zero in this row.
    const auto to_centre = std::polar(1.0, 2.0 * core::pi * k * (0.5 * n - 0.5) / n);
    const auto raw = field[static_cast<std::size_t>(k)];
    const auto twin =
        std::complex<double>(raw.real(), raw.imag()) * to_centre / static_cast<double>(square(n));
    const auto ours = shape.scatter[static_cast<std::size_t>(k)];
    error += std::norm(twin - std::complex<double>(ours.real(), ours.imag()));
    norm += std::norm(twin);
  }
  BOOST_TEST(std::sqrt(error / norm) < 0.003);
}

BOOST_AUTO_TEST_CASE(escape_of_a_plane_wave_is_the_cross_section) {
  // For a wave without structure, the modes must give what is left of the total cross-section beyond the
  // edge.
  const StemOptions options;
  constexpr double pixel = 0.08;
  for (const auto& [z, u_rms] : {std::pair{26, 0.0}, {78, 0.0}, {26, 0.08}, {78, 0.08}}) {
    const AtomTemplate shape = make_atom_template(element_scattering(z, pixel, options), u_rms, pixel,
                                                  options); // where it is does not matter
    double escaped = 0.0;
    for (const auto& mode : shape.escape) {
      // The sum over a patch is its zero-frequency sample times the number of samples.
      const double samples = static_cast<double>(square(shape.core_patch));
      escaped += static_cast<double>(power(mode[0])) * samples * samples;
    }
    // A plane wave of one electron per square angstrom has samples of magnitude `pixel`.
    BOOST_TEST(escaped * pixel * pixel == shape.escape_area, boost::test_tools::tolerance(0.01));
  }
}

BOOST_AUTO_TEST_CASE(diffuse_modes_scatter_a_plane_wave_as_the_debye_waller_factor_says) {
  // Twin: for a plane wave along the axis, |f(q)|^2 (1 - exp(-4 pi^2 u^2 q^2)) over the hole; only the order
  // 0 of the modes sees it. Momenta in steps of 1/4 resolve a potential within 2 angstrom: 4 % of silicon's
  // lie beyond, less of heavier atoms; make_atom_template() scales the modes by it.
  const StemOptions options;
  constexpr double u = 0.08;
  const double wavelength = core::electron_wavelength(options.probe.energy_kv);
  const double inner = options.detector.inner_mrad * 1e-3 / wavelength;
  for (const int z : {14, 78}) {
    const double sigma = core::interaction_constant(options.probe.energy_kv);
    RadialFunction scattered;
    constexpr int points = 800;
    for (int i = 0; i < points; ++i) {
      const double x = (i + 0.5) / points;
      const double r = 4.0 * x * x * x;
      scattered.r.push_back(r);
      scattered.weight.push_back(2.0 * core::pi * r * 12.0 * x * x / points);
      scattered.value.push_back(std::polar(1.0, sigma * projected_potential_at(options.factors, z, r)) - 1.0);
    }
    double twin = 0.0;
    constexpr double step = 0.01;
    for (double q = 0.5 * step; q < inner; q += step) {
      std::complex<double> f = 0.0;
      for (std::size_t i = 0; i < scattered.r.size(); ++i)
        f += scattered.weight[i] * ::j0(2.0 * core::pi * q * scattered.r[i]) * scattered.value[i];
      twin +=
          2.0 * core::pi * q * step * std::norm(f) * -std::expm1(-4.0 * core::pi * core::pi * u * u * q * q);
    }
    AtomModeOptions o;
    o.u_rms = u;
    const AtomOperators at_rest = atom_operators(scattered, inner, 7.0);
    o.diffuse_cutoff = 1e-4;
    double sum = 0.0;
    for (const AtomMode& mode : atom_modes(at_rest, o).diffuse)
      sum += mode.m == 0 ? mode.strength * std::norm(mode(0.0)) : 0.0;
    BOOST_TEST(sum == twin, boost::test_tools::tolerance(0.05));
    o.u_rms = 0.0;
    BOOST_TEST(atom_modes(at_rest, o).diffuse.empty());
  }
}

BOOST_AUTO_TEST_CASE(a_blurred_function_is_the_mean_over_its_displacements) {
  // Twin: a normal function of standard deviation s becomes one of sqrt(s^2 + u^2).
  constexpr double s = 0.2;
  constexpr double u = 0.1;
  RadialFunction f;
  constexpr int points = 500;
  for (int i = 0; i < points; ++i) {
    const double r = 3.0 * (i + 0.5) / points;
    f.r.push_back(r);
    f.weight.push_back(2.0 * core::pi * r * 3.0 / points);
    f.value.push_back(std::exp(-r * r / (2.0 * s * s)));
  }
  const RadialFunction g = blurred(f, u);
  const double s2 = s * s + u * u;
  for (std::size_t i = 0; i < f.r.size(); i += 20)
    BOOST_TEST(std::abs(g.value[i] - s * s / s2 * std::exp(-f.r[i] * f.r[i] / (2.0 * s2))) < 1e-3);
}

BOOST_AUTO_TEST_CASE(elements_without_factors_are_refused) {
  BOOST_CHECK_EXCEPTION(std::ignore = scattering_factor(FactorTable::lobato, 110, 1.0), core::DataError,
                        [](const auto& e) {
                          return std::string(e.what()).find("110") != std::string::npos &&
                                 std::string(e.what()).find("103") != std::string::npos;
                        });
}

BOOST_AUTO_TEST_SUITE_END()
