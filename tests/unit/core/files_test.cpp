#include "sim/core/error.hpp"
#include "sim/core/io/file.hpp"
#include "sim/core/io/mrc.hpp"
#include "sim/core/io/text_lines.hpp"
#include "sim/core/io/tilt_files.hpp"
#include "sim/core/orientation.hpp"
#include "tests/support/message.hpp"
#include "tests/support/temporary_folder.hpp"

#include <Eigen/Core>
#include <boost/test/unit_test.hpp>

BOOST_AUTO_TEST_SUITE(files)

using namespace aet::core;
using aet::test::contains;
using aet::test::message_of;
using aet::test::TemporaryFolder;
namespace fs = std::filesystem;

BOOST_AUTO_TEST_CASE(round_trip_and_hash) {
  const TemporaryFolder folder;
  const fs::path path = folder / "deep/er/file.txt";
  write_file(path, "abc");
  BOOST_TEST(read_file(path) == "abc");
  // The first example of FIPS 180-2, appendix B.1.
  const std::string expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
  BOOST_TEST(sha256_of_file(path) == expected);
  BOOST_TEST(sha256("abc") == expected);
  BOOST_TEST(std::distance(fs::directory_iterator(path.parent_path()), {}) == 1); // no temporary left
}

BOOST_AUTO_TEST_CASE(missing_file_and_folder_are_named) {
  const TemporaryFolder folder;
  BOOST_TEST(
      contains(message_of<DataError>([&] { (void)read_file(folder / "none"); }), "none", "No such file"));
  BOOST_TEST(contains(message_of<DataError>([&] { (void)read_file(folder.path()); }), "is a folder"));
}

BOOST_AUTO_TEST_CASE(a_write_that_fails_names_the_reason_and_keeps_the_old_file) {
  const TemporaryFolder folder;
  write_file(folder / "file", "old");
  // A parent that is a file cannot be made a folder, for root as for anyone.
  BOOST_TEST(contains(message_of<ExternalError>([&] { write_file(folder / "file/below", "x"); }),
                      "file/below", "Not a directory"));
  BOOST_TEST(read_file(folder / "file") == "old");
}

BOOST_AUTO_TEST_CASE(angles) {
  const TemporaryFolder folder;
  write_file(folder / "a.rawtlt", "# comment\n -62.3\n\n+10\r\n 0.5e1 \n");
  BOOST_TEST((read_rawtlt(folder / "a.rawtlt") == std::vector<double>{-62.3, 10.0, 5.0}));
  write_file(folder / "b.rawtlt", "1\n2 3\n");
  BOOST_TEST(contains(message_of<DataError>([&] { (void)read_rawtlt(folder / "b.rawtlt"); }), "b.rawtlt:2",
                      "'2 3'"));
  write_file(folder / "c.rawtlt", "nan\n");
  BOOST_TEST(
      contains(message_of<DataError>([&] { (void)read_rawtlt(folder / "c.rawtlt"); }), "c.rawtlt:1", "nan"));
}

BOOST_AUTO_TEST_CASE(tilt_series_round_trip) {
  const TemporaryFolder folder;
  TiltSeries series;
  series.images = {Image(4, 6, 1.0F), Image(4, 6, 2.0F)};
  series.orientations = {rotation_from_euler({0.01, 0.5, -0.02}), tilt_rotation(-0.5)};
  series.pixel_size = 0.37;
  series.intensity = Intensity::counts;
  series.microscope.energy_kv = 200.0;
  write_tilt_series(folder / "s.mrc", series);
  BOOST_TEST(!fs::exists(folder / "s.rawtlt")); // not a single axis, so angles alone would lie
  const TiltSeries back = read_tilt_series(folder / "s.mrc");
  BOOST_TEST(back.pixel_size == 0.37);
  BOOST_TEST((back.intensity == Intensity::counts));
  BOOST_TEST(back.microscope.energy_kv.value() == 200.0);
  BOOST_TEST(!back.microscope.gain.has_value());
  for (std::size_t i = 0; i < 2; ++i) {
    BOOST_TEST((back.orientations[i] - series.orientations[i]).norm() < 1e-14);
    BOOST_TEST((back.images[i].data == series.images[i].data));
  }
  write_file(folder / "other.rawtlt", "1\n2\n3\n");
  BOOST_TEST(contains(
      message_of<DataError>([&] { (void)read_tilt_series(folder / "s.mrc", folder / "other.rawtlt"); }),
      "s.mrc", "2 images", "3 tilt angles"));
  fs::remove(folder / "s.json");
  BOOST_TEST(contains(message_of<DataError>([&] { (void)read_tilt_series(folder / "s.mrc"); }), "--angles"));
}

