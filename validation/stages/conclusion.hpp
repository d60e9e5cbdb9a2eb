// What a finished run says at its end, read back from scores.json.
#pragma once

#include <filesystem>
#include <string>

namespace aet::validation {

struct Conclusion {
  std::string text;     ///< a few lines for the terminal: main figures of each frame, checks, verdict
  bool failed = false;  ///< a check failed
  std::string sentence; ///< if so: which, in one sentence
};

/// \throws DataError if the file is missing or broken.
[[nodiscard]] Conclusion read_conclusion(const std::filesystem::path& scores_json);

} // namespace aet::validation
