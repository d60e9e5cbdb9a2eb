// Which images of a series are meant.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

namespace aet::recon {

/// The images that a list such as "0-9, 12, 20-45/5" names: single numbers and ranges from the first to the
/// last of them, both included, each or every 5th; counted from 0.
/// \param text  no images at all: all are meant.
/// \param count images of the series.
/// \return rising, each once.
/// \throws ConfigError naming the part that is no number or range, or that names an image that is not there.
[[nodiscard]] std::vector<std::size_t> image_list(std::string_view text, std::size_t count);

/// The same without a series: whether the text is such a list.
/// \throws ConfigError naming the part that is not.
void check_image_list(std::string_view text);

} // namespace aet::recon
