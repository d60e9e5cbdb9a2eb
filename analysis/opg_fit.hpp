// The order parameter of a nucleus against distance from its core, and the profile fitted to it.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace aet::analysis {

/// One shell of a radial profile.
struct ProfilePoint {
  double r = 0.0;     ///< mean distance of its atoms from the core [angstrom]
  double value = 0.0; ///< mean order parameter
  double count = 0.0; ///< number of atoms, the weight in the fit
};

/// Mean of values over shells of even width; empty shells are left out; not forced to fall.
/// \param distances >= 0 [angstrom]; \param values one each; \param width > 0 [angstrom].
/// \throws ConfigError for a width out of range; DataError for a wrong number of values.
[[nodiscard]] std::vector<ProfilePoint> radial_profile(std::span<const double> distances,
                                                       std::span<const double> values, double width);

struct ProfileFitOptions {
  bool background = true;    ///< fit a constant background (liquid matrix); false: none (FePt)
  double alpha0_max = 1.5;   ///< bounds: alpha0 in [0, alpha0_max], > 0
  double lambda_min_a = 0.5; ///< lambda in [lambda_min, lambda_max], > 0
  double lambda_max_a = 60.0;
  double beta_min = 0.3; ///< beta in [beta_min, beta_max], > 0
  double beta_max = 8.0;
  double confidence = 0.95; ///< of the intervals, 0.5 .. 0.999
  int min_points = 6;       ///< >= 5: fewer shells are not fitted
};

/// alpha(r) = alpha0 exp(-(r / lambda)^beta) + background. Seed A, eq. 4; with a constant background for the
/// MD.
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
  double interval_factor =
      0.0;                   ///< half-width of the confidence interval in standard deviations (Student's t)
  double rms = 0.0;          ///< weighted rms residual
  double r_squared = 0.0;    ///< 1 - residual / total weighted sum of squares
  double reduced_chi2 = 0.0; ///< weighted sum of squares per degree of freedom: variance of one atom's value
  int degrees_of_freedom = 0;
};

/// A fit, or the reason why there is none.
struct ProfileFitResult {
  std::optional<ProfileFit> fit;
  std::string reason; ///< empty if there is a fit; also says if a parameter ended on a bound
};

/// Weighted least squares (weights = counts) with bounds: a coarse scan over lambda and beta, where the other
/// two are linear, then Levenberg-Marquardt from the best start, steps cut at the bounds. Standard deviations
/// from the inverse normal matrix times the reduced chi^2. Why a fit may be missing: too few shells, no
/// variation, or parameters the points do not determine. \throws ConfigError for options out of range;
/// DataError for values that are not finite.
[[nodiscard]] ProfileFitResult fit_profile(std::span<const ProfilePoint> points,
                                           const ProfileFitOptions& options = {});

/// Quantile of Student's t distribution, one-sided probability 0.5 < p < 1, dof >= 1.
/// Exact for 1 and 2 degrees of freedom, else the expansion in Abramowitz and Stegun 26.7.5 (1e-3 at 3,
/// better above).
[[nodiscard]] double student_t_quantile(double p, int dof);

} // namespace aet::analysis
