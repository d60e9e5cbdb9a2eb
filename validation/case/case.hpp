// A case: everything a run depends on, read from a TOML file with each value checked.
#pragma once

#include "analysis/moment/moment_analysis.hpp"
#include "recon/atoms/species_model.hpp"
#include "sim/core/config.hpp"
#include "validation/case/case_images.hpp"
#include "validation/case/case_truth.hpp"
#include "validation/recovery/reconstruction.hpp"
#include "validation/recovery/refinement.hpp"
#include "validation/score/checks.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace aet::validation {

struct Case {
  explicit Case(core::Config read_from) : config(std::move(read_from)) {}

  std::string title;
  std::uint64_t seed = 1;
  TruthCase truth;
  ImagesCase images;
  ReconstructionOptions reconstruct;
  recon::TraceOptions trace;
  recon::ClassifyOptions classify;      ///< used where it names two or more elements
  std::optional<RefineSettings> refine; ///< none: traced atoms are the result
  analysis::AnalysisOptions analyze;
  std::vector<std::filesystem::path>
      compared_models; ///< [score] compare: somebody else's, one a moment, or none
  std::vector<CheckSpec> checks;

  /// Folder of the atoms that are analysed and scored: "refined", or "model" where nothing is refined.
  [[nodiscard]] std::string result_folder() const { return refine ? "refined" : "model"; }

  std::string resolved_toml; ///< the case with every default spelled out
  /// The resolved settings of some top-level tables, for hashing.
  [[nodiscard]] std::string settings_text(const std::vector<std::string>& tables) const;
  /// Seed and all of [images] that the images before counts depend on: without dose and noise.
  [[nodiscard]] std::string clean_images_text() const;

  core::Config config; ///< what it was read from
};

/// Read and check a case. `seed`, if given, replaces the one in the file.
/// \throws ConfigError naming file, line, key, value and what is allowed.
[[nodiscard]] Case read_case(const std::filesystem::path& path, std::optional<std::uint64_t> seed = {});

/// The same from text; `name` stands for the file in messages and, without its ending, for a missing title.
[[nodiscard]] Case read_case_text(const std::string& toml, const std::filesystem::path& name);

} // namespace aet::validation
