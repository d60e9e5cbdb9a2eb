// Figures of tracing and refinement, one JSON object on standard output.
//
// bench_atoms [REFERENCE_DIR] [--only asi|ablation|scaling|volume_only|calibration|fept_5nm] [--cache DIR]
// [--quick]
//   REFERENCE_DIR: ../shared/reference beside the checkout. --only: one part; all of them without it, some 95
//   minutes of CPU time.
//   --cache: folder of the images of fept_5nm, kept between calls (half an hour of CPU time to make).
//   --quick: fept_5nm with a particle of 400 atoms, scaling up to 5,000 atoms.
#include "recon/atoms/refine_in_volume.hpp"
#include "recon/atoms/trace.hpp"
#include "recon/published/gradient_refinement.hpp"
#include "recon/refine/motion.hpp"
#include "recon/volume/least_squares.hpp"
#include "recon/volume/projections.hpp"
#include "sim/core/error.hpp"
#include "sim/core/io/file.hpp"
#include "sim/core/io/tilt_files.hpp"
#include "sim/core/io/xyz.hpp"
#include "sim/core/join.hpp"
#include "sim/core/orientation.hpp"
#include "sim/core/random.hpp"
#include "sim/stem/kinematic.hpp"
#include "sim/stem/tilt_imaging.hpp"
#include "tests/bench/calibration.hpp"
#include "validation/recovery/refinement.hpp"
#include "validation/score/match.hpp"
#include "validation/stages/run.hpp"

#include <fmt/core.h>
#include <nlohmann/json.hpp>
#include <sys/resource.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <string>
#include <vector>

namespace {

using namespace aet;
using nlohmann::ordered_json;
namespace fs = std::filesystem;

constexpr core::Threads one_thread{1};

struct Arguments {
  fs::path reference = fs::path(AET_SOURCE_DIR) / ".." / "shared" / "reference";
  std::string only;
  fs::path cache = fs::temp_directory_path() / "aetval_bench_atoms";
  bool quick = false;
};

/// User CPU seconds of this process.
double cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_utime.tv_sec) + 1e-6 * static_cast<double>(usage.ru_utime.tv_usec);
}

/// Largest resident memory so far [MB].
double peak_mb() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return 1024.0 * static_cast<double>(usage.ru_maxrss) / 1e6;
}

double rounded(double value, double unit) {
  const double per_unit = std::round(1.0 / unit); // a power of ten, so that the result prints short
  return std::round(value * per_unit) / per_unit;
}

ordered_json score_of(const core::Atoms& truth, const core::Atoms& model) {
  const validation::MatchResult match = validation::match_atoms(truth, model);
  return {{"atoms", model.size()},
          {"recall", rounded(match.recall(), 1e-4)},
          {"precision", rounded(match.precision(), 1e-4)},
          {"rmsd_pm", rounded(100.0 * match.rmsd_a(), 1e-3)}};
}

core::TiltSeries amorphous_series(const fs::path& dir) {
  return core::read_tilt_series(dir / "tilts.mrc", dir / "tilts.rawtlt");
}

/// What a user of amorphous silicon knows: the element, and that atoms are images of some 0.4 A or more, so
/// that a blur of 0.4 A costs little and takes the noise off.
constexpr double blur_a = 0.4;

core::Atoms traced(const core::Volume& volume) {
  recon::TraceOptions trace;
  trace.element = 14;
  return recon::trace_atoms(volume, trace, one_thread).atoms;
}

core::Atoms reconstructed_and_traced(const core::TiltSeries& series) {
  recon::LeastSquaresOptions least;
  least.prepare.smoothing = blur_a;
  return traced(recon::reconstruct_least_squares(series, least, one_thread).volume);
}

