#include "sim/core/error.hpp"
#include "sim/core/io/file.hpp"
#include "tests/support/message.hpp"
#include "tests/support/temporary_folder.hpp"
#include "validation/case/case.hpp"
#include "validation/stages/stage.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cmath>

BOOST_AUTO_TEST_SUITE(cases)

using namespace aet;
using validation::Case;
using validation::read_case;

namespace {

Case case_of(const std::string& toml) {
  const test::TemporaryFolder folder;
  core::write_file(folder / "case.toml", toml);
  return read_case(folder / "case.toml");
}

} // namespace

BOOST_AUTO_TEST_CASE(an_empty_case_is_complete_and_its_resolved_form_reads_the_same) {
  const Case first = case_of("");
  BOOST_TEST(first.images->tilts_deg.size() >= 3U);
  const Case again = case_of(first.resolved_toml);
  BOOST_TEST(again.resolved_toml == first.resolved_toml);
  BOOST_TEST(again.noise->dose_e_per_a2 == first.noise->dose_e_per_a2);
}

BOOST_AUTO_TEST_CASE(a_refine_table_adds_the_stage) {
  const auto has_stage = [](const Case& c) {
    const auto stages = validation::stages_of(c);
    return std::any_of(stages.begin(), stages.end(), [](const auto& s) { return s.name == "refine"; });
  };
  const Case plain = case_of("");
  BOOST_TEST(!*plain.atoms_refined);
  BOOST_TEST(!has_stage(plain));
  BOOST_TEST(validation::result_atoms("t000", *plain.atoms_refined) == "model/t000.xyz");
  BOOST_TEST(!*case_of(plain.resolved_toml).atoms_refined);
  const Case refined = case_of("[refine]\nangles = true\nthreshold = 20\n");
  BOOST_REQUIRE(refined.refine->has_value());
  BOOST_TEST(refined.refine.value->refine.free.angles);
  BOOST_TEST(refined.refine.value->refine.threshold == 20.0);
  BOOST_TEST(has_stage(refined));
  BOOST_TEST(validation::result_atoms("t000", *refined.atoms_refined) == "refined/t000.xyz");
  // Poses that the volume needed refined are refined with the atoms too, unless the case says otherwise.
  const auto free = [](const std::string& text) { return case_of(text).refine.value->refine.free; };
  BOOST_TEST(!free("[refine]\n").angles);
  BOOST_TEST(free("[refine]\n[align]\nrefine = \"all\"\n").angles);
  BOOST_TEST(free("[refine]\n[align]\nrefine = \"all\"\n").shift);
  BOOST_TEST(!free("[refine]\n[align]\nrefine = \"shifts\"\n").angles);
  BOOST_TEST(free("[refine]\n[align]\nrefine = \"shifts\"\n").shift);
  BOOST_TEST(!free("[refine]\nangles = false\n[align]\nrefine = \"all\"\n").angles);
  BOOST_TEST(!*case_of("[refine]\nenabled = false\n").atoms_refined);
}

BOOST_AUTO_TEST_CASE(the_dose_is_shared_among_the_tilts) {
  const Case c =
      case_of("[images]\ntilts_deg = [-10, 0, 10, 20]\n[images.noise]\ntotal_dose_e_per_a2 = 8000\n");
  BOOST_TEST(c.noise->dose_e_per_a2 == 2000.0);
  BOOST_TEST(c.images->of_frame(2).series.frame == 2U);
  BOOST_TEST(c.images->of_frame(2).noise.frame == 2U);
  BOOST_TEST(c.images->of_frame(0).series.orientations.size() == 4U);
}

BOOST_AUTO_TEST_CASE(a_tilt_range_includes_both_ends) {
  const Case c = case_of("[images]\ntilt_first_deg = -60\ntilt_last_deg = 60\ntilt_count = 5\n");
  BOOST_TEST((c.images->tilts_deg == std::vector<double>{-60, -30, 0, 30, 60}));
}

