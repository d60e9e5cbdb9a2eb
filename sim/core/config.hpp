// Reading a TOML case file so that no mistake passes: every key is asked for with its default and
// allowed range, every value used is recorded, and what nobody asked for is an error.
#pragma once

#include <filesystem>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace aet::core {

/// Allowed interval, bounds included.
struct Range {
  double min = -std::numeric_limits<double>::infinity();
  double max = std::numeric_limits<double>::infinity();
};

/// A setting, as the call that reads it declares it.
struct Setting {
  std::string key;      ///< dotted
  std::string type;     ///< "number", "whole number", "true or false", "text", "list of numbers"
  std::string unit;     ///< by the key's ending, as in pixel_a; or ""
  std::string allowed;  ///< "0.1 to 100", "fast, multislice, kinematic"; or ""
  std::string fallback; ///< as in TOML; "" where the key must be given or may be left out
  std::string meaning;  ///< one line

  /// "[A] 0.1 to 100: meaning": the comment beside the key in a resolved file.
  [[nodiscard]] std::string comment() const;
};

/// A setting, or a table of them, that has another name by now. Names are dotted.
struct RenamedKey {
  std::string old_name;
  std::string new_name;
};

/// The unit that a key ends with: "pixel_a" is in A, "melt_k" in K; "" for none.
[[nodiscard]] std::string unit_of(const std::string& key);

/// One table of a config file. A call of a getter is the one declaration of a setting: its key, type, range,
/// default and meaning. Reading and checking, the resolved file, command-line options and the reference
/// follow from it. Getters throw ConfigError naming file, line, key, value and what is allowed. One with a
/// default records the default in the resolved config, so that a run's config.toml spells everything out.
class ConfigSection {
public:
  [[nodiscard]] bool has(const std::string& key) const;
  [[nodiscard]] double number(const std::string& key, Range allowed, const std::string& meaning = "") const;
  [[nodiscard]] double number(const std::string& key, double fallback, Range allowed,
                              const std::string& meaning = "") const;
  /// None where the key is left out.
  [[nodiscard]] std::optional<double> optional_number(const std::string& key, Range allowed,
                                                      const std::string& meaning = "") const;
  [[nodiscard]] long integer(const std::string& key, Range allowed, const std::string& meaning = "") const;
  [[nodiscard]] long integer(const std::string& key, long fallback, Range allowed,
                             const std::string& meaning = "") const;
  /// An integer that an int holds; `allowed` lies within the range of int.
  [[nodiscard]] int count(const std::string& key, int fallback, Range allowed,
                          const std::string& meaning = "") const {
    return static_cast<int>(integer(key, fallback, allowed, meaning));
  }
  [[nodiscard]] bool flag(const std::string& key, bool fallback, const std::string& meaning = "") const;
  [[nodiscard]] std::string required_text(const std::string& key, const std::string& meaning = "") const;
  [[nodiscard]] std::string text(const std::string& key, const std::string& fallback,
                                 const std::string& meaning = "") const;
  [[nodiscard]] std::string choice(const std::string& key, const std::string& fallback,
                                   const std::vector<std::string>& allowed,
                                   const std::string& meaning = "") const;
  [[nodiscard]] std::vector<double> numbers(const std::string& key, const std::vector<double>& fallback,
                                            Range allowed, const std::string& meaning = "") const;
  /// None where the key is left out.
  [[nodiscard]] std::optional<std::vector<double>> optional_numbers(const std::string& key, Range allowed,
                                                                    const std::string& meaning = "") const;
  /// A sub-table; absent means empty (all defaults).
  [[nodiscard]] ConfigSection section(const std::string& key) const;
  /// ConfigError about a key of this table: "FILE:LINE: [table] key = value: message".
  [[noreturn]] void fail(const std::string& key, const std::string& message) const;

private:
  friend class Config;
  void declare(const std::string& key, const std::string& type, const std::string& allowed,
               const std::string& fallback, const std::string& meaning) const;
  struct State;
  ConfigSection(std::shared_ptr<State> state, std::string path);
  std::shared_ptr<State> state_;
  std::string path_; ///< dotted name of this table, "" for the root
};

/// A parsed file.
class Config {
public:
  /// \throws ConfigError for a missing file or a syntax error (with its line).
  static Config from_file(const std::filesystem::path& path);
  /// `name` stands for the file in messages.
  static Config from_text(const std::string& toml, const std::string& name);

  [[nodiscard]] ConfigSection root() const;
  /// Put a value in the place of a key, as if the file had it: for command-line options.
  /// \param key  dotted.
  /// \param value  as in TOML.
  /// \throws ConfigError for a value that is not.
  void set(const std::string& key, const std::string& value);
  /// Put what the file has under old names in the place of the new ones, before anything is read.
  /// \throws ConfigError where both names of a setting stand.
  void accept_old_names(const std::vector<RenamedKey>& renamed);
  /// A sentence for each old name that the file has: where it stands, and the new one.
  [[nodiscard]] const std::vector<std::string>& warnings() const;
  /// \throws ConfigError for the first key nobody asked for, with the nearest known key as a suggestion.
  void reject_unknown_keys() const;
  /// Every setting asked for, in the order of the calls.
  [[nodiscard]] std::vector<Setting> settings() const;
  /// Every key asked for with the value used, as TOML; beside each its unit, range and meaning.
  [[nodiscard]] std::string resolved() const;
  /// The same as dotted key -> value; a table that is there has the value "{}".
  [[nodiscard]] std::map<std::string, std::string> values() const;
  /// Dotted names of all keys that are asked for while `read` runs, whether the file has them or not.
  [[nodiscard]] std::set<std::string> keys_asked(const std::function<void()>& read) const;
  [[nodiscard]] const std::string& name() const;

private:
  explicit Config(std::shared_ptr<ConfigSection::State> state);
  std::shared_ptr<ConfigSection::State> state_;
};

/// The entry of `known` with the smallest edit distance to `word`, or "" if none is close.
[[nodiscard]] std::string nearest_word(const std::string& word, const std::vector<std::string>& known);

} // namespace aet::core
