#include "sim/core/error.hpp"
#include "sim/core/io/file.hpp"
#include "sim/md/droplet.hpp"
#include "sim/md/job.hpp"
#include "sim/md/potential.hpp"
#include "tests/support/message.hpp"
#include "tests/support/temporary_folder.hpp"

#include <boost/test/unit_test.hpp>

#include <cmath>
#include <functional>
#include <limits>

BOOST_AUTO_TEST_SUITE(job)

using namespace aet;
using aet::test::contains;
using aet::test::message_of;
using aet::test::TemporaryFolder;

namespace {

md::Job good_job() {
  md::DropletProtocol protocol;
  protocol.atoms = 20;
  md::Job job = md::droplet_job(protocol, md::PotentialStyle::eam);
  for (const char* name : {"vx", "vy", "vz"})
    job.atoms.columns[name].assign(20, 0.1);
  return job;
}

/// The message with which a job changed by `spoil` is refused.
std::string refusal(const std::function<void(md::Job&)>& spoil) {
  md::Job job = good_job();
  spoil(job);
  return message_of<core::ConfigError>([&] { md::validate(job); });
}

/// What LAMMPS' command interpreter would act on: new lines, variables, immediate shell, comments, quotes.
const std::vector<std::string> injections{"x\nshell touch owned",
                                          "${x}",
                                          "$(2+2)",
                                          "a b",
                                          "a;b",
                                          "\"q\"",
                                          "a#b",
                                          "a&",
                                          "../x",
                                          "-x",
                                          "",
                                          "é",
                                          std::string(100, 'a'),
                                          std::string("a\0b", 3)};

} // namespace

BOOST_AUTO_TEST_CASE(json_round_trip_is_exact) {
  const md::Job job = good_job();
  const std::string text = md::job_to_json(job);
  const md::Job again = md::job_from_json(text, "job.json");
  BOOST_TEST(md::job_to_json(again) == text);
  BOOST_TEST(
      (again.atoms.positions == job.atoms.positions)); // doubles are written so that they read back exactly
  BOOST_TEST((again.atoms.columns == job.atoms.columns));
  BOOST_TEST(again.stages.size() == 3U);
  BOOST_TEST(again.stages[0].draw.has_value());
  BOOST_TEST(again.stages[0].draw->seed == job.stages[0].draw->seed);
  BOOST_TEST(!again.stages[1].draw.has_value());
  BOOST_TEST(md::atom_steps(again) == 20.0 * (5000 + 10000 + 60000));
}

BOOST_AUTO_TEST_CASE(nothing_but_plain_names_and_numbers_passes) {
  for (const std::string& text : injections) {
    BOOST_TEST(
        contains(refusal([&](md::Job& j) { j.potential = text; }), "potential: file", "plain file name"));
    BOOST_TEST(contains(refusal([&](md::Job& j) { j.stages[1].name = text; }), "stage 2: name", "a-z"));
  }
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const double infinity = std::numeric_limits<double>::infinity();
  for (const double bad : {nan, infinity, -1.0}) {
    BOOST_TEST(contains(refusal([&](md::Job& j) { j.timestep_ps = bad; }), "timestep_ps"));
    BOOST_TEST(
        contains(refusal([&](md::Job& j) { j.stages[0].begin_k = bad; }), "stage 1: begin_k", "1 to 20000"));
    BOOST_TEST(contains(refusal([&](md::Job& j) { j.stages[0].end_k = bad; }), "end_k"));
    BOOST_TEST(contains(refusal([&](md::Job& j) { j.stages[0].damping_ps = bad; }), "damping_ps"));
    BOOST_TEST(
        contains(refusal([&](md::Job& j) { j.stages[0].draw->temperature_k = bad; }), "draw.temperature_k"));
    BOOST_TEST(contains(refusal([&](md::Job& j) { j.atoms.cell->vectors(1, 1) = bad; }), "edge 1"));
  }
  BOOST_TEST(contains(refusal([](md::Job& j) { j.stages[0].draw->seed = 0; }), "seed = 0"));
  BOOST_TEST(
      contains(refusal([](md::Job& j) { j.stages[2].frame_every = 750; }), "frame_every = 750", "500"));
  BOOST_TEST(contains(refusal([](md::Job& j) { j.stages[0].steps = -1; }), "steps = -1"));
  BOOST_TEST(contains(refusal([](md::Job& j) { j.stages.clear(); }), "stages: number = 0"));
  BOOST_TEST(contains(refusal([](md::Job& j) { j.atoms.cell->vectors(0, 1) = 1.0; }), "orthogonal"));
  BOOST_TEST(contains(refusal([](md::Job& j) { j.atoms.cell.reset(); }), "cell"));
  BOOST_TEST(contains(refusal([](md::Job& j) { j.atoms.columns.erase("vy"); }), "vx, vy, vz"));
  BOOST_TEST(contains(refusal([](md::Job& j) { j.description = "[1]"; }), "JSON object"));
  BOOST_TEST(contains(refusal([](md::Job& j) {
                        j.atoms.cell->periodic = {false, false, false};
                        j.atoms.positions[4].z() = 1000.0;
                      }),
                      "atom 4", "periodic"));
  md::Job job = good_job();
  job.atoms.positions[2].x() = nan;
  BOOST_TEST(contains(message_of<core::DataError>([&] { md::validate(job); }), "MD job"));
}

