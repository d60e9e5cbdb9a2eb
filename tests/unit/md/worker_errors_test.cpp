// What can go wrong in the worker comes back as one error, and this process lives on.
#include "sim/core/error.hpp"
#include "sim/core/io/file.hpp"
#include "sim/md/child_process.hpp"
#include "tests/support/message.hpp"
#include "tests/support/temporary_folder.hpp"
#include "tests/unit/md/worker_support.hpp"

#include <boost/test/unit_test.hpp>
#include <fmt/core.h>
#include <sys/wait.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <thread>

BOOST_AUTO_TEST_SUITE(worker_errors)

using namespace aet;
using namespace aet::test;

namespace {

/// The outcome of the worker on a job file made by hand.
struct ByHand {
  int code = 0;
  std::string errors;
};

ByHand run_by_hand(const TemporaryFolder& folder, const std::string& job_text) {
  core::write_file(folder / "job.json", job_text);
  md::ChildProcess child(
      {{AET_MD_WORKER, "job.json"}, folder.path(), {{"OMPI_MCA_ess_singleton_isolated", "1"}}, {}});
  while (child.poll(std::chrono::milliseconds(50), {})) {
  }
  return {child.status().code, child.error_output()};
}

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  return text.replace(text.find(from), from.size(), to);
}

/// The whole job, small and short.
md::Job short_job() {
  return job_of(md::fcc_bulk(78, 3.92, 2), nve_stage(300.0, 4, 2));
}

} // namespace

BOOST_AUTO_TEST_CASE(a_missing_or_unsuitable_potential_is_told_before_anything_starts) {
  const TemporaryFolder folder;
  const auto refused = [&](const md::Job& job, const md::PotentialFile& potential) {
    return message_of<core::Error>([&] { (void)md::run_job(job, potential, folder / "out", worker(1)); });
  };
  BOOST_TEST(contains(refused(short_job(), {"/no/such/Pt.eam", md::PotentialStyle::eam}), "/no/such/Pt.eam",
                      "lammps-data"));
  md::Job iron = short_job();
  for (int& z : iron.atoms.atomic_numbers)
    z = 26;
  BOOST_TEST(contains(refused(iron, {}), "is for Pt", "Fe atoms"));
  md::Job alloy = short_job();
  alloy.style = md::PotentialStyle::eam_alloy;
  BOOST_TEST(contains(refused(alloy, {}), "eam/alloy"));
  BOOST_TEST(!std::filesystem::exists(folder / "out"));
}

BOOST_AUTO_TEST_CASE(lost_atoms_come_back_in_the_words_of_lammps) {
  const TemporaryFolder folder;
  core::Atoms hot = md::fcc_sphere(78, 3.92, 30, 8.0);
  hot.cell->periodic = {false, false, false}; // walls, at which an atom counts as lost
  for (const int ranks : {1, 2}) {
    const auto message = message_of<core::ExternalError>([&] {
      md::run_job(job_of(hot, nve_stage(20000.0, 20000, 500)), {}, folder / "lost", worker(ranks));
    });
    BOOST_TEST(contains(message, "molecular dynamics stopped",
                        "LAMMPS says \"ERROR: Lost atoms: original 30 current ", "last command: run",
                        "md.partial/md.log"));
    BOOST_TEST(message.find('\n') == std::string::npos);
    BOOST_TEST(std::filesystem::exists(folder.path() / "lost" / md::partial_name /
                                       md::thermo_name)); // what there is is kept
    BOOST_TEST(!std::filesystem::exists(folder.path() / "lost" / md::summary_name));
  }
}

BOOST_AUTO_TEST_CASE(an_absurd_time_step_comes_back_in_the_words_of_lammps) {
  const TemporaryFolder folder;
  md::Job job = job_of(md::fcc_bulk(78, 3.92, 3), nve_stage(20000.0, 2000, 10));
  job.timestep_ps = 1.0;
  for (const int ranks : {1, 2})
    BOOST_TEST(contains(
        message_of<core::ExternalError>([&] { md::run_job(job, {}, folder / "step", worker(ranks)); }),
        "LAMMPS says \"ERROR"));
}

BOOST_AUTO_TEST_CASE(a_damaged_potential_comes_back_in_the_words_of_lammps) {
  const TemporaryFolder folder;
  const std::string whole = core::read_file("/usr/share/lammps/potentials/Pt_u3.eam");
  core::write_file(folder / "cut.eam", whole.substr(0, whole.size() / 2));
  for (const int ranks : {1, 2})
    BOOST_TEST(contains(message_of<core::ExternalError>([&] {
                          md::run_job(short_job(), {folder / "cut.eam", md::PotentialStyle::eam},
                                      folder / "cut", worker(ranks));
                        }),
                        "before the first step", "LAMMPS says \"ERROR", "potential.eam"));
}

BOOST_AUTO_TEST_CASE(paths_that_a_command_interpreter_would_act_on_are_only_paths) {
  const TemporaryFolder folder;
  for (const char* name :
       {"a b.eam", "$(touch owned)", "${x}", "x\nshell touch owned\n", "\"; shell touch owned #", "'&'"}) {
    std::filesystem::copy_file("/usr/share/lammps/potentials/Pt_u3.eam", folder / name);
    const md::RunSummary summary = md::run_job(short_job(), {folder / name, md::PotentialStyle::eam},
                                               folder / (std::string("out ") + name).c_str(), worker(1));
    BOOST_TEST(summary.atoms == 32U);
  }
  const auto spaced = folder / "two ranks $(touch owned)";
  BOOST_TEST(md::run_job(short_job(), {}, spaced, worker(2)).ranks == 2);
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder.path()))
    BOOST_TEST(entry.path().filename().string() != "owned");
}

