#include "recon/chain/reconstruction.hpp"

#include "recon/chain/image_resolution.hpp"
#include "recon/images/image_content.hpp"
#include "sim/core/error.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

namespace aet::recon {

std::string algorithm_name(Algorithm algorithm) {
  switch (algorithm) {
  case Algorithm::genfire:
    return "genfire";
  case Algorithm::least_squares:
    return "least_squares";
  case Algorithm::wbp:
    break;
  }
  return "wbp";
}

Algorithm algorithm_from(const std::string& name) {
  for (const Algorithm a : {Algorithm::genfire, Algorithm::least_squares, Algorithm::wbp}) {
    if (name == algorithm_name(a)) return a;
  }
  throw core::ConfigError(
      fmt::format("algorithm = '{}' is unknown; allowed are genfire, least_squares and wbp.", name));
}

namespace {

VolumeResult volume_of(const core::TiltSeries& series, const ReconstructionOptions& options,
                       core::Threads threads, const core::ProgressSink& progress,
                       DescentControl control = {}) {
  switch (options.algorithm) {
  case Algorithm::genfire:
    return reconstruct(series, options.genfire, threads, progress, std::move(control));
  case Algorithm::least_squares:
    return reconstruct_least_squares(series, options.least_squares, threads, progress, std::move(control));
  case Algorithm::wbp:
    break;
  }
  return reconstruct_back_projection(series, options.back_projection, threads, progress);
}

/// Edge of the volume of a series.
int edge_of(const core::TiltSeries& series, const ReconstructionOptions& options) {
  const int longest = std::max(series.images.front().nx, series.images.front().ny);
  const double extent =
      options.algorithm == Algorithm::least_squares ? options.least_squares.prepare.extent : 1.0;
  const int edge = static_cast<int>(std::ceil(extent * longest));
  return edge + edge % 2;
}

constexpr double gigabyte = 1e9;

/// GENFIRE's own refusal says which oversampling would fit; the others have nothing to choose.
void check_memory(int n, int tilts, const ReconstructionOptions& options) {
  if (options.algorithm == Algorithm::genfire || options.memory_limit_bytes == 0.0) return;
  const double limit = options.memory_limit_bytes;
  const double needed = predicted_cost(n, tilts, options).bytes;
  if (needed <= limit) return;
  int fits = n;
  while (fits > 8 && predicted_cost(fits, tilts, options).bytes > limit)
    fits -= 2;
  throw core::ConfigError(fmt::format("{} of {}-pixel images needs {:.3g} GB but {:.3g} GB are allowed; "
                                      "images of {} pixels would fit: crop or "
                                      "bin them.",
                                      algorithm_name(options.algorithm), n, needed / gigabyte,
                                      limit / gigabyte, fits));
}

/// For a half: without withheld data, as many iterations as the whole took. Positivity and a support make two
/// volumes alike at low frequencies whatever the images hold; halves may share the specimen alone.
ReconstructionOptions for_halves(ReconstructionOptions options, int iterations) {
  options.genfire.withheld_fraction = 0.0;
  options.genfire.iterations = options.least_squares.iterations = std::max(1, iterations);
  options.genfire.positivity = options.least_squares.positivity = false;
  options.genfire.support = options.least_squares.support = {};
  options.genfire.stop_change = 0.0;
  options.genfire.stop_patience = options.least_squares.withheld_every = 0;
  return options;
}

constexpr std::size_t fewest_for_halves = 6;

void add_half_sets(Reconstruction& out, const core::TiltSeries& series, const ReconstructionOptions& options,
                   core::Threads threads, const core::ProgressSink& progress) {
  if (!options.half_set_fsc) return;
  if (series.size() < fewest_for_halves) {
    out.result.notes.push_back(fmt::format("Half-set FSC needs at least {} images; there are {}.",
                                           fewest_for_halves, series.size()));
    return;
  }
  if (series.poses != core::PoseSource::given) {
    out.result.notes.emplace_back(
        "The halves share poses that were fitted to all images together: their FSC is an "
        "upper bound.");
  }
  const ReconstructionOptions half = for_halves(options, out.result.iterations);
  out.half_sets = half_set_correlation(
      series, [&](const core::TiltSeries& of) { return volume_of(of, half, threads, progress).volume; },
      threads);
  constexpr double beyond_chance = 0.9; // of the first shell, see ShellCorrelation
  if (!out.half_sets->resolution_0143_a && out.half_sets->correlation.front() < beyond_chance)
    out.result.notes.emplace_back("Half-set FSC: the halves agree at no frequency beyond chance.");
}

} // namespace

Reconstruction reconstruct_series(const core::TiltSeries& series, const ReconstructionOptions& asked,
                                  core::Threads threads, ReconstructionEvents events) {
  ReconstructionOptions options = asked;
  options.genfire.memory_limit_bytes = options.memory_limit_bytes;
  const int tilts = static_cast<int>(series.size());
  if (series.size() > 0) {
    check_memory(edge_of(series, options), tilts, options);
    require_content(series);
  }
  std::vector<std::string> notes;
  const core::TiltSeries images = denoised(series, options.denoise, threads, notes);
  if (options.algorithm == Algorithm::least_squares && options.least_squares.withheld_every > tilts) {
    options.least_squares.withheld_every = 0;
    notes.push_back(fmt::format("{} images are too few to withhold any: all iterations are done.", tilts));
  }
  if (options.choose_blobs && options.algorithm == Algorithm::least_squares) {
    const BlobWidth blobs = blob_width(image_resolution(images, threads));
    options.least_squares.blob_sd_a = blobs.sd_a;
    notes.push_back(blobs.note);
  }
  Reconstruction out;
  out.result = volume_of(images, options, threads, events.progress, std::move(events.control));
  out.result.notes.insert(out.result.notes.begin(), notes.begin(), notes.end());
  for (const Algorithm algorithm : options.compared) {
    ReconstructionOptions other = options;
    other.algorithm = algorithm;
    out.compared.push_back(volume_of(images, other, threads, events.progress).volume);
  }
  add_half_sets(out, images, options, threads, events.progress);
  return out;
}

Cost predicted_cost(int n, int tilts, const ReconstructionOptions& options) {
  Cost cost;
  switch (options.algorithm) {
  case Algorithm::genfire:
    cost = predicted_cost(n, tilts, options.genfire);
    break;
  case Algorithm::least_squares:
    cost = predicted_cost(n, tilts, options.least_squares);
    break;
  case Algorithm::wbp:
    cost = predicted_cost(n, tilts, options.back_projection);
    break;
  }
  if (options.half_set_fsc) {
    ReconstructionOptions half = for_halves(options, options.genfire.iterations);
    half.half_set_fsc = false;
    half.compared.clear();
    cost.cpu_seconds += 2.0 * predicted_cost(n, (tilts + 1) / 2, half).cpu_seconds;
  }
  for (const Algorithm algorithm : options.compared) {
    ReconstructionOptions other = options;
    other.algorithm = algorithm;
    other.half_set_fsc = false;
    other.compared.clear();
    const Cost more = predicted_cost(n, tilts, other);
    cost = {cost.cpu_seconds + more.cpu_seconds, std::max(cost.bytes, more.bytes)};
  }
  return cost;
}

} // namespace aet::recon
