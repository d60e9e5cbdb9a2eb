// .npy files as NumPy writes them.
#pragma once

#include <string>

namespace aet::test {

inline std::string npy_bytes(const std::string& type, bool fortran, const std::string& shape,
                             const std::string& values, int version) {
  std::string header = "{'descr': '" + type + "', 'fortran_order': " + (fortran ? "True" : "False") +
                       ", 'shape': " + shape + ", }";
  const std::size_t preamble = version == 1 ? 10 : 12;
  while ((preamble + header.size() + 1) % 64 != 0)
    header += ' ';
  header += '\n';
  std::string bytes = "\x93NUMPY";
  bytes += static_cast<char>(version);
  bytes += '\0';
  bytes += static_cast<char>(header.size() & 255U);
  bytes += static_cast<char>(header.size() >> 8U);
  if (version > 1) bytes += std::string(2, '\0');
  return bytes + header + values;
}

} // namespace aet::test
