// The laws of profile_model.hpp.
#include "analysis/gradient/profile_model.hpp"
#include "sim/core/error.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

namespace aet::analysis {
namespace {

using Parameters = std::span<const double>;

void check(const ProfileBounds& b) {
  if (!(b.height_max > 0.0))
    throw core::ConfigError(fmt::format("alpha0_max is {}; it must be positive", b.height_max));
  if (!(b.length_min_a > 0.0) || !(b.length_max_a > b.length_min_a))
    throw core::ConfigError(fmt::format("bounds of lambda are {} to {} A; they must be positive and rise",
                                        b.length_min_a, b.length_max_a));
}

/// Lengths to start from, a factor of 1.3 apart.
std::vector<double> lengths(const ProfileBounds& b) {
  std::vector<double> result;
  for (double length = std::max(1.0, b.length_min_a); length <= std::min(40.0, b.length_max_a); length *= 1.3)
    result.push_back(length);
  if (result.empty()) result.push_back(b.length_min_a);
  return result;
}

/// height x shape(r / length) + background.
/// \param bend derivative of the shape.
ProfileModel scaled_law(const std::string& name, const ProfileBounds& b, double (*shape)(double),
                        double (*bend)(double)) {
  check(b);
  ProfileModel m;
  m.name = name;
  m.parameters = {"alpha0", "lambda", "background"};
  m.low = {0.0, b.length_min_a, 0.0};
  m.high = {b.height_max, b.length_max_a, b.background ? 1.0 : 0.0};
  m.value = [shape](Parameters p, double r) { return p[0] * shape(r / p[1]) + p[2]; };
  m.slope = [shape, bend](Parameters p, double r, std::span<double> slope) {
    slope[0] = shape(r / p[1]);
    slope[1] = -p[0] * bend(r / p[1]) * r / (p[1] * p[1]);
    slope[2] = 1.0;
  };
  for (const double length : lengths(b))
    for (const double height : {0.3, 0.6, 0.9})
      m.starts.push_back({height, length, b.background ? 0.15 : 0.0});
  return m;
}

} // namespace

ProfileModel generalised_gaussian_model(const ProfileBounds& b, double beta_min, double beta_max) {
  check(b);
  if (!(beta_min > 0.0) || !(beta_max > beta_min))
    throw core::ConfigError(
        fmt::format("bounds of beta are {} to {}; they must be positive and rise", beta_min, beta_max));
  ProfileModel m;
  m.name = "generalised Gaussian";
  m.parameters = {"alpha0", "lambda", "beta", "background"};
  m.low = {0.0, b.length_min_a, beta_min, 0.0};
  m.high = {b.height_max, b.length_max_a, beta_max, b.background ? 1.0 : 0.0};
  m.value = [](Parameters p, double r) { return p[0] * std::exp(-std::pow(r / p[1], p[2])) + p[3]; };
  m.slope = [](Parameters p, double r, std::span<double> slope) {
    const double ratio = r / p[1];
    const double power = std::pow(ratio, p[2]);
    const double decay = std::exp(-power);
    const double bend = ratio > 0.0 ? power * std::log(ratio) : 0.0;
    slope[0] = decay;
    slope[1] = p[0] * decay * power * p[2] / p[1];
    slope[2] = -p[0] * decay * bend;
    slope[3] = 1.0;
  };
  for (const double length : lengths(b))
    for (const double beta : {0.7, 1.0, 1.5, 2.0, 3.0, 5.0})
      for (const double height : {0.3, 0.6, 0.9})
        m.starts.push_back({height, length, beta, b.background ? 0.15 : 0.0});
  return m;
}

ProfileModel linear_model(const ProfileBounds& b) {
  return scaled_law(
      "linear", b, [](double s) { return std::max(0.0, 1.0 - s); },
      [](double s) { return s < 1.0 ? -1.0 : 0.0; });
}

ProfileModel parabola_above_model(const ProfileBounds& b) {
  return scaled_law(
      "parabola above the line", b, [](double s) { return std::max(0.0, 1.0 - s * s); },
      [](double s) { return s < 1.0 ? -2.0 * s : 0.0; });
}

ProfileModel parabola_below_model(const ProfileBounds& b) {
  return scaled_law(
      "parabola below the line", b, [](double s) { return s < 1.0 ? (1.0 - s) * (1.0 - s) : 0.0; },
      [](double s) { return s < 1.0 ? -2.0 * (1.0 - s) : 0.0; });
}

ProfileModel tanh_model(const ProfileBounds& b) {
  check(b);
  ProfileModel m;
  m.name = "tanh";
  m.parameters = {"alpha0", "radius", "width", "background"};
  m.low = {0.0, b.length_min_a, 0.1, 0.0};
  m.high = {b.height_max, b.length_max_a, b.length_max_a, b.background ? 1.0 : 0.0};
  m.value = [](Parameters p, double r) { return 0.5 * p[0] * (1.0 - std::tanh((r - p[1]) / p[2])) + p[3]; };
  m.slope = [](Parameters p, double r, std::span<double> slope) {
    const double t = std::tanh((r - p[1]) / p[2]);
    slope[0] = 0.5 * (1.0 - t);
    slope[1] = 0.5 * p[0] * (1.0 - t * t) / p[2];
    slope[2] = slope[1] * (r - p[1]) / p[2];
    slope[3] = 1.0;
  };
  for (const double length : lengths(b))
    for (const double width : {1.0, 3.0, 6.0})
      for (const double height : {0.3, 0.6, 0.9})
        m.starts.push_back({height, length, width, b.background ? 0.15 : 0.0});
  return m;
}

} // namespace aet::analysis
