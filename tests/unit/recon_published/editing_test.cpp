#include "recon/published/atom_editing.hpp"
#include "tests/unit/recon_published/series.hpp"

#include <boost/test/unit_test.hpp>

#include <cmath>
#include <vector>

BOOST_AUTO_TEST_SUITE(editing)

using namespace aet;
using namespace aet::recon::published;

BOOST_AUTO_TEST_CASE(wrong_species_are_flipped_back) {
  const Model truth = test::small_particle(4, 1);
  const auto series = test::linear_series(truth, 9, 44, 0.3, 1);
  Model start = truth;
  std::vector<std::size_t> wrong;
  for (std::size_t n = 0; n < start.species.size(); n += 7) {
    start.species[n] = 1 - start.species[n];
    wrong.push_back(n);
  }
  FlipOptions options;
  const FlipResult all = flip_atoms(series, start, options, {2});
  BOOST_TEST((all.model.species == truth.species));
  BOOST_TEST(all.settled);
  BOOST_TEST((all.changed == wrong));
  // Only the atoms named are looked at.
  options.atoms = {wrong.front()};
  const FlipResult one = flip_atoms(series, start, options, {1});
  BOOST_TEST((one.changed == options.atoms));
}

BOOST_AUTO_TEST_CASE(real_atoms_are_added_and_spurious_ones_are_not) {
  const Model truth = test::small_particle(3, 2);
  const auto series = test::linear_series(truth, 9, 40, 0.1, 2);
  Model sure = truth;
  std::vector<Candidate> candidates;
  for (std::size_t i = 0; i < 4;) {
    const std::size_t last = sure.positions.size() - 1;
    if (sure.species[last] == 0) {
      candidates.push_back({sure.positions[last], 10.0 - static_cast<double>(i)});
      ++i;
    } else {
      sure.parameters = truth.parameters; // kept: its species is not the dimmest
      std::rotate(sure.positions.begin(), sure.positions.end() - 1, sure.positions.end());
      std::rotate(sure.species.begin(), sure.species.end() - 1, sure.species.end());
      continue;
    }
    sure.positions.pop_back();
    sure.species.pop_back();
  }
  for (int i = 0; i < 3; ++i) // nothing is there
    candidates.insert(candidates.begin(), {core::Vec3(6.5, -4.0 + 4.0 * i, 1.0), 3.0 - i});
  const AddResult result = add_atoms(series, sure, candidates, 1, {2});
  BOOST_TEST(result.taken == 4U);
  BOOST_TEST(result.error.size() == candidates.size() + 1);
  BOOST_TEST(result.model.positions.size() == truth.positions.size());
  BOOST_TEST(result.order.front() == 3U); // the strongest
}

BOOST_AUTO_TEST_SUITE_END()
