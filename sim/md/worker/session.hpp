// One LAMMPS instance in library mode. Every rank makes the same calls in the same order.
#pragma once

#include "sim/md/job.hpp"
#include "sim/md/thermo.hpp"
#include "sim/md/trajectory.hpp"

#include <mpi.h>

#include <filesystem>
#include <string>

namespace aet::md::worker {

/// LAMMPS with its private log. LAMMPS errors end the process: Debian's library has no exceptions.
class Session {
public:
  /// \param log  file for LAMMPS' log, made by rank 0; carried on if `append`.
  Session(MPI_Comm comm, const std::string& log, bool append = false);
  ~Session();
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  /// Box, atoms, potential.
  /// \throws DataError if LAMMPS did not take every atom.
  void set_up(const Job& job);

  /// Everything as write_state() left it, whatever was there before; the running stage's thermostat and
  /// barostat included, once go_on() names them. `step`: steps of the job done by then.
  void restore(const Job& job, const std::string& state_file, long step);
  /// LAMMPS' restart file.
  void write_state(const std::string& state_file) const;

  /// Thermostat on, velocities drawn, momentum removed: whatever the stage starts with.
  void begin(const Stage& stage);
  /// After restore() in the middle of a stage.
  void go_on(const Stage& stage);
  /// `steps` more steps of the stage, the first of them being number `from` of the stage. `fresh` after
  /// begin() and go_on(): forces and neighbours are made anew.
  void advance(const Stage& stage, long from, long steps, bool fresh);
  void end();

  /// After advance(). On every rank.
  [[nodiscard]] ThermoRow thermo(const Stage& stage, double timestep_ps, std::size_t atoms) const;
  [[nodiscard]] Frame frame(std::size_t atoms, bool velocities) const;

  /// yyyymmdd
  [[nodiscard]] int version_date() const;

private:
  void command(const std::string& text) const;
  void set_up_interactions(const Job& job);
  void* handle_ = nullptr;
  long step_ = 0;
};

/// The version LAMMPS writes as the first line of its log, "LAMMPS (29 Sep 2021 - Update 2)", without the
/// frame.
[[nodiscard]] std::string version_from_log(const std::filesystem::path& log);

} // namespace aet::md::worker
