#include "recon/images/anscombe.hpp"

#include "sim/core/error.hpp"

#include <fmt/core.h>

#include <cmath>
#include <cstddef>

namespace aet::recon {

namespace {

constexpr double table_step = 0.05;     // of the root of the mean
constexpr std::size_t table_size = 201; // up to 100 electrons

double stabilise(double electrons, double s2) {
  return 2.0 * std::sqrt(std::max(0.0, electrons + 0.375 + s2));
}

/// Mean of the transform over the Gaussian part for a given number of electrons, by the trapezoidal rule
/// (which converges faster than any power of its step for a Gaussian).
double mean_over_readout(double electrons, double s2) {
  if (s2 == 0.0) return stabilise(electrons, 0.0);
  const double s = std::sqrt(s2);
  constexpr double reach = 6.0;
  constexpr int half = 48;
  double sum = 0.0;
  double total = 0.0;
  for (int i = -half; i <= half; ++i) {
    const double t = reach * i / half;
    const double weight = std::exp(-0.5 * t * t);
    sum += weight * stabilise(electrons + s * t, s2);
    total += weight;
  }
  return sum / total;
}

} // namespace

Anscombe::Anscombe(const NoiseModel& noise) : noise_(noise) {
  if (!(noise.gain >= 0.0 && noise.readout_variance >= 0.0 && noise.gain + noise.readout_variance > 0.0)) {
    throw core::ConfigError(fmt::format("a noise model needs a gain and a readout variance >= 0, not both 0; "
                                        "they are {} and {}.",
                                        noise.gain, noise.readout_variance));
  }
  if (noise.gain == 0.0) return;
  s2_ = noise.readout_variance / (noise.gain * noise.gain);
  const double largest = table_step * (table_size - 1) * table_step * (table_size - 1);
  // Poisson terms beyond mean + 10 sd are below 1e-16.
  const auto terms = static_cast<std::size_t>(largest + 10.0 * std::sqrt(largest) + 20.0);
  std::vector<double> given;
  for (std::size_t p = 0; p < terms; ++p)
    given.push_back(mean_over_readout(static_cast<double>(p), s2_));
  for (std::size_t i = 0; i < table_size; ++i) {
    const double root = table_step * static_cast<double>(i);
    const double mean = root * root;
    double sum = 0.0;
    for (std::size_t p = 0; p < terms; ++p) {
      const auto k = static_cast<double>(p);
      const double log_probability =
          mean > 0.0 ? k * std::log(mean) - mean - std::lgamma(k + 1.0) : (p == 0 ? 0.0 : -1e9);
      sum += std::exp(log_probability) * given[p];
    }
    expectation_.push_back(sum);
  }
}

double Anscombe::forward(double z) const {
  if (noise_.gain == 0.0) return (z - noise_.offset) / std::sqrt(noise_.readout_variance);
  return stabilise((z - noise_.offset) / noise_.gain, s2_);
}

double Anscombe::inverse(double stabilised) const {
  if (noise_.gain == 0.0) return stabilised * std::sqrt(noise_.readout_variance) + noise_.offset;
  double electrons = 0.0;
  if (stabilised >= expectation_.back()) {
    const double d = stabilised;
    const double root = std::sqrt(1.5);
    electrons = 0.25 * d * d + 0.25 * root / d - 1.375 / (d * d) + 0.625 * root / (d * d * d) - 0.125 - s2_;
  } else if (stabilised > expectation_.front()) {
    const auto above = std::upper_bound(expectation_.begin(), expectation_.end(), stabilised);
    const auto i = static_cast<std::size_t>(above - expectation_.begin()) - 1;
    const double part = (stabilised - expectation_[i]) / (expectation_[i + 1] - expectation_[i]);
    const double root = table_step * (static_cast<double>(i) + part);
    electrons = root * root;
  }
  return noise_.offset + noise_.gain * electrons;
}

} // namespace aet::recon
