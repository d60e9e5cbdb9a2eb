// A stage runs again exactly if something that it read has changed.
//
// Two small cases are run, so that every stage has a record of what it read. Then each setting is changed in
// turn: the stages that noted it are due, all others are not, and a setting that no stage notes should not
// exist. That the records are whole is shown by runs that go on after a change: they leave what a run from
// nothing leaves.
#include "sim/core/io/file.hpp"
#include "tests/support/temporary_folder.hpp"
#include "tests/unit/stage_keys/changed_case.hpp"
#include "tests/unit/stage_keys/small_cases.hpp"
#include "validation/stages/run.hpp"

#include <boost/test/unit_test.hpp>
#include <fmt/core.h>

#include <algorithm>
#include <set>

BOOST_AUTO_TEST_SUITE(stage_keys)

using namespace aet;
using validation::Case;
using validation::Manifest;
using validation::StageRecord;

namespace {

namespace fs = std::filesystem;
using Names = std::set<std::string>;

struct Outcome {
  Manifest manifest;
  Names ran;
};

Outcome run(const Case& c, const fs::path& dir, bool resume = false) {
  Outcome out;
  validation::RunOptions options;
  options.run_dir = dir;
  options.resume = resume;
  options.threads = {2};
  options.program = "test";
  validation::RunEvents events;
  events.started = [&](const validation::Stage& stage, int, int, const std::vector<std::string>&) {
    out.ran.insert(stage.name);
  };
  out.manifest = validation::run_case(c, options, events);
  return out;
}

Names due(const Manifest& manifest, const Case& c, const fs::path& dir) {
  Names names;
  for (const StageRecord& record : manifest.stages)
    if (!validation::changes_since(record.read, c, dir, "test").empty()) names.insert(record.name);
  return names;
}

Names readers_of(const Manifest& manifest, const std::string& key) {
  Names names;
  for (const StageRecord& record : manifest.stages)
    if (record.read.settings.contains(key)) names.insert(record.name);
  return names;
}

/// The settings whose values differ, what follows from settings included.
Names differences(const Case& a, const Case& b) {
  Names keys;
  for (const auto& [key, value] : a.values)
    if (const auto other = b.values.find(key); other == b.values.end() || other->second != value)
      keys.insert(key);
  for (const auto& [key, value] : b.values)
    if (!a.values.contains(key)) keys.insert(key);
  return keys;
}

/// Settings that no other value fits unless several others change with them, also files that are not there.
/// That a stage notes them is tested as for all others.
const Names& not_changed_alone() {
  static const Names keys{"truth.source", "truth.system", "truth.lattice",
                          "truth.nuclei", "truth.phase",  "truth.composition"};
  return keys;
}

void check_every_key(const Case& c, const fs::path& dir) {
  const Outcome first = run(c, dir);
  BOOST_TEST(due(first.manifest, c, dir).empty());
  BOOST_TEST(run(c, dir, true).ran.empty());
  const auto keys = test::setting_keys(c);
  BOOST_TEST(keys.size() > 60U);
  for (const std::string& key : keys) {
    const Names readers = readers_of(first.manifest, key);
    BOOST_TEST(!readers.empty(), "no stage reads " << key);
    if (not_changed_alone().contains(key)) continue;
    try {
      const Case other = test::changed(c, key);
      Names expected = readers;
      for (const std::string& changed : differences(c, other))
        expected.merge(readers_of(first.manifest, changed));
      BOOST_TEST((due(first.manifest, other, dir) == expected), key);
    } catch (const std::runtime_error& e) {
      BOOST_ERROR(e.what()); // the other keys are tried all the same
    }
  }
}

Case read(const std::string& toml) {
  const Case c = validation::read_case_text(toml, "case.toml");
  // A run from the resolved case is the same run.
  BOOST_TEST(differences(c, validation::read_case_text(c.resolved_toml, "case.toml")).empty());
  return c;
}

std::map<std::string, std::string> outputs(const Manifest& manifest) {
  std::map<std::string, std::string> all;
  for (const StageRecord& record : manifest.stages)
    all.insert(record.outputs.begin(), record.outputs.end());
  return all;
}

} // namespace

BOOST_AUTO_TEST_CASE(every_key_of_a_particle_with_species_refined_by_likelihood) {
  const test::TemporaryFolder folder;
  check_every_key(read(test::particle_case()), folder / "run");
}

BOOST_AUTO_TEST_CASE(every_key_of_molecular_dynamics_and_the_published_refinement) {
  const test::TemporaryFolder folder;
  check_every_key(read(test::dynamics_case()), folder / "run");
}

