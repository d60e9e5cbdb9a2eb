// Table [images]: tilt schemes, the microscope, and mistakes in both.
#include "sim/core/error.hpp"
#include "sim/core/io/file.hpp"
#include "sim/core/io/mrc.hpp"
#include "sim/core/io/tilt_files.hpp"
#include "sim/core/orientation.hpp"
#include "sim/core/units.hpp"
#include "tests/support/message.hpp"
#include "tests/support/temporary_folder.hpp"
#include "validation/case/case.hpp"
#include "validation/synthesis/imaging.hpp"

#include <boost/test/unit_test.hpp>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>

BOOST_AUTO_TEST_SUITE(case_images)

using namespace aet;
using validation::ImagesCase;

namespace {

ImagesCase images_of(const std::string& toml) {
  core::Config config = core::Config::from_text("[images]\n" + toml, "case.toml");
  const core::ConfigSection section = config.root().section("images");
  const ImagesCase images = validation::read_images(section, 3);
  const auto noise = validation::read_noise(section.section("noise"), images.orientations.size(), 3);
  config.reject_unknown_keys();
  validation::validate(images, noise);
  return images.of_frame(0, noise);
}

std::string mistake(const std::string& toml) {
  return test::message_of<core::ConfigError>([&] { (void)images_of(toml); });
}

core::Atoms two_atoms() {
  core::Atoms atoms;
  atoms.positions = {{0.3, -0.2, 0.9}, {-1.9, 1.4, -1.1}};
  atoms.atomic_numbers = {78, 26};
  return atoms;
}

core::Mat3 matrix_of(const nlohmann::json& rows) {
  core::Mat3 r;
  for (std::size_t i = 0; i < 3; ++i) {
    for (std::size_t k = 0; k < 3; ++k)
      r(static_cast<Eigen::Index>(i), static_cast<Eigen::Index>(k)) = rows.at(i).at(k).get<double>();
  }
  return r;
}

} // namespace

BOOST_AUTO_TEST_CASE(tilt_schemes_by_name) {
  BOOST_TEST(images_of("tilt_scheme = \"zhou2019\"\n").tilts_deg.size() == 52U);
  BOOST_TEST(images_of("tilt_scheme = \"yang2017\"\ntilt_jitter_deg = 0.5\n").tilts_deg.back() == 64.0);
  BOOST_TEST(images_of("tilt_scheme = \"full_turn\"\ntilt_count = 8\n").tilts_deg.back() == 315.0);
  BOOST_TEST(images_of("tilt_first_deg = -10\ntilt_last_deg = 10\ntilt_step_deg = 2.5\n").tilts_deg.size() ==
             9U);
  BOOST_TEST(images_of("tilt_scheme = \"cosine\"\ntilt_count = 5\n").tilts_deg[2] == 0.0);
}

BOOST_AUTO_TEST_CASE(orientations_from_a_file) {
  const test::TemporaryFolder folder;
  const auto path = folder / "angles.txt";
  core::write_file(path, "# phi theta psi\n10 20 -5\n\n 0 90 3\n");
  const ImagesCase images = images_of("euler_file = \"" + path.string() + "\"\n");
  BOOST_REQUIRE(images.orientations.size() == 2U);
  BOOST_TEST(images.tilts_deg.empty());
  const double d = core::radian_per_degree;
  BOOST_TEST((images.orientations[0] - core::rotation_from_euler({10 * d, 20 * d, -5 * d})).norm() < 1e-12);
  const ImagesCase published =
      images_of("euler_file = \"" + path.string() + "\"\neuler_convention = \"published\"\n");
  BOOST_TEST((published.orientations[0] - images.orientations[0].transpose()).norm() < 1e-12);
  core::write_file(path, "10 20\n");
  const auto two = [&] { (void)images_of("euler_file = \"" + path.string() + "\"\n"); };
  BOOST_TEST(test::contains(test::message_of<core::DataError>(two), "angles.txt:1", "three Euler angles"));
}

