#include "sim/core/error.hpp"
#include "sim/core/io/file.hpp"
#include "sim/core/io/npy.hpp"
#include "tests/support/message.hpp"
#include "tests/support/temporary_folder.hpp"
#include "tests/unit/core/npy_writer.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

BOOST_AUTO_TEST_SUITE(npy)

using namespace aet::core;
using aet::test::contains;
using aet::test::message_of;
using aet::test::npy_bytes;
using aet::test::TemporaryFolder;

namespace {

/// 2 x 3 numbers a(i, j) = 10 i + j, written in C order, read back column-major.
template <class T> void round_trip(const std::string& type, int version) {
  const TemporaryFolder folder;
  std::string values;
  for (const int v : {0, 1, 2, 10, 11, 12}) {
    T value = static_cast<T>(v);
    std::string raw(reinterpret_cast<const char*>(&value), sizeof value);
    if (type[0] == '>') std::reverse(raw.begin(), raw.end());
    values += raw;
  }
  write_file(folder / "a.npy", npy_bytes(type, false, "(2, 3)", values, version));
  const NumericArray array = read_npy(folder / "a.npy");
  BOOST_TEST(array.shape == (std::vector<std::size_t>{2, 3}), boost::test_tools::per_element());
  BOOST_TEST(array.values == (std::vector<double>{0, 10, 1, 11, 2, 12}), boost::test_tools::per_element());
}

} // namespace

BOOST_AUTO_TEST_CASE(types_byte_orders_and_versions) {
  round_trip<float>("<f4", 1);
  round_trip<double>("<f8", 2);
  round_trip<float>(">f4", 3);
  round_trip<std::int8_t>("|i1", 1);
  round_trip<std::uint8_t>("|u1", 1);
  round_trip<std::int16_t>("<i2", 1);
  round_trip<std::uint16_t>(">u2", 1);
  round_trip<std::int32_t>("<i4", 2);
  round_trip<std::uint32_t>("<u4", 1);
  round_trip<std::int64_t>(">i8", 1);
  round_trip<std::uint64_t>("<u8", 1);
}

BOOST_AUTO_TEST_CASE(fortran_order_half_precision_and_single_numbers) {
  const TemporaryFolder folder;
  // Half precision: 1 = 0x3C00, -2 = 0xC000, 0.5 = 0x3800, 2^-24 = 0x0001.
  write_file(folder / "h.npy",
             npy_bytes("<f2", true, "(2, 2)", std::string("\x00\x3C\x00\xC0\x00\x38\x01\x00", 8), 1));
  const NumericArray half = read_npy(folder / "h.npy");
  BOOST_TEST(half.values == (std::vector<double>{1, -2, 0.5, 5.9604644775390625e-8}),
             boost::test_tools::per_element());
  write_file(folder / "s.npy", npy_bytes("|u1", false, "()", "\x07", 1));
  BOOST_TEST(read_npy(folder / "s.npy").values.at(0) == 7.0);
  write_file(folder / "v.npy", npy_bytes("|b1", false, "(2,)", std::string("\x01\x00", 2), 1));
  BOOST_TEST(read_npy(folder / "v.npy").values == (std::vector<double>{1, 0}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(what_is_wrong_is_said) {
  const TemporaryFolder folder;
  const auto rejected = [&](const std::string& bytes) {
    write_file(folder / "x.npy", bytes);
    return message_of<DataError>([&] { (void)read_npy(folder / "x.npy"); });
  };
  BOOST_TEST(contains(rejected("PK no npy here"), "x.npy", "does not start"));
  BOOST_TEST(contains(rejected(npy_bytes("<c8", false, "(2,)", "", 1)), "<c8", "<f4"));
  BOOST_TEST(contains(rejected(npy_bytes("<f4", false, "(2, 3)", "1234", 1)), "6 values", "4 bytes follow"));
  BOOST_TEST(
      contains(rejected(npy_bytes("<f4", false, "(99999999, 99999999)", "", 1)), "larger than the file"));
  BOOST_TEST(contains(rejected(npy_bytes("<f4", false, "2", "", 1)), "shape"));
  BOOST_TEST(contains(rejected(npy_bytes("<f4", false, "(2,)", "", 1).substr(0, 30)), "within its header"));
}

BOOST_AUTO_TEST_SUITE_END()
