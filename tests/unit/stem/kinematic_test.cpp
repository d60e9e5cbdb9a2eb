// Kinematic images: one atom against plain integrals, placement, linearity, rotation, the limit of thin
// objects.
#include "sim/core/error.hpp"
#include "sim/core/orientation.hpp"
#include "sim/core/units.hpp"
#include "sim/stem/atom_response.hpp"
#include "sim/stem/image.hpp"
#include "sim/stem/kinematic.hpp"
#include "sim/stem/linear_deviation.hpp"
#include "sim/stem/probe.hpp"
#include "sim/stem/scattering.hpp"
#include "tests/support/message.hpp"

#include <boost/test/unit_test.hpp>

#include <cmath>
#include <complex>
#include <tuple>
#include <vector>

BOOST_AUTO_TEST_SUITE(kinematic)

using namespace aet;
using namespace aet::stem;

namespace {

constexpr core::Threads two{2};

core::Atoms atoms_at(int z, const std::vector<core::Vec3>& positions) {
  core::Atoms atoms;
  atoms.positions = positions;
  atoms.atomic_numbers.assign(positions.size(), z);
  return atoms;
}

constexpr double spectrum_step = 0.02; ///< [1/angstrom]

/// T(q) of exp(i sigma V) - 1 at multiples of spectrum_step up to 9.5 per angstrom (240 mrad at 200 kV), by
/// the plain sum over rings of equal ratio.
std::vector<std::complex<double>> plain_spectrum(int z) {
  const double sigma = core::interaction_constant(200.0);
  std::vector<std::complex<double>> table(475);
  constexpr double ratio = 0.008;
  for (double l = std::log(1e-4); l < std::log(6.0); l += ratio) {
    const double r = std::exp(l);
    const auto wave = std::polar(1.0, sigma * projected_potential_at(FactorTable::lobato, z, r)) - 1.0;
    for (std::size_t i = 0; i < table.size(); ++i) {
      table[i] += wave * (2.0 * core::pi * r * r * ratio *
                          ::j0(2.0 * core::pi * static_cast<double>(i) * spectrum_step * r));
    }
  }
  return table;
}

/// Signal of a probe at distance `offset` from one atom `depth` behind the focus: every scattered momentum's
/// amplitude is summed over the incident ones, on polar grids.
double plain_signal(const std::vector<std::complex<double>>& table, double offset, double depth,
                    const StemOptions& options) {
  const double lambda = core::electron_wavelength(200.0);
  const double aperture = options.probe.convergence_mrad * 1e-3 / lambda;
  const double inner = options.detector.inner_mrad * 1e-3 / lambda;
  const double outer = options.detector.outer_mrad * 1e-3 / lambda;
  const ProbeWave wave(options.probe, 1e-9);
  constexpr int radii = 80;
  constexpr int angles = 96;
  constexpr int rings = 50;
  constexpr int directions = 24;
  struct Incident {
    double x;
    double y;
    std::complex<double> amplitude;
  };
  std::vector<Incident> incident;
  for (int i = 0; i < radii; ++i) {
    const double k = aperture * (i + 0.5) / radii;
    for (int j = 0; j < angles; ++j) {
      const double t = 2.0 * core::pi * (j + 0.5) / angles;
      const double area = k * aperture / radii * 2.0 * core::pi / angles;
      incident.push_back(
          {k * std::cos(t), k * std::sin(t),
           area * wave(k, 0.0, depth) * std::polar(1.0, -2.0 * core::pi * k * std::cos(t) * offset)});
    }
  }
  double sum = 0.0;
  for (int ring = 0; ring < rings; ++ring) {
    const double q = inner * std::pow(outer / inner, (ring + 0.5) / rings);
    const double dq = q * std::log(outer / inner) / rings;
    for (int direction = 0; direction < directions; ++direction) {
      const double phi = 2.0 * core::pi * (direction + 0.3) / directions;
      std::complex<double> amplitude = 0.0;
      for (const Incident& k : incident) {
        const double transfer = std::hypot(q * std::cos(phi) - k.x, q * std::sin(phi) - k.y) / spectrum_step;
        const auto l = static_cast<std::size_t>(transfer);
        const double part = transfer - static_cast<double>(l);
        amplitude += (table[l] * (1.0 - part) + table[l + 1] * part) * k.amplitude;
      }
      sum += std::norm(amplitude) * 2.0 * core::pi * q * dq / directions;
    }
  }
  return sum / (core::pi * aperture * aperture);
}

double at_distance(const core::Image& image, int steps) {
  return static_cast<double>(image.at(image.nx / 2 + steps, image.ny / 2));
}

/// sum |a - b| / sum b.
double difference(const core::Image& a, const core::Image& b) {
  double d = 0.0;
  double s = 0.0;
  for (std::size_t i = 0; i < a.data.size(); ++i) {
    d += std::abs(static_cast<double>(a.data[i] - b.data[i]));
    s += static_cast<double>(b.data[i]);
  }
  return d / s;
}

} // namespace

