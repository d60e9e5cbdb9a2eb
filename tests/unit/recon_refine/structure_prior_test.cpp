#include "recon/refine/presence.hpp"
#include "recon/refine/structure_prior.hpp"
#include "tests/unit/recon_refine/cluster.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>

BOOST_AUTO_TEST_SUITE(structure_prior)

using namespace aet;

namespace {

constexpr core::Threads one{1};
constexpr double neighbour_a = 2.8;

/// A ball of a face-centred cubic crystal, with neighbours at 2.8 angstrom.
std::vector<core::Vec3> crystal(double radius) {
  const double half = neighbour_a / std::sqrt(2.0);
  const int reach = static_cast<int>(radius / half) + 1;
  std::vector<core::Vec3> out;
  for (int z = -reach; z <= reach; ++z) {
    for (int y = -reach; y <= reach; ++y) {
      for (int x = -reach; x <= reach; ++x) {
        const core::Vec3 p = half * core::Vec3(x, y, z);
        if ((x + y + z) % 2 == 0 && p.norm() < radius) out.push_back(p);
      }
    }
  }
  return out;
}

double volume_at(const std::vector<core::Vec3>& atoms, const core::Vec3& place) {
  return recon::volumes_by_structure(recon::learn_structure(atoms, one), atoms, {place}, 15.0).front();
}

} // namespace

BOOST_AUTO_TEST_CASE(points_of_chance_are_equally_dense_whatever_their_neighbours) {
  // The conditional intensity of a Poisson process is its density, everywhere.
  core::RandomStream random(4, "test.points");
  std::vector<core::Vec3> points;
  constexpr double side = 40.0;
  constexpr double density = 0.03;
  for (int i = 0; i < static_cast<int>(density * side * side * side); ++i) {
    points.emplace_back(side * random.uniform(), side * random.uniform(), side * random.uniform());
  }
  const recon::StructurePrior prior = recon::learn_structure(points, one);
  // Few neighbours: 100 to 400 points, a scatter of 5 to 10 %; at the faces space is empty that the process
  // would fill, which lowers the density of places without neighbours.
  for (std::size_t k = 1; k < 3; ++k)
    BOOST_TEST(std::abs(prior.density[k] / density - 1.0) < 0.35);
}

BOOST_AUTO_TEST_CASE(a_vacancy_is_expected_to_be_taken_and_a_place_on_the_surface_is_not) {
  std::vector<core::Vec3> atoms = crystal(9.0);
  const core::Vec3 inside = core::Vec3::Zero();
  std::erase_if(atoms, [&](const core::Vec3& p) { return (p - inside).norm() < 0.1; });
  BOOST_TEST(volume_at(atoms, inside) <
             0.2); // some 150 atoms with 12 neighbours, one place with room for one
  // Beside the crystal there is room without end.
  const core::Vec3 far(0.0, 0.0, 40.0);
  BOOST_TEST(volume_at(atoms, far) > 1000.0);
  double above = 0.0; // of the surface, two neighbours or three
  for (const core::Vec3& p : crystal(11.5)) {
    if (p.norm() > 9.5) above = std::max(above, volume_at(atoms, p));
  }
  BOOST_TEST(above > 50.0);
  // No room: what is to be expected elsewhere.
  BOOST_TEST(volume_at(atoms, atoms.front() + core::Vec3(0.5, 0.0, 0.0)) == 15.0);
  // At the place of an atom it is left out itself.
  const auto own = recon::volumes_by_structure(recon::learn_structure(atoms, one), atoms, atoms, 15.0);
  BOOST_TEST(*std::min_element(own.begin(), own.end()) < 0.2);
  BOOST_TEST(recon::learn_structure({inside}, one).density.empty());
}

BOOST_AUTO_TEST_CASE(threads_do_not_change_it) {
  const std::vector<core::Vec3> atoms = test::cluster(7.0, 2.6, 3);
  BOOST_TEST(recon::learn_structure(atoms, one).density == recon::learn_structure(atoms, {3}).density,
             boost::test_tools::per_element());
}

/// Faint atoms on every second site of a crystal, of which some were not traced.
struct Faint {
  recon::Scene truth;
  core::TiltSeries series;
  std::vector<core::Vec3> start;
  std::vector<int> species;

  Faint() {
    truth.positions = crystal(8.0);
    for (std::size_t i = 0; i < truth.size(); ++i)
      truth.species.push_back(
          std::lround(truth.positions[i].z() / (neighbour_a / std::sqrt(2.0))) % 2 == 0 ? 1 : 0);
    truth.profiles = {{{{0.5, 0.45}, {0.12, 1.3}}}, {{{2.5, 0.45}, {0.45, 1.3}}}};
    truth.tilts = test::tilts_over(21, 130.0, 0.02);
    series = test::series_of(truth, 0.4, 56, 9);
    core::RandomStream stream(8, "test");
    for (std::size_t i = 0; i < truth.size(); ++i) {
      if (truth.species[i] == 0 && i % 3 == 0) continue;
      start.push_back(truth.positions[i] +
                      0.1 * core::Vec3(stream.normal(), stream.normal(), stream.normal()));
      species.push_back(truth.species[i]);
    }
  }

  [[nodiscard]] std::size_t found(const std::vector<core::Vec3>& model) const {
    return static_cast<std::size_t>(
        std::count_if(truth.positions.begin(), truth.positions.end(), [&](const core::Vec3& p) {
          return std::any_of(model.begin(), model.end(),
                             [&](const core::Vec3& q) { return (p - q).norm() < 0.9; });
        }));
  }
};

BOOST_FIXTURE_TEST_CASE(faint_atoms_that_are_missing_together_are_found_together, Faint) {
  recon::RefineOptions options;
  options.noise = recon::NoiseModel{1.0, 0.0, 0.0};
  options.structure = false;
  const auto without = recon::refine(series, start, species, options, {2});
  options.structure = true;
  const auto with = recon::refine(series, start, species, options, {2});
  const recon::Presence presence = recon::presence_of(with, series, options, {2});
  BOOST_TEST_MESSAGE(truth.size() << " atoms: one by one " << found(without.scene.positions) << " of "
                                  << without.scene.size() << ", by structure " << found(with.scene.positions)
                                  << " of " << with.scene.size() << "; expected spurious "
                                  << presence.expected_spurious << ", missing " << presence.expected_missing);
  BOOST_TEST(found(with.scene.positions) > found(without.scene.positions));
  // No more of them are wrong than the model says, within what so few scatter by.
  const auto wrong = static_cast<double>(with.scene.size() - found(with.scene.positions));
  BOOST_TEST(wrong < presence.expected_spurious + 4.0);
  BOOST_TEST(presence.probability.size() == with.scene.size());
  for (const double p : presence.probability) {
    BOOST_TEST(p >= 0.0);
    BOOST_TEST(p <= 1.0);
  }
}

BOOST_AUTO_TEST_SUITE_END()
