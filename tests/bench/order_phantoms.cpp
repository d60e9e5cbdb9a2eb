#include "tests/bench/order_phantoms.hpp"

#include "sim/core/io/file.hpp"
#include "sim/core/io/xyz.hpp"
#include "tests/support/phantoms.hpp"
#include "tests/support/temporary_folder.hpp"
#include "validation/score/analysis_compare.hpp"

#include <fmt/format.h>
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

json optional(const std::optional<double>& value) {
  return value ? json(*value) : json();
}

json summary(const validation::ErrorSummary& e) {
  return {{"compared", e.compared},
          {"mean", optional(e.mean)},
          {"rms", optional(e.rms)},
          {"in_95_interval", optional(e.in_interval)}};
}

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

struct Point {
  double x = 0.0;
  double f1 = 0.0;
  double lambda = 0.0; ///< rms error of lambda in percent; below 0: none
  double alpha = 0.0;
};

/// Two curves of a panel: F1 (left axis, 0 .. 1) and the error of lambda (right axis, 0 .. 50 %).
std::string panel(const std::vector<Point>& points, double left, const std::string& title,
                  const std::string& axis) {
  constexpr double width = 250.0;
  constexpr double height = 150.0;
  constexpr double top = 30.0;
  const double most = points.back().x;
  std::string f1;
  std::string lambda;
  for (const Point& p : points) {
    const double x = left + width * p.x / most;
    f1 += fmt::format("{:.1f},{:.1f} ", x, top + height * (1.0 - p.f1));
    if (p.lambda >= 0.0)
      lambda += fmt::format("{:.1f},{:.1f} ", x, top + height * (1.0 - std::min(p.lambda, 50.0) / 50.0));
  }
  std::string svg = fmt::format("<rect x='{}' y='{}' width='{}' height='{}' fill='none' stroke='#888'/>\n",
                                left, top, width, height);
  svg += fmt::format("<polyline points='{}' fill='none' stroke='#1f77b4' stroke-width='2'/>\n", f1);
  svg += fmt::format(
      "<polyline points='{}' fill='none' stroke='#d62728' stroke-width='2' stroke-dasharray='5 3'/>\n",
      lambda);
  svg += fmt::format("<text x='{}' y='20' text-anchor='middle'>{}</text>\n", left + width / 2, title);
  svg += fmt::format("<text x='{}' y='{}' text-anchor='middle'>{}</text>\n", left + width / 2,
                     top + height + 32, axis);
  for (const double part : {0.0, 0.5, 1.0}) {
    svg += fmt::format("<text x='{:.0f}' y='{}' text-anchor='middle'>{:g}</text>\n", left + part * width,
                       top + height + 15, part * most);
    svg += fmt::format("<text x='{:.0f}' y='{:.0f}' text-anchor='end' fill='#1f77b4'>{:g}</text>\n", left - 4,
                       top + height * (1.0 - part) + 4, part);
    svg += fmt::format("<text x='{:.0f}' y='{:.0f}' fill='#d62728'>{:g} %</text>\n", left + width + 4,
                       top + height * (1.0 - part) + 4, 50.0 * part);
  }
  return svg;
}

json points_json(const std::vector<Point>& points) {
  json list = json::array();
  for (const Point& p : points)
    list.push_back({{"error", p.x},
                    {"nuclei_f1", p.f1},
                    {"lambda_rms_percent", p.lambda >= 0.0 ? json(p.lambda) : json()},
                    {"alpha_rms", p.alpha}});
  return list;
}

/// Atom i of the disturbed truth is atom i of the truth.
validation::MatchResult same_atoms(std::size_t n) {
  validation::MatchResult match;
  match.truth_atoms = match.model_atoms = n;
  for (std::size_t i = 0; i < n; ++i)
    match.pairs.push_back({i, i, Vec3::Zero()});
  return match;
}

