#include "analysis/nuclei/nuclei.hpp"
#include "sim/core/error.hpp"
#include "sim/core/neighbours/neighbours.hpp"
#include "tests/support/crystals.hpp"

#include <boost/test/unit_test.hpp>

#include <limits>
#include <map>

BOOST_AUTO_TEST_SUITE(nuclei)

using namespace aet;
using namespace aet::analysis;
using namespace aet::test;

namespace {

/// The seed's rule in its own words, atom by atom over all pairs. No ties.
std::vector<std::size_t> climb_twin(const std::vector<Vec3>& positions, const std::vector<double>& alpha,
                                    const std::vector<int>& phases, double radius) {
  std::vector<std::size_t> core(positions.size());
  for (std::size_t i = 0; i < positions.size(); ++i) {
    std::size_t centre = i;
    while (true) {
      std::size_t highest = centre;
      for (std::size_t j = 0; j < positions.size(); ++j)
        if (phases[j] == phases[centre] && (positions[j] - positions[centre]).norm() < radius &&
            alpha[j] > alpha[highest])
          highest = j;
      if (highest == centre) break;
      centre = highest;
    }
    core[i] = centre;
  }
  return core;
}

double bump(const Vec3& p, const Vec3& centre, double alpha0, double lambda, double beta) {
  return alpha0 * std::exp(-std::pow((p - centre).norm() / lambda, beta));
}

} // namespace

BOOST_AUTO_TEST_CASE(climbs_end_where_the_seed_says) {
  const core::Atoms atoms = shaken(fcc_ball(3.92, 11.0), 0.2, 1);
  core::RandomStream random(2, "test.alpha");
  std::vector<double> alpha(atoms.size());
  std::vector<int> phases(atoms.size());
  for (std::size_t i = 0; i < atoms.size(); ++i) {
    alpha[i] = random.uniform();
    phases[i] = random.uniform() < 0.5 ? 0 : 1;
  }
  const auto twin = climb_twin(atoms.positions, alpha, phases, 4.0);
  for (const TieRule ties : {TieRule::join, TieRule::lowest_index}) {
    const Nuclei found =
        find_nuclei(atoms.positions, atoms.cell, alpha,
                    {.radius_a = 4.0, .threshold = 0.3, .min_atoms = 5, .ties = ties}, {.phases = phases});
    std::map<std::size_t, std::vector<std::size_t>> clusters;
    for (std::size_t i = 0; i < atoms.size(); ++i) {
      BOOST_TEST(found.root_of_atom[i] == (alpha[i] < 0.3 ? -1 : static_cast<long long>(twin[i])));
      if (alpha[i] >= 0.3) clusters[twin[i]].push_back(i);
    }
    std::erase_if(clusters, [](const auto& c) { return c.second.size() < 5; });
    BOOST_TEST(found.nuclei.size() == clusters.size());
    for (const Nucleus& nucleus : found.nuclei) {
      BOOST_TEST(nucleus.atoms == clusters[nucleus.root], boost::test_tools::per_element());
      double sum = 0.0;
      for (const std::size_t i : nucleus.atoms)
        sum += alpha[i];
      BOOST_TEST(std::abs(nucleus.effective_atoms - sum) < 1e-12 * sum);
    }
    for (std::size_t k = 1; k < found.nuclei.size(); ++k)
      BOOST_TEST(found.nuclei[k].effective_atoms <= found.nuclei[k - 1].effective_atoms);
  }
}

BOOST_AUTO_TEST_CASE(planted_nuclei_are_found) {
  const core::Atoms atoms = fcc_ball(3.92, 18.0);
  const Vec3 a(-9, 0, 0);
  const Vec3 b(8, 3, -2);
  std::vector<double> alpha;
  for (const Vec3& p : atoms.positions)
    alpha.push_back(0.1 + std::max(bump(p, a, 0.8, 7.0, 2.0), bump(p, b, 0.6, 6.0, 1.5)));
  const Nuclei found = find_nuclei(atoms.positions, atoms.cell, alpha, nuclei_zhou2019_md());
  BOOST_REQUIRE(found.nuclei.size() == 2U);
  BOOST_TEST((found.nuclei[0].core_position - a).norm() < 1.96); // the farthest any place is from an atom
  BOOST_TEST((found.nuclei[1].core_position - b).norm() < 1.96);
  for (std::size_t i = 0; i < atoms.size(); ++i) {
    const bool member = alpha[i] >= 0.3;
    const bool nearer_a =
        bump(atoms.positions[i], a, 0.8, 7.0, 2.0) > bump(atoms.positions[i], b, 0.6, 6.0, 1.5);
    // The two bumps fall below the threshold before they meet, so the ascent leaves no doubt.
    BOOST_TEST(found.nucleus_of_atom[i] == (member ? (nearer_a ? 0 : 1) : -1));
  }
}

