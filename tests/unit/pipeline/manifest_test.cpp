#include "sim/core/error.hpp"
#include "sim/core/io/file.hpp"
#include "tests/support/message.hpp"
#include "tests/support/temporary_folder.hpp"
#include "validation/manifest/manifest.hpp"

#include <boost/test/unit_test.hpp>

using namespace aet;
using namespace aet::validation;

BOOST_AUTO_TEST_SUITE(manifests)

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

BOOST_AUTO_TEST_SUITE_END()
