#include "sim/core/random.hpp"

#include <boost/test/unit_test.hpp>

#include <cmath>
#include <set>
#include <vector>

BOOST_AUTO_TEST_SUITE(random_streams)

using namespace aet::core;

// Known answers of the Random123 distribution (Salmon et al. 2011), file kat_vectors.
BOOST_AUTO_TEST_CASE(philox_known_answers) {
  using Block = std::array<std::uint32_t, 4>;
  BOOST_TEST((philox4x32({0, 0, 0, 0}, {0, 0}) == Block{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
  constexpr std::uint32_t ones = 0xffffffff;
  BOOST_TEST((philox4x32({ones, ones, ones, ones}, {ones, ones}) ==
              Block{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
  BOOST_TEST((philox4x32({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}) ==
              Block{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

BOOST_AUTO_TEST_CASE(streams_are_reproducible_and_distinct) {
  const auto first = [](std::uint64_t seed, const char* purpose,
                        std::initializer_list<std::uint32_t> indices) {
    return RandomStream(seed, purpose, indices).uniform();
  };
  BOOST_TEST(first(1, "phonon", {0, 3}) == first(1, "phonon", {0, 3}));
  const std::set<double> draws{first(1, "phonon", {}),     first(2, "phonon", {}),
                               first(1, "noise", {}),      first(1, "phonon", {0}),
                               first(1, "phonon", {0, 0}), first(1, "phonon", {1, 0}),
                               first(1, "phonon", {0, 1})};
  BOOST_TEST(draws.size() == 7U);
}

// Five standard errors: a false alarm would come once in 1.7 million seeds, and the seed is fixed.
BOOST_AUTO_TEST_CASE(moments) {
  constexpr int n = 200000;
  RandomStream stream(7, "moments");
  double sum = 0.0;
  double squares = 0.0;
  for (int i = 0; i < n; ++i) {
    const double x = stream.normal();
    sum += x;
    squares += x * x;
  }
  BOOST_TEST(std::abs(sum / n) < 5.0 / std::sqrt(n));
  BOOST_TEST(std::abs(squares / n - 1.0) < 5.0 * std::sqrt(2.0 / n));
  for (const double mean : {0.0, 0.01, 3.0, 29.9, 30.1, 1e4, 1e7}) {
    sum = squares = 0.0;
    for (int i = 0; i < n; ++i) {
      const double x = static_cast<double>(stream.poisson(mean)) - mean;
      sum += x;
      squares += x * x;
    }
    BOOST_TEST(std::abs(sum / n) <= 5.0 * std::sqrt(mean / n));
    // Var of the sample variance of a Poisson: (mu4 - mu2^2)/n with mu4 = mean + 3 mean^2.
    BOOST_TEST(std::abs(squares / n - mean) <= 5.0 * std::sqrt((mean + 2.0 * mean * mean) / n));
  }
}

// Chi-square of the exact probabilities, for both branches of the sampler. 99.9999 % quantiles.
BOOST_AUTO_TEST_CASE(poisson_distribution) {
  for (const double mean : {4.0, 40.0}) {
    RandomStream stream(11, "chi-square");
    constexpr int n = 400000;
    const int bins = static_cast<int>(mean + 6.0 * std::sqrt(mean));
    std::vector<double> seen(static_cast<std::size_t>(bins), 0.0);
    for (int i = 0; i < n; ++i) {
      const auto k = stream.poisson(mean);
      if (k < seen.size()) seen[k] += 1.0;
    }
    double chi2 = 0.0;
    int used = 0;
    for (int k = 0; k < bins; ++k) {
      const double expected = n * std::exp(k * std::log(mean) - mean - std::lgamma(k + 1.0));
      if (expected < 20.0) continue; // the chi-square limit needs filled bins
      chi2 += std::pow(seen[static_cast<std::size_t>(k)] - expected, 2) / expected;
      ++used;
    }
    BOOST_TEST(used > 10);
    BOOST_TEST(chi2 < used + 5.0 * std::sqrt(2.0 * used) + 10.0);
  }
}

BOOST_AUTO_TEST_SUITE_END()