std::vector<Point> crystals_against_rmsd(std::uint32_t trials) {
  const std::vector<Atoms> series = specimen::build_phantom(liquid_series());
  const Atoms& truth = series[2];
  analysis::AnalysisOptions options;
  options.neighbour_cutoff_a = 3.8;
  options.profile_fit.lambda_max_a = 40.0;
  const analysis::FrameAnalysis reference = analysis::analyze_frame(truth, options, threads);
  const validation::MatchResult match = same_atoms(truth.size());
  std::vector<Point> curve;
  for (const double pm : {0.0, 10.0, 20.0, 30.0, 40.0, 60.0, 80.0, 100.0}) {
    Point point{pm, 0.0, -1.0, 0.0};
    double squares = 0.0;
    double compared = 0.0;
    for (std::uint32_t t = 0; t < trials; ++t) {
      const auto model =
          analysis::analyze_frame(validation::disturbed(truth, 0.01 * pm, 0.0, 11, t), options, threads);
      const auto c = validation::compare_analyses(reference, model, match);
      point.f1 += c.f1 / trials;
      point.alpha += *c.alpha_rms_error / trials;
      if (c.lambda.compared == 0) continue;
      squares += *c.lambda.rms * *c.lambda.rms * static_cast<double>(c.lambda.compared);
      compared += static_cast<double>(c.lambda.compared);
    }
    if (compared > 0.0) point.lambda = 100.0 * std::sqrt(squares / compared);
    curve.push_back(point);
  }
  return curve;
}

/// Profiles about the planted centres, so that only the errors of species count.
double lambda_of(const Atoms& atoms, const analysis::ChemicalOrder& order, const Vec3& centre,
                 int phase_axis) {
  std::vector<double> distances;
  std::vector<double> values;
  for (std::size_t i = 0; i < atoms.size(); ++i) {
    const double r = (atoms.positions[i] - centre).norm();
    if (r > 14.0 || order.phase[i] < 0) continue;
    distances.push_back(r);
    const auto p = static_cast<std::size_t>(2 * phase_axis);
    values.push_back(std::max(order.order[p][i], order.order[p + 1][i]));
  }
  const auto fit = analysis::fit_profile(analysis::radial_profile(distances, values, 1.0));
  return fit.fit ? fit.fit->lambda_a : -1.0;
}

std::vector<Point> order_against_species(std::uint32_t trials) {
  specimen::OrderPhantom phantom = order_series();
  const std::vector<Atoms> series = specimen::build_phantom(phantom);
  phantom.moments = {phantom.moments[2]};
  const Atoms& truth = series[2];
  const OrderFinding reference = find_order(phantom, {truth}, threads);
  std::vector<Point> curve;
  for (const double percent : {0.0, 2.0, 5.0, 10.0, 15.0, 20.0, 30.0, 40.0}) {
    Point point{percent, 0.0, -1.0, 0.0};
    double squares = 0.0;
    double compared = 0.0;
    for (std::uint32_t t = 0; t < trials; ++t) {
      const Atoms off = validation::disturbed(truth, 0.0, 0.01 * percent, 12, t);
      const OrderFinding model = find_order(phantom, {off}, threads);
      const auto labels = [](const OrderFinding& f) {
        return std::vector<double>(f.nuclei[0].nucleus_of_atom.begin(), f.nuclei[0].nucleus_of_atom.end());
      };
      const auto pairs =
          validation::match_nuclei(labels(reference), labels(model), same_atoms(truth.size()), 1.0 / 3.0);
      const double both = static_cast<double>(pairs.truth + pairs.model);
      point.f1 += (both > 0.0 ? 2.0 * static_cast<double>(pairs.pairs.size()) / both : 1.0) / trials;
      double alpha = 0.0;
      for (std::size_t i = 0; i < truth.size(); ++i)
        alpha += std::pow(model.order[0].alpha[i] - reference.order[0].alpha[i], 2) /
                 static_cast<double>(truth.size());
      point.alpha += std::sqrt(alpha) / trials;
      for (const specimen::OrderedNucleus& n : phantom.moments[0]) {
        const double a = lambda_of(truth, reference.order[0], n.centre_a, n.axis);
        const double b = lambda_of(off, model.order[0], n.centre_a, n.axis);
        if (a < 0.0 || b < 0.0) continue;
        squares += std::pow(b / a - 1.0, 2);
        compared += 1.0;
      }
    }
    if (compared > 0.0) point.lambda = 100.0 * std::sqrt(squares / compared);
    curve.push_back(point);
  }
  return curve;
}

} // namespace

