// The file: a line "aetval descent 1", the key, a line of four counts, then the numbers in this machine's
// byte order, and a hash of all that at its end. It is not meant to be moved to another machine.
#include "validation/recovery/descent_checkpoint.hpp"

#include "sim/core/io/file.hpp"

#include <fmt/core.h>

#include <array>
#include <cstddef>
#include <cstring>
#include <sstream>
#include <string_view>
#include <utility>

namespace aet::validation {

namespace {

constexpr std::size_t hash_digits = 64;

template <class T, class A> void append(std::string& bytes, const std::vector<T, A>& values) {
  const std::size_t at = bytes.size();
  bytes.resize(at + values.size() * sizeof(T));
  if (!values.empty()) std::memcpy(bytes.data() + at, values.data(), values.size() * sizeof(T));
}

/// Takes the first `count` values off `bytes`; false if there are not so many.
template <class T, class A> bool take(std::string_view& bytes, std::size_t count, std::vector<T, A>& values) {
  if (count > bytes.size() / sizeof(T)) return false;
  values.resize(count);
  if (count > 0) std::memcpy(values.data(), bytes.data(), count * sizeof(T));
  bytes.remove_prefix(count * sizeof(T));
  return true;
}

std::string heading(const std::string& key) {
  return fmt::format("aetval descent 1\n{}\n", key);
}

} // namespace

void write_descent_state(const std::filesystem::path& path, const std::string& key,
                         const recon::DescentState& state) {
  std::string bytes = heading(key) + fmt::format("{} {} {} {}\n", state.current.size(), state.point.size(),
                                                 state.r_fitted.size(), state.r_withheld.size());
  append(bytes, state.current);
  append(bytes, state.point);
  append(bytes, state.r_fitted);
  append(bytes, state.r_withheld);
  append(bytes, std::vector<double>{state.t});
  bytes += core::sha256(bytes);
  core::write_file(path, bytes);
}

recon::DescentState read_descent_state(const std::filesystem::path& path, const std::string& key) {
  if (!std::filesystem::exists(path)) return {};
  const std::string bytes = core::read_file(path);
  const std::string begin = heading(key);
  if (bytes.size() < begin.size() + hash_digits || bytes.compare(0, begin.size(), begin) != 0) return {};
  std::string_view rest(bytes);
  if (core::sha256(rest.substr(0, rest.size() - hash_digits)) != rest.substr(rest.size() - hash_digits))
    return {};
  rest.remove_prefix(begin.size());
  rest.remove_suffix(hash_digits);
  const std::size_t line = rest.find('\n');
  if (line == std::string_view::npos) return {};
  std::istringstream numbers{std::string(rest.substr(0, line))};
  std::array<std::size_t, 4> counts{};
  for (std::size_t& count : counts)
    numbers >> count;
  rest.remove_prefix(line + 1);
  recon::DescentState state;
  std::vector<double> t;
  const bool whole = take(rest, counts[0], state.current) && take(rest, counts[1], state.point) &&
                     take(rest, counts[2], state.r_fitted) && take(rest, counts[3], state.r_withheld) &&
                     take(rest, 1, t);
  if (!whole || !rest.empty()) return {};
  state.t = t.front();
  return state;
}

recon::DescentControl checkpointed(const std::filesystem::path& path, const std::string& key, int every) {
  recon::DescentControl control;
  control.start = read_descent_state(path, key);
  control.keep = [path, key](const recon::DescentState& state) { write_descent_state(path, key, state); };
  control.keep_every = every;
  return control;
}

} // namespace aet::validation
