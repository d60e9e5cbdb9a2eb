#include "recon/scene/linear_model.hpp"
#include "recon/scene/newton.hpp"
#include "tests/unit/recon_scene/synthetic.hpp"

#include <Eigen/Cholesky>
#include <boost/test/unit_test.hpp>

BOOST_AUTO_TEST_SUITE(linear_model)

using namespace aet;
using recon::LinearModel;
using recon::ParameterVector;
using recon::PixelLikelihood;

namespace {

constexpr int n = 44;
constexpr double pixel = 0.25;
constexpr core::Threads one{1};

struct Problem {
  recon::Scene scene = test::small_scene(5);
  core::TiltSeries series;
  PixelLikelihood likelihood{recon::NoiseModel{1.0, 0.0, 0.0}};
  recon::FreeParameters free;

  Problem() {
    series = test::series_of(scene, pixel, n, 11);
    scene.depth = {1.5e-3, 0.4, 3e-3};
    scene.response.saturation = 6e-3; // the brightest pixels, some 70, lose a fifth
    free.strengths = free.shift = free.angles = true;
    scene.strengths = {1.1, 0.8, 0.3, 0.9};
    core::RandomStream stream(5, "test");
    for (core::Vec3& p : scene.positions)
      p += 0.05 * core::Vec3(stream.normal(), stream.normal(), stream.normal());
    for (recon::TiltState& t : scene.tilts) {
      t.pose.shift = 0.05 * Eigen::Vector2d(stream.normal(), stream.normal());
      t.gain = 1.0 + 0.05 * stream.normal();
    }
  }
};

/// Jacobian of all images by central differences of stepped scenes, one column a parameter.
Eigen::MatrixXd numerical_jacobian(const Problem& p, Eigen::Index size) {
  constexpr double h = 1e-5;
  const Eigen::Index pixels = n * n;
  Eigen::MatrixXd j(pixels * static_cast<Eigen::Index>(p.series.size()), size);
  for (Eigen::Index i = 0; i < size; ++i) {
    ParameterVector step = ParameterVector::Zero(size);
    step[i] = h;
    const auto up = recon::model_images(recon::stepped(p.scene, step), p.series, one);
    const auto down = recon::model_images(recon::stepped(p.scene, -step), p.series, one);
    for (std::size_t t = 0; t < up.size(); ++t) {
      for (Eigen::Index k = 0; k < pixels; ++k) {
        j(static_cast<Eigen::Index>(t) * pixels + k, i) =
            (up[t].data[static_cast<std::size_t>(k)] - down[t].data[static_cast<std::size_t>(k)]) / (2.0 * h);
      }
    }
  }
  return j;
}

} // namespace

BOOST_FIXTURE_TEST_CASE(images_are_those_of_the_formula, Problem) {
  const auto images = recon::model_images(scene, series, one);
  for (std::size_t t = 0; t < images.size(); ++t) {
    const std::vector<double> plain = test::plain_image(scene, t, pixel, n);
    for (std::size_t i = 0; i < plain.size(); ++i)
      BOOST_TEST(std::abs(images[t].data[i] - plain[i]) < 0.03); // of ~70: four windows end at 1e-4
  }
}

BOOST_FIXTURE_TEST_CASE(the_gradient_is_that_of_the_loss, Problem) {
  const LinearModel model(scene, {series, likelihood}, free, one);
  BOOST_TEST(model.loss() == recon::misfit(scene, {series, likelihood}, one).loss,
             boost::test_tools::tolerance(1e-12));
  constexpr double h = 1e-5;
  for (Eigen::Index i = 0; i < model.size(); ++i) {
    ParameterVector step = ParameterVector::Zero(model.size());
    step[i] = h;
    const double up = recon::misfit(recon::stepped(scene, step), {series, likelihood}, one).loss;
    const double down = recon::misfit(recon::stepped(scene, -step), {series, likelihood}, one).loss;
    // Rounding of a loss of ~1e4 by 1e-16 over 2h, and h^2 times a third derivative of ~1e5.
    BOOST_TEST(std::abs((up - down) / (2.0 * h) - model.gradient()[i]) <
               1e-5 * std::max(10.0, std::abs(model.gradient()[i])));
  }
}

