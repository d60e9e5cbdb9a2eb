// The truth: truth/t000.xyz, ... from molecular dynamics (what LAMMPS leaves is in truth/md), the particle
// builder or files.
#include "sim/core/elements.hpp"
#include "sim/core/io/file.hpp"
#include "sim/core/io/xyz.hpp"
#include "sim/core/neighbours/pairs.hpp"
#include "sim/md/mean_frame.hpp"
#include "validation/stages/stage.hpp"
#include "validation/synthesis/md_order.hpp"

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include <optional>
#include <set>

namespace aet::validation {

namespace fs = std::filesystem;
using nlohmann::json;

namespace {

constexpr const char* order_file = "truth/md/order.csv";

json describe(const md::TruthFrame& frame, const std::string& name) {
  const int z = frame.atoms.atomic_numbers.front();
  json by_element = json::object();
  const std::set<int> elements(frame.atoms.atomic_numbers.begin(), frame.atoms.atomic_numbers.end());
  for (const int element : elements)
    by_element[core::element_symbol(element)] = md::rms_of_element(frame.atoms, "u_rms", element);
  return {{"name", name},
          {"atoms", frame.atoms.size()},
          {"time_ps", frame.time_ps},
          {"minimum_distance_a", frame.minimum_distance_a},
          {"potential_ev_per_atom", frame.potential_ev_per_atom},
          {"u_rms_a", md::rms_of_element(frame.atoms, "u_rms", z)},
          {"u_rms_a_by_element", by_element},
          {"u_window_a", md::rms_of_element(frame.atoms, "u_window", z)}};
}

/// Writes one moment and returns its path.
std::string write_moment(const StageContext& context, int frame, const core::Atoms& atoms) {
  std::string path = fmt::format("truth/{}.xyz", frame_name(frame));
  core::write_xyz(context.run_dir / path, atoms);
  return path;
}

void write_summary(const StageContext& context, StageOutcome& outcome, const json& summary) {
  core::write_file(context.run_dir / "truth/truth.json", summary.dump(1) + "\n");
  outcome.outputs.emplace_back("truth/truth.json");
}

StageOutcome from_builder(const StageContext& context) {
  const TruthCase& truth = context.inputs.get(&Case::truth);
  const specimen::Particle particle = build_particle(truth);
  StageOutcome outcome;
  outcome.outputs.push_back(write_moment(context, 0, particle.atoms));
  json regions = json::array();
  for (const specimen::RegionSummary& r : particle.regions) {
    regions.push_back(
        {{"name", r.name}, {"phase", r.phase}, {"atoms", r.atoms}, {"fraction_a", r.fraction_a}});
    if (r.order_parameter) {
      regions.back()["order_parameter"] = *r.order_parameter;
    } else {
      regions.back()["order_parameter"] = nullptr;
      regions.back()["order_parameter_reason"] = "not ordered, or without atoms on both sublattices";
    }
  }
  json summary{{"frames", json::array()}, {"regions", regions}};
  summary["frames"].push_back({{"name", frame_name(0)},
                               {"atoms", particle.atoms.size()},
                               {"size_a", particle.size_a},
                               {"trimmed_atoms", particle.trimmed},
                               {"vacancies", particle.vacancies},
                               {"minimum_distance_a", particle.minimum_distance_a}});
  write_summary(context, outcome, summary);
  outcome.notes = {
      "The particle is built, not simulated: its surface is not relaxed, and atoms are on lattice sites "
      "but for the strain and displacements asked for."};
  if (truth.particle.u_rms_a.empty())
    outcome.notes.emplace_back("No u_rms_a is set, so atoms do not vibrate unless [images] u_rms_a says so.");
  return outcome;
}

StageOutcome from_phantom(const StageContext& context) {
  const PhantomSeries series = build_phantom(context.inputs.get(&Case::truth));
  StageOutcome outcome;
  json summary{{"frames", json::array()}, {"events", events_json(series.events)}};
  bool vibrates = true;
  for (std::size_t k = 0; k < series.moments.size(); ++k) {
    const core::Atoms& atoms = series.moments[k];
    vibrates = vibrates && atoms.columns.contains("u_rms");
    outcome.outputs.push_back(write_moment(context, static_cast<int>(k), atoms));
    summary["frames"].push_back({{"name", frame_name(static_cast<int>(k))},
                                 {"atoms", atoms.size()},
                                 {"minimum_distance_a", core::minimum_distance(atoms.positions)}});
  }
  write_summary(context, outcome, summary);
  outcome.notes = {
      fmt::format("The moments are built, not simulated: nuclei are planted, with {} events between "
                  "moments (truth/truth.json).",
                  series.events.size())};
  if (!vibrates)
    outcome.notes.emplace_back(
        "The planted atoms have no u_rms, so they do not vibrate unless [images] u_rms_a "
        "says so.");
  return outcome;
}

StageOutcome truth_from_files(const StageContext& context) {
  const TruthCase& truth = context.inputs.get(&Case::truth);
  StageOutcome outcome;
  json summary{{"frames", json::array()}};
  bool vibrates = true;
  for (int frame = 0; frame < truth.frames; ++frame) {
    const core::Atoms atoms = read_truth_file(truth, frame);
    vibrates = vibrates && (atoms.columns.contains("u_rms") || atoms.columns.contains("u_aniso_0"));
    outcome.outputs.push_back(write_moment(context, frame, atoms));
    summary["frames"].push_back(
        {{"name", frame_name(frame)},
         {"atoms", atoms.size()},
         {"file", truth.file.paths[static_cast<std::size_t>(frame)].filename().string()},
         {"minimum_distance_a", core::minimum_distance(atoms.positions)}});
  }
  write_summary(context, outcome, summary);
  outcome.notes = {"Atoms are taken from files as particles in vacuum: centred, their cells dropped."};
  if (!vibrates)
    outcome.notes.emplace_back(
        "Files without u_rms or u_aniso: those atoms do not vibrate unless u_rms_a says so.");
  return outcome;
}

/// Rows that were made with other settings, in a run that was interrupted or before they changed, go, and
/// with them the hold: it runs again, for they are made while it runs.
void keep_order_of_this_key(const StageContext& context) {
  const fs::path dir = context.run_dir / "truth/md";
  const fs::path key_file = dir / "order.key";
  const std::string key = context.inputs.key() + "\n";
  if (fs::exists(key_file) && core::read_file(key_file) == key) return;
  fs::remove(context.run_dir / order_file);
  fs::remove_all(dir / "hold");
  core::write_file(key_file, key);
}

StageOutcome from_molecular_dynamics(const StageContext& context) {
  const TruthCase& truth = context.inputs.get(&Case::truth);
  const bool bulk = truth.droplet.droplet.system == md::System::bulk;
  md::DropletOptions options = truth.droplet;
  std::optional<OrderRecord> record;
  if (options.droplet.watch_ps > 0.0) {
    const analysis::AnalysisOptions& analyze = context.inputs.get(&Case::analyze);
    keep_order_of_this_key(context);
    record.emplace(context.run_dir / order_file, analyze, context.threads, bulk);
    options.worker.watcher = {truth.watch.frames_averaged,
                              [&](const md::Trajectory& block) { record->add(block); }};
  }
  const md::DropletTruth made =
      md::make_droplet_truth(options, context.run_dir / "truth" / "md", context.progress);
  StageOutcome outcome;
  if (record) outcome.outputs.emplace_back(order_file);
  json summary{{"frames", json::array()},
               {"hold_k", made.hold_k},
               {"times_note", made.times.note},
               {"crystallisation_found", made.times.found},
               {"hold_energy_ev_per_atom", made.hold_energy_ev}};
  for (std::size_t i = 0; i < made.frames.size(); ++i) {
    const std::string name = frame_name(static_cast<int>(i));
    outcome.outputs.push_back(write_moment(context, static_cast<int>(i), made.frames[i].atoms));
    summary["frames"].push_back(describe(made.frames[i], name));
    for (const char* log : {md::log_name, md::summary_name}) {
      outcome.logs.push_back(fmt::format("truth/md/{}/{}", name, log));
    }
    outcome.outputs.push_back(fmt::format("truth/md/{}/{}", name, md::trajectory_name));
  }
  write_summary(context, outcome, summary);
  for (const char* file : {md::trajectory_name, md::thermo_name}) {
    outcome.outputs.push_back(fmt::format("truth/md/hold/{}", file));
  }
  for (const char* log : {md::log_name, md::summary_name})
    outcome.logs.push_back(fmt::format("truth/md/hold/{}", log));
  outcome.notes = {fmt::format("Moments imaged, by the potential energy [eV/atom]: {}.", made.times.note),
                   fmt::format("Each moment is cooled to {} K within {} ps and averaged over {} frames: the "
                               "specimen is imaged cold, "
                               "as annealed particles are, and order may grow a little while it cools.",
                               truth.droplet.imaging.temperature_k, truth.droplet.imaging.cool_ps,
                               truth.droplet.imaging.frames),
                   "A rerun with another number of MPI ranks gives another, equally valid truth: sums are "
                   "rounded in another order."};
  if (made.onset)
    outcome.notes.push_back(
        fmt::format("On cooling, {}; the hold is at {:.0f} K.", made.onset->note, made.hold_k));
  if (bulk)
    outcome.notes.emplace_back(
        "The specimen is a sphere cut from the periodic box: its surface is not relaxed.");
  return outcome;
}

} // namespace

StageOutcome run_truth(const StageContext& context) {
  switch (context.inputs.get(&Case::truth).source) {
  case TruthSource::particle:
    return from_builder(context);
  case TruthSource::phantom:
    return from_phantom(context);
  case TruthSource::file:
    return truth_from_files(context);
  case TruthSource::md:
    break;
  }
  return from_molecular_dynamics(context);
}

} // namespace aet::validation
