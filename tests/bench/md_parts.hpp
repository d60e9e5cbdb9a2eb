// The parts of bench_md; each adds its keys to the JSON object.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include <filesystem>
#include <string>

namespace aet::bench {

/// Where the parts keep what they make, and how long they take.
struct MdBench {
  std::filesystem::path folder;
  bool quick = false; ///< shorter runs: to see that everything works; figures are then rough
};

/// a0, e_coh: Pt_u3.eam; zhou: Fe, Pt, L1_0, L1_2; lennard_jones. Seconds.
void static_part(const MdBench& bench, nlohmann::json& out);
/// liquid_density_1600k, melting_k: NPT liquid, and solid beside liquid at constant enthalpy. Some 8 minutes
/// of CPU.
void melting_part(const MdBench& bench, nlohmann::json& out);
/// atom_steps_per_s_1, _2, lmp_..., overhead: 32,000 atoms against the program lmp. Some 4 minutes.
void speed_part(const MdBench& bench, nlohmann::json& out);
/// twins: the small cases of inputs/ end to end. Some 12 minutes of CPU.
void twins_part(const MdBench& bench, nlohmann::json& out);
/// kills: ten interruptions, and the order of what came out. Half a minute.
void kills_part(const MdBench& bench, nlohmann::json& out);

/// A line on standard error.
void tell(const std::string& what);

} // namespace aet::bench
