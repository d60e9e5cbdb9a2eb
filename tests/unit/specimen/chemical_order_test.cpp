#include "sim/core/error.hpp"
#include "sim/specimen/alloy_order.hpp"
#include "tests/support/message.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cmath>

BOOST_AUTO_TEST_SUITE(chemical_order)

using namespace aet;
using namespace aet::specimen;
using test::contains;

namespace {

Owners owners_of(std::size_t a, std::size_t b) {
  Owners owners(a, 0);
  owners.insert(owners.end(), b, 1);
  return owners;
}

/// S the plain way: (r_a - x) / y_b.
double warren(const Owners& owners, const Species& species) {
  double sites_a = 0.0;
  double right_a = 0.0;
  double atoms_a = 0.0;
  const auto n = static_cast<double>(owners.size());
  for (std::size_t i = 0; i < owners.size(); ++i) {
    sites_a += owners[i] == 0 ? 1.0 : 0.0;
    atoms_a += species[i] == 0 ? 1.0 : 0.0;
    right_a += owners[i] == 0 && species[i] == 0 ? 1.0 : 0.0;
  }
  return (right_a / sites_a - atoms_a / n) / (1.0 - sites_a / n);
}

core::RandomStream stream(std::uint32_t i = 0) {
  return {17, "test.order", {i}};
}

} // namespace

BOOST_AUTO_TEST_CASE(the_order_parameter_asked_for_is_had) {
  for (const double s : {0.0, 0.25, 0.6, 1.0}) {
    for (const auto& owners : {owners_of(500, 500), owners_of(750, 250), owners_of(251, 749)}) {
      auto random = stream();
      OrderRequest request;
      request.order_parameter = s;
      const Species species = ordered_alloy(owners, request, random);
      // One atom more or less on A's sites changes S by 1 / (N_a y_b).
      BOOST_TEST(std::abs(order_parameter(owners, species).value() - s) <= 0.5 / (250.0 * 0.25));
      BOOST_TEST(std::abs(order_parameter(owners, species).value() - warren(owners, species)) < 1e-12);
    }
  }
}

BOOST_AUTO_TEST_CASE(antisites_lower_the_order_as_counted_by_hand) {
  auto random = stream();
  OrderRequest request;
  request.antisite_fraction = 0.1;
  // 1,000 sites, 50 pairs: L1_0 S = 1 - 2 f; L1_2 (750, 250): r_a = 1 - 50/750, r_b = 1 - 50/250.
  const Owners l10 = owners_of(500, 500);
  BOOST_TEST(std::abs(order_parameter(l10, ordered_alloy(l10, request, random)).value() - 0.8) < 1e-12);
  const Owners l12 = owners_of(750, 250);
  const Species species = ordered_alloy(l12, request, random);
  BOOST_TEST(std::abs(order_parameter(l12, species).value() - (1.0 - 50.0 / 750.0 - 50.0 / 250.0)) < 1e-12);
  BOOST_TEST(std::count(species.begin(), species.end(), 0) == 750);
}

BOOST_AUTO_TEST_CASE(composition_limits_the_order) {
  // 60 % A on 50 % sites: A fills its own sites, the rest are on B's: S = (1 - 0.6) / 0.5 = 0.8.
  auto random = stream();
  OrderRequest request;
  request.fraction_a = 0.6;
  const Owners owners = owners_of(500, 500);
  const Species species = ordered_alloy(owners, request, random);
  BOOST_TEST(std::count(species.begin(), species.end(), 0) == 600);
  BOOST_TEST(std::abs(order_parameter(owners, species).value() - 0.8) < 1e-12);
  request.order_parameter = 0.9;
  BOOST_TEST(
      contains(test::message_of<core::ConfigError>([&] { (void)ordered_alloy(owners, request, random); }),
               "order_parameter = 0.9", "0.8000"));
  request.order_parameter.reset();
  request.antisite_fraction = 0.5;
  request.fraction_a = 0.1;
  BOOST_TEST(
      contains(test::message_of<core::ConfigError>([&] { (void)ordered_alloy(owners, request, random); }),
               "antisite_fraction", "250"));
}

BOOST_AUTO_TEST_CASE(random_alloys_have_exact_counts_and_no_order) {
  auto random = stream();
  const Species species = random_alloy(1001, {0.5, 0.3, 0.2}, random);
  BOOST_TEST(std::count(species.begin(), species.end(), 0) == 501); // remainders 0.5, 0.3, 0.2
  BOOST_TEST(std::count(species.begin(), species.end(), 1) == 300);
  BOOST_TEST(std::count(species.begin(), species.end(), 2) == 200);
  double sum = 0.0;
  const Owners owners = owners_of(500, 500);
  for (int i = 0; i < 100; ++i)
    sum += order_parameter(owners, random_alloy(1000, {0.5, 0.5}, random)).value();
  // S of a random alloy has a standard deviation of N^-1/2 = 0.032; the mean of 100 has 0.0032.
  BOOST_TEST(std::abs(sum / 100.0) < 4 * 0.0032);
}

BOOST_AUTO_TEST_CASE(a_graded_alloy_follows_its_profile_and_keeps_the_composition) {
  // Two halves with S = 0.9 and 0.2; many draws, so that the mean is known to 0.01.
  const Owners half = owners_of(1000, 1000);
  Owners owners = half;
  owners.insert(owners.end(), half.begin(), half.end());
  std::vector<double> order(2000, 0.9);
  order.resize(4000, 0.2);
  const std::vector<double> share(4000, 0.5);
  double first = 0.0;
  double second = 0.0;
  constexpr int draws = 40;
  for (int i = 0; i < draws; ++i) {
    auto random = stream(static_cast<std::uint32_t>(i));
    const Species species = graded_alloy(owners, order, share, 0.5, random);
    BOOST_TEST(std::count(species.begin(), species.end(), 0) == 2000);
    first += order_parameter(half, {species.begin(), species.begin() + 2000}).value() / draws;
    second += order_parameter(half, {species.begin() + 2000, species.end()}).value() / draws;
  }
  // Standard deviation of one S: 2 sqrt(p (1 - p) / N) with N = 2000: 0.010 and 0.022; of the means 0.0015,
  // 0.0035.
  BOOST_TEST(std::abs(first - 0.9) < 0.007);
  BOOST_TEST(std::abs(second - 0.2) < 0.014);
  // Perfect order is kept exactly.
  auto random = stream();
  BOOST_TEST((graded_alloy(half, std::vector<double>(2000, 1.0), share, 0.5, random) == half));
}

BOOST_AUTO_TEST_CASE(without_one_sublattice_there_is_no_order_parameter) {
  BOOST_TEST(!order_parameter({0, 0}, {0, 1}).has_value());
  BOOST_TEST(!order_parameter({-1, -1}, {0, 1}).has_value());
}

BOOST_AUTO_TEST_SUITE_END()
