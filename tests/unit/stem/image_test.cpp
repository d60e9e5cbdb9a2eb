// Images of whole specimens: analytic limits, symmetry, agreement of the two methods, convergence,
// determinism.
#include "sim/core/error.hpp"
#include "sim/core/orientation.hpp"
#include "sim/core/units.hpp"
#include "sim/stem/image.hpp"
#include "sim/stem/scattering.hpp"
#include "sim/stem/specimen.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cmath>
#include <complex>
#include <tuple>
#include <vector>

BOOST_AUTO_TEST_SUITE(images)

using namespace aet;
using namespace aet::stem;

namespace {

core::Atoms one_atom(int z, double x, double y) {
  core::Atoms atoms;
  atoms.positions = {{x, y, 0.0}};
  atoms.atomic_numbers = {z};
  return atoms;
}

/// A ball of fcc platinum about a general point.
core::Atoms platinum_ball(double radius) {
  core::Atoms atoms;
  constexpr double half_cell = 1.96;
  for (int i = -8; i <= 8; ++i) {
    for (int j = -8; j <= 8; ++j) {
      for (int k = -8; k <= 8; ++k) {
        const core::Vec3 r(half_cell * i + 0.31, half_cell * j + 0.17, half_cell * k - 0.23);
        if ((i + j + k) % 2 == 0 && r.norm() < radius) {
          atoms.positions.push_back(r);
          atoms.atomic_numbers.push_back(78);
        }
      }
    }
  }
  return atoms;
}

const core::Mat3 tilted = core::tilt_rotation(0.4) * core::rotation_from_euler({0.3, 0.2, 0.5});

/// Signal of a probe at distance `offset` [angstrom] from a weak atom at the focus: first Born approximation,
/// the amplitude of every scattered momentum summed over the incident ones on polar grids.
double born_signal(int z, double offset) {
  const double lambda = core::electron_wavelength(200.0);
  const double sigma = core::interaction_constant(200.0);
  const double aperture = 0.030 / lambda;
  const double inner = 0.038 / lambda;
  const double outer = 0.190 / lambda;
  constexpr int radii = 30;
  constexpr int angles = 64;
  constexpr int rings = 150;
  constexpr int directions = 24;
  std::vector<double> table;
  for (int i = 0; i < 20000; ++i)
    table.push_back(potential_transform(FactorTable::lobato, z, i * 0.0005));
  double sum = 0.0;
  for (int ring = 0; ring < rings; ++ring) {
    const double q = inner + (ring + 0.5) * (outer - inner) / rings;
    for (int direction = 0; direction < directions; ++direction) {
      const double phi = 2.0 * core::pi * (direction + 0.3) / directions;
      std::complex<double> amplitude = 0.0;
      for (int i = 0; i < radii; ++i) {
        const double k = aperture * (i + 0.5) / radii;
        for (int j = 0; j < angles; ++j) {
          const double t = 2.0 * core::pi * (j + 0.5) / angles;
          const double transfer =
              std::hypot(q * std::cos(phi) - k * std::cos(t), q * std::sin(phi) - k * std::sin(t));
          amplitude += std::polar(table[static_cast<std::size_t>(transfer / 0.0005 + 0.5)] * k,
                                  -2.0 * core::pi * k * std::cos(t) * offset);
        }
      }
      amplitude *= aperture / radii * 2.0 * core::pi / angles;
      sum += std::norm(amplitude) * 2.0 * core::pi * q * (outer - inner) / rings / directions;
    }
  }
  // The incident amplitudes have intensity one over the disc of the aperture.
  return sigma * sigma * sum / (core::pi * aperture * aperture);
}

double difference(const std::vector<float>& a, const std::vector<float>& b) {
  double d = 0.0;
  double s = 0.0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    d += std::abs(static_cast<double>(a[i] - b[i]));
    s += static_cast<double>(b[i]);
  }
  return d / s;
}

} // namespace

