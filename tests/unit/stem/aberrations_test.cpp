// Aberrations against the sum written out term by term, their symmetry, what they do to rays and images, and
// the statistics of residual ones.
#include "sim/core/error.hpp"
#include "sim/core/units.hpp"
#include "sim/stem/image.hpp"
#include "sim/stem/microscope.hpp"
#include "sim/stem/probe.hpp"
#include "tests/support/message.hpp"

#include <boost/test/unit_test.hpp>

#include <cmath>
#include <string>

BOOST_AUTO_TEST_SUITE(aberrations)

using namespace aet;
using namespace aet::stem;

namespace {

constexpr double wavelength = 0.0250793; // 200 kV [angstrom]
using Complex = std::complex<double>;

/// Some value of every kind, each some radian at 30 mrad; round ones real.
Aberrations some() {
  Aberrations c{};
  core::RandomStream random(7, "test");
  for (std::size_t k = 0; k < c.size(); ++k) {
    const auto& kind = aberration_kinds[k];
    const double size = wavelength * (kind.order + 1) / std::pow(0.03, kind.order + 1);
    c[k] = size * Complex(random.normal(), kind.multiplicity > 0 ? random.normal() : 0.0);
  }
  return c;
}

/// The sum over all terms in Cartesian form, x = lambda qx and y = lambda qy: cos m phi and sin m phi times
/// the radius to the m are the real and imaginary part of (x + i y)^m, multiplied out.
double written_out(const Aberrations& c, double x, double y) {
  const double r2 = x * x + y * y;
  const auto a = [&](std::size_t k) { return c[k].real(); };
  const auto b = [&](std::size_t k) { return c[k].imag(); };
  const double re2 = x * x - y * y;
  const double im2 = 2 * x * y;
  const double re3 = x * x * x - 3 * x * y * y;
  const double im3 = 3 * x * x * y - y * y * y;
  const double re4 = x * x * x * x - 6 * x * x * y * y + y * y * y * y;
  const double im4 = 4 * x * x * x * y - 4 * x * y * y * y;
  const double re5 = std::pow(x, 5) - 10 * std::pow(x, 3) * y * y + 5 * x * std::pow(y, 4);
  const double im5 = 5 * std::pow(x, 4) * y - 10 * x * x * std::pow(y, 3) + std::pow(y, 5);
  const double re6 =
      std::pow(x, 6) - 15 * std::pow(x, 4) * y * y + 15 * x * x * std::pow(y, 4) - std::pow(y, 6);
  const double im6 = 6 * std::pow(x, 5) * y - 20 * std::pow(x * y, 3) + 6 * x * std::pow(y, 5);
  double f = a(0) * r2 / 2;                       // C10
  f += (a(1) * re2 + b(1) * im2) / 2;             // C12
  f += (a(2) * x + b(2) * y) * r2 / 3;            // C21
  f += (a(3) * re3 + b(3) * im3) / 3;             // C23
  f += a(4) * r2 * r2 / 4;                        // C30
  f += (a(5) * re2 + b(5) * im2) * r2 / 4;        // C32
  f += (a(6) * re4 + b(6) * im4) / 4;             // C34
  f += (a(7) * x + b(7) * y) * r2 * r2 / 5;       // C41
  f += (a(8) * re3 + b(8) * im3) * r2 / 5;        // C43
  f += (a(9) * re5 + b(9) * im5) / 5;             // C45
  f += a(10) * r2 * r2 * r2 / 6;                  // C50
  f += (a(11) * re2 + b(11) * im2) * r2 * r2 / 6; // C52
  f += (a(12) * re4 + b(12) * im4) * r2 / 6;      // C54
  f += (a(13) * re6 + b(13) * im6) / 6;           // C56
  return 2.0 * core::pi / wavelength * f;
}

/// Haider's sum, in complex form: W = Re{w w* C1/2 + w*^2 A1/2 + w*^2 w B2 + w*^3 A2/3 + (w w*)^2 C3/4 +
/// w*^3 w S3 + w*^4 A3/4 + w*^3 w^2 B4 + w*^4 w D4 + w*^5 A4/5 + (w w*)^3 C5/6 + w*^4 w^2 S5 + w*^5 w R5 +
/// w*^6 A5/6}, each coefficient's phase being m times the azimuth of its term.
double in_the_notation_of_haider(const Aberrations& h, double x, double y) {
  const Complex w(x, y);
  const Complex v = std::conj(w);
  const auto power = [](Complex z, int n) { return std::pow(z, n); };
  Complex sum = w * v * h[0] / 2.0 + v * v * h[1] / 2.0;
  sum += v * v * w * h[2] + power(v, 3) * h[3] / 3.0;
  sum += power(w * v, 2) * h[4] / 4.0 + power(v, 3) * w * h[5] + power(v, 4) * h[6] / 4.0;
  sum += power(v, 3) * w * w * h[7] + power(v, 4) * w * h[8] + power(v, 5) * h[9] / 5.0;
  sum += power(w * v, 3) * h[10] / 6.0 + power(v, 4) * w * w * h[11] + power(v, 5) * w * h[12] +
         power(v, 6) * h[13] / 6.0;
  return 2.0 * core::pi / wavelength * sum.real();
}

Aberrations only(std::size_t k, Complex value) {
  Aberrations c{};
  c[k] = value;
  return c;
}

} // namespace

