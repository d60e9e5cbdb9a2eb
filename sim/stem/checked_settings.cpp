#include "sim/stem/checked_settings.hpp"

#include "sim/stem/fast_multislice.hpp"
#include "sim/stem/specimen.hpp"

#include <algorithm>
#include <cmath>
#include <vector>

namespace aet::stem {

namespace {

/// General orientations of metals and silicon have 0 to 2, low-index axes and 1 degree off them 3.7 to 7.
constexpr double along_columns = 3.0;
constexpr double column_radius = 0.4;  // [angstrom]
constexpr double column_length = 20.0; // [angstrom]

/// The probes: a square of so many a side, this far apart, in the middle of the specimen [angstrom].
constexpr int probes_a_side = 4;
constexpr double probe_step = 0.93;
/// What the finest settings themselves deviate by from slices of 0.125 A (sim/stem/README.md).
constexpr double finest_r1 = 0.006;
/// Part of the accuracy asked for that settings may deviate from the finest, which have an error themselves.
constexpr double share = 0.6;

/// The settings to try, the finest last. Pixels of 0.093 A leave up to 0.9 % along columns of metals, those
/// of 0.07 A 0.6 %; silicon needs thin slices and a wide window as well.
std::vector<StemOptions> finer_settings(const StemOptions& options) {
  StemOptions pixels = options;
  pixels.fast.pixel_a = std::min(0.07, options.fast.pixel_a);
  StemOptions all = pixels;
  all.fast.window_a = std::max(20.0, options.fast.window_a);
  all.slices.thickness_a = std::min(1.0, options.slices.thickness_a);
  return {pixels, all};
}

/// Roughly how strongly an atom scatters into an annulus: a film of light atoms beside a particle counts
/// little.
double scattering_of(const core::Atoms& atoms, std::size_t i) {
  const double z = atoms.atomic_numbers[i];
  return z * z;
}

/// The middle of the specimen, moved to the axis, as far as the probes' windows reach.
core::Atoms middle_of(const View& view, double reach) {
  core::Vec3 centre = core::Vec3::Zero();
  double weights = 0.0;
  for (std::size_t i = 0; i < view.atoms.size(); ++i) {
    weights += scattering_of(view.atoms, i);
    centre += scattering_of(view.atoms, i) * (view.orientation * view.atoms.positions[i]);
  }
  centre /= weights;
  const core::Vec3 move = view.orientation.transpose() * core::Vec3(centre.x(), centre.y(), 0.0);
  core::Atoms out;
  for (const auto& [name, values] : view.atoms.columns)
    out.columns[name];
  for (std::size_t i = 0; i < view.atoms.size(); ++i) {
    const core::Vec3 p = view.orientation * view.atoms.positions[i] - centre;
    if (std::abs(p.x()) > reach || std::abs(p.y()) > reach) continue;
    out.positions.emplace_back(view.atoms.positions[i] - move);
    out.atomic_numbers.push_back(view.atoms.atomic_numbers[i]);
    for (const auto& [name, values] : view.atoms.columns)
      out.columns[name].push_back(values[i]);
  }
  return out;
}

std::vector<double> signals(const core::Atoms& atoms, const View& view, const Scan& scan,
                            const StemOptions& options, core::Threads threads) {
  const auto specimen = slice_specimen(atoms, view.orientation, options, view.key, 0);
  const FastImager imager(specimen, scan, options, threads);
  std::vector<FastImager::ScanPixel> pixels;
  for (int y = 0; y < probes_a_side; ++y) {
    for (int x = 0; x < probes_a_side; ++x)
      pixels.push_back({x, y});
  }
  std::vector<double> out(pixels.size());
  core::parallel_for(pixels.size(), threads, [&](std::size_t i, int) {
    auto workspace = imager.workspace();
    out[i] = imager.probes({&pixels[i], 1}, workspace).front().annulus;
  });
  return out;
}

} // namespace

double atoms_in_column(const core::Atoms& atoms, const core::Mat3& orientation) {
  constexpr std::size_t most = 400;
  std::vector<core::Vec3> seen;
  for (const auto& r : atoms.positions)
    seen.emplace_back(orientation * r);
  const std::size_t every = std::max<std::size_t>(1, atoms.size() / most);
  double asked = 0.0;
  double found = 0.0;
  for (std::size_t i = 0; i < seen.size(); i += every) {
    const double weight = scattering_of(atoms, i);
    asked += weight;
    for (std::size_t j = 0; j < seen.size(); ++j) {
      const core::Vec3 d = seen[j] - seen[i];
      if (i != j && std::abs(d.z()) < column_length && std::hypot(d.x(), d.y()) < column_radius)
        found += weight;
    }
  }
  return asked > 0.0 ? found / asked : 0.0;
}

CheckedSettings checked_settings(const View& view, const StemOptions& options, core::Threads threads) {
  const double wanted = options.fast.accuracy;
  CheckedSettings out{options, false, wanted, 0.0};
  if (options.method != Method::fast || wanted == 0.0) return out;
  out.along_columns = atoms_in_column(view.atoms, view.orientation) > along_columns;
  if (!out.along_columns) return out;

  // One moment of the thermal motion: where it is averaged over, the same electrons meet the same columns.
  StemOptions one = options;
  one.further = {};
  one.phonons.sampling = PhononSampling::independent;
  one.phonons.configurations = 1;
  if (!one.probe.focus_z_a)
    one.probe.focus_z_a = slice_specimen(view.atoms, view.orientation, one, view.key, 0).focus_z;
  const std::vector<StemOptions> tried = finer_settings(one);
  const int times = std::max(1, static_cast<int>(std::lround(probe_step / view.scan.pixel_a)));
  const Scan scan{probes_a_side, times * view.scan.pixel_a};
  const double reach = 0.5 * probes_a_side * scan.pixel_a + 0.5 * tried.back().fast.window_a + 4.0;
  const core::Atoms atoms = middle_of(view, reach);
  const std::vector<double> finest = signals(atoms, view, scan, tried.back(), threads);
  double total = 0.0;
  for (const double value : finest)
    total += value;
  for (const StemOptions& settings : tried) {
    double difference = 0.0;
    double bias = 0.0;
    if (&settings != &tried.back()) {
      const std::vector<double> values = signals(atoms, view, scan, settings, threads);
      for (std::size_t i = 0; i < values.size(); ++i) {
        difference += std::abs(values[i] - finest[i]) / total;
        bias += (values[i] - finest[i]) / total;
      }
    }
    out.options.fast = settings.fast;
    out.options.slices = settings.slices;
    out.r1 = std::hypot(difference, finest_r1);
    out.bias = bias;
    if (difference <= share * wanted) break;
  }
  return out;
}

} // namespace aet::stem
