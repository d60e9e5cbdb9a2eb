// Truth by molecular dynamics: truth/t000.xyz, ... and what LAMMPS leaves in truth/md.
#include "sim/core/io/file.hpp"
#include "sim/core/io/xyz.hpp"
#include "sim/md/mean_frame.hpp"
#include "validation/pipeline/stage.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace aet::validation {

using nlohmann::json;

namespace {

json describe(const md::TruthFrame& frame, const std::string& name) {
  const int z = frame.atoms.atomic_numbers.front();
  return {{"name", name},
          {"atoms", frame.atoms.size()},
          {"time_ps", frame.time_ps},
          {"minimum_distance_a", frame.minimum_distance_a},
          {"potential_ev_per_atom", frame.potential_ev_per_atom},
          {"u_rms_a", md::rms_of_element(frame.atoms, "u_rms", z)},
          {"u_window_a", md::rms_of_element(frame.atoms, "u_window", z)}};
}

} // namespace

StageOutcome run_truth(const StageContext& context) {
  const TruthCase& truth = context.settings.truth;
  const md::DropletTruth made =
      md::make_droplet_truth(truth.droplet, context.run_dir / "truth" / "md", context.progress);
  StageOutcome outcome;
  json summary{{"frames", json::array()},
               {"times_note", made.times.note},
               {"crystallisation_found", made.times.found},
               {"hold_energy_ev_per_atom", made.hold_energy_ev}};
  for (std::size_t i = 0; i < made.frames.size(); ++i) {
    const std::string name = frame_name(static_cast<int>(i));
    const std::string path = fmt::format("truth/{}.xyz", name);
    core::write_xyz(context.run_dir / path, made.frames[i].atoms);
    outcome.outputs.push_back(path);
    summary["frames"].push_back(describe(made.frames[i], name));
    for (const char* log : {md::log_name, md::summary_name}) {
      outcome.logs.push_back(fmt::format("truth/md/{}/{}", name, log));
    }
  }
  core::write_file(context.run_dir / "truth/truth.json", summary.dump(1) + "\n");
  outcome.outputs.emplace_back("truth/truth.json");
  for (const char* file : {md::trajectory_name, md::thermo_name}) {
    outcome.outputs.push_back(fmt::format("truth/md/hold/{}", file));
  }
  for (const char* log : {md::log_name, md::summary_name})
    outcome.logs.push_back(fmt::format("truth/md/hold/{}", log));
  outcome.notes = {made.times.note,
                   fmt::format("Each moment is cooled to {} K within {} ps and averaged over {} frames: the "
                               "specimen is imaged cold, "
                               "as annealed particles are, and order may grow a little while it cools.",
                               truth.droplet.imaging.temperature_k, truth.droplet.imaging.cool_ps,
                               truth.droplet.imaging.frames),
                   "A rerun with another number of MPI ranks gives another, equally valid truth: sums are "
                   "rounded in another order."};
  return outcome;
}

} // namespace aet::validation
