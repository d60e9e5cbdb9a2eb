#include "analysis/nuclei/surface_sites.hpp"
#include "analysis/structure/voronoi.hpp"
#include "sim/core/error.hpp"
#include "sim/core/units.hpp"
#include "tests/support/crystals.hpp"
#include "tests/support/phantoms.hpp"

#include <boost/test/unit_test.hpp>

#include <map>
#include <numeric>

BOOST_AUTO_TEST_SUITE(phantoms)

using namespace aet;
using namespace aet::analysis;
using namespace aet::test;

namespace {

std::string listed(const std::vector<EventKey>& keys) {
  std::string text;
  for (const auto& [moment, kind, from, to] : keys) {
    text += std::to_string(moment) + " kind " + std::to_string(kind) + ":";
    for (const int k : from)
      text += " " + std::to_string(k);
    text += " >";
    for (const int k : to)
      text += " " + std::to_string(k);
    text += "; ";
  }
  return text;
}

} // namespace

BOOST_AUTO_TEST_CASE(planted_order_and_its_events_are_recovered) {
  const specimen::OrderPhantom phantom = order_series();
  ChemistryOptions options; // as aetval chemistry has them
  options.chance.emplace();
  const SeriesFinding found = find_order(phantom, specimen::build_phantom(phantom), options);
  BOOST_TEST(found.names.f1() == 1.0);
  BOOST_TEST(listed(named_events(found.dynamics, found.names)) ==
             listed(planted_keys(specimen::planted_events(phantom.parents))));
}

BOOST_AUTO_TEST_CASE(planted_crystals_and_their_events_are_recovered) {
  const specimen::LiquidPhantom phantom = liquid_series();
  const SeriesFinding found = find_crystals(phantom, specimen::build_phantom(phantom), {}, true);
  BOOST_TEST(found.names.f1() == 1.0);
  BOOST_TEST(listed(named_events(found.dynamics, found.names)) ==
             listed(planted_keys(specimen::planted_events(phantom.parents))));
}

BOOST_AUTO_TEST_CASE(exact_nuclei_have_their_order_in_every_shell) {
  specimen::OrderPhantom phantom = order_series();
  phantom.particle.static_displacement_a = 0.0;
  phantom.moments = {{{specimen::Phase::l1_0, 2, 0, Vec3::Zero(), 0.9, 12.0, 2.0}}};
  phantom.parents = {{{}}};
  const auto deviation = [&](bool exact) {
    phantom.particle.exact_nuclei = exact;
    const core::Atoms atoms = specimen::build_phantom(phantom).front();
    // S of shells of 2 A from the sublattices as planted, against the mean asked for.
    std::map<int, std::array<double, 5>> shells;
    for (std::size_t i = 0; i < atoms.size(); ++i) {
      const double r = atoms.positions[i].norm();
      auto& s = shells[static_cast<int>(r / 2.0)];
      const double owner = atoms.columns.at("sublattice")[i];
      if (owner < 0.0) continue;
      const double a = atoms.atomic_numbers[i] == 26 ? 1.0 : 0.0;
      s[owner == 0.0 ? 0 : 2] += a;
      s[owner == 0.0 ? 1 : 3] += 1.0;
      s[4] += atoms.columns.at("order_wanted")[i];
    }
    double squares = 0.0;
    int count = 0;
    for (const auto& [shell, s] : shells) {
      if (shell < 2 || shell > 9 || s[1] < 20.0 || s[3] < 20.0) continue;
      squares += std::pow(s[0] / s[1] - s[2] / s[3] - s[4] / (s[1] + s[3]), 2);
      ++count;
    }
    return std::sqrt(squares / count);
  };
  const double exact = deviation(true);
  const double expected = deviation(false);
  BOOST_TEST(exact <
             0.05); // rounding of a few atoms in a hundred; the particle's centre is moved by trimming
  BOOST_TEST(exact < 0.7 * expected);
}

