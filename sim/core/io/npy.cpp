#include "sim/core/io/npy.hpp"

#include "sim/core/error.hpp"
#include "sim/core/io/file.hpp"

#include <fmt/core.h>

#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace aet::core {

namespace fs = std::filesystem;

namespace {

[[noreturn]] void reject_npy(const fs::path& path, const std::string& why) {
  throw DataError(fmt::format("'{}' is not a usable .npy file: {}.", path.string(), why));
}

struct NpyHeader {
  bool swap = false;
  char kind = 'f';
  std::size_t width = 8; ///< bytes a value
  bool fortran = false;
  std::vector<std::size_t> shape;
  std::size_t data = 0; ///< where the values start
};

/// What follows 'key': in the header's Python dictionary.
std::string_view value_of(const fs::path& path, std::string_view dictionary, std::string_view key) {
  const std::size_t at = dictionary.find(fmt::format("'{}'", key));
  const std::size_t colon = at == std::string_view::npos ? at : dictionary.find(':', at);
  if (colon == std::string_view::npos) reject_npy(path, fmt::format("its header has no '{}'", key));
  const std::size_t first = dictionary.find_first_not_of(' ', colon + 1);
  if (first == std::string_view::npos) reject_npy(path, fmt::format("its header ends after '{}'", key));
  return dictionary.substr(first);
}

std::vector<std::size_t> parse_shape(const fs::path& path, std::string_view text) {
  const std::size_t end = text.find(')');
  if (text.empty() || text.front() != '(' || end == std::string_view::npos)
    reject_npy(path, "its shape is unreadable");
  std::vector<std::size_t> shape;
  for (std::size_t i = 1; i < end;) {
    if (text[i] == ' ' || text[i] == ',' || text[i] == 'L') {
      ++i;
      continue;
    }
    std::size_t length = 0;
    const auto [rest, error] = std::from_chars(text.data() + i, text.data() + end, length);
    constexpr std::size_t most = std::size_t{1} << 32U;
    if (error != std::errc{} || length > most) reject_npy(path, "its shape is unreadable");
    shape.push_back(length);
    i = static_cast<std::size_t>(rest - text.data());
  }
  return shape;
}

void parse_type(const fs::path& path, std::string_view text, NpyHeader& header) {
  // '<f4': byte order, kind, width; a record or a string is spelled otherwise.
  constexpr std::size_t shortest = 5;
  const bool plain = text.size() >= shortest && text.front() == '\'' && text.find('\'', 1) == shortest - 1;
  const char order = plain ? text[1] : ' ';
  header.kind = plain ? text[2] : ' ';
  header.width = plain ? static_cast<std::size_t>(text[3] - '0') : 0;
  const bool width_known = header.width == 1 || header.width == 2 || header.width == 4 || header.width == 8;
  const bool known = header.kind == 'f'   ? width_known && header.width > 1
                     : header.kind == 'b' ? header.width == 1
                                          : width_known && (header.kind == 'i' || header.kind == 'u');
  if (!known || (order != '<' && order != '>' && order != '|' && order != '=')) {
    reject_npy(path,
               fmt::format("its type {} is not supported; allowed are real numbers, such as '<f4', '<f8', "
                           "'<i2', '|u1'",
                           text.substr(0, text.find_first_of(",}"))));
  }
  header.swap = order == '>';
}

NpyHeader parse_npy_header(const fs::path& path, const std::string& bytes) {
  constexpr std::string_view magic = "\x93NUMPY";
  constexpr std::size_t preamble = 10; // magic, version, two bytes of length
  if (bytes.size() < preamble + 2 || std::string_view(bytes).substr(0, magic.size()) != magic) {
    reject_npy(path, "it does not start as one");
  }
  const auto byte = [&](std::size_t i) {
    return static_cast<std::size_t>(static_cast<unsigned char>(bytes[i]));
  };
  const std::size_t version = byte(6);
  if (version < 1 || version > 3) reject_npy(path, fmt::format("its format version {} is unknown", version));
  std::size_t length = byte(8) + 256 * byte(9);
  std::size_t start = preamble;
  if (version > 1) {
    length += 65536 * (byte(10) + 256 * byte(11));
    start += 2;
  }
  if (bytes.size() < start + length) reject_npy(path, "it ends within its header");
  const std::string_view dictionary = std::string_view(bytes).substr(start, length);
  NpyHeader header;
  header.data = start + length;
  parse_type(path, value_of(path, dictionary, "descr"), header);
  header.fortran = value_of(path, dictionary, "fortran_order").substr(0, 4) == "True";
  header.shape = parse_shape(path, value_of(path, dictionary, "shape"));
  return header;
}

template <class T> double number(const std::array<char, 8>& raw) {
  T value{};
  std::memcpy(&value, raw.data(), sizeof(T));
  return static_cast<double>(value);
}

/// IEEE half precision: 1 sign, 5 exponent, 10 fraction bits.
double half(std::uint16_t bits) {
  const int exponent = (bits >> 10) & 31;
  const int fraction = bits & 1023;
  const double sign = (bits & 0x8000) != 0 ? -1.0 : 1.0;
  if (exponent == 31) return fraction == 0 ? sign * HUGE_VAL : std::nan("");
  if (exponent == 0) return sign * std::ldexp(fraction, -24);
  return sign * std::ldexp(1024 + fraction, exponent - 25);
}

double value_at(const NpyHeader& h, const char* p) {
  static_assert(std::endian::native == std::endian::little);
  std::array<char, 8> raw{};
  for (std::size_t i = 0; i < raw.size() && i < h.width; ++i)
    raw.at(i) = p[h.swap ? h.width - 1 - i : i];
  switch (h.kind) {
  case 'f':
    if (h.width == 2) return half(std::bit_cast<std::array<std::uint16_t, 4>>(raw)[0]);
    return h.width == 4 ? number<float>(raw) : number<double>(raw);
  case 'i':
    return h.width == 1   ? number<std::int8_t>(raw)
           : h.width == 2 ? number<std::int16_t>(raw)
           : h.width == 4 ? number<std::int32_t>(raw)
                          : number<std::int64_t>(raw);
  default: // unsigned and bool
    return h.width == 1   ? number<std::uint8_t>(raw)
           : h.width == 2 ? number<std::uint16_t>(raw)
           : h.width == 4 ? number<std::uint32_t>(raw)
                          : number<std::uint64_t>(raw);
  }
}

} // namespace

