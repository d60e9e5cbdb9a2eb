#include "analysis/gradient/opg_nucleus.hpp"

#include "sim/core/error.hpp"
#include "sim/core/units.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <utility>

namespace aet::analysis {

NucleusBarrier nucleus_barrier(const ProfileFit& fit, const NucleationEnergies& energies) {
  NucleusBarrier result;
  result.opg = generalised_gaussian_barrier(fit.alpha0, fit.beta, energies);
  result.classical = closed_form_barrier(Interface::sharp, fit.alpha0, energies);
  result.size_over_critical = fit.lambda_a / result.opg.critical_radius;
  // Delta G of a profile of fixed shape is a cubic in its size with its maximum at the critical one.
  const double s = result.size_over_critical;
  result.free_energy = result.opg.energy * s * s * (3.0 - 2.0 * s);
  if (fit.alpha0_sd && fit.beta_sd) {
    const double h = 1e-4 * fit.beta;
    const double by_beta = (generalised_gaussian_barrier(fit.alpha0, fit.beta + h, energies).energy -
                            generalised_gaussian_barrier(fit.alpha0, fit.beta - h, energies).energy) /
                           (2.0 * h);
    const double by_alpha = result.opg.energy / fit.alpha0;
    const auto& c = fit.covariance;
    const double variance =
        by_alpha * by_alpha * c[0] + by_beta * by_beta * c[10] + 2.0 * by_alpha * by_beta * c[2];
    result.energy_sd = std::sqrt(std::max(0.0, variance));
  }
  return result;
}

ProfileFamily family_of(const ProfileModel& model, std::vector<double> parameters, std::size_t length,
                        double extent) {
  if (parameters.size() != model.parameters.size() || length >= parameters.size())
    throw core::ConfigError(fmt::format("profile law '{}' has {} parameters; {} are given, {} is the length",
                                        model.name, model.parameters.size(), parameters.size(), length));
  for (std::size_t k = 0; k < parameters.size(); ++k)
    if (model.parameters[k] == "background") parameters[k] = 0.0;
  ProfileFamily family;
  family.extent = extent;
  family.alpha = [model, parameters, length](double r, double at) {
    std::vector<double> p = parameters;
    p[length] = r;
    return model.value(p, at);
  };
  family.slope = [alpha = family.alpha](double r, double at) {
    // One-sided at the core, where laws may have a corner.
    const double h = 1e-5 * r;
    const double from = std::max(0.0, at - h);
    return (alpha(r, at + h) - alpha(r, from)) / (at + h - from);
  };
  return family;
}

} // namespace aet::analysis
