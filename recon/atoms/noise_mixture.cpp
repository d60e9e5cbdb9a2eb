#include "recon/atoms/noise_mixture.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numbers>

namespace aet::recon {

namespace {

double upper_tail(double z) {
  return 0.5 * std::erfc(z / std::numbers::sqrt2);
}

double normal_density(double z) {
  return std::exp(-0.5 * z * z) / std::sqrt(2.0 * std::numbers::pi);
}

/// Density of noise at x > cut.
double noise_density(double x, double sd, double cut) {
  return normal_density(x / sd) / (sd * std::max(1e-300, upper_tail(cut / sd)));
}

double atom_density(double x, double mean, double sd) {
  return normal_density((x - mean) / sd) / sd;
}

/// Spread of the half normal distribution whose mean square above the cut is `square`.
double spread_above(double square, double cut, double start) {
  double sd = start;
  for (int i = 0; i < 100; ++i) {
    const double t = cut / sd;
    const double part = 1.0 + t * normal_density(t) / std::max(1e-300, upper_tail(t));
    sd = std::sqrt(square / part);
  }
  return sd;
}

} // namespace

std::optional<NoiseMixture> noise_mixture(const std::vector<double>& strengths, double level) {
  constexpr std::size_t fewest = 100;
  std::vector<double> x;
  for (const double v : strengths) {
    if (v > 0.0) x.push_back(v);
  }
  if (x.size() < fewest || !(level > 0.0)) return std::nullopt;
  // Tracing looks at peaks above a height; a few of lower strength come with them.
  constexpr std::size_t one_in = 200;
  const auto lowest = x.begin() + static_cast<std::ptrdiff_t>(x.size() / one_in);
  std::nth_element(x.begin(), lowest, x.end());
  const double cut = *lowest;
  std::erase_if(x, [cut](double v) { return v < cut; });
  const auto n = static_cast<double>(x.size());
  double noise_sd = 0.25 * level;
  double mean = level;
  double sd = 0.3 * level;
  double part = 0.5; // that are noise
  constexpr int most_rounds = 500;
  for (int round = 0; round < most_rounds; ++round) {
    double noise = 0.0;
    double noise_square = 0.0;
    double sum = 0.0;
    double square = 0.0;
    for (const double v : x) {
      const double a = part * noise_density(v, noise_sd, cut);
      const double b = (1.0 - part) * atom_density(v, mean, sd);
      const double p = a + b > 0.0 ? a / (a + b) : 0.0;
      noise += p;
      noise_square += p * v * v;
      sum += (1.0 - p) * v;
      square += (1.0 - p) * v * v;
    }
    const double atoms = n - noise;
    if (!(noise > 1.0) || !(atoms > 1.0)) return std::nullopt;
    const double before = mean + noise_sd + sd;
    noise_sd = spread_above(noise_square / noise, cut, noise_sd);
    mean = sum / atoms;
    sd = std::sqrt(std::max(1e-12 * level * level, square / atoms - mean * mean));
    part = noise / n;
    if (!std::isfinite(noise_sd + mean + sd)) return std::nullopt;
    if (std::abs(mean + noise_sd + sd - before) < 1e-7 * level) break;
  }
  constexpr double least_part = 0.05;
  constexpr double apart = 2.0;
  if (part < least_part || part > 1.0 - least_part || mean < apart * noise_sd || mean <= sd)
    return std::nullopt;
  // Noise grows in number towards its weakest; a dimmer species has a mode of its own.
  const auto between = [&](double from, double to) {
    return std::count_if(x.begin(), x.end(), [&](double v) { return v >= from && v < to; });
  };
  const double step = 0.25 * noise_sd;
  constexpr double least_rise = 0.8;
  if (static_cast<double>(between(cut, cut + step)) <
      least_rise * static_cast<double>(between(cut + step, cut + 2.0 * step)))
    return std::nullopt;
  NoiseMixture out{noise_sd, part * n, mean, sd, 0.0, 0.0, 0.0};
  double low = cut;
  double high = mean;
  for (int i = 0; i < 60; ++i) {
    const double middle = 0.5 * (low + high);
    const bool noise =
        part * noise_density(middle, noise_sd, cut) > (1.0 - part) * atom_density(middle, mean, sd);
    (noise ? low : high) = middle;
  }
  out.threshold = 0.5 * (low + high);
  out.noise_above =
      out.noise_count * upper_tail(out.threshold / noise_sd) / std::max(1e-300, upper_tail(cut / noise_sd));
  out.atoms_below = (n - out.noise_count) * upper_tail((mean - out.threshold) / sd);
  return out;
}

} // namespace aet::recon
