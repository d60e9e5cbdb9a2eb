// Tilt series: handedness, single images equal to the series, blur, prediction.
#include "sim/core/error.hpp"
#include "sim/core/orientation.hpp"
#include "sim/stem/cost.hpp"
#include "sim/stem/tilt_imaging.hpp"

#include <boost/test/unit_test.hpp>

#include <cmath>
#include <tuple>

BOOST_AUTO_TEST_SUITE(tilt_imaging)

using namespace aet;
using namespace aet::stem;

namespace {

core::Atoms heavy_atom(double x, double y, double z) {
  core::Atoms atoms;
  atoms.positions = {{x, y, z}};
  atoms.atomic_numbers = {78};
  return atoms;
}

TiltSeriesOptions small_series() {
  TiltSeriesOptions options;
  options.orientations = single_axis_tilts({-30.0, 0.0, 60.0});
  options.scan = {24, 0.5};
  options.stem.phonons.u_rms_a = 0.05;
  options.seed = 9;
  return options;
}

} // namespace

BOOST_AUTO_TEST_CASE(an_atom_appears_where_the_conventions_say) {
  auto options = small_series();
  options.stem.phonons.u_rms_a = 0.0;
  options.scan = {72, 0.25};
  const core::Vec3 r(2.0, -3.0, 4.0);
  const auto series = simulate_tilt_series(heavy_atom(r.x(), r.y(), r.z()), options, core::Threads{2});
  for (std::size_t t = 0; t < series.size(); ++t) {
    const core::Vec3 p = options.orientations[t] * r;
    double sum = 0.0;
    double x = 0.0;
    double y = 0.0;
    for (int iy = 0; iy < 72; ++iy) {
      for (int ix = 0; ix < 72; ++ix) {
        // Squared: the centre of the peak, not of its far tails.
        const double v = std::pow(static_cast<double>(series.images[t].at(ix, iy)), 2.0);
        sum += v;
        x += v * (ix - 36) * 0.25;
        y += v * (iy - 36) * 0.25;
      }
    }
    BOOST_TEST(std::abs(x / sum - p.x()) < 0.03);
    BOOST_TEST(std::abs(y / sum - p.y()) < 0.03);
  }
}

BOOST_AUTO_TEST_CASE(one_tilt_alone_gives_the_same_bytes) {
  auto options = small_series();
  options.source_sd_a = 0.3;
  const auto atoms = heavy_atom(1.0, 0.5, 0.0);
  int reports = 0;
  const auto series = simulate_tilt_series(atoms, options, core::Threads{2}, [&](const core::Progress& p) {
    ++reports;
    BOOST_TEST(p.done <= p.total);
  });
  for (std::size_t t = 0; t < series.size(); ++t) {
    BOOST_TEST((simulate_tilt_image(atoms, options, t, core::Threads{1}).data == series.images[t].data));
  }
  BOOST_TEST(*series.microscope.energy_kv == 200.0);
  BOOST_TEST((series.intensity == core::Intensity::fraction));
}

BOOST_AUTO_TEST_CASE(blur_keeps_the_sum_and_has_the_right_width) {
  core::Image image(41, 41);
  image.at(20, 20) = 1.0F;
  const auto blurred = gaussian_blur(image, 2.0);
  double sum = 0.0;
  double second = 0.0;
  for (int y = 0; y < 41; ++y) {
    for (int x = 0; x < 41; ++x) {
      sum += static_cast<double>(blurred.at(x, y));
      second += static_cast<double>(blurred.at(x, y)) * (x - 20) * (x - 20);
    }
  }
  BOOST_TEST(sum == 1.0, boost::test_tools::tolerance(1e-5));
  BOOST_TEST(second / sum == 4.0, boost::test_tools::tolerance(1e-3));
}

BOOST_AUTO_TEST_CASE(bad_series_are_refused) {
  auto options = small_series();
  const auto atoms = heavy_atom(9.0, 0.0, 0.0);
  BOOST_CHECK_EXCEPTION(std::ignore = simulate_tilt_series(atoms, options, core::Threads{1}),
                        core::ConfigError, [](const auto& e) {
                          const std::string text = e.what();
                          return text.find("tilt 2") != std::string::npos &&
                                 text.find("at least 36 pixels") != std::string::npos;
                        });
  options.orientations.clear();
  BOOST_CHECK_THROW(validate(options), core::ConfigError);
  options = small_series();
  options.source_sd_a = -1.0;
  BOOST_CHECK_THROW(validate(options), core::ConfigError);
  options = small_series();
  BOOST_CHECK_THROW(std::ignore = simulate_tilt_image(heavy_atom(0, 0, 0), options, 3, core::Threads{1}),
                    core::ConfigError);
}

BOOST_AUTO_TEST_CASE(prediction_grows_with_the_work) {
  auto options = small_series();
  const auto atoms = heavy_atom(0.0, 0.0, 0.0);
  const auto fast = predicted_cost(atoms, options, core::Threads{2});
  BOOST_TEST(fast.cpu_seconds > 0.0);
  BOOST_TEST(fast.probes > 100U);
  options.stem.method = Method::multislice;
  const auto reference = predicted_cost(atoms, options, core::Threads{2});
  BOOST_TEST(reference.cpu_seconds > 10.0 * fast.cpu_seconds);
  BOOST_TEST(reference.memory_bytes > 0.0);
}

BOOST_AUTO_TEST_SUITE_END()
