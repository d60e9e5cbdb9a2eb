// NumPy's .npy files.
#pragma once

#include "sim/core/io/numeric_array.hpp"

#include <filesystem>

namespace aet::core {

/// Format versions 1 to 3; C and Fortran order; either byte order; b1, i1-i8, u1-u8, f2, f4, f8.
/// \throws DataError naming the path for another kind of file, complex numbers, strings, records, or a file
/// that is too short. Source: numpy.lib.format documentation.
[[nodiscard]] NumericArray read_npy(const std::filesystem::path& path);

} // namespace aet::core