BOOST_AUTO_TEST_CASE(one_atom_answers_as_the_plain_integral_says) {
  StemOptions options;
  options.probe.c3_mm = 0.002;
  options.probe.c1_a = 10.0;
  const auto table = plain_spectrum(78);
  for (const double depth : {0.0, 27.4}) {
    options.probe.focus_z_a = -depth;
    const auto image = simulate_kinematic_image(
        {atoms_at(78, {{0, 0, 0}}), core::Mat3::Identity(), {32, 0.25}}, options, {}, two);
    const double centre = plain_signal(table, 0.0, depth, options);
    for (const int steps : {0, 2, 5}) {
      // The plain sum's midpoints leave 0.1 % of the central signal (0.3 % with 40 radii: second order).
      const double wanted = plain_signal(table, 0.25 * steps, depth, options);
      BOOST_TEST(std::abs(at_distance(image, steps) - wanted) < 0.002 * centre);
    }
  }
}

BOOST_AUTO_TEST_CASE(an_axial_plane_wave_meets_the_detected_cross_section) {
  const StemOptions options;
  const double lambda = core::electron_wavelength(200.0);
  for (const int z : {6, 78}) {
    const auto table = plain_spectrum(z);
    double area = 0.0;
    constexpr double step = 0.001;
    for (double q = 0.038 / lambda + 0.5 * step; q < 0.190 / lambda; q += step) {
      const double x = q / spectrum_step;
      const auto l = static_cast<std::size_t>(x);
      const double part = x - static_cast<double>(l);
      area += 2.0 * core::pi * q * step * std::norm(table[l] * (1.0 - part) + table[l + 1] * part);
    }
    // The plain sum ends within a step of the outer edge, where it has 1e-4 of the whole, and its table is
    // linear.
    BOOST_TEST(AtomResponse(z, options, {0.0}).detected_area() == area, boost::test_tools::tolerance(5e-4));
  }
}

BOOST_AUTO_TEST_CASE(at_high_angles_the_image_is_cross_section_times_probe_intensity) {
  // A small aperture and a high inner angle: T hardly varies over the aperture, so the image is the
  // convolution of a point of the detected cross-section with |psi|^2 = Airy. Scattering at 100 to 250 mrad
  // happens within 0.05 A of the nucleus, against a probe 1.5 A wide.
  StemOptions options;
  options.probe.convergence_mrad = 10.0;
  options.detector = {100.0, 250.0, DetectorEdge::sharp};
  const auto image = simulate_kinematic_image({atoms_at(26, {{0, 0, 0}}), core::Mat3::Identity(), {64, 0.25}},
                                              options, {}, two);
  const double area = AtomResponse(26, options, {0.0}).detected_area();
  const double k = 0.010 / core::electron_wavelength(200.0);
  for (const int steps : {0, 2, 4, 6}) {
    const double x = 2.0 * core::pi * k * 0.25 * steps;
    const double amplitude = x == 0.0 ? 1.0 : 2.0 * ::j1(x) / x;
    const double probe =
        core::pi * k * k * amplitude * amplitude; // intensity of the normalised probe [1/A^2]
    BOOST_TEST(std::abs(at_distance(image, steps) - area * probe) < 0.01 * area * core::pi * k * k);
  }
}

