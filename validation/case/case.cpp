#include "validation/case/case.hpp"

#include "sim/core/elements.hpp"
#include "sim/core/error.hpp"
#include "sim/core/io/text_scan.hpp"
#include "sim/core/tilt_series.hpp"
#include "validation/figures/table.hpp"
#include "validation/recovery/classification_report.hpp"

#include <Eigen/LU>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <sstream>
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

/// One element, or several: "Fe Pt".
std::vector<int> read_elements(const ConfigSection& section, const std::string& fallback) {
  const std::string symbols = section.text("element", fallback);
  try {
    return elements_from_text(symbols);
  } catch (const core::DataError& e) {
    section.fail("element", e.what());
  }
}

int read_count(const ConfigSection& section, const std::string& key, int fallback, core::Range allowed) {
  return static_cast<int>(section.integer(key, fallback, allowed));
}

recon::Background read_background(const ConfigSection& s) {
  const std::string name = s.choice("background", "automatic", {"automatic", "none", "border", "per_image"});
  if (name == "none") return recon::Background::none;
  if (name == "border") return recon::Background::border;
  return name == "per_image" ? recon::Background::per_image : recon::Background::automatic;
}

recon::SupportOptions read_support(const ConfigSection& s) {
  recon::SupportOptions o;
  const std::string shape = s.choice("shape", "cube", {"cube", "sphere", "automatic"});
  if (shape == "sphere") o.shape = recon::SupportShape::sphere;
  if (shape == "automatic") o.shape = recon::SupportShape::automatic;
  o.size = s.number("size", o.size, {0.01, 1.75});
  o.edge = s.number("edge_voxel", o.edge, {0, 100});
  o.margin_a = s.number("margin_a", o.margin_a, {0, 20});
  return o;
}

/// [reconstruct.angles]: refinement of angles and shifts; off unless asked for.
std::optional<recon::PoseRefinementOptions> read_refine(const ConfigSection& s,
                                                        const recon::ProjectionOptions& prepare) {
  recon::PoseRefinementOptions o;
  const std::string what = s.choice("refine", "off", {"off", "shifts", "all"});
  o.turns = what == "all";
  o.prepare = prepare;
  o.volume_iterations = read_count(s, "volume_iterations", o.volume_iterations, {1, 10000});
  o.stages.back().rounds = read_count(s, "rounds", o.stages.back().rounds, {1, 1000});
  o.largest_turn_deg = s.number("largest_turn_deg", o.largest_turn_deg, {0.01, 45});
  const bool background = s.flag("background_by_common_line", false);
  if (o.tilt_axis) o.tilt_axis->background = background;
  if (what == "off") return std::nullopt;
  return o;
}

recon::ImageOptions read_image_options(const ConfigSection& s) {
  recon::ImageOptions o;
  o.denoising = denoising_from(s.choice("denoise", "none", {"automatic", "none", "gaussian", "bm3d"}));
  o.gaussian_a = s.number("gaussian_a", o.gaussian_a, {0, 10});
  o.hot_pixels = s.flag("hot_pixels", o.hot_pixels);
  o.average_frames = s.flag("average_frames", o.average_frames);
  const ConfigSection frames = s.section("frames");
  o.registration.drift = frames.flag("drift", o.registration.drift);
  o.registration.duty = frames.number("duty", o.registration.duty, {0.01, 1});
  o.registration.max_shift = frames.number("max_shift", o.registration.max_shift, {0.01, 0.5});
  const std::vector<double> m = frames.numbers("scan_matrix", {1, 0, 0, 1}, {-2, 2});
  if (m.size() != 4) frames.fail("scan_matrix", "holds four numbers: true place = matrix x nominal place");
  o.registration.scan_matrix << m[0], m[1], m[2], m[3];
  if (!(std::abs(o.registration.scan_matrix.determinant()) > 0.1))
    frames.fail("scan_matrix", "cannot be inverted: a calibrated scan is near 1, 0, 0, 1");
  const ConfigSection bm3d = s.section("bm3d");
  o.bm3d.threshold = bm3d.number("threshold", o.bm3d.threshold, {0, 10});
  o.bm3d.hard.step = read_count(bm3d, "hard_step", o.bm3d.hard.step, {1, 8});
  o.bm3d.hard.group = read_count(bm3d, "hard_group", o.bm3d.hard.group, {1, 128});
  o.bm3d.wiener.step = read_count(bm3d, "wiener_step", o.bm3d.wiener.step, {1, 8});
  o.bm3d.wiener.group = read_count(bm3d, "wiener_group", o.bm3d.wiener.group, {1, 128});
  o.bm3d.hard.window = o.bm3d.wiener.window = read_count(bm3d, "window", o.bm3d.hard.window, {1, 255});
  return o;
}