BOOST_AUTO_TEST_CASE(all_that_is_known_of_a_series_comes_back_and_poses_need_no_copy_of_the_images) {
  const TemporaryFolder folder;
  TiltSeries series;
  series.images = {Image(4, 6, 1.0F), Image(4, 6, 2.0F)};
  series.orientations = {tilt_rotation(0.5), tilt_rotation(-0.5)};
  series.pixel_size = 0.4;
  series.exposures = {4, 3};
  series.masked = {{0, 1, 2, 9}, {}};
  series.backgrounds = {1.5, -2.0};
  series.microscope.gain = 2.5;
  series.microscope.noise_source = "estimated";
  fs::create_directories(folder / "prepared");
  write_tilt_series(folder / "prepared/s.mrc", series);
  TiltSeries aligned = series;
  aligned.shifts = {Vec2(1.25, -0.5), Vec2(0.0, 3.0)};
  aligned.orientations[0] = rotation_from_euler({0.01, 0.5, -0.02});
  aligned.poses = PoseSource::aligned;
  fs::create_directories(folder / "aligned");
  write_series_poses(folder / "aligned/s.json", aligned, folder / "prepared/s.mrc");
  const TiltSeries back = read_tilt_series(folder / "aligned/s.json");
  BOOST_TEST((back.poses == PoseSource::aligned));
  BOOST_TEST((back.exposures == series.exposures));
  BOOST_TEST((back.masked == series.masked));
  BOOST_TEST((back.backgrounds == series.backgrounds));
  BOOST_TEST(back.microscope.noise_source == "estimated");
  for (std::size_t i = 0; i < 2; ++i) {
    BOOST_TEST((back.shifts[i] - aligned.shifts[i]).norm() < 1e-14);
    BOOST_TEST((back.orientations[i] - aligned.orientations[i]).norm() < 1e-14);
    BOOST_TEST((back.images[i].data == series.images[i].data));
  }
  // The prepared series has poses of its own still.
  BOOST_TEST(read_tilt_series(folder / "prepared/s.mrc").shifts.empty());
  const TiltSeries second = part_of(back, {1});
  BOOST_TEST(second.size() == 1U);
  BOOST_TEST(second.shifts[0].y() == 3.0);
  BOOST_TEST(second.exposures[0] == 3);
  write_file(folder / "x.json", R"({"format": "aetval poses 1", "tilts": []})");
  BOOST_TEST(contains(message_of<DataError>([&] { (void)read_tilt_series(folder / "x.json"); }), "x.json",
                      "'aetval poses 1'", "aetval tilt series 2"));
  aligned.masked[1] = {24};
  BOOST_TEST(contains(message_of<DataError>([&] { validate(aligned, "s"); }), "masked pixels of image 1"));
}

BOOST_AUTO_TEST_CASE(a_header_and_a_description_that_differ_in_pixel_size_are_refused) {
  const TemporaryFolder folder;
  const fs::path mrc = folder / "s.mrc";
  TiltSeries series;
  series.images = {Image(4, 6, 1.0F), Image(4, 6, 2.0F)};
  series.orientations = {tilt_rotation(0.5), tilt_rotation(-0.5)};
  series.pixel_size = 0.4;
  write_tilt_series(mrc, series);
  write_mrc_stack(mrc, series.images, 0.404);
  const std::string refused = message_of<DataError>([&] { (void)read_tilt_series(mrc); });
  BOOST_TEST(contains(refused, "0.404 A by its header", "0.4 A by", "--pixel-a"));
  BOOST_TEST(read_tilt_series(mrc, {}, 0.404).pixel_size == 0.404);
  write_mrc_stack(mrc, series.images, 1.0); // what programs write that do not know it
  BOOST_TEST(read_tilt_series(mrc).pixel_size == 0.4);
}

BOOST_AUTO_TEST_CASE(text_is_split_into_lines_words_and_fields) {
  using Parts = std::vector<std::string_view>;
  BOOST_TEST((split_lines("a\r\n\nb c\n") == Parts{"a", "", "b c"}));
  BOOST_TEST((split_lines("a\nb") == Parts{"a", "b"}));
  BOOST_TEST(split_lines("").empty());
  BOOST_TEST((split_words(" a \t b\r") == Parts{"a", "b"}));
  BOOST_TEST((split_words("1, 2;3", " ,;") == Parts{"1", "2", "3"}));
  BOOST_TEST((split_fields("a,,b,", ',') == Parts{"a", "", "b", ""}));
}

BOOST_AUTO_TEST_SUITE_END()