ordered_json amorphous(const fs::path& dir) {
  const core::TiltSeries series = amorphous_series(dir);
  const core::Atoms truth = core::read_xyz(dir / "truth.xyz");
  const double start = cpu_seconds();
  const core::Atoms first = reconstructed_and_traced(series);
  const double volume_cpu = cpu_seconds() - start;
  validation::RefineSettings settings;
  settings.errors = false;
  const validation::RefinedModel model = validation::refine_model(series, first, settings, one_thread);
  const double cpu = cpu_seconds() - start;
  ordered_json j = score_of(truth, model.atoms);
  const validation::TruthLimit limit = validation::truth_limit(series, truth, settings, one_thread);
  const double limit_pm = 100.0 * limit.limit.rms_a;
  j["limit_pm"] = rounded(limit_pm, 1e-3);
  j["efficiency"] = rounded(limit_pm / j["rmsd_pm"].get<double>(), 1e-3);
  // What is left above the limit: displacements of each atom from image to image, such as one frozen phonon
  // configuration an image makes.
  constexpr int probes = 8;
  const recon::SeriesLikelihood likelihood(series, recon::PixelLikelihood(model.result.noise));
  const recon::Motion motion = recon::unexplained_motion(
      model.result.scene, likelihood, recon::position_limit(model.result.scene, likelihood, {}, one_thread),
      probes, 1, one_thread);
  j["motion_between_tilts_pm"] = rounded(100.0 * motion.rms_a, 1e-2);
  j["motion_error_pm"] = rounded(100.0 * motion.error_a, 1e-2);
  j["limit_with_motion_pm"] = rounded(100.0 * motion.expected_rmsd_a, 1e-3);
  j["cpu_s"] = rounded(cpu, 0.1);
  j["refine_cpu_s"] = rounded(cpu - volume_cpu, 0.1);
  j["traced"] = score_of(truth, first);
  j["published_model"] = score_of(truth, core::read_xyz(dir / "published_model.xyz"));
  j["chi2_per_pixel"] = rounded(model.result.misfit.chi2 / model.result.misfit.pixels, 1e-4);
  j["converged"] = model.result.converged;
  return j;
}

/// Each step of the chain on the low-dose amorphous set, from GENFIRE as published. So that adding and
/// dropping have work to do, a twentieth of the traced atoms is then taken away and as many are put at random
/// places: what the papers correct by hand.
ordered_json ablation(const fs::path& dir) {
  const core::TiltSeries series = amorphous_series(dir);
  const core::Atoms truth = core::read_xyz(dir / "truth.xyz");
  recon::GenfireOptions genfire;
  genfire.oversampling = 3.0;
  genfire.threshold = 0.5;
  genfire.prepare.smoothing = blur_a;
  const core::Atoms found = traced(recon::reconstruct(series, genfire, one_thread).volume);
  ordered_json rows = ordered_json::array();
  const auto row = [&](const std::string& step, const core::Atoms& model) {
    ordered_json j{{"step", step}};
    j.update(score_of(truth, model));
    rows.push_back(std::move(j));
  };
  row("GENFIRE, polynomial tracing", found);

  core::TiltSeries flat = series; // the papers refine against images without background
  for (core::Image& image : flat.images) {
    const auto level = static_cast<float>(recon::border_level(image));
    for (float& v : image.data)
      v -= level;
  }
  core::Atoms published = found;
  published.positions =
      recon::published::refine_gradient(flat, recon::published::model_of(found), {}, one_thread)
          .model.positions;
  row("published chain: and gradient refinement (H, B, xyz; least squares)", published);

  validation::RefineSettings settings;
  settings.errors = false;
  settings.refine.add = settings.refine.drop = false;
  row("likelihood, atoms kept as traced",
      validation::refine_model(series, found, settings, one_thread).atoms);
  core::Atoms spoilt = found;
  core::RandomStream stream(1, "bench ablation");
  for (std::size_t i = 0; i < spoilt.size(); i += 20) {
    core::Vec3 p(stream.normal(), stream.normal(), stream.normal());
    spoilt.positions[i] = 8.0 * std::cbrt(stream.uniform()) * p.normalized();
  }
  row("a twentieth of the atoms put at random places", spoilt);
  row("likelihood on these, atoms kept",
      validation::refine_model(series, spoilt, settings, one_thread).atoms);
  settings.refine.add = settings.refine.drop = true;
  row("and atoms added and dropped", validation::refine_model(series, spoilt, settings, one_thread).atoms);
  settings.refine.free.angles = settings.refine.free.shift = true;
  row("and joint angles and shifts", validation::refine_model(series, spoilt, settings, one_thread).atoms);

  core::TiltSeries turned = series; // as a stage would log it
  for (core::Mat3& r : turned.orientations) {
    constexpr double sd = 0.5 * 3.14159265358979 / 180.0;
    r = core::rotation_from_euler({sd * stream.normal(), sd * stream.normal(), sd * stream.normal()}) * r;
  }
  settings.refine.free.angles = settings.refine.free.shift = false;
  row("angles wrong by 0.5 degrees rms, kept",
      validation::refine_model(turned, spoilt, settings, one_thread).atoms);
  settings.refine.free.angles = settings.refine.free.shift = true;
  row("angles wrong by 0.5 degrees rms, refined with the atoms",
      validation::refine_model(turned, spoilt, settings, one_thread).atoms);
  return rows;
}

