// A series as a microscope takes it, with the tilt axis askew and off the middle, against the same atoms.
#include "recon/images/find_axis.hpp"
#include "recon/images/prepare_images.hpp"
#include "recon/refine/refine.hpp"
#include "sim/core/error.hpp"
#include "sim/core/orientation.hpp"
#include "tests/support/message.hpp"
#include "tests/unit/recon_refine/cluster.hpp"

#include <boost/test/unit_test.hpp>

#include <cmath>

BOOST_AUTO_TEST_SUITE(raw_geometry)

using namespace aet;
using test::Cluster;
using test::contains;
using test::message_of;

namespace {

constexpr core::Threads one{1};
constexpr double pixel = 0.3;
constexpr int n = 64;

/// The cluster under an axis at an angle, that passes at a distance from the middle of the images; of its
/// orientations only the tilts are known.
struct Askew : Cluster {
  core::Vec2 off;

  Askew(double angle_deg, double across_px, double dose, std::uint64_t seed = 7) {
    const double angle = angle_deg * core::radian_per_degree;
    off = across_px * pixel * core::Vec2(std::cos(angle), std::sin(angle));
    for (auto& profile : truth.profiles) {
      for (auto& term : profile.terms)
        term.weight *= dose;
    }
    std::vector<core::Mat3> tilts;
    for (recon::TiltState& t : truth.tilts) {
      tilts.push_back(t.pose.orientation);
      t.pose.orientation = core::rotation_from_euler({angle, 0.0, 0.0}) * t.pose.orientation;
      t.pose.shift = off;
    }
    series = test::series_of(truth, pixel, n, seed);
    series.orientations = tilts;
  }
  /// Distance of the axis from the middle of the images [pixel].
  [[nodiscard]] static double across(const recon::FoundAxis& found) {
    const double angle = found.angle_deg * core::radian_per_degree;
    return found.position_a.dot(core::Vec2(std::cos(angle), std::sin(angle))) / pixel;
  }
};

} // namespace

BOOST_AUTO_TEST_CASE(an_axis_that_is_given_leads_to_the_same_atoms) {
  const Askew askew(37.0, 3.4, 1.0);
  recon::ImageOptions options;
  options.axis.angle_deg = 37.0;
  options.axis.position_px = core::Vec2(n / 2, n / 2) + askew.off / pixel;
  options.crop = recon::CropWindow{Eigen::Vector2i(5, 4), 57, 58};
  options.pad = 70;
  const recon::PreparedImages prepared = recon::prepare_images(askew.series, options, one);
  for (std::size_t t = 0; t < prepared.series.size(); ++t) {
    BOOST_TEST((prepared.series.orientations[t] - askew.truth.tilts[t].pose.orientation).norm() < 1e-12);
    // Column 32 of the images as taken is column 27 of the window and 34 of the square, whose middle is 35.
    const core::Vec2 moved = askew.off + pixel * core::Vec2(32 - 5 - 57 / 2, 32 - 4 - 58 / 2);
    BOOST_TEST((prepared.series.shifts[t] - moved).norm() < 1e-12);
  }
  const std::vector<int> species(askew.start.size(), 0);
  const recon::RefineResult r = recon::refine(prepared.series, askew.start, species, {}, one);
  BOOST_TEST(r.converged);
  BOOST_TEST(r.scene.size() == askew.truth.size());
  BOOST_TEST(askew.rmsd(r.scene.positions) < 0.06); // as of images that nothing was done to
  // Binned by two, pixels of 0.6 A still tell atoms of 0.45 A, if less well.
  options.pad = 0;
  options.bin = 2;
  const recon::PreparedImages binned = recon::prepare_images(askew.series, options, one);
  const recon::RefineResult coarse = recon::refine(binned.series, askew.start, species, {}, one);
  BOOST_TEST(coarse.scene.size() == askew.truth.size());
  BOOST_TEST(askew.rmsd(coarse.scene.positions) < 0.07);
  BOOST_TEST(askew.rmsd(coarse.scene.positions) < 0.5 * askew.rmsd(askew.start));
}

