// Reconstructions of the published sets.
#include "recon/volume/back_projection.hpp"
#include "recon/volume/descent.hpp"
#include "recon/volume/genfire.hpp"
#include "recon/volume/least_squares.hpp"
#include "sim/core/io/file.hpp"
#include "sim/core/io/mrc.hpp"
#include "sim/core/io/tilt_files.hpp"
#include "tests/bench/genfire_parts.hpp"
#include "tests/bench/process_usage.hpp"
#include "tests/bench/volume_quality.hpp"

#include <fmt/core.h>

#include <array>
#include <sstream>
#include <vector>

namespace aet::bench {

namespace {

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

/// One result as a JSON value.
std::string scored(const recon::VolumeResult& result, double cpu, const core::Volume& truth,
                   const std::vector<std::array<double, 3>>& atoms, const std::string& algorithm) {
  const Quality q = quality(result.volume, truth);
  std::string text = fmt::format(R"({{"cc": {:.4f}, "r1": {:.4f})", q.cc, q.r1);
  if (!atoms.empty()) {
    const MatchedMaxima m = matched_maxima(result.volume, atoms);
    text += fmt::format(R"(, "atoms": {}, "atoms_rms_px": {:.3f})", m.atoms, m.rms_px);
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

/// The authors' set with its truth.
struct Resire {
  core::TiltSeries tilts;
  core::Volume truth;
  std::vector<std::array<double, 3>> atoms;

  explicit Resire(const std::filesystem::path& reference)
      : tilts(series(reference / "recon", "resire")),
        truth(core::read_mrc_volume(reference / "recon" / "resire_truth.mrc")),
        atoms(read_peaks(reference / "recon" / "resire_truth_peaks_px_xyz.txt")) {}

  /// "name": what `reconstruct` makes of it.
  template <class F>
  [[nodiscard]] std::string scored_as(const std::string& name, const std::string& algorithm,
                                      const F& reconstruct) const {
    recon::VolumeResult result;
    const double cpu = timed([&] { result = reconstruct(); });
    return fmt::format(R"("{}": )", name) + scored(result, cpu, truth, atoms, algorithm);
  }
};

} // namespace

std::string resire_genfire_part(const std::filesystem::path& reference) {
  const Resire set(reference);
  recon::GenfireOptions options = published_settings();
  const std::string plain = set.scored_as("resire_genfire", "GENFIRE, oversampling 3, DFT, threshold 0.5",
                                          [&] { return recon::reconstruct(set.tilts, options, one_thread); });
  options.momentum = true;
  return plain + ",\n " + set.scored_as("resire_genfire_momentum", "the same with momentum", [&] {
    return recon::reconstruct(set.tilts, options, one_thread);
  });
}

std::string resire_part(const std::filesystem::path& reference) {
  const Resire set(reference);
  recon::LeastSquaresOptions least;
  least.iterations = 300;
  return set.scored_as("resire", "non-negative least squares, FISTA, stopped by withheld images",
                       [&] { return recon::reconstruct_least_squares(set.tilts, least, one_thread); }) +
         ",\n " + set.scored_as("resire_wbp", "weighted back-projection", [&] {
           return recon::reconstruct_back_projection(set.tilts, {}, one_thread);
         });
}

std::string vesicle_part(const std::filesystem::path& reference) {
  const auto dir = reference / "recon";
  const core::Volume vesicle = core::read_mrc_volume(dir / "ves91x_truth.mrc");
  const core::TiltSeries tilts = series(dir, "ves91x");
  recon::VolumeResult result;
  const double cpu = timed([&] { result = recon::reconstruct(tilts, published_settings(), one_thread); });
  return R"("ves91x": )" + scored(result, cpu, vesicle, {}, "GENFIRE, oversampling 3, DFT, threshold 0.5");
}

std::string speed_part(const std::filesystem::path& reference) {
  const core::TiltSeries fept = series(reference / "recon", "fept");
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

std::string memory_part(const std::filesystem::path& reference) {
  const core::TiltSeries fept = series(reference / "recon", "fept");
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

} // namespace aet::bench