BOOST_AUTO_TEST_CASE(the_phase_is_the_sum_written_out) {
  const Aberrations c = some();
  const AberrationPhase chi(c, wavelength);
  for (const auto& [x, y] : {std::pair{0.011, 0.023}, {-0.03, 0.002}, {0.0, -0.028}, {-0.017, -0.009}}) {
    const double wanted = written_out(c, x, y);
    BOOST_TEST(std::abs(chi(x / wavelength, y / wavelength) - wanted) < 1e-11); // of some 20 rad
    // The gradient, by differences: error h^2 f''' / 6, some 1e-6 of it.
    const double h = 1e-5;
    const Complex gradient((written_out(c, x + h, y) - written_out(c, x - h, y)) / (2.0 * h),
                           (written_out(c, x, y + h) - written_out(c, x, y - h)) / (2.0 * h));
    const Complex displacement = chi.displacement(x / wavelength, y / wavelength);
    BOOST_TEST(std::abs(displacement - gradient * wavelength / (2.0 * core::pi)) <
               1e-4 * std::abs(displacement));
  }
}

BOOST_AUTO_TEST_CASE(both_notations_are_the_same_sum) {
  const Aberrations c = some();
  Aberrations haider = c;
  for (std::size_t k = 0; k < haider.size(); ++k)
    haider[k] /= aberration_kinds[k].factor;
  for (const auto& [x, y] : {std::pair{0.011, 0.023}, {-0.03, 0.002}, {0.004, -0.028}})
    BOOST_TEST(std::abs(in_the_notation_of_haider(haider, x, y) - written_out(c, x, y)) < 1e-11);
}

BOOST_AUTO_TEST_CASE(each_kind_has_its_symmetry_and_order) {
  for (std::size_t k = 0; k < aberration_kinds.size(); ++k) {
    const auto& kind = aberration_kinds[k];
    BOOST_TEST_CONTEXT(kind.krivanek) {
      BOOST_TEST(std::string(kind.krivanek) ==
                 "C" + std::to_string(kind.order) + std::to_string(kind.multiplicity));
      const double azimuth = 0.3;
      const AberrationPhase chi(only(k, std::polar(1e3, kind.multiplicity * azimuth)), wavelength);
      const auto at = [&](double radius, double angle) {
        return chi(radius * std::cos(angle), radius * std::sin(angle));
      };
      const double here = at(1.0, 0.8);
      const double turn = kind.multiplicity > 0 ? 2.0 * core::pi / kind.multiplicity : 1.234;
      BOOST_TEST(at(1.0, 0.8 + turn) == here, boost::test_tools::tolerance(1e-10));
      // Turning by half of that reverses it.
      if (kind.multiplicity > 0)
        BOOST_TEST(at(1.0, 0.8 + 0.5 * turn) == -here, boost::test_tools::tolerance(1e-10));
      // Doubled radius: 2^(n+1); and the phase is largest at the azimuth.
      BOOST_TEST(at(2.0, 0.8) == std::pow(2.0, kind.order + 1) * here, boost::test_tools::tolerance(1e-10));
      const double largest =
          2.0 * core::pi / wavelength * 1e3 * std::pow(wavelength, kind.order + 1) / (kind.order + 1);
      BOOST_TEST(at(1.0, azimuth) == largest, boost::test_tools::tolerance(1e-10));
    }
  }
}

