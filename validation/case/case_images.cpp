#include "validation/case/case_images.hpp"

#include "sim/core/error.hpp"
#include "sim/core/io/angle_files.hpp"
#include "sim/core/io/atom_files.hpp"
#include "sim/core/io/text_lines.hpp"
#include "sim/stem/tilt_schemes.hpp"
#include "validation/case/case_probe.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cstddef>

namespace aet::validation {

namespace {

using core::ConfigSection;

/// Exactly `count` numbers.
std::vector<double> read_list(const ConfigSection& s, const std::string& key,
                              const std::vector<double>& fallback, core::Range allowed,
                              const std::string& meaning) {
  std::vector<double> values = s.numbers(key, fallback, allowed, meaning);
  if (values.size() != fallback.size())
    s.fail(key, fmt::format("holds {} numbers, {} are needed", values.size(), fallback.size()));
  return values;
}

/// Three angles [degree] a line: phi theta psi.
void read_euler_file(const ConfigSection& s, ImagesCase& images) {
  const std::string path =
      s.required_text("euler_file", "three angles (phi theta psi) for each image, one per line");
  const bool published =
      s.choice("euler_convention", "aetval", {"aetval", "published"},
               "of that file: r' = R r, or its inverse, as in published data") == "published";
  images.angles_file = path;
  images.orientations =
      core::read_angles(path, published ? core::AngleConvention::resire : core::AngleConvention::stage)
          .rotations;
}

std::vector<double> read_range(const ConfigSection& s, std::uint64_t seed) {
  std::vector<std::string> schemes{"range", "cosine", "full_turn"};
  for (const stem::PublishedTilts& p : stem::published_tilts())
    schemes.push_back(p.name);
  const std::string scheme =
      s.choice("tilt_scheme", "range", schemes,
               "how tilts are spread: evenly, as the cosine, all round, or as a published series");
  std::vector<double> angles;
  for (const stem::PublishedTilts& p : stem::published_tilts()) {
    if (scheme == p.name) angles = stem::tilts_by_count(p.first_deg, p.last_deg, p.count);
  }
  if (scheme == "full_turn")
    angles = stem::full_turn_tilts(s.count("tilt_count", 120, {3, 3600}, "number of tilts"));
  if (scheme == "range" || scheme == "cosine") {
    const double first = s.number("tilt_first_deg", -63.0, {-360, 360}, "first tilt");
    const double last = s.number("tilt_last_deg", 63.0, {-360, 360}, "last tilt, included");
    if (!(last > first)) s.fail("tilt_last_deg", fmt::format("must be above tilt_first_deg = {}", first));
    if (s.has("tilt_step_deg")) {
      if (s.has("tilt_count") || scheme == "cosine")
        s.fail("tilt_step_deg",
               "give either this or tilt_count, not both; steps as the cosine need tilt_count");
      angles = stem::tilts_by_step(
          first, last, s.number("tilt_step_deg", {0.05, 180}, "between tilts; instead of tilt_count"));
    } else {
      const int count = s.count("tilt_count", 43, {2, 3600}, "number of tilts");
      try {
        angles = scheme == "range" ? stem::tilts_by_count(first, last, count)
                                   : stem::tilts_by_cosine(first, last, count);
      } catch (const core::ConfigError& e) {
        s.fail("tilt_scheme", e.what());
      }
    }
  }
  return stem::jittered(
      std::move(angles),
      s.number("tilt_jitter_deg", 0.0, {0, 10}, "rms of random changes to the nominal tilts"), seed);
}

void read_tilts(const ConfigSection& s, std::uint64_t seed, ImagesCase& images) {
  const bool list = s.has("tilts_deg");
  const bool file = s.has("euler_file");
  for (const char* other : {"tilt_scheme", "tilt_first_deg", "tilt_last_deg", "tilt_count", "tilt_step_deg",
                            "tilt_jitter_deg", "euler_file"}) {
    if (list && s.has(other))
      s.fail("tilts_deg", fmt::format("give either this list or {}, not both", other));
    if (file && s.has(other) && std::string(other) != "euler_file")
      s.fail("euler_file", fmt::format("give either this file or {}, not both", other));
  }
  if (file) {
    read_euler_file(s, images);
    return;
  }
  images.tilts_deg = list ? s.numbers("tilts_deg", {}, {-360, 360}, "every tilt angle, instead of a scheme")
                          : read_range(s, seed);
  if (images.tilts_deg.empty()) s.fail("tilts_deg", "holds no tilts: give at least one angle");
  images.orientations = stem::single_axis_tilts(images.tilts_deg);
}

/// Further detectors in segments, each of them a range of its own.
void read_segments(const ConfigSection& detector, stem::FurtherSignals& further) {
  const std::vector<double> edges =
      detector.numbers("segments_mrad", {}, {0, 500},
                       "inner and outer angle of each further detector that is cut into segments");
  if (edges.size() % 2 != 0) {
    detector.fail("segments_mrad", fmt::format("holds {} angles: give an inner and an outer one for each "
                                               "detector, for example [0, 30]",
                                               edges.size()));
  }
  const int segments = detector.count("segments", 4, {2, 64}, "number of equal segments of those detectors");
  const double rotation = detector.number("segments_rotation_deg", 0.0, {-360, 360},
                                          "azimuth at which the first begins, from x towards y");
  for (std::size_t i = 0; i + 1 < edges.size(); i += 2) {
    for (int k = 0; k < segments; ++k)
      further.ranges.push_back({edges[i], edges[i + 1], segments, k, rotation});
  }
}

void read_physics(const ConfigSection& s, stem::StemOptions& o) {
  const std::string method = s.choice("method", "fast", {"fast", "multislice", "kinematic"},
                                      "fast; multislice, the reference; kinematic, the linear model");
  o.method = method == "fast" ? stem::Method::fast
                              : (method == "multislice" ? stem::Method::multislice : stem::Method::kinematic);
  o.factors = s.choice("factors", "lobato", {"lobato", "kirkland"}, "table of scattering factors") == "lobato"
                  ? stem::FactorTable::lobato
                  : stem::FactorTable::kirkland;
  stem::set_accuracy(o, s.number("accuracy", 0.005, {0.002, 0.1},
                                 "accuracy aimed at by the fast method, as R1 of an image; along columns of "
                                 "atoms its settings are made finer for it, unless they are given"));
  const stem::StemOptions chosen = o;
  o.slices.thickness_a = s.number("slice_a", o.slices.thickness_a, {0.1, 10}, "thickness of a slice");
  o.probe = read_probe(s.section("probe"));

  const ConfigSection detector = s.section("detector");
  o.detector.inner_mrad =
      detector.number("inner_mrad", o.detector.inner_mrad, {1, 500}, "of the annular detector");
  o.detector.outer_mrad =
      detector.number("outer_mrad", o.detector.outer_mrad, {1, 500}, "of the annular detector");
  const std::vector<double> edges =
      detector.numbers("further_mrad", {}, {0, 500}, "inner and outer angle of each further detector");
  if (edges.size() % 2 != 0) {
    detector.fail("further_mrad",
                  fmt::format("holds {} angles: give an inner and an outer one for each further "
                              "detector, for example [0, 30, 0, 38]",
                              edges.size()));
  }
  for (std::size_t i = 0; i + 1 < edges.size(); i += 2)
    o.further.ranges.push_back({.inner_mrad = edges[i], .outer_mrad = edges[i + 1]});
  read_segments(detector, o.further);
  o.further.pattern_bin_mrad =
      detector.number("pattern_bin_mrad", o.further.pattern_bin_mrad, {0, 100},
                      "width of the rings of a recorded diffraction pattern; 0: none");

  const ConfigSection fast = s.section("fast");
  o.fast.exact_depth_a = fast.number(
      "exact_depth_a", o.fast.exact_depth_a, {0, 2},
      "atoms within this distance of the rays act at their exact height in the fast method; 0: none");
  o.fast.window_a = fast.number("window_a", o.fast.window_a, {8, 64}, "edge of the probe's window");
  o.fast.pixel_a = fast.number("pixel_a", o.fast.pixel_a, {0.02, 0.2}, "of the wave");
  if (o.fast != chosen.fast || o.slices.thickness_a != chosen.slices.thickness_a) o.fast.accuracy = 0.0;
  const ConfigSection multislice = s.section("multislice");
  o.reference.pixel_a =
      multislice.number("pixel_a", o.reference.pixel_a, {0, 1}, "of the wave; 0: as the detector requires");
  o.reference.window_a = multislice.number("window_a", o.reference.window_a, {0, 200},
                                           "edge of the probe's window; 0: the whole field");
  o.reference.padding_a = multislice.number("padding_a", o.reference.padding_a, {0, 100},
                                            "around the specimen; 0: as the probe requires");
}

/// phonons, phonon_configurations, phonon_trajectory, u_rms_a.
void read_phonons(const ConfigSection& s, ImagesCase& images) {
  stem::StemOptions& o = images.series.stem;
  // What vibrations scatter over further edges is not known without drawing moments.
  const bool countable = o.method != stem::Method::fast || o.further.ranges.empty();
  const std::string phonons = s.choice(
      "phonons", countable ? "average" : "pairs",
      {"average", "pairs", "snapshots", "trajectory", "trajectory_pairs"},
      "thermal motion: average, over all of it without drawing any (fast method; as pairs by "
      "multislice); pairs of opposite displacements, the default with further detectors; snapshots, as other "
      "programs draw them; trajectory, moments of molecular dynamics, where atoms move together; "
      "trajectory_pairs, each also with opposite displacements");
  const bool paired = phonons == "pairs" || phonons == "trajectory_pairs";
  o.phonons.sampling = phonons == "average"
                           ? stem::PhononSampling::average
                           : (paired ? stem::PhononSampling::pairs : stem::PhononSampling::independent);
  if (o.phonons.sampling != stem::PhononSampling::independent) o.phonons.configurations = 2;
  o.phonons.configurations =
      s.count("phonon_configurations", o.phonons.configurations, {1, 1000},
              "moments of the thermal motion that are drawn and averaged in each image, where any are drawn; "
              "default 1 snapshot, 2 of pairs");
  if (stem::averages_analytically(o) && o.method == stem::Method::fast && o.phonons.configurations != 2) {
    s.fail("phonon_configurations",
           "no moments are drawn where images are averaged over all of the motion: leave it out, or set "
           "phonons = \"pairs\" or \"snapshots\"");
  }
  if (paired && o.phonons.configurations % 2 != 0)
    s.fail("phonon_configurations", "must be even where moments come in pairs");
  if (!phonons.starts_with("trajectory")) {
    o.phonons.u_rms_a = s.optional_number(
        "u_rms_a", {0, 0.5}, "thermal displacement per axis of all atoms, instead of the truth's");
    return;
  }
  if (o.method == stem::Method::kinematic) {
    s.fail("phonons",
           "the kinematic method adds single atoms, for which it is all the same whether they move "
           "together: use method = \"fast\" or \"multislice\", or phonons = \"average\"");
  }
  PhononTrajectory& trajectory = images.phonon_trajectory.emplace();
  const std::string files =
      s.text("phonon_trajectory", "",
             "moments of the specimen, one LAMMPS dump or XYZ file of several frames per "
             "moment; empty: those that the truth is the mean of");
  for (const std::string_view word : core::split_words(files))
    trajectory.files.emplace_back(word);
  for (const auto& path : trajectory.files) {
    try {
      const core::AtomFormat format = core::atom_format(path);
      if (format == core::AtomFormat::dump || format == core::AtomFormat::xyz) continue;
      s.fail("phonon_trajectory", "a LAMMPS dump or an extended XYZ file of several frames is needed");
    } catch (const core::ConfigError& e) {
      s.fail("phonon_trajectory", e.what());
    }
  }
}

void read_background(const ConfigSection& s, stem::BackgroundOptions& o) {
  o.film_fraction = s.number("film_fraction", o.film_fraction, {0, 0.5},
                             "signal of a supporting film, as a fraction of the specimen's brightest pixel");
  o.film_variation =
      s.number("film_variation", o.film_variation, {0, 1}, "relative change of the film over the series");
  o.slope_sd_fraction = s.number("slope_sd_fraction", o.slope_sd_fraction, {0, 0.5},
                                 "slope of the background, as a fraction of the brightest pixel");
  o.grain_sd_fraction = s.number("grain_sd_fraction", o.grain_sd_fraction, {0, 0.5},
                                 "grain of the background, as a fraction of the brightest pixel");
  o.grain_a = s.number("grain_a", o.grain_a, {0.2, 50}, "width of its grains");
  o.neighbour_fraction = s.number("neighbour_fraction", o.neighbour_fraction, {0, 0.5},
                                  "signal of a neighbouring particle, as a fraction of the brightest pixel");
  o.neighbour_side_deg =
      s.number("neighbour_side_deg", o.neighbour_side_deg, {-360, 360}, "direction in which it lies");
  o.neighbour_depth_a =
      s.number("neighbour_depth_a", o.neighbour_depth_a, {-50, 500}, "how far it reaches into the field");
  o.neighbour_edge_a =
      s.number("neighbour_edge_a", o.neighbour_edge_a, {0.1, 50}, "width over which its signal rises");
}

void read_microscope(const ConfigSection& s, ImagesCase& images) {
  stem::MicroscopeOptions& o = images.microscope;
  o.exposures_per_tilt = s.count("exposures_per_tilt", o.exposures_per_tilt, {1, 100},
                                 "number of exposures, which share the dose of a tilt");
  images.keep_exposures =
      s.flag("keep_exposures", images.keep_exposures, "if there are several exposures, all are written");
  o.shift_sd_a = s.number("shift_sd_a", o.shift_sd_a, {0, 50}, "shift of the images, rms per axis");
  const std::vector<double> angles =
      read_list(s, "angle_error_sd_deg", {0, 0, 0}, {0, 10}, "rms of the error of the three angles");
  o.angle_error_sd_deg = {angles[0], angles[1], angles[2]};
  o.defocus_sd_a =
      s.number("defocus_sd_a", o.defocus_sd_a, {0, 500}, "rms of the defocus from image to image");
  const std::vector<double> aberrations = read_list(
      s, "aberration_sd_deg", {0, 0, 0, 0, 0}, {0, 360},
      "residual aberrations of order 1 to 5, drawn once for a series: rms of the phase of each kind "
      "at the aperture's edge");
  std::copy(aberrations.begin(), aberrations.end(), o.aberration_sd_deg.begin());
  if (images.series.stem.method == stem::Method::kinematic &&
      o.aberration_sd_deg != decltype(o.aberration_sd_deg){})
    s.fail("aberration_sd_deg", "method = \"kinematic\" takes every atom's image for round: use fast or "
                                "multislice, or leave this out");
  o.hot_pixel_fraction =
      s.number("hot_pixel_fraction", o.hot_pixel_fraction, {0, 0.1}, "fraction of the pixels that are hot");
  o.hot_pixel_counts =
      s.number("hot_pixel_counts", o.hot_pixel_counts, {0, 1e6}, "mean height of a hot pixel");
  o.saturation_counts =
      s.optional_number("saturation_counts", {1e-6, 1e12},
                        "largest value of a pixel; left out: the detector does not saturate");
  o.oversampling =
      s.count("oversampling", o.oversampling, {0, 8}, "of the simulated scan; 0: as the distortions require");

  const ConfigSection drift = s.section("drift");
  const std::vector<double> speed =
      read_list(drift, "speed_a_per_exposure", {0, 0}, {-20, 20}, "speed of the drift along x and y");
  o.drift_a_per_exposure = {speed[0], speed[1]};
  o.drift_sd_a_per_exposure = drift.number("speed_sd_a_per_exposure", o.drift_sd_a_per_exposure, {0, 20},
                                           "variation of the speed from tilt to tilt, rms per axis");
  o.drift_walk_sd_a = drift.number("walk_sd_a", o.drift_walk_sd_a, {0, 20},
                                   "random walk from exposure to exposure, rms per axis");

  const ConfigSection scan = s.section("scan");
  if (scan.has("matrix")) {
    for (const char* other : {"scale_x_percent", "scale_y_percent", "shear_deg", "rotation_deg"}) {
      if (scan.has(other)) scan.fail("matrix", fmt::format("give either this or {}, not both", other));
    }
    const std::vector<double> m = read_list(scan, "matrix", {1, 0, 0, 1}, {-2, 2},
                                            "true position = matrix x nominal position, by rows");
    o.scan_matrix = stem::Mat2{{m[0], m[1]}, {m[2], m[3]}};
  } else {
    o.distortion.scale_x_percent =
        scan.number("scale_x_percent", o.distortion.scale_x_percent, {-20, 20}, "excess width of the scan");
    o.distortion.scale_y_percent =
        scan.number("scale_y_percent", o.distortion.scale_y_percent, {-20, 20}, "excess height of the scan");
    o.distortion.shear_deg = scan.number("shear_deg", o.distortion.shear_deg, {-20, 20}, "of the scan");
    o.distortion.rotation_deg =
        scan.number("rotation_deg", o.distortion.rotation_deg, {-180, 180}, "of the scan");
  }
  o.distortion_sd_percent = scan.number("variation_sd_percent", o.distortion_sd_percent, {0, 5},
                                        "change of the scan from tilt to tilt, rms");
  read_background(s.section("background"), o.background);
}

void read_membrane(const ConfigSection& s, stem::MembraneOptions& o) {
  const std::string material = s.choice("material", "none", {"none", "C", "SiN"},
                                        "of the film that carries the particle, as atoms: none; C, amorphous "
                                        "carbon; SiN, amorphous Si3N4");
  if (material == "none") return;
  o.material = material == "C" ? stem::MembraneMaterial::carbon : stem::MembraneMaterial::silicon_nitride;
  o.thickness_a = s.number("thickness_a", o.thickness_a, {5, 1000}, "of the film");
  o.gap_a = s.number("gap_a", o.gap_a, {0, 100}, "between the film and the nearest atom of the particle");
  o.in_front = s.choice("side", "behind", {"behind", "in_front"},
                        "of the particle on which it lies, as the beam goes at tilt 0") == "in_front";
}

/// Field and orientations of the first moment, for what is planned before anything is read.
void take_geometry(const ConfigSection& s, ImagesCase& images) {
  try {
    const core::TiltSeries first = images.files->moment(0).series;
    images.orientations = first.orientations;
    const int n = std::max(first.images.front().nx, first.images.front().ny);
    images.series.scan = {n + n % 2, first.pixel_size};
  } catch (const core::DataError& e) {
    s.fail("files", e.what());
  }
}

} // namespace

ImagesCase ImagesCase::of_frame(int frame, const stem::NoiseOptions& counted) const {
  ImagesCase images = *this;
  images.noise = counted;
  images.series.orientations = orientations;
  images.series.frame = images.noise.frame = images.microscope.frame = static_cast<std::uint32_t>(frame);
  images.series.stem.probe.residual = stem::draw_aberrations(images.microscope, images.series.stem.probe);
  return images;
}

stem::NoiseOptions read_noise(const ConfigSection& noise, std::size_t tilts, std::uint64_t seed) {
  stem::NoiseOptions o;
  o.seed = seed;
  constexpr double zhou2019_total_dose =
      8e5; // e/A^2, Zhou et al. 2019, Extended Data Table 1: 7.6e5 to 8.5e5
  if (noise.has("dose_per_tilt_e_per_a2")) {
    if (noise.has("total_dose_e_per_a2"))
      noise.fail("dose_per_tilt_e_per_a2", "give either this or total_dose_e_per_a2, not both");
    o.dose_e_per_a2 = noise.number("dose_per_tilt_e_per_a2", {1e-3, 1e9}, "dose of one tilt");
  } else {
    o.dose_e_per_a2 = noise.number("total_dose_e_per_a2", zhou2019_total_dose, {1e-3, 1e12},
                                   "total dose of the series, shared equally by its tilts") /
                      static_cast<double>(tilts);
  }
  o.gain = noise.number("gain", o.gain, {1e-6, 1e6}, "counts per electron");
  o.readout_mean = noise.number("readout_mean", o.readout_mean, {-1e6, 1e6}, "counts without a beam");
  o.readout_sd = noise.number("readout_sd", o.readout_sd, {0, 1e6}, "noise of the readout");
  return o;
}

ImagesCase read_images(const ConfigSection& s, std::uint64_t seed) {
  ImagesCase images;
  if (s.has("files")) {
    images.files = read_image_files(s);
    take_geometry(s, images);
    return images;
  }
  read_tilts(s, seed, images);
  images.series.scan.n = s.count("pixels", images.series.scan.n, {16, 1024}, "edge of the image");
  if (images.series.scan.n % 2 != 0) s.fail("pixels", "must be even");
  images.series.scan.pixel_a = s.number("pixel_a", images.series.scan.pixel_a, {0.02, 10}, "of the image");
  images.series.source_sd_a =
      s.number("source_sd_a", images.series.source_sd_a, {0, 2}, "size of the source, rms");
  read_physics(s, images.series.stem);
  read_phonons(s, images);
  read_membrane(s.section("membrane"), images.membrane);
  read_microscope(s.section("microscope"), images);
  images.series.seed = images.microscope.seed = seed;
  return images;
}

std::vector<std::filesystem::path> image_inputs(const ImagesCase& images) {
  std::vector<std::filesystem::path> paths;
  if (images.files) paths = files_of(*images.files);
  if (images.phonon_trajectory) {
    for (const auto& path : images.phonon_trajectory->files)
      paths.push_back(std::filesystem::absolute(path));
  }
  if (!images.angles_file.empty()) paths.push_back(std::filesystem::absolute(images.angles_file));
  return paths;
}

int snapshots_needed(const ImagesCase& images) {
  const stem::PhononOptions& phonons = images.series.stem.phonons;
  return phonons.sampling == stem::PhononSampling::pairs ? (phonons.configurations + 1) / 2
                                                         : phonons.configurations;
}

void validate(const ImagesCase& images, const stem::NoiseOptions& noise) {
  if (images.files) return; // checked as they were read
  const ImagesCase first = images.of_frame(0, noise);
  stem::validate(first.series);
  stem::validate(first.noise);
  const auto truth = stem::draw_truth(first.orientations, first.series.scan, first.microscope);
  stem::validate(stem::simulated_scan(truth, first.series.scan, first.series.stem, first.microscope));
  for (const stem::TiltTruth& tilt : truth) {
    stem::StemOptions of_tilt = first.series.stem;
    of_tilt.probe.c1_a += tilt.defocus_error_a;
    stem::validate(of_tilt);
  }
}

} // namespace aet::validation
