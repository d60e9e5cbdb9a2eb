#include "recon/volume/coverage.hpp"
#include "recon/volume/least_squares.hpp"
#include "sim/core/error.hpp"
#include "tests/support/message.hpp"
#include "twins.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cmath>

BOOST_AUTO_TEST_SUITE(extended)

using namespace aet;

namespace {

constexpr int wide = 48;  // of the specimen's frame
constexpr int field = 32; // of the images
constexpr core::Threads one{1};

/// A plank of atoms that goes on beyond the images on both sides of the tilt axis.
struct Plank {
  std::vector<test::Blob> specimen;
  core::TiltSeries series;
  core::Volume truth;

  Plank() {
    for (int i = -3; i <= 3; ++i) {
      for (int k = -1; k <= 1; ++k) {
        specimen.push_back({core::Vec3(6.3 * i + k, 4.0 * k, 3.0 * ((i + k) % 2)), 1.6, 1.0});
        specimen.push_back({core::Vec3(6.3 * i - 2.0, 4.0 * k + 2.0, 3.0 * k), 1.6, 1.0});
      }
    }
    series.pixel_size = 0.5;
    series.orientations = test::single_axis(31, 66.0);
    for (const core::Mat3& r : series.orientations)
      series.images.push_back(test::projection_of(specimen, r, field, field));
    truth = test::volume_of(specimen, wide);
  }

  /// Relative deviation of a volume from the truth within the part that all images show.
  [[nodiscard]] double error(const core::Volume& volume) const {
    constexpr int inside = 6; // at 66 degrees an image shows 16 cos(66) = 6.5 voxels of each side
    double square = 0.0;
    double whole = 0.0;
    for (int z = -8; z <= 8; ++z) {
      for (int y = -8; y <= 8; ++y) {
        for (int x = -inside; x <= inside; ++x) {
          const auto t = static_cast<double>(truth.at(wide / 2 + x, wide / 2 + y, wide / 2 + z));
          const int n = volume.nx / 2;
          const double d = static_cast<double>(volume.at(n + x, n + y, n + z)) - t;
          square += d * d;
          whole += t * t;
        }
      }
    }
    return std::sqrt(square / whole);
  }

  [[nodiscard]] recon::VolumeResult reconstruct(double extent) const {
    recon::LeastSquaresOptions options;
    options.prepare.extent = extent;
    options.iterations = 120;
    options.withheld_every = 0;
    return recon::reconstruct_least_squares(series, options, one);
  }
};

} // namespace

BOOST_FIXTURE_TEST_CASE(what_enters_the_field_is_explained_by_what_lies_outside, Plank) {
  const recon::VolumeResult narrow = reconstruct(1.0);
  const recon::VolumeResult extended = reconstruct(1.5);
  BOOST_TEST(narrow.volume.nx == field);
  BOOST_TEST(extended.volume.nx == wide);
  BOOST_TEST_MESSAGE("error " << error(narrow.volume) << " -> " << error(extended.volume));
  BOOST_TEST(error(extended.volume) < 0.7 * error(narrow.volume));
  BOOST_TEST(extended.r1_k < 0.5 * narrow.r1_k);
  BOOST_TEST(std::any_of(extended.notes.begin(), extended.notes.end(), [](const std::string& note) {
    return test::contains(note, "shown by all images");
  }));
}

BOOST_FIXTURE_TEST_CASE(a_padded_frame_whose_padding_is_masked_is_the_same, Plank) {
  recon::ProjectionOptions options;
  options.extent = 1.5;
  const recon::Projections extended = recon::make_projections(series, options);
  core::TiltSeries padded = series;
  padded.masked.assign(series.size(), {});
  for (std::size_t t = 0; t < series.size(); ++t) {
    core::Image& image = padded.images[t] = core::Image(wide, wide);
    for (int y = 0; y < wide; ++y) {
      for (int x = 0; x < wide; ++x) {
        const int u = x - (wide - field) / 2;
        const int v = y - (wide - field) / 2;
        if (u >= 0 && v >= 0 && u < field && v < field)
          image.at(x, y) = series.images[t].at(u, v);
        else
          padded.masked[t].push_back(static_cast<std::uint32_t>(image.index(x, y)));
      }
    }
  }
  const recon::Projections masked = recon::make_projections(padded, {});
  BOOST_REQUIRE(masked.n == extended.n);
  for (std::size_t t = 0; t < series.size(); ++t) {
    BOOST_TEST((masked.known[t].data == extended.known[t].data));
    BOOST_TEST((masked.images[t].data == extended.images[t].data));
  }
  BOOST_TEST(recon::make_projections(series, {}).known.empty());
}

BOOST_FIXTURE_TEST_CASE(coverage_counts_the_images_that_show_a_voxel, Plank) {
  recon::ProjectionOptions options;
  options.extent = 1.5;
  const recon::Projections p = recon::make_projections(series, options);
  const core::AlignedVector<float> shown = recon::coverage(p, one);
  const auto at = [&](int x, int y, int z) {
    return shown[static_cast<std::size_t>(((z + wide / 2) * wide + y + wide / 2) * wide + x + wide / 2)];
  };
  BOOST_TEST(at(0, 0, 0) == 31.0F);
  BOOST_TEST(at(0, 20, 0) == 0.0F); // along the tilt axis nothing turns into view
  // 20 voxels off the axis: in view where 20 cos(angle) < 16.5, from 35.2 degrees on in steps of 4.4.
  BOOST_TEST(at(-20, 0, 0) == 16.0F);
  options.extent = 5.0;
  BOOST_TEST(test::contains(
      test::message_of<core::ConfigError>([&] { (void)recon::make_projections(series, options); }), "extent",
      "[1, 3]"));
}

BOOST_AUTO_TEST_SUITE_END()
