#include "analysis/nuclei/dynamics.hpp"
#include "sim/core/error.hpp"
#include "tests/support/crystals.hpp"

#include <boost/test/unit_test.hpp>

#include <map>

BOOST_AUTO_TEST_SUITE(dynamics)

using namespace aet;
using namespace aet::analysis;
using namespace aet::test;

namespace {

struct Blob {
  Vec3 centre;
  double radius;
};

/// Atoms of a ball, shaken and shuffled as if recovered anew, with these blobs as nuclei.
NucleiSnapshot planted(const std::string& name, const std::vector<Blob>& blobs, std::uint64_t seed) {
  core::Atoms atoms = shaken(fcc_ball(3.92, 20.0), 0.3, seed);
  atoms = permuted(atoms, shuffle(atoms.size(), seed));
  atoms.positions.resize(atoms.size() - seed % 7); // and not the same number of atoms
  NucleiSnapshot moment{
      name, atoms.positions, std::nullopt, std::vector<int>(atoms.positions.size(), -1), {}};
  moment.effective_atoms.assign(blobs.size(), 0.0);
  for (std::size_t i = 0; i < moment.positions.size(); ++i)
    for (std::size_t b = 0; b < blobs.size(); ++b)
      if ((moment.positions[i] - blobs[b].centre).norm() < blobs[b].radius) {
        moment.nucleus_of_atom[i] = static_cast<int>(b);
        moment.effective_atoms[b] += 0.8;
      }
  return moment;
}

struct Expected {
  EventKind kind;
  std::size_t moment;
  std::vector<int> from;
  std::vector<int> to;
};

void check_events(const std::vector<Event>& events, const std::vector<Expected>& expected) {
  BOOST_REQUIRE_EQUAL(events.size(), expected.size());
  for (std::size_t e = 0; e < events.size(); ++e) {
    BOOST_TEST((events[e].kind == expected[e].kind));
    BOOST_TEST(events[e].moment == expected[e].moment);
    BOOST_TEST(events[e].from == expected[e].from, boost::test_tools::per_element());
    BOOST_TEST(events[e].to == expected[e].to, boost::test_tools::per_element());
  }
}

} // namespace

BOOST_AUTO_TEST_CASE(planted_events_are_recovered) {
  const Vec3 left(-9, 0, 0);
  const Vec3 right(2, 0, 0);
  const Vec3 middle(-3.5, 0, 0);
  const Vec3 top(0, 0, 14);
  const Vec3 bottom(0, 0, -14);
  const std::vector<NucleiSnapshot> moments{
      planted("t000", {{left, 5}, {right, 5}, {top, 4}}, 1),     // two apart, one more on top
      planted("t001", {{middle, 10.5}, {top, 3.2}}, 2),          // the two have merged; the top one shrinks
      planted("t002", {{left, 5}, {right, 5}, {bottom, 4}}, 3)}; // divided again; top gone, bottom new
  const Dynamics found = analyze_dynamics(moments);
  check_events(found.events, {{EventKind::merge, 1, {0, 1}, {0}},
                              {EventKind::divide, 2, {0}, {0, 1}},
                              {EventKind::nucleate, 2, {}, {2}},
                              {EventKind::dissolve, 2, {1}, {}}});
  BOOST_REQUIRE(found.common.size() == 2U); // the bottom one exists once only
  BOOST_TEST((found.common[0].kind == NucleusClass::fluctuating));
  BOOST_TEST(found.common[0].members[0].size() == 2U);
  BOOST_TEST(found.common[0].members[1] == std::vector<int>{0}, boost::test_tools::per_element());
  BOOST_TEST(found.common[0].effective_atoms[0] ==
             moments[0].effective_atoms[0] + moments[0].effective_atoms[1]);
  BOOST_TEST((found.common[1].kind == NucleusClass::dissolving));
  BOOST_TEST(found.common[1].effective_atoms[2] == 0.0);
}

BOOST_AUTO_TEST_CASE(growing_and_the_tolerance) {
  const Vec3 at(3, 4, 5);
  const auto series = [&](const std::vector<double>& radii) {
    std::vector<NucleiSnapshot> moments;
    for (std::size_t f = 0; f < radii.size(); ++f)
      moments.push_back(planted("t", {{at, radii[f]}}, 10 + f));
    return moments;
  };
  BOOST_TEST((analyze_dynamics(series({4, 6, 8})).common.at(0).kind == NucleusClass::growing));
  BOOST_TEST((analyze_dynamics(series({8, 6, 4})).common.at(0).kind == NucleusClass::dissolving));
  BOOST_TEST((analyze_dynamics(series({6, 8, 4})).common.at(0).kind == NucleusClass::fluctuating));
  auto dip = series({6, 7, 6.7, 9});
  BOOST_TEST((analyze_dynamics(dip).common.at(0).kind == NucleusClass::fluctuating));
  // From 7 to 6.7 A a tenth of the atoms goes: less than two standard errors of a difference if each number
  // is known to a tenth.
  for (NucleiSnapshot& moment : dip)
    moment.effective_atoms_sd = {0.1 * moment.effective_atoms.at(0)};
  BOOST_TEST((analyze_dynamics(dip).common.at(0).kind == NucleusClass::growing));
  BOOST_TEST(
      (analyze_dynamics(dip, {.class_tolerance = 0.5}).common.at(0).kind == NucleusClass::fluctuating));
}

