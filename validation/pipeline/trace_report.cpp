#include "validation/pipeline/trace_report.hpp"

#include "sim/core/io/file.hpp"

#include <nlohmann/json.hpp>

namespace aet::validation {

using nlohmann::json;

void write_trace_report(const std::filesystem::path& path, const recon::TraceResult& result) {
  const recon::TraceSummary& summary = result.summary;
  json j;
  for (const auto& [name, value] : recon::named_numbers(summary))
    j[name] = value;
  j["candidates"] = summary.candidates;
  j["accepted"] = result.atoms.size();
  j["threshold"] = summary.intensity_threshold;
  j["non_atom_rule"] = summary.non_atom_rule;
  j["rejected"] = json::object();
  for (std::size_t i = 1; i < recon::fate_count; ++i) {
    const auto fate = static_cast<recon::Fate>(i);
    j["rejected"][std::string(recon::fate_name(fate))] = summary.count(fate);
  }
  j["peaks"] = json::array();
  for (const recon::Peak& peak : result.peaks) {
    j["peaks"].push_back({{"position_a", {peak.position.x(), peak.position.y(), peak.position.z()}},
                          {"height", peak.height},
                          {"intensity", peak.intensity},
                          {"fate", recon::fate_name(peak.fate)},
                          {"blocker", peak.blocker}});
  }
  j["notes"] = {"Peaks are not sorted into species: all atoms carry the element given."};
  core::write_file(path, j.dump(1) + "\n");
}

} // namespace aet::validation
