#include "validation/score/text_safety.hpp"

#include <cstdint>

namespace aet::validation {

namespace {

constexpr std::string_view replacement = "\xEF\xBF\xBD"; // U+FFFD

/// Length of the valid UTF-8 character at the start of `text`, 0 if there is none.
std::size_t character_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
  const std::uint8_t first = byte(0);
  if (first < 0x80) return 1;
  const std::size_t length = first >= 0xC2 && first < 0xE0   ? 2
                             : first >= 0xE0 && first < 0xF0 ? 3
                             : first >= 0xF0 && first < 0xF5 ? 4
                                                             : 0;
  if (length == 0 || text.size() < length) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return 0;
  }
  if (first == 0xE0 && byte(1) < 0xA0) return 0; // longer than needed
  if (first == 0xED && byte(1) > 0x9F) return 0; // surrogates
  if (first == 0xF0 && byte(1) < 0x90) return 0;
  if (first == 0xF4 && byte(1) > 0x8F) return 0; // above U+10FFFF
  // U+FFFE and U+FFFF are not allowed in XML.
  if (first == 0xEF && byte(1) == 0xBF && byte(2) >= 0xBE) return 0;
  return length;
}

} // namespace

std::string clean_text(std::string_view text) {
  std::string clean;
  clean.reserve(text.size());
  while (!text.empty()) {
    const std::size_t length = character_length(text);
    if (length == 0) {
      clean += replacement;
      text.remove_prefix(1);
      continue;
    }
    const char c = text.front();
    if (c == '\t' || c == '\n' || c == '\r') {
      clean += ' ';
    } else if (length > 1 || (static_cast<std::uint8_t>(c) >= 0x20 && c != 0x7F)) {
      clean += text.substr(0, length);
    }
    text.remove_prefix(length);
  }
  return clean;
}

std::string xml_text(std::string_view text) {
  std::string xml;
  for (const char c : clean_text(text)) {
    switch (c) {
    case '&':
      xml += "&amp;";
      break;
    case '<':
      xml += "&lt;";
      break;
    case '>':
      xml += "&gt;";
      break;
    case '"':
      xml += "&quot;";
      break;
    case '\'':
      xml += "&apos;";
      break;
    default:
      xml += c;
    }
  }
  return xml;
}

std::string markdown_text(std::string_view text, std::size_t most) {
  const std::string clean = clean_text(text);
  std::string markdown;
  std::size_t characters = 0;
  for (std::size_t i = 0; i < clean.size(); ++characters) {
    if (characters == most) {
      markdown += "\u2026";
      break;
    }
    const std::size_t length = character_length(std::string_view(clean).substr(i));
    const std::string_view character = std::string_view(clean).substr(i, length);
    i += length;
    if (character == "&") {
      markdown += "&amp;";
    } else if (character == "<") {
      markdown += "&lt;";
    } else if (character == ">") {
      markdown += "&gt;";
    } else if (length == 1 &&
               std::string_view("\\`*_{}[]()#|!~@$").find(character) != std::string_view::npos) {
      markdown += '\\';
      markdown += character;
    } else {
      markdown += character;
    }
  }
  return markdown;
}

} // namespace aet::validation
