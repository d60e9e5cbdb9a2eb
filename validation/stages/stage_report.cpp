// report.html, from what the other stages left.
#include "validation/report/report.hpp"
#include "validation/stages/stage.hpp"

namespace aet::validation {

StageOutcome run_report(const StageContext& context) {
  // The page shows the resolved case and takes what it shows of the run from what the other stages made.
  static_cast<void>(context.inputs.file("config.toml"));
  for (const StageRecord& stage : read_manifest(context.run_dir).stages) {
    if (stage.name == "report") continue;
    for (const auto& [path, hash] : stage.outputs)
      static_cast<void>(context.inputs.file_if_there(path));
  }
  write_report(context.run_dir);
  // It shows times of this very run, so it is a log and no hashed output.
  return {{}, {"report.html"}, {}};
}

} // namespace aet::validation
