#include "recon/align/alternation.hpp"

#include "recon/volume/descent.hpp"
#include "recon/volume/least_squares.hpp"
#include "recon/volume/shift.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <functional>
#include <utility>

namespace aet::recon {

namespace {

/// The sum of all misfits but one.
Misfit all_but(const std::vector<Misfit>& parts, std::size_t left_out) {
  Misfit out;
  for (std::size_t p = 0; p < parts.size(); ++p) {
    if (p == left_out) continue;
    if (out.target.empty()) {
      out = parts[p];
      continue;
    }
    std::transform(out.transfer.begin(), out.transfer.end(), parts[p].transfer.begin(), out.transfer.begin(),
                   std::plus<>());
    std::transform(out.target.begin(), out.target.end(), parts[p].target.begin(), out.target.begin(),
                   std::plus<>());
    out.data_energy += parts[p].data_energy;
  }
  return out;
}

/// How far images of this blur [pixel] can be thinned: a Gaussian as wide as a new pixel leaves 0.7 % at the
/// new Nyquist frequency.
int thinning_of(double blur, int n) {
  constexpr int smallest = 16; // below, nothing is gained
  int b = 1;
  while (b < 4 && blur >= 2.0 * b && n / (2 * b) >= smallest)
    b *= 2;
  return b;
}

/// Even, and wide enough for all of n pixels thinned by b about their middle.
int thinned_size(int n, int b) {
  return 2 * ((n / 2 + b - 1) / b);
}

core::Image thinned(const core::Image& image, int b) {
  const int n = image.nx;
  const int m = thinned_size(n, b);
  core::Image out(m, m);
  const auto at = [&](int i) { return (i - m / 2) * b + n / 2; };
  for (int y = 0; y < m; ++y) {
    for (int x = 0; x < m; ++x) {
      if (at(x) >= 0 && at(x) < n && at(y) >= 0 && at(y) < n) out.at(x, y) = image.at(at(x), at(y));
    }
  }
  return out;
}

core::AlignedVector<float> thinned(const core::AlignedVector<float>& volume, int n, int b) {
  const int m = thinned_size(n, b);
  core::AlignedVector<float> out(static_cast<std::size_t>(m) * static_cast<std::size_t>(m) *
                                 static_cast<std::size_t>(m));
  const auto at = [&](int i) { return (i - m / 2) * b + n / 2; };
  const auto inside = [&](int i) { return at(i) >= 0 && at(i) < n; };
  std::size_t i = 0;
  for (int z = 0; z < m; ++z) {
    for (int y = 0; y < m; ++y) {
      for (int x = 0; x < m; ++x, ++i) {
        if (inside(x) && inside(y) && inside(z))
          out[i] = volume[static_cast<std::size_t>((at(z) * n + at(y)) * n + at(x))];
      }
    }
  }
  return out;
}

} // namespace

Alternation::Alternation(const Projections& series, const core::AlignedVector<float>& support,
                         const PoseStage& stage, const PoseRefinementOptions& options, core::Threads threads)
    : options_(options), threads_(threads),
      thinning_(thinning_of(stage.blur_a / series.pixel_size, series.n)),
      n_(thinned_size(series.n, thinning_)), reproject_(n_), images_(series.images),
      support_(thinned(support, series.n, thinning_)),
      volumes_(static_cast<std::size_t>(options.folds),
               core::Volume(n_, n_, n_, thinning_ * series.pixel_size)) {
  if (stage.blur_a == 0.0) return;
  core::parallel_for(images_.size(), threads_, [&](std::size_t j, int /*worker*/) {
    images_[j] = thinned(smoothed(series.images[j], stage.blur_a / series.pixel_size), thinning_);
  });
}

void Alternation::reconstruct(const std::vector<Pose>& poses) {
  std::vector<core::Image> moved_images(images_.size());
  std::vector<core::Mat3> orientations;
  for (const Pose& pose : poses)
    orientations.push_back(pose.orientation);
  core::parallel_for(images_.size(), threads_, [&](std::size_t j, int /*worker*/) {
    moved_images[j] = shifted(images_[j], -poses[j].shift.x() / pixel(), -poses[j].shift.y() / pixel());
  });
  const int embed = core::good_fft_size(2 * n_);
  std::vector<Misfit> parts;
  for (std::size_t fold = 0; fold < volumes_.size(); ++fold) {
    std::vector<core::Image> own;
    std::vector<core::Mat3> own_orientations;
    for (std::size_t j = fold; j < poses.size(); j += volumes_.size()) {
      own.push_back(moved_images[j]);
      own_orientations.push_back(orientations[j]);
    }
    parts.push_back(projection_misfit(own, own_orientations, embed, threads_, support_));
  }
  for (std::size_t fold = 0; fold < volumes_.size(); ++fold) {
    Problem problem;
    problem.box = n_;
    problem.embed = embed;
    problem.fitted = volumes_.size() == 1 ? std::move(parts.front()) : all_but(parts, fold);
    DescentOptions descent;
    descent.iterations = options_.volume_iterations;
    descent.momentum = true;
    descent.step = 1.0 / largest(problem.fitted.transfer);
    DescentControl control;
    core::Volume& volume = volumes_[fold];
    if (warm_) control.start.current = control.start.point = volume.data;
    volume.data = descend(problem, support_, descent, threads_, {}, {}, std::move(control)).volume;
  }
  warm_ = true;
}

std::vector<PoseFit> Alternation::fit(const std::vector<Pose>& poses,
                                      const PoseFitOptions& fit_options) const {
  std::vector<PoseFit> out(poses.size());
  core::parallel_for(poses.size(), threads_, [&](std::size_t j, int /*worker*/) {
    out[j] = fit_pose(reproject_, volumes_[j % volumes_.size()], images_[j], poses[j], fit_options);
  });
  return out;
}

core::Volume Alternation::mean_volume() const {
  core::Volume out = volumes_.front();
  for (std::size_t i = 0; i < out.data.size(); ++i) {
    double sum = 0.0;
    for (const core::Volume& v : volumes_)
      sum += static_cast<double>(v.data[i]);
    out.data[i] = static_cast<float>(sum / static_cast<double>(volumes_.size()));
  }
  return out;
}

} // namespace aet::recon
