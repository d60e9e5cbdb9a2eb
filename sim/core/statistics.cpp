#include "sim/core/statistics.hpp"

#include "sim/core/error.hpp"

#include <boost/math/distributions/binomial.hpp>
#include <boost/math/distributions/fisher_f.hpp>
#include <boost/math/distributions/hypergeometric.hpp>
#include <boost/math/distributions/normal.hpp>
#include <boost/math/distributions/students_t.hpp>
#include <fmt/core.h>

#include <algorithm>
#include <cmath>

namespace aet::core {

namespace bm = boost::math;

double normal_quantile_above(double tail) {
  return bm::quantile(bm::complement(bm::normal(), tail));
}

double student_t_quantile_above(double tail, double degrees_of_freedom) {
  if (!(tail > 0.0) || tail >= 1.0 || !(degrees_of_freedom >= 1.0))
    throw ConfigError(
        fmt::format("Student quantile of a tail of {} with {} degrees of freedom; the tail must "
                    "lie between 0 and 1 and there must be at least 1 degree",
                    tail, degrees_of_freedom));
  return bm::quantile(bm::complement(bm::students_t(degrees_of_freedom), tail));
}

double f_tail(double f, double d1, double d2) {
  if (!(f >= 0.0) || !(d1 > 0.0) || !(d2 > 0.0))
    throw ConfigError(fmt::format(
        "F distribution at {} with {} and {} degrees of freedom: they must be positive", f, d1, d2));
  return bm::cdf(bm::complement(bm::fisher_f(d1, d2), f));
}

double binomial_cdf(double hits, double trials, double share) {
  return bm::cdf(bm::binomial(trials, share), hits);
}

double hypergeometric_cdf(unsigned hits, unsigned marked, unsigned drawn, unsigned all) {
  return bm::cdf(bm::hypergeometric(marked, drawn, all), hits);
}

std::pair<double, double> wilson_interval(double hits, double total) {
  const double z = normal_quantile_above(0.025);
  const double p = hits / total;
  const double z2 = z * z;
  const double centre = (p + z2 / (2.0 * total)) / (1.0 + z2 / total);
  const double half = z / (1.0 + z2 / total) * std::sqrt(p * (1.0 - p) / total + z2 / (4.0 * total * total));
  // At a share of 0 or 1 an end is that share, but for rounding.
  return {std::clamp(centre - half, 0.0, p), std::clamp(centre + half, p, 1.0)};
}

} // namespace aet::core
