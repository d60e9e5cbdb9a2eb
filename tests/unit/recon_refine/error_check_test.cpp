#include "recon/refine/error_check.hpp"
#include "tests/unit/recon_refine/cluster.hpp"

#include <Eigen/LU>
#include <boost/test/unit_test.hpp>

#include <cmath>

BOOST_AUTO_TEST_SUITE(error_check)

using namespace aet;
using test::Cluster;

namespace {

constexpr core::Threads one{1};
const recon::PixelLikelihood poisson{{1.0, 0.0, 0.0}};

Eigen::MatrixXd inverse_of_positions(const recon::Scene& scene, const recon::SeriesLikelihood& likelihood) {
  recon::FreeParameters free;
  free.gain = free.background = false;
  const recon::LinearModel model(scene, likelihood, free, one);
  return recon::dense_information(scene, model, one).inverse();
}

} // namespace

// The slow twin: all parameters in one matrix, column by column, inverted as a whole.
BOOST_AUTO_TEST_CASE(unknown_gains_and_backgrounds_cost_what_the_whole_inverse_says) {
  const recon::Scene scene = test::small_scene(6);
  const core::TiltSeries series = test::series_of(scene, 0.25, 44);
  const recon::SeriesLikelihood likelihood(series, poisson);
  recon::FreeParameters free;
  const recon::LinearModel model(scene, likelihood, free, one);
  std::vector<Eigen::Index> numbers;
  for (std::size_t a = 0; a < scene.size(); ++a) {
    for (Eigen::Index c = 0; c < 3; ++c)
      numbers.push_back(recon::atom_index(a) + c);
  }
  for (std::size_t t = 0; t < scene.tilts.size(); ++t) {
    numbers.push_back(recon::tilt_index(scene.size(), t) + recon::tilt_gain);
    numbers.push_back(recon::tilt_index(scene.size(), t) + recon::tilt_background);
  }
  const auto n = static_cast<Eigen::Index>(numbers.size());
  Eigen::MatrixXd whole(n, n);
  for (Eigen::Index k = 0; k < n; ++k) {
    recon::ParameterVector unit = recon::ParameterVector::Zero(model.size());
    unit[numbers[static_cast<std::size_t>(k)]] = 1.0;
    const recon::ParameterVector column = model.product(unit);
    for (Eigen::Index l = 0; l < n; ++l)
      whole(l, k) = column[numbers[static_cast<std::size_t>(l)]];
  }
  const Eigen::MatrixXd inverse = whole.inverse();
  const Eigen::MatrixXd known = inverse_of_positions(scene, likelihood);
  recon::Unknowns unknowns;
  unknowns.gain = unknowns.background = true;
  const auto more = recon::covariance_by(unknowns, scene, likelihood, known, one);
  for (std::size_t a = 0; a < scene.size(); ++a) {
    const auto at = static_cast<Eigen::Index>(3 * a);
    for (Eigen::Index c = 0; c < 3; ++c) {
      const double both = known(at + c, at + c) + more[a](c, c);
      BOOST_TEST(both == inverse(at + c, at + c), boost::test_tools::tolerance(1e-4));
      BOOST_TEST(more[a](c, c) >= 0.0);
    }
  }
}

BOOST_AUTO_TEST_CASE(unknown_profiles_and_poses_cost_more_than_nothing) {
  const recon::Scene scene = test::small_scene(9);
  const core::TiltSeries series = test::series_of(scene, 0.25, 44);
  const recon::SeriesLikelihood likelihood(series, poisson);
  const Eigen::MatrixXd known = inverse_of_positions(scene, likelihood);
  const auto trace = [&](const recon::Unknowns& unknowns) {
    double sum = 0.0;
    for (const core::Mat3& c : recon::covariance_by(unknowns, scene, likelihood, known, one))
      sum += c.trace();
    return sum / known.trace();
  };
  recon::Unknowns profiles;
  profiles.profiles = true;
  recon::Unknowns poses;
  poses.shift = poses.angles = true;
  recon::Unknowns both = poses;
  both.profiles = true;
  BOOST_TEST_MESSAGE("variance added by profiles " << trace(profiles) << ", poses " << trace(poses)
                                                   << ", both " << trace(both) << " of that with all known");
  BOOST_TEST(trace(profiles) > 0.0);
  BOOST_TEST(trace(poses) > trace(profiles)); // four atoms in nine images hardly fix them
  BOOST_TEST(trace(both) >= trace(poses));
}

BOOST_FIXTURE_TEST_CASE(unknown_poses_cost_the_same_part_at_every_dose, Cluster) {
  // Of Poisson counts all information grows as the dose. A turn or a shift of the whole specimen, which no
  // image tells, would add the more the higher the dose if it counted.
  const auto added = [&](double dose) {
    recon::Scene scene = truth;
    for (recon::GaussianTerm& term : scene.profiles[0].terms)
      term.weight *= dose;
    for (recon::TiltState& tilt : scene.tilts)
      tilt.background *= dose;
    const core::TiltSeries images = test::series_of(scene, 0.3, 52);
    const recon::SeriesLikelihood likelihood(images, poisson);
    const Eigen::MatrixXd known = inverse_of_positions(scene, likelihood);
    recon::Unknowns poses;
    poses.shift = poses.angles = true;
    double sum = 0.0;
    for (const core::Mat3& c : recon::covariance_by(poses, scene, likelihood, known, one))
      sum += c.trace();
    return sum / known.trace();
  };
  const double bright = added(1.0);
  BOOST_TEST_MESSAGE("variance added by unknown poses: " << bright << " of that of the atoms");
  BOOST_TEST(bright > 0.0);
  BOOST_TEST(bright < 0.5); // 105 numbers beside the atoms' own 120 from 57,000 pixels
  BOOST_TEST(added(0.1) == bright, boost::test_tools::tolerance(1e-3));
}

BOOST_FIXTURE_TEST_CASE(bright_atoms_do_as_curvature_says_and_faint_ones_worse, Cluster) {
  const std::vector<int> species(start.size(), 0);
  const auto factor = [&](double strength) {
    recon::Scene scene = truth;
    for (recon::GaussianTerm& term : scene.profiles[0].terms)
      term.weight *= strength;
    const core::TiltSeries images = test::series_of(scene, 0.3, 52, 9);
    recon::RefineOptions options;
    options.add = options.drop = options.scatter = false;
    const recon::RefineResult r = recon::refine(images, truth.positions, species, options, one);
    const recon::Limit limit = recon::position_limit(r.scene, r.likelihood(images, one), {}, one);
    const recon::ErrorCheck check = recon::check_errors(r, images, options, limit, one);
    BOOST_TEST(check.factor.size() == 1);
    return check.factor.front();
  };
  const double bright = factor(20.0);
  const double faint = factor(0.4);
  BOOST_TEST_MESSAGE("errors over curvature: bright " << bright << ", faint " << faint);
  // 40 atoms, three axes: an rms good to 1 / sqrt(240) = 6.5 %.
  BOOST_TEST(bright < 1.2);
  BOOST_TEST(faint > bright);
}

BOOST_AUTO_TEST_SUITE_END()
