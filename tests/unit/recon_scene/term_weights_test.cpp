#include "recon/scene/term_weights.hpp"
#include "tests/unit/recon_scene/synthetic.hpp"

#include <Eigen/QR>
#include <boost/test/unit_test.hpp>

BOOST_AUTO_TEST_SUITE(term_weights)

using namespace aet;

namespace {

constexpr int n = 44;
constexpr double pixel = 0.25;
constexpr core::Threads one{1};

} // namespace

BOOST_AUTO_TEST_CASE(weights_are_those_of_plain_least_squares) {
  recon::Scene scene = test::small_scene(5);
  scene.strengths = {1.1, 0.8, 0.3, 0.9};
  scene.tilts[2].gain = 1.1;
  const core::TiltSeries series = test::series_of(scene, pixel, n, 11); // with noise
  // Plainly: one column a Gaussian, from images by the formula with that Gaussian alone at weight 1.
  const Eigen::Index pixels = n * n;
  Eigen::MatrixXd columns(pixels * 5, 3);
  Eigen::VectorXd target(columns.rows());
  for (Eigen::Index k = 0; k < 3; ++k) {
    recon::Scene alone = scene;
    alone.profiles[0].terms[0].weight = k == 0 ? 1.0 : 0.0;
    alone.profiles[0].terms[1].weight = k == 1 ? 1.0 : 0.0;
    alone.profiles[1].terms[0].weight = k == 2 ? 1.0 : 0.0;
    for (std::size_t t = 0; t < 5; ++t) {
      const std::vector<double> image = test::plain_image(alone, t, pixel, n);
      for (Eigen::Index i = 0; i < pixels; ++i) {
        const Eigen::Index row = static_cast<Eigen::Index>(t) * pixels + i;
        columns(row, k) = image[static_cast<std::size_t>(i)] - scene.tilts[t].background;
        target[row] = static_cast<double>(series.images[t].data[static_cast<std::size_t>(i)]) -
                      scene.tilts[t].background;
      }
    }
  }
  const Eigen::Vector3d plain = columns.colPivHouseholderQr().solve(target);
  scene.profiles[0].terms[0].weight = 1.0;
  recon::fit_term_weights(scene, {series, recon::PixelLikelihood({0.0, 0.0, 3.0})}, one);
  // Windows end at 1e-4 of the centre, and the ridge of 1e-6 is felt where two widths are alike.
  BOOST_TEST(scene.profiles[0].terms[0].weight == plain[0], boost::test_tools::tolerance(2e-3));
  BOOST_TEST(scene.profiles[0].terms[1].weight == plain[1], boost::test_tools::tolerance(2e-3));
  BOOST_TEST(scene.profiles[1].terms[0].weight == plain[2], boost::test_tools::tolerance(2e-3));
}

BOOST_AUTO_TEST_SUITE_END()