/// compare = "least_squares wbp": other algorithms on the same images.
std::vector<Algorithm> read_compared(const ConfigSection& s, Algorithm own) {
  std::vector<Algorithm> out;
  std::istringstream words(s.text("compare", ""));
  for (std::string word; words >> word;) {
    try {
      out.push_back(algorithm_from(word));
    } catch (const core::ConfigError& e) {
      s.fail("compare", e.what());
    }
    if (out.back() == own) s.fail("compare", "names the algorithm that is used anyway");
  }
  return out;
}

ReconstructionOptions read_reconstruct(const ConfigSection& s, std::uint64_t seed) {
  ReconstructionOptions options;
  options.images = read_image_options(s);
  recon::GenfireOptions& g = options.genfire;
  options.algorithm = algorithm_from(s.choice("algorithm", "genfire", {"genfire", "least_squares", "wbp"}));
  g.iterations = options.least_squares.iterations = read_count(s, "iterations", g.iterations, {1, 1e6});
  g.positivity = options.least_squares.positivity = s.flag("positivity", g.positivity);
  g.prepare.background = read_background(s);
  g.prepare.smoothing = s.number("smoothing_a", g.prepare.smoothing, {0, 10});
  options.least_squares.prepare = options.back_projection.prepare = g.prepare;
  g.support = options.least_squares.support = read_support(s.section("support"));
  options.compared = read_compared(s, options.algorithm);
  options.half_set_fsc = s.flag("half_set_fsc", options.half_set_fsc);
  options.refine = read_refine(s.section("angles"), g.prepare);

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
  const std::vector<int> elements = read_elements(s, "Pt");
  if (elements.empty()) s.fail("element", "allowed is an element, or several, such as \"Fe Pt\"");
  o.element = *std::max_element(elements.begin(), elements.end());
  o.min_distance_a = s.number("min_distance_a", o.min_distance_a, {0.01, 20});
  o.min_relative_height = s.number("min_relative_height", o.min_relative_height, {0, 0.999});
  o.upsampling = read_count(s, "upsampling", o.upsampling, {1, 6});
  const std::string method = s.choice("method", "polynomial", {"polynomial", "gaussian"});
  if (method == "gaussian") o.method = recon::PeakMethod::gaussian;
  o.residual_looks = read_count(s, "residual_looks", o.residual_looks, {0, 5});
  o.second_min_distance_a = s.number("second_min_distance_a", o.second_min_distance_a, {0, 20});
  if (elements.size() > 1) return o; // the classification says what is an atom
  const std::string rule = s.choice("non_atom_rule", "automatic", {"automatic", "fixed", "none"});
  if (rule == "none") o.non_atoms = recon::NonAtomRule::none;
  if (rule == "fixed") {
    o.non_atoms = recon::NonAtomRule::fixed;
    o.fixed_threshold = s.number("fixed_threshold", o.fixed_threshold, {1e-6, 0.999999});
  }
  return o;
}

/// Half angle about the beam that a single-axis series leaves out [degree]; 0 where tilts go all round.
double missing_wedge(const std::vector<core::Mat3>& orientations) {
  double largest = 0.0;
  for (const core::Mat3& r : orientations)
    largest = std::max(largest, std::abs(core::tilt_degrees(r)));
  return orientations.empty() ? 0.0 : std::clamp(90.0 - largest, 0.0, 80.0);
}

/// [classify], where [trace] names two or more elements.
recon::ClassifyOptions read_classify(const ConfigSection& s, const std::vector<int>& elements,
                                     double wedge_deg) {
  recon::ClassifyOptions o;
  if (elements.size() < 2) return o;
  o.elements = elements;
  o.non_atoms = recon::non_atom_method_from_name(
      s.choice("non_atoms", "automatic", {"automatic", "three_class_l1", "k_means_l1", "none"}));
  o.box_half_voxels = read_count(s, "box_half_voxels", o.box_half_voxels, {1, 8});
  o.radius_a = s.number("radius_a", o.radius_a, {0.01, 5});
  o.lowest_fraction = s.number("lowest_fraction", o.lowest_fraction, {1e-6, 0.5});
  o.local_radius_a = s.number("local_radius_a", o.local_radius_a, {0, 50});
  o.missing_wedge_deg = s.number("missing_wedge_deg", wedge_deg, {0, 80});
  o.least_bonds = read_count(s, "least_bonds", o.least_bonds, {0, 12});
  o.borderline_probability = s.number("borderline_probability", o.borderline_probability, {0.51, 1});
  return o;
}

