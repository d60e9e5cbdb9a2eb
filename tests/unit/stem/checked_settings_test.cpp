#include "sim/core/orientation.hpp"
#include "sim/stem/checked_settings.hpp"

#include <boost/test/unit_test.hpp>

namespace {

using namespace aet;
using namespace aet::stem;

/// Simple cubic block of n^3 platinum atoms.
core::Atoms block(int n, double spacing) {
  core::Atoms atoms;
  for (int i = 0; i < n * n * n; ++i) {
    atoms.positions.emplace_back(spacing * (i % n), spacing * (i / n % n), spacing * (i / n / n));
    atoms.atomic_numbers.push_back(78);
  }
  return atoms;
}

} // namespace

BOOST_AUTO_TEST_SUITE(checked_settings_of_a_view)

BOOST_AUTO_TEST_CASE(columns_are_counted) {
  const core::Atoms atoms = block(6, 4.0);
  // Every atom has the five others of its column within 20 A but for the two ends, which see each other at
  // 20 A exactly: not within.
  BOOST_TEST(atoms_in_column(atoms, core::Mat3::Identity()) == (4.0 * 5.0 + 2.0 * 4.0) / 6.0,
             boost::test_tools::tolerance(1e-12));
  BOOST_TEST(atoms_in_column(atoms, core::rotation_from_euler({0.3, 0.5, 0.2})) < 2.0);
}

BOOST_AUTO_TEST_CASE(settings_change_along_columns_only) {
  core::Atoms atoms = block(5, 3.0);
  StemOptions options;
  set_accuracy(options, 0.005);
  options.phonons.u_rms_a = 0.07;
  const Scan scan{32, 0.4};
  const auto across =
      checked_settings({atoms, core::rotation_from_euler({0.3, 0.5, 0.2}), scan}, options, core::Threads{2});
  BOOST_TEST(!across.along_columns);
  BOOST_TEST(across.options.fast.pixel_a == options.fast.pixel_a);
  BOOST_TEST(across.r1 == 0.005);
  // A short column needs no more than the finer pixel; and the axis of the scan does not matter.
  const auto along = checked_settings({atoms, core::Mat3::Identity(), scan}, options, core::Threads{2});
  BOOST_TEST(along.along_columns);
  BOOST_TEST(along.options.fast.pixel_a < options.fast.pixel_a);
  BOOST_TEST(along.r1 < 0.01);
  for (auto& r : atoms.positions)
    r += core::Vec3(5.0, -3.0, 0.0);
  const auto moved = checked_settings({atoms, core::Mat3::Identity(), scan}, options, core::Threads{1});
  BOOST_TEST(moved.r1 == along.r1, boost::test_tools::tolerance(1e-3));
  // Settings that were given stay.
  options.fast.accuracy = 0.0;
  const auto given = checked_settings({atoms, core::Mat3::Identity(), scan}, options, core::Threads{1});
  BOOST_TEST(given.options.fast.pixel_a == options.fast.pixel_a);
  BOOST_TEST(given.r1 == 0.0);
}

BOOST_AUTO_TEST_SUITE_END()
