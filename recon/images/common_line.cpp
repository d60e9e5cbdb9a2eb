#include "recon/images/common_line.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>

namespace aet::recon {

namespace {

/// The curve at a place + shift by cubic (Catmull-Rom) interpolation, flat beyond its ends. The curves are
/// blurred, so the interpolation is good to far below the noise.
AxisCurve moved_back(const AxisCurve& curve, double shift) {
  const int n = static_cast<int>(curve.size());
  const auto at = [&](int i) { return curve[static_cast<std::size_t>(std::clamp(i, 0, n - 1))]; };
  const double whole = std::floor(shift);
  const double t = shift - whole;
  const int k = static_cast<int>(whole);
  AxisCurve out(curve.size());
  for (int i = 0; i < n; ++i) {
    const double a = at(i + k - 1);
    const double b = at(i + k);
    const double c = at(i + k + 1);
    const double d = at(i + k + 2);
    out[static_cast<std::size_t>(i)] =
        b + 0.5 * t * (c - a + t * (2.0 * a - 5.0 * b + 4.0 * c - d + t * (3.0 * (b - c) + d - a)));
  }
  return out;
}

/// The place from the middle, in units that give a sum of squares of 1.
AxisCurve straight_line(std::size_t n) {
  AxisCurve out(n);
  const double middle = 0.5 * (static_cast<double>(n) - 1.0);
  double square = 0.0;
  for (std::size_t i = 0; i < n; ++i) {
    out[i] = static_cast<double>(i) - middle;
    square += out[i] * out[i];
  }
  for (double& v : out)
    v /= std::sqrt(square);
  return out;
}

/// Without mean and slope.
AxisCurve detrended(AxisCurve curve, const AxisCurve& line) {
  const double mean = std::accumulate(curve.begin(), curve.end(), 0.0) / static_cast<double>(curve.size());
  for (double& v : curve)
    v -= mean;
  const double slope = std::inner_product(curve.begin(), curve.end(), line.begin(), 0.0);
  for (std::size_t i = 0; i < curve.size(); ++i)
    curve[i] -= slope * line[i];
  return curve;
}

CurveFit fit_to(const AxisCurve& curve, const AxisCurve& reference, const AxisCurve& line) {
  const AxisCurve c = detrended(curve, line);
  const AxisCurve r = detrended(reference, line);
  const double cr = std::inner_product(c.begin(), c.end(), r.begin(), 0.0);
  const double rr = std::inner_product(r.begin(), r.end(), r.begin(), 0.0);
  const double cc = std::inner_product(c.begin(), c.end(), c.begin(), 0.0);
  CurveFit out;
  if (!(rr > 0.0 && cc > 0.0)) return out;
  out.gain = cr / rr;
  out.correlation = cr / std::sqrt(rr * cc);
  const auto n = static_cast<double>(curve.size());
  out.level = (std::accumulate(curve.begin(), curve.end(), 0.0) -
               out.gain * std::accumulate(reference.begin(), reference.end(), 0.0)) /
              n;
  return out;
}

/// The shift of `curve` against `reference` with the highest correlation.
double best_shift(const AxisCurve& curve, const AxisCurve& reference, const AxisCurve& line, int reach) {
  const auto score = [&](double s) { return fit_to(moved_back(curve, s), reference, line).correlation; };
  int best = 0;
  double highest = -2.0;
  for (int s = -reach; s <= reach; ++s) {
    const double value = score(s);
    if (value > highest) {
      highest = value;
      best = s;
    }
  }
  // Golden section within a pixel on either side.
  constexpr double golden = 0.6180339887498949;
  double low = best - 1.0;
  double high = best + 1.0;
  double a = high - golden * (high - low);
  double b = low + golden * (high - low);
  double score_a = score(a);
  double score_b = score(b);
  constexpr double fine = 1e-4;
  while (high - low > fine) {
    if (score_a > score_b) {
      high = b;
      b = a;
      score_b = score_a;
      a = high - golden * (high - low);
      score_a = score(a);
    } else {
      low = a;
      a = b;
      score_a = score_b;
      b = low + golden * (high - low);
      score_b = score(b);
    }
  }
  return 0.5 * (low + high);
}

AxisCurve mean_curve(const std::vector<AxisCurve>& curves, const std::vector<double>& shifts) {
  AxisCurve out(curves.front().size(), 0.0);
  for (std::size_t j = 0; j < curves.size(); ++j) {
    const AxisCurve c = moved_back(curves[j], shifts[j]);
    for (std::size_t i = 0; i < out.size(); ++i)
      out[i] += c[i] / static_cast<double>(curves.size());
  }
  return out;
}

} // namespace

AxisCurve row_means(const core::Image& image) {
  AxisCurve out(static_cast<std::size_t>(image.ny));
  for (int y = 0; y < image.ny; ++y) {
    double sum = 0.0;
    for (int x = 0; x < image.nx; ++x)
      sum += static_cast<double>(image.at(x, y));
    out[static_cast<std::size_t>(y)] = sum / image.nx;
  }
  return out;
}

AxisCurve disc_projection(const core::Image& image, const Eigen::Vector2d& axis) {
  const int n = std::min(image.nx, image.ny);
  // Linear weights would let through a noise that depends on the direction, more at 3:4 than beside it, and
  // an axis would be found beside it. The last two bins take what the weights leave over.
  AxisCurve out(static_cast<std::size_t>(n) + 2, 0.0);
  const int radius = n / 2 - 1;
  for (int y = -radius; y <= radius; ++y) {
    const int half = static_cast<int>(std::sqrt(static_cast<double>(radius) * radius - y * y));
    double place = n / 2 + axis.y() * y - axis.x() * half;
    const float* value = &image.data[image.index(image.nx / 2 - half, image.ny / 2 + y)];
    for (int x = -half; x <= half; ++x, ++value, place += axis.x()) {
      const auto bin = static_cast<std::size_t>(place);
      const double f = place - static_cast<double>(bin);
      const double g = 1.0 - f;
      const double v = static_cast<double>(*value) / 6.0;
      out[bin - 1] += v * g * g * g;
      out[bin] += v * (4.0 - 3.0 * f * f * (1.0 + g));
      out[bin + 1] += v * (4.0 - 3.0 * g * g * (1.0 + f));
      out[bin + 2] += v * f * f * f;
    }
  }
  out.resize(static_cast<std::size_t>(n));
  return out;
}

AxisCurve blurred_curve(const AxisCurve& curve, double sigma) {
  const int reach = static_cast<int>(std::ceil(4.0 * sigma));
  std::vector<double> weights;
  for (int d = 0; d <= reach; ++d)
    weights.push_back(std::exp(-0.5 * d * d / (sigma * sigma)));
  const double total = 2.0 * std::accumulate(weights.begin(), weights.end(), 0.0) - weights.front();
  const int n = static_cast<int>(curve.size());
  AxisCurve out(curve.size());
  for (int i = 0; i < n; ++i) {
    double sum = 0.0;
    for (int k = std::max(0, i - reach); k <= std::min(n - 1, i + reach); ++k)
      sum += weights[static_cast<std::size_t>(std::abs(k - i))] * curve[static_cast<std::size_t>(k)];
    out[static_cast<std::size_t>(i)] = sum / total;
  }
  return out;
}

AlignedCurves align_curves(const std::vector<AxisCurve>& curves, int reach, int rounds,
                           core::Threads threads) {
  const std::size_t number = curves.size();
  const AxisCurve line = straight_line(curves.front().size());
  AlignedCurves out{std::vector<double>(number, 0.0), curves, std::vector<CurveFit>(number)};
  for (int round = 0; round < rounds; ++round) {
    const AxisCurve reference = mean_curve(curves, out.shifts);
    core::parallel_for(number, threads, [&](std::size_t j, int /*worker*/) {
      out.shifts[j] = best_shift(curves[j], reference, line, reach);
      out.curves[j] = moved_back(curves[j], out.shifts[j]);
      out.fits[j] = fit_to(out.curves[j], reference, line);
    });
    const double mean =
        std::accumulate(out.shifts.begin(), out.shifts.end(), 0.0) / static_cast<double>(number);
    for (double& s : out.shifts)
      s -= mean;
  }
  return out;
}

} // namespace aet::recon
