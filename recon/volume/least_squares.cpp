#include "recon/volume/least_squares.hpp"

#include "recon/volume/blob_basis.hpp"
#include "recon/volume/coverage.hpp"
#include "recon/volume/descent.hpp"
#include "recon/volume/projector.hpp"
#include "recon/volume/quadratic.hpp"
#include "sim/core/error.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
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
  std::vector<core::Image> known; ///< see Projections; empty: all
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
    if (!series.known.empty()) to.known.push_back(series.known[j]);
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

/// What is minimised: how volumes are made of what is varied, and how deviations count.
struct Terms {
  BlobBasis basis; ///< sd 0: voxels by themselves
  FrequencyWeight weight;
  core::AlignedVector<float> support; ///< n^3 factors; data are looked at where it is not zero
  core::Threads threads;

  [[nodiscard]] bool blobs() const { return basis.sd_voxels > 0.0; }
};

/// The images' part of the misfit: its target and its energies.
void set_data(Misfit& misfit, const Views& views, const Terms& terms) {
  std::vector<core::Image> images(views.images.size());
  core::parallel_for(images.size(), terms.threads, [&](std::size_t j, int) {
    images[j] = terms.blobs() ? weighted(views.images[j], terms.weight) : views.images[j];
  });
  misfit.target = back_project(images, views.orientations, terms.threads, terms.support);
  misfit.data_energy = misfit.reference = 0.0;
  for (std::size_t j = 0; j < images.size(); ++j) {
    const core::Image& image = views.images[j];
    misfit.data_energy += std::inner_product(images[j].data.begin(), images[j].data.end(), image.data.begin(),
                                             0.0, std::plus<>(), product);
    if (views.known.empty()) continue;
    for (std::size_t i = 0; i < image.data.size(); ++i)
      misfit.reference += product(views.known[j].data[i] * image.data[i], images[j].data[i]);
  }
}

/// The misfit of some images, in amplitudes of blobs where there are blobs.
Misfit misfit_of(const Views& views, const Terms& terms) {
  const int n = terms.basis.box;
  Misfit misfit;
  misfit.transfer = transfer_of_kernel(back_projected_projection_kernel(views.orientations, n, terms.threads),
                                       n, terms.basis.embed, terms.threads);
  set_data(misfit, views, terms);
  if (terms.blobs()) of_amplitudes(misfit, terms.basis, terms.weight, terms.threads);
  return misfit;
}

/// The volume that u stands for.
core::Volume volume_of(const core::AlignedVector<float>& u, double pixel, const Terms& terms) {
  const int n = terms.basis.box;
  core::Volume volume(n, n, n, pixel);
  volume.data = u;
  if (terms.blobs()) blobs_of(volume.data, terms.basis, terms.threads);
  return volume;
}

/// Unknown pixels as the volume shows them, and the misfit's data anew. Minimising with these in place and
/// filling them again, in turn, lowers the misfit of the known pixels alone each time (Dempster, Laird &
/// Rubin, J. R. Stat. Soc. B 39, 1 (1977)).
void fill_unknown(Misfit& misfit, Views& views, const core::Volume& volume, const Terms& terms) {
  core::Volume solid = volume; // tails of blobs cost time and show nothing
  constexpr float nothing = 1e-4F;
  const float least = nothing * *std::max_element(solid.data.begin(), solid.data.end());
  std::replace_if(
      solid.data.begin(), solid.data.end(), [least](float v) { return std::abs(v) < least; }, 0.0F);
  const std::vector<core::Image> shown = project(solid, views.orientations, terms.threads);
  for (std::size_t j = 0; j < shown.size(); ++j) {
    for (std::size_t i = 0; i < shown[j].data.size(); ++i) {
      if (views.known[j].data[i] == 0.0F) views.images[j].data[i] = shown[j].data[i];
    }
  }
  set_data(misfit, views, terms);
  if (terms.blobs()) blobs_of(misfit.target, terms.basis, terms.threads);
}

/// Fills what is unknown every few iterations; empty where all is known.
Schedule filling(Views& fitted, Views& withheld, double pixel, const Terms& terms) {
  if (fitted.known.empty()) return {};
  return [&fitted, &withheld, pixel, &terms](int iteration, Problem& problem,
                                             const core::AlignedVector<float>& u) {
    constexpr int every = 15; // a filling costs as much as several iterations
    if (iteration % every != 0) return;
    const core::Volume volume = volume_of(u, pixel, terms);
    fill_unknown(problem.fitted, fitted, volume, terms);
    if (problem.withheld) fill_unknown(*problem.withheld, withheld, volume, terms);
  };
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
  core::AlignedVector<float> support = support_of(prepared, options.support, threads);
  VolumeResult result;
  result.notes = std::move(prepared.notes);
  if (!prepared.known.empty()) {
    const core::AlignedVector<float> shown = coverage(prepared, threads);
    for (std::size_t i = 0; i < support.size(); ++i) {
      if (shown[i] == 0.0F) support[i] = 0.0F;
    }
    result.notes.push_back(coverage_note(shown, prepared.images.size()));
  }

  Problem problem;
  problem.box = prepared.n;
  problem.embed = core::good_fft_size(2 * prepared.n);
  auto [fitted, withheld] = split(prepared, options.withheld_every);
  const Terms terms{{prepared.n, problem.embed, options.blob_sd_a / prepared.pixel_size},
                    even_weight(prepared.n, prepared.images.size()),
                    prepared.known.empty() ? core::AlignedVector<float>{} : support,
                    threads};
  problem.fitted = misfit_of(fitted, terms);
  DescentOptions descent;
  descent.iterations = options.iterations;
  descent.momentum = true;
  descent.positive = options.positivity;
  int before = 0; // iterations that the final run goes on from
  if (!withheld.images.empty()) {
    problem.withheld = misfit_of(withheld, terms);
    descent.step = 1.0 / largest(problem.fitted.transfer);
    // Long enough to tell a plateau from noise, short enough not to double the cost.
    descent.stop_patience = std::max(10, options.iterations / 10);
    DescentResult trial = descend(problem, support, descent, threads, progress,
                                  filling(fitted, withheld, prepared.pixel_size, terms));
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
    fitted = split(prepared, 0).first;
    if (terms.blobs() && control.start.current.empty()) {
      // All but the images that were withheld is fitted already.
      constexpr int least = 10;
      descent.iterations = std::max(least, descent.iterations / 2);
      before = trial.iterations;
      control.start.point = trial.volume;
      control.start.current = std::move(trial.volume);
    }
  }
  descent.step = 1.0 / largest(problem.fitted.transfer);
  DescentResult done = descend(problem, support, descent, threads, progress,
                               filling(fitted, withheld, prepared.pixel_size, terms), std::move(control));
  result.r_k = std::move(done.r_fitted);
  result.iterations = before + done.iterations;
  result.notes.push_back(fmt::format("Least squares: {}.", done.stopped));
  result.volume = volume_of(done.volume, prepared.pixel_size, terms);
  if (!fitted.known.empty())
    prepared.images = std::move(fitted.images); // what is unknown deviates by nothing
  result.r1_k = mean(projection_residuals(result.volume, prepared.images, prepared.orientations, threads));
  return result;
}

} // namespace aet::recon