BOOST_AUTO_TEST_CASE(mistakes_are_named) {
  using test::contains;
  const auto message = [](const char* toml) {
    return test::message_of<core::ConfigError>([&] { (void)case_of(toml); });
  };
  BOOST_TEST(contains(message("[images]\npixels = 63\n"), "case.toml:2", "even"));
  BOOST_TEST(
      contains(message("[images]\ntilts_deg = [0, 1, 2]\ntilt_count = 3\n"), "case.toml:2", "not both"));
  BOOST_TEST(contains(message("[images]\ntilt_first_deg = 10\ntilt_last_deg = 5\n"), "case.toml:3", "above"));
  BOOST_TEST(contains(message("[truth]\nelement = \"Pt; shell rm\"\n"), "case.toml:2", "element"));
  BOOST_TEST(contains(message("[checks]\nrecal_min = 0.9\n"), "did you mean 'recall_min'"));
  BOOST_TEST(contains(message("[images.detector]\ninner_mrad = 200\n"), "[images]", "outer"));
}

BOOST_AUTO_TEST_CASE(what_is_done_to_images_and_poses_is_asked_for) {
  const Case plain = case_of("");
  BOOST_TEST(!plain.align->refine.has_value());
  BOOST_TEST((plain.reconstruct->denoise.way == recon::Denoising::none));
  BOOST_TEST(plain.reconstruct->compared.empty());
  BOOST_TEST(validation::recovered_series("t000", *plain.every_exposure) == "tilts/t000.mrc");
  const Case all = case_of("[images.microscope]\nexposures_per_tilt = 3\n"
                           "[reconstruct]\nalgorithm = \"least_squares\"\ndenoise = \"bm3d\"\n"
                           "compare = \"genfire wbp\"\n[align]\nrefine = \"all\"\n"
                           "[prepare.exposures]\nscan_matrix = [1.01, 0, 0.02, 1]\n");
  BOOST_TEST(all.align->refine.value().turns);
  BOOST_TEST((all.reconstruct->denoise.way == recon::Denoising::bm3d));
  BOOST_TEST(all.prepare->registration.scan_matrix(1, 0) == 0.02);
  BOOST_TEST((all.reconstruct->compared ==
              std::vector<recon::Algorithm>{recon::Algorithm::genfire, recon::Algorithm::wbp}));
  BOOST_TEST(validation::recovered_series("t000", *all.every_exposure) == "tilts/t000_exposures.mrc");
  BOOST_TEST(case_of(all.resolved_toml).resolved_toml == all.resolved_toml);
  const auto message = [](const char* toml) {
    return test::message_of<core::ConfigError>([&] { (void)case_of(toml); });
  };
  BOOST_TEST(test::contains(message("[reconstruct]\ncompare = \"sirt\"\n"), "case.toml:2", "'sirt'"));
  BOOST_TEST(test::contains(message("[reconstruct]\ncompare = \"least_squares\"\n"), "is used anyway"));
  BOOST_TEST(test::contains(message("[align]\nrefine = \"al\"\n"), "did you mean 'all'"));
  BOOST_TEST(test::contains(message("[prepare.exposures]\nscan_matrix = [1, 1, 1, 1]\n"), "inverted"));
}