BOOST_AUTO_TEST_CASE(the_worker_itself_refuses_job_files_that_are_not_of_ours) {
  const TemporaryFolder folder;
  std::filesystem::copy_file("/usr/share/lammps/potentials/Pt_u3.eam", folder / "potential.eam");
  const std::string good = md::job_to_json(short_job());
  const auto refused = [&](const std::string& from, const std::string& to, const std::string& word) {
    const ByHand out = run_by_hand(folder, replaced(good, from, to));
    BOOST_TEST(out.code == 2);
    BOOST_TEST(contains(out.errors, "aetval-md: MD job", word));
  };
  refused("\"schema\":2", "\"schema\":2,\"shell\":\"touch owned\"", "unknown key \"shell\"");
  refused("\"potential.eam\"", "\"potential.eam\\nshell touch owned\"", "plain file name");
  refused("\"potential.eam\"", "\"../../etc/passwd\"", "plain file name");
  refused("\"name\":\"nve\"", "\"name\":\"nve\\nshell touch owned\"", "a-z");
  refused("\"ensemble\":\"nve\"", "\"ensemble\":\"nve\\nshell touch owned\"", "\"npt\" or \"nph\"");
  refused("\"timestep_ps\":0.002", "\"timestep_ps\":\"0.002\\nshell touch owned\"", "not a number");
  BOOST_TEST(!std::filesystem::exists(folder / "owned"));
  BOOST_TEST(run_by_hand(folder, good).code == 0);
  BOOST_TEST(std::filesystem::exists(folder / "md.json"));
}

BOOST_AUTO_TEST_CASE(a_killed_worker_is_an_error_and_not_the_end) {
  const TemporaryFolder folder;
  for (const int ranks : {1, 2}) {
    bool killed = false;
    const auto kill_once = [&](const core::Progress& p) {
      if (killed || p.done == 0.0) return;
      const auto workers = workers_below(::getpid());
      if (static_cast<int>(workers.size()) == ranks) killed = ::kill(workers.back(), SIGKILL) == 0;
    };
    const auto message = message_of<core::ExternalError>(
        [&] { md::run_job(long_job(), {}, folder / "kill", worker(ranks), kill_once); });
    BOOST_TEST(killed);
    BOOST_TEST(contains(message, "molecular dynamics stopped at nve", "signal 9", "Killed"));
    BOOST_TEST(workers_below(::getpid()).empty());
  }
}

BOOST_AUTO_TEST_CASE(interruption_stops_the_worker_at_once) {
  const TemporaryFolder folder;
  for (const int ranks : {1, 2}) {
    const auto interrupt = [](const core::Progress& p) {
      if (p.done > 0.0) throw core::Interrupted("stop");
    };
    std::chrono::steady_clock::time_point thrown{};
    const auto timed = [&](const core::Progress& p) {
      thrown = std::chrono::steady_clock::now();
      interrupt(p);
    };
    BOOST_CHECK_THROW(md::run_job(long_job(), {}, folder / "stop", worker(ranks), timed), core::Interrupted);
    BOOST_TEST(seconds_since(thrown) < 4.0);
    BOOST_TEST(workers_below(::getpid()).empty());
    BOOST_TEST(!std::filesystem::exists(folder.path() / "stop" / md::summary_name));
  }
}

BOOST_AUTO_TEST_CASE(the_worker_dies_with_its_parent) {
  const TemporaryFolder folder;
  for (const int ranks : {1, 2}) {
    const pid_t parent = ::fork();
    if (parent == 0) {
      try {
        md::run_job(long_job(), {}, folder / "orphan", worker(ranks));
      } catch (const std::exception&) {
        ::_exit(1);
      }
      ::_exit(0);
    }
    std::vector<int> workers;
    for (int i = 0; i < 400 && static_cast<int>(workers.size()) < ranks; ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(25));
      workers = workers_below(parent);
    }
    BOOST_TEST_REQUIRE(static_cast<int>(workers.size()) == ranks);
    std::this_thread::sleep_for(std::chrono::milliseconds(500)); // well into its work
    ::kill(parent, SIGKILL);
    ::waitpid(parent, nullptr, 0);
    const auto gone = [](int pid) { return !living_process(pid).has_value(); };
    bool all_gone = false;
    for (int i = 0; i < 200 && !all_gone; ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(25));
      all_gone = std::all_of(workers.begin(), workers.end(), gone);
    }
    BOOST_TEST(all_gone);
  }
}

BOOST_AUTO_TEST_CASE(bad_options_and_places_are_named) {
  const TemporaryFolder folder;
  BOOST_TEST(
      contains(message_of<core::ConfigError>([&] { md::run_job(short_job(), {}, folder / "o", worker(0)); }),
               "MD ranks = 0", "1 to 1024"));
  BOOST_TEST(contains(message_of<core::ExternalError>([&] {
                        md::run_job(short_job(), {}, folder / "o", {"/no/aetval-md", 1});
                      }),
                      "/no/aetval-md"));
  core::write_file(folder / "file", "");
  BOOST_TEST(contains(
      message_of<core::ExternalError>([&] { md::run_job(short_job(), {}, folder / "file", worker(1)); }),
      "file", "could not be made"));
  BOOST_TEST(contains(message_of<core::ExternalError>([&] { (void)md::worker_versions("/bin/true"); }),
                      "/bin/true"));
  ::setenv("AETVAL_MD_WORKER", "/somewhere/else", 1);
  BOOST_TEST(md::default_worker_path() == "/somewhere/else");
  ::unsetenv("AETVAL_MD_WORKER");
  BOOST_TEST(md::default_worker_path().filename() == "aetval-md");
}

BOOST_AUTO_TEST_SUITE_END()
