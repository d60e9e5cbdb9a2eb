#include "analysis/moment/analysis_json.hpp"

#include "analysis/moment/moment_chance.hpp"

#include <nlohmann/json.hpp>

#include <cmath>

namespace aet::analysis {
namespace {

using nlohmann::json;

/// JSON has no infinity and no "not a number": those become null with a reason.
void put(json& object, const std::string& key, const Quantity& quantity) {
  if (quantity.value && std::isfinite(*quantity.value)) {
    object[key] = *quantity.value;
    return;
  }
  object[key] = nullptr;
  object[key + "_reason"] = quantity.value ? "the computation gave no finite number" : quantity.reason;
}

json profile_json(const std::vector<ProfilePoint>& profile) {
  json r = json::array();
  json alpha = json::array();
  json count = json::array();
  for (const ProfilePoint& point : profile) {
    r.push_back(point.r);
    alpha.push_back(point.value);
    count.push_back(static_cast<long long>(point.count));
  }
  return {{"r_a", r}, {"alpha", alpha}, {"count", count}};
}

json fit_json(const ProfileFit& fit) {
  json object{{"alpha0", fit.alpha0},
              {"lambda_a", fit.lambda_a},
              {"beta", fit.beta},
              {"background", fit.background},
              {"rms", fit.rms},
              {"r_squared", fit.r_squared},
              {"degrees_of_freedom", fit.degrees_of_freedom},
              {"reduced_chi2", fit.reduced_chi2},
              {"covariance", fit.covariance},
              {"interval_factor", fit.interval_factor}};
  const auto deviation = [&](const char* key, const std::optional<double>& sd) {
    put(object, key, {sd, "the parameter is held or on its bound"});
  };
  deviation("alpha0_sd", fit.alpha0_sd);
  deviation("lambda_sd_a", fit.lambda_sd_a);
  deviation("beta_sd", fit.beta_sd);
  deviation("background_sd", fit.background_sd);
  put(object, "p_value",
      {fit.p_value >= 0.0 ? std::optional(fit.p_value) : std::nullopt, "every shell holds one atom"});
  return object;
}

json barrier_json(const NucleusBarrier& barrier) {
  json object{
      {"critical_lambda", barrier.opg.critical_radius},        {"energy", barrier.opg.energy},
      {"classical_radius", barrier.classical.critical_radius}, {"classical_energy", barrier.classical.energy},
      {"size_over_critical", barrier.size_over_critical},      {"free_energy", barrier.free_energy}};
  put(object, "energy_sd", {barrier.energy_sd, "alpha0 or beta is on its bound"});
  return object;
}

} // namespace

json to_json(const NucleusReport& report, std::size_t id) {
  const Nucleus& nucleus = report.nucleus;
  const core::Vec3& core = nucleus.core_position;
  json object{{"id", id},
              {"core_atoms", nucleus.core_atoms},
              {"core_position_a", {core.x(), core.y(), core.z()}},
              {"atoms", nucleus.atoms.size()},
              {"effective_atoms", nucleus.effective_atoms},
              {"effective_atoms_sd", report.effective_atoms_sd},
              {"alpha0", nucleus.alpha0},
              {"profile", profile_json(report.profile)},
              {"opg", report.opg.fit ? fit_json(*report.opg.fit) : json()},
              {"opg_reason", report.opg.reason},
              {"barrier", report.barrier ? barrier_json(*report.barrier) : json()}};
  if (!report.barrier) object["barrier_reason"] = "there is no fit of the profile";
  if (!report.directions_reason.empty()) object["directions_reason"] = report.directions_reason;
  for (const DirectionalProfile& d : report.directions)
    object["directions"][d.family] = {{"profile", profile_json(d.profile)},
                                      {"opg", d.opg.fit ? fit_json(*d.opg.fit) : json()},
                                      {"opg_reason", d.opg.reason}};
  if (report.chance) object["chance"] = *report.chance;
  put(object, "effective_surface_a2", report.effective_surface_a2);
  put(object, "sphericity", report.sphericity);
  put(object, "depth_a", report.depth_a);
  if (report.site) {
    object["site"] = *report.site == Site::surface ? "surface" : "subsurface";
    object["site_kind"] = site_name(report.site_kind.value_or(SurfaceSite::subsurface));
  } else {
    object["site"] = nullptr;
    object["site_reason"] = report.depth_a.reason;
  }
  return object;
}

namespace {

const char* name_of(NucleusClass kind) {
  switch (kind) {
  case NucleusClass::growing:
    return "growing";
  case NucleusClass::dissolving:
    return "dissolving";
  case NucleusClass::fluctuating:
    break;
  }
  return "fluctuating";
}

const char* name_of(EventKind kind) {
  switch (kind) {
  case EventKind::merge:
    return "merge";
  case EventKind::divide:
    return "divide";
  case EventKind::nucleate:
    return "nucleate";
  case EventKind::dissolve:
    break;
  }
  return "dissolve";
}

} // namespace

json chance_json(const MomentAnalysis& moment) {
  const ChanceSummary s = chance_summary(moment);
  json object{{"how", moment.chance->how},
              {"realizations", moment.chance->realizations},
              {"found", s.found},
              {"expected", s.expected},
              {"left", s.left},
              {"most_probable", max_chance},
              {"sites", json::object()}};
  for (const auto& [site, count] : s.sites)
    object["sites"][site] = {{"found", count.found}, {"expected_share", count.share_by_chance}};
  put(object, "surface_share", {s.surface_share, "no nucleus that chance does not make, or no surface"});
  if (s.surface_share) object["surface_interval"] = {s.surface_interval.first, s.surface_interval.second};
  put(object, "surface_by_chance", {s.surface_by_chance, "chance makes no nucleus, or there is no surface"});
  put(object, "surface_p_value", {s.surface_p_value, "there is no share to compare, or none of chance"});
  put(object, "core_rank", {s.core_rank, "no nucleus that chance does not make, or no surface"});
  put(object, "core_rank_by_chance",
      {s.core_rank_by_chance ? std::optional(s.core_rank_by_chance->mean) : std::nullopt,
       "chance makes no nucleus, or there is no surface"});
  return object;
}

json to_json(const MomentAnalysis& moment) {
  json object{{"name", moment.name},
              {"atoms", moment.atoms.size()},
              {"neighbour_cutoff_a", moment.neighbour_cutoff_a},
              {"mean_neighbours", moment.mean_neighbours},
              {"q4_mean", moment.q4_mean},
              {"q6_mean", moment.q6_mean},
              {"alpha_mean", moment.alpha_mean},
              {"crystalline_threshold", moment.crystalline_threshold},
              {"crystalline_fraction", moment.crystalline_fraction},
              {"flagged_atoms", moment.flagged_atoms},
              {"g_r", {{"r_a", moment.g_r.r}, {"g", moment.g_r.g}}},
              {"alpha_histogram", {{"edges", moment.histogram_edges}, {"counts", moment.histogram_counts}}},
              {"nuclei", json::array()}};
  put(object, "first_peak_a", moment.first_peak_a);
  put(object, "voronoi_volume_mean_a3", moment.voronoi_volume_mean_a3);
  if (!moment.g_r_reason.empty()) object["g_r_reason"] = moment.g_r_reason;
  if (!moment.structures.empty()) object["structures"] = moment.structures;
  if (moment.frames > 1) {
    object["frames_averaged"] = moment.frames;
    object["moved_atoms"] = moment.moved_atoms;
  }
  for (std::size_t k = 0; k < moment.nuclei.size(); ++k)
    object["nuclei"].push_back(to_json(moment.nuclei[k], k));
  if (moment.chance) object["chance"] = chance_json(moment);
  for (const CrystalRuleResult& row : moment.rules)
    object["rules"].push_back({{"rule", row.rule},
                               {"crystalline_fraction", row.crystalline_fraction},
                               {"nuclei", row.nuclei},
                               {"largest_atoms", row.largest_atoms},
                               {"members_shared", row.members_shared}});
  return object;
}

json to_json(const Dynamics& dynamics) {
  json object{{"common_nuclei", json::array()}, {"events", json::array()}, {"graph", json::array()}};
  for (const CommonNucleus& common : dynamics.common) {
    json ids = json::array();
    json effective = json::array();
    json error = json::array();
    for (std::size_t f = 0; f < common.members.size(); ++f) {
      const bool present = !common.members[f].empty();
      ids.push_back(present ? json(common.members[f].front()) : json());
      effective.push_back(present ? json(common.effective_atoms[f]) : json());
      error.push_back(present ? json(common.effective_atoms_sd[f]) : json());
    }
    object["common_nuclei"].push_back({{"ids", ids},
                                       {"members", common.members},
                                       {"class", name_of(common.kind)},
                                       {"effective_atoms", effective},
                                       {"effective_atoms_sd", error}});
  }
  for (const Event& event : dynamics.events) {
    object["events"].push_back({{"kind", name_of(event.kind)},
                                {"frame", dynamics.moments[event.moment]},
                                {"from", event.from},
                                {"to", event.to}});
    if (event.probability) object["events"].back()["probability"] = *event.probability;
  }
  for (const NucleusLink& link : dynamics.links)
    object["graph"].push_back({link.from_moment, link.from, link.to_moment, link.to, link.overlap});
  return object;
}

json to_json(const std::vector<MomentAnalysis>& moments, const Dynamics& dynamics) {
  json object = to_json(dynamics);
  object["frames"] = json::array();
  for (const MomentAnalysis& moment : moments)
    object["frames"].push_back(to_json(moment));
  return object;
}

} // namespace aet::analysis