BOOST_AUTO_TEST_CASE(mistakes_are_named) {
  using test::contains;
  BOOST_TEST(contains(mistake("tilts_deg = []\n"), "no tilts"));
  BOOST_TEST(contains(mistake("tilt_count = 5\ntilt_step_deg = 1\n"), "not both"));
  BOOST_TEST(contains(mistake("[images.noise]\ntotal_dose_e_per_a2 = 0\n"), "total_dose_e_per_a2 = 0"));
  BOOST_TEST(
      contains(mistake("[images.noise]\ndose_per_tilt_e_per_a2 = 1\ntotal_dose_e_per_a2 = 9\n"), "not both"));
  BOOST_TEST(
      contains(mistake("[images.microscope]\nangle_error_sd_deg = [0.5, 0.5]\n"), "holds 2 numbers, 3"));
  BOOST_TEST(contains(mistake("[images.microscope.scan]\nmatrix = [1, 1, 1, 1]\n"), "invertible"));
  BOOST_TEST(
      contains(mistake("[images.microscope.scan]\nmatrix = [1, 0, 0, 1]\nshear_deg = 1\n"), "not both"));
  BOOST_TEST(contains(mistake("[images.microscope]\nexposures_per_tilt = 20\n[images.microscope.drift]\n"
                              "speed_a_per_exposure = [5, 0]\n"),
                      "leaves the field"));
}

BOOST_AUTO_TEST_CASE(aberrations_in_either_notation) {
  using test::contains;
  const auto set = [](const std::string& toml) {
    return stem::aberrations_of(images_of(toml).series.stem.probe);
  };
  const std::string table = "[images.probe.aberrations]\n";
  const auto haider = set(table + "c1_nm = 2\na1_nm = [3, 20]\nb2_nm = [40, 50]\ns3_um = [0.5, -30]\n"
                                  "d4_um = [2, 100]\nr5_mm = [0.2, 10]\na5_mm = [0.3, 5]\nc3_um = -1\n");
  const auto krivanek =
      set(table + "c10_nm = 2\nc12_nm = [3, 20]\nc21_nm = [120, 50]\nc32_um = [2, -30]\n"
                  "c43_um = [10, 100]\nc54_mm = [1.2, 10]\nc56_mm = [0.3, 5]\nc30_um = -1\n");
  for (std::size_t k = 0; k < haider.size(); ++k)
    BOOST_TEST(std::abs(haider[k] - krivanek[k]) <= 1e-12 * std::abs(haider[k]));
  const auto parts = set(table + "c21_ab_nm = [77.13451316238471, 91.92533317427737]\n");
  constexpr std::size_t coma = stem::aberration_number("B2");
  BOOST_TEST(std::abs(parts[coma] - haider[coma]) < 1e-9);
  // 120 nm at 50 degree, in angstrom.
  BOOST_TEST(std::abs(haider[coma] - std::polar(1200.0, 50.0 * core::radian_per_degree)) < 1e-9);
  const auto older =
      set("[images.probe]\nc1_a = 20\nastigmatism_a = 30\nastigmatism_deg = 20\nc3_mm = -0.001\n");
  for (const std::size_t k :
       {stem::aberration_number("C1"), stem::aberration_number("A1"), stem::aberration_number("C3")})
    BOOST_TEST(std::abs(older[k] - haider[k]) <= 1e-12 * std::abs(haider[k]));

  BOOST_TEST(contains(mistake(table + "b3_nm = [1, 2]\n"), "unknown key", "b3_nm", "c23_nm", "s3_um"));
  BOOST_TEST(contains(mistake(table + "b2_nm = [1, 2]\nc21_nm = [3, 2]\n"), "either this or b2_nm"));
  BOOST_TEST(contains(mistake("[images.probe]\nc1_a = 0\n" + table + "c10_nm = 2\n"), "c1_a", "by both"));
  BOOST_TEST(contains(mistake("[images.probe]\nastigmatism_deg = 0\n" + table + "c12_ab_nm = [1, 2]\n"),
                      "astigmatism_deg", "by both"));
  BOOST_TEST(contains(mistake(table + "b2_nm = [1]\n"), "1 numbers, 2 are needed"));
  BOOST_TEST(contains(mistake(table + "b2_nm = [-1, 0]\n"), "0 or more"));
  BOOST_TEST(contains(mistake(table + "b2_nm = [1, 400]\n"), "-360 to 360"));
  BOOST_TEST(
      contains(mistake("method = \"kinematic\"\n" + table + "b2_nm = [1, 40]\n"), "axial coma", "round"));
  BOOST_TEST(
      contains(mistake("method = \"kinematic\"\n[images.microscope]\naberration_sd_deg = [0, 45, 0, 0, 0]\n"),
               "aberration_sd_deg", "round"));
}

