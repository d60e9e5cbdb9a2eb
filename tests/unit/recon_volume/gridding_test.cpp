#include "recon/volume/gridding.hpp"
#include "sim/core/error.hpp"
#include "twins.hpp"

#include <boost/test/unit_test.hpp>

#include <array>
#include <map>
#include <numeric>
#include <set>

BOOST_AUTO_TEST_SUITE(gridding)

using namespace aet;
using Point = std::array<int, 3>;

namespace {

/// Measured points by their signed coordinates.
std::map<Point, test::Complexd> points_of(const recon::GriddedSpectrum& s,
                                          const std::vector<std::vector<recon::GridPoint>>& slabs) {
  std::map<Point, test::Complexd> out;
  const auto wrapped = [&](int k) { return k < s.size / 2 ? k : k - s.size; };
  const int half = s.size / 2 + 1;
  for (int ky = 0; ky < s.size; ++ky) {
    for (const recon::GridPoint& p : slabs[static_cast<std::size_t>(ky)]) {
      const int index = static_cast<int>(p.index);
      out[{index % half, wrapped(ky), wrapped(index / half)}] = static_cast<test::Complexd>(p.value);
    }
  }
  return out;
}

/// Gridding as its definition says: every grid point, every projection, every pixel.
std::map<Point, test::Complexd> plain_gridding(const std::vector<core::Image>& images,
                                               const std::vector<core::Mat3>& orientations,
                                               const recon::GriddingOptions& options) {
  std::map<Point, test::Complexd> out;
  const int high = options.size / 2 - 1;
  for (int kz = -high; kz <= high; ++kz) {
    for (int ky = -high; ky <= high; ++ky) {
      for (int kx = 0; kx <= high; ++kx) {
        test::Complexd sum = 0.0;
        double weights = 0.0;
        for (std::size_t j = 0; j < images.size(); ++j) {
          const core::Vec3 q = orientations[j] * core::Vec3(kx, ky, kz);
          if (std::abs(q.z()) >= options.threshold) continue;
          if (std::max(std::abs(q.x()), std::abs(q.y())) >= 0.5 * options.size) continue;
          if (options.method == recon::GriddingMethod::dft) {
            const double w = 1.0 / std::max(std::abs(q.z()), 1e-3);
            sum += w * test::transform_at(images[j], q.x(), q.y(), options.size);
            weights += w;
            continue;
          }
          for (int b = -high - 2; b <= high + 2; ++b) {
            for (int a = -high - 2; a <= high + 2; ++a) {
              const double d =
                  std::sqrt(q.z() * q.z() + (a - q.x()) * (a - q.x()) + (b - q.y()) * (b - q.y()));
              if (d >= options.threshold) continue;
              const double w = 1.0 / std::max(d * d, 1e-6);
              sum += w * test::transform_at(images[j], a, b, options.size);
              weights += w;
            }
          }
        }
        if (weights > 0.0) out[{kx, ky, kz}] = sum / weights;
      }
    }
  }
  return out;
}

void compare(recon::GriddingMethod method, double threshold, const std::vector<core::Mat3>& orientations) {
  constexpr int n = 8;
  std::vector<core::Image> images;
  for (std::size_t j = 0; j < orientations.size(); ++j)
    images.push_back(test::noise_image(n, j));
  const recon::GriddingOptions options{20, threshold, method, 0.0, 1};
  const auto spectrum = recon::grid_projections(images, orientations, options, {2});
  const auto fast = points_of(spectrum, spectrum.enforced);
  const auto slow = plain_gridding(images, orientations, options);
  BOOST_TEST(fast.size() == slow.size());
  BOOST_TEST(slow.size() > 100U);
  double worst = 0.0;
  for (const auto& [k, value] : slow) {
    const auto found = fast.find(k);
    BOOST_REQUIRE(found != fast.end());
    worst = std::max(worst, std::abs(found->second - value));
  }
  // Noise of variance 1 in n^2 pixels: transforms have rms n. Transform and weights in single precision.
  BOOST_TEST(worst < 2e-6 * n);
}

recon::GriddedSpectrum withheld_example(core::Threads threads) {
  std::vector<core::Image> images;
  const auto orientations = test::single_axis(15, 80.0);
  for (std::size_t j = 0; j < orientations.size(); ++j)
    images.push_back(test::noise_image(16, j));
  return recon::grid_projections(images, orientations, {48, 0.5, recon::GriddingMethod::dft, 0.05, 7},
                                 threads);
}

} // namespace