BOOST_AUTO_TEST_CASE(one_weak_atom_scatters_as_the_first_born_approximation_says) {
  // Carbon: the second order changes the signal by some 0.3 %. The reference method softens its aperture over
  // one Fourier pixel of its cell, which adds 0.6 % at 30 A and 0.3 % at 40 A; the fast method uses the true
  // aperture.
  const Scan scan{8, 0.4};
  StemOptions options;
  options.reference.cell_a = 30.0;
  for (const double offset : {0.0, 0.4}) {
    const double wanted = born_signal(6, offset);
    const std::size_t pixel = offset == 0.0 ? 4 * 8 + 4 : 4 * 8 + 5;
    for (const auto method : {Method::fast, Method::multislice}) {
      options.method = method;
      const auto signal = simulate_pixels({one_atom(6, 0.0, 0.0), core::Mat3::Identity(), scan}, {pixel},
                                          options, core::Threads{1});
      BOOST_TEST(static_cast<double>(signal[0]) == wanted,
                 boost::test_tools::tolerance(method == Method::fast ? 0.009 : 0.013));
    }
  }
}

BOOST_AUTO_TEST_CASE(weak_atoms_add_up) {
  // Two carbon atoms 1.1 A apart across the beam: in the weak limit the signal is the sum but for
  // interference, which the annulus averages out.
  const Scan scan{16, 0.4};
  const StemOptions options;
  const auto image = [&](const core::Atoms& atoms) {
    return simulate_image({atoms, core::Mat3::Identity(), scan}, options, core::Threads{2});
  };
  core::Atoms both = one_atom(6, -0.9, 0.1);
  const auto second = one_atom(6, 0.9, -0.1);
  both.positions.push_back(second.positions[0]);
  both.atomic_numbers.push_back(6);
  const auto a = image(one_atom(6, -0.9, 0.1));
  const auto b = image(second);
  const auto together = image(both);
  double sum_parts = 0.0;
  double sum_both = 0.0;
  for (std::size_t i = 0; i < a.data.size(); ++i) {
    sum_parts += static_cast<double>(a.data[i]) + static_cast<double>(b.data[i]);
    sum_both += static_cast<double>(together.data[i]);
  }
  BOOST_TEST(sum_both == sum_parts, boost::test_tools::tolerance(0.02));
}

BOOST_AUTO_TEST_CASE(fast_method_agrees_with_the_reference) {
  const auto atoms = platinum_ball(6.0);
  const Scan scan{40, 0.4};
  StemOptions options;
  options.phonons.u_rms_a = 0.07;
  options.reference.padding_a = 8.0;
  std::vector<std::size_t> pixels;
  for (std::size_t y = 8; y < 34; y += 6) {
    for (std::size_t x = 9; x < 34; x += 6)
      pixels.push_back(y * 40 + x);
  }
  const ImageKey key{7, 1, 2};
  const auto fast = simulate_pixels({atoms, tilted, scan, key}, pixels, options, core::Threads{2});
  options.method = Method::multislice;
  const auto reference = simulate_pixels({atoms, tilted, scan, key}, pixels, options, core::Threads{2});
  // Measured 0.004; the goal of the method is 0.007.
  const double r1 = difference(fast, reference);
  BOOST_TEST_MESSAGE("fast against reference: R1 = " << r1);
  BOOST_TEST(r1 < 0.007);
}