BOOST_AUTO_TEST_CASE(older_options_and_further_ones_add_up) {
  ProbeOptions older;
  older.c1_a = 50.0;
  older.astigmatism_a = 30.0;
  older.astigmatism_deg = 25.0;
  older.c3_mm = 0.001;
  older.c5_mm = 2.0;
  ProbeOptions further;
  further.further[aberration_number("C1")] = 20.0;
  further.residual[aberration_number("C1")] = 30.0;
  further.further[aberration_number("A1")] = std::polar(30.0, 2.0 * 25.0 * core::radian_per_degree);
  further.further[aberration_number("C3")] = 1e4;
  further.further[aberration_number("C5")] = 2e7;
  const ProbeWave a(older, 0.02);
  const ProbeWave b(further, 0.02);
  // What the wave was before it had other aberrations.
  const auto before = [&](double qx, double qy) {
    const double al = core::electron_wavelength(200.0) * std::hypot(qx, qy);
    const double c1 = 50.0 + 30.0 * std::cos(2.0 * (std::atan2(qy, qx) - 25.0 * core::radian_per_degree));
    const double chi = 2.0 * core::pi / core::electron_wavelength(200.0) *
                       (0.5 * c1 * al * al + 0.25e4 * std::pow(al, 4) + 2e7 / 6.0 * std::pow(al, 6));
    return std::polar(1.0, -chi);
  };
  for (const auto& [qx, qy] : {std::pair{0.3, 0.7}, {-1.0, 0.1}, {0.0, -0.5}, {0.0, 0.0}}) {
    BOOST_TEST(std::abs(a(qx, qy, 12.0) - b(qx, qy, 12.0)) < 1e-9);
    BOOST_TEST(std::abs(a(qx, qy, 0.0) - before(qx, qy)) < 1e-9);
  }
}

BOOST_AUTO_TEST_CASE(coma_moves_the_probe_by_b2_times_the_angle_squared) {
  // The centre of mass of a wave is the mean of grad chi over the aperture, of coma C21 a^2 / 3 = B2 a^2
  // along its azimuth; no other kind has one but B4, whose is C41 a^4 / 5 (1 + 4) / 6 x 6 / 5 of ... = B4
  // a^4.
  const double edge = 0.03 / wavelength;
  for (std::size_t k = 0; k < aberration_kinds.size(); ++k) {
    const auto& kind = aberration_kinds[k];
    const double azimuth = kind.multiplicity > 0 ? 0.4 : 0.0;
    const double size = wavelength * (kind.order + 1) / std::pow(0.03, kind.order + 1);
    const AberrationPhase chi(only(k, std::polar(size, kind.multiplicity * azimuth)), wavelength);
    Complex sum = 0.0;
    double count = 0.0;
    constexpr int n = 200; // midpoint rule over rings of equal area: exact to 1 / n^2
    for (int r = 0; r < n; ++r) {
      for (int j = 0; j < 64; ++j) {
        const auto q = std::polar(edge * std::sqrt((r + 0.5) / n), 2.0 * core::pi * j / 64);
        sum += chi.displacement(q.real(), q.imag());
        count += 1.0;
      }
    }
    double wanted = 0.0;
    if (kind.multiplicity == 1) wanted = size / kind.factor * std::pow(0.03, kind.order);
    BOOST_TEST_CONTEXT(kind.haider)
    BOOST_TEST(std::abs(sum / count - std::polar(wanted, azimuth)) <
               1e-4 * size * std::pow(0.03, kind.order));
  }
}

BOOST_AUTO_TEST_CASE(an_image_shows_the_probe_turned_and_moved) {
  // One atom: the image is the probe's intensity seen from the atom, so what moves the probe by d moves the
  // image by -d.
  core::Atoms atom;
  atom.positions = {core::Vec3(0.0, 0.0, 0.0)};
  atom.atomic_numbers = {14};
  StemOptions options;
  const Scan scan{32, 0.25};
  const auto centre = [&](double c21_a, double azimuth) {
    options.probe.further[aberration_number("B2")] = std::polar(c21_a, azimuth);
    const core::Image image =
        simulate_image({atom, core::Mat3::Identity(), scan}, options, core::all_cores());
    Complex sum = 0.0;
    double weight = 0.0;
    for (int y = 0; y < scan.n; ++y) {
      for (int x = 0; x < scan.n; ++x) {
        const auto v = static_cast<double>(image.at(x, y));
        const double r = std::hypot(x - 16, y - 16);
        if (r > 15.5) continue; // the same on all sides
        sum += v * scan.pixel_a * Complex(x - 16, y - 16);
        weight += v;
      }
    }
    return sum / weight;
  };
  const double phase = core::pi / 2.0; // at the edge
  const double c21 = phase * wavelength / (2.0 * core::pi) * 3.0 / std::pow(0.03, 3.0);
  const double moved = c21 / 3.0 * 0.03 * 0.03; // 0.21 A
  const Complex round = centre(0.0, 0.0);
  const Complex coma = centre(c21, 0.5);
  BOOST_TEST(std::abs(round) < 0.002);
  BOOST_TEST_MESSAGE("moved by " << coma << ", wanted " << -std::polar(moved, 0.5));
  // Within 3.9 A of the atom; the tails beyond hold 3 % of the probe and have their part of the moment.
  BOOST_TEST(std::abs(coma + std::polar(moved, 0.5)) < 0.15 * moved);
}

