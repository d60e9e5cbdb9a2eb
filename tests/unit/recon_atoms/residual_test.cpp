#include "recon/atoms/gaussian_fit.hpp"
#include "recon/atoms/second_pass.hpp"
#include "recon/atoms/species_model.hpp"
#include "sim/core/error.hpp"
#include "tests/support/message.hpp"
#include "tests/unit/recon_atoms/synthetic.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cmath>
#include <vector>

BOOST_AUTO_TEST_SUITE(residual)

using namespace aet;

namespace {

core::Volume empty_volume() {
  return {48, 48, 48, 0.35};
}

recon::TraceOptions platinum() {
  recon::TraceOptions options;
  options.element = 78;
  return options;
}

double nearest(const std::vector<core::Vec3>& list, const core::Vec3& p) {
  double least = 1e9;
  for (const auto& q : list)
    least = std::min(least, (p - q).norm());
  return least;
}

} // namespace

BOOST_AUTO_TEST_CASE(a_gaussian_is_fitted_exactly) {
  core::Volume v = empty_volume();
  const core::Vec3 at(0.11, -0.23, 0.31);
  test::add_atom(v, at, 3.0, {0.45, 1.3});
  const core::Vec3 origin(24, 24, 24);
  const auto fit = recon::fit_gaussian(v, origin);
  BOOST_TEST(fit.converged);
  // Single precision voxels: 1e-7 of the height.
  BOOST_TEST((0.35 * (fit.centre - origin) - at).norm() < 1e-5);
  BOOST_TEST(std::abs(fit.height - 3.0) < 1e-4);
  BOOST_TEST(std::abs(fit.width.x() * 0.35 - 0.45) < 1e-4);
  BOOST_TEST(std::abs(fit.width.z() * 0.35 - 1.3 * 0.45) < 1e-4);
  const core::Volume rest = recon::subtract_peaks(v, {fit}, {2});
  float most = 0.0F;
  for (const float x : rest.data)
    most = std::max(most, std::abs(x));
  BOOST_TEST(most < 2e-3F); // four widths out: 3 exp(-8)
}

BOOST_AUTO_TEST_CASE(a_gaussian_where_there_is_none_is_not_converged) {
  core::Volume v = empty_volume();
  BOOST_TEST(!recon::fit_gaussian(v, core::Vec3(24, 24, 24)).converged); // flat
  test::add_atom(v, core::Vec3::Zero(), -1.0);
  BOOST_TEST(!recon::fit_gaussian(v, core::Vec3(24, 24, 24)).converged); // a hole
  BOOST_TEST(!recon::fit_gaussian(v, core::Vec3(1, 24, 24)).converged);  // cut off by a face
}

BOOST_AUTO_TEST_CASE(tracing_by_gaussians_finds_the_atoms) {
  core::Volume v(60, 60, 60, 0.35);
  const auto truth = test::random_ball(120, 8.0, 2.4, 1);
  for (const auto& p : truth)
    test::add_atom(v, p, 1.0);
  recon::TraceOptions options = platinum();
  options.method = recon::PeakMethod::gaussian;
  const auto result = recon::trace_atoms(v, options, {2});
  BOOST_TEST(result.atoms.size() == truth.size());
  double worst = 0.0;
  for (const auto& p : truth)
    worst = std::max(worst, nearest(result.atoms.positions, p));
  // Tails of neighbours within the fitted box pull by a few picometres.
  BOOST_TEST(worst < 0.06);
}

