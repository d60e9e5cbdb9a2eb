#include "recon/volume/blob_basis.hpp"

#include "recon/volume/projections.hpp"
#include "recon/volume/pruned_transform.hpp"
#include "sim/core/units.hpp"

#include <algorithm>
#include <cmath>
#include <utility>
#include <vector>

namespace aet::recon {

namespace {

double frequency(int k, int size) {
  return static_cast<double>(k <= size / 2 ? k : k - size) / size;
}

/// Transfer function of a Gaussian along one axis of the cube, 1 at zero.
std::vector<float> gaussian_transfer(int size, double sd) {
  std::vector<float> out;
  for (int k = 0; k < size; ++k)
    out.push_back(static_cast<float>(std::exp(-2.0 * std::pow(core::pi * frequency(k, size) * sd, 2))));
  return out;
}

/// Standard deviation in space of the Gaussian that the weight takes away [voxel].
double spread(const FrequencyWeight& weight) {
  return 1.0 / (2.0 * core::pi * weight.knee);
}

} // namespace

FrequencyWeight even_weight(int n, std::size_t images) {
  constexpr double filled = 0.7; // of the frame, by the specimen
  const double crowther = static_cast<double>(images) / (core::pi * filled * n);
  FrequencyWeight weight;
  weight.knee = std::min(0.1, 0.4 * crowther);
  weight.low = 0.2; // less lets more noise in where little is measured, for little speed
  return weight;
}

core::Image weighted(const core::Image& image, const FrequencyWeight& weight) {
  core::Image out = smoothed(image, spread(weight));
  const auto part = static_cast<float>(1.0 - weight.low);
  std::transform(image.data.begin(), image.data.end(), out.data.begin(), out.data.begin(),
                 [part](float sharp, float smooth) { return sharp - part * smooth; });
  return out;
}

void of_amplitudes(Misfit& misfit, const BlobBasis& basis, const FrequencyWeight& weight,
                   core::Threads threads) {
  const std::vector<float> blob = gaussian_transfer(basis.embed, std::sqrt(2.0) * basis.sd_voxels); // twice
  const std::vector<float> smooth = gaussian_transfer(basis.embed, spread(weight));
  const auto part = static_cast<float>(1.0 - weight.low);
  const std::size_t half = blob.size() / 2 + 1;
  core::parallel_for(blob.size(), threads, [&](std::size_t ky, int) {
    for (std::size_t kz = 0; kz < blob.size(); ++kz) {
      float* row = misfit.transfer.data() + (ky * blob.size() + kz) * half;
      const float b = blob[kz] * blob[ky];
      const float s = part * smooth[kz] * smooth[ky];
      for (std::size_t kx = 0; kx < half; ++kx)
        row[kx] *= b * blob[kx] * (1.0F - s * smooth[kx]);
    }
  });
  blobs_of(misfit.target, basis, threads);
}

void blobs_of(core::AlignedVector<float>& amplitudes, const BlobBasis& basis, core::Threads threads) {
  PrunedTransform transform(basis.embed, basis.box);
  const std::vector<float> blob = gaussian_transfer(basis.embed, basis.sd_voxels);
  const std::size_t half = blob.size() / 2 + 1;
  const double voxels = std::pow(static_cast<double>(basis.embed), 3);
  transform.filter(
      amplitudes.data(),
      [&](int ky, core::Complex* values, int /*worker*/) {
        for (std::size_t kz = 0; kz < blob.size(); ++kz) {
          const float b = blob[kz] * blob[static_cast<std::size_t>(ky)];
          for (std::size_t kx = 0; kx < half; ++kx)
            values[kz * half + kx] *= b * blob[kx];
        }
      },
      amplitudes.data(), static_cast<float>(1.0 / voxels), threads);
}

} // namespace aet::recon
