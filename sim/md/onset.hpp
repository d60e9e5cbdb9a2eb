// When a liquid begins to crystallise on cooling, from its energy.
#pragma once

#include "sim/md/job.hpp"
#include "sim/md/thermo.hpp"

#include <string>
#include <vector>

namespace aet::md {

struct OnsetOptions {
  double drop_ev = 0.006; ///< per atom, > 0: smallest step that counts; a supercooled droplet of Pt_u3.eam
                          ///< sets free 0.03 to 0.06 eV
  double significance = 50.0; ///< > 0: what the step must take off the sum of squares, in units of what is
                              ///< left per row (squared standard errors; rows are not independent)
};

struct Onset {
  bool found = false;
  double temperature_k = 0.0; ///< thermostat where a tenth of the step is done
  double drop_ev = 0.0;       ///< height of the step [eV per atom]
  std::string note;           ///< one sentence
};

/// Least squares of the potential energy against the thermostat's temperature: a parabola for what does not
/// crystallise, and a step of free height, place and width (a logistic function). The whole scan takes part,
/// so one noisy line decides nothing, and nothing is extrapolated.
/// \param stage  the cooling stage, of which `rows` holds the record; other stages' rows are ignored.
/// \throws DataError for fewer than 20 rows.
[[nodiscard]] Onset find_onset(const Stage& stage, const std::vector<ThermoRow>& rows,
                               const OnsetOptions& options = {});

} // namespace aet::md