BOOST_AUTO_TEST_CASE(rotating_specimen_and_scan_together_changes_nothing) {
  const auto atoms = platinum_ball(5.0);
  const Scan scan{32, 0.4};
  const StemOptions options;
  const auto image = simulate_image({atoms, tilted, scan}, options, core::Threads{2});
  // A quarter turn about the beam: x' = -y, y' = x.
  core::Mat3 quarter;
  quarter << 0, -1, 0, 1, 0, 0, 0, 0, 1;
  const auto turned = simulate_image({atoms, quarter * tilted, scan}, options, core::Threads{2});
  double worst = 0.0;
  double peak = 0.0;
  for (int y = 1; y < scan.n; ++y) {
    for (int x = 1; x < scan.n; ++x) {
      // Point (x, y) - n/2 moves to (-y, x) - n/2.
      worst = std::max(worst, std::abs(static_cast<double>(image.at(x, y) - turned.at(scan.n - y, x))));
      peak = std::max(peak, static_cast<double>(image.at(x, y)));
    }
  }
  // Grids and windows have an even number of samples, so they are not symmetric to the last sample at their
  // border.
  BOOST_TEST(worst < 2e-3 * peak);
}

BOOST_AUTO_TEST_CASE(orientation_is_the_same_as_rotated_atoms) {
  const auto atoms = platinum_ball(4.0);
  auto rotated = atoms;
  for (auto& r : rotated.positions)
    r = tilted * r;
  const Scan scan{8, 0.5};
  const auto a = simulate_image({atoms, tilted, scan}, {}, core::Threads{1});
  const auto b = simulate_image({rotated, core::Mat3::Identity(), scan}, {}, core::Threads{1});
  for (std::size_t i = 0; i < a.data.size(); ++i)
    BOOST_TEST(std::abs(a.data[i] - b.data[i]) < 1e-6F);
}

BOOST_AUTO_TEST_CASE(thinner_slices_converge) {
  const auto atoms = platinum_ball(6.0);
  const Scan scan{40, 0.4};
  std::vector<std::size_t> pixels;
  for (std::size_t y = 10; y < 32; y += 3) {
    for (std::size_t x = 10; x < 32; x += 3)
      pixels.push_back(y * 40 + x);
  }
  StemOptions options;
  std::vector<std::vector<float>> images;
  for (const double thickness : {2.0, 1.0, 0.5, 0.25}) {
    options.slices.thickness_a = thickness;
    images.push_back(simulate_pixels({atoms, tilted, scan}, pixels, options, core::Threads{2}));
  }
  const double two = difference(images[0], images[3]);
  const double one = difference(images[1], images[3]);
  const double half = difference(images[2], images[3]);
  BOOST_TEST_MESSAGE("R1 against 0.25 A slices: 2 A " << two << ", 1 A " << one << ", 0.5 A " << half);
  // Below some 0.1 % the sampling of the coarse grid, which changes with the filter, hides the slices.
  BOOST_TEST(two < 0.01);
  BOOST_TEST(one < 0.8 * two);
  BOOST_TEST(half < one);
}

BOOST_AUTO_TEST_CASE(results_do_not_depend_on_threads) {
  const auto atoms = platinum_ball(4.0);
  const Scan scan{24, 0.4};
  StemOptions options;
  options.phonons.u_rms_a = 0.08;
  options.phonons.configurations = 2;
  const auto one = simulate_image({atoms, tilted, scan, {3, 0, 1}}, options, core::Threads{1});
  const auto two = simulate_image({atoms, tilted, scan, {3, 0, 1}}, options, core::Threads{2});
  BOOST_TEST((one.data == two.data));
  const auto other = simulate_image({atoms, tilted, scan, {4, 0, 1}}, options, core::Threads{2});
  BOOST_TEST((one.data != other.data));
}

