// Multislice as the full model of refinement: the instrument as its operator knows it.
#pragma once

#include "recon/refine/defect_correction.hpp"
#include "sim/core/parallel.hpp"
#include "sim/core/tilt_series.hpp"

#include <vector>

namespace aet::validation {

/// What is taken for the instrument and the specimen's thermal motion.
struct PhysicsSettings {
  recon::DefectOptions defect;
  core::Microscope instrument;       ///< what is given here goes before what the series has recorded
  std::vector<double> u_rms_a{0.07}; ///< along one axis, for all atoms or for each element by rising atomic
                                     ///< number [angstrom], 0..0.25
};

/// Images of atoms averaged over their thermal motion, by the fast multislice of sim/stem, focused on their
/// middle.
/// \param series its shape, pixel and record of the microscope.
/// \param elements atomic number of each species of the scene.
/// \throws core::ConfigError where voltage, aperture or detector are neither given nor recorded, for a value
///   out of range, or for a number of displacements that is neither one nor one an element.
[[nodiscard]] recon::ForwardModel multislice_model(const core::TiltSeries& series,
                                                   const std::vector<int>& elements,
                                                   const PhysicsSettings& settings, core::Threads threads);

} // namespace aet::validation