BOOST_AUTO_TEST_CASE(windows_binning_and_the_tilt_axis_are_asked_for) {
  const Case plain = case_of("");
  BOOST_TEST((!plain.prepare->crop && plain.prepare->bin == 1 && plain.prepare->pad == 0));
  BOOST_TEST(
      (!plain.prepare->axis.angle_deg && !plain.prepare->axis.position_px && !plain.prepare->axis.find));
  const Case all = case_of("[prepare]\ncrop = [10, 20, 300, 200]\nbin = 2\npad = 256\n"
                           "tilt_axis = \"automatic\"\ntilt_axis_deg = -85.5\ntilt_axis_px = [512.5, 500]\n");
  BOOST_TEST((all.prepare->crop->corner.value() == Eigen::Vector2i(10, 20)));
  BOOST_TEST((all.prepare->crop->width == 300 && all.prepare->crop->height == 200));
  BOOST_TEST((all.prepare->bin == 2 && all.prepare->pad == 256 && all.prepare->axis.find));
  BOOST_TEST(all.prepare->axis.angle_deg.value() == -85.5);
  BOOST_TEST((all.prepare->axis.position_px.value() == core::Vec2(512.5, 500.0)));
  BOOST_TEST(case_of(all.resolved_toml).resolved_toml == all.resolved_toml);
  BOOST_TEST(!case_of("[prepare]\ncrop = [300, 200]\n").prepare->crop->corner.has_value());
  const auto message = [](const std::string& keys) {
    return test::message_of<core::ConfigError>([&] { (void)case_of("[prepare]\n" + keys); });
  };
  BOOST_TEST(test::contains(message("crop = [10, 20, 300]\n"), "case.toml:2", "four numbers"));
  BOOST_TEST(test::contains(message("crop = [10.5, 20]\n"), "10.5 is no whole number"));
  BOOST_TEST(test::contains(message("crop = [-1, 0, 64, 64]\n"), "case.toml:2", "-1"));
  BOOST_TEST(test::contains(message("bin = 0\n"), "bin = 0", "1 to 64"));
  BOOST_TEST(test::contains(message("tilt_axis_deg = nan\n"), "tilt_axis_deg", "-180 to 180"));
  BOOST_TEST(test::contains(message("tilt_axis_px = [3]\n"), "two numbers"));
  BOOST_TEST(test::contains(message("tilt_axis = \"auto\"\n"), "automatic"));
}

BOOST_AUTO_TEST_CASE(settings_under_old_names_are_read) {
  const Case old = case_of("[images.microscope]\nframes_per_tilt = 3\nkeep_frames = false\n"
                           "[images.microscope.drift]\nspeed_a_per_frame = [0.1, 0]\n"
                           "speed_sd_a_per_frame = 0.05\n"
                           "[reconstruct]\naverage_frames = false\n[reconstruct.frames]\nduty = 0.5\n"
                           "[reconstruct.angles]\nrefine = \"shifts\"\n");
  BOOST_TEST(old.images->microscope.exposures_per_tilt == 3);
  BOOST_TEST(!old.images->keep_exposures);
  BOOST_TEST(old.images->microscope.drift_a_per_exposure.x() == 0.1);
  BOOST_TEST(old.images->microscope.drift_sd_a_per_exposure == 0.05);
  BOOST_TEST(!old.prepare->average_exposures);
  BOOST_TEST(old.prepare->registration.duty == 0.5);
  BOOST_TEST(!old.align->refine.value().turns);
  BOOST_TEST(old.config.warnings().size() == 7U);
  BOOST_TEST(test::contains(old.config.warnings().back(), "case.toml:", "[reconstruct.angles] refine",
                            "write [align] refine."));
  const Case again = case_of(old.resolved_toml);
  BOOST_TEST(again.resolved_toml == old.resolved_toml);
  BOOST_TEST(again.config.warnings().empty());
}

BOOST_AUTO_TEST_CASE(checks_are_limits_on_figures) {
  const Case c = case_of("[checks]\nrecall_min = 0.95\nrmsd_pm_max = 50\nvolume_r1_max = 0.5\n");
  BOOST_REQUIRE(c.checks->size() == 3U);
  BOOST_TEST(c.checks.value[0].figure == "atoms.recall");
  BOOST_TEST((c.checks.value[0].direction == validation::Direction::at_least));
  BOOST_TEST(c.checks.value[1].limit == 50.0);
  BOOST_TEST(c.checks.value[2].figure == "volume.r1");
}

BOOST_AUTO_TEST_CASE(a_group_knows_the_keys_it_was_read_from) {
  const Case c = case_of("");
  BOOST_TEST(c.trace.keys.contains("trace.min_distance_a"));
  BOOST_TEST(!c.trace.keys.contains("seed"));
  BOOST_TEST(c.images.keys.contains("seed"));                // of thermal motion
  BOOST_TEST(c.truth.keys.contains("truth.hold_t_over_tm")); // not in the case, but it would matter
  BOOST_TEST(!c.images.keys.contains("images.noise.gain"));
  BOOST_TEST(c.noise.keys.contains("images.noise.gain"));
  BOOST_TEST(!c.refine.keys.contains("seed"));
  BOOST_TEST(case_of("[refine]\nmethod = \"published\"\n").refine.keys.contains("seed"));
  BOOST_TEST(c.values.at("number of moments") == "3");
}

