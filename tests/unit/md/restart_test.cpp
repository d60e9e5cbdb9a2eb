// Interrupted runs go on as if nothing had happened, to the last bit; whatever ends them keeps what there is.
#include "sim/core/error.hpp"
#include "sim/core/io/file.hpp"
#include "sim/core/random.hpp"
#include "sim/md/restart_point.hpp"
#include "sim/md/thermo.hpp"
#include "tests/support/message.hpp"
#include "tests/support/temporary_folder.hpp"
#include "tests/unit/md/worker_support.hpp"

#include <boost/test/unit_test.hpp>
#include <fmt/core.h>

#include <csignal>
#include <fstream>
#include <map>

BOOST_AUTO_TEST_SUITE(restart)

using namespace aet;
using namespace aet::test;

namespace {

/// Three stages, each with restart points inside; in the ensemble given.
md::Job job_with_restarts(md::Ensemble ensemble) {
  md::Stage first = nve_stage(1400.0, 1000, 20);
  first.frame_every = 40;
  first.watch_every = 40;
  first.ensemble = ensemble;
  first.begin_k = 700.0;
  first.end_k = 900.0;
  md::Stage second = first;
  second.name = "second";
  second.draw.reset();
  second.begin_k = second.end_k = 900.0;
  md::Stage third = second;
  third.name = "third";
  third.remove_momentum = true;
  third.steps = 500;
  md::Job job = job_of(md::fcc_bulk(78, 3.92, 4), first);
  job.stages = {first, second, third};
  job.restart_every = 200;
  return job;
}

std::vector<std::string> hashes(const std::filesystem::path& folder) {
  return {core::sha256_of_file(folder / md::trajectory_name), core::sha256_of_file(folder / md::thermo_name)};
}

/// Runs the job, ending the worker by `signal` at given steps; returns how often that was done.
int run_interrupted(const md::Job& job, const std::filesystem::path& folder, int ranks,
                    std::vector<double> at, int signal, const md::Watcher& watcher = {}) {
  int ended = 0;
  std::size_t next = 0;
  while (true) {
    const auto end_it = [&](const core::Progress& p) {
      if (next >= at.size() || p.done < at[next] || p.done >= p.total) return;
      const auto workers = workers_below(::getpid());
      if (!workers.empty() && ::kill(workers.front(), signal) == 0) ++next;
    };
    md::WorkerOptions options = worker(ranks);
    options.watcher = watcher;
    try {
      md::run_job(job, {}, folder, options, end_it);
      return ended;
    } catch (const core::ExternalError&) {
      ++ended;
    }
  }
}

} // namespace

BOOST_AUTO_TEST_CASE(killed_runs_end_in_the_same_bytes_in_every_ensemble) {
  for (const auto ensemble : {md::Ensemble::nve, md::Ensemble::nvt, md::Ensemble::npt, md::Ensemble::nph}) {
    const TemporaryFolder folder;
    const md::Job job = job_with_restarts(ensemble);
    md::run_job(job, {}, folder / "whole", worker(1));
    BOOST_TEST(run_interrupted(job, folder / "killed", 1, {150.0, 900.0, 1500.0}, SIGKILL) >= 1);
    BOOST_TEST(hashes(folder / "whole") == hashes(folder / "killed"), boost::test_tools::per_element());
    BOOST_TEST(core::read_file(folder / "killed" / md::summary_name).find("\"resumed_at_steps\": []") ==
               std::string::npos);
    BOOST_TEST(!std::filesystem::exists(folder / "killed" / md::partial_name));
    // A run without restart points parts from it only by rounding: nothing of the state is lost there. Where
    // a thermostat and a barostat work together LAMMPS makes the barostat's masses anew at each start of a
    // run; that shifts the energy of these 256 atoms by some 1e-3 eV, a thousandth of what the thermostat
    // does to it.
    md::Job plain = job;
    plain.restart_every = 0;
    md::run_job(plain, {}, folder / "plain", worker(1));
    const auto a = md::read_thermo(folder / "plain" / md::thermo_name);
    const auto b = md::read_thermo(folder / "whole" / md::thermo_name);
    BOOST_TEST_REQUIRE(a.size() == b.size());
    const double difference = std::abs(a[15].total_ev - b[15].total_ev); // 120 steps behind a restart point
    BOOST_TEST_MESSAGE(md::ensemble_name(ensemble) << " " << difference << " eV");
    BOOST_TEST(difference < (ensemble == md::Ensemble::npt ? 0.1 : 1e-6));
  }
}

