// The real worker with the real LAMMPS on small systems: physics, determinism, the droplet protocol.
#include "sim/core/io/file.hpp"
#include "sim/core/neighbours/pairs.hpp"
#include "sim/md/mean_frame.hpp"
#include "sim/md/thermo.hpp"
#include "tests/support/message.hpp"
#include "tests/support/temporary_folder.hpp"
#include "tests/unit/md/worker_support.hpp"

#include <boost/test/unit_test.hpp>
#include <fmt/core.h>

#include <algorithm>
#include <cmath>

BOOST_AUTO_TEST_SUITE(worker_physics)

using namespace aet;
using namespace aet::test;
using core::Vec3;

namespace {

/// Pt_u3.eam is fitted to the bulk and binds atoms with few neighbours too tightly: its Pt2 has 1.8 A
/// (measured: -3.88 eV/atom there), platinum's 2.33 A. Particles of tens of atoms have bonds in between.
constexpr double shortest_bond = 1.6;

std::vector<md::ThermoRow> thermo_of(const md::Job& job, const std::filesystem::path& folder, int ranks = 1) {
  md::run_job(job, {}, folder, worker(ranks));
  return md::read_thermo(folder / md::thermo_name);
}

double largest_difference(const md::Frame& a, const md::Frame& b) {
  double worst = 0.0;
  for (std::size_t i = 0; i < a.positions.size(); ++i)
    worst = std::max(worst, (a.positions[i] - b.positions[i]).norm());
  return worst;
}

} // namespace

