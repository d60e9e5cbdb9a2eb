// Text from files and users, made safe for the formats it is written into.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace aet::validation {

/// Valid UTF-8 without control characters: tab, newline and carriage return become blanks, other control
/// characters are dropped, and each byte that is not part of a valid UTF-8 character becomes U+FFFD.
[[nodiscard]] std::string clean_text(std::string_view text);

/// clean_text with & < > " ' as XML entities: safe in text and attributes.
[[nodiscard]] std::string xml_text(std::string_view text);

/// clean_text on one line of a Markdown table: characters that Markdown or HTML would read are escaped.
/// Longer than `most` characters is cut, with an ellipsis.
[[nodiscard]] std::string markdown_text(std::string_view text, std::size_t most = 300);

} // namespace aet::validation
