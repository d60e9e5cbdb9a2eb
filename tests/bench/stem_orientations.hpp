// Accuracy of the fast method over orientations and specimens.
#pragma once

#include <nlohmann/json_fwd.hpp>

namespace aet::bench {

/// Default settings of the fast method against the reference with slices of 0.125 A (of 0.25 A it is itself
/// off by up to 0.4 %): crystals along their axes, 1 and 3 degrees off them and in a general orientation, of
/// FePt, Pt and Si, 3 nm, displaced by one moment of thermal motion; and a file of converged multislice along
/// [001] from outside, where ../shared is. Writes R1 and bias of each case, the worst and the median.
/// \param quick two cases only; 12 take 10 CPU minutes.
void orientations_part(bool quick, nlohmann::json& out);

} // namespace aet::bench