BOOST_AUTO_TEST_CASE(versions_are_told) {
  const md::Versions versions = md::worker_versions(AET_MD_WORKER);
  BOOST_TEST(versions.lammps.find("20") != std::string::npos); // a year
  BOOST_TEST(versions.mpi.find("MPI") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(platinum_has_the_lattice_constant_and_cohesive_energy_of_its_potential) {
  // Foiles, Baskes, Daw, Phys. Rev. B 33, 7983 (1986), Table: Pt fitted to a = 3.92 A, E_sub = 5.77 eV.
  const TemporaryFolder folder;
  const double h = 0.01;
  std::vector<double> energy;
  for (const double a : {3.92 - h, 3.92, 3.92 + h}) {
    md::Stage stage = nve_stage(0.0, 0, 1);
    stage.draw.reset();
    stage.frame_every = 0;
    energy.push_back(
        thermo_of(job_of(md::fcc_bulk(78, a, 3), stage), folder / "a").at(0).potential_ev_per_atom);
  }
  const double slope = (energy[2] - energy[0]) / (2.0 * h);
  const double curvature = (energy[2] - 2.0 * energy[1] + energy[0]) / (h * h);
  BOOST_TEST(std::abs(3.92 - slope / curvature - 3.9200) < 0.0005);
  BOOST_TEST(std::abs(energy[1] + 5.770) < 0.001);
  // Bulk modulus 4/9 E''/a, published for this potential: 2.83e12 erg/cm^3 = 283 GPa; second differences are
  // good to a few per cent.
  const double ev_per_a3_in_gpa = 160.2176634;
  BOOST_TEST(std::abs(4.0 / 9.0 * curvature / 3.92 * ev_per_a3_in_gpa / 283.0 - 1.0) < 0.04);
}

BOOST_AUTO_TEST_CASE(energy_is_conserved_to_second_order_in_the_time_step) {
  const TemporaryFolder folder;
  const auto fluctuation = [&](double timestep_ps) {
    md::Job job = job_of(md::fcc_bulk(78, 3.92, 3),
                         nve_stage(1200.0, std::lround(1.6 / timestep_ps), std::lround(0.02 / timestep_ps)));
    job.stages[0].frame_every = 0;
    job.timestep_ps = timestep_ps;
    const auto rows = thermo_of(job, folder / "nve");
    BOOST_TEST(rows.back().time_ps == 1.6, boost::test_tools::tolerance(1e-9));
    double mean = 0.0;
    double square = 0.0;
    for (std::size_t i = 10; i < rows.size(); ++i)
      mean += rows[i].total_ev / static_cast<double>(rows.size() - 10);
    for (std::size_t i = 10; i < rows.size(); ++i)
      square += std::pow(rows[i].total_ev - mean, 2) / static_cast<double>(rows.size() - 10);
    // No drift: the mean of the last quarter is that of the second, within the fluctuation.
    BOOST_TEST(std::abs(rows.back().total_ev - rows[20].total_ev) < 6.0 * std::sqrt(square));
    return std::sqrt(square) / 108.0;
  };
  const double coarse = fluctuation(0.004);
  const double fine = fluctuation(0.002);
  BOOST_TEST_MESSAGE("total energy fluctuates by " << coarse << " (4 fs), " << fine << " (2 fs) eV/atom");
  BOOST_TEST(fine < 1e-4);
  BOOST_TEST(coarse / fine > 3.0); // velocity Verlet: 4
  BOOST_TEST(coarse / fine < 5.5);
}

BOOST_AUTO_TEST_CASE(thermostat_reaches_its_temperature_and_ramps_over_pieces) {
  const TemporaryFolder folder;
  md::Stage hold = nve_stage(1200.0, 2000, 20);
  hold.name = "hold";
  hold.ensemble = md::Ensemble::nvt;
  hold.begin_k = hold.end_k = 600.0;
  hold.frame_every = 0;
  md::Stage ramp = hold;
  ramp.name = "ramp";
  ramp.draw.reset();
  ramp.end_k = 200.0;
  md::Job job = job_of(md::fcc_bulk(78, 3.92, 3), hold);
  job.stages.push_back(ramp);
  const auto rows = thermo_of(job, folder / "nvt");
  const auto mean_of_last = [&](const std::string& stage, std::size_t count) {
    const auto its = md::rows_of_stage(rows, stage);
    BOOST_TEST_REQUIRE(its.size() == 100U);
    double sum = 0.0;
    for (std::size_t i = its.size() - count; i < its.size(); ++i)
      sum += its[i].temperature_k / static_cast<double>(count);
    return sum;
  };
  // 108 atoms fluctuate by 600 sqrt(2/321) = 47 K; the mean over 2 ps has some 15 independent values.
  BOOST_TEST(std::abs(mean_of_last("hold", 50) - 600.0) < 50.0);
  // The last tenth of the ramp goes from 240 to 200 K; the thermostat lags by its 0.1 ps.
  BOOST_TEST(std::abs(mean_of_last("ramp", 10) - 225.0) < 45.0);
}

BOOST_AUTO_TEST_CASE(equal_jobs_give_equal_bytes_and_ranks_agree_until_chaos) {
  const TemporaryFolder folder;
  md::DropletProtocol protocol;
  protocol.atoms = 108;
  const core::Atoms sphere = md::fcc_sphere(78, 3.92, 108, 15.0);
  md::Stage stage = nve_stage(2000.0, 400, 50);
  stage.ensemble = md::Ensemble::nvt;
  stage.begin_k = stage.end_k = 1000.0;
  const md::Job job = job_of(sphere, stage);
  for (const char* name : {"one", "two"})
    md::run_job(job, {}, folder / name, worker(2));
  for (const char* file : {md::trajectory_name, md::thermo_name})
    BOOST_TEST(core::sha256_of_file(folder / "one" / file) == core::sha256_of_file(folder / "two" / file));

  const auto summary = md::run_job(job, {}, folder / "single", worker(1));
  BOOST_TEST(summary.ranks == 1);
  BOOST_TEST(summary.atoms == 108U);
  BOOST_TEST(summary.steps == 400);
  BOOST_TEST(summary.atom_steps_per_s > 0.0);
  const auto two = md::read_trajectory(folder / "one" / md::trajectory_name);
  const auto one = md::read_trajectory(folder / "single" / md::trajectory_name);
  BOOST_TEST_REQUIRE(one.size() == 8U);
  BOOST_TEST(largest_difference(one.frames[1], two.frames[1]) < 3e-5); // 0.2 ps, five decimals in the file
  const auto rows_one = md::read_thermo(folder / "single" / md::thermo_name);
  const auto rows_two = md::read_thermo(folder / "one" / md::thermo_name);
  BOOST_TEST(std::abs(rows_one[0].total_ev - rows_two[0].total_ev) < 1e-9);

  // The length of the pieces in which a stage is run changes nothing.
  md::Job pieces = job;
  pieces.stages[0].thermo_every = 200;
  pieces.stages[0].frame_every = 200;
  md::run_job(pieces, {}, folder / "pieces", worker(1));
  const auto long_pieces = md::read_trajectory(folder / "pieces" / md::trajectory_name);
  BOOST_TEST(largest_difference(long_pieces.frames[1], one.frames[7]) == 0.0);
}

BOOST_AUTO_TEST_CASE(momentum_is_removed_and_unwrapped_coordinates_are_continuous) {
  const TemporaryFolder folder;
  // A particle near a corner of its periodic box, flying across the faces.
  core::Atoms flying = md::fcc_sphere(78, 3.92, 20, 9.0);
  for (const char* name : {"vx", "vy", "vz"})
    flying.columns[name].assign(20, 20.0);
  for (Vec3& p : flying.positions)
    p += Vec3::Constant(8.0);
  md::Stage stage = nve_stage(0.0, 500, 50);
  stage.draw.reset();
  const md::Job job = job_of(flying, stage);
  md::run_job(job, {}, folder / "fly", worker(1));
  const auto trajectory = md::read_trajectory(folder / "fly" / md::trajectory_name);
  for (std::size_t f = 0; f < trajectory.size(); ++f) {
    Vec3 centre = Vec3::Zero();
    for (const Vec3& p : trajectory.frames[f].positions)
      centre += p / 20.0;
    // The whole particle has gone 20 A/ps x time from (8, 8, 8); atoms that started beyond a face count as
    // wrapped there.
    const double edge = flying.cell->vectors(0, 0);
    const Vec3 expected = Vec3::Constant(8.0 + 20.0 * trajectory.times_ps[f]);
    const Vec3 off = centre - expected;
    for (int k = 0; k < 3; ++k)
      BOOST_TEST(std::abs(off[k] * 20.0 / edge - std::round(off[k] * 20.0 / edge)) < 1e-3);
    BOOST_TEST(core::minimum_distance(md::frame_atoms(trajectory, f).positions) > shortest_bond);
  }
  md::Job stopped = job;
  stopped.stages[0].remove_momentum = true;
  md::run_job(stopped, {}, folder / "stop", worker(1));
  const auto still = md::read_trajectory(folder / "stop" / md::trajectory_name);
  Vec3 momentum = Vec3::Zero();
  for (const Vec3& v : still.frames.back().velocities)
    momentum += v;
  BOOST_TEST(momentum.norm() < 1e-3);
}

BOOST_AUTO_TEST_CASE(droplet_truth_end_to_end_in_small_and_resumed) {
  const TemporaryFolder folder;
  md::DropletOptions options;
  options.worker = worker(1);
  options.droplet.atoms = 55;
  options.droplet.melt_ps = 0.4;
  options.droplet.quench_ps = 0.4;
  options.droplet.hold_ps = 3.0;
  options.droplet.frame_ps = 0.1;
  options.imaging = {100.0, 0.3, 0.1, 5, 0.1};
  options.times.min_separation = 5;
  double last = 0.0;
  double total = 0.0;
  std::string note;
  const auto sink = [&](const core::Progress& p) {
    BOOST_TEST(p.done >= last);
    last = p.done;
    total = p.total;
    if (!p.note.empty()) note = p.note;
  };
  const md::DropletTruth truth = md::make_droplet_truth(options, folder.path(), sink);
  BOOST_TEST(last == total);
  BOOST_TEST(total * 55.0 == md::predicted_atom_steps(options));
  BOOST_TEST(contains(note, "t002 image", "K", "eV/atom"));
  BOOST_TEST(truth.hold_energy_ev.size() == 30U);
  BOOST_TEST_REQUIRE(truth.frames.size() == 3U);
  for (std::size_t i = 0; i < 3; ++i) {
    const md::TruthFrame& frame = truth.frames[i];
    BOOST_TEST(frame.atoms.size() == 55U);
    BOOST_TEST(frame.atoms.columns.count("u_rms") == 1U);
    BOOST_TEST(core::centroid(frame.atoms).norm() < 1e-9);
    BOOST_TEST(frame.minimum_distance_a > shortest_bond);
    BOOST_TEST(std::abs(frame.time_ps - 0.1 * static_cast<double>(frame.hold_frame + 1)) < 1e-6);
    if (i > 0) BOOST_TEST(frame.hold_frame >= truth.frames[i - 1].hold_frame + 5);
    for (const char* name :
         {md::trajectory_name, md::thermo_name, md::log_name, md::job_name, md::summary_name})
      BOOST_TEST(std::filesystem::exists(folder.path() / fmt::format("t00{}", i) / name));
    BOOST_TEST(!std::filesystem::exists(folder.path() / fmt::format("t00{}", i) / md::partial_name));
  }

  // Again: nothing is run, everything is equal. A file that was touched is made again, to the same bytes.
  const auto written = [&](const char* which) {
    return std::filesystem::last_write_time(folder.path() / which / md::summary_name);
  };
  const auto hold_time = written("hold");
  const auto t1_time = written("t001");
  const std::string hash = core::sha256_of_file(folder.path() / "t001" / md::trajectory_name);
  core::write_file(folder.path() / "t001" / md::trajectory_name, "spoiled");
  const md::DropletTruth again = md::make_droplet_truth(options, folder.path());
  BOOST_TEST((written("hold") == hold_time));
  BOOST_TEST((written("t001") != t1_time));
  BOOST_TEST(core::sha256_of_file(folder.path() / "t001" / md::trajectory_name) == hash);
  for (std::size_t i = 0; i < 3; ++i)
    BOOST_TEST((again.frames[i].atoms.positions == truth.frames[i].atoms.positions));
  // Times from a curve given from outside: a step in the middle.
  options.order_curve = [](const md::Trajectory& hold) {
    std::vector<double> curve(hold.size(), 0.0);
    std::fill(curve.begin() + 15, curve.end(), 1.0);
    return curve;
  };
  options.times.smoothing = 1;
  const md::DropletTruth by_curve = md::make_droplet_truth(options, folder.path());
  BOOST_TEST(by_curve.times.found);
  BOOST_TEST(by_curve.times.frames[0] == 15U);
  options.droplet.seed = 2;
  BOOST_TEST(
      !md::is_finished(md::droplet_job(options.droplet, md::PotentialStyle::eam), {}, folder / "hold", 1));
}

BOOST_AUTO_TEST_SUITE_END()