/// A ball of fcc platinum with thermal jitter as static disorder.
core::Atoms platinum_ball(std::size_t atoms) {
  const double constant = 3.92;
  const double radius =
      std::cbrt(static_cast<double>(atoms) * constant * constant * constant / 4.0 * 0.75 / M_PI);
  core::RandomStream stream(3, "bench ball");
  core::Atoms ball;
  const int reach = static_cast<int>(2.0 * radius / constant) + 2;
  for (int z = -reach; z <= reach; ++z) {
    for (int y = -reach; y <= reach; ++y) {
      for (int x = -reach; x <= reach; ++x) {
        if ((x + y + z) % 2 != 0) continue;
        const core::Vec3 site = 0.5 * constant * core::Vec3(x + 0.13, y + 0.08, z + 0.21);
        if (site.norm() > radius) continue;
        ball.positions.push_back(site + 0.08 * core::Vec3(stream.normal(), stream.normal(), stream.normal()));
        ball.atomic_numbers.push_back(78);
      }
    }
  }
  const core::Mat3 turn = core::rotation_from_euler({0.3, 0.2, 0.1}); // no axis along a lattice row
  for (core::Vec3& p : ball.positions)
    p = turn * p;
  return ball;
}

core::TiltSeries kinematic_series(const core::Atoms& atoms, int tilts, double dose_e_per_a2) {
  double radius = 0.0;
  for (const core::Vec3& p : atoms.positions)
    radius = std::max(radius, p.norm());
  stem::StemOptions options;
  options.phonons.u_rms_a = 0.07;
  const double pixel = 0.35;
  const stem::Scan scan{2 * static_cast<int>(std::ceil((radius + 3.0) / pixel)), pixel};
  std::vector<double> angles;
  for (int t = 0; t < tilts; ++t)
    angles.push_back(-70.0 + 140.0 * t / (tilts - 1));
  core::TiltSeries series;
  series.orientations = stem::single_axis_tilts(angles);
  series.pixel_size = pixel;
  series.intensity = core::Intensity::counts;
  stem::KinematicOptions kinematic;
  kinematic.depth_of_focus = false;
  for (std::size_t t = 0; t < series.orientations.size(); ++t) {
    core::Image image =
        stem::simulate_kinematic_image({atoms, series.orientations[t], scan}, options, kinematic, one_thread);
    core::RandomStream noise(1, "bench noise", {static_cast<std::uint32_t>(t)});
    for (float& v : image.data) {
      const double mean = dose_e_per_a2 * pixel * pixel * static_cast<double>(std::max(0.0F, v));
      v = static_cast<float>(noise.poisson(mean));
    }
    series.images.push_back(std::move(image));
  }
  return series;
}

