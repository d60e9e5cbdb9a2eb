#include "sim/core/io/text_lines.hpp"

#include "sim/core/error.hpp"

#include <fmt/core.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

namespace aet::core {

std::vector<std::string_view> split_lines(std::string_view text) {
  std::vector<std::string_view> lines;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    std::string_view line = text.substr(begin, end - begin);
    while (!line.empty() && line.back() == '\r')
      line.remove_suffix(1);
    lines.push_back(line);
    begin = end + 1;
  }
  return lines;
}

void split_words(std::string_view line, std::vector<std::string_view>& words, std::string_view blank) {
  words.clear();
  for (std::size_t begin = line.find_first_not_of(blank); begin != std::string_view::npos;) {
    const std::size_t end = std::min(line.find_first_of(blank, begin), line.size());
    words.push_back(line.substr(begin, end - begin));
    begin = line.find_first_not_of(blank, end);
  }
}

std::vector<std::string_view> split_words(std::string_view line, std::string_view blank) {
  std::vector<std::string_view> words;
  split_words(line, words, blank);
  return words;
}

std::vector<std::string_view> split_fields(std::string_view line, char separator) {
  std::vector<std::string_view> fields;
  for (std::size_t begin = 0; begin <= line.size();) {
    const std::size_t end = std::min(line.find(separator, begin), line.size());
    fields.push_back(line.substr(begin, end - begin));
    begin = end + 1;
  }
  return fields;
}

struct TextLines::File {
  gzFile handle = nullptr; // zlib passes plain files through
  std::array<char, 4096> part{};
};

TextLines::TextLines(const std::filesystem::path& path, std::string expected)
    : path_(path), expected_(std::move(expected)), file_(std::make_unique<File>()) {
  errno = 0;
  const bool folder = std::filesystem::is_directory(path);
  if (!folder) file_->handle = gzopen(path.c_str(), "rb");
  if (file_->handle == nullptr)
    throw DataError(fmt::format("cannot read '{}': {}; check the path.", path.string(),
                                folder ? "it is a folder" : std::strerror(errno)));
  gzbuffer(file_->handle, 1U << 18U);
}

TextLines::~TextLines() {
  if (file_->handle != nullptr) gzclose(file_->handle);
}

bool TextLines::next() {
  line_.clear();
  ++number_;
  while (line_.empty() || line_.back() != '\n') {
    if (gzgets(file_->handle, file_->part.data(), static_cast<int>(file_->part.size())) == nullptr) {
      int code = Z_OK;
      gzerror(file_->handle, &code);
      if (code != Z_OK && code != Z_STREAM_END)
        fail("the compressed data is damaged or cut short; copy the file again");
      if (line_.empty()) return false;
      break;
    }
    line_ += file_->part.data();
  }
  while (!line_.empty() && (line_.back() == '\n' || line_.back() == '\r'))
    line_.pop_back();
  return true;
}

std::string_view TextLines::need(std::string_view what) {
  if (!next()) fail(fmt::format("the file ends before {}", what));
  return line_;
}

void TextLines::fail(const std::string& why) const {
  throw DataError(fmt::format("{}:{}: {}; {} is expected.", path_.string(), number_, why, expected_));
}

} // namespace aet::core