BOOST_AUTO_TEST_CASE(the_average_over_thermal_motion_is_the_mean_of_many_moments) {
  const auto atoms = platinum_ball(4.0);
  const Scan scan{24, 0.4};
  StemOptions options;
  options.phonons.u_rms_a = 0.075;
  options.phonons.sampling = PhononSampling::pairs;
  options.phonons.configurations = 2;
  constexpr std::uint32_t pairs = 48;
  std::vector<double> mean(24 * 24, 0.0);
  std::vector<double> half = mean; // the first half of the moments
  std::vector<double> first = mean;
  double one_pair = 0.0;
  for (std::uint32_t p = 0; p < pairs; ++p) {
    const auto image = simulate_image({atoms, tilted, scan, {3, 0, 1, 2 * p}}, options, core::Threads{2});
    for (std::size_t i = 0; i < mean.size(); ++i) {
      mean[i] += static_cast<double>(image.data[i]) / pairs;
      if (p < pairs / 2) half[i] += 2.0 * static_cast<double>(image.data[i]) / pairs;
    }
    if (p == 0) first.assign(image.data.begin(), image.data.end());
  }
  options.phonons.sampling = PhononSampling::average;
  const auto average = simulate_image({atoms, tilted, scan, {3, 0, 1}}, options, core::Threads{2});
  const auto again = simulate_image({atoms, tilted, scan, {4, 0, 1}}, options, core::Threads{1});
  BOOST_TEST((average.data == again.data)); // nothing is drawn
  double total = 0.0;
  double bias = 0.0;
  double r1 = 0.0;
  double noise = 0.0;
  for (std::size_t i = 0; i < mean.size(); ++i) {
    const double d = static_cast<double>(average.data[i]) - mean[i];
    total += mean[i];
    bias += d;
    r1 += std::abs(d);
    noise += std::abs(half[i] - mean[i]); // half is off its complement by twice that: that of the mean
    one_pair += std::abs(first[i] - mean[i]);
  }
  BOOST_TEST_MESSAGE("average against " << pairs << " pairs: R1 " << r1 / total << ", bias " << bias / total
                                        << ", noise of the mean " << noise / total << ", one pair "
                                        << one_pair / total);
  // The mean is noisy by `noise`; the rest, 2 % of a sharp image of some 20 atoms and 1 % of one of 1,000, is
  // the average's own: few modes, and what diffusely scattered electrons meet later only in the mean.
  BOOST_TEST(std::abs(bias) < 0.005 * total);
  BOOST_TEST(r1 < 0.02 * total + noise);
  BOOST_TEST(r1 < 0.5 * one_pair);
}

// What one atom scatters diffusely meets the others of its column head on. Taken as if it went on with the
// mean wave, a crystal along its axis comes out 10 % too bright.
BOOST_AUTO_TEST_CASE(the_average_holds_along_a_column) {
  core::Atoms atoms;
  for (int k = 0; k < 8; ++k) {
    atoms.positions.emplace_back(0.0, 0.0, 3.92 * k);
    atoms.positions.emplace_back(1.96, 1.96, 3.92 * k);
    atoms.positions.emplace_back(1.96, 0.0, 3.92 * k + 1.96);
    atoms.atomic_numbers.insert(atoms.atomic_numbers.end(), {78, 78, 78});
  }
  // All alike, and of one element at rest beside strongly vibrating ones: only some atoms' diffuse scattering
  // is followed, and what the others take over must be theirs.
  std::vector<double> mixed;
  for (std::size_t i = 0; i < atoms.size(); ++i)
    mixed.push_back(i / 3 % 2 == 0 ? 0.1 : 0.0);
  for (const auto& u : {std::vector<double>(atoms.size(), 0.075), mixed}) {
    atoms.columns["u_rms"] = u;
    const Scan scan{16, 0.4};
    const std::vector<std::size_t> pixels{8 * 16 + 8, 8 * 16 + 9, 9 * 16 + 9, 10 * 16 + 10, 8 * 16 + 12};
    StemOptions options;
    options.phonons.sampling = PhononSampling::pairs;
    options.phonons.configurations = 256;
    const View view{atoms, core::Mat3::Identity(), scan, {3, 0, 1}};
    const auto mean = simulate_pixels(view, pixels, options, core::Threads{2});
    options.phonons.sampling = PhononSampling::average;
    const auto average = simulate_pixels(view, pixels, options, core::Threads{2});
    double total = 0.0;
    double difference = 0.0;
    for (std::size_t i = 0; i < pixels.size(); ++i) {
      total += static_cast<double>(mean[i]);
      difference += static_cast<double>(average[i] - mean[i]);
      BOOST_TEST_MESSAGE("average " << average[i] << ", mean of 128 pairs " << mean[i]);
    }
    // One number an atom stands for all waves that meet it: 0.4 % in balls of 1,000 atoms along their axes,
    // and more at single places. The mean of 128 pairs is good to 0.5 %.
    BOOST_TEST(std::abs(difference) < 0.015 * total);
    BOOST_TEST(std::abs(average[0] - mean[0]) < 0.02F * mean[0]); // on the atoms, 1.3 % measured
  }
}

