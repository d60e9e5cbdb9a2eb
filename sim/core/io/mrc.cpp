#include "sim/core/io/mrc.hpp"

#include "sim/core/error.hpp"
#include "sim/core/io/file.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <string>

namespace aet::core {

namespace fs = std::filesystem;

namespace {

constexpr std::size_t header_size = 1024;
constexpr std::int32_t imod_stamp = 1146047817;      // "IMOD" as a little-endian word
constexpr std::int32_t little_endian_stamp = 0x4144; // machine stamp bytes 44 41 00 00

// Header words (4 bytes each, 0-based) of MRC2014.
enum Word : std::size_t {
  nx_word = 0,
  ny_word = 1,
  nz_word = 2,
  mode_word = 3,
  mx_word = 7,
  cell_x_word = 10,
  angle_word = 13,
  axis_word = 16,
  dmin_word = 19,
  ispg_word = 22,
  extended_word = 23,
  version_word = 27,
  imod_stamp_word = 38,
  imod_flags_word = 39,
  origin_word = 49,
  map_word = 52,
  stamp_word = 53,
  rms_word = 54,
  label_count_word = 55,
};

enum Mode : std::int32_t { int8_mode = 0, int16_mode = 1, float32_mode = 2, uint16_mode = 6 };

template <class T> T from_bytes(const char* p, bool swap) {
  std::array<char, sizeof(T)> raw{};
  std::memcpy(raw.data(), p, sizeof(T));
  if (swap) std::reverse(raw.begin(), raw.end());
  return std::bit_cast<T>(raw);
}

struct MrcHeader {
  bool swap = false;
  std::array<std::int32_t, 3> size{};
  std::int32_t mode = 0;
  std::array<double, 3> step{}; ///< [angstrom], 0 = not given
  std::size_t extended = 0;
  bool unsigned_bytes = false;
};

[[noreturn]] void reject_mrc(const fs::path& path, const std::string& why) {
  throw DataError(fmt::format("'{}' is not a usable MRC file: {}.", path.string(), why));
}

std::size_t bytes_per_value(const fs::path& path, std::int32_t mode) {
  switch (mode) {
  case int8_mode:
    return 1;
  case int16_mode:
  case uint16_mode:
    return 2;
  case float32_mode:
    return 4;
  default:
    reject_mrc(path, fmt::format("mode {} is not supported; allowed are 0 (int8), 1 (int16), 2 (float32) and "
                                 "6 (uint16)",
                                 mode));
  }
}

MrcHeader parse_mrc_header(const fs::path& path, const std::string& bytes) {
  if (bytes.size() < header_size) {
    reject_mrc(path, fmt::format("it has {} bytes and the header alone takes {}", bytes.size(), header_size));
  }
  MrcHeader h;
  const auto int_at = [&](std::size_t word) {
    return from_bytes<std::int32_t>(bytes.data() + 4 * word, h.swap);
  };
  const auto float_at = [&](std::size_t word) {
    return static_cast<double>(from_bytes<float>(bytes.data() + 4 * word, h.swap));
  };
  // Old files have no machine stamp, so the byte order is the one that makes sense of size and mode.
  constexpr std::int32_t sane_size = 1 << 16;
  constexpr std::int32_t sane_mode = 128;
  const auto sane = [&] {
    return int_at(nx_word) > 0 && int_at(nx_word) < sane_size && int_at(ny_word) > 0 &&
           int_at(ny_word) < sane_size && int_at(nz_word) > 0 && int_at(nz_word) < sane_size &&
           int_at(mode_word) >= 0 && int_at(mode_word) < sane_mode;
  };
  if (!sane()) {
    h.swap = true;
    if (!sane()) reject_mrc(path, "its size and mode make no sense in either byte order");
  }
  h.size = {int_at(nx_word), int_at(ny_word), int_at(nz_word)};
  h.mode = int_at(mode_word);
  for (std::size_t axis = 0; axis < 3; ++axis) {
    const std::int32_t cells = int_at(mx_word + axis);
    const double length = float_at(cell_x_word + axis);
    if (cells > 0 && length > 0.0 && std::isfinite(length)) h.step.at(axis) = length / cells;
  }
  const std::int32_t extended = int_at(extended_word);
  if (extended < 0) reject_mrc(path, fmt::format("its extended header has a length of {} bytes", extended));
  h.extended = static_cast<std::size_t>(extended);
  // IMOD writes unsigned bytes unless bit 0 of its flags says signed.
  h.unsigned_bytes = int_at(imod_stamp_word) == imod_stamp && (int_at(imod_flags_word) & 1) == 0;
  return h;
}

float value_at(const MrcHeader& h, const char* p) {
  switch (h.mode) {
  case int8_mode:
    return h.unsigned_bytes ? static_cast<float>(static_cast<unsigned char>(*p))
                            : static_cast<float>(static_cast<signed char>(*p));
  case int16_mode:
    return static_cast<float>(from_bytes<std::int16_t>(p, h.swap));
  case uint16_mode:
    return static_cast<float>(from_bytes<std::uint16_t>(p, h.swap));
  default:
    return from_bytes<float>(p, h.swap);
  }
}

/// Builds a float32 file in memory; statistics are gathered in double precision, in file order.
class Writer {
public:
  Writer(int nx, int ny, int nz, double step, std::int32_t space_group) : bytes_(header_size, '\0') {
    put(nx_word, std::int32_t{nx});
    put(ny_word, std::int32_t{ny});
    put(nz_word, std::int32_t{nz});
    put(mode_word, std::int32_t{float32_mode});
    const std::array<int, 3> size{nx, ny, nz};
    for (std::size_t axis = 0; axis < 3; ++axis) {
      put(mx_word + axis, std::int32_t{size.at(axis)});
      put(cell_x_word + axis, static_cast<float>(size.at(axis) * step));
      put(angle_word + axis, 90.0F);
      put(axis_word + axis, static_cast<std::int32_t>(axis + 1));
    }
    put(ispg_word, space_group);
    put(version_word, std::int32_t{20140});
    // Origin: the coordinate of the first voxel, so that voxel n/2 lies at zero (volumes only).
    if (space_group != 0) {
      for (std::size_t axis = 0; axis < 3; ++axis) {
        put(origin_word + axis, static_cast<float>(-(size.at(axis) / 2) * step));
      }
    }
    std::memcpy(bytes_.data() + 4 * map_word, "MAP ", 4);
    put(stamp_word, little_endian_stamp);
    put(label_count_word, std::int32_t{1});
    const std::string label = "aetval: atomic electron tomography, validated";
    std::memcpy(bytes_.data() + 4 * (label_count_word + 1), label.data(), label.size());
  }

