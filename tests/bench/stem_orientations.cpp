#include "tests/bench/stem_orientations.hpp"

#include "sim/core/io/xyz.hpp"
#include "sim/core/orientation.hpp"
#include "sim/core/units.hpp"
#include "sim/stem/checked_settings.hpp"
#include "sim/stem/image.hpp"
#include "tests/bench/process_usage.hpp"

#include <Eigen/Geometry>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>
#include <string>
#include <vector>

namespace aet::bench {

namespace {

using namespace aet::stem;

/// A ball of 3 nm about a general point of a face-centred lattice of axes a, a, c.
/// \param second element of every other layer.
/// \param basis further atoms, from each of the lattice, in parts of the axes.
core::Atoms ball(double a, double c, int first, int second, const std::vector<core::Vec3>& basis = {}) {
  constexpr double radius = 14.9;
  core::Atoms atoms;
  const auto add = [&](const core::Vec3& r, int z) {
    if (r.norm() >= radius) return;
    atoms.positions.push_back(r);
    atoms.atomic_numbers.push_back(z);
  };
  constexpr int reach = 20;
  for (int i = -reach; i <= reach; ++i) {
    for (int j = -reach; j <= reach; ++j) {
      for (int k = -reach; k <= reach; ++k) {
        if ((i + j + k) % 2 != 0) continue;
        const core::Vec3 r(0.5 * a * i + 0.3, 0.5 * a * j + 0.2, 0.5 * c * k + 0.1);
        add(r, k % 2 != 0 ? second : first);
        for (const core::Vec3& b : basis)
          add(r + core::Vec3(a * b.x(), a * b.y(), c * b.z()), first);
      }
    }
  }
  return atoms;
}

/// The direction of the specimen along the beam, then tilted by some degrees about a general axis across it.
core::Mat3 along(const core::Vec3& direction, double degrees) {
  const core::Mat3 to_beam =
      Eigen::Quaterniond::FromTwoVectors(direction.normalized(), core::Vec3::UnitZ()).toRotationMatrix();
  return Eigen::AngleAxisd(degrees * core::radian_per_degree, core::Vec3(0.6, 0.8, 0.0)).toRotationMatrix() *
         to_beam;
}

struct Sums {
  double difference = 0.0;
  double bias = 0.0;
  double total = 0.0;
  void add(double value, double wanted) {
    difference += std::abs(value - wanted);
    bias += value - wanted;
    total += wanted;
  }
  [[nodiscard]] nlohmann::json json() const { return {{"r1", difference / total}, {"bias", bias / total}}; }
};

/// Probes over a few columns in the middle, and some towards the edge.
std::vector<std::size_t> probes(const Scan& scan) {
  std::vector<std::size_t> out;
  const auto add = [&](int x, int y) { out.push_back(static_cast<std::size_t>(y * scan.n + x)); };
  for (int y = 0; y < 4; ++y) {
    for (int x = 0; x < 4; ++x)
      add(12 + 2 * x, 12 + 2 * y);
  }
  for (int k = 0; k < 4; ++k)
    add(5 + k, 16 + k);
  return out;
}

/// shared/reference/stem/zone_axis: see the README there. Its probes hold the whole beam inside their cell,
/// of which the tails carry dq / (3 q_aperture) outside (ProbeNorm).
void zone_axis_files(nlohmann::json& out) {
  const auto folder =
      std::filesystem::path(AET_SOURCE_DIR) / ".." / "shared" / "reference" / "stem" / "zone_axis";
  if (!std::filesystem::exists(folder)) {
    out["zone_axis_reason"] = "../shared/reference is not beside this checkout";
    return;
  }
  StemOptions options;
  set_accuracy(options, 0.005);
  options.factors = FactorTable::kirkland;
  options.probe.c5_mm = 5.0;
  options.probe.focus_z_a = -22.5;
  constexpr double cell = 45.0;
  const double aperture =
      options.probe.convergence_mrad * 1e-3 / core::electron_wavelength(options.probe.energy_kv);
  const double inside_cell = 1.0 - 1.0 / (3.0 * aperture * cell);
  const Scan scan{16, 1.7}; // the probes lie 1.7 A apart
  const core::Vec3 first(2.1, 2.1, 0.0);
  for (const std::string name : {"cold", "displaced"}) {
    core::Atoms atoms = core::read_xyz(folder / (name + ".xyz"));
    for (core::Vec3& r : atoms.positions)
      r += first;
    std::vector<std::size_t> pixels;
    std::vector<double> wanted;
    std::ifstream file(folder / "reference.csv");
    for (std::string line; std::getline(file, line);) {
      std::replace(line.begin(), line.end(), ',', ' ');
      std::istringstream words(line);
      std::string specimen;
      double x = 0.0;
      double y = 0.0;
      double signal = 0.0;
      if (!(words >> specimen >> x >> y >> signal) || specimen != name) continue;
      const auto pixel = [&](double r) { return std::lround((r + first.x()) / scan.pixel_a) + scan.n / 2; };
      pixels.push_back(static_cast<std::size_t>(pixel(y) * scan.n + pixel(x)));
      wanted.push_back(signal * inside_cell);
    }
    const auto got =
        simulate_pixels({atoms, core::Mat3::Identity(), scan}, pixels, options, core::all_cores());
    Sums sums;
    for (std::size_t i = 0; i < got.size(); ++i)
      sums.add(static_cast<double>(got[i]), wanted[i]);
    out["zone_axis_" + name] = sums.json();
  }
}

} // namespace

void orientations_part(bool quick, nlohmann::json& all) {
  const core::Atoms fept = ball(3.85, 3.71, 78, 26);
  const core::Atoms platinum = ball(3.92, 3.92, 78, 78);
  const core::Atoms silicon = ball(5.43, 5.43, 14, 14, {{0.25, 0.25, 0.25}});
  const core::Vec3 general(0.61, 0.27, 0.74);
  struct Orientation {
    const char* name;
    const core::Atoms& atoms;
    core::Vec3 axis;
    double degrees;
  };
  const std::vector<Orientation> orientations{
      {"FePt [001]", fept, {0, 0, 1}, 0},          {"Si [110]", silicon, {1, 1, 0}, 0},
      {"FePt [110]", fept, {1, 1, 0}, 0},          {"FePt [111]", fept, {1, 1, 3.85 / 3.71}, 0},
      {"FePt 1 from [001]", fept, {0, 0, 1}, 1},   {"FePt 3 from [001]", fept, {0, 0, 1}, 3},
      {"FePt general", fept, general, 0},          {"Pt [001]", platinum, {0, 0, 1}, 0},
      {"Pt [110]", platinum, {1, 1, 0}, 0},        {"Pt 1 from [110]", platinum, {1, 1, 0}, 1},
      {"Pt 3 from [111]", platinum, {1, 1, 1}, 3}, {"Pt general", platinum, general, 0},
      {"Si [111]", silicon, {1, 1, 1}, 0},         {"Si general", silicon, general, 0}};
  const Scan scan{32, 0.93};
  const std::vector<std::size_t> pixels = probes(scan);
  nlohmann::json& out = all["orientations"];
  std::vector<double> r1;
  std::vector<double> bias;
  for (const Orientation& o : orientations) {
    if (quick && r1.size() == 2) break;
    std::cerr << "bench_stem: " << o.name << std::endl;
    StemOptions fast;
    set_accuracy(fast, 0.005);
    fast.phonons.u_rms_a = 0.07;
    fast.phonons.sampling = PhononSampling::independent;
    StemOptions reference = fast;
    reference.method = Method::multislice;
    reference.slices.thickness_a = 0.125;
    reference.reference.cell_a = 36.0;
    const View view{o.atoms, along(o.axis, o.degrees), scan, {1, 0, 0}};
    const double start = cpu_seconds();
    const CheckedSettings checked = checked_settings(view, fast, core::all_cores());
    const double check_seconds = cpu_seconds() - start;
    const auto got = simulate_pixels(view, pixels, fast, core::all_cores());
    const auto wanted = simulate_pixels(view, pixels, reference, core::all_cores());
    Sums sums;
    for (std::size_t i = 0; i < got.size(); ++i)
      sums.add(static_cast<double>(got[i]), static_cast<double>(wanted[i]));
    nlohmann::json& row = out[o.name] = sums.json();
    row["expected_r1"] = checked.r1;
    row["expected_bias"] = checked.bias;
    row["pixel_a"] = checked.options.fast.pixel_a;
    row["slice_a"] = checked.options.slices.thickness_a;
    row["check_cpu_s"] = check_seconds;
    row["atoms_in_column"] = atoms_in_column(view.atoms, view.orientation);
    r1.push_back(sums.difference / sums.total);
    bias.push_back(std::abs(sums.bias / sums.total));
  }
  const auto ordered = [&](const std::string& name, std::vector<double> values) {
    std::sort(values.begin(), values.end());
    out["worst_" + name] = values.back();
    out["median_" + name] = values[values.size() / 2];
  };
  ordered("r1", r1);
  ordered("bias", bias);
  zone_axis_files(out);
}

} // namespace aet::bench
