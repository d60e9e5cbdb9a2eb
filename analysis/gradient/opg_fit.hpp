// The order parameter of a nucleus against distance from its core, and the profile fitted to it.
#pragma once

#include "analysis/gradient/profile_model.hpp"
#include "sim/core/atoms.hpp"

#include <array>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace aet::analysis {

/// Mean of values over shells of even width; empty shells are left out; not forced to fall.
/// \param distances >= 0 [angstrom];
/// \param values one each;
/// \param width > 0 [angstrom].
/// \throws ConfigError for a width out of range; DataError for a wrong number of values.
[[nodiscard]] std::vector<ProfilePoint> radial_profile(std::span<const double> distances,
                                                       std::span<const double> values, double width);

/// The same of the atoms within a cone about any of the directions (Zhou et al. 2019 looks along <110> and
/// <111>; see cubic_family()). The atom in the core counts in every direction.
/// \param from_core atom minus core [angstrom];
/// \param half_angle_rad of the cones, 0 .. 1.6.
[[nodiscard]] std::vector<ProfilePoint> directional_profile(std::span<const core::Vec3> from_core,
                                                            std::span<const double> values,
                                                            std::span<const core::Vec3> directions,
                                                            double half_angle_rad, double width);

struct ProfileFitOptions {
  bool background = true;    ///< fit a constant background (liquid matrix); false: none (FePt)
  double alpha0_max = 1.5;   ///< bounds: alpha0 in [0, alpha0_max], > 0
  double lambda_min_a = 0.5; ///< lambda in [lambda_min, lambda_max], > 0
  double lambda_max_a = 60.0;
  double beta_min = 0.3; ///< beta in [beta_min, beta_max], > 0
  double beta_max = 8.0;
  double confidence = 0.95; ///< of the intervals, 0.5 .. 0.999
  int min_points = 6;       ///< >= 5: fewer shells are not fitted
  bool robust = false;      ///< Huber's loss: shells that do not fit the law hardly count
};

/// alpha(r) = alpha0 exp(-(r / lambda)^beta) + background. Zhou et al. 2019, eq. 4; with a constant
/// background for the MD.
struct ProfileFit {
  double alpha0 = 0.0;
  double lambda_a = 0.0;
  double beta = 0.0;
  double background = 0.0;
  /// Standard deviations; missing where the parameter ended on its bound (or is not fitted).
  std::optional<double> alpha0_sd;
  std::optional<double> lambda_sd_a;
  std::optional<double> beta_sd;
  std::optional<double> background_sd;
  /// alpha0, lambda, beta, background, row by row; 0 for those on a bound.
  std::array<double, 16> covariance{};
  double interval_factor =
      0.0;                   ///< half-width of the confidence interval in standard deviations (Student's t)
  double rms = 0.0;          ///< weighted rms residual
  double r_squared = 0.0;    ///< 1 - residual / total weighted sum of squares
  double reduced_chi2 = 0.0; ///< weighted sum of squares per degree of freedom: variance of one atom's value
  int degrees_of_freedom = 0;
  double p_value = -1.0; ///< as in ModelFit
  double aic = 0.0;
};

/// A fit, or the reason why there is none.
struct ProfileFitResult {
  std::optional<ProfileFit> fit;
  std::string reason; ///< empty if there is a fit; also says if a parameter ended on a bound
};

/// fit_model() of the generalised Gaussian. Why a fit may be missing: too few shells, no variation, or
/// parameters the points do not determine.
/// \throws ConfigError for options out of range; DataError for values that are not finite.
[[nodiscard]] ProfileFitResult fit_profile(std::span<const ProfilePoint> points,
                                           const ProfileFitOptions& options = {});

} // namespace aet::analysis