BOOST_AUTO_TEST_CASE(atoms_are_placed_exactly_and_images_add_up) {
  // An atom moved by a whole pixel moves its image by one pixel, whatever its place between pixels; the
  // images of two atoms add up. The mid-plane is given so that the focus does not follow the atoms.
  StemOptions options;
  options.probe.focus_z_a = 0.0;
  options.phonons.u_rms_a = 0.07;
  const Scan scan{48, 0.4};
  const auto image = [&](const std::vector<core::Vec3>& positions) {
    return simulate_kinematic_image({atoms_at(78, positions), core::Mat3::Identity(), scan}, options, {},
                                    two);
  };
  const core::Vec3 a(0.13, -0.29, 3.3);
  const core::Vec3 b(-1.71, 2.04, -8.9);
  const auto first = image({a});
  const auto moved = image({a + core::Vec3(0.4, -0.8, 0.0)});
  double peak = 0.0;
  for (const float v : first.data)
    peak = std::max(peak, static_cast<double>(v));
  for (int iy = 8; iy < 40; ++iy) {
    for (int ix = 8; ix < 40; ++ix)
      BOOST_TEST(std::abs(static_cast<double>(moved.at(ix + 1, iy - 2) - first.at(ix, iy))) < 1e-5 * peak);
  }
  const auto second = image({b});
  const auto both = image({a, b});
  for (std::size_t i = 0; i < both.data.size(); ++i)
    BOOST_TEST(std::abs(static_cast<double>(both.data[i] - first.data[i] - second.data[i])) < 1e-4 * peak);
}

BOOST_AUTO_TEST_CASE(a_quarter_turn_of_the_specimen_turns_the_image) {
  StemOptions options;
  const Scan scan{40, 0.4};
  const auto atoms = atoms_at(26, {{1.1, 0.4, -3.0}, {-2.0, 1.7, 2.0}, {0.3, -2.9, 6.5}});
  const auto straight = simulate_kinematic_image({atoms, core::Mat3::Identity(), scan}, options, {}, two);
  const core::Mat3 quarter = core::rotation_from_euler({core::pi / 2.0, 0.0, 0.0}); // x -> y, y -> -x
  const auto turned = simulate_kinematic_image({atoms, quarter, scan}, options, {}, core::Threads{1});
  double worst = 0.0;
  double peak = 0.0;
  for (int iy = 1; iy < 40; ++iy) {
    for (int ix = 1; ix < 40; ++ix) {
      worst = std::max(worst, std::abs(static_cast<double>(turned.at(40 - iy, ix) - straight.at(ix, iy))));
      peak = std::max(peak, static_cast<double>(straight.at(ix, iy)));
    }
  }
  BOOST_TEST(worst < 1e-5 * peak);
}

BOOST_AUTO_TEST_CASE(thermal_motion_is_a_gaussian_blur) {
  // Displacements average to the image convolved with a Gaussian: compare with the mean over a lattice of
  // displaced atoms weighted by it, out to 4 standard deviations.
  StemOptions options;
  const Scan scan{24, 0.4};
  options.phonons.u_rms_a = 0.2;
  const auto blurred =
      simulate_kinematic_image({atoms_at(78, {{0, 0, 0}}), core::Mat3::Identity(), scan}, options, {}, two);
  options.phonons.u_rms_a = 0.0;
  options.probe.focus_z_a = 0.0;
  constexpr int reach = 4;
  double weights = 0.0;
  std::vector<double> mean(blurred.data.size(), 0.0);
  for (int j = -reach; j <= reach; ++j) {
    for (int i = -reach; i <= reach; ++i) {
      const double weight = std::exp(-0.5 * (i * i + j * j));
      const auto one = simulate_kinematic_image(
          {atoms_at(78, {{0.2 * i, 0.2 * j, 0}}), core::Mat3::Identity(), scan}, options, {false, 8.0}, two);
      weights += weight;
      for (std::size_t p = 0; p < mean.size(); ++p)
        mean[p] += weight * static_cast<double>(one.data[p]);
    }
  }
  const double peak = at_distance(blurred, 0);
  for (std::size_t p = 0; p < mean.size(); ++p)
    BOOST_TEST(std::abs(mean[p] / weights - static_cast<double>(blurred.data[p])) < 2e-3 * peak);
}

