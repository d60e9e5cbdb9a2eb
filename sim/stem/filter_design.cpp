#include "sim/core/error.hpp"
#include "sim/core/units.hpp"
#include "sim/stem/fresnel_filter.hpp"

#include <Eigen/Core>
#include <Eigen/QR>
#include <fmt/core.h>

#include <algorithm>
#include <cmath>

namespace aet::stem {

std::complex<double> SymmetricFilter::response(double cycles) const {
  std::complex<double> sum = c[0];
  for (std::size_t j = 1; j < c.size(); ++j) {
    sum += 2.0 * c[j] * std::cos(2.0 * core::pi * static_cast<double>(j) * cycles);
  }
  return sum;
}

namespace {

constexpr int design_samples = 400;

std::complex<double> fresnel(const FresnelFilterTarget& t, double k) {
  return std::polar(1.0, -core::pi * t.wavelength * t.distance * k * k);
}

double sample_frequency(const FresnelFilterTarget& t, int i) {
  return (i + 0.5) / design_samples * 0.5 / t.pixel;
}

} // namespace

FilterErrors filter_errors(const SymmetricFilter& filter, const FresnelFilterTarget& target) {
  FilterErrors errors;
  for (int i = 0; i < design_samples; ++i) {
    const double k = sample_frequency(target, i);
    const auto h = filter.response(k * target.pixel);
    errors.gain = std::max(errors.gain, std::abs(h));
    const double e = std::abs(h - fresnel(target, k));
    if (k <= target.signal) {
      errors.signal = std::max(errors.signal, e);
    } else if (k <= target.band) {
      errors.band = std::max(errors.band, e);
    }
  }
  return errors;
}

SymmetricFilter design_fresnel_filter(const FresnelFilterTarget& target, int half_width) {
  // Weights: counted electrons first; then the rest of the band, less towards its edge, where little
  // amplitude lives; beyond the band a gentle pull to zero, which also keeps the gain below one.
  constexpr double signal_weight = 1e4;
  constexpr double edge_weight = 3.0;
  constexpr double beyond_weight = 0.1;
  Eigen::MatrixXcd a(design_samples, half_width + 1);
  Eigen::VectorXcd b(design_samples);
  for (int i = 0; i < design_samples; ++i) {
    const double k = sample_frequency(target, i);
    double weight = beyond_weight;
    std::complex<double> wanted = 0.0;
    if (k <= target.signal) {
      weight = signal_weight;
      wanted = fresnel(target, k);
    } else if (k <= target.band) {
      const double x = (k - target.signal) / (target.band - target.signal);
      weight = std::max(edge_weight, 300.0 * std::pow(edge_weight / 300.0, x));
      wanted = fresnel(target, k);
    }
    for (int j = 0; j <= half_width; ++j) {
      a(i, j) = weight * (j == 0 ? 1.0 : 2.0) * std::cos(2.0 * core::pi * j * k * target.pixel);
    }
    b(i) = weight * wanted;
  }
  const Eigen::VectorXcd c = a.colPivHouseholderQr().solve(b);
  return {std::vector<std::complex<double>>(c.data(), c.data() + c.size())};
}

FresnelSteps cheapest_fresnel_steps(const FresnelFilterTarget& target, double signal_tolerance,
                                    double band_tolerance) {
  for (int repeats = 1; repeats <= 32; repeats *= 2) {
    FresnelFilterTarget step = target;
    step.distance = target.distance / repeats;
    for (int half_width = 1; half_width <= fresnel_filter_max_half_width; ++half_width) {
      auto filter = design_fresnel_filter(step, half_width);
      const FilterErrors e = filter_errors(filter, step);
      if (e.signal <= signal_tolerance && e.band <= band_tolerance && e.gain <= 1.005)
        return {filter, repeats};
    }
  }
  throw core::ConfigError(fmt::format(
      "slice_a = {} A is too thick for a pixel of {:.4f} A: use thinner slices or a larger fast.pixel_a",
      target.distance, target.pixel));
}

SymmetricFilter design_lowpass_filter(double pass, double stop, int half_width) {
  Eigen::MatrixXd a = Eigen::MatrixXd::Zero(design_samples, half_width + 1);
  Eigen::VectorXd b = Eigen::VectorXd::Zero(design_samples);
  for (int i = 0; i < design_samples; ++i) {
    const double f = 0.5 * (i + 0.5) / design_samples;
    if (f > pass && f < stop) continue;
    // The response in the pass band is known and divided out later; what must be small is the stop band.
    const double weight = f <= pass ? 1.0 : 100.0;
    for (int j = 0; j <= half_width; ++j)
      a(i, j) = weight * (j == 0 ? 1.0 : 2.0) * std::cos(2.0 * core::pi * j * f);
    b(i) = f <= pass ? 1.0 : 0.0;
  }
  const Eigen::VectorXd c = a.colPivHouseholderQr().solve(b);
  return {std::vector<std::complex<double>>(c.data(), c.data() + c.size())};
}

} // namespace aet::stem
