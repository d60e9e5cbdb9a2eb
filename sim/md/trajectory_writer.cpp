#include "sim/core/error.hpp"
#include "sim/core/io/lammps_dump.hpp"
#include "sim/md/trajectory.hpp"

#include <fcntl.h>
#include <fmt/core.h>
#include <unistd.h>
#include <zlib.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace aet::md {

namespace {

struct GzClose {
  void operator()(gzFile file) const { gzclose(file); }
};
using GzHandle = std::unique_ptr<std::remove_pointer_t<gzFile>, GzClose>;

} // namespace

struct TrajectoryWriter::File {
  std::filesystem::path path;
  GzHandle handle;
  std::string text;

  [[noreturn]] void fail() const {
    throw core::ExternalError(
        fmt::format("trajectory {}: cannot be written ({})", path.string(), std::strerror(errno)));
  }
};

TrajectoryWriter::TrajectoryWriter(const std::filesystem::path& path, std::vector<int> atomic_numbers,
                                   core::Cell cell, std::optional<std::uintmax_t> keep)
    : file_(std::make_unique<File>()), atomic_numbers_(std::move(atomic_numbers)), cell_(std::move(cell)) {
  file_->path = path;
  if (!keep) {
    open("wb");
    return;
  }
  std::error_code error;
  const auto length = std::filesystem::file_size(path, error);
  if (error || length < *keep)
    throw core::ExternalError(fmt::format("trajectory {}: is shorter than its restart point says ({} bytes); "
                                          "remove the folder and start again",
                                          path.string(), *keep));
  std::filesystem::resize_file(path, *keep, error);
  if (error) throw core::ExternalError(fmt::format("trajectory {}: {}", path.string(), error.message()));
  open("ab");
}

void TrajectoryWriter::open(const char* mode) {
  // "T" writes plain bytes. Level 4: a third faster than 6 for 3 % more bytes on such text.
  const std::string how = mode + std::string(file_->path.extension() == ".gz" ? "4" : "T");
  file_->handle.reset(gzopen(file_->path.c_str(), how.c_str()));
  if (!file_->handle) file_->fail();
}

std::uintmax_t TrajectoryWriter::mark() {
  close();
  const int fd = ::open(file_->path.c_str(), O_RDONLY | O_CLOEXEC);
  const bool synced = fd >= 0 && ::fsync(fd) == 0;
  if (fd >= 0) ::close(fd);
  if (!synced) file_->fail();
  std::error_code error;
  const auto length = std::filesystem::file_size(file_->path, error);
  if (error) file_->fail();
  open("ab");
  return length;
}

TrajectoryWriter::~TrajectoryWriter() = default;

void TrajectoryWriter::write(const Frame& frame, double time_ps) {
  if (frame.positions.size() != atomic_numbers_.size() ||
      (!frame.velocities.empty() && frame.velocities.size() != atomic_numbers_.size()))
    throw core::DataError(fmt::format("trajectory {}: a frame has {} atoms, the file {}",
                                      file_->path.string(), frame.positions.size(), atomic_numbers_.size()));
  const core::Vec3 edges = frame.edges.value_or(cell_.vectors.diagonal());
  std::string& text = file_->text;
  text.clear();
  core::append_frame({.step = frame.step,
                      .time_ps = time_ps,
                      .cell = {core::Mat3(edges.asDiagonal()), cell_.periodic},
                      .low = -0.5 * edges,
                      .atomic_numbers = atomic_numbers_,
                      .positions = frame.positions,
                      .velocities = frame.velocities,
                      .unwrapped = true,
                      .digits = 5,
                      .box_digits = 6},
                     text);
  if (gzwrite(file_->handle.get(), text.data(), static_cast<unsigned>(text.size())) !=
      static_cast<int>(text.size()))
    file_->fail();
}

void TrajectoryWriter::close() {
  if (file_->handle && gzclose(file_->handle.release()) != Z_OK) file_->fail();
}

} // namespace aet::md