BOOST_AUTO_TEST_CASE(family_trees_become_events) {
  const auto events = specimen::planted_events({{{}, {}}, {{0, 1}, {}}, {{0}, {0}}});
  BOOST_REQUIRE_EQUAL(events.size(), 4U);
  BOOST_TEST((events[0].kind == specimen::PlantedEventKind::merge));
  BOOST_TEST((events[1].kind == specimen::PlantedEventKind::nucleate));
  BOOST_TEST((events[2].kind == specimen::PlantedEventKind::divide));
  BOOST_TEST((events[3].kind == specimen::PlantedEventKind::dissolve));
  BOOST_CHECK_EXCEPTION((void)specimen::planted_events({{{}}, {{1}}}), core::ConfigError,
                        says("has the parent 1"));
  specimen::LiquidPhantom bad = liquid_series();
  bad.moments[0][0].radius_a = 30.0;
  BOOST_CHECK_EXCEPTION((void)specimen::build_phantom(bad), core::ConfigError, says("must be at least 3 A"));
  bad.parents.pop_back();
  BOOST_CHECK_EXCEPTION((void)specimen::build_phantom(bad), core::ConfigError, says("of parents"));
}

BOOST_AUTO_TEST_CASE(sites_of_a_truncated_octahedron) {
  // n = 6 atoms along an edge: 24 corners, 36 edges of n - 2 inner atoms, 6 squares and 8 hexagons of
  // (n - 2)^2 and 3 n^2 - 9 n + 7 inner atoms.
  specimen::ParticleOptions o;
  o.facets = specimen::truncated_octahedron(2.0 / std::sqrt(3.0));
  constexpr int n = 6;
  o.atoms = 16 * n * n * n - 33 * n * n + 24 * n - 6;
  o.centre_cells = Vec3(0.5, 0.0, 0.0); // even n: the centre is no site
  const core::Atoms atoms = specimen::build_particle(o).atoms;
  const core::NeighbourList near = core::neighbours_within(atoms.positions, std::nullopt, 3.3);
  std::vector<std::uint8_t> exposed;
  for (const VoronoiCell& cell : voronoi_cells(atoms.positions, std::nullopt))
    exposed.push_back(cell.exposed ? 1 : 0);
  std::map<SurfaceSite, int> kinds;
  std::map<SurfaceSite, std::size_t> example;
  for (std::size_t i = 0; i < atoms.size(); ++i) {
    if (exposed[i] == 0) continue;
    ++kinds[surface_site(near.count(i))];
    example[surface_site(near.count(i))] = i;
  }
  BOOST_TEST(kinds[SurfaceSite::corner] == 24);
  BOOST_TEST(kinds[SurfaceSite::edge] == 36 * (n - 2));
  BOOST_TEST(kinds[SurfaceSite::facet_100] == 6 * (n - 2) * (n - 2));
  BOOST_TEST(kinds[SurfaceSite::facet_111] == 8 * (3 * n * n - 9 * n + 7));
  for (const auto& [kind, atom] : example) {
    const std::vector<std::size_t> core{atom};
    BOOST_TEST((nucleation_site(atoms.positions, std::nullopt, near, exposed, core) == kind));
  }
  std::size_t inner = 0;
  for (std::size_t i = 0; i < atoms.size(); ++i)
    if (atoms.positions[i].norm() < atoms.positions[inner].norm()) inner = i;
  const std::vector<std::size_t> middle{inner};
  BOOST_TEST(
      (nucleation_site(atoms.positions, std::nullopt, near, exposed, middle) == SurfaceSite::subsurface));
  BOOST_CHECK_EXCEPTION((void)nucleation_site(atoms.positions, std::nullopt, near, exposed, {}),
                        core::DataError, says("without core"));
}

BOOST_AUTO_TEST_CASE(contours_of_order) {
  const core::Atoms ball = fcc_ball(3.92, 18.0);
  std::vector<double> alpha;
  for (const Vec3& p : ball.positions)
    alpha.push_back(std::exp(-std::pow(p.norm() / 9.0, 2)));
  const std::vector<double> levels{0.3, 0.5, 0.7};
  const auto surfaces = order_contours(ball.positions, alpha, levels);
  for (std::size_t k = 0; k < levels.size(); ++k) {
    // A Gaussian convolved with the kernel is a lower, wider one; the lattice under the mean shows by a
    // percent.
    const double wide = 1.0 + 2.0 * 1.5 * 1.5 / 81.0;
    const double radius = 9.0 * std::sqrt(wide * std::log(std::pow(wide, -1.5) / levels[k]));
    BOOST_TEST(std::abs(std::cbrt(3.0 * surfaces[k].volume / (4.0 * core::pi)) / radius - 1.0) < 0.02);
  }
  BOOST_CHECK_EXCEPTION((void)order_contours(ball.positions, alpha, levels, 0.0), core::ConfigError,
                        says("kernel"));
}

BOOST_AUTO_TEST_SUITE_END()
