#include "recon/align/tilt_axis.hpp"

#include "sim/core/error.hpp"
#include "sim/core/units.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <complex>
#include <cstddef>
#include <numeric>

namespace aet::recon {

namespace {

using Curve = std::vector<double>;

void check(const Projections& series, const TiltAxisOptions& options) {
  if (!(options.blur_a >= 0.0 && options.blur_a <= 20.0)) {
    throw core::ConfigError(
        fmt::format("the blur of the alignment must lie in [0, 20] A; it is {} A.", options.blur_a));
  }
  if (!(options.mask_level > 0.0 && options.mask_level < 1.0) || options.rounds < 1) {
    throw core::ConfigError(
        fmt::format("the alignment needs a mask level in (0, 1) and at least one round; they are {} and {}.",
                    options.mask_level, options.rounds));
  }
  for (std::size_t j = 0; j < series.orientations.size(); ++j) {
    constexpr double most = 10.0 * core::radian_per_degree;
    if (series.orientations[j](1, 1) < std::cos(most)) {
      throw core::DataError(
          fmt::format("the tilt axis of image {} is more than 10 degrees off y; align such a "
                      "series against reprojections instead.",
                      j));
    }
  }
}

/// Mean over x as a function of y: background has the unit of a pixel.
Curve curve_of(const core::Image& image) {
  Curve out(static_cast<std::size_t>(image.ny));
  for (int y = 0; y < image.ny; ++y) {
    double sum = 0.0;
    for (int x = 0; x < image.nx; ++x)
      sum += static_cast<double>(image.at(x, y));
    out[static_cast<std::size_t>(y)] = sum / image.nx;
  }
  return out;
}

/// The curve at y + shift by cubic (Catmull-Rom) interpolation, flat beyond its ends. The curves are blurred,
/// so the interpolation is good to far below the noise.
Curve moved_back(const Curve& curve, double shift) {
  const int n = static_cast<int>(curve.size());
  const auto at = [&](int i) { return curve[static_cast<std::size_t>(std::clamp(i, 0, n - 1))]; };
  const double whole = std::floor(shift);
  const double t = shift - whole;
  const int k = static_cast<int>(whole);
  Curve out(curve.size());
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

/// curve = gain * reference + level + slope * y.
struct Regression {
  double gain = 0.0;
  double level = 0.0; ///< in the middle
  double correlation = 0.0;
};

/// y from the middle, in units that give a sum of squares of 1.
Curve ramp(std::size_t n) {
  Curve out(n);
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
Curve detrended(Curve curve, const Curve& line) {
  const double mean = std::accumulate(curve.begin(), curve.end(), 0.0) / static_cast<double>(curve.size());
  for (double& v : curve)
    v -= mean;
  const double slope = std::inner_product(curve.begin(), curve.end(), line.begin(), 0.0);
  for (std::size_t i = 0; i < curve.size(); ++i)
    curve[i] -= slope * line[i];
  return curve;
}

Regression regress(const Curve& curve, const Curve& reference, const Curve& line) {
  const Curve c = detrended(curve, line);
  const Curve r = detrended(reference, line);
  const double cr = std::inner_product(c.begin(), c.end(), r.begin(), 0.0);
  const double rr = std::inner_product(r.begin(), r.end(), r.begin(), 0.0);
  const double cc = std::inner_product(c.begin(), c.end(), c.begin(), 0.0);
  Regression out;
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
double best_shift(const Curve& curve, const Curve& reference, const Curve& line) {
  const auto score = [&](double s) { return regress(moved_back(curve, s), reference, line).correlation; };
  const int reach = static_cast<int>(curve.size()) / 2; // as far as the specimen can lie off the middle
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

Curve mean_curve(const std::vector<Curve>& curves, const std::vector<double>& shifts) {
  Curve out(curves.front().size(), 0.0);
  for (std::size_t j = 0; j < curves.size(); ++j) {
    const Curve c = moved_back(curves[j], shifts[j]);
    for (std::size_t i = 0; i < out.size(); ++i)
      out[i] += c[i] / static_cast<double>(curves.size());
  }
  return out;
}

/// The pixels of the largest connected region above a level, as a mask.
std::vector<bool> largest_region(const core::Image& image, float level) {
  std::vector<int> label(image.data.size(), 0);
  std::vector<std::size_t> stack;
  int labels = 0;
  int best = 0;
  double heaviest = -1.0;
  for (std::size_t seed = 0; seed < label.size(); ++seed) {
    if (label[seed] != 0 || image.data[seed] <= level) continue;
    ++labels;
    double weight = 0.0;
    label[seed] = labels;
    stack.push_back(seed);
    while (!stack.empty()) {
      const std::size_t i = stack.back();
      stack.pop_back();
      weight += static_cast<double>(image.data[i]);
      const int x = static_cast<int>(i % static_cast<std::size_t>(image.nx));
      const int y = static_cast<int>(i / static_cast<std::size_t>(image.nx));
      for (const auto& [dx, dy] : {std::pair{-1, 0}, {1, 0}, {0, -1}, {0, 1}}) {
        const int u = x + dx;
        const int v = y + dy;
        if (u < 0 || v < 0 || u >= image.nx || v >= image.ny) continue;
        const std::size_t k = image.index(u, v);
        if (label[k] != 0 || image.data[k] <= level) continue;
        label[k] = labels;
        stack.push_back(k);
      }
    }
    if (weight > heaviest) {
      heaviest = weight;
      best = labels;
    }
  }
  std::vector<bool> out(label.size());
  for (std::size_t i = 0; i < label.size(); ++i)
    out[i] = best != 0 && label[i] == best;
  return out;
}

/// Centre of mass [pixel from the middle] of the specimen.
std::array<double, 2> centre_of_mass(const core::Image& image, const core::Image& blurred, double background,
                                     double mask_level) {
  const double top = static_cast<double>(*std::max_element(blurred.data.begin(), blurred.data.end()));
  const auto level = static_cast<float>(background + mask_level * (top - background));
  const std::vector<bool> mask = largest_region(blurred, level);
  double sum = 0.0;
  std::array<double, 2> moment{};
  for (int y = 0; y < image.ny; ++y) {
    for (int x = 0; x < image.nx; ++x) {
      const std::size_t i = image.index(x, y);
      if (!mask[i]) continue;
      const double value = static_cast<double>(image.data[i]) - background;
      sum += value;
      moment[0] += value * (x - image.nx / 2);
      moment[1] += value * (y - image.ny / 2);
    }
  }
  if (!(sum > 0.0)) return {};
  return {moment[0] / sum, moment[1] / sum};
}

} // namespace

TiltAxisResult align_on_tilt_axis(const Projections& series, const TiltAxisOptions& options,
                                  core::Threads threads) {
  check(series, options);
  const std::size_t tilts = series.images.size();
  const double blur = options.blur_a / series.pixel_size;
  std::vector<core::Image> blurred(tilts);
  core::parallel_for(tilts, threads, [&](std::size_t j, int /*worker*/) {
    blurred[j] = blur > 0.0 ? smoothed(series.images[j], blur) : series.images[j];
  });
  std::vector<Curve> curves;
  for (const core::Image& image : blurred)
    curves.push_back(curve_of(image));
  const Curve line = ramp(curves.front().size());

  std::vector<double> along(tilts, 0.0);
  std::vector<Regression> fits(tilts);
  for (int round = 0; round < options.rounds; ++round) {
    const Curve reference = mean_curve(curves, along);
    core::parallel_for(tilts, threads, [&](std::size_t j, int /*worker*/) {
      along[j] = best_shift(curves[j], reference, line);
      fits[j] = regress(moved_back(curves[j], along[j]), reference, line);
    });
    const double mean = std::accumulate(along.begin(), along.end(), 0.0) / static_cast<double>(tilts);
    for (double& s : along)
      s -= mean;
  }

  TiltAxisResult out;
  out.backgrounds.assign(tilts, 0.0);
  if (options.background) {
    // The regression on the mean curve leaves open what background the mean has: the borders tell.
    double common = 0.0;
    for (const core::Image& image : series.images)
      common += border_level(image) / static_cast<double>(tilts);
    for (std::size_t j = 0; j < tilts; ++j)
      out.backgrounds[j] = fits[j].level + fits[j].gain * common;
  }
  double middle = 0.0;
  std::vector<std::array<double, 2>> centres(tilts);
  core::parallel_for(tilts, threads, [&](std::size_t j, int /*worker*/) {
    centres[j] = centre_of_mass(series.images[j], blurred[j], out.backgrounds[j], options.mask_level);
  });
  for (std::size_t j = 0; j < tilts; ++j)
    middle += (centres[j][1] - along[j]) / static_cast<double>(tilts);
  for (std::size_t j = 0; j < tilts; ++j) {
    out.shifts.push_back({centres[j][0], along[j] + middle});
    out.correlations.push_back(fits[j].correlation);
  }
  const double lowest = *std::min_element(out.correlations.begin(), out.correlations.end());
  out.notes.push_back(fmt::format("Images were aligned along the tilt axis by their common line (lowest "
                                  "correlation {:.4f}) and across it by the centre of mass.",
                                  lowest));
  if (options.background) {
    const auto [low, high] = std::minmax_element(out.backgrounds.begin(), out.backgrounds.end());
    out.notes.push_back(fmt::format(
        "Background by the highest correlation of the common line: {:.6g} to {:.6g} in the images.", *low,
        *high));
  }
  return out;
}

} // namespace aet::recon
