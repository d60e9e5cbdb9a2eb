#include "recon/images/bm3d.hpp"

#include "recon/images/block_transform.hpp"
#include "sim/core/error.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <string>
#include <vector>

namespace aet::recon {

namespace {

using core::AlignedVector;
using core::Image;

void check_stage(const Bm3dStage& s, const std::string& name) {
  const auto require = [&](bool good, const char* key, double value, const char* allowed) {
    if (!good)
      throw core::ConfigError(fmt::format("bm3d {} {} is {}; allowed is {}.", name, key, value, allowed));
  };
  require(s.block >= 4 && s.block <= 32, "block", s.block, "4 to 32 pixels");
  require(s.step >= 1 && s.step <= s.block, "step", s.step, "1 pixel to the block's edge");
  require(s.group >= 1 && s.group <= 128 && (s.group & (s.group - 1)) == 0, "group", s.group,
          "a power of two from 1 to 128");
  require(s.window >= 1 && s.window <= 255 && s.window % 2 == 1, "window", s.window,
          "an odd number from 1 to 255");
  require(s.max_distance > 0.0, "max_distance", s.max_distance, "above 0");
}

/// Modified Bessel function I_0 by its power series.
double bessel_i0(double x) {
  double term = 1.0;
  double sum = 1.0;
  for (int k = 1; term > 1e-12 * sum; ++k) {
    term *= 0.25 * x * x / (static_cast<double>(k) * k);
    sum += term;
  }
  return sum;
}

/// n x n window by which a block's estimate counts: least at its edges.
AlignedVector<float> kaiser_window(int n, double beta) {
  std::vector<double> line;
  for (int i = 0; i < n; ++i) {
    const double t = 2.0 * i / (n - 1) - 1.0;
    line.push_back(bessel_i0(beta * std::sqrt(1.0 - t * t)) / bessel_i0(beta));
  }
  AlignedVector<float> window;
  for (const double row : line) {
    for (const double column : line)
      window.push_back(static_cast<float>(row * column));
  }
  return window;
}

/// Upper left corners of reference blocks along an axis of `length`: every step, and the last one that fits.
std::vector<int> references(int length, const Bm3dStage& stage) {
  std::vector<int> corners;
  for (int x = 0; x + stage.block <= length; x += stage.step)
    corners.push_back(x);
  if (corners.back() + stage.block < length) corners.push_back(length - stage.block);
  return corners;
}

struct Corner {
  int x;
  int y;
};

struct Candidate {
  float distance;
  Corner corner;
};

/// Blocks most like the one at `reference`, itself first; their number is a power of two.
/// `scratch` is reused from call to call.
void find_similar(const Image& image, const Corner& reference, const Bm3dStage& stage, float limit,
                  std::vector<Candidate>& scratch, std::vector<Corner>& found) {
  const int n = stage.block;
  const int reach = stage.window / 2;
  const int x0 = std::max(0, reference.x - reach);
  const int x1 = std::min(image.nx - n, reference.x + reach);
  const int y0 = std::max(0, reference.y - reach);
  const int y1 = std::min(image.ny - n, reference.y + reach);
  const int width = x1 - x0 + 1;
  constexpr int widest = 256;
  alignas(64) float sums[widest];
  scratch.clear();
  for (int y = y0; y <= y1; ++y) {
    std::fill(sums, sums + width, 0.0F);
    for (int j = 0; j < n; ++j) {
      const float* own = &image.data[image.index(reference.x, reference.y + j)];
      const float* other = &image.data[image.index(x0, y + j)];
      for (int i = 0; i < n; ++i) {
        const float value = own[i];
        for (int k = 0; k < width; ++k) { // all candidates of this row at once
          const float difference = other[k + i] - value;
          sums[k] += difference * difference;
        }
      }
    }
    for (int k = 0; k < width; ++k) {
      if (sums[k] <= limit && !(y == reference.y && x0 + k == reference.x)) {
        scratch.push_back({sums[k], {x0 + k, y}});
      }
    }
  }
  std::size_t count = 1;
  while (2 * count <= std::min(static_cast<std::size_t>(stage.group), scratch.size() + 1))
    count *= 2;
  // Ties are broken by place, so that the choice does not hang on the library's sorting.
  const auto nearer = [](const Candidate& a, const Candidate& b) {
    if (a.distance < b.distance) return true;
    if (b.distance < a.distance) return false;
    return a.corner.y != b.corner.y ? a.corner.y < b.corner.y : a.corner.x < b.corner.x;
  };
  const auto wanted = static_cast<std::ptrdiff_t>(count - 1);
  if (wanted > 0) {
    std::nth_element(scratch.begin(), scratch.begin() + (wanted - 1), scratch.end(), nearer);
    std::sort(scratch.begin(), scratch.begin() + wanted, nearer);
  }
  found.assign(1, reference);
  for (std::ptrdiff_t i = 0; i < wanted; ++i)
    found.push_back(scratch[static_cast<std::size_t>(i)].corner);
}

void copy_block(const Image& image, const Corner& corner, int n, float* block) {
  for (int j = 0; j < n; ++j)
    std::copy_n(&image.data[image.index(corner.x, corner.y + j)], n, block + j * n);
}

/// Weighted sums of block estimates over some rows of the image.
struct Sums {
  int first_row = 0;
  int rows = 0;
  std::vector<float> values;
  std::vector<float> weights;
};

/// Scratch space of one thread.
struct Scratch {
  std::vector<Candidate> candidates;
  std::vector<Corner> group;
  AlignedVector<float> noisy;
  AlignedVector<float> pilot;
  AlignedVector<float> product;
};

struct Pass {
  const Image& noisy;
  const Image* pilot; ///< first estimate, for the Wiener pass; null in the first
  const Bm3dStage& stage;
  float noise_sd;
  float threshold; ///< in noise sd
  const BlockTransform& transform;
  const AlignedVector<float>& window;
};

void to_spectra(const Image& image, const Pass& pass, const std::vector<Corner>& group,
                AlignedVector<float>& spectra, AlignedVector<float>& scratch) {
  const int n = pass.stage.block;
  for (std::size_t b = 0; b < group.size(); ++b) {
    float* block = spectra.data() + b * static_cast<std::size_t>(n * n);
    copy_block(image, group[b], n, block);
    pass.transform.forward(block, block, scratch.data());
  }
  hadamard(spectra.data(), static_cast<int>(group.size()), n * n);
}

/// Zeroes small coefficients; returns the weight of the group's estimate.
float hard_threshold(float* spectra, int size, float limit) {
  int kept = 0;
  for (int k = 0; k < size; ++k) {
    const bool large = std::abs(spectra[k]) >= limit;
    kept += large ? 1 : 0;
    spectra[k] = large ? spectra[k] : 0.0F;
  }
  return 1.0F / static_cast<float>(std::max(kept, 1));
}

/// Shrinks coefficients by the energy of the pilot; returns the weight of the group's estimate.
float wiener_shrink(float* spectra, const float* pilot, int size, float variance) {
  float norm2 = 0.0F;
  for (int k = 0; k < size; ++k) {
    const float energy = pilot[k] * pilot[k];
    const float factor = energy / (energy + variance);
    spectra[k] *= factor;
    norm2 += factor * factor;
  }
  return 1.0F / std::max(norm2, 1e-6F);
}

void filter_group(const Pass& pass, const Corner& reference, Scratch& s, Sums& sums) {
  const int n = pass.stage.block;
  const int area = n * n;
  const float variance = pass.noise_sd * pass.noise_sd;
  const float limit = static_cast<float>(pass.stage.max_distance) * variance * static_cast<float>(area);
  find_similar(pass.pilot != nullptr ? *pass.pilot : pass.noisy, reference, pass.stage, limit, s.candidates,
               s.group);
  to_spectra(pass.noisy, pass, s.group, s.noisy, s.product);
  const int count = static_cast<int>(s.group.size());
  float weight = 0.0F;
  if (pass.pilot == nullptr) {
    weight = hard_threshold(s.noisy.data(), count * area, pass.threshold * pass.noise_sd);
  } else {
    to_spectra(*pass.pilot, pass, s.group, s.pilot, s.product);
    weight = wiener_shrink(s.noisy.data(), s.pilot.data(), count * area, variance);
  }
  hadamard(s.noisy.data(), count, area);
  for (int b = 0; b < count; ++b) {
    float* block = s.noisy.data() + b * area;
    pass.transform.inverse(block, block, s.product.data());
    const Corner& corner = s.group[static_cast<std::size_t>(b)];
    for (int j = 0; j < n; ++j) {
      const std::size_t row =
          static_cast<std::size_t>(corner.y + j - sums.first_row) * static_cast<std::size_t>(pass.noisy.nx) +
          static_cast<std::size_t>(corner.x);
      for (int i = 0; i < n; ++i) {
        const float w = weight * pass.window[static_cast<std::size_t>(j * n + i)];
        sums.values[row + static_cast<std::size_t>(i)] += w * block[j * n + i];
        sums.weights[row + static_cast<std::size_t>(i)] += w;
      }
    }
  }
}

/// Every reference block of one pass. Work is cut into strips of fixed size, whose sums are added in order,
/// so that the result does not depend on the number of threads.
Image run_pass(const Pass& pass, core::Threads threads) {
  const Image& image = pass.noisy;
  const std::vector<int> xs = references(image.nx, pass.stage);
  const std::vector<int> ys = references(image.ny, pass.stage);
  constexpr std::size_t rows_a_strip = 8;
  const std::size_t strips = (ys.size() + rows_a_strip - 1) / rows_a_strip;
  const int n = pass.stage.block;
  std::vector<Sums> sums(strips);
  std::vector<Scratch> scratch(static_cast<std::size_t>(threads.count));
  for (Scratch& s : scratch) {
    const std::size_t size = static_cast<std::size_t>(pass.stage.group) * static_cast<std::size_t>(n * n);
    s.noisy.resize(size);
    s.pilot.resize(size);
    s.product.resize(static_cast<std::size_t>(n * n));
  }
  core::parallel_for(strips, threads, [&](std::size_t strip, int worker) {
    const std::size_t first = strip * rows_a_strip;
    const std::size_t last = std::min(ys.size(), first + rows_a_strip) - 1;
    Sums& own = sums[strip];
    own.first_row = std::max(0, ys[first] - pass.stage.window / 2);
    own.rows = std::min(image.ny, ys[last] + pass.stage.window / 2 + n) - own.first_row;
    const std::size_t size = static_cast<std::size_t>(own.rows) * static_cast<std::size_t>(image.nx);
    own.values.assign(size, 0.0F);
    own.weights.assign(size, 0.0F);
    for (std::size_t r = first; r <= last; ++r) {
      for (const int x : xs)
        filter_group(pass, {x, ys[r]}, scratch[static_cast<std::size_t>(worker)], own);
    }
  });
  Image out(image.nx, image.ny);
  Image weights(image.nx, image.ny);
  for (const Sums& s : sums) {
    const std::size_t offset = out.index(0, s.first_row);
    for (std::size_t i = 0; i < s.values.size(); ++i) {
      out.data[offset + i] += s.values[i];
      weights.data[offset + i] += s.weights[i];
    }
  }
  // Every pixel lies in a reference block, so no weight is zero.
  for (std::size_t i = 0; i < out.data.size(); ++i)
    out.data[i] /= weights.data[i];
  return out;
}

} // namespace

void validate(const Bm3dOptions& options) {
  check_stage(options.hard, "hard-threshold");
  check_stage(options.wiener, "Wiener");
  if (!(options.threshold >= 0.0 && options.threshold <= 10.0)) {
    throw core::ConfigError(fmt::format("bm3d threshold is {}; allowed is 0 to 10.", options.threshold));
  }
  if (!(options.kaiser_beta >= 0.0 && options.kaiser_beta <= 10.0)) {
    throw core::ConfigError(fmt::format("bm3d kaiser_beta is {}; allowed is 0 to 10.", options.kaiser_beta));
  }
}

Image bm3d(const Image& image, double noise_sd, const Bm3dOptions& options, core::Threads threads) {
  validate(options);
  if (!(noise_sd >= 0.0)) {
    throw core::ConfigError(fmt::format("bm3d needs a noise sd >= 0; it is {}.", noise_sd));
  }
  if (noise_sd == 0.0) return image;
  const int largest = std::max(options.hard.block, options.wiener.block);
  if (std::min(image.nx, image.ny) < largest) {
    throw core::DataError(fmt::format("an image of {} x {} pixels is smaller than the blocks of {} x {} that "
                                      "bm3d compares.",
                                      image.nx, image.ny, largest, largest));
  }
  const auto sd = static_cast<float>(noise_sd);
  const auto threshold = static_cast<float>(options.threshold);
  const BlockTransform first(options.hard.block);
  const auto first_window = kaiser_window(options.hard.block, options.kaiser_beta);
  const Image pilot = run_pass({image, nullptr, options.hard, sd, threshold, first, first_window}, threads);
  const BlockTransform second(options.wiener.block);
  const auto second_window = kaiser_window(options.wiener.block, options.kaiser_beta);
  return run_pass({image, &pilot, options.wiener, sd, threshold, second, second_window}, threads);
}

} // namespace aet::recon
