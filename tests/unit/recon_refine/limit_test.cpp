#include "recon/refine/limit.hpp"
#include "recon/scene/newton.hpp"
#include "sim/core/error.hpp"
#include "tests/support/message.hpp"
#include "tests/unit/recon_scene/synthetic.hpp"

BOOST_AUTO_TEST_SUITE(limit)

using namespace aet;

namespace {

constexpr int n = 44;
constexpr double pixel = 0.25;
constexpr core::Threads one{1};
const recon::PixelLikelihood poisson(recon::NoiseModel{1.0, 0.0, 0.0});

} // namespace

BOOST_AUTO_TEST_CASE(the_dense_information_is_that_of_products_with_unit_vectors) {
  recon::Scene scene = test::small_scene(5);
  scene.depth = {1.5e-3, 0.4, 3e-3};
  scene.response.saturation = 4e-3;
  const core::TiltSeries series = test::series_of(scene, pixel, n);
  recon::FreeParameters free;
  free.gain = free.background = false;
  const recon::LinearModel model(scene, {series, poisson}, free, one);
  const Eigen::MatrixXd dense = recon::dense_information(scene, model, one);
  for (Eigen::Index i = 0; i < dense.cols(); ++i) {
    recon::ParameterVector unit = recon::ParameterVector::Zero(model.size());
    unit[recon::atom_index(static_cast<std::size_t>(i / 3)) + i % 3] = 1.0;
    const recon::ParameterVector product = model.product(unit);
    Eigen::VectorXd column(dense.rows());
    for (std::size_t a = 0; a < scene.size(); ++a)
      column.segment<3>(static_cast<Eigen::Index>(3 * a)) = product.segment<3>(recon::atom_index(a));
    BOOST_TEST((column - dense.col(i)).norm() < 1e-9 * dense.col(i).norm());
  }
}

BOOST_AUTO_TEST_CASE(one_gaussian_atom_has_the_textbook_limit) {
  // One Gaussian of N electrons on no background, finely sampled: variance sigma^2 / N an image and axis, so
  // sigma^2 / (N tilts) along the tilt axis, and across it as sum cos^2 and sum sin^2 share the tilts.
  recon::Scene scene;
  scene.positions = {core::Vec3(0.1, -0.2, 0.3)};
  scene.species = {0};
  const double electrons = 5000.0;
  scene.profiles = {{{{electrons * pixel * pixel, 0.8}}}};
  scene.tilts = test::tilts_over(8, 180.0, 0.0);
  const core::TiltSeries series = test::series_of(scene, pixel, n);
  const recon::Limit limit = recon::position_limit(scene, {series, poisson}, {}, one);
  const double along = std::sqrt(0.8 * 0.8 / (8.0 * electrons));
  // The floor of 0.1 electrons a pixel costs the tails' information: some per cent.
  BOOST_TEST(limit.axis_rms_a.y() == along, boost::test_tools::tolerance(0.02));
  BOOST_TEST(limit.axis_rms_a.x() == std::sqrt(2.0) * along, boost::test_tools::tolerance(0.02));
  BOOST_TEST(limit.axis_rms_a.z() == std::sqrt(2.0) * along, boost::test_tools::tolerance(0.02));
}

BOOST_AUTO_TEST_CASE(probing_agrees_with_the_dense_inverse) {
  recon::Scene scene;
  scene.positions = test::cluster(6.5, 2.6, 4);
  scene.species.assign(scene.size(), 0);
  scene.profiles = {{{{30.0, 0.5}, {8.0, 0.9}}}};
  scene.tilts = test::tilts_over(15, 130.0, 1.0);
  const core::TiltSeries series = test::series_of(scene, 0.35, 56);
  recon::LimitOptions options;
  const recon::Limit dense = recon::position_limit(scene, {series, poisson}, options, one);
  options.dense_atoms = 0;
  options.probes = 30;
  const recon::Limit probed = recon::position_limit(scene, {series, poisson}, options, one);
  BOOST_TEST(dense.dense);
  BOOST_TEST(!probed.dense);
  BOOST_TEST(std::abs(probed.rms_a - dense.rms_a) < 5.0 * probed.rms_error_a + 1e-4 * dense.rms_a);
  BOOST_TEST(probed.rms_error_a < 0.03 * dense.rms_a);
  for (std::size_t a = 0; a < scene.size(); ++a)
    BOOST_TEST(probed.covariance[a].trace() == dense.covariance[a].trace(),
               boost::test_tools::tolerance(0.4));
}

BOOST_AUTO_TEST_CASE(the_maximum_likelihood_estimate_scatters_by_the_limit) {
  recon::Scene truth = test::small_scene(9);
  truth.positions.resize(3);
  truth.species.resize(3);
  const core::TiltSeries clean = test::series_of(truth, pixel, n);
  const recon::Limit limit = recon::position_limit(truth, {clean, poisson}, {}, one);
  recon::FreeParameters free;
  free.gain = free.background = false;
  constexpr int draws = 200;
  core::Vec3 square = core::Vec3::Zero();
  core::Vec3 expected = core::Vec3::Zero();
  core::Vec3 mean = core::Vec3::Zero();
  for (int d = 1; d <= draws; ++d) {
    const core::TiltSeries noisy = test::series_of(truth, pixel, n, static_cast<std::uint64_t>(d));
    recon::Scene scene = truth;
    double damping = 0.0;
    for (int i = 0; i < 3; ++i)
      (void)recon::newton_step(scene, {noisy, poisson}, free, {1e-4, 60, 0.2, {}}, damping, one);
    for (std::size_t a = 0; a < truth.size(); ++a) {
      const core::Vec3 error = scene.positions[a] - truth.positions[a];
      square += error.cwiseAbs2() / (3.0 * draws);
      mean += error / (3.0 * draws);
    }
  }
  for (const core::Mat3& c : limit.covariance)
    expected += c.diagonal() / 3.0;
  // 600 squares: their mean is known to sqrt(2 / 600) = 6 %; three times that.
  for (int axis = 0; axis < 3; ++axis) {
    BOOST_TEST(square[axis] == expected[axis], boost::test_tools::tolerance(0.18));
    BOOST_TEST(std::abs(mean[axis]) < 4.0 * std::sqrt(expected[axis] / (3.0 * draws)));
  }
}

BOOST_AUTO_TEST_CASE(an_atom_outside_all_images_is_named) {
  recon::Scene scene = test::small_scene(5);
  const core::TiltSeries series = test::series_of(scene, pixel, n);
  scene.positions[2] = {0.0, 100.0, 0.0};
  const std::string message = test::message_of<core::DataError>([&] {
    (void)recon::position_limit(scene, {series, poisson}, {}, one);
  });
  BOOST_TEST(test::contains(message, "atom 2"));
}

BOOST_AUTO_TEST_SUITE_END()