NumericArray read_npy(const fs::path& path) {
  const std::string bytes = read_file(path);
  const NpyHeader h = parse_npy_header(path, bytes);
  std::size_t count = 1;
  for (const std::size_t length : h.shape) {
    if (length != 0 && count > bytes.size() / length + 1)
      reject_npy(path, "its shape is larger than the file");
    count *= length;
  }
  if (bytes.size() - h.data < count * h.width) {
    reject_npy(path, fmt::format("its header promises {} values of {} bytes but {} bytes follow", count,
                                 h.width, bytes.size() - h.data));
  }
  NumericArray array;
  array.shape = h.shape;
  array.values.resize(count);
  // Where in the file, in values, each index steps to; the first index runs fastest in the result.
  std::vector<std::size_t> stride(h.shape.size(), 1);
  if (h.fortran) {
    for (std::size_t d = 1; d < stride.size(); ++d)
      stride[d] = stride[d - 1] * h.shape[d - 1];
  } else {
    for (std::size_t d = stride.size(); d-- > 1;)
      stride[d - 1] = stride[d] * h.shape[d];
  }
  std::vector<std::size_t> index(h.shape.size(), 0);
  std::size_t at = 0;
  for (double& value : array.values) {
    value = value_at(h, bytes.data() + h.data + at * h.width);
    for (std::size_t d = 0; d < index.size(); ++d) {
      at += stride[d];
      if (++index[d] < h.shape[d]) break;
      at -= stride[d] * h.shape[d];
      index[d] = 0;
    }
  }
  return array;
}

} // namespace aet::core
