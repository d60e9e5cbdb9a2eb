// Finding the images and the angles among the arrays of a file.
#pragma once

#include "sim/core/grid.hpp"
#include "sim/core/io/numeric_array.hpp"

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace aet::core {

/// Names under which the groups of GENFIRE and RESIRE store images and angles, in the order of the search.
[[nodiscard]] const std::vector<std::string>& image_names();
[[nodiscard]] const std::vector<std::string>& angle_names();

struct NamedArray {
  std::string name;
  NumericArray array;
};

/// The first of `names` (upper or lower case) that is there, else the only array there is.
/// \throws DataError naming `source`, what was looked for and what is there.
[[nodiscard]] NamedArray choose_array(std::map<std::string, NumericArray> arrays,
                                      const std::vector<std::string>& names, const std::string& source,
                                      const std::string& what);

/// Images of an array [x][y][tilt], as MATLAB and Python programs of these groups index it.
/// \throws DataError naming `source` for another number of indices.
[[nodiscard]] std::vector<Image> images_from(const NumericArray& array, const std::string& source);

/// "80 x 80 x 31"
[[nodiscard]] std::string shape_text(const std::vector<std::size_t>& shape);
/// Without lengths of 1 at the end beyond the first `keep`.
[[nodiscard]] std::vector<std::size_t> without_trailing_ones(std::vector<std::size_t> shape,
                                                             std::size_t keep);
/// ".mat" for "A/B.MAT"
[[nodiscard]] std::string lower_ending(const std::filesystem::path& path);

} // namespace aet::core
