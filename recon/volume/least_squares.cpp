#include "recon/volume/least_squares.hpp"

#include "recon/volume/blob_basis.hpp"
#include "recon/volume/descent.hpp"
#include "recon/volume/projector.hpp"
#include "recon/volume/quadratic.hpp"
#include "sim/core/error.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <functional>
#include <numeric>
#include <utility>

namespace aet::recon {

namespace {

double product(float a, float b) {
  return static_cast<double>(a) * static_cast<double>(b);
}

struct Views {
  std::vector<core::Image> images;
  std::vector<core::Mat3> orientations;
};

void check(const LeastSquaresOptions& options, std::size_t tilts) {
  if (options.withheld_every != 0 &&
      (options.withheld_every < 3 || static_cast<std::size_t>(options.withheld_every) > tilts)) {
    throw core::ConfigError(
        fmt::format("withheld_every must be 0 (off) or lie in [3, {}], the number of images; it is {}.",
                    tilts, options.withheld_every));
  }
  constexpr double widest = 2.0;
  if (!(options.blob_sd_a >= 0.0 && options.blob_sd_a <= widest)) {
    throw core::ConfigError(fmt::format("the blobs' standard deviation must lie in [0, {}] A; it is {} A.",
                                        widest, options.blob_sd_a));
  }
}

/// Every k-th image withheld, starting in the middle of the first k.
std::pair<Views, Views> split(const Projections& series, int every) {
  Views fitted;
  Views withheld;
  for (std::size_t j = 0; j < series.images.size(); ++j) {
    const bool keep = every == 0 || static_cast<int>(j) % every != every / 2;
    Views& to = keep ? fitted : withheld;
    to.images.push_back(series.images[j]);
    to.orientations.push_back(series.orientations[j]);
  }
  return {std::move(fitted), std::move(withheld)};
}

/// Misfits of all images from those of the two parts.
Misfit joined(Misfit a, const Misfit& b) {
  std::transform(a.transfer.begin(), a.transfer.end(), b.transfer.begin(), a.transfer.begin(), std::plus<>());
  std::transform(a.target.begin(), a.target.end(), b.target.begin(), a.target.begin(), std::plus<>());
  a.data_energy += b.data_energy;
  return a;
}

/// The misfit of some images, in amplitudes of blobs where there are blobs.
Misfit misfit_of(const Views& views, const BlobBasis& basis, const FrequencyWeight& weight,
                 core::Threads threads) {
  if (!(basis.sd_voxels > 0.0))
    return projection_misfit(views.images, views.orientations, basis.embed, threads);
  std::vector<core::Image> images(views.images.size());
  core::parallel_for(images.size(), threads,
                     [&](std::size_t j, int) { images[j] = weighted(views.images[j], weight); });
  Misfit misfit = projection_misfit(images, views.orientations, basis.embed, threads);
  misfit.data_energy = 0.0;
  for (std::size_t j = 0; j < images.size(); ++j) {
    misfit.data_energy += std::inner_product(images[j].data.begin(), images[j].data.end(),
                                             views.images[j].data.begin(), 0.0, std::plus<>(), product);
  }
  of_amplitudes(misfit, basis, weight, threads);
  return misfit;
}

double mean(const std::vector<double>& values) {
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

} // namespace

Misfit projection_misfit(const std::vector<core::Image>& images, const std::vector<core::Mat3>& orientations,
                         int embed, core::Threads threads, const core::AlignedVector<float>& support) {
  const int n = images.front().nx;
  Misfit out;
  out.transfer =
      transfer_of_kernel(back_projected_projection_kernel(orientations, n, threads), n, embed, threads);
  out.target = back_project(images, orientations, threads, support);
  for (const core::Image& image : images) {
    out.data_energy += std::inner_product(image.data.begin(), image.data.end(), image.data.begin(), 0.0,
                                          std::plus<>(), product);
  }
  return out;
}

VolumeResult reconstruct_least_squares(const core::TiltSeries& series, const LeastSquaresOptions& options,
                                       core::Threads threads, const core::ProgressSink& progress,
                                       DescentControl control) {
  check(options, series.size());
  Projections prepared = make_projections(series, options.prepare);
  const core::AlignedVector<float> support = support_of(prepared, options.support, threads);
  VolumeResult result;
  result.notes = std::move(prepared.notes);

  Problem problem;
  problem.box = prepared.n;
  problem.embed = core::good_fft_size(2 * prepared.n);
  const auto [fitted, withheld] = split(prepared, options.withheld_every);
  const BlobBasis basis{prepared.n, problem.embed, options.blob_sd_a / prepared.pixel_size};
  const FrequencyWeight weight = even_weight(prepared.n, prepared.images.size());
  const bool blobs = basis.sd_voxels > 0.0;
  problem.fitted = misfit_of(fitted, basis, weight, threads);
  DescentOptions descent;
  descent.iterations = options.iterations;
  descent.momentum = true;
  descent.positive = options.positivity;
  int before = 0; // iterations that the final run goes on from
  if (!withheld.images.empty()) {
    problem.withheld = misfit_of(withheld, basis, weight, threads);
    descent.step = 1.0 / largest(problem.fitted.transfer);
    // Long enough to tell a plateau from noise, short enough not to double the cost.
    descent.stop_patience = std::max(10, options.iterations / 10);
    DescentResult trial = descend(problem, support, descent, threads, progress);
    const auto best = std::min_element(trial.r_withheld.begin(), trial.r_withheld.end());
    // r[i] belongs to the volume after i steps.
    descent.iterations = std::max(1, static_cast<int>(best - trial.r_withheld.begin()));
    descent.stop_patience = 0;
    result.r_free = trial.r_withheld;
    result.notes.push_back(fmt::format("{} of {} images, withheld from a first run, were predicted best "
                                       "after {} iterations (R_free {:.4f}).",
                                       withheld.images.size(), prepared.images.size(), descent.iterations,
                                       *best));
    problem.fitted = joined(std::move(problem.fitted), *problem.withheld);
    problem.withheld.reset();
    if (blobs && control.start.current.empty()) {
      // All but the images that were withheld is fitted already.
      constexpr int least = 10;
      descent.iterations = std::max(least, descent.iterations / 2);
      before = trial.iterations;
      control.start.point = trial.volume;
      control.start.current = std::move(trial.volume);
    }
  }
  descent.step = 1.0 / largest(problem.fitted.transfer);
  DescentResult done = descend(problem, support, descent, threads, progress, {}, std::move(control));
  result.r_k = std::move(done.r_fitted);
  result.iterations = before + done.iterations;
  result.notes.push_back(fmt::format("Least squares: {}.", done.stopped));
  result.volume = core::Volume(prepared.n, prepared.n, prepared.n, prepared.pixel_size);
  result.volume.data = std::move(done.volume);
  if (blobs) blobs_of(result.volume.data, basis, threads);
  result.r1_k = mean(projection_residuals(result.volume, prepared.images, prepared.orientations, threads));
  return result;
}

} // namespace aet::recon