BOOST_AUTO_TEST_CASE(segments_are_further_detectors) {
  using test::contains;
  const auto further =
      images_of("[images.detector]\nfurther_mrad = [0, 38]\nsegments_mrad = [0, 30, 38, 60]\nsegments = 3\n"
                "segments_rotation_deg = 15\n")
          .series.stem.further;
  BOOST_REQUIRE(further.ranges.size() == 7U);
  BOOST_TEST(further.ranges[0].segments == 1);
  BOOST_TEST(further.ranges[5].inner_mrad == 38.0);
  BOOST_TEST(further.ranges[5].segments == 3);
  BOOST_TEST(further.ranges[5].segment == 1);
  BOOST_TEST(further.ranges[5].rotation_deg == 15.0);
  BOOST_TEST(contains(mistake("[images.detector]\nsegments_mrad = [0, 30, 60]\n"), "3 angles"));
  BOOST_TEST(contains(mistake("[images.detector]\nsegments_mrad = [38, 190]\n"), "which side", "multislice"));
}

BOOST_AUTO_TEST_CASE(truth_is_written_beside_a_series_that_does_not_tell_it) {
  const test::TemporaryFolder folder;
  const ImagesCase given =
      images_of("pixels = 24\ntilts_deg = [-20, 30]\n[images.noise]\ntotal_dose_e_per_a2 = "
                "1e5\n[images.detector]\nsegments_mrad = [0, 30]\n[images.microscope]\n"
                "exposures_per_tilt = 3\nshift_sd_a = 0.3\naberration_sd_deg = [5, 10, 10, 10, "
                "5]\nangle_error_sd_deg = [0.5, 0.6, 0.7]\n"
                "[images.microscope.drift]\nspeed_sd_a_per_exposure = 0.1\n");
  const ImagesCase images = given.of_frame(1, given.noise);
  const auto moment =
      validation::image_atoms(two_atoms(), images, folder / "partial", validation::Ranks{}, {2}, {});
  const auto written = validation::write_imaged_moment(folder / "a.mrc", moment, images);
  for (const auto& path : written)
    BOOST_TEST(std::filesystem::exists(path), path.string());
  BOOST_TEST(written.size() == 14U);
  BOOST_TEST(std::filesystem::exists(folder / "a_0-30mrad_4of4.mrc"));
  // What reconstruction reads: nominal angles.
  const core::TiltSeries series = core::read_tilt_series(folder / "a.mrc");
  for (std::size_t t = 0; t < 2; ++t)
    BOOST_TEST((series.orientations[t] - images.orientations[t]).norm() < 1e-9);
  BOOST_TEST(core::read_file(folder / "a.json").find("truth") == std::string::npos);
  // Exposures under their tilt's nominal angle; their mean is the series.
  const core::TiltSeries exposures = core::read_tilt_series(folder / "a_exposures.mrc");
  BOOST_REQUIRE(exposures.size() == 6U);
  BOOST_TEST((exposures.orientations[5] - images.orientations[1]).norm() < 1e-9);
  double mean = 0.0;
  for (std::size_t f = 0; f < 3; ++f)
    mean += static_cast<double>(exposures.images[f].at(11, 12)) / 3.0;
  BOOST_TEST(static_cast<double>(series.images[0].at(11, 12)) == mean, boost::test_tools::tolerance(1e-5));
  // The truth: orientations that were used.
  const auto truth = nlohmann::json::parse(core::read_file(folder / "a_truth.json"));
  for (std::size_t t = 0; t < 2; ++t) {
    const core::Mat3 used = matrix_of(truth.at("tilts").at(t).at("orientation"));
    BOOST_TEST((used - moment.truth[t].orientation).norm() < 1e-12);
    BOOST_TEST(core::rotation_angle_between(used, images.orientations[t]) > 1e-4);
    BOOST_TEST(truth.at("tilts").at(t).at("exposures").size() == 3U);
  }
  const auto& coma = truth.at("aberrations").at("C21");
  const stem::Aberrations drawn = stem::draw_aberrations(images.microscope, images.series.stem.probe);
  BOOST_TEST(coma.at("residual_cos_sin_a").at(1).get<double>() ==
             drawn[stem::aberration_number("B2")].imag());
  BOOST_TEST(coma.at("cos_sin_a") == coma.at("residual_cos_sin_a"));
  BOOST_TEST((given.series.stem.probe.residual != images.series.stem.probe.residual)); // of another moment
  const auto clean = core::read_mrc_stack(folder / "a_clean.mrc");
  double chi2 = 0.0;
  for (std::size_t i = 0; i < clean.images[0].data.size(); ++i) {
    // Counts / gain are Poisson with the clean image's mean / gain, gain 1/3.
    const double expected = 3.0 * static_cast<double>(clean.images[0].data[i]);
    const double counted = 3.0 * static_cast<double>(series.images[0].data[i]);
    chi2 += (counted - expected) * (counted - expected) / std::max(expected, 1e-3);
  }
  BOOST_TEST(chi2 / 576.0 == 1.0,
             boost::test_tools::tolerance(0.4)); // sd of a reduced chi2 of 576: 0.06, more at low counts
  // A restart takes the tilts that are there: the same bytes.
  const auto again =
      validation::image_atoms(two_atoms(), images, folder / "partial", validation::Ranks{}, {1}, {});
  BOOST_TEST((again.acquisition.series.images[1].data == moment.acquisition.series.images[1].data));
}

