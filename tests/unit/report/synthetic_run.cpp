#include "tests/unit/report/synthetic_run.hpp"

#include "sim/core/atoms.hpp"
#include "sim/core/grid.hpp"
#include "sim/core/io/file.hpp"
#include "sim/core/io/mrc.hpp"
#include "sim/core/io/tilt_files.hpp"
#include "sim/core/io/xyz.hpp"
#include "sim/core/orientation.hpp"
#include "sim/core/random.hpp"
#include "sim/core/units.hpp"

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

namespace aet::test {
namespace {

using core::Vec3;
using Json = nlohmann::json;

constexpr double lattice_a = 3.92;
constexpr double pixel_a = 0.4; ///< of images, and side of a voxel

/// The model and how its atoms came from the truth.
struct Pair {
  core::Atoms truth;
  core::Atoms model;
  Json matches;
  std::size_t matched = 0;
  double rmsd_pm = 0.0;
  std::vector<double> rmsd_axis_pm;
};

/// Order falls from the core of one nucleus that grows from frame to frame.
double alpha_at(const Vec3& p, std::size_t frame) {
  const double r = (p - Vec3(2.0, 1.0, -1.5)).norm();
  return 0.12 + 0.82 * std::exp(-std::pow(r / (5.0 + 2.0 * static_cast<double>(frame)), 1.4));
}

void set_order(core::Atoms& atoms, std::size_t frame, core::RandomStream& random) {
  for (const char* name : {"q4", "q6", "alpha", "nucleus"})
    atoms.columns[name].clear();
  for (const Vec3& p : atoms.positions) {
    const double alpha = std::clamp(alpha_at(p, frame) + 0.03 * random.normal(), 0.0, 1.1);
    const double q = alpha * std::hypot(0.190941, 0.574524);
    const double share = 0.315 + 0.04 * random.normal();
    atoms.columns["q4"].push_back(q * std::sin(share));
    atoms.columns["q6"].push_back(q * std::cos(share));
    atoms.columns["alpha"].push_back(alpha);
    atoms.columns["nucleus"].push_back(alpha > 0.45 ? 0.0 : alpha > 0.3 && p.x() < -4.0 ? 1.0 : -1.0);
  }
}

core::Atoms make_truth(const SyntheticRun& what, std::size_t frame) {
  core::RandomStream random(7, "synthetic truth", {static_cast<std::uint32_t>(frame)});
  core::Atoms atoms;
  const int reach = static_cast<int>(what.radius_a / lattice_a) + 1;
  constexpr std::array<std::array<double, 3>, 4> basis{
      {{0, 0, 0}, {0.5, 0.5, 0}, {0.5, 0, 0.5}, {0, 0.5, 0.5}}};
  for (int k = -reach; k <= reach; ++k)
    for (int j = -reach; j <= reach; ++j)
      for (int i = -reach; i <= reach; ++i)
        for (const auto& b : basis) {
          const Vec3 site = lattice_a * Vec3(i + b[0], j + b[1], k + b[2]);
          if (site.norm() > what.radius_a) continue;
          const double disorder = 0.45 * (1.0 - alpha_at(site, frame));
          atoms.positions.push_back(site +
                                    disorder * Vec3(random.normal(), random.normal(), random.normal()));
          atoms.atomic_numbers.push_back(78);
        }
  set_order(atoms, frame, random);
  return atoms;
}

/// Errors larger along z, as a missing wedge makes them; four atoms lost and two invented.
Pair make_model(core::Atoms truth, std::size_t frame) {
  core::RandomStream random(7, "synthetic model", {static_cast<std::uint32_t>(frame)});
  Pair pair;
  std::array<double, 3> sum{0, 0, 0};
  Json pairs = Json::array();
  for (std::size_t i = 0; i < truth.size(); ++i) {
    if (i % 140 == 77) continue;
    const Vec3 error(0.11 * random.normal(), 0.10 * random.normal(), 0.17 * random.normal());
    pairs.push_back({i, pair.model.size(), 100 * error.x(), 100 * error.y(), 100 * error.z()});
    for (std::size_t axis = 0; axis < 3; ++axis)
      sum.at(axis) += std::pow(100 * error[static_cast<Eigen::Index>(axis)], 2);
    pair.model.positions.push_back(truth.positions[i] + error);
    pair.model.atomic_numbers.push_back(78);
  }
  pair.matched = pair.model.size();
  for (const double x : {-8.0, 9.0}) {
    pair.model.positions.emplace_back(x, 7.5, 8.5);
    pair.model.atomic_numbers.push_back(78);
  }
  set_order(pair.model, frame, random);
  const auto n = static_cast<double>(pair.matched);
  for (const double s : sum)
    pair.rmsd_axis_pm.push_back(std::sqrt(s / n));
  pair.rmsd_pm = std::sqrt((sum[0] + sum[1] + sum[2]) / n);
  pair.matches = {{"pairs", pairs}, {"cutoff_a", 1.36}};
  pair.truth = std::move(truth);
  return pair;
}

core::Volume make_volume(const core::Atoms& atoms, int n) {
  core::Volume volume(n, n, n, pixel_a);
  core::RandomStream random(7, "synthetic volume");
  for (float& v : volume.data)
    v = static_cast<float>(0.015 * std::abs(random.normal()));
  const int reach = static_cast<int>(2.2 / volume.voxel_size);
  for (const Vec3& p : atoms.positions) {
    const Vec3 at = p / volume.voxel_size + Vec3::Constant(n / 2);
    const Eigen::Vector3i c = at.array().round().cast<int>();
    for (int z = std::max(0, c.z() - reach); z <= std::min(n - 1, c.z() + reach); ++z)
      for (int y = std::max(0, c.y() - reach); y <= std::min(n - 1, c.y() + reach); ++y)
        for (int x = std::max(0, c.x() - reach); x <= std::min(n - 1, c.x() + reach); ++x) {
          const double r2 = (Vec3(x, y, z) - at).squaredNorm() * volume.voxel_size * volume.voxel_size;
          volume.at(x, y, z) += static_cast<float>(std::exp(-r2 / (2 * 0.55 * 0.55)));
        }
  }
  return volume;
}

core::TiltSeries make_tilts(const core::Atoms& atoms, const SyntheticRun& what) {
  core::TiltSeries series;
  series.pixel_size = pixel_a;
  series.intensity = core::Intensity::counts;
  series.microscope.energy_kv = 200;
  series.microscope.convergence_mrad = 30;
  series.microscope.detector_inner_mrad = 38;
  series.microscope.detector_outer_mrad = 190;
  series.microscope.dose_e_per_a2 = 1.7e4;
  core::RandomStream random(7, "synthetic tilts");
  const int reach = static_cast<int>(2.0 / series.pixel_size);
  for (int t = 0; t < what.tilts; ++t) {
    const core::Mat3 turn =
        core::tilt_rotation((-63.0 + 126.0 * t / (what.tilts - 1)) * core::radian_per_degree);
    core::Image image(what.box, what.box);
    for (const Vec3& p : atoms.positions) {
      const Vec3 at = turn * p / series.pixel_size + Vec3::Constant(what.box / 2);
      for (int y = static_cast<int>(at.y()) - reach; y <= static_cast<int>(at.y()) + reach; ++y)
        for (int x = static_cast<int>(at.x()) - reach; x <= static_cast<int>(at.x()) + reach; ++x) {
          if (x < 0 || y < 0 || x >= what.box || y >= what.box) continue;
          const double r2 =
              (std::pow(x - at.x(), 2) + std::pow(y - at.y(), 2)) * series.pixel_size * series.pixel_size;
          image.at(x, y) += static_cast<float>(60 * std::exp(-r2 / (2 * 0.5 * 0.5)));
        }
    }
    for (float& v : image.data)
      v += static_cast<float>(std::sqrt(static_cast<double>(v) + 4.0) * random.normal());
    series.images.push_back(std::move(image));
    series.orientations.push_back(turn);
  }
  return series;
}

/// Share of atoms within a cutoff, from the made-up errors.
Json cutoff_curve(const Pair& pair) {
  Json curve = Json::array();
  for (double cutoff = 0.1; cutoff < 2.0; cutoff += 0.1) {
    std::size_t within = 0;
    double sum = 0.0;
    for (const Json& row : pair.matches["pairs"]) {
      const double error = std::hypot(row[2].get<double>(), row[3].get<double>(), row[4].get<double>());
      if (error > 100 * cutoff) continue;
      ++within;
      sum += error * error;
    }
    const auto n = static_cast<double>(within);
    curve.push_back({{"cutoff_a", cutoff},
                     {"recall", n / static_cast<double>(pair.truth.size())},
                     {"precision", n / static_cast<double>(pair.model.size())},
                     {"rmsd_pm", within > 0 ? Json(std::sqrt(sum / n)) : Json()}});
  }
  return curve;
}

/// Peaks of a trace: atoms around one brightness, noise around a lower one.
Json peaks_of(std::size_t atoms) {
  core::RandomStream random(7, "synthetic peaks");
  Json peaks = Json::array();
  for (std::size_t i = 0; i < atoms + 229; ++i) {
    const bool is_atom = i < atoms;
    peaks.push_back(
        {{"intensity", is_atom ? 1.0 + 0.09 * random.normal() : 0.12 + 0.06 * std::abs(random.normal())},
         {"fate", is_atom ? "atom" : "non_atom"}});
  }
  return peaks;
}

Json profile_of(std::size_t frame) {
  Json r = Json::array();
  Json alpha = Json::array();
  Json count = Json::array();
  for (int i = 0; i < 12; ++i) {
    r.push_back(0.7 + 1.1 * i);
    alpha.push_back(
        0.12 + 0.82 * std::exp(-std::pow((0.7 + 1.1 * i) / (5.0 + 2.0 * static_cast<double>(frame)), 1.4)) +
        0.012 * std::sin(5.0 * i));
    count.push_back(3 + i * i);
  }
  return {{"r_a", r}, {"alpha", alpha}, {"count", count}};
}

Json analysis_frame(const core::Atoms& atoms, const std::string& name, std::size_t frame) {
  constexpr int bins = 40;
  Json edges = Json::array();
  Json counts = Json::array();
  std::vector<int> histogram(bins, 0);
  double q4 = 0.0;
  double q6 = 0.0;
  double alpha = 0.0;
  std::size_t crystalline = 0;
  for (std::size_t i = 0; i < atoms.size(); ++i) {
    const double a = atoms.columns.at("alpha")[i];
    ++histogram[static_cast<std::size_t>(std::clamp(static_cast<int>(a / 1.2 * bins), 0, bins - 1))];
    q4 += atoms.columns.at("q4")[i];
    q6 += atoms.columns.at("q6")[i];
    alpha += a;
    if (a > 0.5) ++crystalline;
  }
  for (int i = 0; i <= bins; ++i)
    edges.push_back(1.2 * i / bins);
  for (const int c : histogram)
    counts.push_back(c);
  const auto n = static_cast<double>(atoms.size());
  Json r = Json::array();
  Json g = Json::array();
  for (double x = 0.05; x < 12; x += 0.1) {
    r.push_back(x);
    double value = x < 2.2 ? 0.0 : 1.0 - std::exp(-(x - 2.2));
    for (const double peak : {2.77, 3.92, 4.80, 5.54, 7.33})
      value += (peak < 3 ? 3.2 : 0.8) * std::exp(-std::pow((x - peak) / 0.25, 2));
    g.push_back(value);
  }
  const double size = 60.0 * std::pow(1.6, static_cast<double>(frame));
  Json nuclei = Json::array();
  nuclei.push_back({{"id", 0},
                    {"core_atoms", {12, 13}},
                    {"core_position_a", {2.0, 1.0, -1.5}},
                    {"atoms", std::lround(1.3 * size)},
                    {"effective_atoms", size},
                    {"effective_surface_a2", 140.2},
                    {"sphericity", 0.87},
                    {"alpha0", 0.94},
                    {"depth_a", 9.1},
                    {"site", "subsurface"},
                    {"profile", profile_of(frame)},
                    {"opg",
                     {{"alpha0", 0.82},
                      {"lambda_a", 5.0 + 2.0 * static_cast<double>(frame)},
                      {"beta", 1.4},
                      {"background", 0.12},
                      {"alpha0_sd", 0.02},
                      {"lambda_sd_a", 0.31},
                      {"beta_sd", 0.08},
                      {"rms", 0.011}}},
                    {"opg_reason", ""}});
  nuclei.push_back({{"id", 1},
                    {"core_atoms", {40}},
                    {"core_position_a", {-7.0, 0.0, 0.0}},
                    {"atoms", 34},
                    {"effective_atoms", 14.6},
                    {"effective_surface_a2", 61.0},
                    {"sphericity", nullptr},
                    {"sphericity_reason", "the nucleus touches the surface"},
                    {"alpha0", 0.51},
                    {"depth_a", 2.4},
                    {"site", "surface"},
                    {"profile", profile_of(0)},
                    {"opg", nullptr},
                    {"opg_reason", "fewer than 50 atoms"}});
  return {{"name", name},
          {"atoms", atoms.size()},
          {"neighbour_cutoff_a", 3.61},
          {"first_peak_a", 2.77},
          {"mean_neighbours", 10.92},
          {"q4_mean", q4 / n},
          {"q6_mean", q6 / n},
          {"alpha_mean", alpha / n},
          {"crystalline_fraction", static_cast<double>(crystalline) / n},
          {"flagged_atoms", 0},
          {"voronoi_volume_mean_a3", 15.31},
          {"g_r", {{"r_a", r}, {"g", g}}},
          {"alpha_histogram", {{"edges", edges}, {"counts", counts}}},
          {"nuclei", nuclei}};
}

Json check(const std::string& name, const std::string& frame, double value, double limit,
           const std::string& unit, bool at_least) {
  const bool good = at_least ? value >= limit : value <= limit;
  return {{"name", name},
          {"frame", frame},
          {"value", value},
          {"unit", unit},
          {"limit", limit},
          {"direction", at_least ? "at_least" : "at_most"},
          {"status", good ? "pass" : "fail"},
          {"reason", ""}};
}

void write_json(const std::filesystem::path& path, const Json& json) {
  core::write_file(path, json.dump(1));
}

void write_thermo(const std::filesystem::path& path) {
  core::RandomStream random(7, "synthetic thermo");
  std::string text = "step,time_ps,temperature_k,potential_ev_per_atom,total_ev,pressure_bar,stage\n";
  for (int i = 0; i <= 2400; ++i) {
    const double t = 0.1 * i;
    const double temperature = (t < 60 ? 2600 : t < 120 ? 2600 - 28 * (t - 60) : 920) + 30 * random.normal();
    const double energy =
        -5.05 - 0.25 * (1 - temperature / 2600) - (t > 120 ? 0.12 * (1 - std::exp(-(t - 120) / 40)) : 0.0);
    text += fmt::format("{},{},{},{},{},{},{}\n", i * 50, t, temperature, energy, 580 * energy,
                        200 * random.normal(),
                        t < 60    ? "melt"
                        : t < 120 ? "quench"
                                  : "hold");
  }
  core::write_file(path, text);
}

} // namespace

void write_synthetic_run(const std::filesystem::path& run, const SyntheticRun& what) {
  Json scores{{"schema", 1}, {"case", what.title}, {"frames", Json::array()}, {"checks", Json::array()}};
  Json truth_analysis{{"frames", Json::array()}};
  Json model_analysis{{"frames", Json::array()}};
  bool all_good = true;
  for (std::size_t f = 0; f < what.frames; ++f) {
    const std::string name = fmt::format("t{:03}", f);
    const Pair pair = make_model(make_truth(what, f), f);
    const auto file = [&](const char* folder, const char* extension) {
      return run / folder / (name + extension);
    };
    core::Atoms bare = pair.truth;
    bare.columns.clear();
    core::write_xyz(file("truth", ".xyz"), bare);
    core::write_tilt_series(file("tilts", ".mrc"), make_tilts(pair.truth, what));
    core::write_mrc_volume(file("volume", ".mrc"), make_volume(pair.model, what.box));
    Json r_k = Json::array();
    Json r_free = Json::array();
    for (int i = 0; i < 100; ++i) {
      r_k.push_back(0.09 + 0.35 * std::exp(-i / 12.0));
      r_free.push_back(0.13 + 0.32 * std::exp(-i / 12.0));
    }
    write_json(file("volume", ".json"), {{"algorithm", "GENFIRE"},
                                         {"iterations", 100},
                                         {"r_k", r_k},
                                         {"r_free_curve", r_free},
                                         {"r_free", 0.131},
                                         {"oversampling", 3},
                                         {"notes", {"Angles are taken as recorded; they are not refined."}}});
    bare = pair.model;
    bare.columns.clear();
    core::write_xyz(file("model", ".xyz"), bare);
    write_json(file("model", ".json"), {{"candidates", pair.model.size() + 229},
                                        {"accepted", pair.model.size()},
                                        {"threshold", 0.513},
                                        {"peaks", peaks_of(pair.model.size())},
                                        {"rejected", {{"too_close", 31}, {"non_atom", 198}}},
                                        {"notes", {"One species: atoms are not classified."}}});
    core::write_xyz(run / "analysis" / ("truth_" + name + ".xyz"), pair.truth);
    core::write_xyz(run / "analysis" / ("model_" + name + ".xyz"), pair.model);
    write_json(run / "analysis" / ("matches_" + name + ".json"), pair.matches);
    truth_analysis["frames"].push_back(analysis_frame(pair.truth, name, f));
    model_analysis["frames"].push_back(analysis_frame(pair.model, name, f));

    const double recall = static_cast<double>(pair.matched) / static_cast<double>(pair.truth.size());
    const double precision = static_cast<double>(pair.matched) / static_cast<double>(pair.model.size());
    scores["frames"].push_back(
        {{"name", name},
         {"volume",
          {{"r1", 0.1182}, {"r_free", nullptr}, {"r_free_reason", "no Fourier points were set aside"}}},
         {"atoms",
          {{"truth", pair.truth.size()},
           {"model", pair.model.size()},
           {"matched", pair.matched},
           {"recall", recall},
           {"recall_interval", {recall - 0.004, recall + 0.003}},
           {"precision", precision},
           {"species_correct", nullptr},
           {"species_correct_reason", "there is one species"},
           {"rmsd_pm", pair.rmsd_pm},
           {"rmsd_pm_interval", {pair.rmsd_pm - 0.7, pair.rmsd_pm + 0.8}},
           {"median_pm", 0.9 * pair.rmsd_pm},
           {"rmsd_axis_pm", pair.rmsd_axis_pm},
           {"limit_rmsd_pm", nullptr},
           {"limit_rmsd_pm_reason", "the Cram\u00e9r\u2013Rao bound is not computed yet"},
           {"by_species", {{"Pt", {{"recall", recall}, {"rmsd_pm", pair.rmsd_pm}}}}},
           {"chance_recall", 0.287}}},
         {"order", {{"q4_rms", 0.014}, {"q6_rms", 0.022}, {"alpha_rms", 0.041}}},
         {"nuclei", {{"truth", 2}, {"model", 2}, {"matched", 2}}},
         {"published",
          {{"yang2017",
            {{"source", "Yang et al., Nature 542, 75 (2017)"},
             {"cutoff_a", 1.4},
             {"common", pair.matched},
             {"rmsd_pm", pair.rmsd_pm}}},
           {"zhou2019",
            {{"source", "Zhou et al., Nature 570, 500 (2019)"},
             {"consistency", recall},
             {"precision_pm", 0.6 * pair.rmsd_pm}}}}},
         {"alignment",
          {{"rotation_deg", 0.021},
           {"shift_a", {0.01, -0.02, 0.0}},
           {"largest_strain", 0.0},
           {"iterations", 4},
           {"settled", true}}},
         {"mirror", {{"mirrored", false}, {"recall", 0.31}, {"reason", ""}}},
         {"cutoff_curve", cutoff_curve(pair)},
         {"nuclei_pairs", {{{"truth", 0}, {"model", 0}, {"shared_atoms", 60}}}},
         {"notes", {"The model was aligned rigidly."}}});
    for (const Json& line : {check("atoms.recall", name, recall, 0.95, "", true),
                             check("atoms.precision", name, precision, 0.95, "", true),
                             check("atoms.rmsd_pm", name, pair.rmsd_pm, 50.0, "pm", false)}) {
      all_good = all_good && line["status"] == "pass";
      scores["checks"].push_back(line);
    }
  }
  scores["checks"].push_back({{"name", "atoms.efficiency"},
                              {"frame", ""},
                              {"value", nullptr},
                              {"unit", ""},
                              {"limit", 0.5},
                              {"direction", "at_least"},
                              {"status", "not assessed"},
                              {"reason", "the physical limit was not computed"}});
  scores["verdict"] = all_good ? "not assessed" : "fail";
  scores["dynamics"] = {{"common_truth", 1},
                        {"common_model", 1},
                        {"growing_truth", 1},
                        {"growing_model", nullptr},
                        {"growing_model_reason", "the model has no nucleus"},
                        {"event_accuracy", 1}};
  for (Json* analysis : {&truth_analysis, &model_analysis}) {
    Json ids = Json::array();
    Json sizes = Json::array();
    for (std::size_t f = 0; f < what.frames; ++f) {
      ids.push_back(0);
      sizes.push_back(60.0 * std::pow(1.6, static_cast<double>(f)) +
                      (analysis == &model_analysis ? 3.0 : 0.0));
    }
    (*analysis)["common_nuclei"] = Json::array();
    (*analysis)["common_nuclei"].push_back({{"ids", ids}, {"class", "growing"}, {"effective_atoms", sizes}});
    (*analysis)["events"] = Json::array();
    (*analysis)["events"].push_back({{"kind", "merge"}, {"frame", "t001"}, {"from", {0, 1}}, {"to", {0}}});
  }
  write_json(run / "analysis" / "truth.json", truth_analysis);
  write_json(run / "analysis" / "model.json", model_analysis);
  write_json(run / "scores.json", scores);
  write_json(run / "truth" / "md" / "hold" / "md.json",
             {{"schema", 1},
              {"atoms", 583},
              {"steps", 120000},
              {"timestep_ps", 0.002},
              {"ranks", 2},
              {"lammps_version", "23 Jun 2022"},
              {"timing", {{"wall_s", 71.2}, {"atom_steps_per_s", 982000.0}}}});
  Json moments = Json::array();
  for (std::size_t f = 0; f < what.frames; ++f)
    moments.push_back({{"name", fmt::format("t{:03}", f)},
                       {"atoms", 583},
                       {"time_ps", 20.0 + 35.0 * static_cast<double>(f)},
                       {"potential_ev_per_atom", -5.31 - 0.02 * static_cast<double>(f)},
                       {"u_rms_a", 0.085}});
  write_json(
      run / "truth" / "truth.json",
      {{"frames", moments}, {"crystallisation_found", true}, {"times_note", "Three moments of the hold."}});
  write_thermo(run / "truth" / "md" / "hold" / "thermo.csv");
  Json stages = Json::array();
  for (const char* stage : {"truth", "image", "reconstruct", "trace", "analyze", "score"})
    stages.push_back({{"name", stage},
                      {"wall_s", 41.7},
                      {"cpu_s", 80.3},
                      {"peak_memory_mb", 212.4},
                      {"inputs", Json::object()},
                      {"outputs", {{fmt::format("{}/t000", stage), core::sha256(stage)}}},
                      {"notes", {fmt::format("The {} stage is made up: this run is synthetic.", stage)}}});
  write_json(run / "manifest.json",
             {{"version", "0.1.0"},
              {"seed", 20240917},
              {"command", "aetval run inputs/quickstart.toml --out runs/quickstart --seed 20240917"},
              {"stages", stages},
              {"versions", {{"LAMMPS", "23 Jun 2022"}, {"FFTW", "3.3.10"}, {"Voro++", "0.4.6"}}}});
  core::write_file(run / "config.toml",
                   "title = \"Platinum droplet\"\nseed = 20240917\n\n[image]\ndose_e_per_a2 = 1.7e4\n");
}

} // namespace aet::test
