// Counting statistics.
#include "sim/core/error.hpp"
#include "sim/stem/instrument.hpp"

#include <boost/test/unit_test.hpp>

#include <cmath>
#include <tuple>

BOOST_AUTO_TEST_SUITE(instrument)

using namespace aet;
using namespace aet::stem;

namespace {

core::TiltSeries flat_series(float value) {
  core::TiltSeries series;
  series.images.assign(2, core::Image(200, 200, value));
  series.orientations.assign(2, core::Mat3::Identity());
  series.pixel_size = 0.4;
  series.intensity = core::Intensity::fraction;
  return series;
}

} // namespace

BOOST_AUTO_TEST_CASE(mean_and_variance_follow_the_model) {
  NoiseOptions noise;
  noise.dose_e_per_a2 = 5000.0;
  noise.gain = 3.0;
  noise.readout_mean = 20.0;
  noise.readout_sd = 4.0;
  noise.seed = 11;
  for (const float fraction : {0.001F, 0.05F, 0.3F}) {
    const auto counts = apply_noise(flat_series(fraction), noise);
    const double electrons = 5000.0 * 0.16 * static_cast<double>(fraction);
    double mean = 0.0;
    double square = 0.0;
    for (const float v : counts.images[0].data) {
      mean += static_cast<double>(v);
      square += static_cast<double>(v) * static_cast<double>(v);
    }
    const auto n = static_cast<double>(counts.images[0].data.size());
    mean /= n;
    const double variance = square / n - mean * mean;
    const double wanted_variance = 9.0 * electrons + 16.0;
    // Five standard errors.
    BOOST_TEST(std::abs(mean - (3.0 * electrons + 20.0)) < 5.0 * std::sqrt(wanted_variance / n));
    BOOST_TEST(std::abs(variance - wanted_variance) <
               5.0 * wanted_variance * std::sqrt((2.0 + 1.0 / electrons) / n));
  }
}

BOOST_AUTO_TEST_CASE(streams_differ_by_tilt_and_repeat_by_key) {
  NoiseOptions noise;
  noise.seed = 4;
  const auto counts = apply_noise(flat_series(0.1F), noise);
  BOOST_TEST((counts.images[0].data != counts.images[1].data));
  BOOST_TEST((add_noise(flat_series(0.1F).images[1], 0.4, noise, 1).data == counts.images[1].data));
  BOOST_TEST(*counts.microscope.dose_e_per_a2 == noise.dose_e_per_a2);
  BOOST_TEST((counts.intensity == core::Intensity::counts));
}

BOOST_AUTO_TEST_CASE(bad_settings) {
  NoiseOptions noise;
  noise.dose_e_per_a2 = 0.0;
  BOOST_CHECK_EXCEPTION(validate(noise), core::ConfigError, [](const auto& e) {
    return std::string(e.what()).find("dose_e_per_a2 = 0") != std::string::npos;
  });
  auto counts = flat_series(0.1F);
  counts.intensity = core::Intensity::counts;
  BOOST_CHECK_THROW(std::ignore = apply_noise(counts, NoiseOptions{}), core::DataError);
}

BOOST_AUTO_TEST_SUITE_END()
