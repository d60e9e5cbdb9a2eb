// Displacement, strain and rotation of every atom against the lattice of its grain.
#pragma once

#include "analysis/chemistry/lattice_sites.hpp"

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace aet::analysis {

struct StrainOptions {
  double kernel_a = 3.0; ///< > 0: standard deviation of the Gaussian kernel [angstrom]
  double reach = 3.0;    ///< 1 .. 6, standard deviations: how far the kernel reaches
};

/// Standard errors of an atom's coordinates [angstrom]; empty: none are known.
using CoordinateErrors = std::span<const core::Vec3>;

/// xx, yy, zz, yz, xz, xy.
using SymmetricTensor = std::array<double, 6>;

struct StrainField {
  std::vector<core::Vec3> displacement; ///< from the site of the grain's rigid lattice [angstrom]; 0 on none
  std::vector<SymmetricTensor> strain;  ///< specimen axes
  std::vector<core::Vec3> rotation;     ///< about x, y, z [rad], small angles
  std::vector<SymmetricTensor> strain_sd; ///< standard error of each; empty without errors of coordinates
  std::vector<std::uint8_t> valid;        ///< 0: on no lattice, or too few atoms of the grain within reach
  std::vector<double> displacement_rms_a; ///< of each grain, in space
};

/// Displacements are from a rigid lattice: cubes of the grain's mean volume, turned and put as fits its atoms
/// best, not from the affine fit, so tetragonality and uniform strain are in them. Strain and rotation are
/// the symmetric and antisymmetric part of the displacement's gradient, by a linear least-squares fit to the
/// atoms of the same grain around each one with Gaussian weights (a smoothed field as Xu et al. take it,
/// Nature Mater. 14, 1099 (2015), doi:10.1038/nmat4426); exact for a uniform strain. The standard error is
/// that of this fit with the given errors of the coordinates; a strain that varies within the kernel is
/// smoothed, which it does not hold.
/// \throws ConfigError for options out of range; DataError for sites or errors of other atoms.
[[nodiscard]] StrainField strain_field(std::span<const core::Vec3> positions, const LatticeSites& sites,
                                       const StrainOptions& options = {}, CoordinateErrors errors = {},
                                       core::Threads threads = {});

} // namespace aet::analysis