  /// Room for so many values, so that the file is held once.
  void reserve(std::size_t values) { bytes_.reserve(header_size + values * sizeof(float)); }

  void add(const AlignedVector<float>& values) {
    const std::size_t offset = bytes_.size();
    bytes_.resize(offset + values.size() * sizeof(float));
    std::memcpy(bytes_.data() + offset, values.data(), values.size() * sizeof(float));
    for (const float value : values) {
      const double v = static_cast<double>(value);
      min_ = std::min(min_, v);
      max_ = std::max(max_, v);
      sum_ += v;
      squares_ += v * v;
      ++count_;
    }
  }

  void save(const fs::path& path) {
    const double n = static_cast<double>(std::max<std::size_t>(count_, 1));
    const double mean = sum_ / n;
    put(dmin_word, static_cast<float>(min_));
    put(dmin_word + 1, static_cast<float>(max_));
    put(dmin_word + 2, static_cast<float>(mean));
    put(rms_word, static_cast<float>(std::sqrt(std::max(0.0, squares_ / n - mean * mean))));
    write_file(path, bytes_);
  }

private:
  template <class T> void put(std::size_t word, T value) {
    static_assert(sizeof(T) == 4 && std::endian::native == std::endian::little);
    std::memcpy(bytes_.data() + 4 * word, &value, 4);
  }

