// Cases that together have every setting: some small enough to be run, the others only to be read.
#pragma once

#include <string>
#include <vector>

namespace aet::test {

/// Each takes seconds: species and likelihood on a built particle; molecular dynamics and the papers'
/// refinement.
[[nodiscard]] std::string particle_case();
[[nodiscard]] std::string dynamics_case();

/// Settings that the two do not reach, to be read only.
[[nodiscard]] std::vector<std::string> further_cases();

} // namespace aet::test