ordered_json scaling(bool quick) {
  constexpr int tilts = 31;
  std::vector<std::size_t> sizes{2500, 5000};
  if (!quick) sizes.insert(sizes.end(), {10000, 20000});
  ordered_json points = ordered_json::array();
  std::vector<double> log_n;
  std::vector<double> log_cpu;
  for (const std::size_t size : sizes) {
    const core::Atoms truth = platinum_ball(size);
    const core::TiltSeries series = kinematic_series(truth, tilts, 2e4);
    core::Atoms start = truth; // as traced: 15 pm an axis off, one atom in 200 missing
    core::RandomStream stream(5, "bench start");
    for (core::Vec3& p : start.positions)
      p += 0.15 * core::Vec3(stream.normal(), stream.normal(), stream.normal());
    for (std::size_t a = 0; a < start.size(); a += 199) {
      start.positions.erase(start.positions.begin() + static_cast<std::ptrdiff_t>(a));
      start.atomic_numbers.erase(start.atomic_numbers.begin() + static_cast<std::ptrdiff_t>(a));
    }
    validation::RefineSettings settings;
    settings.errors = false;
    const double before = cpu_seconds();
    const validation::RefinedModel model = validation::refine_model(series, start, settings, one_thread);
    const double cpu = cpu_seconds() - before;
    ordered_json j = score_of(truth, model.atoms);
    j["pixels"] = series.images.front().nx;
    j["cpu_s"] = rounded(cpu, 0.1);
    j["peak_mb"] = rounded(peak_mb(), 1.0);
    j["iterations"] = model.result.history.size();
    j["converged"] = model.result.converged;
    const double limit_start = cpu_seconds();
    settings.limit.probes = 4;
    const recon::Limit limit = recon::position_limit(
        model.result.scene, {series, recon::PixelLikelihood(model.result.noise)}, settings.limit, one_thread);
    j["limit_pm"] = rounded(100.0 * limit.rms_a, 1e-3);
    j["limit_cpu_s"] = rounded(cpu_seconds() - limit_start, 0.1);
    points.push_back(j);
    log_n.push_back(std::log(static_cast<double>(truth.size())));
    log_cpu.push_back(std::log(cpu));
    std::fputs(fmt::format("scaling: {}\n", j.dump()).c_str(), stderr);
  }
  const double exponent = (log_cpu.back() - log_cpu.front()) / (log_n.back() - log_n.front());
  return {{"tilts", tilts}, {"points", points}, {"cpu_exponent", rounded(exponent, 1e-3)}};
}

/// Atoms refined against a volume of 280^3 voxels of 0.35 A, made of Gaussians and white noise.
ordered_json volume_only(bool quick) {
  const core::Atoms truth = platinum_ball(quick ? 2000 : 20000);
  constexpr int n = 280;
  constexpr double voxel = 0.35;
  constexpr double sigma = 0.6; // [angstrom]
  core::Volume volume(n, n, n, voxel);
  constexpr int reach = 8;
  for (const core::Vec3& p : truth.positions) {
    const core::Vec3 at = p / voxel + core::Vec3::Constant(n / 2);
    const Eigen::Vector3i c = at.array().round().cast<int>();
    for (int z = c.z() - reach; z <= c.z() + reach; ++z) {
      for (int y = c.y() - reach; y <= c.y() + reach; ++y) {
        for (int x = c.x() - reach; x <= c.x() + reach; ++x) {
          const double d2 = voxel * voxel * (core::Vec3(x, y, z) - at).squaredNorm();
          volume.at(x, y, z) += static_cast<float>(std::exp(-0.5 * d2 / (sigma * sigma)));
        }
      }
    }
  }
  core::RandomStream noise(2, "bench volume");
  for (float& v : volume.data)
    v += static_cast<float>(0.1 * noise.normal());
  core::Atoms start = truth;
  core::RandomStream stream(5, "bench start");
  for (core::Vec3& p : start.positions)
    p += 0.15 * core::Vec3(stream.normal(), stream.normal(), stream.normal());
  const double before = cpu_seconds();
  const recon::VolumeRefineResult r = recon::refine_in_volume(volume, start.positions, {}, one_thread);
  const double cpu = cpu_seconds() - before;
  core::Atoms refined = truth;
  refined.positions = r.positions;
  ordered_json j = score_of(truth, refined);
  j["cpu_s"] = rounded(cpu, 0.1);
  j["rounds"] = r.rounds;
  j["converged"] = r.converged;
  j["peak_mb"] = rounded(peak_mb(), 1.0);
  return j;
}

