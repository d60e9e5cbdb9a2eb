#include "recon/images/noise_model.hpp"

#include "sim/core/error.hpp"

#include <fmt/core.h>

#include <array>
#include <cmath>
#include <cstddef>
#include <utility>

namespace aet::recon {

namespace {

/// What one pixel says about the noise.
struct Sample {
  float residual; ///< zero mean, variance = that of the pixel's noise
  float mean;     ///< mean of the signal to which that variance belongs
  float ring;     ///< sorts pixels into classes; independent of the noise in the other two
};

constexpr int smallest_image = 16;

void check(const core::Image& image) {
  if (std::min(image.nx, image.ny) >= smallest_image) return;
  throw core::DataError(fmt::format("noise cannot be estimated from an image of {} x {} pixels; at least {} "
                                    "x {} are needed (or give the gain and the readout noise).",
                                    image.nx, image.ny, smallest_image, smallest_image));
}

constexpr int reach = 2;                                            // of the filter
constexpr std::array<double, 5> fourth_difference{1, -4, 6, -4, 1}; // along one axis
constexpr double fourth_difference_norm2 = 1 + 16 + 36 + 16 + 1;    // sum of squares

void add_filtered(const core::Image& image, std::vector<Sample>& samples) {
  constexpr int ring_reach = 4;
  for (int y = ring_reach; y + ring_reach < image.ny; ++y) {
    for (int x = ring_reach; x + ring_reach < image.nx; ++x) {
      double residual = 0.0;
      double mean = 0.0;
      for (int j = -reach; j <= reach; ++j) {
        for (int i = -reach; i <= reach; ++i) {
          const double weight = fourth_difference[static_cast<std::size_t>(i + reach)] *
                                fourth_difference[static_cast<std::size_t>(j + reach)] /
                                fourth_difference_norm2;
          const auto value = static_cast<double>(image.at(x + i, y + j));
          residual += weight * value;
          mean += weight * weight * value;
        }
      }
      double ring = 0.0;
      for (int d = -ring_reach; d < ring_reach; ++d) {
        ring += static_cast<double>(image.at(x + d, y - ring_reach)) +
                static_cast<double>(image.at(x + ring_reach, y + d)) +
                static_cast<double>(image.at(x - d, y + ring_reach)) +
                static_cast<double>(image.at(x - ring_reach, y - d));
      }
      for (int d = -3; d < 3; ++d) { // the square inside it
        ring += static_cast<double>(image.at(x + d, y - 3)) + static_cast<double>(image.at(x + 3, y + d)) +
                static_cast<double>(image.at(x - d, y + 3)) + static_cast<double>(image.at(x - 3, y - d));
      }
      samples.push_back({static_cast<float>(residual), static_cast<float>(mean), static_cast<float>(ring)});
    }
  }
}

/// Pixels of one class, in the mean.
struct ClassPoint {
  double mean = 0.0;
  double variance = 0.0;
  double count = 0.0;
};

struct Line {
  double slope = 0.0;
  double intercept = 0.0;
  [[nodiscard]] double at(double x) const { return slope * x + intercept; }
};

/// Weighted by the inverse variance of a variance estimate, 2 v^2 / count. Structure finer than the filter
/// passes can only add to a class's variance, so classes far above the line lose their weight.
Line fit(const std::vector<ClassPoint>& points, const Line& weights, double floor) {
  double s = 0.0;
  double sx = 0.0;
  double sy = 0.0;
  double sxx = 0.0;
  double sxy = 0.0;
  for (const ClassPoint& p : points) {
    const double v = std::max(weights.at(p.mean), floor);
    constexpr double fair = 1.15; // classes scatter by sqrt(2 / count), a few percent
    const double w = p.count / (v * v) * std::pow(std::min(1.0, fair * v / std::max(p.variance, floor)), 4);
    s += w;
    sx += w * p.mean;
    sy += w * p.variance;
    sxx += w * p.mean * p.mean;
    sxy += w * p.mean * p.variance;
  }
  const double determinant = s * sxx - sx * sx;
  constexpr double rounding = 1e-12;
  if (!(determinant > rounding * s * sxx)) return {0.0, s > 0.0 ? sy / s : 0.0}; // one class only
  Line line{(s * sxy - sx * sy) / determinant, 0.0};
  if (line.slope < 0.0) return {0.0, sy / s};
  line.intercept = (sy - line.slope * sx) / s;
  return line;
}

/// Median of squares of a normal deviate.
constexpr double median_of_chi2 = 0.45493642311957;

/// Where the fit starts: the line through zero and the class with the least variance for its mean, if means
/// are positive; else the least variance.
Line lower_bound(const std::vector<ClassPoint>& points) {
  Line line{0.0, points.front().variance};
  double slope = -1.0;
  for (const ClassPoint& p : points) {
    line.intercept = std::min(line.intercept, p.variance);
    if (p.mean > 0.0 && p.variance > 0.0 && (slope < 0.0 || p.variance / p.mean < slope))
      slope = p.variance / p.mean;
  }
  return slope > 0.0 ? Line{slope, 0.0} : line;
}

/// Variance of a class from the median of its squared residuals, each divided by what `model` expects of it,
/// so that unequal variances within the class do not matter.
ClassPoint class_point(const std::vector<Sample>& samples, std::size_t begin, std::size_t end,
                       const Line& model, double floor) {
  std::vector<double> squares;
  ClassPoint point;
  double expected = 0.0;
  for (std::size_t i = begin; i < end; ++i) {
    const auto mean = static_cast<double>(samples[i].mean);
    const auto residual = static_cast<double>(samples[i].residual);
    const double v = std::max(model.at(mean), floor);
    squares.push_back(residual * residual / v);
    point.mean += mean;
    expected += v;
  }
  const auto n = static_cast<double>(end - begin);
  const auto middle = squares.begin() + static_cast<std::ptrdiff_t>(squares.size() / 2);
  std::nth_element(squares.begin(), middle, squares.end());
  point.mean /= n;
  point.variance = *middle / median_of_chi2 * expected / n;
  point.count = n;
  return point;
}

NoiseModel model_from(const Line& line, double offset) {
  NoiseModel noise;
  noise.gain = line.slope;
  noise.offset = offset;
  noise.readout_variance = line.intercept + line.slope * offset;
  if (noise.readout_variance < 0.0) {
    if (noise.gain > 0.0) noise.offset = -line.intercept / noise.gain;
    noise.readout_variance = 0.0;
  }
  return noise;
}

NoiseModel fit_noise(std::vector<Sample> samples, double offset) {
  std::stable_sort(samples.begin(), samples.end(),
                   [](const Sample& a, const Sample& b) { return a.ring < b.ring; });
  double mean_square = 0.0;
  for (const Sample& s : samples)
    mean_square += static_cast<double>(s.residual) * static_cast<double>(s.residual);
  mean_square /= static_cast<double>(samples.size());
  if (!(mean_square > 0.0)) return {0.0, offset, 0.0}; // no noise at all
  constexpr std::size_t classes = 32;
  constexpr int rounds = 12; // the line changes by less than 1e-3 long before
  const double floor = 1e-3 * mean_square;
  Line line{0.0, mean_square};
  for (int round = 0; round < rounds; ++round) {
    std::vector<ClassPoint> points;
    for (std::size_t c = 0; c < classes; ++c) {
      const std::size_t begin = samples.size() * c / classes;
      const std::size_t end = samples.size() * (c + 1) / classes;
      if (end > begin) points.push_back(class_point(samples, begin, end, line, floor));
    }
    line = fit(points, round == 0 ? lower_bound(points) : line, floor);
  }
  return model_from(line, offset);
}

} // namespace

NoiseModel estimate_noise(const std::vector<core::Image>& images, double offset) {
  if (images.empty()) throw core::DataError("noise cannot be estimated without images.");
  std::vector<Sample> samples;
  for (const core::Image& image : images) {
    check(image);
    add_filtered(image, samples);
  }
  return fit_noise(std::move(samples), offset);
}

NoiseModel estimate_noise_from_exposures(const std::vector<core::Image>& exposures, double offset) {
  if (exposures.size() < 2) {
    throw core::DataError(
        fmt::format("noise from exposures needs at least two of one scene; there is {}.", exposures.size()));
  }
  std::vector<Sample> samples;
  for (std::size_t f = 0; f + 1 < exposures.size(); ++f) {
    const core::Image& a = exposures[f];
    const core::Image& b = exposures[f + 1];
    if (a.nx != b.nx || a.ny != b.ny) {
      throw core::DataError(fmt::format("exposures {} and {} differ in shape ({} x {} and {} x {} pixels).",
                                        f, f + 1, a.nx, a.ny, b.nx, b.ny));
    }
    check(a);
    for (int y = 1; y + 1 < a.ny; ++y) {
      for (int x = 1; x + 1 < a.nx; ++x) {
        const auto sum = [&](int i, int j) {
          return static_cast<double>(a.at(x + i, y + j)) + static_cast<double>(b.at(x + i, y + j));
        };
        const double difference = static_cast<double>(a.at(x, y)) - static_cast<double>(b.at(x, y));
        samples.push_back({static_cast<float>(difference / std::sqrt(2.0)),
                           static_cast<float>(0.5 * sum(0, 0)),
                           static_cast<float>(sum(-1, 0) + sum(1, 0) + sum(0, -1) + sum(0, 1))});
      }
    }
  }
  return fit_noise(std::move(samples), offset);
}

} // namespace aet::recon