BOOST_AUTO_TEST_CASE(job_files_are_read_strictly) {
  const std::string good = md::job_to_json(good_job());
  const auto refused = [&](const std::string& from, const std::string& to) {
    std::string text = good;
    text.replace(text.find(from), from.size(), to);
    return message_of<core::ConfigError>([&] { (void)md::job_from_json(text, "j.json"); });
  };
  BOOST_TEST(contains(refused("\"timestep_ps\"", "\"time_step_ps\""), "j.json", "timestep_ps"));
  BOOST_TEST(contains(refused("\"schema\":2", "\"schema\":2,\"shell\":\"rm x\""), "unknown key \"shell\""));
  BOOST_TEST(contains(refused("\"schema\":2", "\"schema\":2,\"stage\":1"), "did you mean \"stages\"?"));
  BOOST_TEST(contains(refused("\"ensemble\":\"nvt\"", "\"ensemble\":\"nvt temp 1 1 1\\nshell x\""), "stage 1",
                      "ensemble"));
  BOOST_TEST(contains(refused("\"draw\":{\"seed\":", "\"draw\":{\"x\":1,\"seed\":9"), "seed", "2147483647"));
  BOOST_TEST(contains(refused("\"schema\":2", "\"schema\":1"), "schema"));
  BOOST_TEST(contains(refused("\"remove_momentum\":false", "\"remove_momentum\":0"), "true or false"));
  BOOST_TEST(contains(refused("\"atomic_numbers\":[78", "\"atomic_numbers\":[\"Pt\""), "not a number"));
  BOOST_TEST(contains(refused("\"atomic_numbers\":[78", "\"atomic_numbers\":[119"), "atomic number 119"));
  BOOST_TEST(contains(refused("\"atomic_numbers\":[78,", "\"atomic_numbers\":["), "coordinates"));
  BOOST_TEST(contains(refused("{", "["), "not JSON"));
  // Every cut of the text is refused without a crash.
  for (std::size_t length = 0; length < good.size(); length += 37)
    BOOST_CHECK_THROW((void)md::job_from_json(good.substr(0, length), "cut"), core::ConfigError);
}

BOOST_AUTO_TEST_CASE(protocol_options_are_checked_by_name) {
  const auto refused = [](const std::function<void(md::DropletProtocol&)>& spoil) {
    md::DropletProtocol protocol;
    spoil(protocol);
    return message_of<core::ConfigError>([&] { md::validate(protocol); });
  };
  BOOST_TEST(contains(refused([](auto& p) { p.hold_k = 0.0; }), "hold_k = 0", "1 to 20000"));
  BOOST_TEST(contains(refused([](auto& p) { p.atoms = 12; }), "atoms = 12"));
  BOOST_TEST(contains(refused([](auto& p) { p.timestep_fs = std::nan(""); }), "timestep_fs = nan"));
  BOOST_TEST(contains(refused([](auto& p) { p.frame_ps = 0.0111; }), "frame_ps = 0.0111",
                      "multiple of the time step (2 fs)"));
  BOOST_TEST(contains(refused([](auto& p) { p.margin_a = 1.0; }), "margin_a = 1"));
  md::ImagingProtocol imaging;
  imaging.frames = 1;
  BOOST_TEST(
      contains(message_of<core::ConfigError>([&] { md::validate(imaging); }), "frames = 1", "2 to 1000"));
  // Seeds of 64 bits: all different, all allowed.
  md::DropletProtocol protocol;
  protocol.atoms = 13;
  const auto seed_of = [&](std::uint64_t seed) {
    protocol.seed = seed;
    return md::droplet_job(protocol, md::PotentialStyle::eam).stages[0].draw->seed;
  };
  BOOST_TEST(seed_of(0) != seed_of(1));
  BOOST_TEST(seed_of(1) != seed_of((std::uint64_t{1} << 32U) + 1U));
}

BOOST_AUTO_TEST_CASE(potential_headers_are_checked) {
  const TemporaryFolder folder;
  const md::PotentialInfo info = md::read_potential_info({});
  BOOST_TEST((info.atomic_numbers == std::vector<int>{78}));
  BOOST_TEST(contains(info.comment, "Foiles"));
  BOOST_TEST(info.sha256.size() == 64U);
  const auto refused = [&](const std::string& text, md::PotentialStyle style) {
    core::write_file(folder / "p", text);
    return message_of<core::DataError>([&] { (void)md::read_potential_info({folder / "p", style}); });
  };
  const auto missing = message_of<core::DataError>([&] {
    (void)md::read_potential_info({folder / "no.eam", md::PotentialStyle::eam});
  });
  BOOST_TEST(contains(missing, "no.eam", "does not exist", "apt-get install lammps-data"));
  BOOST_TEST(contains(refused("a\n", md::PotentialStyle::eam), "ends within its header", "pair_style eam"));
  BOOST_TEST(contains(refused("a\nPt 195 3.92\n1 2\n", md::PotentialStyle::eam), "line 2"));
  BOOST_TEST(contains(refused("a\n78 195 3.92 fcc\nhello\n", md::PotentialStyle::eam), "line 3"));
  BOOST_TEST(contains(refused("a\nb\nc\n78 195 3.92\n", md::PotentialStyle::eam_alloy), "line 4"));
  BOOST_TEST(contains(refused("a\nb\nc\n2 Fe Xx\n", md::PotentialStyle::eam_alloy), "line 4", "Xx"));
  core::write_file(folder / "p", "a\nb\nc\n2 Fe Pt\n");
  BOOST_TEST((md::read_potential_info({folder / "p", md::PotentialStyle::eam_alloy}).atomic_numbers ==
              std::vector<int>{26, 78}));
  for (const auto style : {md::PotentialStyle::eam, md::PotentialStyle::eam_alloy, md::PotentialStyle::eam_fs,
                           md::PotentialStyle::lj_cut})
    BOOST_TEST((md::style_from_name(md::style_name(style)) == style));
  BOOST_TEST(contains(message_of<core::DataError>([] { (void)md::style_from_name("lj"); }), "lj", "eam/alloy",
                      "lj/cut"));
}

BOOST_AUTO_TEST_SUITE_END()
