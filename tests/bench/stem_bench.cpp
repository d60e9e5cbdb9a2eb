// Accuracy and cost of the image simulation, as one JSON object on standard output.
//
// usage: bench_stem [--full]     --full adds the reference comparison of a 3 nm particle at 400 probes (tens
// of minutes)
//
// CPU seconds are those of this process, all threads together.
#include "sim/core/io/mrc.hpp"
#include "sim/core/io/xyz.hpp"
#include "sim/core/orientation.hpp"
#include "sim/stem/cost.hpp"
#include "sim/stem/image.hpp"

#include <nlohmann/json.hpp>

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
    return simulate_pixels(atoms, general_tilt, scan, pixels, o, {1, 0, 0}, core::all_cores());
  }
};

void compare_with_reference(const Case& c, int stride, double padding, nlohmann::json& out) {
  const auto pixels = spread_pixels(c.scan, stride);
  StemOptions reference = c.options;
  reference.method = Method::multislice;
  reference.reference.padding_a = padding;
  double start = cpu_seconds();
  const auto wanted = c.run(pixels, reference);
  out["reference_ms_per_probe"] = 1e3 * (cpu_seconds() - start) / static_cast<double>(pixels.size());
  const auto fast = compare(c.run(pixels, c.options), wanted);
  out["probes_compared"] = pixels.size();
  out["fast_r1"] = fast.r1;
  out["fast_bias"] = fast.bias;
}

void compare_slices(const Case& c, int stride, nlohmann::json& out) {
  const auto pixels = spread_pixels(c.scan, stride);
  StemOptions thin = c.options;
  thin.slices.thickness_a = 0.5;
  thin.fast.exact_depth_a = 0.0;
  const auto wanted = c.run(pixels, thin);
  thin.fast.exact_depth_a = c.options.fast.exact_depth_a;
  for (const double thickness : {1.0, 2.0}) {
    thin.slices.thickness_a = thickness;
    out[thickness < 1.5 ? "slicing_r1_1a" : "slicing_r1_2a"] = compare(c.run(pixels, thin), wanted).r1;
  }
}

void time_image(const Case& c, nlohmann::json& out) {
  TiltSeriesOptions series;
  series.orientations = {general_tilt};
  series.scan = c.scan;
  series.stem = c.options;
  const auto predicted = predicted_cost(c.atoms, series, core::all_cores());
  const double start = cpu_seconds();
  const auto image = simulate_image(c.atoms, general_tilt, c.scan, c.options, {1, 0, 0}, core::all_cores());
  const double seconds = cpu_seconds() - start;
  out["atoms"] = c.atoms.size();
  out["image"] = std::to_string(image.nx) + " x " + std::to_string(image.ny);
  out["propagated_probes"] = predicted.probes;
  out["cpu_s"] = seconds;
  out["ms_per_probe"] = 1e3 * seconds / static_cast<double>(predicted.probes);
  out["predicted_cpu_s"] = predicted.cpu_seconds;
  out["predicted_memory_mb"] = predicted.memory_bytes / 1e6;
}

nlohmann::json compare_with_peer(bool same_potential) {
  nlohmann::json out;
  const auto folder = std::filesystem::path(AET_SOURCE_DIR) / ".." / "shared" / "reference" / "stem";
  if (!std::filesystem::exists(folder)) {
    out["reason"] = "../shared/reference is not beside this checkout";
    return out;
  }
  StemOptions options;
  options.method = Method::multislice;
  options.factors = FactorTable::kirkland;
  options.probe.c5_mm = 5.0;
  options.detector.edge = DetectorEdge::sharp;
  options.slices.entrance_z_a = -12.5;
  options.probe.focus_z_a = -11.5;
  options.reference.cell_a = 25.0;
  if (same_potential) {
    options.reference.potential = PotentialSampling::pixel_averaged;
    options.reference.pixel_a = 0.03125;
    options.reference.oversampling = 1;
  }
  const auto peer = core::read_mrc_stack(folder / "fept_small_adf.mrc").images.at(0);
  const auto pixels = spread_pixels({50, 0.5}, 7);
  const auto ours = simulate_pixels(core::read_xyz(folder / "fept_small.xyz"), core::Mat3::Identity(),
                                    {50, 0.5}, pixels, options, {}, core::all_cores());
  std::vector<float> theirs;
  for (const std::size_t i : pixels)
    theirs.push_back(peer.data[i]);
  const auto difference = compare(ours, theirs);
  out["r1"] = difference.r1;
  out["bias"] = difference.bias;
  out["probes_compared"] = pixels.size();
  return out;
}

} // namespace

int main(int argc, char** argv) {
  const bool full = argc > 1 && std::string(argv[1]) == "--full";
  nlohmann::json out;
  out["reference_against_peer"] = compare_with_peer(false);
  out["reference_same_potential"] = compare_with_peer(true);
  std::cout << out.dump(2) << std::endl; return 0;

  Case platinum{ball(3.92, 3.92, 78, 0, 13.0), {90, 0.4}, {}};
  platinum.options.phonons.u_rms_a = 0.07;
  auto& pt = out["pt_26a"];
  time_image(platinum, pt);
  compare_with_reference(platinum, 9, 8.0, pt);
  compare_slices(platinum, 3, pt);

  Case fept{ball(3.85, 3.71, 78, 26, 14.9), {94, 0.34}, {}};
  fept.options.phonons.u_rms_a = 0.075;
  auto& nm3 = out["fept_3nm"];
  time_image(fept, nm3);
  compare_slices(fept, 4, nm3);
  if (full) compare_with_reference(fept, 4, 8.0, nm3);
  std::cout << out.dump(2) << '\n';
  return 0;
}
