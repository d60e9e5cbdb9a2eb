#include "validation/recovery/trace_report.hpp"

#include "sim/core/io/file.hpp"
#include "validation/recovery/classification_report.hpp"

#include <nlohmann/json.hpp>

namespace aet::validation {

using nlohmann::json;

namespace {

/// What the papers' authors did by hand, as rules, with how often each applied.
json manual_steps(const recon::SpeciesModel& model) {
  const recon::TraceSummary& s = model.trace.summary;
  using recon::Fate;
  json steps = json::array();
  const auto add = [&](const char* paper, const char* rule, std::size_t count) {
    steps.push_back({{"in_the_papers", paper}, {"rule", rule}, {"count", count}});
  };
  add("Zhou et al. 2019 iii, Yang et al. 2017 i: positions spoilt by failed fits are corrected",
      "a peak whose fit finds no maximum, drifts or does not converge is rejected",
      s.count(Fate::no_maximum) + s.count(Fate::drifted) + s.count(Fate::not_converged));
  add("Yang et al. 2017 i: peaks are added by manual Gaussian fits",
      "peaks above the same thresholds after the atoms found are subtracted", s.residual_atoms);
  if (model.classes) {
    const recon::ClassifySummary& c = model.classes->summary;
    add("Yang et al. 2017 iii: non-atoms are reinstated with some manual intervention",
        "a non-atom nearer to the mean dimmest atom than to a flat box is an atom", c.rescued);
    add("Yang et al. 2017 iii, vi: doubtful peaks are dropped by eye",
        "a peak not sure to be an atom, with too few neighbours at bonding distance, is rejected",
        c.unbonded);
    add("Zhou et al. 2019: every borderline atom is examined",
        "atoms below the borderline probability are listed and take the likelier species",
        c.borderline.size());
  }
  if (model.second_pass) {
    add("Yang et al. 2017 v: a second pass with a smaller minimum distance",
        "atoms that only one of the two passes has, or that differ in species, are listed",
        model.second_pass->only_first.size() + model.second_pass->only_second.size() +
            model.second_pass->other_species.size());
  }
  return steps;
}

} // namespace

void write_trace_report(const std::filesystem::path& path, const recon::SpeciesModel& model,
                        const EamEnergy& energy) {
  const recon::TraceSummary& summary = model.trace.summary;
  json j;
  for (const auto& [name, value] : recon::named_numbers(summary))
    j[name] = value;
  j["candidates"] = summary.candidates;
  j["accepted"] = model.atoms.size();
  j["threshold"] = summary.intensity_threshold;
  j["non_atom_rule"] = summary.non_atom_rule;
  j["rejected"] = json::object();
  for (std::size_t i = 1; i < recon::fate_count; ++i) {
    const auto fate = static_cast<recon::Fate>(i);
    j["rejected"][std::string(recon::fate_name(fate))] = summary.count(fate);
  }
  if (model.second_pass) {
    const recon::PassComparison& pass = *model.second_pass;
    j["second_pass"] = {{"min_distance_a", pass.min_distance_a},
                        {"atoms", pass.second},
                        {"common", pass.common},
                        {"same_species", pass.same_species},
                        {"other_species", pass.other_species},
                        {"only_first", pass.only_first},
                        {"only_second", pass.only_second.size()}};
  }
  j["eam_energy"] = eam_json(energy);
  j["manual_steps"] = manual_steps(model);
  j["peaks"] = json::array();
  for (const recon::Peak& peak : model.trace.peaks) {
    j["peaks"].push_back({{"position_a", {peak.position.x(), peak.position.y(), peak.position.z()}},
                          {"height", peak.height},
                          {"intensity", peak.intensity},
                          {"fate", recon::fate_name(peak.fate)},
                          {"in_residual", peak.in_residual},
                          {"blocker", peak.blocker}});
  }
  if (model.classes) {
    j["classification"] = classification_json(*model.classes);
    j["notes"] = {"Species and non-atoms were found from the volume alone: " +
                  classification_sentence(*model.classes) + "."};
  } else {
    j["notes"] = {"Peaks are not sorted into species: all atoms carry the element given."};
  }
  for (const std::string& note : model.trace.notes)
    j["notes"].push_back(note);
  core::write_file(path, j.dump(1) + "\n");
}

} // namespace aet::validation
