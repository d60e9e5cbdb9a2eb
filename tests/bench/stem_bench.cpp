// Accuracy and cost of the image simulation, as one JSON object on standard output.
//
// usage: bench_stem [--quick] [--only PART] [--curve FIGURE.svg]
//   --quick   a few probes only: to see that everything runs; figures are then rough
//   --curve   also measure cost against accuracy for window, pixel, slices and configurations, and draw it
//
// CPU seconds are those of this process, all threads together. The whole takes some 50 minutes on two cores.
#include "sim/core/io/mrc.hpp"
#include "sim/core/io/xyz.hpp"
#include "sim/core/orientation.hpp"
#include "sim/core/units.hpp"
#include "sim/stem/cost.hpp"
#include "sim/stem/image.hpp"
#include "sim/stem/tilt_imaging.hpp"
#include "tests/bench/cost_curve.hpp"
#include "tests/bench/stem_orientations.hpp"
#include "tests/bench/stem_trajectory.hpp"

#include <nlohmann/json.hpp>
#include <sys/resource.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <ctime>
#include <filesystem>
#include <iostream>
#include <string>
#include <vector>

namespace {

using namespace aet;
using namespace aet::stem;

double cpu_seconds() {
  timespec t{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) + 1e-9 * static_cast<double>(t.tv_nsec);
}

/// A ball cut from a face-centred lattice about a general point; `second` fills every other layer (L1_0)
/// unless 0.
core::Atoms ball(double a, double c, int first, int second, double radius) {
  core::Atoms atoms;
  const int reach = static_cast<int>(2.0 * radius / std::min(a, c)) + 2;
  for (int i = -reach; i <= reach; ++i) {
    for (int j = -reach; j <= reach; ++j) {
      for (int k = -reach; k <= reach; ++k) {
        const core::Vec3 r(0.5 * a * i + 0.3, 0.5 * a * j + 0.2, 0.5 * c * k + 0.1);
        if ((i + j + k) % 2 != 0 || r.norm() >= radius) continue;
        atoms.positions.push_back(r);
        atoms.atomic_numbers.push_back(second != 0 && k % 2 != 0 ? second : first);
      }
    }
  }
  return atoms;
}

/// Every `stride`-th pixel of the scan in x and y.
std::vector<std::size_t> spread_pixels(const Scan& scan, int stride) {
  std::vector<std::size_t> pixels;
  for (int y = stride / 2; y < scan.n; y += stride) {
    for (int x = stride / 2; x < scan.n; x += stride) {
      pixels.push_back(static_cast<std::size_t>(y * scan.n + x));
    }
  }
  return pixels;
}

struct Difference {
  double r1 = 0.0;
  double bias = 0.0;
};

Difference compare(const std::vector<float>& a, const std::vector<float>& b) {
  double difference = 0.0;
  double signed_difference = 0.0;
  double sum = 0.0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const double d = static_cast<double>(a[i]) - static_cast<double>(b[i]);
    difference += std::abs(d);
    signed_difference += d;
    sum += static_cast<double>(b[i]);
  }
  return {difference / sum, signed_difference / sum};
}

const core::Mat3 general_tilt = core::tilt_rotation(0.40) * core::rotation_from_euler({0.3, 0.2, 0.5});

struct Case {
  core::Atoms atoms;
  Scan scan;
  StemOptions options;

  [[nodiscard]] std::vector<float> run(const std::vector<std::size_t>& pixels, const StemOptions& o) const {
    return simulate_pixels({atoms, general_tilt, scan, {1, 0, 0}}, pixels, o, core::all_cores());
  }
};

void tell(const char* what) {
  std::cerr << "bench_stem: " << what << std::endl;
}

/// L1_0 FePt ball, thermally displaced.
Case fept(double radius, int n) {
  Case c{ball(3.85, 3.71, 78, 26, radius), {n, 0.34}, {}};
  c.options.phonons.u_rms_a = 0.075;
  return c;
}