BOOST_FIXTURE_TEST_CASE(the_product_is_that_of_the_dense_matrix, Problem) {
  const LinearModel model(scene, {series, likelihood}, free, one);
  const Eigen::Index size = model.size();
  const Eigen::MatrixXd j = numerical_jacobian(*this, size);
  const std::vector<recon::PixelBuffer> means = recon::model_images(scene, series, one);
  Eigen::VectorXd w(j.rows());
  for (std::size_t t = 0; t < series.size(); ++t) {
    for (Eigen::Index k = 0; k < n * n; ++k)
      w[static_cast<Eigen::Index>(t) * n * n + k] =
          likelihood.weight(means[t].data[static_cast<std::size_t>(k)]);
  }
  Eigen::MatrixXd dense = j.transpose() * w.asDiagonal() * j;
  for (std::size_t t = 0; t < series.size(); ++t) {
    const Eigen::Index at = recon::tilt_index(scene.size(), t);
    for (const int i : {recon::shift_x, recon::shift_y})
      dense(at + i, at + i) += 1.0 / (free.shift_scale_a * free.shift_scale_a);
    for (const int i : {recon::turn_x, recon::turn_y, recon::turn_z})
      dense(at + i, at + i) += 1.0 / (free.angle_scale_rad * free.angle_scale_rad);
  }
  core::RandomStream stream(9, "test");
  for (int trial = 0; trial < 3; ++trial) {
    ParameterVector v(size);
    for (double& x : v)
      x = stream.normal();
    const ParameterVector expected = dense * v;
    BOOST_TEST((model.product(v) - expected).norm() < 1e-7 * expected.norm());
  }
  for (std::size_t a = 0; a < scene.size(); ++a) {
    const Eigen::Index at = recon::atom_index(a);
    const Eigen::Matrix4d block = dense.block(at, at, 4, 4);
    BOOST_TEST((model.atom_blocks()[a] - block).norm() < 1e-7 * block.norm());
  }
  ParameterVector b(size);
  for (double& x : b)
    x = stream.normal();
  const recon::SolveResult solved = recon::solve(model, b, 0.0, 1e-10, 400);
  const ParameterVector exact = dense.llt().solve(b);
  BOOST_TEST((solved.x - exact).norm() < 1e-5 * exact.norm());
}

BOOST_FIXTURE_TEST_CASE(fixed_parameters_stay, Problem) {
  free = {};
  free.gain = false;
  const LinearModel model(scene, {series, likelihood}, free, one);
  const ParameterVector v = ParameterVector::Ones(model.size());
  const ParameterVector out = model.product(v);
  for (std::size_t t = 0; t < series.size(); ++t) {
    const Eigen::Index at = recon::tilt_index(scene.size(), t);
    for (int i = 0; i < recon::tilt_background; ++i) {
      BOOST_TEST(out[at + i] == 0.0);
      BOOST_TEST(model.gradient()[at + i] == 0.0);
    }
    BOOST_TEST(out[at + recon::tilt_background] != 0.0);
  }
  for (std::size_t a = 0; a < scene.size(); ++a) {
    BOOST_TEST(out[recon::atom_index(a)] != 0.0);
    BOOST_TEST(out[recon::atom_index(a) + 3] == 0.0);
  }
}

BOOST_FIXTURE_TEST_CASE(threads_change_nothing, Problem) {
  const LinearModel a(scene, {series, likelihood}, free, one);
  const LinearModel b(scene, {series, likelihood}, free, core::Threads{3});
  const ParameterVector v = ParameterVector::Ones(a.size());
  BOOST_TEST((a.product(v) - b.product(v)).cwiseAbs().maxCoeff() == 0.0);
  BOOST_TEST((a.gradient() - b.gradient()).cwiseAbs().maxCoeff() == 0.0);
}

BOOST_AUTO_TEST_CASE(losses_are_half_deviances) {
  const PixelLikelihood poisson(recon::NoiseModel{1.0, 0.0, 0.0});
  // -log P(y|m) + log P(y|y) of the Poisson law.
  BOOST_TEST(poisson.loss(7.0, 4.0) == 4.0 - 7.0 + 7.0 * std::log(7.0 / 4.0),
             boost::test_tools::tolerance(1e-12));
  BOOST_TEST(poisson.loss(0.0, 2.0) == 2.0);
  BOOST_TEST(poisson.loss(5.0, 5.0) == 0.0);
  BOOST_TEST(poisson.weight(4.0) == 0.25);
  const PixelLikelihood camera(recon::NoiseModel{3.0, 10.0, 9.0}); // shifted: (y - 10) / 3 + 1
  BOOST_TEST(camera.loss(22.0, 22.0) == 0.0, boost::test_tools::tolerance(1e-12));
  BOOST_TEST(camera.weight(22.0) == 1.0 / (3.0 * 12.0 + 9.0), boost::test_tools::tolerance(1e-12));
  const PixelLikelihood normal(recon::NoiseModel{0.0, 0.0, 4.0});
  BOOST_TEST(normal.loss(3.0, 1.0) == 0.5);
}

BOOST_AUTO_TEST_SUITE_END()
