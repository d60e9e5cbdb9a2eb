#include "recon/volume/support.hpp"
#include "sim/core/error.hpp"
#include "tests/support/message.hpp"
#include "twins.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cmath>
#include <limits>

BOOST_AUTO_TEST_SUITE(support)

using namespace aet;

BOOST_AUTO_TEST_CASE(distances_equal_the_plain_search) {
  const int n = 10;
  core::AlignedVector<float> mask(1000);
  core::RandomStream random(1, "test mask");
  for (float& v : mask)
    v = random.uniform() < 0.01 ? 1.0F : 0.0F;
  const auto found = recon::distance_to(mask, n);
  for (int i = 0; i < 1000; ++i) {
    double nearest = std::numeric_limits<double>::infinity();
    for (int k = 0; k < 1000; ++k) {
      if (mask[static_cast<std::size_t>(k)] == 0.0F) continue;
      nearest = std::min(nearest, std::hypot(i % n - k % n, i / n % n - k / n % n, i / 100 - k / 100));
    }
    BOOST_TEST(std::abs(static_cast<double>(found[static_cast<std::size_t>(i)]) - nearest) < 1e-5);
  }
  for (const float v : recon::distance_to(core::AlignedVector<float>(1000), n))
    BOOST_TEST(std::isinf(v));
}

BOOST_AUTO_TEST_CASE(the_automatic_support_is_tight_and_holds_the_specimen) {
  const int n = 48;
  std::vector<test::Blob> specimen; // all on one side, so that a centred shape would not do
  for (const test::Blob& b : test::blobs(n, 60, 3)) {
    if (b.centre.x() > 0.0) specimen.push_back(b);
  }
  recon::Projections series;
  series.n = n;
  series.pixel_size = 0.8;
  series.orientations = test::single_axis(25, 70.0);
  for (const core::Mat3& r : series.orientations)
    series.images.push_back(test::projection_of(specimen, r, n, n));
  const auto support = recon::support_of(series, {recon::SupportShape::automatic}, {2});
  double inside = 0.0;
  double covered = 0.0;
  double total = 0.0;
  const core::Volume truth = test::volume_of(specimen, n);
  for (std::size_t i = 0; i < support.size(); ++i) {
    inside += static_cast<double>(support[i]) / static_cast<double>(support.size());
    covered += static_cast<double>(support[i] * truth.data[i]);
    total += static_cast<double>(truth.data[i]);
  }
  BOOST_TEST(covered > 0.998 * total);
  BOOST_TEST(inside < 0.35); // the half ball of 0.27 n takes 0.04, with margin and blur of 5 voxels 0.13
  BOOST_TEST(series.notes.back().find("Support: ") == 0U);
}

BOOST_AUTO_TEST_CASE(a_given_support_must_fit) {
  recon::SupportOptions options;
  options.shape = recon::SupportShape::given;
  options.mask = core::Volume(8, 8, 8, 1.0, 1.0F);
  BOOST_TEST((recon::make_support(8, options) == options.mask.data));
  const auto message = [&](int n) {
    return test::message_of<core::DataError>([&] { (void)recon::make_support(n, options); });
  };
  BOOST_TEST(message(16) == "the support is 8 x 8 x 8 voxels; the images need 16 x 16 x 16.");
  options.mask.data[3] = 2.0F;
  BOOST_TEST(message(8).find("must lie in [0, 1]") != std::string::npos);
  std::fill(options.mask.data.begin(), options.mask.data.end(), 0.0F);
  BOOST_TEST(message(8).find("zero everywhere") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(bad_automatic_options_are_refused) {
  recon::SupportOptions options;
  options.margin_a = -1.0;
  BOOST_CHECK_THROW((void)recon::make_support(8, options), core::ConfigError);
  options = {};
  options.threshold = 1.0;
  BOOST_CHECK_THROW((void)recon::make_support(8, options), core::ConfigError);
}

BOOST_AUTO_TEST_SUITE_END()