BOOST_AUTO_TEST_CASE(an_image_is_the_mean_of_moments_of_a_trajectory) {
  const test::TemporaryFolder folder;
  const core::Atoms atoms = two_atoms();
  md::Vibrations vibrations;
  vibrations.displacements = {{{0.1, 0.0, 0.05}, {-0.1, 0.0, 0.02}},
                              {{0.0, 0.12, 0.0}, {0.0, -0.06, 0.0}},
                              {{-0.1, -0.12, -0.05}, {0.1, 0.06, -0.02}}};
  const auto sharp = [&](const ImagesCase& images, const char* name) {
    return validation::image_atoms(atoms, images, folder / name, validation::Ranks{}, {1}, {}, vibrations)
        .acquisition.expected.front();
  };
  // The slow twin: every moment by itself, without the pipeline.
  const auto twin = [&](const ImagesCase& images, const std::vector<double>& signs) {
    stem::StemOptions still = images.series.stem;
    still.phonons = {.u_rms_a = 0.0};
    std::vector<double> mean(24 * 24, 0.0);
    for (const double sign : signs) {
      for (std::size_t k = 0; k < 3; ++k) {
        const auto image = stem::simulate_image(
            {md::displaced(atoms, vibrations, k, sign), images.orientations[0], images.series.scan}, still,
            {1});
        const auto seen = stem::gaussian_blur(image, images.series.source_sd_a / images.series.scan.pixel_a);
        for (std::size_t i = 0; i < mean.size(); ++i)
          mean[i] += static_cast<double>(seen.data[i]) / (3.0 * static_cast<double>(signs.size()));
      }
    }
    return mean;
  };
  const std::string common = "pixels = 24\ntilts_deg = [-20]\n";
  const std::string dose = "[images.noise]\ntotal_dose_e_per_a2 = 1e5\n";
  for (const bool pairs : {false, true}) {
    const ImagesCase images = images_of(common +
                                        (pairs ? "phonons = \"trajectory_pairs\"\nphonon_configurations = 6\n"
                                               : "phonons = \"trajectory\"\nphonon_configurations = 3\n") +
                                        dose);
    BOOST_TEST(validation::snapshots_needed(images) == 3);
    const auto image = sharp(images, pairs ? "pairs" : "singles");
    const auto wanted = twin(images, pairs ? std::vector<double>{1.0, -1.0} : std::vector<double>{1.0});
    const double peak = *std::max_element(wanted.begin(), wanted.end());
    const std::size_t at =
        static_cast<std::size_t>(std::max_element(wanted.begin(), wanted.end()) - wanted.begin());
    const double counts = static_cast<double>(image.data[at]) / peak; // of the whole beam in a pixel
    for (std::size_t i = 0; i < wanted.size(); ++i)
      BOOST_TEST(std::abs(static_cast<double>(image.data[i]) / counts - wanted[i]) < 1e-5 * peak);
  }
  // With fewer than there are, another image; the same one again for the same key.
  const ImagesCase one = images_of(common + "phonons = \"trajectory\"\n" + dose);
  BOOST_TEST((sharp(one, "a").data == sharp(one, "b").data));
  // Without moments nothing is imaged.
  BOOST_TEST(test::contains(test::message_of<core::ConfigError>([&] {
                              (void)validation::image_atoms(atoms, one, folder / "c", validation::Ranks{},
                                                            {1}, {});
                            }),
                            "phonon_trajectory"));
}

