// The report page of a run: one HTML file that works offline.
#pragma once

#include "validation/report/report_data.hpp"

#include <filesystem>
#include <string>

namespace aet::validation {

/// Write RUN/report.html from the artefacts in a run directory.
///
/// A missing or unreadable artefact costs its section only, which then says "not assessed" and why.
/// The page holds no date and no absolute path, so the same artefacts give the same bytes.
/// \throws DataError if `run_dir` is not a directory, ExternalError if the page cannot be written.
void write_report(const std::filesystem::path& run_dir);

/// The same with the text of another scores.json, such as one that holds a comparison with a baseline.
void write_report(const std::filesystem::path& run_dir, const std::string& scores);

/// The page itself. Every text that comes from a file is escaped; the page's own content-security policy
/// forbids the network and every script but its own.
/// Size: pictures are binned until all frames together hold at most PictureBudget bytes (pictures.hpp).
/// \throws DataError if a JSON text in `data` is not JSON.
[[nodiscard]] std::string render_report(const ReportData& data);

} // namespace aet::validation
