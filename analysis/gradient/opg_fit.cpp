#include "analysis/gradient/opg_fit.hpp"

#include "sim/core/error.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <utility>

namespace aet::analysis {

using core::Vec3;

std::vector<ProfilePoint> radial_profile(std::span<const double> distances, std::span<const double> values,
                                         double width) {
  if (!(width > 0.0)) throw core::ConfigError(fmt::format("shell width is {} A; it must be positive", width));
  if (distances.size() != values.size())
    throw core::DataError(
        fmt::format("{} values are given for {} distances", values.size(), distances.size()));
  // Summed in the order of (distance, value), so the order of atoms leaves no trace.
  std::vector<std::pair<double, double>> sorted;
  for (std::size_t i = 0; i < distances.size(); ++i)
    sorted.emplace_back(distances[i], values[i]);
  std::sort(sorted.begin(), sorted.end());
  std::map<long long, ProfilePoint> shells;
  const auto shell_of = [&](double r) { return static_cast<long long>(r / width); };
  for (const auto& [r, value] : sorted) {
    ProfilePoint& shell = shells[shell_of(r)];
    shell.r += r;
    shell.value += value;
    shell.count += 1.0;
  }
  for (const auto& [r, value] : sorted) {
    ProfilePoint& shell = shells[shell_of(r)];
    shell.scatter += std::pow(value - shell.value / shell.count, 2);
  }
  std::vector<ProfilePoint> profile;
  for (const auto& [number, shell] : shells)
    profile.push_back({shell.r / shell.count, shell.value / shell.count, shell.count, shell.scatter});
  return profile;
}

std::vector<ProfilePoint> directional_profile(std::span<const Vec3> from_core, std::span<const double> values,
                                              std::span<const Vec3> directions, double half_angle_rad,
                                              double width) {
  if (!(half_angle_rad > 0.0) || half_angle_rad > 1.6)
    throw core::ConfigError(fmt::format(
        "half angle of a directional profile is {} rad; it must lie between 0 and 1.6", half_angle_rad));
  if (from_core.size() != values.size())
    throw core::DataError(fmt::format("{} values are given for {} atoms", values.size(), from_core.size()));
  std::vector<double> distances;
  std::vector<double> chosen;
  const double least = std::cos(half_angle_rad);
  for (std::size_t i = 0; i < from_core.size(); ++i) {
    const double r = from_core[i].norm();
    const bool inside = std::any_of(directions.begin(), directions.end(), [&](const Vec3& d) {
      return from_core[i].dot(d) >= least * r * d.norm(); // the core itself lies in every cone
    });
    if (!inside) continue;
    distances.push_back(r);
    chosen.push_back(values[i]);
  }
  return radial_profile(distances, chosen, width);
}

ProfileFitResult fit_profile(std::span<const ProfilePoint> points, const ProfileFitOptions& o) {
  const ProfileModel model = generalised_gaussian_model(
      {o.alpha0_max, o.lambda_min_a, o.lambda_max_a, o.background}, o.beta_min, o.beta_max);
  ModelFitResult found = fit_model(points, model, {o.confidence, o.min_points, o.robust});
  ProfileFitResult result;
  result.reason = std::move(found.reason);
  if (found.fit.empty()) return result;
  ModelFit& f = found.fit.front();
  if (f.parameters[0] <= 0.0) {
    result.reason = "the order parameter does not fall with distance from the core";
    return result;
  }
  ProfileFit fit;
  fit.alpha0 = f.parameters[0];
  fit.lambda_a = f.parameters[1];
  fit.beta = f.parameters[2];
  fit.background = f.parameters[3];
  const std::array<std::optional<double>*, 4> sd{&fit.alpha0_sd, &fit.lambda_sd_a, &fit.beta_sd,
                                                 &fit.background_sd};
  for (std::size_t k = 0; k < 4; ++k) {
    if (model.low[k] == model.high[k]) continue;
    if (f.held[k] == 0) {
      *sd.at(k) = f.sd(k);
    } else {
      result.reason += fmt::format("{}{} ended on its bound {:.4g}", result.reason.empty() ? "" : "; ",
                                   model.parameters[k], f.parameters[k]);
    }
  }
  std::copy(f.covariance.begin(), f.covariance.end(), fit.covariance.begin());
  fit.interval_factor = f.interval_factor;
  fit.rms = f.rms;
  fit.r_squared = f.r_squared;
  fit.reduced_chi2 = f.reduced_chi2;
  fit.degrees_of_freedom = f.degrees_of_freedom;
  fit.p_value = f.p_value;
  fit.aic = f.aic;
  result.fit = fit;
  return result;
}

} // namespace aet::analysis