double peak_memory_mb() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1024.0;
}

double image_seconds(const Case& c, const core::Mat3& orientation, std::uint32_t tilt) {
  const double start = cpu_seconds();
  const auto image =
      simulate_image({c.atoms, orientation, c.scan, {1, 0, tilt}}, c.options, core::all_cores());
  return cpu_seconds() - start;
}

/// 52 tilts of a 5 nm particle, from three of them.
void time_series(nlohmann::json& out) {
  tell("three tilts of a 5 nm particle");
  Case c = fept(25.05, 164);
  out["atoms_5nm"] = c.atoms.size();
  out["image_5nm"] = "164 x 164, 0.34 A";
  for (const bool averaged : {false, true}) {
    c.options.phonons.sampling = averaged ? PhononSampling::average : PhononSampling::independent;
    double seconds = 0.0;
    std::uint32_t tilt = 0;
    for (const double degrees : {-50.0, 3.0, 41.0})
      seconds += image_seconds(c, core::tilt_rotation(degrees * core::radian_per_degree), tilt++);
    out[averaged ? "cpu_s_5nm_series_averaged" : "cpu_s_5nm_series_snapshots"] = 52.0 * seconds / tilt;
  }
  out["peak_memory_mb"] = peak_memory_mb();
}

void time_image(nlohmann::json& out) {
  tell("one image of a 3 nm particle");
  Case c = fept(14.9, 94);
  TiltSeriesOptions series;
  c.options.phonons.sampling = PhononSampling::average;
  series.orientations = {general_tilt};
  series.scan = c.scan;
  series.stem = c.options;
  const auto predicted = predicted_cost(c.atoms, series, core::all_cores());
  const double seconds = image_seconds(c, general_tilt, 0);
  out["atoms_3nm"] = c.atoms.size();
  out["image_3nm"] = "94 x 94, 0.34 A";
  out["cpu_s_3nm"] = seconds;
  out["predicted_cpu_s_3nm"] = predicted.cpu_seconds;
  out["ms_per_probe"] = 1e3 * seconds / static_cast<double>(predicted.probes);
}

/// Cost against size: at most linear in probes x thickness.
void time_sizes(nlohmann::json& out) {
  auto& rows = out["scaling"];
  for (const double radius : {11.85, 14.9, 18.8, 23.6}) {
    tell("scaling with size");
    const int n = 2 * static_cast<int>((radius + 1.2) / 0.34);
    const Case c = fept(radius, n);
    TiltSeriesOptions series;
    series.orientations = {general_tilt};
    series.scan = c.scan;
    series.stem = c.options;
    const auto probes = static_cast<double>(predicted_cost(c.atoms, series, core::all_cores()).probes);
    const double seconds = image_seconds(c, general_tilt, 0);
    rows.push_back({{"atoms", c.atoms.size()},
                    {"probes", probes},
                    {"cpu_s", seconds},
                    {"us_per_probe_and_angstrom", 1e6 * seconds / (probes * 2.0 * radius)}});
  }
}

void compare_with_reference(int stride, nlohmann::json& out) {
  tell("fast against reference at the same slices, 3 nm particle");
  const Case c = fept(14.9, 94);
  const auto pixels = spread_pixels(c.scan, stride);
  StemOptions reference = c.options;
  reference.method = Method::multislice;
  const double start = cpu_seconds();
  const auto wanted = c.run(pixels, reference);
  out["reference_ms_per_probe"] = 1e3 * (cpu_seconds() - start) / static_cast<double>(pixels.size());
  StemOptions same_slices = c.options;
  same_slices.fast.exact_depth_a = 0.0;
  const auto fast = compare(c.run(pixels, same_slices), wanted);
  out["fast_probes"] = pixels.size();
  out["fast_r1"] = fast.r1;
  out["fast_bias"] = fast.bias;
}

