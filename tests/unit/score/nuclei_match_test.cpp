#include "sim/core/error.hpp"
#include "tests/support/message.hpp"
#include "validation/score/nuclei_match.hpp"

#include <boost/test/unit_test.hpp>

BOOST_AUTO_TEST_SUITE(nuclei_match)

using namespace aet;

namespace {

/// Atom i of the truth is atom i of the model.
validation::MatchResult one_to_one(std::size_t n) {
  validation::MatchResult match;
  match.truth_atoms = match.model_atoms = n;
  for (std::size_t i = 0; i < n; ++i)
    match.pairs.push_back({i, i, core::Vec3::Zero()});
  return match;
}

} // namespace

BOOST_AUTO_TEST_CASE(labels_do_not_matter_atoms_do) {
  const std::vector<double> truth{0, 0, 0, 1, 1, 1, 1, -1, -1, 2};
  const std::vector<double> model{7, 7, 7, 7, 3, 3, 3, 3, -1, -1};
  const auto nuclei = validation::match_nuclei(truth, model, one_to_one(10), 0.25);
  BOOST_TEST(nuclei.truth == 3U);
  BOOST_TEST(nuclei.model == 2U);
  BOOST_REQUIRE(nuclei.pairs.size() == 2U);
  // 0 and 7 share 3 of 3 + 4 - 3; 1 and 3 share 3 of 4 + 4 - 3.
  BOOST_TEST(nuclei.pairs[0].truth == 0);
  BOOST_TEST(nuclei.pairs[0].model == 7);
  BOOST_TEST(nuclei.pairs[0].overlap == 0.75);
  BOOST_TEST(nuclei.pairs[1].overlap == 0.6);
}

BOOST_AUTO_TEST_CASE(a_nucleus_is_matched_once) {
  // The model splits one nucleus into two: only the larger part is its match.
  const std::vector<double> truth{0, 0, 0, 0, 0, 0, 0};
  const std::vector<double> model{1, 1, 1, 1, 2, 2, 2};
  const auto nuclei = validation::match_nuclei(truth, model, one_to_one(7), 0.25);
  BOOST_REQUIRE(nuclei.pairs.size() == 1U);
  BOOST_TEST(nuclei.pairs[0].model == 1);
  BOOST_TEST(validation::match_nuclei(truth, model, one_to_one(7), 0.9).pairs.empty());
}

BOOST_AUTO_TEST_CASE(bad_labels) {
  const auto message = [](const std::vector<double>& truth) {
    return test::message_of<core::DataError>([&] {
      (void)validation::match_nuclei(truth, {0, 0}, one_to_one(2), 0.25);
    });
  };
  BOOST_TEST(test::contains(message({0.5, 0}), "0.5", "whole numbers"));
  BOOST_TEST(test::contains(message({0}), "1 nucleus labels for 2 atoms"));
}

BOOST_AUTO_TEST_SUITE_END()
