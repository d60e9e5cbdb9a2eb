// Time averages over frames of a trajectory: mean positions and thermal motion.
#pragma once

#include "sim/core/atoms.hpp"
#include "sim/md/trajectory.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace aet::md {

/// Rotation R and translation t that minimise sum |R p_i + t - q_i|^2; R is proper.
struct RigidMotion {
  core::Mat3 rotation = core::Mat3::Identity();
  core::Vec3 translation = core::Vec3::Zero();
};

/// \throws DataError if the lists differ in length or are empty.
/// Source: Kabsch, Acta Cryst. A 32, 922 (1976), doi:10.1107/S0567739476001873, with the sign of the
/// determinant as in Acta Cryst. A 34, 827 (1978).
[[nodiscard]] RigidMotion best_rigid_motion(const std::vector<core::Vec3>& p,
                                            const std::vector<core::Vec3>& q);

/// Which frames an atom's mean position is of.
enum class Averaging {
  all_frames, ///< the plain mean, as for order parameters of a liquid
  /// Those with the atom within 0.8 A of its place in the middle frame: all atoms are on the sites of one
  /// moment, and one that jumped is not between two. For specimens.
  one_site
};

/// Mean of frames first .. first + count - 1, after each is laid onto the middle one by
/// best_rigid_motion. Centred on the origin, no cell. Columns [angstrom], both per axis (1D rms):
///   "u_rms"    vibration, from differences of consecutive frames: sqrt(sum |r_{i+1} - r_i|^2 / (6 (count -
///   1))).
///              For motion that is independent from frame to frame this is sqrt(<u^2>/3); slow drift and
///              single jumps, which inflate a plain rms in a half-liquid droplet, hardly enter (the
///              estimator of von Neumann et al., Ann. Math. Stat. 12, 153 (1941),
///              doi:10.1214/aoms/1177731746).
///   "u_window" plain rms about the mean, sqrt(sum |r_i - <r>|^2 / (3 (count - 1))). Well above u_rms: the
///              atom drifted or jumped within the window, and its mean position is not a site.
/// \throws DataError unless count >= 2 and all frames exist.
[[nodiscard]] core::Atoms mean_frame(const Trajectory& trajectory, std::size_t first, std::size_t count,
                                     Averaging averaging = Averaging::all_frames);

/// The same for a system that fills its box: no rotation, the drift of the mean position taken off, the mean
/// box as cell, atoms inside it.
/// \throws DataError unless count >= 2 and all frames exist.
[[nodiscard]] core::Atoms mean_in_box(const Trajectory& trajectory, std::size_t first, std::size_t count,
                                      Averaging averaging = Averaging::all_frames);

/// Atoms at most `radius` from the origin, centred on their mean, without cell.
/// \throws DataError if there are none.
[[nodiscard]] core::Atoms cut_sphere(const core::Atoms& atoms, double radius);

/// sqrt of the mean square of a per-atom column over the atoms of one element; 0 if there is none.
/// \throws DataError if the column does not exist.
[[nodiscard]] double rms_of_element(const core::Atoms& atoms, const std::string& column, int atomic_number);

} // namespace aet::md
