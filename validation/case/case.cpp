#include "validation/case/case.hpp"

#include "sim/core/elements.hpp"
#include "sim/core/error.hpp"
#include "sim/core/io/text_lines.hpp"
#include "sim/core/tilt_series.hpp"
#include "sim/md/vibrations.hpp"
#include "validation/case/case_recovery.hpp"
#include "validation/figures/table.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
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

/// Half angle about the beam that a single-axis series leaves out [degree]; 0 where tilts go all round.
double missing_wedge(const std::vector<core::Mat3>& orientations) {
  double largest = 0.0;
  for (const core::Mat3& r : orientations)
    largest = std::max(largest, std::abs(core::tilt_degrees(r)));
  return orientations.empty() ? 0.0 : std::clamp(90.0 - largest, 0.0, 80.0);
}

analysis::AnalysisOptions read_analyze(const ConfigSection& s) {
  analysis::AnalysisOptions o;
  o.neighbour_cutoff_a = s.optional_number("neighbour_cutoff_a", {0.1, 100},
                                           "largest distance of bonded atoms; left out: by neighbour_cutoff");
  o.cutoff_rule =
      s.choice("neighbour_cutoff", "published", {"published", "first_minimum"},
               "published: 3.8 A for Pt, else the first valley of the pair distribution of the "
               "truth's first moment, for all; first_minimum: each moment's own valley") == "published"
          ? analysis::CutoffRule::published
          : analysis::CutoffRule::first_minimum;
  o.nuclei.radius_a = s.number("nucleus_radius_a", o.nuclei.radius_a, {0.1, 100},
                               "atoms of a nucleus are joined within this distance");
  o.nuclei.threshold = s.number("nucleus_threshold", o.nuclei.threshold, {0, 2},
                                "smallest order parameter of an atom of a nucleus");
  o.nuclei.min_atoms =
      s.count("nucleus_min_atoms", o.nuclei.min_atoms, {1, 1e9}, "fewest atoms of a nucleus");
  o.nuclei.persistence =
      s.number("nucleus_persistence", o.nuclei.persistence, {0, 100},
               "maxima of one crystal are one nucleus where the order between them dips by no more than so "
               "many standard errors; 0: every local maximum is a nucleus, as published");
  return o;
}

/// [analyze.chemistry]
analysis::ChemistryOptions read_chemistry(const ConfigSection& s) {
  analysis::ChemistryOptions o;
  o.chemical.kernel_cells = s.number("kernel_cells", o.chemical.kernel_cells, {0.1, 5},
                                     "standard deviation of the Gaussian kernel, in cube edges");
  o.nuclei.radius_a = s.number("nucleus_radius_a", o.nuclei.radius_a, {0.1, 100},
                               "atoms of a nucleus are joined within this distance");
  o.nuclei.threshold =
      s.number("nucleus_threshold", o.nuclei.threshold, {0, 1}, "smallest order of an atom of a nucleus");
  o.nuclei.min_atoms =
      s.count("nucleus_min_atoms", o.nuclei.min_atoms, {1, 1e9}, "fewest atoms of a nucleus");
  o.nuclei.persistence = s.number("nucleus_persistence", o.nuclei.persistence, {0, 100},
                                  "as [analyze] nucleus_persistence, with the error that the number of sites "
                                  "under the kernel makes");
  return o;
}

/// [score] compare: models to be scored beside the recovered one.
std::vector<std::filesystem::path> read_compared(const ConfigSection& s, int frames) {
  std::vector<std::filesystem::path> models;
  const std::string names = s.text("compare", "", "other models, one per moment, to be scored as well");
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
  for (const CheckKey& limit : check_keys(elements)) {
    const std::string_view unit = unit_of(limit.figure);
    const auto value =
        s.optional_number(limit.key, {},
                          fmt::format("{} of {}{}", limit.at_least ? "smallest" : "largest", limit.figure,
                                      unit.empty() ? std::string() : fmt::format(" [{}]", unit)));
    if (value)
      checks.push_back({limit.figure, limit.at_least ? Direction::at_least : Direction::at_most, *value});
  }
  return checks;
}

std::string yes_or_no(bool value) {
  return value ? "yes" : "no";
}

/// What follows from settings that are all read.
void derive(Case& c) {
  const bool taken = c.images->files.has_value();
  const bool exposures =
      c.images->microscope.exposures_per_tilt > 1 && c.images->keep_exposures && c.prepare->average_exposures;
  const bool posed = c.align->refine.has_value();
  const bool sorted = c.classify->elements.size() > 1;
  const bool refined = c.refine->has_value();
  const bool with_atoms = refined && !(*c.refine)->published &&
                          ((*c.refine)->refine.free.shift || (*c.refine)->refine.free.angles);
  const AlgorithmChoice algorithms{c.reconstruct->algorithm, c.reconstruct->compared};
  std::string names = recon::algorithm_name(algorithms.own);
  for (const recon::Algorithm compared : algorithms.compared)
    names += fmt::format(" {}", recon::algorithm_name(compared));
  auto& v = c.values;
  c.moments = derived(v, "number of moments", c.truth->frames, std::to_string(c.truth->frames));
  c.images_taken = derived(v, "images are taken", taken, yes_or_no(taken));
  c.every_exposure = derived(v, "recovery from every exposure", exposures, yes_or_no(exposures));
  c.poses_refined = derived(v, "poses are refined", posed, yes_or_no(posed));
  c.poses_with_atoms = derived(v, "poses are refined with the atoms", with_atoms, yes_or_no(with_atoms));
  c.algorithms = derived(v, "algorithms of the volumes", algorithms, names);
  c.species_sorted = derived(v, "species are sorted", sorted, yes_or_no(sorted));
  c.atoms_refined = derived(v, "atoms are refined", refined, yes_or_no(refined));
}

