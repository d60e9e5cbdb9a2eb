#include "recon/volume/projector.hpp"
#include "recon/volume/quadratic.hpp"
#include "sim/core/error.hpp"
#include "twins.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>

BOOST_AUTO_TEST_SUITE(projector)

using namespace aet;

namespace {

core::Volume noise_volume(int n) {
  core::RandomStream random(21, "volume");
  core::Volume v(n, n, n, 1.0);
  for (float& x : v.data)
    x = static_cast<float>(random.normal());
  return v;
}

/// Every voxel a trigonometric polynomial of period M = 2n in the image, without the mode -M/2.
core::Image plain_projection(const core::Volume& v, const core::Mat3& r) {
  const int n = v.nx;
  const int m = 2 * n;
  const auto dirichlet = [m](double s) {
    double sum = 1.0;
    for (int a = 1; a < m / 2; ++a)
      sum += 2.0 * std::cos(2.0 * core::pi * a * s / m);
    return sum / m;
  };
  core::Image image(n, n);
  std::vector<double> sums(image.data.size(), 0.0);
  for (int z = 0; z < n; ++z) {
    for (int y = 0; y < n; ++y) {
      for (int x = 0; x < n; ++x) {
        const core::Vec3 p = r * core::Vec3(x - n / 2, y - n / 2, z - n / 2);
        std::vector<double> dx;
        std::vector<double> dy;
        for (int i = 0; i < n; ++i) {
          dx.push_back(dirichlet(i - n / 2 - p.x()));
          dy.push_back(dirichlet(i - n / 2 - p.y()));
        }
        for (int iy = 0; iy < n; ++iy) {
          for (int ix = 0; ix < n; ++ix) {
            sums[image.index(ix, iy)] += static_cast<double>(v.at(x, y, z)) *
                                         dx[static_cast<std::size_t>(ix)] * dy[static_cast<std::size_t>(iy)];
          }
        }
      }
    }
  }
  std::transform(sums.begin(), sums.end(), image.data.begin(),
                 [](double s) { return static_cast<float>(s); });
  return image;
}

double inner(const core::AlignedVector<float>& a, const core::AlignedVector<float>& b) {
  double sum = 0.0;
  for (std::size_t i = 0; i < a.size(); ++i)
    sum += static_cast<double>(a[i]) * static_cast<double>(b[i]);
  return sum;
}

} // namespace

BOOST_AUTO_TEST_CASE(projection_equals_the_plain_sum) {
  const auto volume = noise_volume(10);
  const auto orientations = test::any_orientations(3, 6);
  const auto images = recon::project(volume, orientations, {2});
  for (std::size_t j = 0; j < images.size(); ++j) {
    const auto wanted = plain_projection(volume, orientations[j]);
    float worst = 0.0F;
    for (std::size_t i = 0; i < wanted.data.size(); ++i)
      worst = std::max(worst, std::abs(images[j].data[i] - wanted.data[i]));
    // Pixels have standard deviation sqrt(n) = 3; the transform is good to 1e-6 of that and of its
    // neighbours.
    BOOST_TEST(worst < 1e-5F);
  }
}

BOOST_AUTO_TEST_CASE(projection_of_blobs_equals_the_formula) {
  constexpr int n = 32;
  const auto specimen = test::blobs(n, 5, 8);
  const auto orientations = test::any_orientations(4, 9);
  const auto images = recon::project(test::volume_of(specimen, n), orientations, {1});
  for (std::size_t j = 0; j < images.size(); ++j) {
    const auto wanted = test::projection_of(specimen, orientations[j], n, n);
    // A Gaussian of sd 1.5 has exp(-2 pi^2 1.5^2 / 4) = 1.5e-5 of its transform's height at the Nyquist
    // frequency, which is what sampling can alias; heights reach 8, of which the edge may cut exp(-4.3^2/2)
    // = 1e-4.
    float worst = 0.0F;
    for (std::size_t i = 0; i < wanted.data.size(); ++i)
      worst = std::max(worst, std::abs(images[j].data[i] - wanted.data[i]));
    BOOST_TEST(worst < 2e-3F);
  }
}

BOOST_AUTO_TEST_CASE(back_projection_is_the_adjoint) {
  constexpr int n = 12;
  const auto volume = noise_volume(n);
  const auto orientations = test::any_orientations(4, 10);
  std::vector<core::Image> noise;
  for (std::size_t j = 0; j < orientations.size(); ++j)
    noise.push_back(test::noise_image(n, j));
  const auto images = recon::project(volume, orientations, {1});
  double left = 0.0;
  for (std::size_t j = 0; j < noise.size(); ++j)
    left += inner(images[j].data, noise[j].data);
  const double right = inner(volume.data, recon::back_project(noise, orientations, {1}));
  // Relative to the size of the terms: |volume| |back projection| = n^1.5 (4 n^3)^0.5 / n^0.5...; rounding
  // 1e-6 of it.
  BOOST_TEST(std::abs(left - right) < 1e-6 * 4 * n * n * n);
}

BOOST_AUTO_TEST_CASE(normal_operator_is_projection_and_back_projection) {
  // A volume whose projections stay inside the images, so that cropping the images loses nothing.
  constexpr int n = 32;
  const auto volume = test::volume_of(test::blobs(n, 5, 8), n);
  for (const auto& orientations : {test::any_orientations(3, 12), test::single_axis(4, 60.0)}) {
    const auto wanted = recon::back_project(recon::project(volume, orientations, {1}), orientations, {1});
    recon::Problem problem;
    problem.box = n;
    problem.embed = 2 * n;
    problem.fitted.transfer = recon::transfer_of_kernel(
        recon::back_projected_projection_kernel(orientations, n, {1}), n, problem.embed, {1});
    problem.fitted.target.resize(volume.data.size());
    core::AlignedVector<float> product(volume.data.size());
    recon::NormalOperator(problem).apply(problem, volume.data.data(), product.data(), {1});
    const float largest = *std::max_element(wanted.begin(), wanted.end());
    float worst = 0.0F;
    for (std::size_t i = 0; i < wanted.size(); ++i)
      worst = std::max(worst, std::abs(product[i] - wanted[i]));
    BOOST_TEST(worst < 1e-4F * largest); // what the edge cuts off is below exp(-4.3^2/2) = 1e-4
  }
}

BOOST_AUTO_TEST_CASE(residuals_of_exact_images_vanish) {
  constexpr int n = 16;
  const auto volume = test::volume_of(test::blobs(n, 3, 8), n);
  const auto orientations = test::single_axis(5, 60.0);
  auto images = recon::project(volume, orientations, {1});
  for (const double r : recon::projection_residuals(volume, images, orientations, {2}))
    BOOST_TEST(r == 0.0);
  for (auto& image : images) {
    for (float& v : image.data)
      v *= 2.0F;
  }
  for (const double r : recon::projection_residuals(volume, images, orientations, {2}))
    BOOST_TEST(std::abs(r - 0.5) < 1e-6);
  BOOST_CHECK_THROW((void)recon::project(core::Volume(4, 4, 6, 1.0), orientations, {1}), core::DataError);
}

BOOST_AUTO_TEST_SUITE_END()
