#include "recon/refine/defect_correction.hpp"
#include "sim/core/error.hpp"
#include "tests/support/message.hpp"
#include "tests/unit/recon_refine/cluster.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cmath>

BOOST_AUTO_TEST_SUITE(defect_correction)

using namespace aet;
using test::Cluster;

namespace {

constexpr core::Threads one{1};

/// Images that are no sum of atoms, and no function of one pixel's sum either: each pixel is dimmed by what
/// lies a pixel to its left, which moves every atom's image to the left by how crowded it is.
std::vector<core::Image> dimmed(const recon::Scene& scene, const core::TiltSeries& series, double dimming) {
  std::vector<core::Image> out;
  for (const recon::PixelBuffer& sum : recon::profile_sums(scene, series, one)) {
    core::Image image(sum.nx, sum.ny);
    for (int y = 0; y < sum.ny; ++y) {
      for (int x = 0; x < sum.nx; ++x) {
        const double beside = x > 0 ? sum.row(y)[x - 1] : 0.0;
        image.at(x, y) = static_cast<float>(sum.row(y)[x] * (1.0 - dimming * beside));
      }
    }
    out.push_back(std::move(image));
  }
  return out;
}

/// A cluster seen through such images.
struct DimmedCluster : Cluster {
  static constexpr double dimming = 4e-3;
  core::TiltSeries seen = series;
  DimmedCluster() {
    for (recon::GaussianTerm& term : truth.profiles[0].terms)
      term.weight *= 4.0;
    core::RandomStream random(11, "dimmed");
    const auto full = dimmed(truth, series, dimming);
    for (std::size_t t = 0; t < full.size(); ++t) {
      for (std::size_t i = 0; i < full[t].data.size(); ++i)
        seen.images[t].data[i] =
            static_cast<float>(random.poisson(5.0 + static_cast<double>(full[t].data[i])));
    }
  }
  /// Knows the profile of an atom, not where the atoms are.
  [[nodiscard]] recon::ForwardModel model(double strength = dimming) const {
    return [this, strength](const recon::Scene& scene, const core::ProgressSink&) {
      recon::Scene at_known_strength = scene;
      at_known_strength.profiles = truth.profiles;
      at_known_strength.depth = {};
      return dimmed(at_known_strength, series, strength);
    };
  }
};

} // namespace

BOOST_FIXTURE_TEST_CASE(atoms_are_fitted_under_the_full_model, DimmedCluster) {
  recon::DefectOptions options;
  options.source_sd_a = 0.0;
  const recon::DefectRefinement r = recon::refine_with_correction(
      seen, start, std::vector<int>(start.size(), 0), {}, options, model(), one);
  const double linear = rmsd(r.linear.scene.positions);
  const double corrected = rmsd(r.result.scene.positions);
  BOOST_TEST_MESSAGE("RMSD by sums " << linear << ", corrected " << corrected << " A; chi-square a pixel "
                                     << r.linear_chi2_per_pixel << " and " << r.rounds.back().chi2_per_pixel);
  BOOST_TEST(r.helped);
  BOOST_TEST(r.result.scene.size() == truth.size());
  BOOST_TEST(corrected < 0.7 * linear);
  // Some 57,000 pixels: a standard error of .006.
  BOOST_TEST(r.rounds.back().chi2_per_pixel < 1.02);
  BOOST_TEST(r.rounds.back().chi2_per_pixel < r.linear_chi2_per_pixel);
  // It comes to rest: each round moves the atoms less.
  BOOST_TEST(r.rounds[1].moved_a < 0.3 * r.rounds[0].moved_a);
}

BOOST_FIXTURE_TEST_CASE(a_model_of_other_images_is_not_taken, DimmedCluster) {
  const recon::DefectRefinement r = recon::refine_with_correction(
      seen, start, std::vector<int>(start.size(), 0), {}, {}, model(-3.0 * dimming), one);
  BOOST_TEST(!r.helped);
  BOOST_TEST(r.result.scene.size() == r.linear.scene.size());
  for (std::size_t a = 0; a < r.linear.scene.size(); ++a)
    BOOST_TEST((r.result.scene.positions[a] == r.linear.scene.positions[a]));
  BOOST_TEST(test::contains(r.result.notes.back(), "explain the data less", "linear result is kept"));
}

BOOST_FIXTURE_TEST_CASE(what_was_reached_is_kept_when_stopped, DimmedCluster) {
  const std::vector<int> species(start.size(), 0);
  const recon::ForwardModel stopped = [](const recon::Scene&,
                                         const core::ProgressSink&) -> std::vector<core::Image> {
    throw core::Interrupted("stop");
  };
  recon::RefineOptions options;
  BOOST_CHECK_THROW(
      static_cast<void>(recon::refine_with_correction(seen, start, species, options, {}, stopped, one)),
      core::Interrupted);
  options.keep_when_stopped = true;
  const auto r = recon::refine_with_correction(seen, start, species, options, {}, stopped, one);
  BOOST_TEST(r.result.stopped);
  BOOST_TEST(!r.helped);
  BOOST_TEST(r.result.scene.size() == r.linear.scene.size());
  BOOST_TEST(test::contains(r.result.notes.back(), "was stopped", "before it"));
}

BOOST_FIXTURE_TEST_CASE(the_blur_of_the_source_is_found, Cluster) {
  // The full model knows the atoms without the source; the images have it.
  constexpr double source = 0.4;
  const recon::ForwardModel sharp = [&](const recon::Scene& scene, const core::ProgressSink&) {
    recon::Scene narrow = scene;
    narrow.profiles = truth.profiles;
    narrow.depth = {};
    for (recon::GaussianTerm& term : narrow.profiles[0].terms)
      term.sigma = std::sqrt(term.sigma * term.sigma - source * source);
    return dimmed(narrow, series, 0.0);
  };
  recon::DefectOptions options;
  options.rounds = 1;
  const recon::DefectRefinement r = recon::refine_with_correction(
      series, start, std::vector<int>(start.size(), 0), {}, options, sharp, one);
  // 40 atoms of 16 electrons in each of 21 images.
  BOOST_TEST(r.rounds.back().source_sd_a == source, boost::test_tools::tolerance(0.1));
}

BOOST_AUTO_TEST_CASE(options_out_of_range_are_refused) {
  BOOST_CHECK_THROW(recon::check(recon::DefectOptions{0, 1e-3, {}}), core::ConfigError);
  BOOST_CHECK_THROW(recon::check(recon::DefectOptions{3, 0.0, {}}), core::ConfigError);
  BOOST_CHECK_THROW(recon::check(recon::DefectOptions{3, 1e-3, 5.0}), core::ConfigError);
}

BOOST_AUTO_TEST_SUITE_END()
