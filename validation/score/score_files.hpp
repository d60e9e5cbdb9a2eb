// The scores for a terminal, for CI and for its job summary.
#pragma once

#include "validation/score/run_scores.hpp"

#include <string>

namespace aet::validation {

/// One frame for the terminal, a few lines: atoms matched, recall and precision with intervals, errors,
/// species, order, nuclei, chance, published definitions, notes. Says "not assessed" with the reason where a
/// number is missing.
[[nodiscard]] std::string format_score_text(const FrameScore& score);

/// Checks and verdict for the terminal, a line a check; "" for no checks.
[[nodiscard]] std::string format_checks_text(const std::vector<Check>& checks);

/// JUnit XML: a suite, one test case a check; failed: <failure>, not assessed: <skipped>, with value, limit
/// and reason.
[[nodiscard]] std::string junit_xml(const RunScores& run);

/// Markdown for a CI job summary (GitHub's limit is 1 MiB; this stays below 512 KiB): verdict, checks (failed
/// first, at most 500), main figures of at most 200 frames, notes.
[[nodiscard]] std::string score_markdown(const RunScores& run);

} // namespace aet::validation
