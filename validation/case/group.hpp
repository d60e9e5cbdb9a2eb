// A group of settings: what fills one value, and where it was read from. Stages get groups through a door
// that notes these keys and files (stages/stage_inputs.hpp).
#pragma once

#include "sim/core/config.hpp"

#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

namespace aet::validation {

template <class T> struct Group {
  T value{};
  std::set<std::string> keys;               ///< dotted, asked for to make the value; some are not in the case
  std::vector<std::filesystem::path> files; ///< that were read for it, besides the case

  const T& operator*() const { return value; }
  const T* operator->() const { return &value; }
};

/// The value that `read` returns, with every key of `config` that it asks for on the way.
/// \throws as `read`.
template <class Read>
[[nodiscard]] Group<std::invoke_result_t<Read>> read_group(const core::Config& config, Read read) {
  Group<std::invoke_result_t<Read>> group;
  group.keys = config.keys_asked([&] { group.value = read(); });
  return group;
}

/// A value that follows from settings, kept among `values` under a name of its own: whoever uses it depends
/// on it alone, not on all that it follows from.
template <class T>
[[nodiscard]] Group<T> derived(std::map<std::string, std::string>& values, const std::string& name, T value,
                               const std::string& text) {
  values[name] = text;
  return {std::move(value), {name}, {}};
}

} // namespace aet::validation
