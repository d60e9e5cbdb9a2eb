// When a liquid begins to crystallise on cooling, from its energy.
#pragma once

#include "sim/md/job.hpp"
#include "sim/md/thermo.hpp"

#include <string>
#include <vector>

namespace aet::md {

struct OnsetOptions {
  double drop_ev = 0.006;  ///< per atom below the liquid's curve, > 0: a tenth of the heat set free in a
                           ///< supercooled droplet (Pt_u3.eam: 0.045 to 0.06 eV)
  double smooth_k = 10.0;  ///< energies are averaged over this span of temperature [K], > 0
  double liquid_k = 150.0; ///< the first part of the scan that is taken to be liquid [K], > 0
};

struct Onset {
  bool found = false;
  double temperature_k = 0.0; ///< thermostat where the energy leaves the liquid's curve
  double drop_ev = 0.0;       ///< largest drop below that curve [eV per atom]
  std::string note;           ///< one sentence
};

/// The potential energy of a liquid is a smooth function of temperature (a parabola here, fitted to all of
/// the scan so far but its last 50 K); crystallisation begins where the energy falls below it by drop_ev and
/// stays below to the end. \param stage  the cooling stage, of which `rows` holds the record; other stages'
/// rows are ignored. \throws DataError for fewer than 20 rows.
[[nodiscard]] Onset find_onset(const Stage& stage, const std::vector<ThermoRow>& rows,
                               const OnsetOptions& options = {});

} // namespace aet::md
