#include "recon/refine/refine.hpp"
#include "recon/scene/linear_model.hpp"
#include "sim/core/error.hpp"
#include "tests/support/message.hpp"
#include "tests/unit/recon_refine/cluster.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cmath>

BOOST_AUTO_TEST_SUITE(refine)

using namespace aet;
using test::Cluster;

namespace {

constexpr core::Threads one{1};

} // namespace

BOOST_FIXTURE_TEST_CASE(displaced_missing_and_spurious_atoms_end_at_the_limit, Cluster) {
  start.erase(start.begin()); // at the surface, far from the others
  start.emplace_back(1.4, 1.4, 1.4);
  start.push_back(start[3] + core::Vec3(0.5, 0.3, 0.0));
  const recon::RefineResult r = recon::refine(series, start, std::vector<int>(start.size(), 0), {}, one);
  BOOST_TEST(r.converged);
  BOOST_TEST(r.scene.size() == truth.size());
  BOOST_TEST(r.added >= 1U);
  BOOST_TEST(r.dropped + r.merged >= 2U);
  BOOST_TEST(r.noise_source == "Poisson, from whole numbers");
  BOOST_TEST(r.dispersion < 1.1);
  BOOST_TEST(rmsd(r.scene.positions) < 0.06);
  BOOST_TEST(rmsd(r.scene.positions) < 0.3 * rmsd(start));
  BOOST_TEST(r.misfit.r1.size() == series.size());
}

BOOST_FIXTURE_TEST_CASE(faint_atoms_are_told_from_the_noise_that_was_traced_with_them, Cluster) {
  // Atoms of two species, the faint one with a sixth of the signal and ten noise peaks to an atom of it: its
  // mean profile is then far too weak, neither atoms nor noise stand out by it, and the noise never settles.
  truth.profiles = {{{{1.25, 0.45}}}, {{{7.5, 0.45}}}};
  for (std::size_t a = 0; a < truth.size(); ++a)
    truth.species[a] = a % 2 == 0 ? 0 : 1;
  series = test::series_of(truth, 0.3, 72, 7);
  std::vector<int> species = truth.species;
  const recon::PixelLikelihood poisson{{1.0, 0.0, 0.0}};
  // Peaks of the noise are what a profile far too weak takes for atoms.
  recon::Scene weak = truth;
  weak.profiles.push_back({{{0.2, 0.45}}});
  recon::MissingAtomOptions peaks;
  peaks.least_evidence = 0.0;
  peaks.exclusion_a = 1.0;
  const auto noise =
      recon::missing_atoms(weak, series, recon::LinearModel(weak, {series, poisson}, {}, one), peaks, one);
  for (const recon::MissingAtom& peak : noise) {
    if (start.size() == 6 * truth.size()) break;
    if (peak.species != 2 || !(peak.occupancy > 0.0)) continue;
    start.push_back(peak.position);
    species.push_back(0);
  }
  BOOST_REQUIRE(start.size() == 6 * truth.size());
  const recon::RefineResult r = recon::refine(series, start, species, {}, one);
  BOOST_TEST(r.converged);
  // The least evidence of a faint atom is 37 here, above the threshold of 30: hardly one may be missed.
  BOOST_TEST(r.scene.size() <= truth.size());
  BOOST_TEST(r.scene.size() + 1 >= truth.size());
  std::size_t wrong = 0;
  for (std::size_t a = 0; a < r.scene.size(); ++a) {
    std::size_t nearest = 0;
    for (std::size_t b = 1; b < truth.size(); ++b) {
      if ((r.scene.positions[a] - truth.positions[b]).norm() <
          (r.scene.positions[a] - truth.positions[nearest]).norm())
        nearest = b;
    }
    const double away = (r.scene.positions[a] - truth.positions[nearest]).norm();
    if (away > 0.8 || r.scene.species[a] != truth.species[nearest]) ++wrong;
  }
  BOOST_TEST(wrong == 0U);
  BOOST_TEST(r.scene.profiles[0].terms[0].weight == 1.25, boost::test_tools::tolerance(0.3));
}

