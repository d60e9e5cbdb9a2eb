// Figures of the volume reconstruction, one JSON object on standard output.
//
// bench_genfire REFERENCE_DIR   (default ../shared/reference beside the checkout)
#include "recon/volume/descent.hpp"
#include "recon/volume/genfire.hpp"
#include "recon/volume/least_squares.hpp"
#include "sim/core/error.hpp"
#include "sim/core/io/file.hpp"
#include "sim/core/io/mrc.hpp"
#include "sim/core/io/tilt_files.hpp"

#include <fmt/format.h>
#include <sys/resource.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <sstream>
#include <string>
#include <vector>

namespace {

using namespace aet;

/// User CPU seconds of this process.
double cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_utime.tv_sec) + 1e-6 * static_cast<double>(usage.ru_utime.tv_usec);
}

/// Largest resident memory so far [byte].
double peak_bytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return 1024.0 * static_cast<double>(usage.ru_maxrss);
}

struct Quality {
  double cc;
  double r1;
};

/// Over the cube, as the reference README defines them.
Quality quality(const core::Volume& volume, const core::Volume& truth) {
  double sv = 0.0;
  double st = 0.0;
  double svv = 0.0;
  double stt = 0.0;
  double svt = 0.0;
  double difference = 0.0;
  double total = 0.0;
  for (std::size_t i = 0; i < truth.data.size(); ++i) {
    const auto v = static_cast<double>(volume.data[i]);
    const auto t = static_cast<double>(truth.data[i]);
    sv += v;
    st += t;
    svv += v * v;
    stt += t * t;
    svt += v * t;
    difference += std::abs(v - t);
    total += std::abs(t);
  }
  const auto n = static_cast<double>(truth.data.size());
  return {(svt - sv * st / n) / std::sqrt((svv - sv * sv / n) * (stt - st * st / n)), difference / total};
}

struct Peak {
  std::array<double, 3> position;
  double height;
};

double distance(const std::array<double, 3>& a, const std::array<double, 3>& b) {
  return std::hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);
}

/// Voxels above their six neighbours, refined by a parabola an axis, strongest first, none nearer than 3
/// voxels to a stronger one (as the truth list was made).
std::vector<Peak> highest_maxima(const core::Volume& v, std::size_t count) {
  std::vector<Peak> all;
  const auto vertex = [](float before, float here, float after) {
    return 0.5 * static_cast<double>(before - after) / static_cast<double>(before - 2.0F * here + after);
  };
  for (int z = 1; z + 1 < v.nz; ++z) {
    for (int y = 1; y + 1 < v.ny; ++y) {
      for (int x = 1; x + 1 < v.nx; ++x) {
        const float h = v.at(x, y, z);
        const std::array<float, 6> around{v.at(x - 1, y, z), v.at(x + 1, y, z), v.at(x, y - 1, z),
                                          v.at(x, y + 1, z), v.at(x, y, z - 1), v.at(x, y, z + 1)};
        if (h <= *std::max_element(around.begin(), around.end())) continue;
        all.push_back({{x + vertex(around[0], h, around[1]), y + vertex(around[2], h, around[3]),
                        z + vertex(around[4], h, around[5])},
                       static_cast<double>(h)});
      }
    }
  }
  std::stable_sort(all.begin(), all.end(), [](const Peak& a, const Peak& b) { return a.height > b.height; });
  std::vector<Peak> out;
  for (const Peak& p : all) {
    if (out.size() == count) break;
    const bool alone = std::all_of(out.begin(), out.end(),
                                   [&](const Peak& q) { return distance(p.position, q.position) >= 3.0; });
    if (alone) out.push_back(p);
  }
  return out;
}

struct Matched {
  int atoms;
  double rms;
};

/// One-to-one, nearest pairs first, within 2 voxels.
Matched match(const std::vector<Peak>& peaks, const std::vector<std::array<double, 3>>& truth) {
  struct Pair {
    double d;
    std::size_t p;
    std::size_t t;
  };
  std::vector<Pair> pairs;
  for (std::size_t p = 0; p < peaks.size(); ++p) {
    for (std::size_t t = 0; t < truth.size(); ++t) {
      const double d = distance(peaks[p].position, truth[t]);
      if (d <= 2.0) pairs.push_back({d, p, t});
    }
  }
  std::sort(pairs.begin(), pairs.end(), [](const Pair& a, const Pair& b) { return a.d < b.d; });
  std::vector<bool> peak_used(peaks.size());
  std::vector<bool> truth_used(truth.size());
  int count = 0;
  double square = 0.0;
  for (const Pair& pair : pairs) {
    if (peak_used[pair.p] || truth_used[pair.t]) continue;
    peak_used[pair.p] = truth_used[pair.t] = true;
    ++count;
    square += pair.d * pair.d;
  }
  return {count, count > 0 ? std::sqrt(square / count) : 0.0};
}

std::vector<std::array<double, 3>> read_peaks(const std::filesystem::path& path) {
  std::istringstream file(core::read_file(path));
  std::vector<std::array<double, 3>> out;
  for (std::string line; std::getline(file, line);) {
    std::istringstream words(line);
    std::array<double, 3> p{};
    if (words >> p[0] >> p[1] >> p[2]) out.push_back(p);
  }
  return out;
}

core::TiltSeries series(const std::filesystem::path& dir, const std::string& name) {
  return core::read_tilt_series(dir / (name + ".mrc"), dir / (name + ".rawtlt"));
}