BOOST_AUTO_TEST_CASE(an_axis_that_is_not_given_is_found) {
  // At a quarter of this dose, errors over 24 series were 0.65 degrees and 0.14 pixels (rms), as noise makes
  // them; here they are half as large, and a degree and half a pixel are more than 3 sd.
  constexpr double dose = 4.0;
  for (const auto& [angle, across] : {std::pair{37.0, 3.4}, {-85.0, -2.0}, {0.0, 0.0}, {89.5, 1.0}}) {
    const Askew askew(angle, across, dose);
    const recon::FoundAxis found = recon::find_axis(askew.series, {}, one);
    BOOST_TEST_CONTEXT("angle " << angle << ", across " << across << "; found " << found.angle_deg << " +- "
                                << found.angle_sd_deg << ", " << Askew::across(found) << " +- "
                                << found.across_sd_a / pixel) {
      BOOST_TEST(std::abs(std::remainder(found.angle_deg - angle, 180.0)) < 1.0);
      BOOST_TEST(found.angle_sd_deg < 1.0);
      // The other direction of the same line has the other side for positive.
      const double side = std::abs(found.angle_deg - angle) < 90.0 ? 1.0 : -1.0;
      BOOST_TEST(std::abs(side * Askew::across(found) - across) < 0.5);
    }
  }
  // Without noise nothing is left but the widths of bins and steps, and what the level of the mask cuts off.
  const Askew clean(37.0, 3.4, 1.0, 0);
  const recon::FoundAxis found = recon::find_axis(clean.series, {}, one);
  BOOST_TEST(std::abs(found.angle_deg - 37.0) < 0.02);
  BOOST_TEST(std::abs(Askew::across(found) - 3.4) < 0.1);
  // Prepared with it, the series has the axis where it is.
  recon::ImageOptions options;
  options.axis.find = true;
  const recon::PreparedImages prepared = recon::prepare_images(clean.series, options, one);
  BOOST_TEST((prepared.series.orientations[3] - clean.truth.tilts[3].pose.orientation).norm() < 0.001);
  BOOST_TEST(contains(prepared.notes.at(0), "37.0", "uncertain by 0.0"));
  BOOST_TEST(contains(prepared.notes.at(1), "3.4", "uncertain by"));
}

BOOST_AUTO_TEST_CASE(images_that_do_not_tell_the_axis_are_refused) {
  Askew askew(37.0, 3.4, 1.0);
  const auto why_not = [](const core::TiltSeries& series) {
    return message_of<core::DataError>([&] { (void)recon::find_axis(series, {}, one); });
  };
  BOOST_TEST(contains(why_not(part_of(askew.series, {0, 1, 2, 3, 4, 5})), "6 images", "tilt_axis_deg"));
  core::TiltSeries noise = askew.series;
  core::RandomStream random(1, "test noise");
  for (core::Image& image : noise.images) {
    for (float& v : image.data)
      v = static_cast<float>(random.poisson(3.0));
  }
  BOOST_TEST(contains(why_not(noise), "do not tell the angle", "tilt_axis_deg"));
  askew.series.shifts.assign(askew.series.size(), core::Vec2(1.0, 0.0));
  askew.series.shifts[2] = core::Vec2(0.0, 1.0);
  BOOST_TEST(contains(why_not(askew.series), "shifts of their own"));
  BOOST_TEST(contains(why_not(recon::with_axis_angle(askew.series, 20.0)), "no tilts about y"));
  BOOST_TEST(contains(
      message_of<core::ConfigError>([&] { (void)recon::with_axis_angle(askew.series, std::nan("")); }),
      "tilt_axis_deg is nan", "-180 to 180"));
}

BOOST_AUTO_TEST_SUITE_END()
