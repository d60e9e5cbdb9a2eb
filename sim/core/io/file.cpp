#include "sim/core/io/file.hpp"

#include "sim/core/error.hpp"

#include <fcntl.h>
#include <fmt/core.h>
#include <openssl/evp.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <memory>
#include <sstream>
#include <system_error>
#include <utility>

namespace aet::core {

namespace fs = std::filesystem;

namespace {

std::string advice(int error) {
  switch (error) {
  case ENOSPC:
  case EDQUOT:
    return "; free some space or choose another folder with --out";
  case EACCES:
  case EPERM:
  case EROFS:
    return "; choose a folder you may write to with --out";
  default:
    return "";
  }
}

[[noreturn]] void fail_to_write(const fs::path& path, int error) {
  throw ExternalError(
      fmt::format("cannot write '{}': {}{}.", path.string(), std::strerror(error), advice(error)));
}

/// An open file descriptor that closes itself.
class Descriptor {
public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  [[nodiscard]] int get() const { return fd_; }
  [[nodiscard]] int release() { return std::exchange(fd_, -1); }

private:
  int fd_;
};

void write_all(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) throw std::system_error(errno, std::generic_category());
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
}

class Sha256 {
public:
  Sha256() : context_(EVP_MD_CTX_new(), &EVP_MD_CTX_free) {
    EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr);
  }
  void add(const char* data, std::size_t size) { EVP_DigestUpdate(context_.get(), data, size); }
  [[nodiscard]] std::string hex() {
    std::array<unsigned char, 32> digest{};
    EVP_DigestFinal_ex(context_.get(), digest.data(), nullptr);
    std::string text;
    for (const unsigned char byte : digest)
      text += fmt::format("{:02x}", byte);
    return text;
  }

private:
  std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context_;
};

std::ifstream open_for_reading(const fs::path& path) {
  std::error_code ignored;
  if (fs::is_directory(path, ignored)) {
    throw DataError(fmt::format("cannot read '{}': it is a folder; name a file.", path.string()));
  }
  errno = 0;
  std::ifstream in(path, std::ios::binary);
  if (!in) {
    throw DataError(
        fmt::format("cannot read '{}': {}; check the path.", path.string(), std::strerror(errno)));
  }
  return in;
}

} // namespace

std::string read_file(const fs::path& path) {
  std::ifstream in = open_for_reading(path);
  std::string bytes;
  std::error_code unknown; // a pipe has no size
  const auto size = fs::file_size(path, unknown);
  if (!unknown) {
    bytes.resize(size);
    in.read(bytes.data(), static_cast<std::streamsize>(size));
    bytes.resize(static_cast<std::size_t>(in.gcount()));
  }
  std::ostringstream rest;
  if (in) rest << in.rdbuf();
  bytes += rest.view();
  return bytes;
}

void write_file(const fs::path& path, std::string_view bytes) {
  if (path.has_parent_path()) {
    std::error_code error;
    fs::create_directories(path.parent_path(), error);
    if (error) fail_to_write(path, error.value());
  }
  fs::path temporary = path;
  temporary += fmt::format(".part{}", ::getpid());
  try {
    constexpr mode_t mode = 0644;
    Descriptor file(::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode));
    if (file.get() < 0) throw std::system_error(errno, std::generic_category());
    write_all(file.get(), bytes);
    // Special files such as /dev/full and some network mounts report a full disk only here.
    if (::fsync(file.get()) != 0 && errno != EINVAL) throw std::system_error(errno, std::generic_category());
    if (::close(file.release()) != 0) throw std::system_error(errno, std::generic_category());
    if (::rename(temporary.c_str(), path.c_str()) != 0) {
      throw std::system_error(errno, std::generic_category());
    }
  } catch (const std::system_error& e) {
    ::unlink(temporary.c_str());
    fail_to_write(path, e.code().value());
  }
}

std::string sha256_of_file(const fs::path& path) {
  std::ifstream in = open_for_reading(path);
  Sha256 hash;
  constexpr std::size_t block = 1U << 16U;
  std::string buffer(block, '\0');
  while (in) {
    in.read(buffer.data(), static_cast<std::streamsize>(block));
    hash.add(buffer.data(), static_cast<std::size_t>(in.gcount()));
  }
  return hash.hex();
}

std::string sha256(std::string_view bytes) {
  Sha256 hash;
  hash.add(bytes.data(), bytes.size());
  return hash.hex();
}

} // namespace aet::core
