#include "sim/core/io/series_arrays.hpp"

#include "sim/core/error.hpp"
#include "sim/core/join.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cctype>

namespace aet::core {

namespace {

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

} // namespace

const std::vector<std::string>& image_names() {
  static const std::vector<std::string> names{"projections", "projection", "refprojections",
                                              "images",      "proj",       "data"};
  return names;
}

const std::vector<std::string>& angle_names() {
  static const std::vector<std::string> names{"angles", "angle", "euler_angles", "refangles", "tilts"};
  return names;
}

NamedArray choose_array(std::map<std::string, NumericArray> arrays, const std::vector<std::string>& names,
                        const std::string& source, const std::string& what) {
  for (const std::string& wanted : names) {
    for (auto& [name, array] : arrays) {
      if (lower(name) == wanted) return {name, std::move(array)};
    }
  }
  if (arrays.size() == 1) return {arrays.begin()->first, std::move(arrays.begin()->second)};
  std::vector<std::string> there;
  for (const auto& [name, array] : arrays)
    there.push_back(fmt::format("{} ({})", name, shape_text(array.shape)));
  throw DataError(fmt::format("'{}' has no {}: looked for arrays named {}; it holds {}.", source, what,
                              join(names, ", "), there.empty() ? "no numeric array" : join(there, ", ")));
}

std::vector<Image> images_from(const NumericArray& array, const std::string& source) {
  constexpr std::size_t longest = 1U << 16U;
  if (array.shape.size() != 3 || array.values.empty() || array.shape[0] > longest ||
      array.shape[1] > longest) {
    throw DataError(fmt::format("'{}': its images are an array of {}; x by y by number of tilts is expected.",
                                source, shape_text(array.shape)));
  }
  std::vector<Image> images;
  auto value = array.values.begin();
  for (std::size_t tilt = 0; tilt < array.shape[2]; ++tilt) {
    Image image(static_cast<int>(array.shape[0]), static_cast<int>(array.shape[1]));
    for (float& pixel : image.data)
      pixel = static_cast<float>(*value++);
    images.push_back(std::move(image));
  }
  return images;
}

std::string shape_text(const std::vector<std::size_t>& shape) {
  return shape.empty() ? "one number" : join(shape, " x ");
}

std::vector<std::size_t> without_trailing_ones(std::vector<std::size_t> shape, std::size_t keep) {
  while (shape.size() > keep && shape.back() == 1)
    shape.pop_back();
  return shape;
}

std::string lower_ending(const std::filesystem::path& path) {
  return lower(path.extension().string());
}

} // namespace aet::core