BOOST_AUTO_TEST_CASE(a_thin_light_object_looks_as_by_multislice) {
  // Four carbon atoms side by side: scattering by two atoms one after the other is of the order of the
  // signal, 0.3 % of the beam. Measured: 0.8 % at the peaks, of which 0.3 dq / K = 0.7 % (dq: a Fourier
  // pixel, K: the aperture) are due to the softened edge of the aperture in the multislice methods, and 2.9 %
  // in all, most of it in the far tails of the probe, which the fast method computes from the cross-section
  // of an axial beam.
  const auto atoms = atoms_at(6, {{0.2, 0.1, 0.0}, {4.1, -3.2, 0.3}, {-3.9, 2.7, -0.3}, {-2.2, -4.0, 0.0}});
  const Scan scan{40, 0.4};
  const StemOptions options;
  const auto fast = simulate_image({atoms, core::Mat3::Identity(), scan}, options, two);
  const auto kinematic = simulate_kinematic_image({atoms, core::Mat3::Identity(), scan}, options, {}, two);
  const ModelError error = model_error({fast}, {kinematic});
  BOOST_TEST_MESSAGE("R1 " << difference(kinematic, fast) << ", scale " << error.series.scale);
  BOOST_TEST(difference(kinematic, fast) < 0.04);
  BOOST_TEST(std::abs(error.series.scale - 1.0) < 0.015);
}

BOOST_AUTO_TEST_CASE(deviation_from_a_linear_model_is_measured) {
  core::Image linear(20, 20);
  core::Image image(20, 20);
  for (std::size_t i = 0; i < linear.data.size(); ++i) {
    const auto l = static_cast<double>(i) / 399.0;
    linear.data[i] = static_cast<float>(l);
    image.data[i] = static_cast<float>(3.0 * l * (1.0 - 0.2 * l));
  }
  const ModelError error = model_error({image, image}, {linear, linear});
  BOOST_TEST(error.series.curvature == -0.2, boost::test_tools::tolerance(1e-4));
  // s = 3 (1 - 0.2 <L^3> / <L^2>) = 3 (1 - 0.2 x 3/4) for a ramp.
  BOOST_TEST(error.series.scale == 3.0 * (1.0 - 0.15), boost::test_tools::tolerance(2e-3));
  BOOST_TEST(error.tilts.size() == 2U);
  BOOST_TEST(error.bins.size() == 10U);
  BOOST_TEST(error.bins.front().ratio > error.bins.back().ratio);
  BOOST_CHECK_THROW(std::ignore = model_error({image}, {}), core::DataError);
  BOOST_CHECK_THROW(std::ignore = model_error({core::Image(4, 4)}, {core::Image(4, 4)}), core::DataError);
}

BOOST_AUTO_TEST_CASE(bad_settings_are_refused) {
  StemOptions options;
  options.method = Method::multislice;
  options.detector.inner_mrad = 20.0;
  const auto atoms = atoms_at(6, {{0, 0, 0}});
  const auto run = [&](const core::Atoms& a) {
    std::ignore = simulate_kinematic_image({a, core::Mat3::Identity(), {16, 0.4}}, options, {}, two);
  };
  BOOST_TEST(test::contains(test::message_of<core::ConfigError>([&] { run(atoms); }), "at least 31 mrad"));
  options.detector.inner_mrad = 38.0;
  BOOST_CHECK_THROW(run(atoms_at(104, {{0, 0, 0}})), core::DataError);
  BOOST_CHECK_THROW(run({}), core::DataError);
}

BOOST_AUTO_TEST_SUITE_END()
