#include "sim/core/error.hpp"
#include "tests/support/message.hpp"
#include "tests/unit/score/specimens.hpp"
#include "validation/score/match.hpp"

#include <boost/test/unit_test.hpp>

#include <cmath>
#include <limits>
#include <set>

BOOST_AUTO_TEST_SUITE(match)

using namespace aet;
using core::Mat3;
using core::Vec3;

namespace {

const core::Atoms& particle() {
  static const core::Atoms atoms = test::amorphous(400, 13.0, 2.2, 1);
  return atoms;
}

} // namespace

BOOST_AUTO_TEST_CASE(identical_models_have_no_error) {
  const auto result = validation::match_atoms(particle(), particle());
  BOOST_TEST(result.recall() == 1.0);
  BOOST_TEST(result.precision() == 1.0);
  BOOST_TEST(result.rmsd_a() < 1e-12);
  BOOST_TEST(result.missed.empty());
  BOOST_TEST(result.settled);
  BOOST_TEST(result.cutoff_a == 0.5 * core::median_nearest_distance(particle().positions));
}

BOOST_AUTO_TEST_CASE(errors_missing_and_extra_atoms_are_counted) {
  core::Atoms model = test::shaken(particle(), 0.1, 4);
  model.positions.erase(model.positions.begin(), model.positions.begin() + 20);
  model.atomic_numbers.resize(model.positions.size());
  model.positions.push_back({40, 0, 0});
  model.atomic_numbers.push_back(78);
  validation::MatchOptions options;
  options.alignment = validation::Alignment::none;
  const auto result = validation::match_atoms(particle(), model, options);
  BOOST_TEST(result.pairs.size() == particle().size() - 20);
  BOOST_TEST(result.missed.size() == 20U);
  BOOST_REQUIRE(result.extra.size() == 1U);
  BOOST_TEST(result.extra[0] == model.size() - 1);
  // sqrt(3) x 0.1 A; 380 atoms x 3 axes know it to 2 %.
  BOOST_TEST(std::abs(result.rmsd_a() - 0.1732) < 0.012);
  std::set<std::size_t> used;
  for (const auto& pair : result.pairs) {
    BOOST_REQUIRE(used.insert(pair.model).second);
    BOOST_REQUIRE((pair.error - (model.positions[pair.model] - particle().positions[pair.truth])).norm() <
                  1e-12);
  }
}

BOOST_AUTO_TEST_CASE(moved_copies_are_realigned) {
  // A shift of many spacings with a small turn; a turn of 6 degrees moves the outer atoms by 1.3 A, more than
  // the cutoff.
  for (const auto& [r, t] : {std::pair(test::rotation(1, -1, 1), Vec3(7.0, -3.0, 11.0)),
                             std::pair(test::rotation(0, 6, 0), Vec3(0.0, 0.0, 0.0)),
                             std::pair(test::rotation(3, 3, -3), Vec3(0.4, 0.2, 0.1))}) {
    const auto result = validation::match_atoms(particle(), test::moved(particle(), r, t));
    BOOST_TEST(result.recall() == 1.0);
    BOOST_TEST(result.rmsd_a() < 1e-6);
    BOOST_TEST((result.transform.linear - r.transpose()).norm() < 1e-6);
  }
}

BOOST_AUTO_TEST_CASE(any_rotation_is_found_when_asked_for) {
  const core::Atoms turned = test::moved(particle(), test::rotation(100, 50, -130), {3, 2, 1});
  BOOST_TEST(validation::match_atoms(particle(), turned).recall() < 0.5);
  validation::MatchOptions options;
  options.any_rotation = true;
  const auto result = validation::match_atoms(particle(), turned, options);
  BOOST_TEST(result.recall() == 1.0);
  BOOST_TEST(result.rmsd_a() < 1e-6);
  // And with errors and missing atoms, as a real model has.
  core::Atoms model = test::shaken(turned, 0.15, 8);
  model.positions.resize(370);
  model.atomic_numbers.resize(370);
  BOOST_TEST(validation::match_atoms(particle(), model, options).precision() > 0.98);
}

BOOST_AUTO_TEST_CASE(affine_alignment_takes_out_a_wrong_pixel_size) {
  core::Atoms model = test::moved(particle(), 1.02 * Mat3::Identity(), {0, 0, 0});
  validation::MatchOptions options;
  const double rigid = validation::match_atoms(particle(), model, options).rmsd_a();
  BOOST_TEST(rigid > 0.1);
  options.alignment = validation::Alignment::affine;
  const auto affine = validation::match_atoms(particle(), model, options);
  BOOST_TEST(affine.rmsd_a() < 1e-6);
  BOOST_TEST(validation::largest_strain(affine.transform) == 1.0 - 1.0 / 1.02,
             boost::test_tools::tolerance(1e-6));
}