BOOST_AUTO_TEST_CASE(dft_equals_the_definition) {
  compare(recon::GriddingMethod::dft, 0.5, test::any_orientations(3, 1));
  compare(recon::GriddingMethod::dft, 0.1, test::single_axis(5, 90.0));
  // Planes along the coordinate planes, where one component of the normal is everything.
  compare(recon::GriddingMethod::dft, 0.7,
          {core::Mat3::Identity(), core::rotation_from_euler({0.0, 0.0, core::pi / 2}),
           core::tilt_rotation(core::pi / 2)});
}

BOOST_AUTO_TEST_CASE(fft_equals_the_definition) {
  compare(recon::GriddingMethod::fft, 0.7, test::any_orientations(3, 2));
  compare(recon::GriddingMethod::fft, 0.5, test::single_axis(5, 60.0));
}

BOOST_AUTO_TEST_CASE(spectrum_of_real_images_is_hermitian) {
  const auto spectrum = withheld_example({1});
  const auto points = points_of(spectrum, spectrum.enforced);
  int pairs = 0;
  for (const auto& [k, value] : points) {
    if (k[0] != 0) continue;
    const auto mate = points.find({0, -k[1], -k[2]});
    BOOST_REQUIRE(mate != points.end());
    BOOST_TEST(std::abs(value - std::conj(mate->second)) < 1e-4);
    ++pairs;
  }
  BOOST_TEST(pairs > 20);
}

BOOST_AUTO_TEST_CASE(withheld_points_are_a_twentieth_in_blocks_with_their_mates) {
  const auto spectrum = withheld_example({1});
  const auto withheld = points_of(spectrum, spectrum.withheld);
  const auto enforced = points_of(spectrum, spectrum.enforced);
  BOOST_TEST(withheld.size() > 100U);
  double alone = 0.0;
  for (const auto& [k, value] : withheld) {
    BOOST_TEST(enforced.count(k) == 0U);
    if (k[0] == 0) BOOST_TEST(withheld.count({0, -k[1], -k[2]}) == 1U);
    // Fitted neighbours within the 48 / 16 voxels over which a transform hardly changes: along y, where all
    // measured planes go on.
    bool fitted = false;
    for (int d = -1; d <= 1; ++d)
      fitted = fitted || enforced.count({k[0], k[1] + d, k[2]}) > 0U;
    alone += fitted ? 0.0 : 1.0;
  }
  BOOST_TEST(alone > 0.7 * static_cast<double>(withheld.size()));
  const double measured =
      std::accumulate(spectrum.shell_enforced.begin(), spectrum.shell_enforced.end(), 0.0);
  const double kept = std::accumulate(spectrum.shell_withheld.begin(), spectrum.shell_withheld.end(), 0.0);
  // 5 % but for half a block of the last shell, some 12^2 of 20,000 points, each of which counts twice.
  BOOST_TEST(std::abs(kept / (kept + measured) - 0.05) < 0.01);
  for (std::size_t r = 0; r < 6; ++r)
    BOOST_TEST(spectrum.shell_withheld[r] == 0.0); // within the block about the origin
}

BOOST_AUTO_TEST_CASE(threads_do_not_change_a_bit) {
  const auto one = withheld_example({1});
  const auto three = withheld_example({3});
  BOOST_TEST((points_of(one, one.enforced) == points_of(three, three.enforced)));
  BOOST_TEST((points_of(one, one.withheld) == points_of(three, three.withheld)));
}

BOOST_AUTO_TEST_CASE(impossible_options_are_refused) {
  const std::vector<core::Image> images{core::Image(8, 8)};
  const std::vector<core::Mat3> orientations{core::Mat3::Identity()};
  const auto grid = [&](recon::GriddingOptions o) {
    return recon::grid_projections(images, orientations, o, {1});
  };
  BOOST_CHECK_THROW((void)grid({6, 0.5, recon::GriddingMethod::dft, 0.05, 1}), core::ConfigError);
  BOOST_CHECK_THROW((void)grid({17, 0.5, recon::GriddingMethod::dft, 0.05, 1}), core::ConfigError);
  BOOST_CHECK_THROW((void)grid({16, 0.0, recon::GriddingMethod::dft, 0.05, 1}), core::ConfigError);
  BOOST_CHECK_THROW((void)grid({16, 0.5, recon::GriddingMethod::dft, 0.9, 1}), core::ConfigError);
}

BOOST_AUTO_TEST_SUITE_END()
