#include "recon/scene/stamp.hpp"
#include "tests/unit/recon_scene/synthetic.hpp"

#include <boost/test/unit_test.hpp>

BOOST_AUTO_TEST_SUITE(stamp)

using namespace aet;
using recon::PixelBuffer;
using recon::Stamp;
using recon::StampMaker;

namespace {

constexpr int n = 40;
constexpr double pixel = 0.3;

struct OneAtom {
  recon::Scene scene;
  OneAtom() {
    scene = test::small_scene(1);
    scene.positions = {{0.37, -0.81, 2.3}};
    scene.species = {0};
    scene.depth = {2e-3, -1.0, 4e-3};
    scene.tilts[0].background = 0.0;
  }
  [[nodiscard]] StampMaker maker() const { return {scene.profiles, scene.depth, pixel, n, n}; }
};

} // namespace

BOOST_FIXTURE_TEST_CASE(a_window_holds_the_formula_values_and_leaves_little_out, OneAtom) {
  PixelBuffer buffer(n, n);
  Stamp stamp;
  BOOST_REQUIRE(maker().place(0, recon::projected(scene.tilts[0], scene.positions[0]), stamp));
  recon::add_value(stamp, 1.0, buffer);
  const std::vector<double> plain = test::plain_image(scene, 0, pixel, n);
  double highest = 0.0;
  for (const double v : plain)
    highest = std::max(highest, v);
  for (std::size_t i = 0; i < plain.size(); ++i) {
    // Inside: rounding of the recurrence over ~10 pixels. Outside: the level at which windows end.
    const double allowed = buffer.data[i] != 0.0 ? 1e-12 * highest : 3e-4 * highest;
    BOOST_TEST(std::abs(buffer.data[i] - plain[i]) <= allowed);
  }
}

BOOST_FIXTURE_TEST_CASE(derivatives_are_those_of_the_value, OneAtom) {
  const core::Vec3 p = recon::projected(scene.tilts[0], scene.positions[0]);
  const core::Vec3 d(0.6, -0.3, 0.7);
  constexpr double h = 1e-5;
  PixelBuffer slope(n, n);
  PixelBuffer change(n, n);
  Stamp stamp;
  BOOST_REQUIRE(maker().place(0, p, stamp));
  recon::add_derivative(stamp, d, slope);
  BOOST_REQUIRE(maker().place(0, p + h * d, stamp));
  recon::add_value(stamp, 0.5 / h, change);
  BOOST_REQUIRE(maker().place(0, p - h * d, stamp));
  recon::add_value(stamp, -0.5 / h, change);
  double highest = 0.0;
  double worst = 0.0;
  for (std::size_t i = 0; i < slope.data.size(); ++i) {
    highest = std::max(highest, std::abs(slope.data[i]));
    worst = std::max(worst, std::abs(slope.data[i] - change.data[i]));
  }
  // Central differences: h^2 / sigma^2 ~ 5e-10 and rounding 1e-16 / h ~ 1e-11.
  BOOST_TEST(worst < 1e-8 * highest);
}

BOOST_FIXTURE_TEST_CASE(gathering_is_the_adjoint_of_adding, OneAtom) {
  core::RandomStream stream(3, "test");
  PixelBuffer f(n, n);
  for (double& v : f.data)
    v = stream.normal();
  Stamp stamp;
  BOOST_REQUIRE(maker().place(0, recon::projected(scene.tilts[0], scene.positions[0]), stamp));
  const core::Vec3 d(0.2, 0.5, -0.9);
  PixelBuffer slope(n, n);
  PixelBuffer value(n, n);
  recon::add_derivative(stamp, d, slope);
  recon::add_value(stamp, 1.0, value);
  double slope_product = 0.0;
  double value_product = 0.0;
  core::Mat3 information = core::Mat3::Zero();
  Eigen::Vector4d by_value = Eigen::Vector4d::Zero();
  std::vector<PixelBuffer> axes;
  for (int c = 0; c < 3; ++c) {
    axes.emplace_back(n, n);
    recon::add_derivative(stamp, core::Vec3::Unit(c), axes.back());
  }
  for (std::size_t i = 0; i < f.data.size(); ++i) {
    slope_product += slope.data[i] * f.data[i];
    value_product += value.data[i] * f.data[i];
    const core::Vec3 g(axes[0].data[i], axes[1].data[i], axes[2].data[i]);
    information += f.data[i] * g * g.transpose();
    by_value += f.data[i] * value.data[i] * Eigen::Vector4d(g.x(), g.y(), g.z(), value.data[i]);
  }
  BOOST_TEST(std::abs(recon::gather_derivative(stamp, f).dot(d) - slope_product) < 1e-10);
  BOOST_TEST(std::abs(recon::gather_value(stamp, f) - value_product) < 1e-10);
  BOOST_TEST((recon::gather_information(stamp, f) - information).norm() < 1e-9);
  BOOST_TEST((recon::gather_value_information(stamp, f) - by_value).norm() < 1e-9);
}

BOOST_FIXTURE_TEST_CASE(windows_are_cut_at_the_edge_of_the_image, OneAtom) {
  scene.positions[0] = {-0.5 * n * pixel + 0.2, 0.5 * n * pixel - 0.5, 0.0};
  PixelBuffer buffer(n, n);
  Stamp stamp;
  BOOST_REQUIRE(maker().place(0, scene.positions[0], stamp));
  recon::add_value(stamp, 1.0, buffer);
  BOOST_TEST(stamp.x0 == 0);
  BOOST_TEST(stamp.y0 + stamp.ny == n);
  scene.positions[0] = {1e3, 0.0, 0.0};
  BOOST_TEST(!maker().place(0, scene.positions[0], stamp));
}

BOOST_AUTO_TEST_SUITE_END()