BOOST_FIXTURE_TEST_CASE(a_species_that_has_no_atoms_loses_those_it_was_given, Cluster) {
  // What then is fitted for the species (profile, scatter, weights of pixels) has no data; the rest must not
  // suffer, and the images of the empty species stay empty.
  std::vector<int> species(start.size(), 1);
  for (const std::size_t a : {std::size_t{3}, std::size_t{12}, std::size_t{20}}) {
    start.push_back(truth.positions[a] + core::Vec3(0.9, 0.3, 0.0)); // in another atom's light
    species.push_back(0);
  }
  const recon::RefineResult r = recon::refine(series, start, species, {}, one);
  BOOST_TEST(r.converged);
  BOOST_TEST(r.scene.size() == truth.size());
  BOOST_TEST(std::count(r.scene.species.begin(), r.scene.species.end(), 0) == 0);
  BOOST_TEST(rmsd(r.scene.positions) < 0.06);
  for (const double value : r.scatter.displacement2)
    BOOST_TEST(std::isfinite(value));
  for (const double value : r.scatter.strength2)
    BOOST_TEST(std::isfinite(value));
  for (const recon::PixelBuffer& image : recon::model_images(r.scene, series, one)) {
    for (const double value : image.data)
      BOOST_REQUIRE(std::isfinite(value));
  }
}

BOOST_FIXTURE_TEST_CASE(poses_are_refined_with_the_atoms, Cluster) {
  core::RandomStream stream(3, "test");
  for (recon::GaussianTerm& term : truth.profiles[0].terms)
    term.weight *= 20.0; // a dose at which the angles matter more than the noise
  core::TiltSeries logged =
      test::series_of(truth, 0.3, 52, 7); // what the stage says differs from what it did by half a degree
  for (core::Mat3& r : logged.orientations)
    r = core::rotation_from_euler(
            {0.009 * stream.normal(), 0.009 * stream.normal(), 0.009 * stream.normal()}) *
        r;
  recon::RefineOptions options;
  const double fixed =
      rmsd(recon::refine(logged, start, std::vector<int>(start.size(), 0), options, one).scene.positions);
  options.free.angles = options.free.shift = true;
  recon::Scene joint = recon::refine(logged, start, std::vector<int>(start.size(), 0), options, one).scene;
  recon::fix_gauge(joint, series); // what a common turn does to positions is no error
  double before = 0.0;
  double after = 0.0;
  for (std::size_t t = 0; t < series.size(); ++t) {
    before += std::pow(core::rotation_angle_between(logged.orientations[t], series.orientations[t]), 2);
    after +=
        std::pow(core::rotation_angle_between(joint.tilts[t].pose.orientation, series.orientations[t]), 2);
  }
  BOOST_TEST_MESSAGE("rmsd " << fixed << " to " << rmsd(joint.positions) << ", angles by "
                             << std::sqrt(after / before));
  BOOST_TEST(after < 0.25 * before);
  BOOST_TEST(rmsd(joint.positions) < 0.8 * fixed);
}

BOOST_FIXTURE_TEST_CASE(masked_pixels_count_for_nothing, Cluster) {
  core::TiltSeries masked = series;
  masked.microscope.gain = 1.0;
  masked.masked.resize(series.size());
  core::RandomStream stream(5, "test hot");
  for (std::size_t t = 0; t < series.size(); ++t) {
    for (std::uint32_t pixel = 0; pixel < series.images[t].data.size(); ++pixel) {
      if (stream.uniform() < 0.002) masked.masked[t].push_back(pixel);
    }
  }
  core::TiltSeries hot = masked;
  for (std::size_t t = 0; t < series.size(); ++t) {
    for (const std::uint32_t pixel : hot.masked[t])
      hot.images[t].data[pixel] += 2000.0F;
  }
  const std::vector<int> species(start.size(), 0);
  const recon::RefineResult clean = recon::refine(masked, start, species, {}, one);
  const recon::RefineResult spoilt = recon::refine(hot, start, species, {}, one);
  BOOST_TEST_REQUIRE(spoilt.scene.size() == clean.scene.size());
  // Steps end when atoms move by less than 1e-4 A.
  for (std::size_t a = 0; a < clean.scene.size(); ++a)
    BOOST_TEST((spoilt.scene.positions[a] - clean.scene.positions[a]).norm() < 1e-3);
  BOOST_TEST(spoilt.misfit.pixels == clean.misfit.pixels);
  BOOST_TEST(spoilt.misfit.pixels < 21.0 * 52.0 * 52.0);
  BOOST_TEST(spoilt.misfit.chi2 == clean.misfit.chi2, boost::test_tools::tolerance(1e-3));
  BOOST_TEST(!recon::misfit_warning(spoilt.misfit).has_value());
  hot.masked.clear();
  recon::RefineOptions fixed;
  fixed.add = fixed.drop = fixed.scatter = false;
  const recon::RefineResult unmasked =
      recon::refine(hot, clean.scene.positions, clean.scene.species, fixed, one);
  BOOST_TEST(recon::misfit_warning(unmasked.misfit).has_value());
}