BOOST_AUTO_TEST_CASE(translation_alone_does_not_turn) {
  validation::MatchOptions options;
  options.alignment = validation::Alignment::translation;
  const auto result = validation::match_atoms(
      particle(), test::moved(particle(), test::rotation(0, 1, 0), {0.3, 0, 0}), options);
  BOOST_TEST((result.transform.linear == Mat3::Identity()));
  BOOST_TEST(result.rmsd_a() > 0.05);
}

BOOST_AUTO_TEST_CASE(mirror_images_are_detected) {
  for (const auto& [name, signs] : {std::pair("x", Vec3(-1, 1, 1)), std::pair("z", Vec3(1, 1, -1)),
                                    std::pair("inversion", Vec3(-1, -1, -1))}) {
    const core::Atoms model = test::shaken(test::moved(particle(), signs.asDiagonal(), {0.5, 0, 0}), 0.1, 2);
    const auto result = validation::match_atoms(particle(), model);
    BOOST_TEST(result.recall() < 0.5);
    const auto mirror = validation::mirror_test(particle(), model, result);
    BOOST_TEST(mirror.mirrored);
    BOOST_TEST(mirror.mirror == name);
    BOOST_TEST(*mirror.recall > 0.99);
    BOOST_TEST(test::contains(mirror.reason, "mirror image"));
  }
  const auto same = validation::match_atoms(particle(), particle());
  BOOST_TEST(!validation::mirror_test(particle(), particle(), same).mirrored);
  // Another specimen is no mirror image.
  const core::Atoms other = test::amorphous(400, 13.0, 2.2, 99);
  BOOST_TEST(
      !validation::mirror_test(particle(), other, validation::match_atoms(particle(), other)).mirrored);
}

BOOST_AUTO_TEST_CASE(a_randomly_turned_model_scores_near_chance) {
  const auto good = validation::match_atoms(particle(), particle());
  const auto chance = validation::chance_level(particle(), particle(), good, 20, 3);
  // Density 400 / (4/3 pi 13^3) = 0.043 per A^3, cutoff 1.1 A: a ball holds 0.26 atoms, most of them mutual.
  BOOST_TEST(chance.recall > 0.15);
  BOOST_TEST(chance.recall < 0.35);
  const auto turned = validation::match_atoms(
      particle(), test::moved(particle(), test::rotation(100, 50, -130), Vec3::Zero()));
  // The alignment finds the best of many wrong fits, a little above the mean of random ones.
  BOOST_TEST(turned.recall() < chance.recall + 0.12);
  // The same seed, the same level.
  BOOST_TEST(validation::chance_level(particle(), particle(), good, 20, 3).recall == chance.recall);
}

BOOST_AUTO_TEST_CASE(the_cutoff_curve_agrees_with_matching_at_each_cutoff) {
  const core::Atoms model = test::shaken(particle(), 0.4, 6);
  validation::MatchOptions options;
  options.alignment = validation::Alignment::none;
  const auto result = validation::match_atoms(particle(), model, options);
  const std::vector<double> cutoffs{0.05, 0.4, 0.9, 2.0};
  const auto curve = validation::cutoff_curve(particle(), model, result, cutoffs);
  BOOST_REQUIRE(curve.size() == 4U);
  for (const auto& point : curve) {
    options.cutoff_a = point.cutoff_a;
    const auto single = validation::match_atoms(particle(), model, options);
    BOOST_TEST(point.recall == single.recall());
    BOOST_TEST(point.precision == single.precision());
    if (point.rmsd_a) BOOST_TEST(*point.rmsd_a == single.rmsd_a(), boost::test_tools::tolerance(1e-9));
  }
}

BOOST_AUTO_TEST_CASE(empty_models_and_bad_input) {
  const auto empty = validation::match_atoms(particle(), {});
  BOOST_TEST(empty.recall() == 0.0);
  BOOST_TEST(empty.missed.size() == particle().size());
  const auto data = [](const core::Atoms& truth, const core::Atoms& model) {
    return test::message_of<core::DataError>([&] { (void)validation::match_atoms(truth, model); });
  };
  BOOST_TEST(test::contains(data({}, particle()), "truth has no atoms"));
  core::Atoms one;
  one.positions = {{0, 0, 0}};
  one.atomic_numbers = {78};
  BOOST_TEST(test::contains(data(one, particle()), "give the matching cutoff"));
  core::Atoms doubled = one;
  doubled.positions.push_back({0, 0, 0});
  doubled.atomic_numbers.push_back(78);
  BOOST_TEST(test::contains(data(doubled, particle()), "same place"));
  core::Atoms broken = particle();
  broken.positions[3].y() = std::numeric_limits<double>::quiet_NaN();
  BOOST_TEST(test::contains(data(particle(), broken), "model", "not finite"));
  validation::MatchOptions options;
  options.cutoff_a = -1.0;
  BOOST_TEST(test::contains(test::message_of<core::ConfigError>(
                                [&] { (void)validation::match_atoms(particle(), particle(), options); }),
                            "cutoff_a is -1"));
}

BOOST_AUTO_TEST_SUITE_END()
