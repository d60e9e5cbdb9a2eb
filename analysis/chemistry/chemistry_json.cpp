#include "analysis/chemistry/chemistry.hpp"
#include "analysis/moment/analysis_json.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace aet::analysis {
namespace {

using nlohmann::json;

json stretch_json(const std::optional<Tetragonality>& stretch) {
  if (!stretch) return {};
  return {{"c_over_a", stretch->c_over_a}, {"a", stretch->a}, {"c", stretch->c}, {"atoms", stretch->atoms}};
}

const char* no_stretch(const ChemicalPhase& phase) {
  return phase.kind == PhaseKind::l1_0 ? "its atoms do not span space" : "it is not of L1_0";
}

json lattice_json(const LatticeSites& sites) {
  json list = json::array();
  for (const LatticeGrain& grain : sites.grains) {
    json edges = json::array();
    for (int k = 0; k < 3; ++k)
      edges.push_back({grain.lattice.edges(k, 0), grain.lattice.edges(k, 1), grain.lattice.edges(k, 2)});
    list.push_back({{"atoms", grain.atoms.size()}, {"edges_a", edges}, {"rms_a", grain.rms_a}});
  }
  return list;
}

json grain_json(const ChemicalGrainReport& report) {
  const ChemicalPhase& phase = chemical_phases().at(static_cast<std::size_t>(report.grain.phase));
  json depth = json::array();
  for (const DepthPoint& p : report.antisites)
    depth.push_back({{"depth_a", p.depth_a},
                     {"atoms", p.atoms},
                     {"antisite_fraction", p.antisite_fraction},
                     {"order_mean", p.order_mean}});
  json object{{"phase", phase.name},
              {"atoms", report.grain.atoms.size()},
              {"order", report.order},
              {"antisites_by_depth", depth},
              {"stretch", stretch_json(report.stretch)}};
  if (!report.stretch) object["stretch_reason"] = no_stretch(phase);
  return object;
}

} // namespace

json to_json(const ChemicalAnalysis& a) {
  std::map<std::string, std::size_t> phases;
  for (const int phase : a.order.phase)
    if (phase >= 0) ++phases[chemical_phases().at(static_cast<std::size_t>(phase)).name];
  json boundaries = json::object();
  for (const BoundaryKind kind : {BoundaryKind::antiphase, BoundaryKind::orientation, BoundaryKind::phase,
                                  BoundaryKind::disorder, BoundaryKind::lattice}) {
    const auto at = a.boundaries.find(kind);
    boundaries[boundary_name(kind)] = at == a.boundaries.end() ? 0 : at->second;
  }
  json object{
      {"name", a.moment.name},
      {"atoms", a.moment.atoms.size()},
      {"neighbour_cutoff_a", a.moment.neighbour_cutoff_a},
      {"on_no_lattice", a.moment.flagged_atoms},
      {"fraction_a", a.order.fraction_a},
      {"lattice_grains", lattice_json(a.sites)},
      {"phases", phases},
      {"antisites", std::count(a.divided.antisite.begin(), a.divided.antisite.end(), std::uint8_t{1})},
      {"swap_pairs", json::array()},
      {"boundary_pairs", boundaries},
      {"grains", json::array()},
      {"small_grains", a.small_grains},
      {"nuclei", json::array()}};
  for (const BoundaryPair& pair : a.swaps)
    object["swap_pairs"].push_back({pair.a, pair.b});
  for (const ChemicalGrainReport& grain : a.grains)
    object["grains"].push_back(grain_json(grain));
  for (std::size_t k = 0; k < a.moment.nuclei.size(); ++k) {
    json nucleus = to_json(a.moment.nuclei[k], k);
    const int number = a.order.phase[a.moment.nuclei[k].nucleus.root];
    const ChemicalPhase& phase = chemical_phases().at(static_cast<std::size_t>(number));
    nucleus["phase"] = phase.name;
    nucleus["stretch"] = stretch_json(a.nucleus_stretch[k]);
    if (!a.nucleus_stretch[k]) nucleus["stretch_reason"] = no_stretch(phase);
    object["nuclei"].push_back(std::move(nucleus));
  }
  if (a.moment.chance) object["chance"] = chance_json(a.moment);
  if (a.c_over_a) {
    object["c_over_a"] = {{"mean", a.c_over_a->mean}, {"deviation", a.c_over_a->deviation}};
  } else {
    object["c_over_a"] = nullptr;
    object["c_over_a_reason"] = "there is no nucleus of L1_0 that spans space";
  }
  return object;
}

} // namespace aet::analysis
