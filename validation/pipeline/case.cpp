#include "validation/pipeline/case.hpp"

#include "sim/core/elements.hpp"
#include "sim/core/error.hpp"
#include "validation/score/frame_score.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace aet::validation {

namespace {

using core::ConfigSection;

/// Checks of whole option structs throw messages without a file name; this adds it.
template <class F> void in_file(const core::Config& config, const char* table, F&& check) {
  try {
    check();
  } catch (const core::ConfigError& e) {
    throw core::ConfigError(fmt::format("{}: [{}]: {}", config.name(), table, e.what()));
  }
}

int read_element(const ConfigSection& section, const std::string& fallback) {
  const std::string symbol = section.text("element", fallback);
  try {
    return core::atomic_number(symbol);
  } catch (const core::DataError& e) {
    section.fail("element", e.what());
  }
}

int read_count(const ConfigSection& section, const std::string& key, int fallback, core::Range allowed) {
  return static_cast<int>(section.integer(key, fallback, allowed));
}

TruthCase read_truth(const ConfigSection& s, std::uint64_t seed) {
  TruthCase truth;
  md::DropletProtocol& d = truth.droplet.droplet;
  d.atomic_number = read_element(s, "Pt");
  d.atoms = read_count(s, "atoms", d.atoms, {13, 1e6});
  d.lattice_constant_a = s.number("lattice_constant_a", d.lattice_constant_a, {2, 10});
  d.melt_k = s.number("melt_k", d.melt_k, {1, 20000});
  d.melt_ps = s.number("melt_ps", d.melt_ps, {0.1, 1e5});
  d.quench_ps = s.number("quench_ps", d.quench_ps, {0.1, 1e5});
  d.hold_k = s.number("hold_k", d.hold_k, {1, 20000});
  d.hold_ps = s.number("hold_ps", d.hold_ps, {1, 1e6});
  d.frame_ps = s.number("frame_ps", d.frame_ps, {0.01, 1000});
  d.timestep_fs = s.number("timestep_fs", d.timestep_fs, {0.1, 10});
  d.seed = seed;
  md::ImagingProtocol& i = truth.droplet.imaging;
  i.temperature_k = s.number("imaging_k", i.temperature_k, {1, 20000});
  i.cool_ps = s.number("cool_ps", i.cool_ps, {0.1, 1e4});
  i.settle_ps = s.number("settle_ps", i.settle_ps, {0, 1e4});
  i.frames = read_count(s, "frames_averaged", i.frames, {2, 1000});
  truth.droplet.potential.path = s.text("potential", truth.droplet.potential.path.string());
  truth.droplet.potential.style = md::style_from_name(s.choice(
      "potential_style", md::style_name(truth.droplet.potential.style), {"eam", "eam/alloy", "eam/fs"}));
  truth.droplet.worker.ranks = read_count(s, "ranks", 2, {1, 1024});
  truth.droplet.times.levels = s.numbers("moments", truth.droplet.times.levels, {0.01, 0.99});
  if (truth.droplet.times.levels.empty())
    s.fail("moments", "at least one moment is needed, for example [0.15, 0.5, 0.85]");
  truth.frames = static_cast<int>(truth.droplet.times.levels.size());
  return truth;
}

std::vector<double> read_tilts(const ConfigSection& s) {
  std::vector<double> angles = s.numbers("tilts_deg", {}, {-180, 180});
  if (!angles.empty()) {
    if (s.has("tilt_first_deg") || s.has("tilt_last_deg") || s.has("tilt_count")) {
      s.fail("tilts_deg", "give either this list or tilt_first_deg, tilt_last_deg and tilt_count, not both");
    }
    return angles;
  }
  const double first = s.number("tilt_first_deg", -63.0, {-180, 180});
  const double last = s.number("tilt_last_deg", 63.0, {-180, 180});
  const int count = read_count(s, "tilt_count", 43, {3, 1000});
  if (!(last > first)) s.fail("tilt_last_deg", fmt::format("must be above tilt_first_deg = {}", first));
  for (int i = 0; i < count; ++i)
    angles.push_back(first + (last - first) * i / (count - 1));
  return angles;
}

ImagesCase read_images(const ConfigSection& s, std::uint64_t seed) {
  ImagesCase images;
  images.tilts_deg = read_tilts(s);
  stem::StemOptions& o = images.series.stem;
  o.method = s.choice("method", "fast", {"fast", "multislice"}) == "fast" ? stem::Method::fast
                                                                          : stem::Method::multislice;
  o.factors = s.choice("factors", "lobato", {"lobato", "kirkland"}) == "lobato" ? stem::FactorTable::lobato
                                                                                : stem::FactorTable::kirkland;
  images.series.scan.n = read_count(s, "pixels", images.series.scan.n, {16, 1024});
  if (images.series.scan.n % 2 != 0) s.fail("pixels", "must be even");
  images.series.scan.pixel_a = s.number("pixel_a", images.series.scan.pixel_a, {0.02, 10});
  images.series.source_sd_a = s.number("source_sd_a", images.series.source_sd_a, {0, 2});
  o.slices.thickness_a = s.number("slice_a", o.slices.thickness_a, {0.1, 10});
  o.phonons.configurations = read_count(s, "phonon_configurations", o.phonons.configurations, {1, 1000});
  if (s.has("u_rms_a")) o.phonons.u_rms_a = s.number("u_rms_a", {0, 0.5});

  const ConfigSection probe = s.section("probe");
  o.probe.energy_kv = probe.number("energy_kv", o.probe.energy_kv, {20, 1000});
  o.probe.convergence_mrad = probe.number("convergence_mrad", o.probe.convergence_mrad, {1, 100});
  o.probe.c1_a = probe.number("c1_a", o.probe.c1_a, {-1e4, 1e4});
  o.probe.c3_mm = probe.number("c3_mm", o.probe.c3_mm, {-10, 10});
  o.probe.c5_mm = probe.number("c5_mm", o.probe.c5_mm, {-1000, 1000});

  const ConfigSection detector = s.section("detector");
  o.detector.inner_mrad = detector.number("inner_mrad", o.detector.inner_mrad, {1, 500});
  o.detector.outer_mrad = detector.number("outer_mrad", o.detector.outer_mrad, {1, 500});

  const ConfigSection fast = s.section("fast");
  o.fast.window_a = fast.number("window_a", o.fast.window_a, {8, 64});
  o.fast.pixel_a = fast.number("pixel_a", o.fast.pixel_a, {0.02, 0.2});
  const ConfigSection multislice = s.section("multislice");
  o.reference.pixel_a = multislice.number("pixel_a", o.reference.pixel_a, {0, 1});
  o.reference.window_a = multislice.number("window_a", o.reference.window_a, {0, 200});
  o.reference.padding_a = multislice.number("padding_a", o.reference.padding_a, {0, 100});

  const ConfigSection noise = s.section("noise");
  constexpr double seed_a_total_dose = 8e5; // e/A^2, Zhou et al. 2019, Extended Data Table 1: 7.6e5 to 8.5e5
  const double total = noise.number("total_dose_e_per_a2", seed_a_total_dose, {1e-3, 1e12});
  images.noise.dose_e_per_a2 = total / static_cast<double>(images.tilts_deg.size());
  images.noise.gain = noise.number("gain", images.noise.gain, {1e-6, 1e6});
  images.noise.readout_mean = noise.number("readout_mean", images.noise.readout_mean, {-1e6, 1e6});
  images.noise.readout_sd = noise.number("readout_sd", images.noise.readout_sd, {0, 1e6});
  images.series.seed = images.noise.seed = seed;
  return images;
}

recon::Background read_background(const ConfigSection& s) {
  const std::string name = s.choice("background", "automatic", {"automatic", "none", "border", "per_image"});
  if (name == "none") return recon::Background::none;
  if (name == "border") return recon::Background::border;
  return name == "per_image" ? recon::Background::per_image : recon::Background::automatic;
}

recon::ImageOptions read_image_options(const ConfigSection& s) {
  recon::ImageOptions o;
  o.denoising = denoising_from(s.choice("denoise", "automatic", {"automatic", "none", "gaussian", "bm3d"}));
  o.gaussian_a = s.number("gaussian_a", o.gaussian_a, {0, 10});
  o.hot_pixels = s.flag("hot_pixels", o.hot_pixels);
  o.average_frames = s.flag("average_frames", o.average_frames);
  const ConfigSection frames = s.section("frames");
  o.registration.drift = frames.flag("drift", o.registration.drift);
  o.registration.duty = frames.number("duty", o.registration.duty, {0.01, 1});
  o.registration.max_shift = frames.number("max_shift", o.registration.max_shift, {0.01, 0.5});
  const ConfigSection bm3d = s.section("bm3d");
  o.bm3d.threshold = bm3d.number("threshold", o.bm3d.threshold, {0, 10});
  o.bm3d.hard.step = read_count(bm3d, "hard_step", o.bm3d.hard.step, {1, 8});
  o.bm3d.hard.group = read_count(bm3d, "hard_group", o.bm3d.hard.group, {1, 128});
  o.bm3d.wiener.step = read_count(bm3d, "wiener_step", o.bm3d.wiener.step, {1, 8});
  o.bm3d.wiener.group = read_count(bm3d, "wiener_group", o.bm3d.wiener.group, {1, 128});
  o.bm3d.hard.window = o.bm3d.wiener.window = read_count(bm3d, "window", o.bm3d.hard.window, {1, 255});
  return o;
}

ReconstructionOptions read_reconstruct(const ConfigSection& s, std::uint64_t seed) {
  ReconstructionOptions options;
  options.images = read_image_options(s);
  recon::GenfireOptions& g = options.genfire;
  const std::string algorithm = s.choice("algorithm", "genfire", {"genfire", "least_squares"});
  options.algorithm = algorithm == "genfire" ? Algorithm::genfire : Algorithm::least_squares;
  g.iterations = options.least_squares.iterations = read_count(s, "iterations", g.iterations, {1, 1e6});
  g.positivity = options.least_squares.positivity = s.flag("positivity", g.positivity);
  g.prepare.background = read_background(s);
  g.prepare.smoothing = s.number("smoothing_a", g.prepare.smoothing, {0, 10});
  options.least_squares.prepare = g.prepare;

  const ConfigSection genfire = s.section("genfire");
  g.oversampling = genfire.number("oversampling", g.oversampling, {1, 8});
  g.threshold = genfire.number("threshold_voxel", g.threshold, {1e-6, 4});
  const std::string gridding = genfire.choice("gridding", "dft", {"dft", "fft"});
  g.gridding = gridding == "dft" ? recon::GriddingMethod::dft : recon::GriddingMethod::fft;
  g.momentum = genfire.flag("momentum", g.momentum);
  g.withheld_fraction = genfire.number("withheld_fraction", g.withheld_fraction, {0, 0.5});
  const std::string schedule =
      genfire.choice("resolution", "off", {"off", "extension", "extension_suppression"});
  if (schedule == "extension") g.schedule = recon::ResolutionSchedule::extension;
  if (schedule == "extension_suppression") g.schedule = recon::ResolutionSchedule::extension_suppression;
  g.seed = seed;

  const ConfigSection least_squares = s.section("least_squares");
  options.least_squares.withheld_every =
      read_count(least_squares, "withheld_every", options.least_squares.withheld_every, {0, 1000});
  return options;
}

recon::TraceOptions read_trace(const ConfigSection& s) {
  recon::TraceOptions o;
  o.element = read_element(s, "Pt");
  o.min_distance_a = s.number("min_distance_a", o.min_distance_a, {0.01, 20});
  o.min_relative_height = s.number("min_relative_height", o.min_relative_height, {0, 0.999});
  o.upsampling = read_count(s, "upsampling", o.upsampling, {1, 6});
  return o;
}

analysis::AnalysisOptions read_analyze(const ConfigSection& s) {
  analysis::AnalysisOptions o;
  if (s.has("neighbour_cutoff_a")) o.neighbour_cutoff_a = s.number("neighbour_cutoff_a", {0.1, 100});
  o.nuclei.radius_a = s.number("nucleus_radius_a", o.nuclei.radius_a, {0.1, 100});
  o.nuclei.threshold = s.number("nucleus_threshold", o.nuclei.threshold, {0, 2});
  o.nuclei.min_atoms = read_count(s, "nucleus_min_atoms", o.nuclei.min_atoms, {1, 1e9});
  return o;
}

/// FIGURE_min = x or FIGURE_max = x, where FIGURE is a name of figure_names(); "atoms." may be left out.
std::vector<CheckSpec> read_checks(const ConfigSection& s) {
  std::vector<CheckSpec> checks;
  for (const std::string& figure : figure_names()) {
    const bool of_atoms = figure.starts_with("atoms.");
    std::string stem = of_atoms ? figure.substr(std::string("atoms.").size()) : figure;
    std::replace(stem.begin(), stem.end(), '.', '_');
    for (const auto direction : {Direction::at_least, Direction::at_most}) {
      const std::string key = stem + (direction == Direction::at_least ? "_min" : "_max");
      if (s.has(key)) checks.push_back({figure, direction, s.number(key, {})});
    }
  }
  return checks;
}

} // namespace