/// As the tool is used, against the reference with thin slices: every error together.
void compare_all(int stride, nlohmann::json& out) {
  tell("default settings against reference with 0.25 A slices, 3 nm particle");
  const Case c = fept(14.9, 94);
  const auto pixels = spread_pixels(c.scan, stride);
  StemOptions reference = c.options;
  reference.method = Method::multislice;
  reference.slices.thickness_a = 0.25;
  const auto all = compare(c.run(pixels, c.options), c.run(pixels, reference));
  out["default_probes"] = pixels.size();
  out["default_r1"] = all.r1;
  out["default_bias"] = all.bias;
}

void compare_slices(int stride, nlohmann::json& out) {
  tell("slices, 3 nm particle");
  const Case c = fept(14.9, 94);
  const auto pixels = spread_pixels(c.scan, stride);
  StemOptions thin = c.options;
  thin.fast.exact_depth_a = 0.0;
  thin.slices.thickness_a = 0.5;
  const auto wanted = c.run(pixels, thin);
  out["slicing_r1"] = compare(c.run(pixels, c.options), wanted).r1;
  auto& plain = out["slicing_r1_plain"];
  for (const double thickness : {1.0, 2.0}) {
    thin.slices.thickness_a = thickness;
    plain[thickness < 1.5 ? "1 A" : "2 A"] = compare(c.run(pixels, thin), wanted).r1;
  }
}

/// The average over thermal motion, as it is computed and by one pair, against the mean of many moments: each
/// pixel as it is, and after the blur of a source of 0.35 A that every image of the tool has.
void compare_phonons(std::uint32_t configurations, nlohmann::json& out) {
  tell("average over thermal motion against many moments, 3 nm particle");
  Case c = fept(14.9, 94);
  constexpr int side = 28; // pixels of a block in the middle; the blur's edge is left out
  std::vector<std::size_t> block;
  for (int i = 0; i < side * side; ++i)
    block.push_back(static_cast<std::size_t>((33 + i / side) * c.scan.n + 33 + i % side));
  const auto moment = [&](std::uint32_t first, int count) {
    StemOptions o = c.options;
    o.phonons.sampling = PhononSampling::pairs;
    o.phonons.configurations = count;
    return simulate_pixels({c.atoms, general_tilt, c.scan, {1, 0, 0, first}}, block, o, core::all_cores());
  };
  const auto image_of = [](const std::vector<float>& values) {
    core::Image image(side, side);
    std::copy(values.begin(), values.end(), image.data.begin());
    return image;
  };
  const auto inner = [](const core::Image& image) {
    constexpr int edge = 4;
    std::vector<float> kept;
    for (int y = edge; y < side - edge; ++y) {
      for (int x = edge; x < side - edge; ++x)
        kept.push_back(image.at(x, y));
    }
    return kept;
  };
  const auto mean = moment(0, static_cast<int>(configurations));
  const auto half = moment(0, static_cast<int>(configurations / 2));
  StemOptions average = c.options;
  average.phonons.sampling = PhononSampling::average;
  const auto computed = c.run(block, average);
  const auto pair = moment(configurations, 2);
  // What does not depend on the number of probes counts as in an image.
  StemOptions snapshot = c.options;
  snapshot.phonons.configurations = 1;
  const auto cost_of_image = [&](const StemOptions& o) {
    const double start = cpu_seconds();
    static_cast<void>(simulate_image({c.atoms, general_tilt, c.scan, {1, 0, 0}}, o, core::all_cores()));
    return cpu_seconds() - start;
  };
  nlohmann::json& p = out["phonons"];
  p["reference_configurations"] = configurations;
  p["cost_ratio"] = cost_of_image(average) / cost_of_image(snapshot);
  const auto add = [&](const std::string& name, const std::vector<float>& values) {
    const double blur = 0.35 / c.scan.pixel_a;
    const auto sharp = compare(inner(image_of(values)), inner(image_of(mean)));
    p["r1" + name] =
        compare(inner(gaussian_blur(image_of(values), blur)), inner(gaussian_blur(image_of(mean), blur))).r1;
    p["r1_sharp" + name] = sharp.r1;
    p["bias" + name] = sharp.bias;
  };
  add("", computed);
  add("_of_a_pair", pair);
  add("_of_half_the_reference", half); // as far from the reference as that is from the truth
}

