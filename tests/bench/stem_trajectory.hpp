// Vibrations that molecular dynamics correlates against those of independent atoms, in images and in what is
// recovered from them.
#pragma once

#include <nlohmann/json_fwd.hpp>

namespace aet::bench {

/// Adds "trajectory". Needs Pt_u3.eam of Debian's lammps-data.
/// \param quick  few snapshots and no recovery: to see that everything runs.
void trajectory_part(bool quick, nlohmann::json& out);

} // namespace aet::bench
