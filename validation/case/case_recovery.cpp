#include "validation/case/case_recovery.hpp"

#include "recon/images/image_list.hpp"
#include "sim/core/error.hpp"
#include "sim/core/io/text_lines.hpp"
#include "validation/recovery/classification_report.hpp"

#include <Eigen/LU>
#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <string_view>

namespace aet::validation {

namespace {

using core::ConfigSection;

recon::Background read_background(const ConfigSection& s) {
  const std::string name = s.choice("background", "automatic", {"automatic", "none", "border", "per_image"},
                                    "what is subtracted from the images: border, the level at their edge; "
                                    "automatic, the same unless it is zero");
  if (name == "none") return recon::Background::none;
  if (name == "border") return recon::Background::border;
  return name == "per_image" ? recon::Background::per_image : recon::Background::automatic;
}

recon::SupportOptions read_support(const ConfigSection& s) {
  recon::SupportOptions o;
  const std::string shape =
      s.choice("shape", "cube", {"cube", "sphere", "automatic"},
               "shape of the region that may hold density; automatic follows the specimen");
  if (shape == "sphere") o.shape = recon::SupportShape::sphere;
  if (shape == "automatic") o.shape = recon::SupportShape::automatic;
  o.size = s.number("size", o.size, {0.01, 1.75},
                    "edge or diameter of the support as a fraction of the volume's edge");
  o.edge = s.number("edge_voxel", o.edge, {0, 100}, "width over which the support fades");
  o.margin_a =
      s.number("margin_a", o.margin_a, {0, 20}, "margin around the specimen, if the shape is automatic");
  return o;
}

std::optional<recon::PoseRefinementOptions> read_pose_refinement(const ConfigSection& s,
                                                                 const recon::ProjectionOptions& prepare) {
  recon::PoseRefinementOptions o;
  const std::string what =
      s.choice("refine", "off", {"off", "shifts", "all"},
               "which poses are refined before the volume: none, shifts, or shifts and angles");
  o.turns = what == "all";
  o.prepare = prepare;
  o.volume_iterations = s.count("volume_iterations", o.volume_iterations, {1, 10000},
                                "iterations of each volume that images are compared with");
  o.stages.back().rounds = s.count("rounds", o.stages.back().rounds, {1, 1000},
                                   "number of rounds, each with refined poses and a new volume");
  o.largest_turn_deg = s.number("largest_turn_deg", o.largest_turn_deg, {0.01, 45},
                                "an image turned further than this from its given angles is an error");
  const bool background =
      s.flag("background_by_common_line", false,
             "a background for each image, so that all have the same line along the tilt axis");
  if (o.tilt_axis) o.tilt_axis->background = background;
  if (what == "off") return std::nullopt;
  return o;
}

recon::DenoiseOptions read_denoise(const ConfigSection& s) {
  recon::DenoiseOptions o;
  o.way = recon::denoising_from(s.choice("denoise", "none", {"automatic", "none", "gaussian", "bm3d"},
                                         "denoising of the images before alignment and reconstruction"));
  o.gaussian_a =
      s.number("gaussian_a", o.gaussian_a, {0, 10}, "width of the Gaussian, if denoise is gaussian");
  const ConfigSection bm3d = s.section("bm3d");
  o.bm3d.threshold =
      bm3d.number("threshold", o.bm3d.threshold, {0, 10}, "threshold of coefficients, in units of the noise");
  o.bm3d.hard.step =
      bm3d.count("hard_step", o.bm3d.hard.step, {1, 8}, "step between reference blocks in the first pass");
  o.bm3d.hard.group = bm3d.count("hard_group", o.bm3d.hard.group, {1, 128}, "blocks in a group, first pass");
  o.bm3d.wiener.step = bm3d.count("wiener_step", o.bm3d.wiener.step, {1, 8},
                                  "step between reference blocks in the second pass");
  o.bm3d.wiener.group =
      bm3d.count("wiener_group", o.bm3d.wiener.group, {1, 128}, "blocks in a group, second pass");
  o.bm3d.hard.window = o.bm3d.wiener.window =
      bm3d.count("window", o.bm3d.hard.window, {1, 255}, "edge of the region searched for similar blocks");
  return o;
}

/// Background and smoothing of the images that volumes are made of.
recon::ProjectionOptions read_projections(const ConfigSection& s) {
  recon::ProjectionOptions o;
  o.background = read_background(s);
  o.smoothing = s.number("smoothing_a", o.smoothing, {0, 10},
                         "width of a Gaussian over the images before the volume is made");
  return o;
}

/// compare = "least_squares wbp": other algorithms on the same images.
std::vector<recon::Algorithm> read_compared(const ConfigSection& s, recon::Algorithm own) {
  std::vector<recon::Algorithm> out;
  const std::string names = s.text(
      "compare", "", "further algorithms applied to the same images, whose volumes are scored as well");
  for (const std::string_view name : core::split_words(names)) {
    try {
      out.push_back(recon::algorithm_from(std::string(name)));
    } catch (const core::ConfigError& e) {
      s.fail("compare", e.what());
    }
    if (out.back() == own) s.fail("compare", "names the algorithm that is used anyway");
  }
  return out;
}

/// Whole numbers of a list.
std::vector<int> whole_numbers(const ConfigSection& s, const std::string& key, core::Range allowed,
                               const std::string& meaning) {
  std::vector<int> out;
  for (const double v : s.numbers(key, {}, allowed, meaning)) {
    if (v != std::floor(v)) s.fail(key, fmt::format("{} is no whole number of pixels", v));
    out.push_back(static_cast<int>(v));
  }
  return out;
}

std::optional<recon::CropWindow> read_crop(const ConfigSection& s) {
  const std::vector<int> w =
      whole_numbers(s, "crop", {0, 65536},
                    "window of the images that is kept, in pixels: x, y, width, height, "
                    "or width, height about the middle; empty: all");
  if (w.empty()) return std::nullopt;
  if (w.size() == 2) return recon::CropWindow{std::nullopt, w[0], w[1]};
  if (w.size() == 4) return recon::CropWindow{Eigen::Vector2i(w[0], w[1]), w[2], w[3]};
  s.fail("crop", "four numbers, x, y, width and height, or two, width and height, are expected");
}

recon::AxisPlacement read_axis(const ConfigSection& s) {
  recon::AxisPlacement o;
  o.find =
      s.choice("tilt_axis", "given", {"given", "automatic"},
               "automatic: find what is not given of its angle and place from the images") == "automatic";
  o.angle_deg =
      s.optional_number("tilt_axis_deg", {-180, 180},
                        "from y to the tilt axis, counterclockwise with x to the right and y upwards; "
                        "left out: as the angles say, along y");
  const std::vector<double> place =
      s.numbers("tilt_axis_px", {}, {-655360, 655360},
                "x, y of a place on the axis in the images as they were taken; empty: as the series says, or "
                "the middle, pixel n/2");
  if (place.empty()) return o;
  if (place.size() != 2) s.fail("tilt_axis_px", "two numbers, x and y of a place on the axis, are expected");
  o.position_px = core::Vec2(place[0], place[1]);
  return o;
}

} // namespace

std::vector<int> read_elements(const ConfigSection& section) {
  const std::string symbols =
      section.text("element", "Pt", "element, or several that are classified blindly, such as \"Fe Pt\"");
  try {
    return elements_from_text(symbols);
  } catch (const core::DataError& e) {
    section.fail("element", e.what());
  }
}

recon::ImageOptions read_prepare(const ConfigSection& s) {
  recon::ImageOptions o;
  o.images = s.text("images", o.images,
                    "images that are kept, counted from 0, such as \"0-9, 12, 20-45/5\"; empty: all");
  try {
    recon::check_image_list(o.images); // how many there are is not known yet
  } catch (const core::ConfigError& e) {
    s.fail("images", e.what());
  }
  o.hot_pixels = s.flag("hot_pixels", o.hot_pixels, "replaced by the median of their neighbours");
  o.crop = read_crop(s);
  o.bin = s.count("bin", o.bin, {1, 64}, "counts of so many pixels along x and y are added up");
  o.average_exposures = s.flag("average_exposures", o.average_exposures,
                               "several exposures per tilt are registered and averaged");
  o.pad = s.count("pad", o.pad, {0, 32768},
                  "edge of the square that images are put into, in pixels after binning; 0: none; what is "
                  "added is masked");
  o.axis = read_axis(s);
  const ConfigSection exposures = s.section("exposures");
  o.registration.drift = exposures.flag("drift", o.registration.drift,
                                        "correct the drift within exposures, which distorts their scan");
  o.registration.duty = exposures.number("duty", o.registration.duty, {0.01, 1},
                                         "fraction of the exposure time in which pixels are recorded");
  o.registration.max_shift =
      exposures.number("max_shift", o.registration.max_shift, {0.01, 0.5},
                       "largest shift between exposures, as a fraction of the image's edge");
  const std::vector<double> m = exposures.numbers("scan_matrix", {1, 0, 0, 1}, {-2, 2},
                                                  "true position = matrix x nominal position, by rows");
  if (m.size() != 4)
    exposures.fail("scan_matrix", "holds four numbers: true position = matrix x nominal position");
  o.registration.scan_matrix << m[0], m[1], m[2], m[3];
  if (!(std::abs(o.registration.scan_matrix.determinant()) > 0.1))
    exposures.fail("scan_matrix", "cannot be inverted: a calibrated scan is near 1, 0, 0, 1");
  return o;
}

recon::AlignmentOptions read_align(const ConfigSection& s, const ConfigSection& reconstruct) {
  return {read_denoise(reconstruct), read_pose_refinement(s, read_projections(reconstruct))};
}

recon::ReconstructionOptions read_reconstruct(const ConfigSection& s, std::uint64_t seed) {
  recon::ReconstructionOptions options;
  options.denoise = read_denoise(s);
  recon::GenfireOptions& g = options.genfire;
  options.algorithm = recon::algorithm_from(
      s.choice("algorithm", "least_squares", {"least_squares", "genfire", "wbp"},
               "least_squares, stopped by withheld images; genfire as published; wbp, the baseline"));
  g.iterations = options.least_squares.iterations = s.count(
      "iterations", g.iterations, {1, 1e6}, "number of iterations; for least_squares the largest number");
  g.positivity = options.least_squares.positivity =
      s.flag("positivity", g.positivity, "negative density is not allowed");
  g.prepare = read_projections(s);
  options.least_squares.prepare = options.back_projection.prepare = g.prepare;
  g.support = options.least_squares.support = read_support(s.section("support"));
  options.compared = read_compared(s, options.algorithm);
  options.half_set_fsc = s.flag("half_set_fsc", options.half_set_fsc,
                                "Fourier shell correlation of two volumes, each from every other image");

  const ConfigSection genfire = s.section("genfire");
  g.oversampling = genfire.number("oversampling", g.oversampling, {1, 8},
                                  "edge of the padded grid, in units of the image's edge");
  g.threshold = genfire.number("threshold_voxel", g.threshold, {1e-6, 4},
                               "Fourier points within this distance of a grid point contribute to it");
  const std::string gridding =
      genfire.choice("gridding", "dft", {"dft", "fft"},
                     "how their values are computed: exactly, or from a padded fast transform");
  g.gridding = gridding == "dft" ? recon::GriddingMethod::dft : recon::GriddingMethod::fft;
  g.momentum =
      genfire.flag("momentum", g.momentum, "accelerated iterations, which converge to the same volume");
  g.withheld_fraction = genfire.number("withheld_fraction", g.withheld_fraction, {0, 0.5},
                                       "fraction of the measured points withheld for R_free");
  const std::string schedule =
      genfire.choice("resolution", "off", {"off", "extension", "extension_suppression"},
                     "published schedules that add high resolution late");
  if (schedule == "extension") g.schedule = recon::ResolutionSchedule::extension;
  if (schedule == "extension_suppression") g.schedule = recon::ResolutionSchedule::extension_suppression;
  g.seed = seed;

  const ConfigSection least_squares = s.section("least_squares");
  const std::optional<double> blob = least_squares.optional_number(
      "blob_a", {0, 2},
      "standard deviation of the Gaussians of which the volume is a sum, 0: of voxels; left out: as wide as "
      "atoms in the images, or voxels where smoothing_a is not 0");
  options.choose_blobs = !blob && options.least_squares.prepare.smoothing == 0.0;
  options.least_squares.blob_sd_a = blob.value_or(0.0);
  options.least_squares.prepare.extent =
      least_squares.number("extent", options.least_squares.prepare.extent, {1, 3},
                           "edge of the volume as a multiple of the images' edge; above 1 for a specimen "
                           "larger than the field: what "
                           "lies outside an image is unknown, not zero");
  options.least_squares.withheld_every =
      least_squares.count("withheld_every", options.least_squares.withheld_every, {0, 1000},
                          "one image in this many is withheld, to stop the iterations; 0: none");
  return options;
}

recon::TraceOptions read_trace(const ConfigSection& s) {
  recon::TraceOptions o;
  const std::vector<int> elements = read_elements(s);
  if (elements.empty()) s.fail("element", "allowed is an element, or several, such as \"Fe Pt\"");
  o.element = *std::max_element(elements.begin(), elements.end());
  o.min_distance_a =
      s.number("min_distance_a", o.min_distance_a, {0.01, 20}, "smallest distance between two atoms");
  o.min_relative_height = s.number("min_relative_height", o.min_relative_height, {0, 0.999},
                                   "height of a peak, as a fraction of the highest");
  o.upsampling =
      s.count("upsampling", o.upsampling, {1, 6}, "of the volume by splines, before the search for maxima");
  const std::string method =
      s.choice("method", "polynomial", {"polynomial", "gaussian"},
               "how peaks are fitted: polynomial (Zhou et al. 2019) or gaussian (Yang et al. 2017)");
  if (method == "gaussian") o.method = recon::PeakMethod::gaussian;
  o.residual_looks =
      s.count("residual_looks", o.residual_looks, {0, 5},
              "number of times that the atoms found are subtracted and the residual is searched again");
  o.second_min_distance_a =
      s.number("second_min_distance_a", o.second_min_distance_a, {0, 20},
               "of a second pass with a smaller distance, compared atom by atom; 0: none");
  if (elements.size() > 1) return o; // the classification says what is an atom
  const std::string rule = s.choice("non_atom_rule", "automatic", {"automatic", "fixed", "none"},
                                    "how peaks too dim to be atoms are recognised: by the valley below the "
                                    "atoms, by fixed_threshold, not at all");
  if (rule == "none") o.non_atoms = recon::NonAtomRule::none;
  if (rule == "fixed") {
    o.non_atoms = recon::NonAtomRule::fixed;
    o.fixed_threshold = s.number("fixed_threshold", o.fixed_threshold, {1e-6, 0.999999},
                                 "peaks below this fraction of the median intensity are rejected");
  }
  return o;
}

recon::ClassifyOptions read_classify(const ConfigSection& s, const std::vector<int>& elements,
                                     double wedge_deg) {
  recon::ClassifyOptions o;
  if (elements.size() < 2) return o;
  o.elements = elements;
  o.non_atoms = recon::non_atom_method_from_name(
      s.choice("non_atoms", "automatic", {"automatic", "three_class_l1", "k_means_l1", "none"},
               "how peaks too dim to be atoms are recognised"));
  o.box_half_voxels = s.count("box_half_voxels", o.box_half_voxels, {1, 8},
                              "half edge of the box over which an atom's intensity is summed");
  o.radius_a = s.number("radius_a", o.radius_a, {0.01, 5}, "of the sphere within that box; 5: the whole box");
  o.lowest_fraction = s.number("lowest_fraction", o.lowest_fraction, {1e-6, 0.5},
                               "fraction of the peaks taken as certain non-atoms at the start");
  o.local_radius_a = s.number("local_radius_a", o.local_radius_a, {0, 50},
                              "of the neighbourhood for local re-classification; 0: none");
  o.missing_wedge_deg = s.number("missing_wedge_deg", wedge_deg, {0, 80},
                                 "half angle of the missing wedge about the beam, where atoms are weaker");
  o.least_bonds =
      s.count("least_bonds", o.least_bonds, {0, 12}, "doubtful atoms with fewer neighbours are rejected");
  o.borderline_probability = s.number("borderline_probability", o.borderline_probability, {0.51, 1},
                                      "species with a lower probability are doubtful");
  return o;
}

namespace {

/// physics, physics_..., [refine.instrument].
std::optional<PhysicsSettings> read_physics(const ConfigSection& s) {
  if (s.choice("physics", "linear", {"linear", "multislice"},
               "an image is a sum of atoms; or around it a correction by multislice images of the model") ==
      "linear")
    return std::nullopt;
  PhysicsSettings p;
  p.defect.rounds = s.count("physics_rounds", p.defect.rounds, {1, 20},
                            "of simulation and refinement, at most; they end where atoms rest");
  p.defect.source_sd_a = s.optional_number("physics_source_sd_a", {0, 2},
                                           "size of the source, rms; left out: as fits the images best");
  p.u_rms_a = s.numbers("physics_u_rms_a", p.u_rms_a, {0, 0.25},
                        "thermal displacement per axis, for all atoms or for each element by rising "
                        "atomic number");
  const ConfigSection i = s.section("instrument");
  core::Microscope& m = p.instrument;
  m.energy_kv =
      i.optional_number("energy_kv", {20, 1000}, "of the beam; left out: as recorded with the series");
  m.convergence_mrad =
      i.optional_number("convergence_mrad", {1, 100}, "half angle of the probe; left out: as recorded");
  m.detector_inner_mrad =
      i.optional_number("detector_inner_mrad", {1, 500}, "of the annular detector; left out: as recorded");
  m.detector_outer_mrad =
      i.optional_number("detector_outer_mrad", {1, 500}, "of the annular detector; left out: as recorded");
  m.c3_mm = i.optional_number("c3_mm", {-10, 10}, "spherical aberration; left out: as recorded, or 0");
  m.c5_mm = i.optional_number("c5_mm", {-1000, 1000},
                              "spherical aberration of fifth order; left out: as recorded, or 0");
  return p;
}

} // namespace

std::optional<RefineSettings> read_refine(const ConfigSection& s, bool present,
                                          const std::optional<recon::PoseRefinementOptions>& of_volume) {
  if (!s.flag("enabled", present, "atoms are refined against the images")) return std::nullopt;
  RefineSettings r;
  if (s.choice("method", "likelihood", {"likelihood", "published"},
               "likelihood of the raw images, or the papers' least squares") == "published") {
    r.published.emplace();
    r.published->gradient.rounds =
        s.count("rounds", r.published->gradient.rounds, {1, 1000},
                "number of rounds of ten steps in H and B and ten in the positions");
    r.published->flip =
        s.flag("flip", r.published->flip, "species of doubtful atoms are decided by the images");
    return r;
  }
  recon::RefineOptions& o = r.refine;
  o.threshold = s.number("threshold", o.threshold, {0, 1e6},
                         "evidence required for an atom: twice the log likelihood ratio, over the misfit; 0: "
                         "where it is as likely there as not");
  o.structure =
      s.flag("structure", o.structure,
             "atoms are judged in the end by how densely places with so many neighbours are taken in "
             "the model itself (where threshold is 0); fills vacancies that the images show too faintly");
  o.flip_threshold =
      s.number("flip_threshold", o.flip_threshold, {0, 1e6}, "evidence required to change a species");
  o.min_distance_a =
      s.number("min_distance_a", o.min_distance_a, {0.01, 20}, "atoms closer than this are merged");
  o.max_iterations = s.count("max_iterations", o.max_iterations, {1, 10000},
                             "largest number of iterations, including edits of the model");
  o.add = s.flag("add", o.add, "atoms are added where the residual images show one");
  o.drop = s.flag("drop", o.drop, "atoms that the images contradict are removed");
  o.flip = s.flag("flip", o.flip, "atoms change species where the images favour another");
  o.free.shift = s.flag("shifts", of_volume.has_value(), "shifts of every image are refined with the atoms");
  o.free.angles = s.flag("angles", of_volume.has_value() && of_volume->turns,
                         "angles of every image are refined with the atoms");
  o.profile.terms = s.count("terms", o.profile.terms, {1, 4}, "Gaussians in the profile of a species");
  o.depth = s.flag("depth", o.depth, "profiles change with height where the images show that they do");
  o.profile.response = s.flag("response", o.profile.response, "signal may grow more slowly than thickness");
  o.scatter = s.flag(
      "scatter", o.scatter,
      "displacements and strengths that vary from image to image are estimated and taken into account");
  o.defocus = s.flag("defocus", o.defocus, "defocus of every image is refined with the atoms");
  o.defocus_range_a =
      s.number("defocus_range_a", o.defocus_range_a, {0.1, 1e4}, "largest change of defocus of an image");
  r.errors = s.flag("errors", r.errors, "standard errors of the refined atoms");
  r.physics = read_physics(s);
  return r;
}

} // namespace aet::validation
