// Trajectories as LAMMPS writes them: "dump custom" text, gzip-compressed, readable by OVITO.
#pragma once

#include "sim/core/atoms.hpp"
#include "sim/core/io/atom_files.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace aet::md {

/// One instant. Positions are unwrapped [angstrom], in the order of rising atom id.
struct Frame {
  long step = 0;
  std::vector<core::Vec3> positions;
  std::vector<core::Vec3> velocities; ///< [angstrom/ps]; empty if not recorded
  std::optional<core::Vec3> edges;    ///< of the box then [angstrom], where a barostat moves it
};

/// Frames of the same atoms. Invariant: times_ps.size() == frames.size(), every frame has
/// atomic_numbers.size() positions.
struct Trajectory {
  std::vector<double> times_ps;
  std::vector<Frame> frames;
  std::vector<int> atomic_numbers; ///< same for all frames
  core::Cell cell;                 ///< of the first frame, orthogonal

  [[nodiscard]] std::size_t size() const { return frames.size(); }
};

/// Edges of the box at frame `index`.
/// \throws DataError if there is no such frame.
[[nodiscard]] core::Vec3 box_edges(const Trajectory& trajectory, std::size_t index);

/// Read a LAMMPS dump (core::visit_lammps_frames) with an element column, or with types named in `options`;
/// vx vy vz are kept if present. Times come from the ITEM: TIME sections if present (dump_modify time yes),
/// else from the steps and `timestep_ps`.
/// \throws DataError naming path and line or frame: unreadable, truncated, no frames, atoms that come or go,
/// tilted cell, missing columns, or neither times nor a time step.
[[nodiscard]] Trajectory read_trajectory(const std::filesystem::path& path, double timestep_ps = 0.0,
                                         const core::AtomFileOptions& options = {});

/// Writes frames one after another as "dump custom" text with ITEM: UNITS and ITEM: TIME, sorted by
/// id, columns id type element xu yu zu [vx vy vz]. Compressed if the name ends in .gz; the
/// compressed bytes hold no clock, so equal frames give equal files.
class TrajectoryWriter {
public:
  /// `atomic_numbers[i]` belongs to atom id i + 1; `cell` stands for frames without edges of their own.
  /// \param keep  continue the file behind this many bytes, as mark() returned them, and drop the rest.
  /// \throws ExternalError if the file cannot be made, or is shorter than `keep`.
  TrajectoryWriter(const std::filesystem::path& path, std::vector<int> atomic_numbers, core::Cell cell,
                   std::optional<std::uintmax_t> keep = {});
  ~TrajectoryWriter();
  TrajectoryWriter(const TrajectoryWriter&) = delete;
  TrajectoryWriter& operator=(const TrajectoryWriter&) = delete;

  /// \throws ExternalError if the disk is full, DataError if the number of atoms changed.
  void write(const Frame& frame, double time_ps);
  /// Everything so far is on the disk and readable as it stands; returns its length [byte]. (The compressed
  /// stream ends here and another begins: gzip files are such sequences.)
  /// \throws as close().
  std::uintmax_t mark();
  /// Finish the file.
  /// \throws ExternalError if not all of it could be written.
  void close();

private:
  struct File;
  void open(const char* mode);
  std::unique_ptr<File> file_;
  std::vector<int> atomic_numbers_;
  core::Cell cell_;
};

/// Multiples of the box edges that bring the atoms of frame `index` together: an atom that left through a
/// periodic face and joined again from the other side is one edge away from the rest in unwrapped coordinates
/// (minimum image to the median position; zero in directions that are not periodic).
/// \throws DataError if there is no such frame.
[[nodiscard]] std::vector<core::Vec3> whole_box_shifts(const Trajectory& trajectory, std::size_t index);

/// Frame `index` as atoms, brought together by whole_box_shifts() and centred on the origin, without cell;
/// columns "vx", "vy", "vz" if recorded.
/// \throws DataError if there is no such frame.
[[nodiscard]] core::Atoms frame_atoms(const Trajectory& trajectory, std::size_t index);

/// Frame `index` of a system that fills its box: atoms inside it, with the cell, centre at the origin;
/// columns "vx", "vy", "vz" if recorded.
/// \throws DataError if there is no such frame.
[[nodiscard]] core::Atoms frame_in_box(const Trajectory& trajectory, std::size_t index);

} // namespace aet::md
