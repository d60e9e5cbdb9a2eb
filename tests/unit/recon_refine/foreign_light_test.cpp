#include "recon/refine/foreign_light.hpp"
#include "recon/refine/refine.hpp"
#include "tests/support/message.hpp"
#include "tests/unit/recon_refine/cluster.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>

BOOST_AUTO_TEST_SUITE(foreign_light)

using namespace aet;

namespace {

constexpr core::Threads one{1};

/// The cluster in its field of 15.6 A, with another 14 A beside it that comes in as the specimen is tilted.
struct Neighboured : test::Cluster {
  Neighboured() {
    recon::Scene both = truth;
    for (const core::Vec3& p : test::cluster(5.5, 2.8, 5))
      both.positions.push_back(p + core::Vec3(14.0, 0.5, 1.0));
    both.species.assign(both.size(), 0);
    series = test::series_of(both, 0.3, 52, 7);
  }
};

recon::RefineResult refined(const core::TiltSeries& series, const std::vector<core::Vec3>& start) {
  return recon::refine(series, start, std::vector<int>(start.size(), 0), {}, one);
}

} // namespace

BOOST_FIXTURE_TEST_CASE(a_neighbour_that_enters_the_field_is_left_out, Neighboured) {
  const recon::RefineResult r = refined(series, start);
  BOOST_TEST(r.converged);
  BOOST_TEST(r.scene.size() == truth.size());
  BOOST_TEST(!r.foreign.empty());
  BOOST_TEST(std::any_of(r.notes.begin(), r.notes.end(),
                         [](const std::string& note) { return test::contains(note, "beside the model"); }));
  // At most half of the images lose a part of the cluster to the neighbour's shadow: errors grow by less than
  // root 2 from that, and by a little from its light below the tenth that is not masked.
  const test::Cluster alone;
  const recon::RefineResult undisturbed = refined(alone.series, start);
  BOOST_TEST(undisturbed.foreign.empty());
  BOOST_TEST(rmsd(r.scene.positions) < 2.0 * rmsd(undisturbed.scene.positions));
  // What the mask leaves is described by the model: the neighbour itself is worth many times the noise.
  BOOST_TEST(r.chi2_per_pixel() < 1.3);
  BOOST_TEST(r.foreign.front().size() > 100U);               // at -62 degrees it stands in front
  BOOST_TEST(r.foreign[r.foreign.size() / 2].size() < 300U); // at 0 it is beside the field
}

BOOST_FIXTURE_TEST_CASE(an_atom_in_a_corner_of_the_field_is_added, test::Cluster) {
  // A field of 10.2 A: some atoms leave it at some tilts, and the sphere that is always in view ends at 5.1
  // A.
  series = test::series_of(truth, 0.3, 34, 7);
  const auto corner = std::max_element(
      truth.positions.begin(), truth.positions.end(),
      [](const core::Vec3& a, const core::Vec3& b) { return a.squaredNorm() < b.squaredNorm(); });
  BOOST_TEST_REQUIRE(corner->norm() > 5.1);
  std::vector<core::Vec3> others = start;
  others.erase(others.begin() + (corner - truth.positions.begin()));
  const recon::RefineResult r = refined(series, others);
  BOOST_TEST(r.added == 1U);
  const auto distance = [&](const core::Vec3& p) { return (p - *corner).norm(); };
  const auto nearest =
      std::min_element(r.scene.positions.begin(), r.scene.positions.end(),
                       [&](const core::Vec3& a, const core::Vec3& b) { return distance(a) < distance(b); });
  BOOST_TEST(distance(*nearest) < 0.15);
}

BOOST_AUTO_TEST_SUITE_END()
