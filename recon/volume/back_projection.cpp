#include "recon/volume/back_projection.hpp"

#include "recon/volume/projector.hpp"
#include "sim/core/error.hpp"
#include "sim/core/fft.hpp"
#include "sim/core/units.hpp"

#include <Eigen/Eigenvalues>
#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>

namespace aet::recon {

namespace {

using core::Complex;

/// The specimen's direction that stays nearest to the image plane's same direction: the tilt axis. It is the
/// normal of the plane that the beams lie in.
core::Vec3 tilt_axis(const std::vector<core::Mat3>& orientations) {
  core::Mat3 beams = core::Mat3::Zero();
  for (const core::Mat3& r : orientations) {
    const core::Vec3 beam = r.row(2).transpose();
    beams += beam * beam.transpose();
  }
  const Eigen::SelfAdjointEigenSolver<core::Mat3> solver(beams);
  return solver.eigenvectors().col(0); // smallest eigenvalue
}

/// The range of angles [radian] that each image stands for: half the way to its neighbours on either side,
/// angles of beams about the axis counted modulo pi, at most the median step.
std::vector<double> angular_widths(const std::vector<core::Mat3>& orientations, const core::Vec3& axis) {
  const core::Vec3 first = orientations.front().row(2).transpose();
  const core::Vec3 u = (first - axis * axis.dot(first)).normalized();
  const core::Vec3 v = axis.cross(u);
  const std::size_t count = orientations.size();
  std::vector<double> angle(count);
  for (std::size_t j = 0; j < count; ++j) {
    const core::Vec3 beam = orientations[j].row(2).transpose();
    const double a = std::atan2(beam.dot(v), beam.dot(u));
    angle[j] = a - core::pi * std::floor(a / core::pi);
  }
  std::vector<std::size_t> order(count);
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return angle[a] < angle[b]; });
  std::vector<double> gaps(count); // from each to the next
  for (std::size_t k = 0; k < count; ++k) {
    const double next = k + 1 < count ? angle[order[k + 1]] : angle[order[0]] + core::pi;
    gaps[k] = next - angle[order[k]];
  }
  std::vector<double> sorted = gaps;
  std::nth_element(sorted.begin(), sorted.begin() + static_cast<std::ptrdiff_t>(count / 2), sorted.end());
  const double most = sorted[count / 2]; // the missing wedge belongs to nobody
  std::vector<double> out(count);
  for (std::size_t k = 0; k < count; ++k) {
    out[order[k]] = 0.5 * (std::min(gaps[k], most) + std::min(gaps[(k + count - 1) % count], most));
  }
  return out;
}

/// |f across the axis| with a soft end.
/// \param across unit vector in the image, perpendicular to the axis.
core::Image ramp_filtered(const core::Image& image, const std::array<double, 2>& across, double cutoff,
                          double weight) {
  const int n = image.nx;
  const int m = core::good_fft_size(2 * n);
  const auto edge = static_cast<std::size_t>(m);
  core::AlignedVector<Complex> data(edge * edge);
  for (int y = 0; y < n; ++y) {
    for (int x = 0; x < n; ++x)
      data[static_cast<std::size_t>(y) * edge + static_cast<std::size_t>(x)] = image.at(x, y);
  }
  // The transform of the ramp as it is sampled in real space: its zero frequency keeps the mean right.
  // Source: Kak & Slaney, Principles of Computerized Tomographic Imaging (1988), eq. 3.61.
  std::vector<double> ramp(edge / 2 + 1, 0.25);
  for (std::size_t k = 0; k < ramp.size(); ++k) {
    for (int s = 1; s < m / 2; s += 2)
      ramp[k] -= 2.0 / std::pow(core::pi * s, 2) *
                 std::cos(2.0 * core::pi * static_cast<double>(k) * s / static_cast<double>(m));
  }
  const auto factor = [&](double f) { // f in cycles a pixel
    const double of_nyquist = 2.0 * std::abs(f);
    if (of_nyquist >= cutoff) return 0.0;
    const double position = std::abs(f) * m;
    const auto low = static_cast<std::size_t>(position);
    const double part = position - static_cast<double>(low);
    const double value = (1.0 - part) * ramp[low] + part * ramp[std::min(low + 1, ramp.size() - 1)];
    const double depth = (cutoff - of_nyquist) / (0.2 * cutoff);
    return value * (depth >= 1.0 ? 1.0 : 0.5 - 0.5 * std::cos(core::pi * depth));
  };
  const core::Fft2 fft(m, m);
  fft.forward(data.data());
  for (int b = 0; b < m; ++b) {
    const double fy = static_cast<double>(b < m / 2 ? b : b - m) / m;
    for (int a = 0; a < m; ++a) {
      const double fx = static_cast<double>(a < m / 2 ? a : a - m) / m;
      data[static_cast<std::size_t>(b) * edge + static_cast<std::size_t>(a)] *=
          static_cast<float>(weight * factor(fx * across[0] + fy * across[1]));
    }
  }
  fft.backward(data.data());
  core::Image out(n, n);
  const float scale = 1.0F / (static_cast<float>(m) * static_cast<float>(m));
  for (int y = 0; y < n; ++y) {
    for (int x = 0; x < n; ++x)
      out.at(x, y) = scale * data[static_cast<std::size_t>(y) * edge + static_cast<std::size_t>(x)].real();
  }
  return out;
}

} // namespace

VolumeResult reconstruct_back_projection(const core::TiltSeries& series, const BackProjectionOptions& options,
                                         core::Threads threads, const core::ProgressSink& progress) {
  if (!(options.cutoff > 0.0 && options.cutoff <= 1.0)) {
    throw core::ConfigError(fmt::format("the cutoff of the back-projection must lie in (0, 1] of the Nyquist "
                                        "frequency; it is {}.",
                                        options.cutoff));
  }
  Projections prepared = make_projections(series, options.prepare);
  const core::Vec3 axis = tilt_axis(prepared.orientations);
  const std::vector<double> widths = angular_widths(prepared.orientations, axis);
  std::vector<core::Image> filtered(prepared.images.size());
  core::parallel_for(filtered.size(), threads, [&](std::size_t j, int /*worker*/) {
    const core::Vec3 along = prepared.orientations[j] * axis;
    const double length = std::max(1e-9, std::hypot(along.x(), along.y()));
    filtered[j] = ramp_filtered(prepared.images[j], {along.y() / length, -along.x() / length}, options.cutoff,
                                widths[j]);
  });
  core::report(progress, {0.5, 1.0, "images", ""});
  VolumeResult result;
  result.notes = std::move(prepared.notes);
  result.notes.emplace_back("Weighted back-projection: ramp filter, no constraint; a baseline.");
  result.volume = core::Volume(prepared.n, prepared.n, prepared.n, prepared.pixel_size);
  result.volume.data = back_project(filtered, prepared.orientations, threads);
  const auto residuals = projection_residuals(result.volume, prepared.images, prepared.orientations, threads);
  result.r1_k =
      std::accumulate(residuals.begin(), residuals.end(), 0.0) / static_cast<double>(residuals.size());
  result.r_k = {result.r1_k};
  core::report(progress, {1.0, 1.0, "images", ""});
  return result;
}

} // namespace aet::recon