json phantoms() {
  const specimen::OrderPhantom ordered = order_series();
  const OrderFinding order = find_order(ordered, specimen::build_phantom(ordered), threads);
  const specimen::LiquidPhantom liquid = liquid_series();
  const LiquidFinding crystals = find_crystals(liquid, specimen::build_phantom(liquid), {}, threads);
  return {{"fept_order",
           {{"planted", order.names.planted},
            {"matched", order.names.matched},
            {"spurious", order.names.spurious},
            {"f1", order.names.f1()},
            {"events", event_json(score_events(planted_keys(specimen::planted_events(ordered.parents)),
                                               named_events(order.dynamics, order.names)))}}},
          {"pt_in_liquid",
           {{"planted", crystals.names.planted},
            {"matched", crystals.names.matched},
            {"spurious", crystals.names.spurious},
            {"f1", crystals.names.f1()},
            {"events", event_json(score_events(planted_keys(specimen::planted_events(liquid.parents)),
                                               named_events(crystals.dynamics, crystals.names)))}}}};
}

json propagation(const std::filesystem::path& figure) {
  constexpr std::uint32_t trials = 3;
  const std::vector<Point> rmsd = crystals_against_rmsd(trials);
  const std::vector<Point> species = order_against_species(trials);
  if (!figure.empty()) {
    std::string svg =
        "<svg xmlns='http://www.w3.org/2000/svg' width='720' height='245' font-family='sans-serif' "
        "font-size='11'>\n<rect width='720' height='245' fill='white'/>\n";
    svg += panel(rmsd, 40, "Pt crystals in a liquid", "RMSD of the atoms [pm]");
    svg += panel(species, 400, "L1_0 nuclei in FePt", "wrong species [%]");
    svg += "<text x='360' y='238' text-anchor='middle'><tspan fill='#1f77b4'>F1 of the nuclei</tspan> and "
           "<tspan fill='#d62728'>rms error of lambda</tspan> against the undisturbed truth</text>\n</svg>\n";
    core::write_file(figure, svg);
  }
  return {{"trials", trials},
          {"crystals_by_rmsd_pm", points_json(rmsd)},
          {"order_by_wrong_species_percent", points_json(species)}};
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
  std::vector<analysis::FrameAnalysis> of_truth;
  std::vector<analysis::FrameAnalysis> of_model;
  std::vector<validation::NucleiMatch> nuclei;
  json frames = json::array();
  double matched = 0.0;
  double both = 0.0;
  for (std::size_t t = 0; t < truth.size(); ++t) {
    const auto read = [&](const char* side) {
      return core::read_xyz(folder.path() / fmt::format("run/{}/t{:03}.xyz", side, t));
    };
    of_truth.push_back(analysis::analyze_frame(read("truth"), options, threads));
    of_model.push_back(analysis::analyze_frame(read("model"), options, threads));
    const auto match = validation::match_atoms(of_truth.back().atoms, of_model.back().atoms);
    const auto c = validation::compare_analyses(of_truth.back(), of_model.back(), match);
    nuclei.push_back(c.nuclei);
    matched += static_cast<double>(c.nuclei_matched);
    both += static_cast<double>(c.nuclei_truth + c.nuclei_model);
    frames.push_back({{"atoms", match.truth_atoms},
                      {"recall", match.recall()},
                      {"rmsd_pm", 100.0 * match.rmsd_a()},
                      {"alpha_rms", optional(c.alpha_rms_error)},
                      {"nuclei_truth", c.nuclei_truth},
                      {"nuclei_model", c.nuclei_model},
                      {"nuclei_matched", c.nuclei_matched},
                      {"size_relative", summary(c.size)},
                      {"surface_relative", summary(c.surface)},
                      {"alpha0", summary(c.alpha0)},
                      {"lambda_relative", summary(c.lambda)},
                      {"beta", summary(c.beta)},
                      {"barrier_relative", summary(c.barrier)}});
  }
  const auto confusion =
      validation::event_confusion(analysis::analyze_dynamics(of_truth, {}, threads),
                                  analysis::analyze_dynamics(of_model, {}, threads), nuclei);
  return {{"nuclei_f1", both > 0.0 ? 2.0 * matched / both : 1.0},
          {"event_accuracy", validation::event_accuracy(confusion)},
          {"event_confusion", confusion},
          {"frames", frames}};
}

} // namespace aet::bench
