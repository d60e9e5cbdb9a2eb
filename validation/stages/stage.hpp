// The stages of a run and what each of them is.
#pragma once

#include "sim/core/parallel.hpp"
#include "sim/core/progress.hpp"
#include "validation/case/case.hpp"
#include "validation/manifest/shared_work.hpp"
#include "validation/stages/stage_inputs.hpp"

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace aet::validation {

/// What a stage may use.
struct StageContext {
  std::filesystem::path run_dir; ///< to write to; what is read goes through `inputs`
  StageInputs& inputs;
  core::Threads threads;
  core::ProgressSink progress; ///< may throw Interrupted; what was computed stays on disk
  SharedWork shared = {};      ///< of the runs of a study
};

/// What a stage leaves behind, as paths relative to the run directory.
struct StageOutcome {
  std::vector<std::string> outputs; ///< equal for equal records of what was read
  std::vector<std::string> logs;    ///< hold times or machine facts
  std::vector<std::string> notes;   ///< what is simplified or noteworthy, one sentence each
};

/// What a stage is expected to take on this machine.
struct Prediction {
  double wall_s = 0.0;
  double memory_mb = 0.0;
  double disk_mb = 0.0;
};

struct Stage {
  std::string name;
  std::string purpose; ///< for --dry-run and --help
  std::function<StageOutcome(const StageContext&)> run;
  std::function<Prediction(const Case&, core::Threads)> predict;
};

/// All stages in order: truth, image, prepare, align, reconstruct, trace, refine, analyze, score, report.
[[nodiscard]] std::vector<Stage> stages_of(const Case& settings);

/// Path of the tilt series of a moment that recovery reads: every exposure where they are kept and are to be
/// registered, else their mean.
[[nodiscard]] std::string recovered_series(const std::string& frame, bool every_exposure);

/// Path of the series of a moment with the best poses known: those that the alignment ended with, or, refined
/// with the atoms, those of the refinement.
[[nodiscard]] std::string posed_series(const std::string& frame, bool with_atoms);

/// Path of the recovered atoms of a moment: refined, or as traced.
[[nodiscard]] std::string result_atoms(const std::string& frame, bool atoms_refined);

/// "t000", "t001", ...
[[nodiscard]] std::string frame_name(int frame);

// One file each: stage_truth.cpp, stage_image.cpp, ...
StageOutcome run_truth(const StageContext& context);
StageOutcome run_image(const StageContext& context);
StageOutcome run_prepare(const StageContext& context);
StageOutcome run_align(const StageContext& context);
StageOutcome run_reconstruct(const StageContext& context);
StageOutcome run_trace(const StageContext& context);
StageOutcome run_refine(const StageContext& context);
StageOutcome run_analyze(const StageContext& context);
StageOutcome run_score(const StageContext& context);
StageOutcome run_report(const StageContext& context);

} // namespace aet::validation
