// The specimen as the beam sees it: rotated, thermally displaced, cut into slices.
#pragma once

#include "sim/core/atoms.hpp"
#include "sim/stem/options.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace aet::stem {

/// One atom seen along the beam.
struct ProjectedAtom {
  int z = 0;           ///< atomic number
  double x = 0.0;      ///< [angstrom]
  double y = 0.0;      ///< [angstrom]
  double offset = 0.0; ///< from the middle plane of its slice, positive behind it [angstrom]
  double u_rms = 0.0;  ///< displacement along one axis that is left to average over [angstrom]
};

/// Slices in the order in which the beam (along +z) meets them.
struct SlicedSpecimen {
  double entrance_z = 0.0; ///< entrance face of slice 0 [angstrom]
  double thickness = 0.0;  ///< of every slice [angstrom]
  double focus_z = 0.0;    ///< plane where the probe is focused for C1 = 0 [angstrom]
  std::vector<std::vector<ProjectedAtom>> slices;

  /// Plane in which the potential of slice s acts: its middle [angstrom].
  [[nodiscard]] double plane_z(std::size_t s) const {
    return entrance_z + (static_cast<double>(s) + 0.5) * thickness;
  }
};

/// Rotate, displace and slice.
///
/// Displacements are drawn in the specimen axes from RandomStream(seed, "phonon", {frame, tilt, number}),
/// three normal deviates an atom in the order of the atoms. The number is the configuration; of pairs it is
/// that of the pair, configuration / 2, and odd configurations are displaced the other way. Where thermal
/// motion is averaged over analytically nothing is drawn, and atoms keep their rms_across_beam(). Default
/// slices and focus plane follow from the positions without displacement.
/// \throws core::DataError for no atoms, an element without factors, and as thermal_motion();
///   core::ConfigError if entrance_z_a lies inside the specimen.
[[nodiscard]] SlicedSpecimen slice_specimen(const core::Atoms& atoms, const core::Mat3& orientation,
                                            const StemOptions& options, const ImageKey& key,
                                            std::uint32_t configuration);

} // namespace aet::stem
