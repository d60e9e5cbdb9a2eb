// A case: everything a run depends on, read from a TOML file with each value checked.
#pragma once

#include "analysis/chemistry/chemistry.hpp"
#include "analysis/moment/moment_analysis.hpp"
#include "recon/atoms/species_model.hpp"
#include "recon/chain/alignment.hpp"
#include "recon/chain/reconstruction.hpp"
#include "recon/images/prepare_images.hpp"
#include "sim/core/config.hpp"
#include "validation/case/case_images.hpp"
#include "validation/case/case_truth.hpp"
#include "validation/case/group.hpp"
#include "validation/recovery/refinement.hpp"
#include "validation/score/checks.hpp"

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace aet::validation {

/// Which algorithms make volumes: [reconstruct] algorithm, compare.
struct AlgorithmChoice {
  recon::Algorithm own = recon::Algorithm::genfire;
  std::vector<recon::Algorithm> compared;
};

struct Case {
  explicit Case(core::Config read_from) : config(std::move(read_from)) {}

  Group<std::string> title;
  Group<std::uint64_t> seed;
  Group<TruthCase> truth;
  Group<ImagesCase> images;                        ///< without noise
  Group<stem::NoiseOptions> noise;                 ///< of [images]
  Group<recon::ImageOptions> prepare;              ///< what is done to the images as taken
  Group<recon::AlignmentOptions> align;            ///< poses, from images denoised as [reconstruct] says
  Group<recon::ReconstructionOptions> reconstruct; ///< the volume
  Group<recon::TraceOptions> trace;
  Group<recon::ClassifyOptions> classify;      ///< used where species are sorted
  Group<std::optional<RefineSettings>> refine; ///< none: traced atoms are the result
  Group<analysis::AnalysisOptions> analyze;
  Group<analysis::ChemistryOptions> chemistry; ///< used where truth and model hold two elements
  Group<bool> chance;                          ///< nuclei are held against those that chance makes
  Group<std::vector<std::filesystem::path>>
      compared_models; ///< [score] compare: somebody else's, one a moment, or none
  Group<std::vector<CheckSpec>> checks;

  // What follows from settings, for a stage that need not know more of them.
  Group<int> moments; ///< number of them, 1..20
  Group<bool> images_taken;
  Group<bool> every_exposure;   ///< recovery starts from all exposures, not from their mean
  Group<bool> poses_refined;    ///< with the volume
  Group<bool> poses_with_atoms; ///< are refined, too
  Group<AlgorithmChoice> algorithms;
  Group<bool> species_sorted; ///< [trace] names two or more elements
  Group<bool> atoms_refined;

  /// Every setting with the value used, dotted key -> value as in TOML (core::Config::values()), and what
  /// follows from settings.
  std::map<std::string, std::string> values;
  std::string resolved_toml; ///< the case with every default spelled out

  core::Config config; ///< what it was read from
};

/// Settings under older names, or in older places, that cases may have; each use is one of Case::config's
/// warnings.
[[nodiscard]] const std::vector<core::RenamedKey>& renamed_settings();

/// Read and check a case. `seed`, if given, replaces the one in the file.
/// \throws ConfigError naming file, line, key, value and what is allowed.
[[nodiscard]] Case read_case(const std::filesystem::path& path, std::optional<std::uint64_t> seed = {});

/// The same from text; `name` stands for the file in messages and, without its ending, for a missing title.
[[nodiscard]] Case read_case_text(const std::string& toml, const std::filesystem::path& name);

} // namespace aet::validation