BOOST_AUTO_TEST_CASE(images_are_averaged_over_the_motion_unless_told_otherwise) {
  using test::contains;
  const auto sampling = [](const std::string& toml) { return images_of(toml).series.stem.phonons.sampling; };
  BOOST_TEST((sampling("pixels = 32\n") == stem::PhononSampling::average));
  BOOST_TEST((sampling("method = \"multislice\"\n") == stem::PhononSampling::average)); // as pairs
  BOOST_TEST((sampling("[images.detector]\nfurther_mrad = [0, 30]\n") == stem::PhononSampling::pairs));
  BOOST_TEST((sampling("phonons = \"snapshots\"\n") == stem::PhononSampling::independent));
  BOOST_TEST(
      contains(mistake("phonon_configurations = 4\n"), "phonon_configurations", "no moments are drawn"));
  BOOST_TEST(contains(mistake("phonons = \"pairs\"\nphonon_configurations = 3\n"), "must be even"));
  BOOST_TEST(
      images_of("method = \"multislice\"\nphonon_configurations = 4\n").series.stem.phonons.configurations ==
      4);
}

BOOST_AUTO_TEST_CASE(mistakes_about_trajectories_are_named_before_work_starts) {
  using test::contains;
  BOOST_TEST(contains(mistake("phonons = \"trajectory\"\nmethod = \"kinematic\"\n"), "kinematic", "average"));
  BOOST_TEST(contains(mistake("phonons = \"trajectory\"\nphonon_trajectory = \"a.cif\"\n"),
                      "phonon_trajectory", "XYZ"));
  const test::TemporaryFolder folder;
  core::write_file(folder / "sites.xyz", "2\n\nPt 0 0 0\nPt 2.7 0 0\n");
  core::write_file(folder / "moments.xyz",
                   "2\n\nPt 0 0 .1\nPt 2.7 0 0\n2\n\nPt 0 .1 0\nPt 2.8 0 0\n2\n\nPt 0 0 0\nPt 2.7 .1 0\n");
  const auto complaint = [&](const std::string& truth, const std::string& images) {
    return test::message_of<core::ConfigError>(
        [&] { (void)validation::read_case_text("[truth]\n" + truth + "[images]\n" + images, "case.toml"); });
  };
  const std::string file = "source = \"file\"\nfiles = \"" + (folder / "sites.xyz").string() + "\"\n";
  const std::string moments = "phonon_trajectory = \"" + (folder / "moments.xyz").string() + "\"\n";
  BOOST_TEST(contains(complaint(file, "phonons = \"trajectory\"\n"), "not made by molecular dynamics"));
  BOOST_TEST(contains(complaint(file, "phonons = \"trajectory\"\nphonon_configurations = 4\n" + moments),
                      "needs 4 moments", "moments.xyz", "holds 3"));
  BOOST_TEST(
      contains(complaint(file, "phonons = \"trajectory_pairs\"\nphonon_configurations = 8\n" + moments),
               "needs 4 moments", "holds 3"));
  BOOST_TEST(
      contains(complaint("moments = [0.5]\n", "phonons = \"trajectory\"\nphonon_configurations = 11\n"),
               "needs 11 moments", "holds 10", "frames_averaged = 11"));
  BOOST_TEST(
      contains(complaint("moments = [0.5]\n", "phonons = \"trajectory\"\nu_rms_a = 0.1\n"), "u_rms_a"));
  const auto good = validation::read_case_text(
      "[truth]\n" + file + "[images]\nphonons = \"trajectory_pairs\"\nphonon_configurations = 6\n" + moments,
      "case.toml");
  BOOST_TEST(good.images->phonon_trajectory->files.size() == 1U);
  BOOST_TEST(good.images.files.size() == 1U);
}

BOOST_AUTO_TEST_SUITE_END()
