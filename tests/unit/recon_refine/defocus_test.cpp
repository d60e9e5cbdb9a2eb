#include "recon/refine/defocus.hpp"
#include "recon/refine/refine.hpp"
#include "sim/core/error.hpp"
#include "tests/support/message.hpp"
#include "tests/unit/recon_scene/synthetic.hpp"

#include <boost/test/unit_test.hpp>

#include <cmath>

BOOST_AUTO_TEST_SUITE(defocus)

using namespace aet;

namespace {

constexpr core::Threads one{1};
const recon::PixelLikelihood poisson(recon::NoiseModel{1.0, 0.0, 0.0});

/// A cluster seen by a 60 mrad probe, every image out of focus by up to 25 A: atoms blur by up to their own
/// width.
struct Defocused {
  recon::Scene truth;
  core::TiltSeries series;

  Defocused() {
    truth.positions = test::cluster(9.0, 3.0, 6);
    truth.species.assign(truth.size(), 0);
    truth.profiles = {{{{60.0, 0.45}}}};
    truth.tilts = test::tilts_over(15, 150.0, 3.0);
    core::RandomStream stream(3, "test defocus");
    double mean = 0.0;
    for (recon::TiltState& t : truth.tilts)
      mean += (t.defocus = 50.0 * (stream.uniform() - 0.5)) / 15.0;
    for (recon::TiltState& t : truth.tilts)
      t.defocus -= mean;
    truth.depth.spread = 0.25 * 0.06 * 0.06;
    for (std::size_t t = 0; t < truth.tilts.size(); ++t) { // each image with its own focus
      recon::Scene alone = truth;
      alone.tilts = {truth.tilts[t]};
      alone.depth.focus = truth.tilts[t].defocus;
      const core::TiltSeries image = test::series_of(alone, 0.3, 76, 20 + t);
      if (t == 0) series = image;
      if (t > 0) {
        series.images.push_back(image.images.front());
        series.orientations.push_back(image.orientations.front());
      }
    }
    series.microscope.convergence_mrad = 60.0;
  }
};

double rmsd(const recon::Scene& scene, const recon::Scene& truth) {
  double sum = 0.0;
  for (std::size_t a = 0; a < truth.size(); ++a)
    sum += (scene.positions[a] - truth.positions[a]).squaredNorm();
  return std::sqrt(sum / static_cast<double>(truth.size()));
}

} // namespace

BOOST_FIXTURE_TEST_CASE(the_defocus_of_each_tilt_is_found, Defocused) {
  recon::Scene scene = truth;
  for (recon::TiltState& t : scene.tilts)
    t.defocus = 0.0;
  (void)recon::fit_defocus(scene, {series, poisson}, 60.0, one);
  double mean = 0.0;
  for (std::size_t t = 0; t < scene.tilts.size(); ++t) {
    const double total = scene.depth.focus + scene.tilts[t].defocus;
    mean += scene.tilts[t].defocus;
    // Near focus the blur hardly depends on it: an angstrom for the others, three there.
    BOOST_TEST(std::abs(total - truth.tilts[t].defocus) <
               (std::abs(truth.tilts[t].defocus) > 5.0 ? 1.0 : 3.0));
  }
  BOOST_TEST(std::abs(mean) < 1e-9);
}

BOOST_FIXTURE_TEST_CASE(refinement_with_defocus_is_more_exact, Defocused) {
  recon::RefineOptions options;
  options.add = options.drop = options.flip = false;
  const recon::RefineResult without = recon::refine(series, truth.positions, truth.species, options, one);
  options.defocus = true;
  options.defocus_range_a = 60.0;
  const recon::RefineResult with = recon::refine(series, truth.positions, truth.species, options, one);
  BOOST_TEST(with.converged);
  BOOST_TEST(with.misfit.chi2 / with.misfit.pixels < 1.02); // noise alone is left
  BOOST_TEST(without.misfit.chi2 / without.misfit.pixels > 1.05);
  BOOST_TEST(rmsd(with.scene, truth) < 0.95 * rmsd(without.scene, truth));
}

BOOST_FIXTURE_TEST_CASE(defocus_without_a_convergence_angle_is_refused, Defocused) {
  series.microscope.convergence_mrad.reset();
  recon::RefineOptions options;
  options.defocus = true;
  const std::string message = test::message_of<core::DataError>(
      [&] { (void)recon::refine(series, truth.positions, truth.species, options, one); });
  BOOST_TEST(test::contains(message, "convergence", "defocus"));
}

BOOST_AUTO_TEST_SUITE_END()
