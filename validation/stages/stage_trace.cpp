// Atoms from the volumes: model/t000.xyz, ... each with a .json beside it.
#include "sim/core/io/mrc.hpp"
#include "sim/core/io/xyz.hpp"
#include "validation/recovery/trace_report.hpp"
#include "validation/stages/stage.hpp"

#include <fmt/core.h>

namespace aet::validation {

StageOutcome run_trace(const StageContext& context) {
  StageOutcome outcome;
  static_cast<void>(context.inputs.file_if_there(eam_potential_file().string()));
  const int frames = context.inputs.get(&Case::moments);
  for (int frame = 0; frame < frames; ++frame) {
    const std::string name = frame_name(frame);
    const core::Volume volume =
        core::read_mrc_volume(context.inputs.file(fmt::format("volume/{}.mrc", name)));
    const auto progress = [&](const core::Progress& p) {
      core::report(context.progress, {frame * p.total + p.done, frames * p.total, p.unit, p.note, p.at_most});
    };
    const recon::SpeciesModel result =
        recon::trace_species(volume, context.inputs.get(&Case::trace), context.inputs.get(&Case::classify),
                             context.threads, progress);
    const std::string atoms = fmt::format("model/{}.xyz", name);
    const std::string report = fmt::format("model/{}.json", name);
    core::write_xyz(context.run_dir / atoms, result.atoms);
    write_trace_report(context.run_dir / report, result, eam_energy(result.atoms));
    outcome.outputs.insert(outcome.outputs.end(), {atoms, report});
  }
  outcome.notes = {fmt::format("Positions are the maxima of polynomial fits to the volume{}",
                               context.inputs.get(&Case::atoms_refined)
                                   ? "; the next stage refines them against the images."
                                   : "; they are not refined against the images.")};
  return outcome;
}

} // namespace aet::validation