/// Runs f and returns its user CPU seconds.
template <class F> double timed(const F& f) {
  const double start = cpu_seconds();
  f();
  return cpu_seconds() - start;
}

/// One result as a JSON value.
std::string scored(const recon::GenfireResult& result, double cpu, const core::Volume& truth,
                   const std::vector<std::array<double, 3>>& atoms, const std::string& algorithm) {
  const Quality q = quality(result.volume, truth);
  std::string text = fmt::format(R"({{"cc": {:.4f}, "r1": {:.4f})", q.cc, q.r1);
  if (!atoms.empty()) {
    const Matched m = match(highest_maxima(result.volume, atoms.size()), atoms);
    text += fmt::format(R"(, "atoms": {}, "atoms_rms_px": {:.3f})", m.atoms, m.rms);
  }
  return text + fmt::format(R"(, "cpu_s": {:.2f}, "iterations": {}, "algorithm": "{}"}})", cpu,
                            result.iterations, algorithm);
}

constexpr core::Threads one_thread{1};

recon::GenfireOptions published_settings() {
  recon::GenfireOptions options;
  options.oversampling = 3.0;
  options.threshold = 0.5;
  options.iterations = 100;
  return options;
}

std::string iteration_and_gridding(const std::filesystem::path& dir) {
  const core::TiltSeries fept = series(dir, "fept");
  recon::GriddedSpectrum spectrum;
  const int size = recon::padded_size(68, 3.0);
  const double gridding = timed([&] {
    spectrum = recon::grid_projections(fept.images, fept.orientations,
                                       {size, 0.5, recon::GriddingMethod::dft, 0.05, 1}, one_thread);
  });
  recon::Problem problem;
  const double assembly = timed([&] { problem = recon::gridded_problem(spectrum, one_thread); });
  constexpr int iterations = 50;
  recon::DescentOptions descent;
  descent.iterations = iterations;
  const auto support = recon::make_support(68, {});
  const double loop = timed([&] { (void)recon::descend(problem, support, descent, one_thread, {}); });
  return fmt::format(
      R"("gridding_s": {:.3f}, "assembly_s": {:.3f}, "iteration_ms": {:.1f}, "padded_size": {})", gridding,
      assembly, 1e3 * loop / iterations, size);
}

std::string memory(const std::filesystem::path& dir) {
  const core::TiltSeries fept = series(dir, "fept");
  recon::GenfireOptions options = published_settings();
  options.oversampling = 4.0;
  options.iterations = 2;
  const double before = peak_bytes();
  const auto result = recon::reconstruct(fept, options, one_thread);
  const double used = peak_bytes() - before;
  return fmt::format(
      R"("bytes_per_voxel": {:.2f}, "predicted_bytes_per_voxel": {:.2f})", used / result.counts.points,
      recon::predicted_cost(68, static_cast<int>(fept.size()), options).bytes / result.counts.points);
}

std::string report(const std::filesystem::path& reference) {
  const auto dir = reference / "recon";
  std::vector<std::string> parts;
  parts.push_back(memory(dir)); // first, while the peak is still its own
  const core::TiltSeries resire = series(dir, "resire");
  const core::Volume truth = core::read_mrc_volume(dir / "resire_truth.mrc");
  const auto atoms = read_peaks(dir / "resire_truth_peaks_px_xyz.txt");
  recon::GenfireResult result;

  double cpu = timed([&] { result = recon::reconstruct(resire, published_settings(), one_thread); });
  parts.push_back(R"("resire_genfire": )" +
                  scored(result, cpu, truth, atoms, "GENFIRE, oversampling 3, DFT, threshold 0.5"));
  recon::GenfireOptions fast = published_settings();
  fast.momentum = true;
  cpu = timed([&] { result = recon::reconstruct(resire, fast, one_thread); });
  parts.push_back(R"("resire_genfire_momentum": )" +
                  scored(result, cpu, truth, atoms, "the same with momentum"));
  recon::LeastSquaresOptions least;
  least.iterations = 300;
  cpu = timed([&] { result = recon::reconstruct_least_squares(resire, least, one_thread); });
  parts.push_back(R"("resire": )" + scored(result, cpu, truth, atoms,
                                           "non-negative least squares, FISTA, stopped by withheld images"));

  const core::Volume vesicle = core::read_mrc_volume(dir / "ves91x_truth.mrc");
  cpu = timed([&] { result = recon::reconstruct(series(dir, "ves91x"), published_settings(), one_thread); });
  parts.push_back(R"("ves91x": )" +
                  scored(result, cpu, vesicle, {}, "GENFIRE, oversampling 3, DFT, threshold 0.5"));
  parts.push_back(iteration_and_gridding(dir));

  std::string text = "{";
  for (std::size_t i = 0; i < parts.size(); ++i)
    text += (i > 0 ? ",\n " : "") + parts[i];
  return text + "}\n";
}

} // namespace

int main(int argc, char** argv) {
  try {
    const std::filesystem::path reference =
        argc > 1 ? std::filesystem::path(argv[1])
                 : std::filesystem::path(AET_SOURCE_DIR) / ".." / "shared" / "reference";
    std::fputs(report(reference).c_str(), stdout);
  } catch (const core::Error& e) {
    std::fputs(fmt::format("bench_genfire: {}\n", e.what()).c_str(), stderr);
    return static_cast<int>(e.exit_code());
  }
  return 0;
}
