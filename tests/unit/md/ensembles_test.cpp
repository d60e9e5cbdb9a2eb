// Barostats, bulk systems, means in a periodic box, and the onset of crystallisation.
#include "sim/core/error.hpp"
#include "sim/core/neighbours/pairs.hpp"
#include "sim/core/random.hpp"
#include "sim/md/mean_frame.hpp"
#include "sim/md/onset.hpp"
#include "sim/md/thermo.hpp"
#include "tests/support/message.hpp"
#include "tests/support/temporary_folder.hpp"
#include "tests/unit/md/worker_support.hpp"

#include <boost/test/unit_test.hpp>

#include <cmath>
#include <numeric>

BOOST_AUTO_TEST_SUITE(ensembles)

using namespace aet;
using namespace aet::test;
using core::Vec3;

BOOST_AUTO_TEST_CASE(a_barostat_finds_the_lattice_constant_along_the_edges_it_moves) {
  const TemporaryFolder folder;
  // 2 % too wide at 100 K. Pt_u3.eam at 0 K has 3.920 A and expands by about 1e-5 per kelvin.
  md::Stage stage = nve_stage(100.0, 5000, 50);
  stage.ensemble = md::Ensemble::npt;
  stage.begin_k = stage.end_k = 100.0;
  stage.pressure_damping_ps = 0.3;
  const auto mean_edges = [&](const md::Stage& s) {
    md::run_job(job_of(md::fcc_bulk(78, 4.0, 4), s), {}, folder / "npt", worker(1));
    const md::Trajectory t = md::read_trajectory(folder / "npt" / md::trajectory_name);
    Vec3 sum = Vec3::Zero();
    for (std::size_t f = t.size() / 2; f < t.size(); ++f)
      sum += md::box_edges(t, f) / static_cast<double>(t.size() - t.size() / 2);
    return Vec3(sum / 4.0);
  };
  const Vec3 iso = mean_edges(stage);
  BOOST_TEST(std::abs(iso.x() - 3.924) < 0.006);
  BOOST_TEST(iso.x() == iso.y());
  BOOST_TEST(iso.x() == iso.z());
  stage.coupling = md::Coupling::z;
  const Vec3 z = mean_edges(stage);
  BOOST_TEST(std::abs(z.x() - 4.0) < 1e-6);
  BOOST_TEST(z.z() < 3.87); // stretched sideways it thins
  // Constant enthalpy: the same box, no thermostat, no drift of temperature beyond what the strain sets free.
  stage.ensemble = md::Ensemble::nph;
  stage.coupling = md::Coupling::iso;
  BOOST_TEST(std::abs(mean_edges(stage).x() - 3.925) < 0.01);
  // Barostats need periodic directions.
  md::Job open = job_of(md::fcc_bulk(78, 3.92, 3), stage);
  open.atoms.cell->periodic = {true, false, true};
  BOOST_TEST(
      contains(message_of<core::ConfigError>([&] { md::validate(open); }), "ensemble = nph", "periodic"));
}

BOOST_AUTO_TEST_CASE(bulk_truth_end_to_end_in_small) {
  const TemporaryFolder folder;
  md::DropletOptions options;
  options.worker = worker(1);
  options.droplet.system = md::System::bulk;
  options.droplet.atoms = 256;
  options.droplet.melt_ps = 0.4;
  options.droplet.quench_ps = 0.4;
  options.droplet.rest_ps = 0.2;
  options.droplet.hold_ps = 2.0;
  options.droplet.hold_end_k = 700.0;
  options.droplet.frame_ps = 0.1;
  options.imaging = {100.0, 0.3, 0.1, 5, 0.1, 6.0};
  options.times.levels = {0.5};
  const md::DropletTruth truth = md::make_droplet_truth(options, folder.path());
  BOOST_TEST(truth.hold_energy_ev.size() == 20U);
  BOOST_TEST_REQUIRE(truth.frames.size() == 1U);
  const core::Atoms& cut = truth.frames[0].atoms;
  BOOST_TEST(!cut.cell.has_value());
  BOOST_TEST(cut.size() > 30U); // 4/3 pi 6^3 / 15.1 A^3 = 60
  BOOST_TEST(cut.size() < 80U);
  BOOST_TEST(cut.columns.at("u_rms").size() == cut.size());
  const md::Trajectory hold = md::read_trajectory(folder.path() / "hold" / md::trajectory_name);
  BOOST_TEST(md::box_edges(hold, 3) != md::box_edges(hold, 15));
  options.droplet.atoms = 250;
  BOOST_TEST(
      contains(message_of<core::ConfigError>([&] { md::validate(options.droplet); }), "atoms = 250", "256"));
}

