// What a report is made of: every artefact of a run, or the reason why it is not there.
#pragma once

#include "sim/core/atoms.hpp"
#include "sim/core/grid.hpp"
#include "sim/core/tilt_series.hpp"

#include <array>
#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace aet::validation::page {

/// A part of the run: its value, or one sentence that says why there is none.
template <class T> struct Part {
  std::optional<T> value;
  std::string reason = "no such file in the run directory";
};

/// A JSON document as text. Kept as text so that this header needs no JSON library.
struct JsonText {
  std::string text;
};

/// Atoms recovered for atoms of the truth.
struct MatchList {
  struct Pair {
    std::size_t truth = 0;                   ///< index into the truth, 0-based
    std::size_t model = 0;                   ///< index into the model, 0-based
    std::array<double, 3> error_pm{0, 0, 0}; ///< model minus truth after alignment [picometre]
  };
  std::vector<Pair> pairs;
  std::optional<double> cutoff_a; ///< largest distance that counts as a match [angstrom]
};

/// Columns of numbers over time.
struct Table {
  std::vector<std::string> names;
  std::vector<std::vector<double>> columns; ///< one per name, all of one length
  std::vector<std::string> stages;          ///< of every row; empty if the file has no column "stage"
};

} // namespace aet::validation::page

namespace aet::validation {

/// One time step.
struct ReportFrame {
  std::string name; ///< "t000", "t001", ...
  page::Part<core::TiltSeries> tilts;
  page::Part<core::Volume> volume;
  page::Part<page::JsonText> volume_summary;
  page::Part<core::Atoms> truth; ///< with columns q4, q6, alpha, nucleus where they were computed
  page::Part<core::Atoms> model;
  page::Part<page::JsonText> trace_summary;
  page::Part<page::MatchList> matches;
};

/// A run, in memory.
struct ReportData {
  std::vector<ReportFrame> frames;
  page::Part<page::JsonText> scores;          ///< scores.json
  page::Part<page::JsonText> manifest;        ///< manifest.json
  page::Part<page::JsonText> truth_analysis;  ///< analysis/truth.json
  page::Part<page::JsonText> model_analysis;  ///< analysis/model.json
  page::Part<page::JsonText> truth_chemistry; ///< analysis/chemistry_truth.json
  page::Part<page::JsonText> model_chemistry; ///< analysis/chemistry_model.json
  page::Part<page::JsonText> truth_summary;   ///< truth/truth.json: when the frames were taken
  page::Part<page::JsonText> md_summary;      ///< truth/md/hold/md.json
  page::Part<page::Table> thermo;             ///< truth/md/hold/thermo.csv
  page::Part<std::string> config;             ///< config.toml
};

/// Read what there is. Unreadable files become reasons, not errors.
/// \throws DataError if `run_dir` is not a directory.
[[nodiscard]] ReportData read_report_data(const std::filesystem::path& run_dir);

} // namespace aet::validation