BOOST_AUTO_TEST_CASE(a_perfect_crystal_is_one_nucleus_in_any_order) {
  const core::Atoms atoms = fcc_ball(3.92, 9.0);
  std::vector<double> alpha(atoms.size());
  core::RandomStream random(3, "test.rounding");
  for (double& a : alpha)
    a = 1.0 + 1e-14 * random.uniform(); // as rounding leaves it
  const auto order = shuffle(atoms.size(), 4);
  const core::Atoms listed = permuted(atoms, order);
  std::vector<double> alpha_listed;
  for (const std::size_t i : order)
    alpha_listed.push_back(alpha[i]);
  const Nuclei here = find_nuclei(atoms.positions, atoms.cell, alpha);
  const Nuclei there = find_nuclei(listed.positions, listed.cell, alpha_listed);
  BOOST_REQUIRE(here.nuclei.size() == 1U);
  BOOST_REQUIRE(there.nuclei.size() == 1U);
  BOOST_TEST(here.nuclei[0].atoms.size() == atoms.size());
  BOOST_TEST(here.nuclei[0].core_position.norm() < 1e-12);
  BOOST_TEST((here.nuclei[0].core_position == there.nuclei[0].core_position));
  BOOST_TEST(here.nuclei[0].effective_atoms == there.nuclei[0].effective_atoms);
}

BOOST_AUTO_TEST_CASE(order_of_atoms_leaves_no_trace) {
  core::Atoms atoms = shaken(fcc(3.92, 5), 0.1, 5);
  core::RandomStream random(6, "test.alpha");
  std::vector<double> alpha(atoms.size());
  for (double& a : alpha)
    a = 0.1 * std::floor(10.0 * random.uniform()); // many ties
  const auto order = shuffle(atoms.size(), 7);
  const core::Atoms listed = permuted(atoms, order);
  std::vector<double> alpha_listed;
  for (const std::size_t i : order)
    alpha_listed.push_back(alpha[i]);
  const NucleiOptions options{.radius_a = 3.5, .threshold = 0.3, .min_atoms = 3};
  const Nuclei here = find_nuclei(atoms.positions, atoms.cell, alpha, options);
  const Nuclei there = find_nuclei(listed.positions, listed.cell, alpha_listed, options);
  BOOST_TEST(here.nuclei.size() > 3U);
  for (std::size_t i = 0; i < order.size(); ++i)
    BOOST_TEST(there.nucleus_of_atom[i] == here.nucleus_of_atom[order[i]]);
}

BOOST_AUTO_TEST_CASE(core_of_a_nucleus_across_the_boundary) {
  const core::Atoms atoms = fcc(3.92, 5);
  const Vec3 centre = Vec3::Constant(0.98); // near a corner of the box
  std::vector<double> alpha;
  for (const Vec3& p : atoms.positions)
    alpha.push_back(bump(core::nearest_image(p, centre, atoms.cell), centre, 0.9, 5.0, 2.0));
  const Nuclei found = find_nuclei(atoms.positions, atoms.cell, alpha,
                                   {.radius_a = 4.0, .threshold = 0.3, .min_atoms = 13, .core_share = 0.5});
  BOOST_REQUIRE(found.nuclei.size() == 1U);
  BOOST_TEST((core::nearest_image(found.nuclei[0].core_position, centre, atoms.cell) - centre).norm() < 0.5);
}

BOOST_AUTO_TEST_CASE(alpha_above_one_is_folded_in_the_published_variant) {
  // 1.3 folds to 0.7: the second atom then leads. (Folded values stay above the smallest, here 0.1.)
  const std::vector<Vec3> atoms{{0, 0, 0}, {3, 0, 0}, {20, 0, 0}};
  const std::vector<double> alpha{1.3, 0.8, 0.1};
  NucleiOptions options = nuclei_published_hea();
  options.min_atoms = 1;
  BOOST_TEST(find_nuclei(atoms, std::nullopt, alpha, options).root_of_atom[0] == 1);
  options.fold_above_one = false;
  BOOST_TEST(find_nuclei(atoms, std::nullopt, alpha, options).root_of_atom[1] == 0);
}

BOOST_AUTO_TEST_CASE(bad_input_is_named) {
  const core::Atoms atoms = fcc(3.92, 2);
  const std::vector<double> alpha(atoms.size(), 0.5);
  BOOST_CHECK_EXCEPTION((void)find_nuclei(atoms.positions, atoms.cell, alpha), core::ConfigError,
                        says("longer than half the periodic box"));
  BOOST_CHECK_EXCEPTION((void)find_nuclei(atoms.positions, std::nullopt, alpha, {.min_atoms = 0}),
                        core::ConfigError, says("smallest nucleus is 0"));
  BOOST_CHECK_EXCEPTION((void)find_nuclei(atoms.positions, std::nullopt, std::vector<double>{1.0}),
                        core::DataError, says("1 order parameters are given for 32 atoms"));
  std::vector<double> bad = alpha;
  bad[5] = std::numeric_limits<double>::quiet_NaN();
  BOOST_CHECK_EXCEPTION((void)find_nuclei(atoms.positions, std::nullopt, bad), core::DataError,
                        says("atom 5"));
  BOOST_TEST(find_nuclei(std::vector<Vec3>{}, std::nullopt, std::vector<double>{}).nuclei.empty());
}

BOOST_AUTO_TEST_SUITE_END()