BOOST_AUTO_TEST_CASE(nuclei_of_chance_and_of_other_phases_have_nothing_in_common) {
  const Vec3 at(0, 0, 0);
  std::vector<NucleiSnapshot> moments{planted("a", {{at, 6.0}}, 1), planted("b", {{at, 6.0}}, 2)};
  BOOST_TEST(analyze_dynamics(moments).common.size() == 1U);
  moments[0].phase = {0};
  moments[1].phase = {3};
  const Dynamics other = analyze_dynamics(moments);
  BOOST_TEST(other.common.empty());
  BOOST_TEST(other.events.size() == 2U); // one dissolves, another appears
  moments[1].phase = {0};
  moments[1].by_chance = {1};
  const Dynamics chance = analyze_dynamics(moments);
  BOOST_TEST(chance.common.empty());
  BOOST_REQUIRE(chance.events.size() == 1U);
  BOOST_TEST((chance.events[0].kind == EventKind::dissolve));
  moments[1].by_chance = {1, 0};
  BOOST_CHECK_EXCEPTION((void)analyze_dynamics(moments), core::DataError, says("2 entries for 1 nuclei"));
}

BOOST_AUTO_TEST_CASE(overlap_needs_more_than_half_of_the_smaller) {
  // Two balls of radius 6 whose centres are d apart share 1 - 3t/2 + t^3/2 of their volume, t = d / 12:
  // half at d = 4.17.
  const auto share = [](double d) {
    return analyze_dynamics(std::vector<NucleiSnapshot>{planted("a", {{Vec3(0, 0, 0), 6}}, 20),
                                                        planted("b", {{Vec3(d, 0, 0), 6}}, 21)})
        .common.size();
  };
  BOOST_TEST(share(3.5) == 1U);
  BOOST_TEST(share(4.8) == 0U);
  // A small one inside a large one is the same nucleus, whatever the large one's size.
  const Dynamics inside = analyze_dynamics(std::vector<NucleiSnapshot>{
      planted("a", {{Vec3(3, 0, 0), 4}}, 22), planted("b", {{Vec3(0, 0, 0), 12}}, 23)});
  BOOST_TEST(inside.common.size() == 1U);
  BOOST_TEST(inside.events.empty());
}

BOOST_AUTO_TEST_CASE(a_nucleus_may_be_away_for_one_frame) {
  const std::vector<NucleiSnapshot> moments{planted("a", {{Vec3(0, 0, 0), 5}}, 30), planted("b", {}, 31),
                                            planted("c", {{Vec3(0, 0, 0), 6}}, 32)};
  const Dynamics all = analyze_dynamics(moments);
  BOOST_REQUIRE(all.common.size() == 1U);
  BOOST_TEST((all.common[0].kind == NucleusClass::fluctuating));
  BOOST_TEST(analyze_dynamics(moments, {.moment_gap = 1}).common.empty());
}

BOOST_AUTO_TEST_CASE(frames_apart_in_space_do_not_overlap) {
  NucleiSnapshot here = planted("a", {{Vec3(0, 0, 0), 8}}, 40);
  NucleiSnapshot there = here;
  for (Vec3& p : there.positions)
    p += Vec3(60, 0, 0);
  BOOST_TEST(analyze_dynamics(std::vector<NucleiSnapshot>{here, there}).common.empty());
  // ... unless the box brings them back.
  core::Cell cell;
  cell.vectors = 60.0 * core::Mat3::Identity();
  cell.periodic = {true, true, true};
  here.cell = cell;
  there.cell = cell;
  BOOST_TEST(analyze_dynamics(std::vector<NucleiSnapshot>{here, there}).common.size() == 1U);
}

BOOST_AUTO_TEST_CASE(bad_input_is_named) {
  BOOST_CHECK_EXCEPTION((void)analyze_dynamics(std::vector<NucleiSnapshot>{}), core::DataError,
                        says("at least one moment"));
  NucleiSnapshot moment = planted("t007", {{Vec3::Zero(), 5}}, 50);
  BOOST_CHECK_EXCEPTION((void)analyze_dynamics(std::vector<NucleiSnapshot>{moment}, {.min_overlap = 1.5}),
                        core::ConfigError, says("between 0 and 1"));
  moment.nucleus_of_atom[3] = 4;
  BOOST_CHECK_EXCEPTION((void)analyze_dynamics(std::vector<NucleiSnapshot>{moment}), core::DataError,
                        says("moment t007: nucleus label 4 with 1 nuclei"));
  moment.nucleus_of_atom.pop_back();
  BOOST_CHECK_EXCEPTION((void)analyze_dynamics(std::vector<NucleiSnapshot>{moment}), core::DataError,
                        says("nucleus labels for"));
}

BOOST_AUTO_TEST_SUITE_END()
