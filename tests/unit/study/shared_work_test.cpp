#include "sim/core/io/file.hpp"
#include "tests/support/temporary_folder.hpp"
#include "validation/manifest/shared_work.hpp"

#include <boost/test/unit_test.hpp>

#include <filesystem>

BOOST_AUTO_TEST_SUITE(shared_work)

using namespace aet;
using validation::SharedWork;
using validation::StageRecord;

namespace {

bool same(const validation::ReadRecord& read) {
  return read.program == "program";
}

bool other(const validation::ReadRecord& read) {
  return !same(read);
}

struct Folder {
  test::TemporaryFolder folder;
  std::filesystem::path dir = folder.path();
  Folder() { std::filesystem::create_directories(dir / "b"); }

  [[nodiscard]] StageRecord finished() const {
    core::write_file(dir / "a/truth/t000.xyz", "atoms");
    core::write_file(dir / "a/truth/md.log", "log");
    StageRecord record;
    record.name = "truth";
    record.read.program = "program";
    record.key = "0123456789abcdef0123456789abcdef0123";
    record.outputs = validation::hash_files(dir / "a", {"truth/t000.xyz"});
    record.logs = {"truth/md.log"};
    return record;
  }
};

} // namespace

BOOST_FIXTURE_TEST_SUITE(shared_work, Folder)

BOOST_AUTO_TEST_CASE(finished_stages_are_copied_where_the_same_was_read) {
  const SharedWork shared{dir / "shared"};
  const StageRecord record = finished();
  BOOST_TEST(!validation::adopt_stage(shared, "truth", same, dir / "b").has_value());
  validation::offer_stage(shared, record, dir / "a");
  const auto adopted = validation::adopt_stage(shared, "truth", same, dir / "b");
  BOOST_REQUIRE(adopted.has_value());
  BOOST_TEST(core::read_file(dir / "b/truth/t000.xyz") == "atoms");
  BOOST_TEST(core::read_file(dir / "b/truth/md.log") == "log");
  BOOST_TEST((adopted->outputs == record.outputs));
  BOOST_TEST(!validation::adopt_stage(shared, "truth", other, dir / "b").has_value());
  BOOST_TEST(!validation::adopt_stage(shared, "image", same, dir / "b").has_value());
}

BOOST_AUTO_TEST_CASE(changed_files_are_not_taken) {
  const SharedWork shared{dir / "shared"};
  const StageRecord record = finished();
  validation::offer_stage(shared, record, dir / "a");
  core::write_file(dir / "a/truth/t000.xyz", "other atoms");
  BOOST_TEST(!validation::adopt_stage(shared, "truth", same, dir / "b").has_value());
  std::filesystem::remove_all(dir / "a");
  BOOST_TEST(!validation::adopt_stage(shared, "truth", same, dir / "b").has_value());
}

BOOST_AUTO_TEST_CASE(without_a_folder_nothing_is_shared) {
  const SharedWork alone;
  const StageRecord record = finished();
  validation::offer_stage(alone, record, dir / "a");
  BOOST_TEST(!validation::adopt_stage(alone, "truth", same, dir / "b").has_value());
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE_END()