BOOST_FIXTURE_TEST_CASE(the_mean_of_exposures_has_the_noise_of_its_number, Cluster) {
  // Counts over n, said to be the mean of n exposures of gain 1, are the counts again.
  core::TiltSeries counts = series;
  counts.microscope.gain = 1.0;
  core::TiltSeries means = counts;
  means.exposures.assign(series.size(), 2);
  means.exposures[3] = 4;
  for (std::size_t t = 0; t < series.size(); ++t) {
    for (float& v : means.images[t].data)
      v /= static_cast<float>(means.exposures[t]);
  }
  const recon::SeriesLikelihood one_each = recon::likelihood_of(counts, {1.0, 0.0, 0.0});
  const recon::SeriesLikelihood of_means = recon::likelihood_of(means, {1.0, 0.0, 0.0});
  for (const std::size_t t : {std::size_t{0}, std::size_t{3}}) {
    const double n = means.exposures[t];
    BOOST_TEST(of_means.tilt(t).loss(7, 10.0 / n) == one_each.tilt(t).loss(7, 10.0),
               boost::test_tools::tolerance(1e-12));
    BOOST_TEST(of_means.tilt(t).weight(7, 10.0 / n) == n * n * one_each.tilt(t).weight(7, 10.0),
               boost::test_tools::tolerance(1e-12));
  }
}

BOOST_FIXTURE_TEST_CASE(refinement_starts_from_the_poses_of_the_series, Cluster) {
  for (std::size_t t = 0; t < truth.tilts.size(); ++t)
    truth.tilts[t].pose.shift =
        Eigen::Vector2d(1.5 * std::sin(3.0 * static_cast<double>(t)), t % 2 == 0 ? 1.2 : -1.2);
  core::TiltSeries moved = test::series_of(truth, 0.3, 72, 7);
  for (const recon::TiltState& tilt : truth.tilts)
    moved.shifts.push_back(tilt.pose.shift);
  recon::RefineOptions options;
  options.free.shift = true;
  const recon::RefineResult r = recon::refine(moved, start, std::vector<int>(start.size(), 0), options, one);
  BOOST_TEST(r.converged);
  BOOST_TEST(r.scene.size() == truth.size());
  BOOST_TEST(rmsd(r.scene.positions) < 0.06);
  const core::TiltSeries refined = recon::with_poses(moved, r.scene);
  BOOST_TEST((refined.poses == core::PoseSource::refined));
  for (std::size_t t = 0; t < truth.tilts.size(); ++t)
    BOOST_TEST((refined.shifts[t] - truth.tilts[t].pose.shift).norm() < 0.05); // some 40 atoms of 6 pm each
}

