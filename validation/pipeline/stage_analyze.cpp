// The same analysis of truth and of recovered atoms: analysis/truth.json, analysis/model.json, atoms with
// order.
#include "analysis/analysis_json.hpp"
#include "analysis/frame_analysis.hpp"
#include "sim/core/io/file.hpp"
#include "sim/core/io/xyz.hpp"
#include "validation/pipeline/stage.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace aet::validation {

StageOutcome run_analyze(const StageContext& context) {
  StageOutcome outcome;
  const int frames = context.settings.truth.frames;
  int done = 0;
  for (const std::string side : {"truth", "model"}) {
    const std::string folder = side == "truth" ? side : context.settings.result_folder();
    std::vector<analysis::FrameAnalysis> analysed;
    for (int frame = 0; frame < frames; ++frame) {
      const std::string name = frame_name(frame);
      const core::Atoms atoms = core::read_xyz(context.run_dir / fmt::format("{}/{}.xyz", folder, name));
      analysed.push_back(analysis::analyze_frame(atoms, context.settings.analyze, context.threads, name));
      const std::string path = fmt::format("analysis/{}_{}.xyz", side, name);
      core::write_xyz(context.run_dir / path, analysed.back().atoms);
      outcome.outputs.push_back(path);
      core::report(context.progress, {static_cast<double>(++done), 2.0 * frames, "frames", ""});
    }
    const auto dynamics = analysis::analyze_dynamics(analysed, {}, context.threads);
    const std::string path = fmt::format("analysis/{}.json", side);
    core::write_file(context.run_dir / path, analysis::to_json(analysed, dynamics).dump(1) + "\n");
    outcome.outputs.push_back(path);
  }
  return outcome;
}

} // namespace aet::validation
