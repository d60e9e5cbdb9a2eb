#include "analysis/nuclei/nuclei.hpp"
#include "analysis/order/bond_order.hpp"
#include "sim/core/neighbours/neighbours.hpp"
#include "tests/support/hea_reference.hpp"

#include <boost/test/unit_test.hpp>

BOOST_AUTO_TEST_SUITE(hea_reference)

using namespace aet;
using namespace aet::analysis;
using namespace aet::test;

BOOST_AUTO_TEST_CASE(order_and_nuclei_are_the_published_ones, needs_reference()) {
  for (const char* name : {"hea_04", "hea_08"}) {
    BOOST_TEST_CONTEXT(name) {
      const HeaParticle p = read_hea(name);
      const core::NeighbourList list = core::neighbours_within(p.positions, std::nullopt, p.cutoff);
      const BondOrder order = bond_order(list);
      const std::vector<double> alpha = crystalline_order(order.averaged[0], order.averaged[1]);
      const Nuclei nuclei = find_nuclei(p.positions, std::nullopt, alpha, nuclei_published_hea());
      double worst = 0.0;
      std::size_t wrong = 0;
      for (std::size_t i = 0; i < p.positions.size(); ++i) {
        BOOST_REQUIRE_EQUAL(list.count(i), static_cast<std::size_t>(p.neighbours[i]));
        worst = std::max(worst, std::abs(alpha[i] - p.alpha[i]));
        BOOST_TEST(std::abs(order.averaged[0][i] - p.q4[i]) < 1e-12); // printed with 12 decimals
        BOOST_TEST(std::abs(order.averaged[1][i] - p.q6[i]) < 1e-12);
        const int k = nuclei.nucleus_of_atom[i];
        const long long large =
            k < 0 ? -1 : static_cast<long long>(nuclei.nuclei[static_cast<std::size_t>(k)].root);
        if (nuclei.root_of_atom[i] != p.root[i] || large != p.root_ge13[i]) ++wrong;
      }
      BOOST_TEST(worst <= 1e-12);
      BOOST_TEST(wrong == 0U);
      BOOST_TEST_MESSAGE(name << ": max |alpha - published| = " << worst << ", " << wrong
                              << " labels differ");
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()