/// The whole pipeline on inputs/fept_5nm.toml, images kept in the cache.
ordered_json fept(const Arguments& a) {
  fs::path file = fs::path(AET_SOURCE_DIR) / "inputs" / "fept_5nm.toml";
  fs::path dir = a.cache / "fept_5nm";
  fs::create_directories(a.cache);
  if (a.quick) {
    std::string text = core::read_file(file);
    const auto replace = [&](const std::string& from, const std::string& to) {
      text.replace(text.find(from), from.size(), to);
    };
    replace("atoms = 4800", "atoms = 400");
    replace("pixels = 200", "pixels = 100");
    file = a.cache / "fept_quick.toml";
    dir = a.cache / "fept_quick";
    core::write_file(file, text);
  }
  const validation::Case settings = validation::read_case(file);
  validation::RunOptions options;
  options.run_dir = dir;
  options.resume = true;
  options.threads = core::all_cores();
  options.program = "bench"; // images stay valid when only later stages' code changes; delete the cache else
  validation::RunEvents events;
  events.started = [](const validation::Stage& stage, int, int, const std::vector<std::string>&) {
    std::fputs(fmt::format("fept_5nm: {}\n", stage.name).c_str(), stderr);
  };
  options.to = "image";
  (void)validation::run_case(settings, options, events);
  options.resume = false;
  options.from = "prepare";
  options.to = "score";
  const validation::Manifest manifest = validation::run_case(settings, options, events);
  const auto scores = ordered_json::parse(core::read_file(dir / "scores.json"));
  const ordered_json& atoms = scores.at("frames").at(0).at("atoms");
  ordered_json j;
  for (const char* key : {"truth", "model", "recall", "precision", "species_correct", "identified", "rmsd_pm",
                          "rmsd_axis_pm", "limit_rmsd_pm", "efficiency", "by_species"})
    j[key] = atoms.contains(key) ? atoms.at(key) : ordered_json();
  for (const char* key : {"confusion", "by_depth_a"})
    j[key] = scores.at("frames").at(0).at("breakdown").at(key);
  const auto refined = ordered_json::parse(core::read_file(dir / "refined" / "t000.json"));
  for (const char* key : {"converged", "added", "dropped", "flipped", "r1", "dispersion", "response",
                          "scatter", "limit_at_model", "expected_misclassified"})
    j[key] = refined.contains(key) ? refined.at(key) : ordered_json();
  for (const validation::StageRecord& record : manifest.stages)
    j["cpu_s"][record.name] = rounded(record.usage.cpu_s, 0.1);
  return j;
}

Arguments arguments(int argc, char** argv) {
  Arguments a;
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    if (word == "--quick") {
      a.quick = true;
    } else if ((word == "--only" || word == "--cache") && i + 1 < argc) {
      const std::string value = argv[++i];
      if (word == "--only") a.only = value;
      if (word == "--cache") a.cache = value;
    } else if (word.starts_with("--")) {
      throw core::ConfigError(fmt::format("unknown option '{}'; there are --only, --cache, --quick", word));
    } else {
      a.reference = word;
    }
  }
  const std::vector<std::string> parts{"",        "asi", "ablation", "scaling", "volume_only", "calibration",
                                       "fept_5nm"};
  if (std::find(parts.begin(), parts.end(), a.only) == parts.end())
    throw core::ConfigError(
        fmt::format("there is no part '{}'; there are{}", a.only, core::join(parts, " ")));
  return a;
}

} // namespace

int main(int argc, char** argv) {
  try {
    const Arguments a = arguments(argc, argv);
    const auto wanted = [&](const std::string& part) { return a.only.empty() || a.only == part; };
    ordered_json j;
    // Each part is told as it ends: an error in a later one does not take it away.
    const auto measured = [&](const std::string& part, const ordered_json& figures) {
      j[part] = figures;
      std::fputs(fmt::format("{}: {}\n", part, figures.dump()).c_str(), stderr);
    };
    if (wanted("asi")) {
      for (const char* set : {"asi208_1p6e4", "asi208_1p6e5"})
        measured(set, amorphous(a.reference / set));
    }
    if (wanted("ablation")) measured("ablation", ablation(a.reference / "asi208_1p6e4"));
    if (wanted("scaling")) measured("scaling", scaling(a.quick));
    if (wanted("volume_only")) measured("volume_only", volume_only(a.quick));
    if (wanted("calibration")) measured("calibration", bench::calibration(a.cache));
    if (wanted("fept_5nm")) measured("fept_5nm", fept(a));
    std::fputs((j.dump(1) + "\n").c_str(), stdout);
  } catch (const core::Error& e) {
    std::fputs(fmt::format("bench_atoms: {}\n", e.what()).c_str(), stderr);
    return static_cast<int>(e.exit_code());
  }
  return 0;
}
