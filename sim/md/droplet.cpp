#include "sim/md/droplet.hpp"

#include "sim/core/elements.hpp"
#include "sim/core/error.hpp"
#include "sim/core/io/file.hpp"
#include "sim/core/neighbours/pairs.hpp"
#include "sim/core/random.hpp"
#include "sim/md/mean_frame.hpp"
#include "sim/md/thermo.hpp"
#include "sim/md/zhou_eam.hpp"

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>

namespace aet::md {

namespace {

using nlohmann::json;

constexpr const char* zhou_name = "zhou2004"; // in the place of a path

void require_range(double value, double min, double max, const std::string& name) {
  if (!(value >= min && value <= max))
    throw core::ConfigError(
        fmt::format("MD protocol: {} = {} is not allowed; use {} to {}", name, value, min, max));
}

long steps_of(double ps, double timestep_fs) {
  return std::lround(ps * 1000.0 / timestep_fs);
}

void require_multiple(double frame_ps, double timestep_fs, const std::string& name) {
  const double steps = frame_ps * 1000.0 / timestep_fs;
  if (steps < 0.5 || std::abs(steps - std::round(steps)) > 1e-6)
    throw core::ConfigError(
        fmt::format("MD protocol: {} = {} is not allowed; use a multiple of the time step ({} fs)", name,
                    frame_ps, timestep_fs));
}

std::uint32_t velocity_seed(std::uint64_t seed) {
  core::RandomStream stream(seed, "md.velocities");
  return 1U + stream() % 2147483646U; // LAMMPS takes 1..2147483647
}

Stage thermostatted(const std::string& name, double begin_k, double end_k, double ps,
                    const DropletProtocol& protocol) {
  Stage stage;
  stage.name = name;
  if (protocol.system == System::bulk) {
    stage.ensemble = Ensemble::npt;
    stage.pressure_bar = protocol.pressure_bar;
    stage.pressure_damping_ps = protocol.pressure_damping_ps;
  }
  stage.begin_k = begin_k;
  stage.end_k = end_k;
  stage.damping_ps = protocol.damping_ps;
  stage.steps = steps_of(ps, protocol.timestep_fs);
  stage.thermo_every =
      steps_of(protocol.watch_ps > 0.0 ? protocol.watch_ps : protocol.frame_ps, protocol.timestep_fs);
  return stage;
}

double hold_start_ps(const DropletProtocol& protocol) {
  return protocol.melt_ps + protocol.quench_ps + protocol.rest_ps;
}

/// Thermostat of the hold at a time since the start of the job.
double temperature_at(const DropletProtocol& p, double time_ps) {
  const double end_k = p.hold_end_k > 0.0 ? p.hold_end_k : p.hold_k;
  return p.hold_k + (end_k - p.hold_k) * std::clamp((time_ps - hold_start_ps(p)) / p.hold_ps, 0.0, 1.0);
}

/// Cells along an edge of a bulk system of that many atoms.
int cells_of(int atoms) {
  return static_cast<int>(std::lround(std::cbrt(atoms / 4.0)));
}

/// The start of every protocol: crystal, "melt" and "quench" to `to_k`.
Job melted(const DropletProtocol& p, double to_k, PotentialStyle style) {
  Job job;
  job.atoms = p.system == System::droplet
                  ? fcc_sphere(p.atomic_number, p.lattice_constant_a, p.atoms, p.margin_a)
                  : fcc_bulk(p.atomic_number, p.lattice_constant_a, cells_of(p.atoms));
  job.style = style;
  job.timestep_ps = 1e-3 * p.timestep_fs;
  job.dump_velocities = true;
  Stage melt = thermostatted("melt", p.melt_k, p.melt_k, p.melt_ps, p);
  melt.draw = DrawVelocities{p.melt_k, velocity_seed(p.seed)};
  job.stages = {melt, thermostatted("quench", p.melt_k, to_k, p.quench_ps, p)};
  job.restart_every = suitable_restart_every(job.atoms.size(), melt.thermo_every);
  return job;
}

std::string truth_folder(std::size_t index) {
  return fmt::format("t{:03}", index);
}

/// Passes on the progress of one job as part of all jobs; counts in steps.
core::ProgressSink part_of(const core::ProgressSink& all, double before, double total,
                           const std::string& prefix) {
  if (!all) return {};
  return [=](const core::Progress& part) { all({before + part.done, total, part.unit, prefix + part.note}); };
}

double total_steps(const Job& job) {
  return std::accumulate(job.stages.begin(), job.stages.end(), 0.0,
                         [](double sum, const Stage& s) { return sum + static_cast<double>(s.steps); });
}

double imaging_steps(const DropletOptions& options) {
  const ImagingProtocol& p = options.imaging;
  const double dt = options.droplet.timestep_fs;
  return static_cast<double>(steps_of(p.cool_ps, dt) + steps_of(p.settle_ps, dt) +
                             p.frames * steps_of(p.frame_ps, dt));
}

RunSummary run_unless_finished(const Job& job, const DropletOptions& options,
                               const std::filesystem::path& folder, const core::ProgressSink& progress) {
  if (is_finished(job, options.potential, folder, options.worker.ranks)) return read_summary(folder);
  return run_job(job, options.potential, folder, options.worker, progress);
}

/// Potential energy per atom at the frames of a stage that has one every `every` steps.
std::vector<double> energies_at_frames(const std::vector<ThermoRow>& rows, const Trajectory& trajectory) {
  std::vector<double> out;
  std::size_t at = 0;
  for (const Frame& frame : trajectory.frames) {
    while (at < rows.size() && rows[at].step < frame.step)
      ++at;
    if (at == rows.size() || rows[at].step != frame.step)
      throw core::DataError(fmt::format(
          "the thermo record has no line for step {} of the trajectory; run the MD stage again", frame.step));
    out.push_back(rows[at].potential_ev_per_atom);
  }
  return out;
}

/// The mean over all frames, cut to a sphere where that is asked for; no cell. Column "id" of a sphere: the
/// number of each atom in the trajectory.
core::Atoms specimen(const DropletOptions& options, const Trajectory& imaged) {
  const bool in_box = options.droplet.system == System::bulk;
  core::Atoms mean = in_box ? mean_in_box(imaged, 0, imaged.size(), Averaging::one_site)
                            : mean_frame(imaged, 0, imaged.size(), Averaging::one_site);
  double radius = options.imaging.cut_radius_a;
  if (in_box) {
    const double most = 0.5 * mean.cell->vectors.diagonal().minCoeff();
    radius = radius > 0.0 ? std::min(radius, most) : most;
  }
  if (radius <= 0.0) return mean;
  std::vector<double>& id = mean.columns["id"];
  id.resize(mean.size());
  std::iota(id.begin(), id.end(), 1.0);
  return cut_sphere(mean, radius);
}

TruthFrame image_moment(const DropletOptions& options, const std::filesystem::path& folder,
                        const Trajectory& hold, std::size_t index) {
  const Trajectory imaged = read_trajectory(folder / trajectory_name);
  TruthFrame frame;
  frame.hold_frame = index;
  frame.time_ps = hold.times_ps[index] - hold_start_ps(options.droplet);
  frame.atoms = specimen(options, imaged);
  frame.minimum_distance_a = core::minimum_distance(frame.atoms.positions);
  const auto energy = energies_at_frames(read_thermo(folder / thermo_name), imaged);
  frame.potential_ev_per_atom =
      std::accumulate(energy.begin(), energy.end(), 0.0) / static_cast<double>(energy.size());
  const double neighbour = options.droplet.lattice_constant_a / std::numbers::sqrt2;
  if (frame.minimum_distance_a < 0.6 * neighbour)
    throw core::DataError(fmt::format("the mean frame in {} has two atoms {:.2f} A apart, which no metal "
                                      "has: atoms moved while they were averaged; "
                                      "cool longer (cool_ps) or image colder (temperature_k)",
                                      folder.string(), frame.minimum_distance_a));
  return frame;
}

} // namespace

void validate(const DropletProtocol& p) {
  require_range(p.atomic_number, 1, 118, "atomic_number");
  require_range(p.lattice_constant_a, 2.0, 10.0, "lattice_constant_a");
  require_range(p.atoms, 13, 1000000, "atoms");
  require_range(p.margin_a, 8.0, 200.0, "margin_a");
  require_range(p.melt_k, 1.0, 20000.0, "melt_k");
  require_range(p.hold_k, 1.0, 20000.0, "hold_k");
  require_range(p.melt_ps, 0.1, 1e5, "melt_ps");
  require_range(p.quench_ps, 0.1, 1e5, "quench_ps");
  require_range(p.hold_ps, 1.0, 1e6, "hold_ps");
  require_range(p.timestep_fs, 0.1, 10.0, "timestep_fs");
  require_range(p.damping_ps, 1e-3, 100.0, "damping_ps");
  require_range(p.rest_ps, 0.0, 1e5, "rest_ps");
  if (p.hold_end_k != 0.0) require_range(p.hold_end_k, 1.0, 20000.0, "hold_end_k");
  require_range(p.pressure_bar, -1e6, 1e6, "pressure_bar");
  require_range(p.pressure_damping_ps, 0.01, 1000.0, "pressure_damping_ps");
  require_range(p.frame_ps, 0.01, p.hold_ps, "frame_ps");
  require_multiple(p.frame_ps, p.timestep_fs, "frame_ps");
  if (p.watch_ps != 0.0) {
    require_range(p.watch_ps, 0.01, p.frame_ps, "watch_ps");
    require_multiple(p.watch_ps, p.timestep_fs, "watch_ps");
    if (steps_of(p.frame_ps, p.timestep_fs) % steps_of(p.watch_ps, p.timestep_fs) != 0)
      throw core::ConfigError(
          fmt::format("MD protocol: frame_ps = {} is not allowed; use a multiple of watch_ps ({})",
                      p.frame_ps, p.watch_ps));
  }
  if (p.system == System::bulk) {
    const int cells = cells_of(p.atoms);
    if (4 * cells * cells * cells != p.atoms)
      throw core::ConfigError(
          fmt::format("MD protocol: atoms = {} is not allowed for a bulk system; use 4 n^3, "
                      "for example {}",
                      p.atoms, 4 * cells * cells * cells));
  }
}

void validate(const ScanProtocol& p) {
  require_range(p.from_k, 1.0, 20000.0, "scan_from_k");
  require_range(p.to_k, 1.0, p.from_k, "scan_to_k");
  require_range(p.scan_ps, 10.0, 1e5, "scan_ps");
  require_range(p.factor, 0.5, 2.0, "hold_over_onset");
}

void validate(const ImagingProtocol& p) {
  require_range(p.temperature_k, 1.0, 20000.0, "temperature_k");
  require_range(p.cool_ps, 0.1, 1e4, "cool_ps");
  require_range(p.settle_ps, 0.0, 1e4, "settle_ps");
  require_range(p.frames, 2, 1000, "frames");
  require_range(p.frame_ps, 0.01, 1e4, "frame_ps");
  if (p.cut_radius_a != 0.0) require_range(p.cut_radius_a, 3.0, 1000.0, "cut_radius_a");
}

Job droplet_job(const DropletProtocol& p, PotentialStyle style) {
  validate(p);
  Job job = melted(p, p.hold_k, style);
  if (p.rest_ps > 0.0) job.stages.push_back(thermostatted("rest", p.hold_k, p.hold_k, p.rest_ps, p));
  Stage hold = thermostatted("hold", p.hold_k, p.hold_end_k > 0.0 ? p.hold_end_k : p.hold_k, p.hold_ps, p);
  hold.remove_momentum = true;
  hold.frame_every = steps_of(p.frame_ps, p.timestep_fs);
  hold.watch_every = p.watch_ps > 0.0 ? steps_of(p.watch_ps, p.timestep_fs) : 0;
  job.stages.push_back(hold);
  job.description = json{
      {"protocol", p.system == System::droplet ? "droplet" : "bulk"},
      {"element", core::element_symbol(p.atomic_number)},
      {"atoms", p.atoms},
      {"melt_k", p.melt_k},
      {"melt_ps", p.melt_ps},
      {"quench_ps", p.quench_ps},
      {"rest_ps", p.rest_ps},
      {"hold_k", p.hold_k},
      {"hold_end_k", p.hold_end_k > 0.0 ? p.hold_end_k : p.hold_k},
      {"hold_ps", p.hold_ps},
      {"timestep_fs", p.timestep_fs},
      {"damping_ps", p.damping_ps},
      {"seed", p.seed}}.dump();
  return job;
}

Job scan_job(const DropletProtocol& p, const ScanProtocol& scan, PotentialStyle style) {
  validate(p);
  validate(scan);
  Job job = melted(p, scan.from_k, style);
  Stage cool = thermostatted("scan", scan.from_k, scan.to_k, scan.scan_ps, p);
  cool.remove_momentum = true;
  job.stages.push_back(cool);
  job.description = json{
      {"protocol", "scan"}, {"element", core::element_symbol(p.atomic_number)},
      {"atoms", p.atoms},   {"from_k", scan.from_k},
      {"to_k", scan.to_k},  {"scan_ps", scan.scan_ps},
      {"seed", p.seed}}.dump();
  return job;
}

Job imaging_job(const DropletProtocol& droplet, const ImagingProtocol& imaging, PotentialStyle style,
                const Trajectory& hold, std::size_t index) {
  validate(droplet);
  validate(imaging);
  require_multiple(imaging.frame_ps, droplet.timestep_fs, "frame_ps");
  Job job;
  job.atoms = droplet.system == System::droplet ? frame_atoms(hold, index) : frame_in_box(hold, index);
  if (job.atoms.columns.count("vx") == 0)
    throw core::DataError("the trajectory of the hold holds no velocities, from which imaging starts; run "
                          "the hold with dump_velocities");
  if (droplet.system == System::droplet) job.atoms.cell = hold.cell;
  job.style = style;
  job.timestep_ps = 1e-3 * droplet.timestep_fs;
  job.dump_velocities = false;
  DropletProtocol rates = droplet;
  rates.frame_ps = imaging.frame_ps;
  rates.watch_ps = 0.0;
  Stage cool = thermostatted("cool", temperature_at(droplet, hold.times_ps.at(index)), imaging.temperature_k,
                             imaging.cool_ps, rates);
  cool.remove_momentum = true;
  const Stage settle =
      thermostatted("settle", imaging.temperature_k, imaging.temperature_k, imaging.settle_ps, rates);
  Stage image = thermostatted("image", imaging.temperature_k, imaging.temperature_k,
                              imaging.frames * imaging.frame_ps, rates);
  image.remove_momentum = true;
  image.frame_every = image.thermo_every;
  job.stages = {cool, settle, image};
  job.restart_every = suitable_restart_every(job.atoms.size(), image.thermo_every);
  job.description = json{{"protocol", "imaging"},
                         {"hold_frame", index},
                         {"hold_time_ps", hold.times_ps.at(index) - hold_start_ps(droplet)},
                         {"temperature_k", imaging.temperature_k},
                         {"cool_ps", imaging.cool_ps},
                         {"settle_ps", imaging.settle_ps},
                         {"frames", imaging.frames},
                         {"frame_ps", imaging.frame_ps}}
                        .dump();
  return job;
}

void validate(const DropletOptions& options) {
  validate(options.droplet);
  validate(options.imaging);
  validate(options.times);
  require_multiple(options.imaging.frame_ps, options.droplet.timestep_fs, "frame_ps");
  require_range(options.worker.ranks, 1, 1024, "ranks");
  if (options.scan) validate(*options.scan);
  if (!is_file(options.potential)) {
    static_cast<void>(zhou_element(options.droplet.atomic_number));
    return;
  }
  const PotentialInfo info = read_potential_info(options.potential);
  const auto& have = info.atomic_numbers;
  if (std::find(have.begin(), have.end(), options.droplet.atomic_number) == have.end())
    throw core::DataError(fmt::format("potential file {} does not hold {}", options.potential.path.string(),
                                      core::element_symbol(options.droplet.atomic_number)));
}

bool is_file(const PotentialFile& potential) {
  return potential.path != zhou_name;
}

PotentialFile potential_of(const DropletOptions& options, const std::filesystem::path& folder) {
  if (is_file(options.potential)) return options.potential;
  PotentialFile file{folder / "zhou2004.eam.alloy", PotentialStyle::eam_alloy};
  const std::string text = zhou_setfl({options.droplet.atomic_number});
  std::error_code ignored;
  if (!std::filesystem::is_regular_file(file.path, ignored) || core::read_file(file.path) != text)
    core::write_file(file.path, text);
  return file;
}

double predicted_atom_steps(const DropletOptions& options) {
  double steps = atom_steps(droplet_job(options.droplet, options.potential.style));
  if (options.scan) steps += atom_steps(scan_job(options.droplet, *options.scan, options.potential.style));
  const double times = static_cast<double>(options.times.levels.size());
  return steps + times * imaging_steps(options) * options.droplet.atoms;
}

DropletTruth make_droplet_truth(const DropletOptions& asked, const std::filesystem::path& folder,
                                const core::ProgressSink& progress) {
  validate(asked);
  DropletOptions options = asked;
  options.potential = potential_of(asked, folder);
  const double each = imaging_steps(options);
  const auto count = static_cast<double>(options.times.levels.size());
  double before = 0.0;
  double total = total_steps(droplet_job(options.droplet, options.potential.style)) + each * count;

  DropletTruth truth;
  const auto run = [&](const Job& job, const std::string& name, const std::string& prefix) {
    truth.wall_s +=
        run_unless_finished(job, options, folder / name, part_of(progress, before, total, prefix)).wall_s;
    before += total_steps(job);
  };
  if (options.scan) {
    const Job scan = scan_job(options.droplet, *options.scan, options.potential.style);
    total += total_steps(scan);
    run(scan, "scan", "");
    truth.onset = find_onset(scan.stages.back(), read_thermo(folder / "scan" / thermo_name));
    if (!truth.onset->found)
      throw core::DataError(fmt::format("the scan from {} to {} K shows no crystallisation ({}); cool slower "
                                        "(scan_ps) or deeper (scan_to_k), or give hold_k",
                                        options.scan->from_k, options.scan->to_k, truth.onset->note));
    options.droplet.hold_k = options.scan->factor * truth.onset->temperature_k;
    options.droplet.hold_end_k = 0.0;
  }
  truth.hold_k = options.droplet.hold_k;
  run(droplet_job(options.droplet, options.potential.style), "hold", "");
  const Trajectory hold = read_trajectory(folder / "hold" / trajectory_name);
  truth.hold_energy_ev = energies_at_frames(read_thermo(folder / "hold" / thermo_name), hold);
  truth.times = options.order_curve
                    ? choose_times(options.order_curve(hold), Direction::rising, options.times)
                    : choose_times(truth.hold_energy_ev, Direction::falling, options.times);
  if (truth.times.frames.back() >= hold.size())
    throw core::DataError(
        fmt::format("the order curve has more values than the {} frames of the hold", hold.size()));
  for (std::size_t i = 0; i < truth.times.frames.size(); ++i) {
    const std::size_t index = truth.times.frames[i];
    const std::string name = truth_folder(i);
    run(imaging_job(options.droplet, options.imaging, options.potential.style, hold, index), name,
        name + " ");
    truth.frames.push_back(image_moment(options, folder / name, hold, index));
  }
  return truth;
}

} // namespace aet::md