BOOST_AUTO_TEST_CASE(settings_of_other_cases_belong_to_groups_that_stages_read) {
  for (const std::string& toml : test::further_cases()) {
    const Case c = read(toml);
    Names grouped = c.truth.keys;
    for (const Names& keys :
         {c.title.keys, c.seed.keys, c.images.keys, c.noise.keys, c.prepare.keys, c.align.keys,
          c.reconstruct.keys, c.trace.keys, c.classify.keys, c.refine.keys, c.analyze.keys, c.chemistry.keys,
          c.chance.keys, c.compared_models.keys, c.checks.keys})
      grouped.insert(keys.begin(), keys.end());
    for (const std::string& key : test::setting_keys(c))
      BOOST_TEST(grouped.contains(key), "no group holds " << key);
  }
}

BOOST_AUTO_TEST_CASE(a_run_that_goes_on_after_a_change_leaves_what_a_new_one_leaves) {
  const test::TemporaryFolder folder;
  const Case c = read(test::particle_case());
  (void)run(c, folder / "first");
  const std::vector<std::pair<std::string, Names>> changes{
      {"seed",
       {"truth", "image", "prepare", "align", "reconstruct", "trace", "refine", "analyze", "score",
        "report"}},
      {"images.noise.gain",
       {"image", "prepare", "align", "reconstruct", "trace", "refine", "analyze", "score", "report"}},
      {"align.refine", {"align", "reconstruct", "trace", "refine", "analyze", "score", "report"}},
      {"classify.radius_a", {"trace", "refine", "analyze", "score", "report"}},
      {"analyze.nucleus_min_atoms", {"analyze", "score", "report"}},
      {"title", {"score", "report"}}};
  for (const auto& [key, possible] : changes) {
    const Case other = test::changed(c, key);
    const fs::path dir = folder.path() / ("on_" + key);
    fs::copy(folder / "first", dir, fs::copy_options::recursive);
    const Outcome on = run(other, dir, true);
    BOOST_TEST(std::includes(possible.begin(), possible.end(), on.ran.begin(), on.ran.end()), key);
    BOOST_TEST(!on.ran.empty());
    BOOST_TEST((outputs(on.manifest) == outputs(run(other, folder.path() / ("new_" + key)).manifest)), key);
  }
}

BOOST_AUTO_TEST_CASE(poses_that_are_not_refined_any_more_are_not_scored) {
  const test::TemporaryFolder folder;
  const std::string with = test::particle_case();
  std::string without = with;
  without.replace(without.find("\"shifts\""), 8, "\"off\"");
  (void)run(read(with), folder / "run");
  BOOST_TEST(fs::exists(folder / "run/aligned/t000_fit.json"));
  (void)run(read(without), folder / "run", true);
  BOOST_TEST(!fs::exists(folder / "run/aligned/t000_fit.json"));
  // So does a stage that the case has no more.
  std::string unrefined = without;
  unrefined.replace(unrefined.find("max_iterations = 3"), 18, "enabled = false");
  const Outcome last = run(read(unrefined), folder / "run", true);
  BOOST_TEST(last.manifest.find("refine") == nullptr);
  BOOST_TEST(!fs::exists(folder / "run/refined/t000.xyz"));
}

BOOST_AUTO_TEST_CASE(files_beside_images_are_inputs) {
  const test::TemporaryFolder folder;
  const Case made = read(test::particle_case());
  (void)run(made, folder / "made");
  for (const char* name : {"t000.mrc", "t000.rawtlt"})
    fs::copy(folder / "made/tilts" / name, folder / name);
  const Case c = read(fmt::format("[truth]\nsource = \"file\"\nfiles = \"{0}/made/truth/t000.xyz\"\n"
                                  "[images]\nfiles = \"{0}/t000.mrc\"\npixel_a = 0.6\n"
                                  "[reconstruct]\niterations = 5\n[trace]\nelement = \"Pt\"\n",
                                  folder.path().string()));
  (void)run(c, folder / "run");
  BOOST_TEST(run(c, folder / "run", true).ran.empty());
  const std::string angles = core::read_file(folder / "t000.rawtlt");
  core::write_file(folder / "t000.rawtlt", "# other angles\n" + angles);
  BOOST_TEST(run(c, folder / "run", true).ran.contains("image"));
  fs::copy(folder / "made/tilts/t000.json", folder / "t000.json"); // which is preferred where it is there
  BOOST_TEST(run(c, folder / "run", true).ran.contains("image"));
}

BOOST_AUTO_TEST_SUITE_END()