/// [refine]: present means enabled, unless it says otherwise. The atoms are refined against the images as
/// they were taken, with the poses as given; so where the volume needed refined poses, the atoms need them
/// too.
std::optional<RefineSettings> read_refine(const ConfigSection& s, bool present,
                                          const std::optional<recon::PoseRefinementOptions>& of_volume) {
  if (!s.flag("enabled", present)) return std::nullopt;
  RefineSettings r;
  if (s.choice("method", "likelihood", {"likelihood", "published"}) == "published") {
    r.published.emplace();
    r.published->gradient.rounds = read_count(s, "rounds", r.published->gradient.rounds, {1, 1000});
    r.published->flip = s.flag("flip", r.published->flip);
    return r;
  }
  recon::RefineOptions& o = r.refine;
  o.threshold = s.number("threshold", o.threshold, {0, 1e6});
  o.flip_threshold = s.number("flip_threshold", o.flip_threshold, {0, 1e6});
  o.min_distance_a = s.number("min_distance_a", o.min_distance_a, {0.01, 20});
  o.max_iterations = read_count(s, "max_iterations", o.max_iterations, {1, 10000});
  o.add = s.flag("add", o.add);
  o.drop = s.flag("drop", o.drop);
  o.flip = s.flag("flip", o.flip);
  o.free.shift = s.flag("shifts", of_volume.has_value());
  o.free.angles = s.flag("angles", of_volume.has_value() && of_volume->turns);
  o.profile.terms = read_count(s, "terms", o.profile.terms, {1, 4});
  o.profile.depth_spread = o.profile.depth_fade = s.flag("depth", o.profile.depth_spread);
  o.profile.response = s.flag("response", o.profile.response);
  o.scatter = s.flag("scatter", o.scatter);
  o.defocus = s.flag("defocus", o.defocus);
  o.defocus_range_a = s.number("defocus_range_a", o.defocus_range_a, {0.1, 1e4});
  r.errors = s.flag("errors", r.errors);
  return r;
}

analysis::AnalysisOptions read_analyze(const ConfigSection& s) {
  analysis::AnalysisOptions o;
  if (s.has("neighbour_cutoff_a")) o.neighbour_cutoff_a = s.number("neighbour_cutoff_a", {0.1, 100});
  o.nuclei.radius_a = s.number("nucleus_radius_a", o.nuclei.radius_a, {0.1, 100});
  o.nuclei.threshold = s.number("nucleus_threshold", o.nuclei.threshold, {0, 2});
  o.nuclei.min_atoms = read_count(s, "nucleus_min_atoms", o.nuclei.min_atoms, {1, 1e9});
  return o;
}

/// [score] compare: models to be scored beside the recovered one.
std::vector<std::filesystem::path> read_compared(const ConfigSection& s, int frames) {
  std::vector<std::filesystem::path> models;
  const std::string names = s.text("compare", "");
  for (const std::string_view word : core::split_words(names))
    models.emplace_back(word);
  if (!models.empty() && models.size() != static_cast<std::size_t>(frames))
    s.fail("compare", fmt::format("one model for each of the {} moments is expected", frames));
  return models;
}

/// [checks]: limits on figures, by the keys that the table of figures gives them; those of single elements
/// for the elements of [trace].
std::vector<CheckSpec> read_checks(const ConfigSection& s, const std::vector<int>& atomic_numbers) {
  std::vector<std::string> elements;
  for (const int z : atomic_numbers)
    elements.push_back(core::element_symbol(z));
  std::vector<CheckSpec> checks;
  for (const CheckKey& limit : check_keys(elements))
    if (s.has(limit.key))
      checks.push_back(
          {limit.figure, limit.at_least ? Direction::at_least : Direction::at_most, s.number(limit.key, {})});
  return checks;
}

std::string yes_or_no(bool value) {
  return value ? "yes" : "no";
}

