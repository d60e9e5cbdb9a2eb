// Lines, words and numbers of text.
#pragma once

#include <charconv>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace aet::core {

/// The lines of a text without their ends; what follows the last end is a line unless it is empty.
[[nodiscard]] std::vector<std::string_view> split_lines(std::string_view text);

/// The words of a line, parted by any of `blank`. Replaces `words`.
void split_words(std::string_view line, std::vector<std::string_view>& words,
                 std::string_view blank = " \t\r");
[[nodiscard]] std::vector<std::string_view> split_words(std::string_view line,
                                                        std::string_view blank = " \t\r");

/// What stands between the separators, empty fields included.
[[nodiscard]] std::vector<std::string_view> split_fields(std::string_view line, char separator);

/// The number a word is; nothing if it is not one, or only begins as one.
template <class T = double> [[nodiscard]] std::optional<T> parse_word(std::string_view word) {
  if (!word.empty() && word.front() == '+') word.remove_prefix(1);
  T value{};
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
  if (error != std::errc{} || end != word.data() + word.size()) return std::nullopt;
  return value;
}

/// The lines of a file, plain or gzip-compressed, one after the other.
class TextLines {
public:
  /// \param expected what the file should be, for messages: "an XYZ file"
  /// \throws DataError if the file cannot be opened.
  TextLines(const std::filesystem::path& path, std::string expected);
  ~TextLines();
  TextLines(const TextLines&) = delete;
  TextLines& operator=(const TextLines&) = delete;

  /// Go to the next line; false at the end of the file.
  /// \throws DataError for damaged gzip data.
  bool next();
  /// Go to the next line and return it.
  /// \throws DataError "the file ends before `what`".
  std::string_view need(std::string_view what);

  /// The present line, without its end; valid up to the next one.
  [[nodiscard]] std::string_view line() const { return line_; }
  [[nodiscard]] std::size_t number() const { return number_; } ///< of the present line, from 1

  /// \throws DataError "path:line: `why`; `expected` is expected."
  [[noreturn]] void fail(const std::string& why) const;

private:
  struct File;
  std::filesystem::path path_;
  std::string expected_;
  std::unique_ptr<File> file_;
  std::string line_;
  std::size_t number_ = 0;
};

} // namespace aet::core
