#include "sim/core/error.hpp"
#include "sim/core/io/file.hpp"
#include "tests/support/message.hpp"
#include "tests/support/temporary_folder.hpp"
#include "validation/manifest/manifest.hpp"

#include <boost/test/unit_test.hpp>

BOOST_AUTO_TEST_SUITE(manifests)

using namespace aet;
using namespace aet::validation;

BOOST_AUTO_TEST_CASE(round_trip_and_validity) {
  const test::TemporaryFolder run;
  BOOST_TEST(read_manifest(run.path()).stages.empty());
  core::write_file(run / "a.txt", "abc");
  Manifest manifest;
  manifest.version = "1";
  manifest.case_name = "a \"case\"";
  manifest.seed = 9000000000000000ULL;
  StageRecord record;
  record.name = "image";
  record.key = "k";
  record.read.program = "p";
  record.read.settings = {{"trace.upsampling", "3"}, {"trace.fixed_threshold", std::nullopt}};
  record.read.inputs = {{"b.txt", "hash"}};
  record.read.not_there = {"c.txt"};
  record.outputs = hash_files(run.path(), {"a.txt"});
  record.logs = {"log"};
  record.notes = {"note"};
  record.usage = {1.5, 2.5, 3.5};
  manifest.put(record);
  record.key = "k2";
  manifest.put(record); // replaces
  write_manifest(run.path(), manifest);
  const Manifest back = read_manifest(run.path());
  BOOST_TEST(back.case_name == manifest.case_name);
  BOOST_TEST(back.seed == manifest.seed);
  BOOST_REQUIRE(back.stages.size() == 1U);
  BOOST_TEST(back.find("image")->key == "k2");
  BOOST_TEST(back.find("image")->read.program == "p");
  BOOST_TEST((back.find("image")->read.settings == record.read.settings));
  BOOST_TEST((back.find("image")->read.inputs == record.read.inputs));
  BOOST_TEST((back.find("image")->read.not_there == record.read.not_there));
  BOOST_TEST(back.find("image")->usage.cpu_s == 2.5);
  BOOST_TEST((back.find("image")->outputs == record.outputs));
  BOOST_TEST(back.find("trace") == nullptr);

  BOOST_TEST(outputs_intact(run.path(), *back.find("image")));
  core::write_file(run / "a.txt", "abd");
  BOOST_TEST(!outputs_intact(run.path(), *back.find("image")));
  std::filesystem::remove(run / "a.txt");
  BOOST_TEST(!outputs_intact(run.path(), *back.find("image")));
}

BOOST_AUTO_TEST_CASE(a_broken_manifest_is_named) {
  const test::TemporaryFolder run;
  core::write_file(run / "manifest.json", "{\"version\": 1}");
  BOOST_TEST(test::contains(test::message_of<core::DataError>([&] { (void)read_manifest(run.path()); }),
                            "manifest.json", "broken", "--out"));
}

BOOST_AUTO_TEST_CASE(stages_of_an_old_manifest_are_known_by_name_alone) {
  const test::TemporaryFolder run;
  core::write_file(run / "manifest.json",
                   R"({"schema": 1, "version": "0", "case": "c", "seed": 1, "command": "", "versions": {},
                       "stages": [{"name": "image", "key": "k", "inputs": {}, "outputs": {"a.txt": "h"}}]})");
  const Manifest manifest = read_manifest(run.path());
  BOOST_REQUIRE(manifest.find("image") != nullptr);
  BOOST_TEST(manifest.find("image")->read.program.empty()); // of no program, so it runs again
  BOOST_TEST(manifest.find("image")->outputs.contains("a.txt"));
}

BOOST_AUTO_TEST_CASE(the_key_is_all_that_was_read) {
  ReadRecord read{"p", {{"a", "1"}}, {{"f", "h"}}, {}};
  const std::string key = read.key("trace");
  BOOST_TEST(read.key("trace") == key);
  BOOST_TEST(read.key("image") != key);
  read.settings["b"] = std::nullopt;
  BOOST_TEST(read.key("trace") != key);
  read.settings.erase("b");
  read.not_there = {"g"};
  BOOST_TEST(read.key("trace") != key);
}

BOOST_AUTO_TEST_CASE(what_a_stage_does_not_make_any_more_is_deleted) {
  const test::TemporaryFolder run;
  for (const char* name : {"old.json", "kept.json", "other.json"})
    core::write_file(run / name, "x");
  StageRecord before;
  before.name = "score";
  before.outputs = hash_files(run.path(), {"old.json", "kept.json", "other.json"});
  StageRecord now;
  now.name = "score";
  now.outputs = hash_files(run.path(), {"kept.json"});
  StageRecord other;
  other.name = "image";
  other.logs = {"other.json"};
  Manifest manifest;
  manifest.put(now);
  manifest.put(other);
  remove_leftovers(run.path(), before, manifest);
  BOOST_TEST(!std::filesystem::exists(run / "old.json"));
  BOOST_TEST(std::filesystem::exists(run / "kept.json"));
  BOOST_TEST(std::filesystem::exists(run / "other.json"));
}

BOOST_AUTO_TEST_SUITE_END()