/// There are as many moments of a trajectory as an image needs; files are read for it, before work starts.
void check_phonon_trajectory(const Case& c) {
  if (!c.images->phonon_trajectory) return;
  const ConfigSection images = c.config.root().section("images");
  const auto& files = c.images->phonon_trajectory->files;
  const int needed = snapshots_needed(*c.images);
  const auto require_enough = [&](std::size_t there, const std::string& where, const std::string& remedy) {
    if (static_cast<std::size_t>(needed) <= there) return;
    images.fail("phonon_configurations",
                fmt::format("each image needs {} moment{} of the trajectory, but {} holds {}: {}", needed,
                            needed == 1 ? "" : "s", where, there, remedy));
  };
  if (files.empty()) {
    if (c.truth->source != TruthSource::md) {
      images.fail("phonons",
                  "this truth is not made by molecular dynamics and has no trajectory: name a file "
                  "of moments with phonon_trajectory, or use phonons = \"pairs\"");
    }
    const int averaged = c.truth->droplet.imaging.frames;
    require_enough(static_cast<std::size_t>(averaged), "the truth, by [truth] frames_averaged,",
                   fmt::format("set frames_averaged = {}, or fewer configurations", needed));
    return;
  }
  if (files.size() != static_cast<std::size_t>(c.truth->frames)) {
    images.fail(
        "phonon_trajectory",
        fmt::format("there are {} moments of [truth]: one file for each is expected", c.truth->frames));
  }
  for (const auto& path : files) {
    const std::size_t there = md::read_snapshots(path).size();
    require_enough(there, fmt::format("'{}'", path.string()), "give more of them, or fewer configurations");
  }
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
  check_phonon_trajectory(c);
  in_file(c.config, "reconstruct.bm3d", [&] { recon::check(c.reconstruct->denoise); });
  in_file(c.config, "trace", [&] { recon::check(*c.trace); });
  if (!c.classify->elements.empty()) in_file(c.config, "classify", [&] { recon::check(*c.classify); });
}

Case read_settings(core::Config config, const std::string& default_title) {
  config.accept_old_names(renamed_settings());
  const ConfigSection root = config.root();
  Case c(config);
  // Each group is read within one call, with whatever else it needs: its keys are those asked for there.
  const auto group = [&](auto read) { return read_group(config, read); };
  const auto seed = [&] {
    return static_cast<std::uint64_t>(root.integer("seed", 1, {0, 9e15}, "of all random streams"));
  };
  const bool refine_by_default = root.has("refine");
  c.title = group([&] { return root.text("title", default_title, "of the report"); });
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
  c.prepare = group([&] { return read_prepare(root.section("prepare")); });
  c.align = group([&] { return read_align(root.section("align"), root.section("reconstruct")); });
  c.reconstruct = group([&] { return read_reconstruct(root.section("reconstruct"), seed()); });
  c.trace = group([&] { return read_trace(root.section("trace")); });
  c.classify = group([&] {
    return read_classify(root.section("classify"), read_elements(root.section("trace")),
                         missing_wedge(c.images->orientations));
  });
  c.refine = group([&] {
    auto refine = read_refine(root.section("refine"), refine_by_default, c.align->refine);
    if (refine && refine->published) refine->published->seed = seed();
    return refine;
  });
  c.analyze = group([&] { return read_analyze(root.section("analyze")); });
  c.chemistry = group([&] { return read_chemistry(root.section("analyze").section("chemistry")); });
  c.chance = group([&] {
    return root.section("analyze").flag(
        "chance", true,
        "nuclei are held against those that chance makes in a fluid, or on the "
        "same sites with species permuted");
  });
  c.compared_models = group([&] { return read_compared(root.section("score"), c.truth->frames); });
  c.checks = group([&] { return read_checks(root.section("checks"), read_elements(root.section("trace"))); });
  config.reject_unknown_keys();
  validate(c);
  c.values = config.values();
  c.resolved_toml = config.resolved();
  derive(c);
  return c;
}

} // namespace

const std::vector<core::RenamedKey>& renamed_settings() {
  static const std::vector<core::RenamedKey> renamed{
      {"images.microscope.frames_per_tilt", "images.microscope.exposures_per_tilt"},
      {"images.microscope.keep_frames", "images.microscope.keep_exposures"},
      {"images.microscope.drift.speed_a_per_frame", "images.microscope.drift.speed_a_per_exposure"},
      {"images.microscope.drift.speed_sd_a_per_frame", "images.microscope.drift.speed_sd_a_per_exposure"},
      {"reconstruct.hot_pixels", "prepare.hot_pixels"},
      {"reconstruct.average_frames", "prepare.average_exposures"},
      {"reconstruct.average_exposures", "prepare.average_exposures"},
      {"reconstruct.frames", "prepare.exposures"},
      {"reconstruct.exposures", "prepare.exposures"},
      {"reconstruct.angles", "align"},
  };
  return renamed;
}

Case read_case(const std::filesystem::path& path, std::optional<std::uint64_t> seed) {
  core::Config config = core::Config::from_file(path);
  if (seed) config.set("seed", std::to_string(*seed));
  return read_settings(std::move(config), path.stem().string());
}

Case read_case_text(const std::string& toml, const std::filesystem::path& name) {
  return read_settings(core::Config::from_text(toml, name.string()), name.stem().string());
}

} // namespace aet::validation
