// A molecular dynamics job as plain data: the one thing parent and worker exchange.
//
// A job holds numbers and enumerations, never LAMMPS text: the worker forms every command itself, so
// nothing a user writes can reach LAMMPS' command interpreter (which has a `shell` command).
#pragma once

#include "sim/core/atoms.hpp"
#include "sim/md/potential.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace aet::md {

enum class Ensemble {
  nve, ///< velocity Verlet, no thermostat
  nvt, ///< Nose-Hoover chain on the temperature, fixed box
  npt, ///< the same, and a barostat on the box (Martyna, Tobias, Klein, J. Chem. Phys. 101, 4177 (1994))
  nph, ///< barostat without thermostat: constant enthalpy
};

/// How a barostat moves the box; it keeps its right angles and stays centred on the origin.
enum class Coupling {
  iso, ///< all edges by one factor, on the mean pressure
  z,   ///< only the edge along z, on the normal pressure there
};

[[nodiscard]] constexpr bool has_thermostat(Ensemble ensemble) {
  return ensemble == Ensemble::nvt || ensemble == Ensemble::npt;
}
[[nodiscard]] constexpr bool has_barostat(Ensemble ensemble) {
  return ensemble == Ensemble::npt || ensemble == Ensemble::nph;
}
/// "nve", "nvt", "npt", "nph".
[[nodiscard]] std::string ensemble_name(Ensemble ensemble);

/// Maxwell-Boltzmann velocities without linear or angular momentum.
struct DrawVelocities {
  double temperature_k = 300.0; ///< [K], 0..20000
  std::uint32_t seed = 1;       ///< 1..2147483647
};

/// One stretch of dynamics.
struct Stage {
  std::string name = "hold"; ///< 1..32 characters of a-z, 0-9, _ and -
  Ensemble ensemble = Ensemble::nvt;
  double begin_k = 300.0;    ///< thermostat at the first step [K], 1..20000 (nvt, npt)
  double end_k = 300.0;      ///< thermostat at the last step [K], 1..20000 (nvt, npt); linear in between
  double damping_ps = 0.1;   ///< thermostat relaxation time [ps], 0.001..100 (nvt, npt)
  double pressure_bar = 0.0; ///< -1e6..1e6 (npt, nph)
  double pressure_damping_ps = 1.0; ///< barostat relaxation time [ps], 0.01..1000 (npt, nph)
  Coupling coupling = Coupling::iso;
  long steps = 0;                     ///< >= 0; 0 evaluates energies and forces once
  std::optional<DrawVelocities> draw; ///< before the first step
  bool remove_momentum = false;       ///< linear and angular, before the first step
  long thermo_every = 500;            ///< steps between lines of thermo.csv and progress reports, >= 1
  long frame_every = 0; ///< steps between trajectory frames, 0 = none; a multiple of thermo_every
  long watch_every = 0; ///< steps between frames that are shown to a watcher and not kept (run.hpp), 0 =
                        ///< none; a multiple of thermo_every
};

/// Everything that decides the outcome. The cell must be orthogonal; a direction that is not periodic
/// has walls at which an atom counts as lost (LAMMPS boundary f).
struct Job {
  core::Atoms atoms; ///< cell required; origin of the box at -cell/2; optional
                     ///< columns "vx", "vy", "vz" [angstrom/ps]
  PotentialStyle style = PotentialStyle::eam;
  std::string potential = "potential.eam"; ///< plain file name beside the job file
  double timestep_ps = 0.002;              ///< > 0, <= 1
  bool dump_velocities = true;             ///< vx vy vz in the trajectory
  std::vector<Stage> stages;               ///< at least one
  /// Steps between restart points, 0 = none; restart points also lie between stages. At each the worker
  /// writes its state, forgets everything and reads it back, whether it is interrupted there or not: so a run
  /// that was interrupted and one that was not do the same arithmetic in the same order.
  long restart_every = 0;
  std::string description = "{}"; ///< a JSON object, copied into md.json as it is
};

/// \throws ConfigError naming the stage, the field, the value and what is allowed.
void validate(const Job& job);

/// The job as JSON text.
[[nodiscard]] std::string job_to_json(const Job& job);

/// Strict: unknown keys, missing keys and wrong types are errors, and the result is validated.
/// \throws ConfigError naming `source` and the key.
[[nodiscard]] Job job_from_json(const std::string& text, const std::string& source);

/// A distance of restart points that costs little and loses little: about 16 million atom-steps, some 15 s on
/// one core, rounded up to a multiple of `multiple_of` steps.
[[nodiscard]] long suitable_restart_every(std::size_t atoms, long multiple_of);

/// Number of atom steps of the whole job, for predictions of wall time.
[[nodiscard]] double atom_steps(const Job& job);

/// Different elements of the job in rising atomic number: LAMMPS atom types 1, 2, ...
[[nodiscard]] std::vector<int> atom_types(const core::Atoms& atoms);

} // namespace aet::md