BOOST_AUTO_TEST_CASE(every_stage_is_predicted) {
  const Case c = case_of("");
  for (const validation::Stage& stage : validation::stages_of(c)) {
    const validation::Prediction p = stage.predict(c, {2});
    BOOST_TEST((std::isfinite(p.wall_s) && p.wall_s >= 0.0 && p.memory_mb > 0.0));
  }
}

BOOST_AUTO_TEST_CASE(planted_nuclei_can_be_exact) {
  const std::string nuclei = "[truth]\nsource = \"particle\"\nelements = \"Fe Pt\"\nnuclei = 1\n"
                             "nucleus_1 = { length_a = 8, exponent = 2 }\n";
  BOOST_TEST(!case_of(nuclei).truth->particle.exact_nuclei); // in expectation, unless asked for
  const Case c = case_of(nuclei + "exact_nuclei = true\n");
  BOOST_TEST(c.truth->particle.exact_nuclei);
  BOOST_TEST(c.truth->particle.nuclei.at(0).length_a == 8.0);
}

BOOST_AUTO_TEST_CASE(a_particle_case_is_complete_and_its_resolved_form_reads_the_same) {
  const Case first =
      case_of("[truth]\nsource = \"particle\"\nelements = \"Fe Pt\"\ngrains = 2\nphase = \"L1_0\"\n"
              "zone_axis = [1, 1, 0]\nuniaxial_strain = 0.01\nnuclei = 0\nu_rms_a = [0.07, 0.06]\n"
              "shape = \"wulff\"\nfacets_hkl = [1, 1, 1, 1, 0, 0]\nsurface_energies = [1, 1.2]\n"
              "[truth.grain_2]\nphase = \"A1\"\nseed_a = [5, 0, 0]\neuler_deg = [0, 30, 0]\n");
  BOOST_TEST(first.truth->frames == 1);
  BOOST_TEST((first.truth->particle.elements == std::vector<int>{26, 78}));
  BOOST_REQUIRE(first.truth->particle.grains.size() == 2U);
  BOOST_TEST((first.truth->particle.grains[0].phase == specimen::Phase::l1_0));
  BOOST_TEST(first.truth->particle.grains[1].rotation.has_value());
  BOOST_TEST(std::abs(first.truth->particle.strain(0, 0) + 0.003) < 1e-12);
  BOOST_TEST(validation::stand_in(*first.truth).size() == 586U);
  for (const validation::Stage& stage : validation::stages_of(first))
    BOOST_TEST(std::isfinite(stage.predict(first, {2}).wall_s));
}

