// The embedded-atom energy of a model: is the refined structure one that nature could hold?
#pragma once

#include "sim/core/atoms.hpp"

#include <nlohmann/json_fwd.hpp>

#include <filesystem>
#include <optional>
#include <string>

namespace aet::validation {

struct EamEnergy {
  std::optional<double> ev_per_atom; ///< potential energy; none: not assessed
  std::string reason;                ///< why it was not assessed, or which potential was used
};

/// The potential energy of a model, evaluated once by LAMMPS in its own process (aetval-md), which Zhou et
/// al. 2019 monitors during refinement. Platinum by Pt_u3.eam, iron and iron-platinum by the potential of
/// Zhou et al. (2004); for other elements, or where LAMMPS, its potential or the worker are missing or fail,
/// not assessed, with the reason. Never throws for these.
///
/// An error of sigma per axis raises it by about 3 k sigma^2 / 2 an atom, k the stiffness of a site (Pt: some
/// 25 eV/A^2): 10 pm cost 0.4 eV.
[[nodiscard]] EamEnergy eam_energy(const core::Atoms& atoms);

/// LAMMPS' own file that eam_energy() reads for platinum.
[[nodiscard]] std::filesystem::path eam_potential_file();

/// {"value", "unit", "status": "monitored" or "not assessed", "reason"}.
[[nodiscard]] nlohmann::json eam_json(const EamEnergy& energy);

} // namespace aet::validation
