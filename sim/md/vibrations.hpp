// How the atoms of one structure move together: displacements from their sites at moments of a trajectory.
#pragma once

#include "sim/core/atoms.hpp"
#include "sim/md/trajectory.hpp"

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

namespace aet::md {

/// Displacements [snapshot][atom] [angstrom], with zero mean over the snapshots; no snapshots: none are
/// known.
struct Vibrations {
  std::vector<std::vector<core::Vec3>> displacements;

  [[nodiscard]] std::size_t size() const { return displacements.size(); }
};

/// Moments of a structure: a LAMMPS dump with an element column, or an extended XYZ file of several frames,
/// whose cells are ignored and whose times are counted as 1 ps apart.
/// \throws core::ConfigError for another kind of file; core::DataError naming the path and what is wrong.
[[nodiscard]] Trajectory read_snapshots(const std::filesystem::path& path);

/// Vibrations of `sites` in all frames of `trajectory`, whose atoms are those of `sites`, in the same order;
/// a column "id" of the sites names the atoms of the trajectory (from 1) that they are, where it holds more.
///
/// Each frame is laid onto the sites by best_rigid_motion(), all atoms of equal weight, then onto the mean of
/// all frames: shift and rotation of the whole are no vibration. Displacements from that mean are enlarged by
/// sqrt(F / (F - 1)), F: number of frames, which makes their mean square that of the motion (the mean has
/// taken a part of it); they are in the axes of the sites.
/// \throws core::DataError naming `source`: fewer than two frames, other atoms, and an atom that is not at its
///   site, in the mean or in one frame: farther off than half the distance to the nearest other site.
[[nodiscard]] Vibrations vibrations_about(const core::Atoms& sites, const Trajectory& trajectory,
                                          const std::string& source);

/// The sites displaced as in a snapshot, times `sign` (+1, or -1: the opposite moment).
/// \throws core::DataError if there is no such snapshot, or it is of another number of atoms.
[[nodiscard]] core::Atoms displaced(core::Atoms sites, const Vibrations& vibrations, std::size_t snapshot,
                                    double sign = 1.0);

/// Mean <u u^T> of every atom [angstrom^2].
[[nodiscard]] std::vector<core::Mat3> mean_squares(const Vibrations& vibrations);

/// Column "u_rms" of every atom [angstrom]: sqrt(trace <u u^T> / 3).
[[nodiscard]] std::vector<double> rms_along_an_axis(const Vibrations& vibrations);

/// Correlation of consecutive snapshots: mean of u(k) . u(k + 1) over that of u^2. F independent moments have
/// -1 / (F - 1), since their mean is taken off; those too near in time up to 1.
[[nodiscard]] double correlation_in_time(const Vibrations& vibrations);

} // namespace aet::md
