#include "tests/bench/order_phantoms.hpp"

#include "analysis/chemistry/chemistry.hpp"
#include "sim/core/io/file.hpp"
#include "sim/core/io/xyz.hpp"
#include "tests/support/phantoms.hpp"
#include "tests/support/temporary_folder.hpp"
#include "validation/score/analysis_figures.hpp"
#include "validation/score/propagation_figure.hpp"

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include <cmath>
#include <cstdlib>

namespace aet::bench {
namespace {

using namespace aet::test;
using core::Atoms;
using core::Vec3;
using nlohmann::json;

constexpr core::Threads threads{2};
constexpr std::uint64_t first_fresh_seed = 101; // not one that the rules were made with

json event_json(const EventScore& score) {
  return {{"planted", score.planted}, {"found", score.found}, {"correct", score.correct}};
}

/// Three moments of a particle small enough for the chain: a crystal grows, a second one appears.
specimen::LiquidPhantom small_series() {
  specimen::LiquidPhantom p;
  p.radius_a = 13.0;
  p.u_rms_a = 0.07;
  p.seed = 2;
  const auto crystal = [](const Vec3& centre, double radius, double turn) {
    specimen::PlantedCrystal c;
    c.centre_a = centre;
    c.radius_a = radius;
    c.rotation = core::rotation_from_euler({turn, 0.5 * turn, 0.2});
    c.shake_rim_a = 0.15;
    return c;
  };
  const Vec3 left(-5.5, 0, 0);
  const Vec3 right(6, 0.5, 0.5);
  p.moments = {{crystal(left, 6.0, 0.4)},
               {crystal(left, 7.0, 0.4)},
               {crystal(left, 7.0, 0.4), crystal(right, 6.5, 1.3)}};
  p.parents = {{{}}, {{0}}, {{0}, {}}};
  return p;
}

/// Crystals in a liquid against errors of position; chemical order against wrong species, and against errors
/// of position.
struct Propagations {
  std::vector<validation::PropagationPoint> crystals;
  std::vector<validation::PropagationPoint> order_by_species;
  std::vector<validation::PropagationPoint> order_by_position;
};

Propagations propagations(int trials) {
  const Atoms liquid = specimen::build_phantom(liquid_series())[2];
  const Atoms alloy = specimen::build_phantom(order_series())[2];
  const validation::Analyse crystals = [](const Atoms& atoms) {
    analysis::AnalysisOptions options;
    options.neighbour_cutoff_a = 3.8;
    return analysis::analyze_moment(atoms, options, threads);
  };
  const validation::Analyse order = [](const Atoms& atoms) {
    analysis::ChemistryOptions options;
    options.neighbour_cutoff_a = 3.35;
    return analysis::analyze_chemistry(atoms, options, threads).moment;
  };
  return {validation::propagate_errors(
              liquid, crystals, {.rms_pm = {0, 10, 20, 30, 40, 60, 80, 100}, .trials = trials, .seed = 11}),
          validation::propagate_errors(
              alloy, order,
              {.rms_pm = {0}, .wrong_percent = {0, 2, 5, 10, 15, 20, 30, 40}, .trials = trials, .seed = 12}),
          validation::propagate_errors(
              alloy, order, {.rms_pm = {0, 10, 20, 30, 40, 60, 80, 100}, .trials = trials, .seed = 13})};
}

json named_json(const Named& names, const EventScore& events) {
  return {{"planted", names.planted},
          {"matched", names.matched},
          {"spurious", names.spurious},
          {"f1", names.f1()},
          {"events", event_json(events)}};
}

json order_phantom(std::uint64_t seed, const analysis::NucleiOptions& rule) {
  specimen::OrderPhantom phantom = order_series();
  phantom.particle.seed = seed;
  analysis::ChemistryOptions options;
  options.nuclei = rule;
  options.chance.emplace();
  const SeriesFinding found = find_order(phantom, specimen::build_phantom(phantom), options, threads);
  return named_json(found.names, score_events(planted_keys(specimen::planted_events(phantom.parents)),
                                              named_events(found.dynamics, found.names)));
}

json liquid_phantom(std::uint64_t seed, const analysis::NucleiOptions& rule) {
  specimen::LiquidPhantom phantom = liquid_series();
  phantom.seed = seed;
  analysis::AnalysisOptions options;
  options.nuclei = rule;
  const SeriesFinding found =
      find_crystals(phantom, specimen::build_phantom(phantom), options, true, threads);
  return named_json(found.names, score_events(planted_keys(specimen::planted_events(phantom.parents)),
                                              named_events(found.dynamics, found.names)));
}

/// Sums of what ten seeds gave.
json over_seeds(json (*one)(std::uint64_t, const analysis::NucleiOptions&),
                const analysis::NucleiOptions& rule) {
  json sum{{"planted", 0}, {"matched", 0}, {"spurious", 0}};
  json events{{"planted", 0}, {"found", 0}, {"correct", 0}};
  for (std::uint64_t seed = first_fresh_seed; seed < first_fresh_seed + 10; ++seed) {
    const json result = one(seed, rule);
    for (auto& [key, value] : sum.items())
      value = value.get<int>() + result.at(key).get<int>();
    for (auto& [key, value] : events.items())
      value = value.get<int>() + result.at("events").at(key).get<int>();
  }
  sum["events"] = events;
  sum["nuclei_recall"] = sum["matched"].get<double>() / sum["planted"].get<double>();
  sum["event_recall"] = sum["events"]["correct"].get<double>() / sum["events"]["planted"].get<double>();
  return sum;
}

} // namespace

json phantoms() {
  return {{"seeds", {first_fresh_seed, first_fresh_seed + 9}},
          {"joined",
           {{"fept_order", over_seeds(order_phantom, analysis::nuclei_joined_fept())},
            {"pt_in_liquid", over_seeds(liquid_phantom, analysis::nuclei_joined())}}},
          {"published",
           {{"fept_order", over_seeds(order_phantom, analysis::nuclei_zhou2019_fept())},
            {"pt_in_liquid", over_seeds(liquid_phantom, analysis::nuclei_zhou2019_md())}}}};
}

json propagation(const std::filesystem::path& figure) {
  constexpr int trials = 5;
  const Propagations p = propagations(trials);
  if (!figure.empty())
    core::write_file(figure,
                     validation::propagation_svg({{"Pt crystals in a liquid", false, p.crystals},
                                                  {"L1_0 nuclei in FePt", true, p.order_by_species},
                                                  {"L1_0 nuclei in FePt", false, p.order_by_position}}));
  return {{"trials", trials},
          {"crystals_by_rmsd", validation::to_json(p.crystals)},
          {"order_by_wrong_species", validation::to_json(p.order_by_species)},
          {"order_by_rmsd", validation::to_json(p.order_by_position)}};
}

json chain(const std::string& aetval) {
  if (!std::filesystem::exists(aetval))
    return {{"nuclei_f1", nullptr},
            {"nuclei_f1_reason", "the program aetval is not built beside the benchmark"}};
  const specimen::LiquidPhantom phantom = small_series();
  const std::vector<Atoms> truth = specimen::build_phantom(phantom);
  const TemporaryFolder folder;
  for (std::size_t t = 0; t < truth.size(); ++t)
    core::write_xyz(folder.path() / fmt::format("moment_{}.xyz", t), truth[t]);
  const std::string command =
      fmt::format("cd '{0}' && '{1}' run '{2}/inputs/nuclei_phantom.toml' --out run >log 2>&1",
                  folder.path().string(), std::filesystem::absolute(aetval).string(), AET_SOURCE_DIR);
  // 1: the run is complete, but a check of the case is not met.
  if (const int status = std::system(command.c_str()); status != 0 && status != 256)
    return {{"nuclei_f1", nullptr},
            {"nuclei_f1_reason", "the run failed: " + core::read_file(folder.path() / "log")}};
  analysis::AnalysisOptions options;
  options.neighbour_cutoff_a = 3.8;
  std::vector<analysis::MomentAnalysis> of_truth;
  std::vector<analysis::MomentAnalysis> of_model;
  std::vector<validation::NucleiMatch> nuclei;
  json frames = json::array();
  double matched = 0.0;
  double both = 0.0;
  for (std::size_t t = 0; t < truth.size(); ++t) {
    const auto read = [&](const char* side) {
      return core::read_xyz(folder.path() / fmt::format("run/{}/t{:03}.xyz", side, t));
    };
    of_truth.push_back(analysis::analyze_moment(read("truth"), options, threads));
    of_model.push_back(analysis::analyze_moment(read("model"), options, threads));
    const auto match = validation::match_atoms(of_truth.back().atoms, of_model.back().atoms);
    const auto c = validation::compare_analyses(of_truth.back(), of_model.back(), match);
    nuclei.push_back(c.nuclei);
    matched += static_cast<double>(c.nuclei_matched);
    both += static_cast<double>(c.nuclei_truth + c.nuclei_model);
    frames.push_back({{"atoms", match.truth_atoms},
                      {"recall", match.recall()},
                      {"rmsd_pm", 100.0 * match.rmsd_a()},
                      {"comparison", validation::to_json(c)}});
  }
  const auto confusion =
      validation::event_confusion(analysis::analyze_dynamics(of_truth, {}, threads),
                                  analysis::analyze_dynamics(of_model, {}, threads), nuclei);
  return {{"nuclei_f1", both > 0.0 ? 2.0 * matched / both : 1.0},
          {"event_accuracy", validation::event_accuracy(confusion)},
          {"events", validation::to_json(confusion)},
          {"frames", frames}};
}

} // namespace aet::bench
