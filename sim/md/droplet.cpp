#include "sim/md/droplet.hpp"

#include "sim/core/elements.hpp"
#include "sim/core/error.hpp"
#include "sim/core/random.hpp"
#include "sim/md/mean_frame.hpp"
#include "sim/md/thermo.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <numeric>

namespace aet::md {

namespace {

using nlohmann::json;

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
  stage.begin_k = begin_k;
  stage.end_k = end_k;
  stage.damping_ps = protocol.damping_ps;
  stage.steps = steps_of(ps, protocol.timestep_fs);
  stage.thermo_every = steps_of(protocol.frame_ps, protocol.timestep_fs);
  return stage;
}

double hold_start_ps(const DropletProtocol& protocol) {
  return protocol.melt_ps + protocol.quench_ps;
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

TruthFrame image_moment(const DropletOptions& options, const std::filesystem::path& folder,
                        const Trajectory& hold, std::size_t index) {
  const Trajectory imaged = read_trajectory(folder / trajectory_name);
  TruthFrame frame;
  frame.hold_frame = index;
  frame.time_ps = hold.times_ps[index] - hold_start_ps(options.droplet);
  frame.atoms = mean_frame(imaged, 0, imaged.size());
  frame.minimum_distance_a = minimum_distance(frame.atoms.positions);
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
  require_range(p.frame_ps, 0.01, p.hold_ps, "frame_ps");
  require_multiple(p.frame_ps, p.timestep_fs, "frame_ps");
}

void validate(const ImagingProtocol& p) {
  require_range(p.temperature_k, 1.0, 20000.0, "temperature_k");
  require_range(p.cool_ps, 0.1, 1e4, "cool_ps");
  require_range(p.settle_ps, 0.0, 1e4, "settle_ps");
  require_range(p.frames, 2, 1000, "frames");
  require_range(p.frame_ps, 0.01, 1e4, "frame_ps");
}

core::Atoms fcc_sphere(int atomic_number, double lattice_constant, int count, double margin) {
  // Radius that holds `count` sites on the average, plus a cell, in lattice constants.
  const double radius = std::cbrt(3.0 * count / (16.0 * std::numbers::pi));
  const int reach = static_cast<int>(std::ceil(radius)) + 1;
  const core::Vec3 centre(0.1234, 0.2531, 0.3717);
  const std::array<core::Vec3, 4> basis{core::Vec3(0.0, 0.0, 0.0), core::Vec3(0.5, 0.5, 0.0),
                                        core::Vec3(0.5, 0.0, 0.5), core::Vec3(0.0, 0.5, 0.5)};
  std::vector<core::Vec3> sites;
  for (int iz = -reach; iz <= reach; ++iz)
    for (int iy = -reach; iy <= reach; ++iy)
      for (int ix = -reach; ix <= reach; ++ix)
        for (const core::Vec3& b : basis)
          sites.emplace_back(core::Vec3(ix, iy, iz) + b - centre);
  const auto wanted = static_cast<std::size_t>(count);
  std::sort(sites.begin(), sites.end(),
            [](const core::Vec3& a, const core::Vec3& b) { return a.squaredNorm() < b.squaredNorm(); });
  core::Atoms atoms;
  for (std::size_t i = 0; i < wanted; ++i) {
    atoms.positions.emplace_back(lattice_constant * sites[i]);
    atoms.atomic_numbers.push_back(atomic_number);
  }
  const core::Vec3 mean = core::centroid(atoms);
  double extent = 0.0;
  for (core::Vec3& p : atoms.positions) {
    p -= mean;
    extent = std::max(extent, p.cwiseAbs().maxCoeff());
  }
  core::Cell cell;
  cell.vectors = 2.0 * (extent + margin) * core::Mat3::Identity();
  cell.periodic = {true, true, true};
  atoms.cell = cell;
  return atoms;
}

core::Atoms fcc_bulk(int atomic_number, double lattice_constant, int cells) {
  require_range(cells, 1, 100, "cells");
  require_range(lattice_constant, 2.0, 10.0, "lattice_constant_a");
  const double edge = cells * lattice_constant;
  core::Atoms atoms;
  core::Cell cell;
  cell.vectors = edge * core::Mat3::Identity();
  cell.periodic = {true, true, true};
  atoms.cell = cell;
  const core::Vec3 corner = core::Vec3::Constant(-0.5 * edge + 0.25 * lattice_constant);
  const std::array<core::Vec3, 4> basis{core::Vec3(0.0, 0.0, 0.0), core::Vec3(0.5, 0.5, 0.0),
                                        core::Vec3(0.5, 0.0, 0.5), core::Vec3(0.0, 0.5, 0.5)};
  for (int iz = 0; iz < cells; ++iz)
    for (int iy = 0; iy < cells; ++iy)
      for (int ix = 0; ix < cells; ++ix)
        for (const core::Vec3& b : basis) {
          atoms.positions.emplace_back(corner + lattice_constant * (core::Vec3(ix, iy, iz) + b));
          atoms.atomic_numbers.push_back(atomic_number);
        }
  return atoms;
}

Job droplet_job(const DropletProtocol& p, PotentialStyle style) {
  validate(p);
  Job job;
  job.atoms = fcc_sphere(p.atomic_number, p.lattice_constant_a, p.atoms, p.margin_a);
  job.style = style;
  job.timestep_ps = 1e-3 * p.timestep_fs;
  job.dump_velocities = true;
  Stage melt = thermostatted("melt", p.melt_k, p.melt_k, p.melt_ps, p);
  melt.draw = DrawVelocities{p.melt_k, velocity_seed(p.seed)};
  const Stage quench = thermostatted("quench", p.melt_k, p.hold_k, p.quench_ps, p);
  Stage hold = thermostatted("hold", p.hold_k, p.hold_k, p.hold_ps, p);
  hold.remove_momentum = true;
  hold.frame_every = hold.thermo_every;
  job.stages = {melt, quench, hold};
  job.description = json{
      {"protocol", "droplet"},
      {"element", core::element_symbol(p.atomic_number)},
      {"atoms", p.atoms},
      {"melt_k", p.melt_k},
      {"melt_ps", p.melt_ps},
      {"quench_ps", p.quench_ps},
      {"hold_k", p.hold_k},
      {"hold_ps", p.hold_ps},
      {"timestep_fs", p.timestep_fs},
      {"damping_ps", p.damping_ps},
      {"seed", p.seed}}.dump();
  return job;
}

Job imaging_job(const DropletProtocol& droplet, const ImagingProtocol& imaging, PotentialStyle style,
                const Trajectory& hold, std::size_t index) {
  validate(droplet);
  validate(imaging);
  require_multiple(imaging.frame_ps, droplet.timestep_fs, "frame_ps");
  Job job;
  job.atoms = frame_atoms(hold, index);
  if (job.atoms.columns.count("vx") == 0)
    throw core::DataError("the trajectory of the hold holds no velocities, from which imaging starts; run "
                          "the hold with dump_velocities");
  job.atoms.cell = hold.cell;
  job.style = style;
  job.timestep_ps = 1e-3 * droplet.timestep_fs;
  job.dump_velocities = false;
  DropletProtocol rates = droplet;
  rates.frame_ps = imaging.frame_ps;
  Stage cool = thermostatted("cool", droplet.hold_k, imaging.temperature_k, imaging.cool_ps, rates);
  cool.remove_momentum = true;
  const Stage settle =
      thermostatted("settle", imaging.temperature_k, imaging.temperature_k, imaging.settle_ps, rates);
  Stage image = thermostatted("image", imaging.temperature_k, imaging.temperature_k,
                              imaging.frames * imaging.frame_ps, rates);
  image.remove_momentum = true;
  image.frame_every = image.thermo_every;
  job.stages = {cool, settle, image};
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
  const PotentialInfo info = read_potential_info(options.potential);
  const auto& have = info.atomic_numbers;
  if (std::find(have.begin(), have.end(), options.droplet.atomic_number) == have.end())
    throw core::DataError(fmt::format("potential file {} does not hold {}", options.potential.path.string(),
                                      core::element_symbol(options.droplet.atomic_number)));
}

double predicted_atom_steps(const DropletOptions& options) {
  const Job hold = droplet_job(options.droplet, options.potential.style);
  const double times = static_cast<double>(options.times.levels.size());
  return atom_steps(hold) + times * imaging_steps(options) * options.droplet.atoms;
}

DropletTruth make_droplet_truth(const DropletOptions& options, const std::filesystem::path& folder,
                                const core::ProgressSink& progress) {
  validate(options);
  const Job hold_job = droplet_job(options.droplet, options.potential.style);
  const double hold_steps = total_steps(hold_job);
  const double each = imaging_steps(options);
  const double total = hold_steps + each * static_cast<double>(options.times.levels.size());

  DropletTruth truth;
  truth.wall_s =
      run_unless_finished(hold_job, options, folder / "hold", part_of(progress, 0.0, total, "")).wall_s;
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
    const std::filesystem::path place = folder / truth_folder(i);
    const Job job = imaging_job(options.droplet, options.imaging, options.potential.style, hold, index);
    const double before = hold_steps + each * static_cast<double>(i);
    truth.wall_s +=
        run_unless_finished(job, options, place, part_of(progress, before, total, truth_folder(i) + " "))
            .wall_s;
    truth.frames.push_back(image_moment(options, place, hold, index));
  }
  return truth;
}

} // namespace aet::md
