#include "recon/atoms/peak_selection.hpp"
#include "tests/unit/recon_atoms/synthetic.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>

BOOST_AUTO_TEST_SUITE(peak_selection)

using namespace aet;

namespace {

std::size_t below(const std::vector<double>& values, double threshold) {
  return std::count_if(values.begin(), values.end(), [&](double v) { return v < threshold; });
}

void add_normal(std::vector<double>& values, std::size_t count, double mean, double sd, std::uint64_t seed) {
  core::RandomStream random(seed, "test.intensities");
  for (std::size_t i = 0; i < count; ++i)
    values.push_back(std::max(0.01, mean + sd * random.normal()));
}

/// Exponentially many weak peaks, as noise and ringing give.
void add_exponential(std::vector<double>& values, std::size_t count, double mean, std::uint64_t seed) {
  core::RandomStream random(seed, "test.exponential");
  for (std::size_t i = 0; i < count; ++i)
    values.push_back(-mean * std::log(1.0 - random.uniform()));
}

} // namespace

BOOST_AUTO_TEST_CASE(minimum_distance_agrees_with_brute_force) {
  core::RandomStream random(9, "test.points");
  std::vector<core::Vec3> points;
  for (int i = 0; i < 800; ++i) {
    points.emplace_back(10.0 * random.uniform() - 5.0, 10.0 * random.uniform() - 5.0,
                        10.0 * random.uniform() - 5.0);
  }
  const auto blocker = recon::enforce_minimum_distance(points, 1.3);
  std::vector<int> expected(points.size(), -1);
  for (std::size_t i = 0; i < points.size(); ++i) {
    double nearest = 1.3;
    for (std::size_t j = 0; j < i; ++j) {
      if (expected[j] >= 0 || (points[i] - points[j]).norm() >= nearest) continue;
      nearest = (points[i] - points[j]).norm();
      expected[i] = static_cast<int>(j);
    }
  }
  BOOST_TEST(blocker == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(strong_level_ignores_the_weak_crowd) {
  std::vector<double> values;
  add_exponential(values, 30000, 0.05, 1);
  add_normal(values, 1000, 1.0, 0.1, 2);
  BOOST_TEST(std::abs(recon::strong_level(values) - 1.0) < 0.1);
  BOOST_TEST(recon::strong_level({}) == 0.0);
  BOOST_TEST(recon::strong_level({-1.0, 0.0}) == 0.0);
}

BOOST_AUTO_TEST_CASE(one_mode_is_never_cut) {
  for (const std::size_t count : {20U, 100U, 1000U, 20000U}) {
    for (const double sd : {0.05, 0.15, 0.3}) {
      for (std::uint64_t seed = 1; seed <= 10; ++seed) {
        std::vector<double> values;
        add_normal(values, count, 1.0, sd, seed);
        const auto split = recon::split_non_atoms(values);
        // Values of a normal distribution below 5 robust standard deviations: of 20, whose spread is hardly
        // known, one may look so; of the larger sets not 1 %.
        BOOST_TEST(static_cast<double>(below(values, split.threshold)) <=
                       std::max(1.0, 0.01 * static_cast<double>(count)),
                   "count " << count << " sd " << sd << " seed " << seed << " cut "
                            << below(values, split.threshold) << " by " << split.rule);
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(noise_below_atoms_is_cut_in_the_valley) {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    for (const std::size_t noise : {100U, 3000U, 50000U}) {
      std::vector<double> weak;
      add_exponential(weak, noise, 0.04, seed);
      std::vector<double> atoms;
      add_normal(atoms, 1000, 1.0, 0.12, seed + 50);
      std::vector<double> all(weak);
      all.insert(all.end(), atoms.begin(), atoms.end());
      const auto split = recon::split_non_atoms(all);
      BOOST_TEST(split.rule == "valley");
      BOOST_TEST(below(atoms, split.threshold) <= 2U);
      BOOST_TEST(noise - below(weak, split.threshold) <= 2U);
      BOOST_TEST(split.significance > 4.0);
    }
  }
}

BOOST_AUTO_TEST_CASE(overlapping_modes_are_cut_between_their_means) {
  std::vector<double> all;
  add_normal(all, 3000, 0.25, 0.08, 3);
  add_normal(all, 1000, 1.0, 0.17, 4);
  const auto split = recon::split_non_atoms(all);
  BOOST_TEST(split.rule == "valley");
  BOOST_TEST(split.threshold > 0.4);
  BOOST_TEST(split.threshold < 0.7);
}

BOOST_AUTO_TEST_CASE(three_stray_peaks_are_parted_by_the_gap) {
  std::vector<double> all{0.08, 0.1, 0.15};
  add_normal(all, 500, 1.0, 0.1, 4);
  const auto split = recon::split_non_atoms(all);
  BOOST_TEST(split.rule == "gap");
  BOOST_TEST(below(all, split.threshold) == 3U);
}

BOOST_AUTO_TEST_CASE(nothing_to_split) {
  BOOST_TEST(recon::split_non_atoms({}).rule == "none");
  BOOST_TEST(recon::split_non_atoms({1.0}).rule == "none");
  BOOST_TEST(recon::split_non_atoms({-1.0, -2.0}).rule == "none");
}

BOOST_AUTO_TEST_CASE(a_crowd_of_noise_is_not_a_dim_species) {
  std::vector<double> one;
  add_exponential(one, 5000, 0.07, 11);
  std::erase_if(one, [](double v) { return v < 0.1; }); // weaker ones are not looked at
  const std::size_t noise = one.size();
  add_normal(one, 400, 1.0, 0.12, 12);
  BOOST_TEST(noise > 800U);
  const double threshold = recon::crowd_of_noise(one);
  BOOST_TEST(below(one, threshold) > noise - 20);
  BOOST_TEST(below(one, threshold) < noise + 5);

  // Iron and platinum: of the valleys the lower one counts, and without noise there is none.
  std::vector<double> two;
  add_normal(two, 700, 0.35, 0.05, 13);
  add_normal(two, 300, 1.0, 0.08, 14);
  BOOST_TEST(recon::crowd_of_noise(two) == 0.0);
  add_exponential(two, 40000, 0.02, 15);
  std::erase_if(two, [](double v) { return v < 0.05; });
  BOOST_TEST(two.size() > 3000U);
  const double lower = recon::crowd_of_noise(two);
  BOOST_TEST(lower > 0.1);
  BOOST_TEST(lower < 0.25);

  // A few weak peaks among many atoms are no crowd.
  std::vector<double> few;
  add_exponential(few, 100, 0.05, 16);
  add_normal(few, 1000, 1.0, 0.1, 17);
  BOOST_TEST(recon::crowd_of_noise(few) == 0.0);
  BOOST_TEST(recon::crowd_of_noise({}) == 0.0);
}

BOOST_AUTO_TEST_SUITE_END()