BOOST_AUTO_TEST_CASE(two_ranks_go_on_too) {
  const TemporaryFolder folder;
  const md::Job job = job_with_restarts(md::Ensemble::npt);
  md::run_job(job, {}, folder / "whole", worker(2));
  BOOST_TEST(run_interrupted(job, folder / "ended", 2, {500.0, 1700.0}, SIGTERM) >= 1);
  BOOST_TEST(hashes(folder / "whole") == hashes(folder / "ended"), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(another_job_or_a_damaged_restart_point_starts_anew) {
  const TemporaryFolder folder;
  const md::Job job = job_with_restarts(md::Ensemble::nvt);
  md::run_job(job, {}, folder / "whole", worker(1));
  const auto partial = folder / "again" / md::partial_name;
  const auto stop_at = [&](double step) {
    const auto stop = [&](const core::Progress& p) {
      if (p.done >= step) throw core::Interrupted("stop");
    };
    BOOST_CHECK_THROW(md::run_job(job, {}, folder / "again", worker(1), stop), core::Interrupted);
  };
  stop_at(900.0);
  const auto point = md::read_restart_point(partial);
  BOOST_TEST_REQUIRE(point.has_value());
  BOOST_TEST(point->step >= 800);
  // A file name that is not ours is not read: it would become part of a LAMMPS command.
  core::write_file(partial / md::restart_name,
                   "{\"schema\":1,\"stage\":0,\"done\":200,\"step\":200,\"wall_s\":1,\"trajectory_bytes\":0,"
                   "\"thermo_bytes\":0,\"state_file\":\"x\\nshell touch owned\",\"resumed_at\":[]}");
  BOOST_TEST(!md::read_restart_point(partial).has_value());
  md::run_job(job, {}, folder / "again", worker(1));
  BOOST_TEST(hashes(folder / "whole") == hashes(folder / "again"), boost::test_tools::per_element());
  // Another seed is another job.
  stop_at(900.0);
  md::Job other = job;
  other.stages[0].draw->seed = 7;
  md::run_job(other, {}, folder / "again", worker(1));
  BOOST_TEST(core::read_file(folder / "again" / md::summary_name).find("\"resumed_at_steps\": []") !=
             std::string::npos);
  BOOST_TEST(hashes(folder / "whole") != hashes(folder / "again"));
}

BOOST_AUTO_TEST_CASE(a_full_disk_is_told_and_the_run_goes_on_once_there_is_room) {
  const TemporaryFolder folder;
  const md::Job job = job_with_restarts(md::Ensemble::nve);
  md::run_job(job, {}, folder / "whole", worker(1));
  // Files of at most 64 KiB, and writing beyond fails instead of killing: as a full disk does.
  const auto script = folder / "small-disk";
  {
    std::ofstream out(script);
    out << "#!/bin/bash\ntrap '' XFSZ\nulimit -f 64\nexec " << AET_MD_WORKER << " \"$@\"\n";
  }
  std::filesystem::permissions(script, std::filesystem::perms::owner_all);
  const auto message = message_of<core::ExternalError>([&] {
    md::run_job(job, {}, folder / "full", {script, 1});
  });
  BOOST_TEST(contains(message, "molecular dynamics stopped", "cannot be written"));
  BOOST_TEST(message.find('\n') == std::string::npos);
  BOOST_TEST(std::filesystem::exists(folder / "full" / md::partial_name / md::thermo_name));
  md::run_job(job, {}, folder / "full", worker(1));
  BOOST_TEST(hashes(folder / "whole") == hashes(folder / "full"), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_watcher_sees_every_frame_in_blocks_and_none_is_kept) {
  const TemporaryFolder folder;
  const md::Job job = job_with_restarts(md::Ensemble::npt);
  std::map<double, core::Vec3> seen; // time of the first frame of a block -> a position in it
  double last = 0.0;
  int out_of_order = 0;
  const md::Watcher watcher{5, [&](const md::Trajectory& block) {
                              BOOST_TEST(block.size() == 5U);
                              if (block.times_ps.front() < last) ++out_of_order;
                              last = block.times_ps.front();
                              const core::Vec3 p = block.frames.back().positions.at(17);
                              const auto [at, fresh] = seen.emplace(block.times_ps.front(), p);
                              BOOST_TEST((at->second == p)); // a block shown twice is the same block
                            }};
  md::WorkerOptions options = worker(1);
  options.watcher = watcher;
  md::run_job(job, {}, folder / "whole", options);
  // 25 + 25 + 12 frames: blocks of five never cross stages, the last two frames make no block.
  BOOST_TEST(seen.size() == 12U);
  BOOST_TEST(out_of_order == 0);
  const auto frames = md::read_trajectory(folder / "whole" / md::trajectory_name);
  BOOST_TEST((seen.begin()->second - frames.frames[4].positions[17]).norm() <
             2e-5); // the file has five decimals
  const auto before = seen;
  BOOST_TEST(run_interrupted(job, folder / "killed", 1, {500.0, 1200.0}, SIGKILL, watcher) >= 1);
  BOOST_TEST((seen == before)); // nothing new, nothing else
  BOOST_TEST(!std::filesystem::exists(folder / "whole" / md::watch_folder));
}

BOOST_AUTO_TEST_SUITE_END()
