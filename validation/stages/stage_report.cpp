// report.html, from what the other stages left.
#include "validation/report/report.hpp"
#include "validation/stages/stage.hpp"

namespace aet::validation {

StageOutcome run_report(const StageContext& context) {
  write_report(context.run_dir);
  // The page shows times of this very run, so it is a log and no hashed output.
  return {{}, {"report.html"}, {}};
}

} // namespace aet::validation
