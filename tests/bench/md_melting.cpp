// The liquid's density, and the melting point from solid and liquid side by side at constant enthalpy and
// pressure (Morris and Song, J. Chem. Phys. 116, 9352 (2002), doi:10.1063/1.1474581).
#include "sim/md/droplet.hpp"
#include "sim/md/mean_frame.hpp"
#include "sim/md/thermo.hpp"
#include "tests/bench/md_parts.hpp"

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include <cmath>

namespace aet::bench {

namespace {

using core::Vec3;

md::Stage stage_of(const std::string& name, md::Ensemble ensemble, double begin_k, double end_k, double ps) {
  md::Stage stage;
  stage.name = name;
  stage.ensemble = ensemble;
  stage.begin_k = begin_k;
  stage.end_k = end_k;
  stage.steps = std::lround(500.0 * ps);
  stage.thermo_every = 100;
  return stage;
}

md::Job job_of(core::Atoms atoms, std::vector<md::Stage> stages) {
  md::Job job;
  job.restart_every = md::suitable_restart_every(atoms.size(), 100);
  job.atoms = std::move(atoms);
  job.stages = std::move(stages);
  job.stages.back().frame_every = 100;
  return job;
}

md::Trajectory run(const md::Job& job, const std::filesystem::path& folder) {
  md::WorkerOptions one;
  one.ranks = 1;
  if (!md::is_finished(job, {}, folder, 1)) md::run_job(job, {}, folder, one);
  return md::read_trajectory(folder / md::trajectory_name);
}

/// Mean and its standard error from ten blocks.
struct Mean {
  double value;
  double error;
};
Mean mean_of(const std::vector<double>& values) {
  constexpr std::size_t blocks = 10;
  const std::size_t length = values.size() / blocks;
  double sum = 0.0;
  double square = 0.0;
  for (std::size_t b = 0; b < blocks; ++b) {
    double block = 0.0;
    for (std::size_t i = 0; i < length; ++i)
      block += values[b * length + i] / static_cast<double>(length);
    sum += block;
    square += block * block;
  }
  const double mean = sum / blocks;
  return {mean, std::sqrt(std::max(0.0, square / blocks - mean * mean) / (blocks - 1))};
}

Mean liquid_density(const MdBench& bench) {
  const int cells = bench.quick ? 4 : 7;
  md::Stage melt = stage_of("melt", md::Ensemble::npt, 2500.0, 2500.0, 5.0);
  melt.draw = md::DrawVelocities{4000.0, 11};
  const md::Job job = job_of(md::fcc_bulk(78, 3.92, cells),
                             {melt, stage_of("settle", md::Ensemble::npt, 1600.0, 1600.0, 5.0),
                              stage_of("liquid", md::Ensemble::npt, 1600.0, 1600.0, bench.quick ? 4 : 30)});
  const md::Trajectory t = run(job, bench.folder / "liquid");
  constexpr double g_per_cm3 = 1.66053907; // u / A^3
  std::vector<double> density;
  for (std::size_t f = 0; f < t.size(); ++f)
    density.push_back(g_per_cm3 * 195.084 * static_cast<double>(t.atomic_numbers.size()) /
                      md::box_edges(t, f).prod());
  return mean_of(density);
}

/// Solid below, liquid above, with as much room between as keeps their atoms apart; velocities as they were.
core::Atoms stacked(const core::Atoms& solid, const core::Atoms& liquid) {
  constexpr double gap_a = 1.0;
  core::Atoms out;
  const double below = solid.cell->vectors(2, 2);
  const double above = liquid.cell->vectors(2, 2);
  out.cell = solid.cell;
  out.cell->vectors(2, 2) = below + above + 2.0 * gap_a;
  const auto add = [&](const core::Atoms& part, double shift) {
    for (std::size_t i = 0; i < part.size(); ++i) {
      out.positions.push_back(part.positions[i] + Vec3(0.0, 0.0, shift));
      out.atomic_numbers.push_back(part.atomic_numbers[i]);
      for (const char* v : {"vx", "vy", "vz"})
        out.columns[v].push_back(part.columns.at(v)[i]);
    }
  };
  add(solid, -0.5 * (above + gap_a));
  add(liquid, 0.5 * (below + gap_a));
  return out;
}

/// Temperature at which both phases stay, starting from halves at `kelvin`.
nlohmann::json coexistence(const MdBench& bench, double kelvin, std::uint32_t seed, const std::string& name) {
  const int across = bench.quick ? 4 : 5;
  const int along = bench.quick ? 6 : 12;
  const auto folder = bench.folder / name;
  md::Stage warm = stage_of("warm", md::Ensemble::npt, kelvin, kelvin, 4.0);
  warm.draw = md::DrawVelocities{2.0 * kelvin, seed};
  const core::Atoms crystal = md::bulk(md::fcc_cell(78), Vec3::Constant(3.97), {across, across, along});
  const md::Trajectory solid = run(
      job_of(crystal, {warm, stage_of("solid", md::Ensemble::npt, kelvin, kelvin, 8.0)}), folder / "solid");
  const core::Atoms mean = md::mean_in_box(solid, 0, solid.size());
  const double a = mean.cell->vectors(0, 0) / across;
  // The last frame in the mean box: the cross-section of both halves is that of the crystal at rest.
  core::Atoms half = md::frame_in_box(solid, solid.size() - 1);
  const Vec3 scale = mean.cell->vectors.diagonal().cwiseQuotient(half.cell->vectors.diagonal());
  for (Vec3& p : half.positions)
    p = p.cwiseProduct(scale);
  half.cell = mean.cell;

  const auto z_only = [](md::Stage stage) {
    stage.coupling = md::Coupling::z;
    return stage;
  };
  md::Stage melt = z_only(stage_of("melt", md::Ensemble::npt, 2600.0, 2600.0, 5.0));
  melt.draw = md::DrawVelocities{5000.0, seed + 1};
  const md::Trajectory liquid =
      run(job_of(md::bulk(md::fcc_cell(78), Vec3::Constant(a), {across, across, along}),
                 {melt, z_only(stage_of("cool", md::Ensemble::npt, 2600.0, kelvin, 2.0)),
                  z_only(stage_of("liquid", md::Ensemble::npt, kelvin, kelvin, 3.0))}),
          folder / "liquid");

  const double ps = bench.quick ? 4.0 : 60.0;
  const md::Job both = job_of(stacked(half, md::frame_in_box(liquid, liquid.size() - 1)),
                              {z_only(stage_of("settle", md::Ensemble::npt, kelvin, kelvin, 2.0)),
                               z_only(stage_of("both", md::Ensemble::nph, kelvin, kelvin, ps))});
  const md::Trajectory t = run(both, folder / "both");
  std::vector<double> temperature;
  std::vector<double> energy;
  const auto rows = md::rows_of_stage(md::read_thermo(folder / "both" / md::thermo_name), "both");
  for (std::size_t i = rows.size() / 2; i < rows.size(); ++i) {
    temperature.push_back(rows[i].temperature_k);
    energy.push_back(rows[i].potential_ev_per_atom);
  }
  const Mean result = mean_of(temperature);
  // How much of it is solid: its potential energy between those of the halves.
  const auto end_of = [&](const char* part) {
    const auto all = md::rows_of_stage(md::read_thermo(folder / part / md::thermo_name), part);
    double sum = 0.0;
    for (const md::ThermoRow& row : all)
      sum += row.potential_ev_per_atom / static_cast<double>(all.size());
    return sum;
  };
  const double solid_part = (end_of("liquid") - mean_of(energy).value) / (end_of("liquid") - end_of("solid"));
  tell(fmt::format("coexistence from {:.0f} K: {:.1f} +- {:.1f} K, solid part {:.2f}", kelvin, result.value,
                   result.error, solid_part));
  return {{"from_k", kelvin},           {"seed", seed},
          {"atoms", both.atoms.size()}, {"melting_k", result.value},
          {"error_k", result.error},    {"solid_part_at_end", solid_part},
          {"lattice_constant_a", a},    {"hold_ps", ps}};
}

} // namespace

void melting_part(const MdBench& bench, nlohmann::json& out) {
  const Mean density = liquid_density(bench);
  out["liquid_density_1600k_g_per_cm3"] = density.value;
  out["liquid_density_error"] = density.error;
  nlohmann::json runs = nlohmann::json::array();
  runs.push_back(coexistence(bench, 1450.0, 101, "melting0"));
  const double first = runs[0]["melting_k"];
  if (!bench.quick)
    for (const std::uint32_t seed : {201U, 301U})
      runs.push_back(coexistence(bench, std::round(first), seed, fmt::format("melting{}", runs.size())));
  // The first run's cross-section belongs to a guess; the others' to the melting point.
  double sum = 0.0;
  double square = 0.0;
  double own = 0.0;
  const std::size_t from = runs.size() > 1 ? 1 : 0;
  const auto count = static_cast<double>(runs.size() - from);
  for (std::size_t i = from; i < runs.size(); ++i) {
    const double t = runs[i]["melting_k"];
    sum += t / count;
    square += t * t / count;
    own = std::max(own, runs[i]["error_k"].get<double>());
  }
  out["melting_k"] = sum;
  out["melting_error_k"] = std::max(own, std::sqrt(std::max(0.0, square - sum * sum)));
  out["melting_runs"] = runs;
}

} // namespace aet::bench