ImagesCase ImagesCase::of_frame(int frame) const {
  ImagesCase images = *this;
  images.series.orientations = stem::single_axis_tilts(tilts_deg);
  images.series.frame = images.noise.frame = static_cast<std::uint32_t>(frame);
  return images;
}

std::string Case::settings_text(const std::vector<std::string>& tables) const {
  return config.resolved(tables);
}

Case read_case(const std::filesystem::path& path, std::optional<std::uint64_t> seed) {
  core::Config config = core::Config::from_file(path);
  if (seed) config.replace("seed", static_cast<long>(*seed));
  const ConfigSection root = config.root();
  Case result(config);
  result.title = root.text("title", path.stem().string());
  result.seed = static_cast<std::uint64_t>(root.integer("seed", 1, {0, 9e15}));
  result.truth = read_truth(root.section("truth"), result.seed);
  result.images = read_images(root.section("images"), result.seed);
  result.reconstruct = read_reconstruct(root.section("reconstruct"), result.seed);
  result.trace = read_trace(root.section("trace"));
  result.analyze = read_analyze(root.section("analyze"));
  result.checks = read_checks(root.section("checks"));
  config.reject_unknown_keys();
  in_file(config, "images", [&] {
    const ImagesCase first = result.images.of_frame(0);
    stem::validate(first.series);
    stem::validate(first.noise);
  });
  in_file(config, "truth", [&] {
    md::validate(result.truth.droplet.droplet);
    md::validate(result.truth.droplet.imaging);
  });
  in_file(config, "reconstruct.bm3d", [&] { recon::validate(result.reconstruct.images.bm3d); });
  in_file(config, "trace", [&] { recon::check(result.trace); });
  result.resolved_toml = config.resolved();
  return result;
}

} // namespace aet::validation