BOOST_AUTO_TEST_CASE(the_second_of_a_pair_is_displaced_the_other_way) {
  const auto atoms = platinum_ball(4.0);
  StemOptions options;
  options.phonons.u_rms_a = 0.08;
  const auto at = [&](PhononSampling sampling, std::uint32_t configuration) {
    options.phonons.sampling = sampling;
    std::vector<ProjectedAtom> all;
    for (const auto& slice : slice_specimen(atoms, tilted, options, {3, 0, 1}, configuration).slices)
      all.insert(all.end(), slice.begin(), slice.end());
    std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.x < b.x; });
    return all;
  };
  const auto sum_of = [](const std::vector<ProjectedAtom>& list) {
    core::Vec3 sum = core::Vec3::Zero();
    for (const auto& a : list)
      sum += core::Vec3(a.x, a.y, 0.0);
    return sum;
  };
  const auto rest = sum_of(at(PhononSampling::average, 0));
  const auto first = sum_of(at(PhononSampling::pairs, 6));
  BOOST_TEST((first - rest).norm() > 0.01);
  BOOST_TEST((first + sum_of(at(PhononSampling::pairs, 7)) - 2.0 * rest).norm() < 1e-9);
  BOOST_TEST((first - sum_of(at(PhononSampling::independent, 3))).norm() < 1e-9);
  BOOST_TEST(at(PhononSampling::average, 0).front().u_rms == 0.08);
  BOOST_TEST(at(PhononSampling::pairs, 0).front().u_rms == 0.0);
}

BOOST_AUTO_TEST_CASE(vacuum_is_dark) {
  const Scan scan{128, 0.5};
  const auto image =
      simulate_image({one_atom(78, 0.0, 0.0), core::Mat3::Identity(), scan}, {}, core::Threads{2});
  BOOST_TEST(image.at(2, 2) == 0.0F);
  BOOST_TEST(image.at(64, 64) > 0.02F);
  for (const float value : image.data)
    BOOST_TEST(value >= 0.0F);
}

BOOST_AUTO_TEST_CASE(bad_input_is_refused_before_work) {
  const Scan scan{8, 0.4};
  BOOST_CHECK_THROW(std::ignore =
                        simulate_image({core::Atoms{}, core::Mat3::Identity(), scan}, {}, core::Threads{1}),
                    core::DataError);
  BOOST_CHECK_THROW(
      std::ignore = simulate_image({one_atom(117, 0, 0), core::Mat3::Identity(), scan}, {}, core::Threads{1}),
      core::DataError);
  BOOST_CHECK_THROW(std::ignore = simulate_image({one_atom(6, 0, 0), 2.0 * core::Mat3::Identity(), scan}, {},
                                                 core::Threads{1}),
                    core::ConfigError);
  StemOptions reference;
  reference.method = Method::multislice;
  reference.reference.cell_a = 10.0;
  BOOST_CHECK_EXCEPTION(std::ignore = simulate_image({one_atom(6, 7.0, 0), core::Mat3::Identity(), scan},
                                                     reference, core::Threads{1}),
                        core::ConfigError, [](const auto& e) {
                          return std::string(e.what()).find("14.00") != std::string::npos;
                        });
}

BOOST_AUTO_TEST_SUITE_END()
