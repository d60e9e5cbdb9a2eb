// How far every atom vibrates: what images draw displacements from, or average over.
#pragma once

#include "sim/core/atoms.hpp"
#include "sim/stem/options.hpp"

#include <Eigen/Core>

#include <vector>

namespace aet::stem {

/// Thermal motion of every atom. One of the two lists is empty.
struct ThermalMotion {
  std::vector<double> u_rms; ///< isotropic: rms displacement along one axis [angstrom], 0..0.5
  std::vector<core::Mat3>
      tensors; ///< anisotropic: mean <u u^T> in the specimen axes [angstrom^2], eigenvalues 0..0.25

  [[nodiscard]] double largest_rms() const; ///< of any atom along any axis [angstrom]; 0 for no atoms
};

/// options.u_rms_a for all atoms if given; else the columns u_aniso_0 ... u_aniso_5, which are U11 U22 U33
/// U12 U13 U23 [angstrom^2] (an extended XYZ file has them as u_aniso:R:6; the order is that of
/// _atom_site_aniso_U in the core dictionary of CIF, the axes are those of the positions); else the column
/// u_rms; else none.
/// \throws core::DataError naming the atom for a value out of range or a tensor that is not positive
///   (semi-definite: an atom may be at rest along an axis), and for a u_aniso that is not six numbers.
[[nodiscard]] ThermalMotion thermal_motion(const core::Atoms& atoms, const PhononOptions& options);

/// Symmetric square root: it makes displacements with this tensor of three independent normal deviates.
[[nodiscard]] core::Mat3 symmetric_root(const core::Mat3& tensor);

/// Mean square displacements across the beam of every atom [angstrom^2].
/// \param orientation rotation to the axes in which the beam travels along z.
[[nodiscard]] std::vector<Eigen::Matrix2d> tensors_across_beam(const ThermalMotion& motion,
                                                               const core::Mat3& orientation);

/// Largest difference of an atom's two principal mean square displacements across the beam that is averaged
/// over as if the motion were round [angstrom^2]. What is neglected there, R1 of the image of a single Pt
/// atom: 2.5 %, and 0.65 % after a source of 0.35 A (a unit test measures it); it is in proportion to the
/// difference.
inline constexpr double largest_anisotropy_a2 = 0.004;

/// Largest rms displacement along one axis that is averaged over without drawing any [angstrom]. A tilted
/// ball of 1,000 FePt atoms loses 0.13 % of its signal at 0.075, 0.9 % at 0.2.
inline constexpr double largest_averaged_rms_a = 0.25;

/// rms displacement along one axis of round motion in the place of an anisotropic one [angstrom]: the mean of
/// both variances across the beam, which leaves the size of the blur as it is.
/// \throws core::DataError naming the atom that is too anisotropic for that, or moves too far.
[[nodiscard]] std::vector<double> rms_across_beam(const ThermalMotion& motion, const core::Mat3& orientation);

} // namespace aet::stem