BOOST_AUTO_TEST_CASE(fast_and_reference_agree_on_an_aberrated_probe) {
  core::Atoms atoms;
  for (int i = -1; i <= 1; ++i) {
    for (int j = -1; j <= 1; ++j) {
      atoms.positions.emplace_back(1.96 * i + 0.1, 1.96 * j + 0.2, 1.5 * ((i + j) % 2));
      atoms.atomic_numbers.push_back(78);
    }
  }
  MicroscopeOptions microscope;
  microscope.aberration_sd_deg = {30.0, 30.0, 30.0, 30.0, 30.0};
  microscope.seed = 2;
  StemOptions options;
  options.fast.exact_depth_a = 0.0; // the reference puts atoms on slice planes
  options.fast.window_a = 14.0;
  options.fast.near_a = 7.0;
  const Scan scan{12, 0.6};
  const auto images = [&] {
    options.method = Method::fast;
    const auto fast = simulate_image({atoms, core::Mat3::Identity(), scan}, options, core::all_cores());
    options.method = Method::multislice;
    return std::pair(fast, simulate_image({atoms, core::Mat3::Identity(), scan}, options, core::all_cores()));
  };
  const auto r1 = [](const core::Image& a, const core::Image& b) {
    double difference = 0.0;
    double sum = 0.0;
    for (std::size_t i = 0; i < a.data.size(); ++i) {
      difference += std::abs(static_cast<double>(a.data[i] - b.data[i]));
      sum += static_cast<double>(b.data[i]);
    }
    return difference / sum;
  };
  const auto [perfect, perfect_reference] = images();
  options.probe.residual = draw_aberrations(microscope, options.probe);
  const auto [fast, reference] = images();
  BOOST_TEST_MESSAGE("R1 " << r1(fast, reference) << ", without aberrations "
                           << r1(perfect, perfect_reference) << "; what they change "
                           << r1(reference, perfect_reference));
  BOOST_TEST(r1(reference, perfect_reference) > 0.1);
  BOOST_TEST(r1(fast, reference) < 0.01);
}

BOOST_AUTO_TEST_CASE(residual_aberrations_have_the_stated_rms) {
  MicroscopeOptions options;
  options.aberration_sd_deg = {10.0, 20.0, 45.0, 30.0, 5.0};
  options.seed = 4;
  ProbeOptions probe;
  const double lambda = core::electron_wavelength(probe.energy_kv);
  std::array<double, 14> square{};
  std::array<Complex, 14> mean{};
  constexpr int draws = 2000;
  for (int f = 0; f < draws; ++f) {
    options.frame = static_cast<std::uint32_t>(f);
    const Aberrations c = draw_aberrations(options, probe);
    for (std::size_t k = 0; k < c.size(); ++k) {
      const int n = aberration_kinds[k].order;
      const Complex phase = 360.0 / lambda * c[k] * std::pow(0.03, n + 1) / (n + 1.0); // at the edge [degree]
      square[k] += std::norm(phase) / draws;
      mean[k] += phase / static_cast<double>(draws);
      if (aberration_kinds[k].multiplicity == 0) BOOST_TEST(c[k].imag() == 0.0);
    }
  }
  BOOST_TEST(square[aberration_number("C1")] == 0.0);
  for (std::size_t k = 1; k < square.size(); ++k) {
    const double sd = options.aberration_sd_deg[static_cast<std::size_t>(aberration_kinds[k].order - 1)];
    // An rms of 2,000 draws is known to 1.6 % (real) or 1.1 %, a mean to 2.2 % of the sd: five of them.
    BOOST_TEST(std::sqrt(square[k]) == sd, boost::test_tools::tolerance(0.08));
    BOOST_TEST(std::abs(mean[k]) < 0.12 * sd);
  }
  options.frame = 0;
  BOOST_TEST((draw_aberrations(options, probe) == draw_aberrations(options, probe)));
  options.aberration_sd_deg = {};
  BOOST_TEST((draw_aberrations(options, probe) == Aberrations{}));
}

BOOST_AUTO_TEST_CASE(what_an_image_cannot_hold_is_refused) {
  StemOptions options;
  options.probe.further[aberration_number("A2")] = 500.0;
  const auto message = [&] { return test::message_of<core::ConfigError>([&] { validate(options); }); };
  BOOST_CHECK_NO_THROW(validate(options));
  options.method = Method::kinematic;
  BOOST_TEST(test::contains(message(), "A2", "C23", "500 A", "fast or multislice"));
  options.probe.further = {};
  options.probe.further[aberration_number("C3")] = 5000.0; // is round
  BOOST_CHECK_NO_THROW(validate(options));
  options.method = Method::fast;
  // 300 A x 30 mrad = 9 A, but the window ends at 5 A.
  options.probe.further[aberration_number("C3")] = 0.0;
  options.probe.c1_a = 300.0;
  BOOST_TEST(test::contains(message(), "9.0 A", "fast.window_a = 18"));
}

BOOST_AUTO_TEST_SUITE_END()