BOOST_AUTO_TEST_CASE(a_weak_atom_hidden_by_a_strong_one_is_found_in_the_residual) {
  // 1.6 A from a strong atom of sigma 0.6, a weak one of a fifth is a shoulder, no maximum.
  core::Volume v = empty_volume();
  const core::Vec3 strong(-1.2, 0.1, 0.0);
  const core::Vec3 weak = strong + core::Vec3(1.6, 0.0, 0.0);
  std::vector<core::Vec3> others{{4.0, 3.0, 0.0}, {-4.0, -3.0, 2.0}, {1.0, -4.5, 0.0}, {0.0, 4.0, -3.0}};
  test::add_atom(v, strong, 1.0, {0.6, 1.0});
  test::add_atom(v, weak, 0.15, {0.6, 1.0});
  for (const auto& p : others)
    test::add_atom(v, p, 1.0, {0.6, 1.0});
  recon::TraceOptions options = platinum();
  options.min_distance_a = 1.2;
  options.non_atoms = recon::NonAtomRule::none;
  const auto once = recon::trace_atoms(v, options, {1});
  BOOST_TEST(once.atoms.size() == 5U);
  options.residual_looks = 2;
  const auto twice = recon::trace_atoms(v, options, {1});
  BOOST_TEST(nearest(once.atoms.positions, weak) > 1.0);
  BOOST_TEST(nearest(twice.atoms.positions, weak) < 0.35);
  BOOST_TEST(twice.atoms.size() == 6U);
  BOOST_TEST(twice.summary.residual_atoms == 1U);
  BOOST_TEST(twice.summary.residual_candidates >= 1U);
}

BOOST_AUTO_TEST_CASE(a_clean_volume_has_nothing_left) {
  core::Volume v(60, 60, 60, 0.35);
  for (const auto& p : test::random_ball(120, 8.0, 2.4, 2))
    test::add_atom(v, p, 1.0);
  test::add_noise(v, 0.01, 3);
  recon::TraceOptions options = platinum();
  const auto once = recon::trace_atoms(v, options, {2});
  options.residual_looks = 1;
  const auto twice = recon::trace_atoms(v, options, {2});
  BOOST_TEST(twice.atoms.size() == once.atoms.size());
}

BOOST_AUTO_TEST_CASE(passes_are_compared_pair_by_pair) {
  core::Atoms a;
  a.positions = {{0, 0, 0}, {3, 0, 0}, {6, 0, 0}, {9, 0, 0}};
  a.atomic_numbers = {26, 78, 78, 26};
  core::Atoms b;
  b.positions = {{9.1, 0, 0}, {0.1, 0, 0}, {3, 0.2, 0}, {20, 0, 0}, {0.3, 0, 0}};
  b.atomic_numbers = {78, 26, 78, 26, 26};
  const auto c = recon::compare_passes(a, b, 0.8);
  BOOST_TEST(c.common == 3U);
  BOOST_TEST(c.same_species == 2U);
  BOOST_TEST((c.other_species == std::vector<std::size_t>{3}));
  BOOST_TEST((c.only_first == std::vector<std::size_t>{2}));
  BOOST_TEST((c.only_second == std::vector<std::size_t>{3, 4}));
}

BOOST_AUTO_TEST_CASE(a_second_pass_with_a_smaller_distance_checks_the_first) {
  core::Volume v(60, 60, 60, 0.35);
  const auto truth = test::random_ball(100, 8.0, 2.4, 4);
  for (std::size_t i = 0; i < truth.size(); ++i)
    test::add_atom(v, truth[i], i % 2 == 0 ? 1.0 : 0.3);
  test::add_noise(v, 0.005, 5);
  recon::TraceOptions options = platinum();
  options.min_distance_a = 2.0;
  options.second_min_distance_a = 1.6;
  recon::ClassifyOptions classify;
  classify.elements = {38, 78}; // (38 / 78)^1.7 = 0.29
  const auto model = recon::trace_species(v, options, classify, {2});
  BOOST_TEST(model.atoms.size() == truth.size());
  BOOST_REQUIRE(model.second_pass.has_value());
  BOOST_TEST(model.second_pass->common == truth.size());
  BOOST_TEST(model.second_pass->same_species == truth.size());
  BOOST_TEST(model.atoms.columns.at("height").size() == model.atoms.size());
  std::size_t kept = 0;
  for (const auto& peak : model.trace.peaks)
    kept += peak.fate == recon::Fate::atom ? 1U : 0U;
  BOOST_TEST(kept == model.atoms.size());
  BOOST_TEST(model.trace.summary.count(recon::Fate::atom) == model.atoms.size());

  options.second_min_distance_a = 2.5;
  BOOST_TEST(test::contains(
      test::message_of<core::ConfigError>([&] { (void)recon::trace_species(v, options, classify, {1}); }),
      "second_min_distance_a is 2.5", "below min_distance_a, 2"));
}

BOOST_AUTO_TEST_SUITE_END()
