#include "sim/core/error.hpp"
#include "sim/core/io/file.hpp"
#include "sim/core/io/mrc.hpp"
#include "tests/support/message.hpp"
#include "tests/support/reference_data.hpp"
#include "tests/support/temporary_folder.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string>

BOOST_AUTO_TEST_SUITE(mrc)

using namespace aet::core;
using aet::test::contains;
using aet::test::message_of;
using aet::test::TemporaryFolder;

namespace {

template <class T> void put(std::string& bytes, std::size_t offset, T value) {
  if (bytes.size() < offset + sizeof value) bytes.resize(offset + sizeof value);
  std::memcpy(bytes.data() + offset, &value, sizeof value);
}

/// A 2 x 1 x 1 file with the values -2 and 3 in a given mode, behind an extended header.
template <class T> std::string small_file(std::int32_t mode, std::int32_t extended, bool big_endian) {
  std::string bytes(1024, '\0');
  put(bytes, 0, std::int32_t{2});
  put(bytes, 4, std::int32_t{1});
  put(bytes, 8, std::int32_t{1});
  put(bytes, 12, mode);
  put(bytes, 92, extended);
  if (big_endian) {
    for (const std::size_t word : {0U, 4U, 8U, 12U, 92U})
      std::reverse(bytes.data() + word, bytes.data() + word + 4);
  }
  bytes.resize(1024 + static_cast<std::size_t>(extended), 'x');
  for (const int v : {-2, 3}) {
    const T value = static_cast<T>(v);
    std::string raw(sizeof value, '\0');
    std::memcpy(raw.data(), &value, sizeof value);
    if (big_endian) std::reverse(raw.begin(), raw.end());
    bytes += raw;
  }
  return bytes;
}

} // namespace

BOOST_AUTO_TEST_CASE(all_modes_both_byte_orders_with_extended_header) {
  const TemporaryFolder folder;
  for (const bool big_endian : {false, true}) {
    for (const auto& bytes :
         {small_file<std::int8_t>(0, 80, big_endian), small_file<std::int16_t>(1, 80, big_endian),
          small_file<float>(2, 0, big_endian)}) {
      write_file(folder / "f.mrc", bytes);
      const MrcStack stack = read_mrc_stack(folder / "f.mrc");
      BOOST_TEST(stack.images.at(0).at(0, 0) == -2.0F);
      BOOST_TEST(stack.images.at(0).at(1, 0) == 3.0F);
      BOOST_TEST(stack.pixel_size == 0.0);
    }
  }
  write_file(folder / "u.mrc", small_file<std::uint16_t>(6, 0, false));
  BOOST_TEST(read_mrc_stack(folder / "u.mrc").images.at(0).at(0, 0) == 65534.0F);
}

BOOST_AUTO_TEST_CASE(volume_round_trip) {
  const TemporaryFolder folder;
  Volume volume(4, 3, 2, 0.34);
  for (std::size_t i = 0; i < volume.data.size(); ++i)
    volume.data[i] = static_cast<float>(i) - 5.5F;
  write_mrc_volume(folder / "v.mrc", volume);
  const Volume back = read_mrc_volume(folder / "v.mrc");
  BOOST_TEST((back.data == volume.data));
  BOOST_TEST(std::abs(back.voxel_size - 0.34) < 1e-6); // single precision header
  BOOST_TEST(back.at(1, 2, 1) == volume.at(1, 2, 1));
  const std::string bytes = read_file(folder / "v.mrc");
  float mean = 0.0F;
  std::memcpy(&mean, bytes.data() + 84, 4);
  BOOST_TEST(mean == 6.0F);
}

BOOST_AUTO_TEST_CASE(broken_files_are_refused_by_name) {
  const TemporaryFolder folder;
  write_file(folder / "short.mrc", "abc");
  BOOST_TEST(contains(message_of<DataError>([&] { (void)read_mrc_stack(folder / "short.mrc"); }), "short.mrc",
                      "3 bytes"));
  std::string bytes = small_file<float>(2, 0, false);
  bytes.pop_back();
  write_file(folder / "cut.mrc", bytes);
  BOOST_TEST(contains(message_of<DataError>([&] { (void)read_mrc_stack(folder / "cut.mrc"); }), "promises",
                      "2 x 1 x 1"));
  write_file(folder / "mode.mrc", small_file<float>(4, 0, false));
  BOOST_TEST(contains(message_of<DataError>([&] { (void)read_mrc_stack(folder / "mode.mrc"); }), "mode 4",
                      "allowed"));
}

BOOST_AUTO_TEST_CASE(published_file_opens, aet::test::needs_reference()) {
  const MrcStack stack = read_mrc_stack(aet::test::reference_dir() / "recon" / "resire.mrc");
  BOOST_TEST(stack.images.size() == 41U);
  BOOST_TEST(stack.images.front().nx == 64);
}

BOOST_AUTO_TEST_SUITE_END()