/// What follows from settings that are all read.
void derive(Case& c) {
  const bool taken = c.images->files.has_value();
  const bool exposures = c.images->microscope.frames_per_tilt > 1 && c.images->keep_frames &&
                         c.reconstruct->images.average_frames;
  const bool posed = c.reconstruct->refine.has_value();
  const bool sorted = c.classify->elements.size() > 1;
  const bool refined = c.refine->has_value();
  const AlgorithmChoice algorithms{c.reconstruct->algorithm, c.reconstruct->compared};
  std::string names = algorithm_name(algorithms.own);
  for (const Algorithm compared : algorithms.compared)
    names += fmt::format(" {}", algorithm_name(compared));
  auto& v = c.values;
  c.moments = derived(v, "number of moments", c.truth->frames, std::to_string(c.truth->frames));
  c.images_taken = derived(v, "images are taken", taken, yes_or_no(taken));
  c.every_exposure = derived(v, "recovery from every exposure", exposures, yes_or_no(exposures));
  c.poses_refined = derived(v, "poses are refined", posed, yes_or_no(posed));
  c.algorithms = derived(v, "algorithms of the volumes", algorithms, names);
  c.species_sorted = derived(v, "species are sorted", sorted, yes_or_no(sorted));
  c.atoms_refined = derived(v, "atoms are refined", refined, yes_or_no(refined));
}

/// Checks of several keys together.
void validate(const Case& c) {
  if (const auto& files = c.images->files;
      files && files->series.size() != static_cast<std::size_t>(c.truth->frames)) {
    c.config.root().section("images").fail(
        "files",
        fmt::format("there are {} moments of [truth]: one series for each is expected", c.truth->frames));
  }
  in_file(c.config, "images", [&] { validate(*c.images, *c.noise); });
  in_file(c.config, "truth", [&] { validate(*c.truth); });
  in_file(c.config, "reconstruct.bm3d", [&] { recon::validate(c.reconstruct->images.bm3d); });
  in_file(c.config, "trace", [&] { recon::check(*c.trace); });
  if (!c.classify->elements.empty()) in_file(c.config, "classify", [&] { recon::check(*c.classify); });
}

Case read_settings(core::Config config, const std::string& default_title) {
  const ConfigSection root = config.root();
  Case c(config);
  // Each group is read within one call, with whatever else it needs: its keys are those asked for there.
  const auto group = [&](auto read) { return read_group(config, read); };
  const auto seed = [&] { return static_cast<std::uint64_t>(root.integer("seed", 1, {0, 9e15})); };
  const bool refine_by_default = root.has("refine");
  c.title = group([&] { return root.text("title", default_title); });
  c.seed = group(seed);
  c.truth = group([&] { return read_truth(root.section("truth"), seed()); });
  c.truth.files = truth_inputs(*c.truth);
  c.images = group([&] { return read_images(root.section("images"), seed()); });
  c.images.files = image_inputs(*c.images);
  if (!c.images->files) {
    const auto tilts = c.images->orientations.size(); // which share a total dose
    c.noise = group([&] { return read_noise(root.section("images").section("noise"), tilts, seed()); });
    c.noise.keys.insert(c.images.keys.begin(), c.images.keys.end());
  }
  c.reconstruct = group([&] { return read_reconstruct(root.section("reconstruct"), seed()); });
  c.trace = group([&] { return read_trace(root.section("trace")); });
  c.classify = group([&] {
    return read_classify(root.section("classify"), read_elements(root.section("trace"), "Pt"),
                         missing_wedge(c.images->orientations));
  });
  c.refine = group([&] {
    auto refine = read_refine(root.section("refine"), refine_by_default, c.reconstruct->refine);
    if (refine && refine->published) refine->published->seed = seed();
    return refine;
  });
  c.analyze = group([&] { return read_analyze(root.section("analyze")); });
  c.compared_models = group([&] { return read_compared(root.section("score"), c.truth->frames); });
  c.checks =
      group([&] { return read_checks(root.section("checks"), read_elements(root.section("trace"), "Pt")); });
  config.reject_unknown_keys();
  validate(c);
  c.values = config.values();
  c.resolved_toml = config.resolved();
  derive(c);
  return c;
}

} // namespace

Case read_case(const std::filesystem::path& path, std::optional<std::uint64_t> seed) {
  core::Config config = core::Config::from_file(path);
  if (seed) config.replace("seed", static_cast<long>(*seed));
  return read_settings(std::move(config), path.stem().string());
}

Case read_case_text(const std::string& toml, const std::filesystem::path& name) {
  return read_settings(core::Config::from_text(toml, name.string()), name.stem().string());
}

} // namespace aet::validation