void compare_with_peer(int stride, nlohmann::json& out) {
  const auto folder = std::filesystem::path(AET_SOURCE_DIR) / ".." / "shared" / "reference" / "stem";
  if (!std::filesystem::exists(folder)) {
    out["reference_r1"] = nullptr;
    out["reference_r1_same_potential"] = nullptr;
    out["reference_reason"] = "../shared/reference is not beside this checkout";
    return;
  }
  StemOptions options;
  options.method = Method::multislice;
  options.factors = FactorTable::kirkland;
  options.probe.c5_mm = 5.0;
  options.detector.edge = DetectorEdge::sharp;
  options.slices.entrance_z_a = -12.5;
  options.probe.focus_z_a = -11.5;
  options.reference.cell_a = 25.0;
  options.reference.norm = ProbeNorm::cell;
  const auto peer = core::read_mrc_stack(folder / "fept_small_adf.mrc").images.at(0);
  const auto atoms = core::read_xyz(folder / "fept_small.xyz");
  const auto pixels = spread_pixels({50, 0.5}, stride);
  std::vector<float> theirs;
  for (const std::size_t i : pixels)
    theirs.push_back(peer.data[i]);
  out["reference_probes"] = pixels.size();
  for (const bool same_potential : {false, true}) {
    tell("reference against the peer's image");
    if (same_potential) {
      options.reference.potential = PotentialSampling::pixel_averaged;
      options.reference.pixel_a = 0.03125;
      options.reference.oversampling = 1;
    }
    const auto ours =
        simulate_pixels({atoms, core::Mat3::Identity(), {50, 0.5}}, pixels, options, core::all_cores());
    const auto difference = compare(ours, theirs);
    const std::string suffix = same_potential ? "_same_potential" : "";
    out["reference_r1" + suffix] = difference.r1;
    out["reference_bias" + suffix] = difference.bias;
  }
}

} // namespace

int main(int argc, char** argv) {
  bool quick = false;
  std::string only;
  std::filesystem::path figure;
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    if (word == "--quick") quick = true;
    if (word == "--only" && i + 1 < argc) only = argv[++i];
    if (word == "--curve" && i + 1 < argc) figure = argv[++i];
  }
  nlohmann::json out;
  const auto wanted = [&](const char* part) { return only.empty() || only == part; };
  if (wanted("series"))
    time_series(out); // first, since the largest amount of memory ever held is that of this
  if (wanted("image")) time_image(out);
  if (wanted("scaling")) time_sizes(out);
  if (wanted("slicing")) compare_slices(quick ? 9 : 4, out);
  if (wanted("fast")) compare_with_reference(quick ? 18 : 4, out);
  if (wanted("default")) compare_all(quick ? 31 : 13, out);
  if (wanted("orientations")) bench::orientations_part(quick, out);
  if (wanted("phonons")) compare_phonons(quick ? 16 : 256, out);
  if (wanted("trajectory")) bench::trajectory_part(quick, out);
  if (wanted("reference")) compare_with_peer(quick ? 9 : 1, out);
  if (!figure.empty() || only == "curve") {
    tell("cost against accuracy");
    const Case c = fept(14.9, 94);
    out["curve"] =
        bench::cost_curve(c.atoms, general_tilt, c.scan, c.options, spread_pixels(c.scan, quick ? 9 : 6));
    if (!figure.empty()) bench::draw_cost_curve(out["curve"], figure);
  }
  std::cout << out.dump(2) << '\n';
  return 0;
}
