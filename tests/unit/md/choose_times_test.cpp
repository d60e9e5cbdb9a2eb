#include "sim/core/error.hpp"
#include "sim/core/random.hpp"
#include "sim/md/choose_times.hpp"
#include "tests/support/message.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

BOOST_AUTO_TEST_SUITE(choose_times)

using namespace aet;
using aet::test::contains;
using aet::test::message_of;

namespace {

/// Crystalline fraction that goes from 0.1 to 0.9 around frame `middle`, with noise.
std::vector<double> sigmoid(std::size_t frames, double middle, double width, double noise,
                            std::uint64_t seed) {
  core::RandomStream random(seed, "test.sigmoid");
  std::vector<double> out;
  for (std::size_t i = 0; i < frames; ++i)
    out.push_back(0.1 + 0.8 / (1.0 + std::exp(-(static_cast<double>(i) - middle) / width)) +
                  noise * random.normal());
  return out;
}

/// The isotonic fit by its min-max formula, O(n^3): max over a <= i of min over b >= i of mean(a..b).
std::vector<double> slow_isotonic(const std::vector<double>& v) {
  std::vector<double> out(v.size(), -std::numeric_limits<double>::infinity());
  for (std::size_t i = 0; i < v.size(); ++i)
    for (std::size_t a = 0; a <= i; ++a) {
      double least = std::numeric_limits<double>::infinity();
      for (std::size_t b = i; b < v.size(); ++b) {
        const auto from = v.begin() + static_cast<std::ptrdiff_t>(a);
        const auto to = v.begin() + static_cast<std::ptrdiff_t>(b) + 1;
        least = std::min(least, std::accumulate(from, to, 0.0) / static_cast<double>(b - a + 1));
      }
      out[i] = std::max(out[i], least);
    }
  return out;
}

} // namespace

BOOST_AUTO_TEST_CASE(isotonic_fit_equals_the_min_max_formula) {
  core::RandomStream random(5, "test.isotonic");
  for (int repeat = 0; repeat < 20; ++repeat) {
    std::vector<double> values;
    for (int i = 0; i < 25; ++i)
      values.push_back(0.05 * i + random.normal());
    const auto fast = md::isotonic_fit(values);
    const auto slow = slow_isotonic(values);
    BOOST_TEST(std::is_sorted(fast.begin(), fast.end()));
    for (std::size_t i = 0; i < values.size(); ++i)
      BOOST_TEST(std::abs(fast[i] - slow[i]) < 1e-12);
  }
}

BOOST_AUTO_TEST_CASE(levels_of_a_sigmoid_are_found_rising_and_falling) {
  const double middle = 80.0;
  const double width = 10.0;
  for (const double noise : {0.0, 0.03}) {
    const auto rising = sigmoid(200, middle, width, noise, 1);
    const auto chosen = md::choose_times(rising, md::Direction::rising);
    BOOST_TEST(chosen.found);
    BOOST_TEST(contains(chosen.note, "10, 50, 90 %"));
    // Where the logistic function is p: middle + width ln(p / (1 - p)); smoothing over 9 frames and noise
    // move it by a few.
    const std::vector<double> levels{0.1, 0.5, 0.9};
    for (std::size_t i = 0; i < 3; ++i)
      BOOST_TEST(std::abs(static_cast<double>(chosen.frames[i]) -
                          (middle + width * std::log(levels[i] / (1.0 - levels[i])))) < 4.0);
    std::vector<double> falling = rising;
    for (double& v : falling)
      v = -v;
    BOOST_TEST((md::choose_times(falling, md::Direction::falling).frames == chosen.frames));
    BOOST_TEST(!md::choose_times(falling, md::Direction::rising).found); // the wrong direction is no change
  }
}

BOOST_AUTO_TEST_CASE(noise_alone_falls_back_and_says_so) {
  core::RandomStream random(3, "test.noise");
  std::vector<double> flat;
  for (int i = 0; i < 150; ++i)
    flat.push_back(-5.2 + 0.003 * random.normal());
  md::TimeChoiceOptions options;
  options.frames_after = 9;
  const auto chosen = md::choose_times(flat, md::Direction::falling, options);
  BOOST_TEST(!chosen.found);
  BOOST_TEST(contains(chosen.note, "no clear change", "equally spaced"));
  BOOST_TEST((chosen.frames == std::vector<std::size_t>{0, 70, 140}));
}

BOOST_AUTO_TEST_CASE(times_are_kept_apart_and_inside) {
  md::TimeChoiceOptions options;
  options.min_separation = 20;
  options.frames_after = 9;
  for (const double middle : {5.0, 50.0, 95.0}) { // at the beginning, within, and at the end of the run
    const auto chosen = md::choose_times(sigmoid(100, middle, 0.5, 0.01, 2), md::Direction::rising, options);
    BOOST_TEST_REQUIRE(chosen.frames.size() == 3U);
    BOOST_TEST(chosen.frames[1] >= chosen.frames[0] + 20);
    BOOST_TEST(chosen.frames[2] >= chosen.frames[1] + 20);
    BOOST_TEST(chosen.frames[2] + 9 <= 99U);
  }
}

BOOST_AUTO_TEST_CASE(bad_input_is_refused) {
  const auto rising = sigmoid(20, 10, 1, 0, 1);
  const auto choose = [&](const md::TimeChoiceOptions& options) {
    (void)md::choose_times(rising, md::Direction::rising, options);
  };
  md::TimeChoiceOptions options;
  options.levels = {0.5, 0.2};
  BOOST_TEST(
      contains(message_of<core::ConfigError>([&] { choose(options); }), "levels = [0.5, 0.2]", "rising"));
  options = {};
  options.smoothing = 4;
  BOOST_TEST(contains(message_of<core::ConfigError>([&] { choose(options); }), "smoothing = 4", "odd"));
  BOOST_TEST(contains(message_of<core::DataError>([&] { choose({}); }), "20 frames are too few", "21"));
  std::vector<double> bad = sigmoid(50, 10, 1, 0, 1);
  bad[7] = std::nan("");
  BOOST_TEST(contains(
      message_of<core::DataError>([&] { (void)md::choose_times(bad, md::Direction::rising); }), "NaN"));
}

BOOST_AUTO_TEST_SUITE_END()