BOOST_FIXTURE_TEST_CASE(fixing_the_gauge_leaves_the_images, Cluster) {
  recon::Scene scene = truth;
  const core::Mat3 turn = core::rotation_from_euler({0.03, -0.02, 0.05});
  const core::Vec3 move(0.3, -0.2, 0.4);
  for (core::Vec3& p : scene.positions)
    p = turn * p + move;
  for (recon::TiltState& t : scene.tilts) {
    t.pose.orientation = t.pose.orientation * turn.transpose();
    t.pose.shift = -(t.pose.orientation * move).head<2>();
  }
  recon::fix_gauge(scene, series);
  for (std::size_t a = 0; a < truth.size(); ++a)
    BOOST_TEST((scene.positions[a] - truth.positions[a]).norm() < 1e-9);
  for (std::size_t t = 0; t < scene.tilts.size(); ++t) {
    BOOST_TEST(scene.tilts[t].pose.shift.norm() < 1e-9);
    BOOST_TEST((scene.tilts[t].pose.orientation - truth.tilts[t].pose.orientation).norm() < 1e-9);
  }
}

BOOST_FIXTURE_TEST_CASE(a_refinement_cut_short_says_so, Cluster) {
  recon::RefineOptions options;
  options.max_iterations = 2;
  const recon::RefineResult r = recon::refine(series, start, std::vector<int>(start.size(), 0), options, one);
  BOOST_TEST(!r.converged);
  BOOST_REQUIRE(!r.notes.empty());
  BOOST_TEST(test::contains(r.notes.front(), "had not converged after 2"));
}

BOOST_FIXTURE_TEST_CASE(the_result_does_not_depend_on_threads, Cluster) {
  recon::RefineOptions options;
  options.max_iterations = 4;
  const std::vector<int> species(start.size(), 0);
  const auto a = recon::refine(series, start, species, options, one);
  const auto b = recon::refine(series, start, species, options, core::Threads{3});
  BOOST_REQUIRE(a.scene.size() == b.scene.size());
  for (std::size_t i = 0; i < a.scene.size(); ++i)
    BOOST_TEST((a.scene.positions[i] - b.scene.positions[i]).norm() == 0.0);
}

BOOST_FIXTURE_TEST_CASE(a_stopped_refinement_keeps_what_it_has_reached, Cluster) {
  const auto stopped = [&](bool keep) {
    recon::RefineOptions options;
    options.keep_when_stopped = keep;
    int steps = 0;
    return recon::refine(series, start, std::vector<int>(start.size(), 0), options, one,
                         [&](const core::Progress&) {
                           if (++steps == 3) throw core::Interrupted("enough");
                         });
  };
  const recon::RefineResult r = stopped(true);
  BOOST_TEST(r.stopped);
  BOOST_TEST(!r.converged);
  BOOST_TEST(r.history.size() == 3U);
  BOOST_TEST(rmsd(r.scene.positions) < rmsd(start));
  BOOST_TEST(r.evidence.size() == r.scene.size());
  BOOST_CHECK_THROW((void)stopped(false), core::Interrupted);
}

BOOST_FIXTURE_TEST_CASE(what_cannot_be_refined_is_refused_in_words, Cluster) {
  const auto message = [&](const core::TiltSeries& s, const std::vector<core::Vec3>& p,
                           const recon::RefineOptions& o) {
    return test::message_of<core::Error>(
        [&] { (void)recon::refine(s, p, std::vector<int>(p.size(), 0), o, one); });
  };
  BOOST_TEST(test::contains(message(series, {}, {}), "no atoms"));
  core::TiltSeries two = series;
  two.images.resize(2);
  two.orientations.resize(2);
  BOOST_TEST(test::contains(message(two, start, {}), "at least 3 tilts"));
  core::TiltSeries bare = series;
  bare.pixel_size = 0.0;
  BOOST_TEST(test::contains(message(bare, start, {}), "pixel size"));
  core::TiltSeries other = series; // of another specimen: flat images, with noise that is on record
  other.microscope.gain = 1.0;
  for (core::Image& image : other.images)
    std::fill(image.data.begin(), image.data.end(), 3.0F);
  BOOST_TEST(test::contains(message(other, start, {}), "no information on atoms", "one constant"));
  recon::RefineOptions options;
  options.threshold = -1.0;
  BOOST_TEST(test::contains(message(series, start, options), "threshold", "-1"));
  options = {};
  options.max_iterations = 0;
  BOOST_TEST(test::contains(message(series, start, options), "max_iterations"));
}

BOOST_AUTO_TEST_SUITE_END()