BOOST_AUTO_TEST_CASE(molecular_dynamics_knows_systems_scans_and_parts_of_the_melting_point) {
  using test::contains;
  const auto truth = [](const std::string& toml) { return case_of("[truth]\n" + toml).truth->droplet; };
  const md::DropletOptions bulk =
      truth("system = \"bulk\"\natoms = 500\nmelting_k = 1500\nhold_t_over_tm = 0.5\n"
            "melt_t_over_tm = 1.5\npressure_bar = 100\ncut_radius_a = 8\n");
  BOOST_TEST((bulk.droplet.system == md::System::bulk));
  BOOST_TEST(bulk.droplet.hold_k == 750.0);
  BOOST_TEST(bulk.droplet.melt_k == 2250.0);
  BOOST_TEST(bulk.droplet.pressure_bar == 100.0);
  BOOST_TEST(!bulk.scan.has_value());
  const md::DropletOptions scanned = truth("[truth.scan]\nfrom_k = 1200\nhold_over_onset = 1.1\n");
  BOOST_TEST_REQUIRE(scanned.scan.has_value());
  BOOST_TEST(scanned.scan->from_k == 1200.0);
  BOOST_TEST(scanned.scan->factor == 1.1);
  const auto message = [](const std::string& toml) {
    return test::message_of<core::ConfigError>([&] { (void)case_of("[truth]\n" + toml); });
  };
  BOOST_TEST(contains(message("hold_t_over_tm = 0.5\n"), "case.toml:2", "hold_t_over_tm", "melting_k"));
  BOOST_TEST(contains(message("melting_k = 1500\nhold_k = 800\nhold_t_over_tm = 0.5\n"), "hold_k",
                      "one of the two"));
  BOOST_TEST(contains(message("hold_k = 800\n[truth.scan]\n"), "hold_k", "scan"));
  BOOST_TEST(contains(message("system = \"bulk\"\natoms = 501\n"), "501", "4 n^3"));
  BOOST_TEST(contains(message("pressure_bar = 1\n"), "pressure_bar")); // a droplet has none
  BOOST_TEST(contains(message("system = \"bulk; shell x\"\n"), "case.toml:2", "system"));
  BOOST_TEST(contains(message("potential_style = \"lj/cut\\nshell x\"\n"), "potential_style"));
  for (const char* name : {"droplet_eam", "droplet_eam_short", "droplet_eam_small", "bulk_eam",
                           "bulk_eam_small", "droplet_lj", "droplet_lj_small"})
    (void)validation::read_case(std::filesystem::path(AET_SOURCE_DIR) / "inputs" /
                                ("md_" + std::string(name) + ".toml"));
}

BOOST_AUTO_TEST_CASE(truth_from_files_is_one_moment_a_file) {
  const test::TemporaryFolder folder;
  core::write_file(folder / "a.xyz", "2\nLattice=\"9 0 0 0 9 0 0 0 9\"\nPt 1 0 0\nFe 4 0 0\n");
  core::write_file(folder / "b.xyz", "2\n\nPt 0 0 0\nPt 0.1 0 0\n");
  const std::string a = (folder / "a.xyz").string();
  const Case c = case_of("[truth]\nsource = \"file\"\nu_rms_a = 0.06\nfiles = \"" + a + " " +
                         (folder / "b.xyz").string() + "\"\n");
  BOOST_TEST(c.truth->frames == 2);
  const core::Atoms atoms = validation::read_truth_file(*c.truth, 0);
  BOOST_TEST(core::centroid(atoms).norm() < 1e-12);
  BOOST_TEST(!atoms.cell.has_value());
  BOOST_TEST(atoms.columns.at("u_rms")[1] == 0.06);
  BOOST_TEST((c.truth.files.front() == a)); // a changed file is a changed truth
  BOOST_TEST(test::contains(
      test::message_of<core::DataError>([&] { (void)validation::read_truth_file(*c.truth, 1); }),
      "0.100 A apart"));
}

BOOST_AUTO_TEST_CASE(mistakes_in_a_particle_are_named) {
  using test::contains;
  const auto message = [](const std::string& toml) {
    return test::message_of<core::ConfigError>(
        [&] { (void)case_of("[truth]\nsource = \"particle\"\n" + toml); });
  };
  BOOST_TEST(contains(message("elements = \"Fe Qq\"\n"), "case.toml:3", "'Qq'"));
  BOOST_TEST(contains(message("atom = 3\n"), "case.toml:3", "did you mean 'atoms'"));
  BOOST_TEST(contains(message("zone_axis = [1, 0, 0]\nup_axis = [2, 0, 0]\n"), "case.toml:3", "parallel"));
  BOOST_TEST(contains(message("shape = \"wulff\"\nfacets_hkl = [1, 1]\n"), "case.toml:4", "three indices"));
  BOOST_TEST(contains(message("grains = 2\n[truth.grain_2]\nphase = \"L1_0\"\n"), "[truth]", "grain 1",
                      "two elements"));
  BOOST_TEST(
      contains(message("grains = 2\n[truth.grain_2]\naxes = \"x\"\n"), "case.toml:5", "grain_2", "axes"));
  BOOST_TEST(contains(message("strain = [0, 0, 0]\n"), "case.toml:3", "six numbers"));
}

BOOST_AUTO_TEST_SUITE_END()
