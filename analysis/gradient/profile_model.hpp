// Laws for the order parameter against distance from the core of a nucleus, and the fit of any of them.
#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

namespace aet::analysis {

/// One shell of a radial profile (or one atom).
struct ProfilePoint {
  double r = 0.0;       ///< mean distance of its atoms from the core [angstrom]
  double value = 0.0;   ///< mean order parameter
  double count = 0.0;   ///< number of atoms, the weight in the fit, > 0
  double scatter = 0.0; ///< sum over its atoms of (value - mean)^2, >= 0
};

/// A law with parameters and their bounds. Make one to fit something else than the laws below.
struct ProfileModel {
  std::string name;
  std::vector<std::string> parameters; ///< names, for messages
  std::vector<double> low, high;       ///< bounds; equal ones hold the parameter
  std::function<double(std::span<const double> p, double r)> value;
  /// Derivatives with respect to the parameters; empty: central differences.
  std::function<void(std::span<const double> p, double r, std::span<double> slope)> slope;
  std::vector<std::vector<double>> starts; ///< >= 1; the best one is refined
};

struct ModelFitOptions {
  double confidence = 0.95; ///< of the intervals, 0.5 .. 0.999
  int min_points = 6;       ///< > number of parameters
  bool robust = false; ///< Huber's loss, 1.345 robust standard deviations (M-estimation, Huber, Ann. Math.
                       ///< Stat. 35, 73 (1964), doi:10.1214/aoms/1177703732): few outliers hardly count
};

struct ModelFit {
  std::vector<double> parameters;
  std::vector<std::uint8_t> held; ///< 1 where a parameter ended on a bound and wants to go beyond, or is held
  std::vector<double> covariance; ///< parameters x parameters, row by row; 0 in rows and columns of held ones
  double chi2 = 0.0;              ///< sum of count x (value - law)^2
  double interval_factor =
      0.0;                   ///< half-width of the confidence interval in standard deviations (Student's t)
  double rms = 0.0;          ///< weighted rms residual
  double r_squared = 0.0;    ///< 1 - residual / total weighted sum of squares
  double reduced_chi2 = 0.0; ///< chi2 per degree of freedom: variance of one atom's value
  int degrees_of_freedom = 0;
  /// Probability of a misfit this large if the law were true and the atoms of a shell independent:
  /// lack-of-fit F test of the shell means against the scatter inside shells (Draper and Smith, Applied
  /// Regression Analysis, 3rd ed. (1998), 2.1). Averaged order parameters of neighbours are not independent,
  /// which makes it smaller. -1 if the points carry no scatter.
  double p_value = -1.0;
  double aic =
      0.0; ///< n log(chi2 / n) + 2 k: the law with the lowest one of the same points describes them best
  std::vector<double> weights; ///< of the points, 1 or, in a robust fit, less for outliers

  /// Standard deviation of parameter k; 0 if held.
  [[nodiscard]] double sd(std::size_t k) const;
};

/// A fit, or the reason why there is none (empty if there is one).
struct ModelFitResult {
  std::vector<ModelFit> fit; ///< none or one
  std::string reason;
};

/// Bounded weighted least squares (weights = counts): Levenberg-Marquardt (Ceres) from the best start, steps
/// cut at the bounds. Covariance: inverse normal matrix times reduced chi^2; robust: Huber's asymptotic one.
/// \throws ConfigError for a law or options that make no sense; DataError for points that are not finite or
/// have no weight.
[[nodiscard]] ModelFitResult fit_model(std::span<const ProfilePoint> points, const ProfileModel& model,
                                       const ModelFitOptions& options = {});

/// Bounds shared by the laws below.
struct ProfileBounds {
  double height_max = 1.5;   ///< > 0
  double length_min_a = 0.5; ///< > 0 [angstrom]
  double length_max_a = 60.0;
  bool background = true; ///< one more parameter, 0 .. 1
};

/// height exp(-(r / length)^beta) + background, beta 0.3 .. 8: Zhou et al. 2019, eq. 4.
[[nodiscard]] ProfileModel generalised_gaussian_model(const ProfileBounds& bounds = {}, double beta_min = 0.3,
                                                      double beta_max = 8.0);
/// height (1 - r / length) + background inside the length: Zhou et al. 2019, eq. 17.
[[nodiscard]] ProfileModel linear_model(const ProfileBounds& bounds = {});
/// height (1 - (r / length)^2): Zhou et al. 2019, eq. 19.
[[nodiscard]] ProfileModel parabola_above_model(const ProfileBounds& bounds = {});
/// height (1 - r / length)^2: Zhou et al. 2019, eq. 21.
[[nodiscard]] ProfileModel parabola_below_model(const ProfileBounds& bounds = {});
/// height / 2 (1 - tanh((r - length) / width)), width 0.1 A .. length_max: a diffuse interface of its own
/// width.
[[nodiscard]] ProfileModel tanh_model(const ProfileBounds& bounds = {});

} // namespace aet::analysis