  std::string bytes_;
  double min_ = std::numeric_limits<double>::infinity();
  double max_ = -std::numeric_limits<double>::infinity();
  double sum_ = 0.0;
  double squares_ = 0.0;
  std::size_t count_ = 0;
};

} // namespace

namespace {

MrcStack read_sections(const fs::path& path, const std::string& bytes, const MrcHeader& h) {
  const std::size_t width = bytes_per_value(path, h.mode);
  const std::size_t per_image = static_cast<std::size_t>(h.size[0]) * static_cast<std::size_t>(h.size[1]);
  const std::size_t needed =
      header_size + h.extended + width * per_image * static_cast<std::size_t>(h.size[2]);
  if (bytes.size() < needed) {
    reject_mrc(path,
               fmt::format("its header promises {} x {} x {} values ({} bytes in all) but it has {} bytes",
                           h.size[0], h.size[1], h.size[2], needed, bytes.size()));
  }
  MrcStack stack;
  stack.pixel_size = h.step[0];
  stack.pixel_height = h.step[1];
  const char* p = bytes.data() + header_size + h.extended;
  for (std::int32_t iz = 0; iz < h.size[2]; ++iz) {
    Image image(h.size[0], h.size[1]);
    for (float& value : image.data) {
      value = value_at(h, p);
      p += width;
    }
    stack.images.push_back(std::move(image));
  }
  return stack;
}

} // namespace

MrcStack read_mrc_stack(const fs::path& path) {
  const std::string bytes = read_file(path);
  return read_sections(path, bytes, parse_mrc_header(path, bytes));
}

Volume read_mrc_volume(const fs::path& path) {
  const std::string bytes = read_file(path);
  const MrcHeader h = parse_mrc_header(path, bytes);
  const MrcStack stack = read_sections(path, bytes, h);
  constexpr double tolerance = 1e-3; // header words are single precision and often rounded
  for (std::size_t axis = 1; axis < 3; ++axis) {
    if (h.step[0] > 0.0 && h.step.at(axis) > 0.0 && std::abs(h.step.at(axis) / h.step[0] - 1.0) > tolerance) {
      reject_mrc(path, fmt::format("its voxels are not cubes ({} x {} x {} A); resample it", h.step[0],
                                   h.step[1], h.step[2]));
    }
  }
  Volume volume(h.size[0], h.size[1], h.size[2], stack.pixel_size > 0.0 ? stack.pixel_size : 1.0);
  auto out = volume.data.begin();
  for (const Image& image : stack.images)
    out = std::copy(image.data.begin(), image.data.end(), out);
  return volume;
}

void write_mrc_stack(const fs::path& path, const std::vector<Image>& images, double pixel_size) {
  if (images.empty()) throw DataError(fmt::format("there are no images to write to '{}'.", path.string()));
  constexpr std::int32_t image_stack = 0;
  Writer writer(images.front().nx, images.front().ny, static_cast<int>(images.size()), pixel_size,
                image_stack);
  writer.reserve(images.size() * images.front().data.size());
  for (const Image& image : images) {
    if (image.nx != images.front().nx || image.ny != images.front().ny) {
      throw DataError(fmt::format("images of {} x {} and {} x {} cannot go into one stack '{}'.", image.nx,
                                  image.ny, images.front().nx, images.front().ny, path.string()));
    }
    writer.add(image.data);
  }
  writer.save(path);
}

void write_mrc_volume(const fs::path& path, const Volume& volume) {
  constexpr std::int32_t single_volume = 1;
  Writer writer(volume.nx, volume.ny, volume.nz, volume.voxel_size, single_volume);
  writer.add(volume.data);
  writer.save(path);
}

} // namespace aet::core
