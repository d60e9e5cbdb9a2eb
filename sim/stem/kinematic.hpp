// The image if every atom scattered alone: linear in the atoms, which is what reconstruction assumes.
#pragma once

#include "sim/core/grid.hpp"
#include "sim/core/parallel.hpp"
#include "sim/stem/view.hpp"

#include <cstddef>

namespace aet::stem {

/// Settings of the kinematic image.
struct KinematicOptions {
  bool depth_of_focus = true; ///< the probe as it is at each atom's height; false: as it is at the focus
                              ///< plane, so that images are projections, the model of tomography
  double padding_a = 24.0; ///< vacuum between the periodic copies of the field [angstrom], 4..200; the tail
                           ///< of a probe with a sharp aperture falls as the cube of the distance
};

/// Sum of the images of isolated atoms (see AtomResponse), averaged over independent thermal displacements:
/// incoherent, without absorption, channelling or multiple scattering.
///
/// Atoms are placed in Fourier space, exactly; the image has no frequency beyond 2 x convergence / wavelength
/// and is sampled, not averaged, at the pixels (so a coarse scan aliases as the real one does). Thermal
/// displacements along the beam are left out.
/// \param view    its key has no effect.
/// \param options thermal u_rms as for simulate_image(); method, slices, configurations and the settings of
///   other methods have no effect.
/// \return scan.n x scan.n, fraction of the incident beam, the origin on pixel n/2; before source size and
///   noise.
/// \throws core::ConfigError for options out of range and for a detector that begins inside the direct beam
///   (there the image is not linear), core::DataError as slice_specimen(). Deterministic for any number of
///   threads. Cost: atoms x (field x 2 q_max)^2 x 2 (x 4 with depth of focus).
[[nodiscard]] core::Image simulate_kinematic_image(const View& view, const StemOptions& options,
                                                   const KinematicOptions& kinematic, core::Threads threads);

/// CPU time of one image without depth of focus [s], one core of an EPYC 9004.
[[nodiscard]] double predicted_kinematic_seconds(std::size_t atoms, const Scan& scan,
                                                 const StemOptions& options);

} // namespace aet::stem