BOOST_AUTO_TEST_CASE(a_zhou_potential_is_made_where_it_is_asked_for_by_name) {
  const TemporaryFolder folder;
  md::DropletOptions options;
  options.potential = {"zhou2004", md::PotentialStyle::eam_alloy};
  md::validate(options);
  const md::PotentialFile file = md::potential_of(options, folder.path());
  BOOST_TEST((md::read_potential_info(file).atomic_numbers == std::vector<int>{78}));
  options.droplet.atomic_number = 79;
  BOOST_TEST(contains(message_of<core::DataError>([&] { md::validate(options); }), "Fe and Pt"));
}

BOOST_AUTO_TEST_CASE(means_in_a_box_know_neither_its_faces_nor_its_breathing) {
  const core::Atoms sites = md::fcc_bulk(78, 3.92, 4);
  md::Trajectory t;
  t.atomic_numbers = sites.atomic_numbers;
  t.cell = *sites.cell;
  core::RandomStream random(5, "test.mean_in_box");
  constexpr double sigma = 0.1;
  for (int f = 0; f < 40; ++f) {
    const double scale = 1.0 + 0.01 * std::sin(0.7 * f);
    md::Frame frame;
    frame.step = f;
    frame.edges = scale * t.cell.vectors.diagonal();
    for (const Vec3& p : sites.positions) {
      const double x = random.normal();
      const double y = random.normal();
      const double z = random.normal();
      frame.positions.emplace_back(scale * (p + Vec3(0.3 * f, 0.0, 0.0)) +
                                   sigma * Vec3(x, y, z)); // drifts through
    }
    t.frames.push_back(frame);
    t.times_ps.push_back(f);
  }
  const core::Atoms mean = md::mean_in_box(t, 0, 40);
  BOOST_TEST_REQUIRE(mean.cell.has_value());
  for (const Vec3& p : mean.positions)
    for (int k = 0; k < 3; ++k)
      BOOST_TEST(std::abs(p[k]) <= 0.5 * mean.cell->vectors(k, k) + 1e-9);
  BOOST_TEST(std::abs(md::rms_of_element(mean, "u_rms", 78) / sigma - 1.0) < 0.03);
  // Nearest neighbours of the mean crystal: 2.77 A, spread by sigma sqrt(2 / 40).
  const core::Atoms cut = md::cut_sphere(mean, 6.0);
  BOOST_TEST(core::minimum_distance(cut.positions) > 2.55);
  BOOST_TEST(core::centroid(cut).norm() < 1e-9);
  BOOST_TEST(contains(message_of<core::DataError>([&] { (void)md::cut_sphere(mean, 0.001); }), "0.001"));
}

BOOST_AUTO_TEST_CASE(onset_is_where_the_energy_leaves_the_liquids_curve) {
  md::Stage stage;
  stage.name = "scan";
  stage.begin_k = 1300.0;
  stage.end_k = 500.0;
  core::RandomStream random(3, "test.onset");
  const auto rows_with = [&](double onset_k, double drop, double dip_k) {
    std::vector<md::ThermoRow> rows;
    for (int i = 0; i < 400; ++i) {
      const double kelvin = 1300.0 - 2.0 * (i + 1);
      md::ThermoRow row;
      row.stage = "scan";
      row.potential_ev_per_atom = -5.5 + 1.9e-4 * kelvin + 2e-8 * kelvin * kelvin + 0.002 * random.normal();
      row.potential_ev_per_atom -= drop / (1.0 + std::exp((kelvin - onset_k + 30.0) / 8.0));
      if (std::abs(kelvin - dip_k) < 20.0)
        row.potential_ev_per_atom -= 0.012; // a fluctuation that comes back
      rows.push_back(row);
    }
    return rows;
  };
  for (const double at : {900.0, 700.0}) {
    const md::Onset onset = md::find_onset(stage, rows_with(at, 0.05, 0.0));
    BOOST_TEST(onset.found);
    BOOST_TEST(std::abs(onset.temperature_k - (at - 30.0 + 2.2 * 8.0)) < 12.0); // a tenth of the step
    BOOST_TEST(std::abs(onset.drop_ev - 0.05) < 0.012);
  }
  BOOST_TEST(!md::find_onset(stage, rows_with(900.0, 0.0, 0.0)).found);
  BOOST_TEST(!md::find_onset(stage, rows_with(900.0, 0.0, 950.0)).found);
  BOOST_TEST(
      contains(message_of<core::DataError>([&] { (void)md::find_onset(stage, {}); }), "scan", "too few"));
}

BOOST_AUTO_TEST_SUITE_END()
