#include "recon/atoms/gaussian_mixture.hpp"

#include "sim/core/error.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

namespace aet::recon {

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

double log_density(const MixtureComponent& c, double x) {
  if (c.weight <= 0.0) return -infinity;
  const double t = (x - c.mean) / c.sd;
  return std::log(c.weight) - std::log(c.sd) - 0.5 * t * t - 0.5 * std::log(2.0 * std::numbers::pi);
}

/// Fills `p` with the components' shares at x; returns the log of the whole density.
double shares(const std::vector<MixtureComponent>& components, double x, std::vector<double>& p) {
  p.resize(components.size());
  double largest = -infinity;
  for (std::size_t c = 0; c < p.size(); ++c) {
    p[c] = log_density(components[c], x);
    largest = std::max(largest, p[c]);
  }
  double sum = 0.0;
  for (double& v : p) {
    v = std::exp(v - largest);
    sum += v;
  }
  for (double& v : p)
    v /= sum;
  return largest + std::log(sum);
}

/// Values in at most 2,000 groups: mean and number of members, rising.
struct Groups {
  std::vector<double> mean;
  std::vector<double> weight;
  std::vector<int> of_value; ///< group of each value
};

Groups group_values(const std::vector<double>& values) {
  constexpr std::size_t most = 2000;
  std::vector<std::size_t> order(values.size());
  for (std::size_t i = 0; i < order.size(); ++i)
    order[i] = i;
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return values[a] < values[b]; });
  const double low = values[order.front()];
  const double width = (values[order.back()] - low) / static_cast<double>(most);
  Groups groups;
  groups.of_value.resize(values.size());
  double upto = low;
  for (const std::size_t i : order) {
    const bool small = values.size() <= most;
    if (groups.mean.empty() || (small && values[i] > upto) || (!small && values[i] > upto + width)) {
      groups.mean.push_back(0.0);
      groups.weight.push_back(0.0);
      upto = values[i];
    }
    groups.of_value[i] = static_cast<int>(groups.mean.size()) - 1;
    groups.weight.back() += 1.0;
    groups.mean.back() += (values[i] - groups.mean.back()) / groups.weight.back();
  }
  return groups;
}

} // namespace

std::vector<double> GaussianMixture::posterior(double value) const {
  std::vector<double> p;
  shares(components, value, p);
  return p;
}

GaussianMixture fit_mixture(const std::vector<double>& values, const std::vector<int>& label, int k,
                            int max_iterations, double pooling) {
  GaussianMixture fit;
  fit.components.resize(static_cast<std::size_t>(k));
  std::vector<std::vector<double>> p(values.size(), std::vector<double>(fit.components.size(), 0.0));
  std::vector<std::size_t> used;
  double low = infinity;
  double high = -infinity;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (label[i] < 0) continue;
    used.push_back(i);
    p[i][static_cast<std::size_t>(label[i])] = 1.0;
    low = std::min(low, values[i]);
    high = std::max(high, values[i]);
  }
  if (used.empty()) return fit;
  const double least_sd = std::max(1e-3 * (high - low), 1e-12);
  double before = -infinity;
  const auto n = static_cast<double>(used.size());
  for (fit.iterations = 1; fit.iterations <= max_iterations; ++fit.iterations) {
    std::vector<double> weights(fit.components.size(), 0.0);
    std::vector<double> squares(fit.components.size(), 0.0);
    double pooled = 0.0;
    for (std::size_t c = 0; c < fit.components.size(); ++c) {
      MixtureComponent& component = fit.components[c];
      double mean = 0.0;
      for (const std::size_t i : used) {
        weights[c] += p[i][c];
        mean += p[i][c] * values[i];
      }
      component.weight = weights[c] < 2.0 ? 0.0 : weights[c] / n;
      if (component.weight <= 0.0) continue;
      component.mean = mean / weights[c];
      for (const std::size_t i : used)
        squares[c] += p[i][c] * (values[i] - component.mean) * (values[i] - component.mean);
      pooled += squares[c] / n;
    }
    for (std::size_t c = 0; c < fit.components.size(); ++c) {
      if (fit.components[c].weight <= 0.0) continue;
      const double variance = (squares[c] + pooling * n * pooled) / (weights[c] + pooling * n);
      fit.components[c].sd = std::max(std::sqrt(variance), least_sd);
    }
    fit.log_likelihood = 0.0;
    for (const std::size_t i : used)
      fit.log_likelihood += shares(fit.components, values[i], p[i]);
    if (fit.log_likelihood - before < 1e-9 * std::abs(fit.log_likelihood)) break;
    before = fit.log_likelihood;
  }
  return fit;
}

double crossing_point(const GaussianMixture& mixture, std::size_t i) {
  const MixtureComponent& a = mixture.components.at(i);
  const MixtureComponent& b = mixture.components.at(i + 1);
  const auto difference = [&](double x) { return log_density(a, x) - log_density(b, x); };
  double low = a.mean;
  double high = b.mean;
  if (!(difference(low) > 0.0) || !(difference(high) < 0.0)) return 0.5 * (low + high);
  for (int step = 0; step < 100; ++step) {
    const double middle = 0.5 * (low + high);
    (difference(middle) > 0.0 ? low : high) = middle;
  }
  return 0.5 * (low + high);
}

std::vector<int> k_means_1d(const std::vector<double>& values, int k) {
  if (k < 1 || k > 8) throw core::ConfigError(fmt::format("k-means of {} groups; allowed is 1 to 8", k));
  const Groups groups = values.empty() ? Groups{} : group_values(values);
  const std::size_t n = groups.mean.size();
  if (n < static_cast<std::size_t>(k)) {
    throw core::DataError(
        fmt::format("{} different intensities cannot be put into {} groups; there are too few peaks", n, k));
  }
  // Prefix sums of weight, first and second moment give the cost of any run of groups.
  std::vector<double> w(n + 1, 0.0);
  std::vector<double> s(n + 1, 0.0);
  std::vector<double> q(n + 1, 0.0);
  for (std::size_t i = 0; i < n; ++i) {
    const double x = groups.mean[i] - groups.mean.front(); // near zero: no cancellation
    w[i + 1] = w[i] + groups.weight[i];
    s[i + 1] = s[i] + groups.weight[i] * x;
    q[i + 1] = q[i] + groups.weight[i] * x * x;
  }
  const auto cost = [&](std::size_t a, std::size_t b) {
    const double sum = s[b] - s[a];
    return q[b] - q[a] - sum * sum / (w[b] - w[a]);
  };
  std::vector<double> best(n + 1, infinity);
  best[0] = 0.0;
  std::vector<std::vector<std::size_t>> from;
  for (int c = 0; c < k; ++c) {
    std::vector<double> next(n + 1, infinity);
    std::vector<std::size_t> origin(n + 1, 0);
    for (std::size_t b = static_cast<std::size_t>(c) + 1; b <= n; ++b) {
      for (std::size_t a = static_cast<std::size_t>(c); a < b; ++a) {
        const double total = best[a] + cost(a, b);
        if (total < next[b]) {
          next[b] = total;
          origin[b] = a;
        }
      }
    }
    best = next;
    from.push_back(origin);
  }
  std::vector<int> of_group(n, 0);
  std::size_t end = n;
  for (int c = k - 1; c >= 0; --c) {
    const std::size_t begin = from[static_cast<std::size_t>(c)][end];
    for (std::size_t i = begin; i < end; ++i)
      of_group[i] = c;
    end = begin;
  }
  std::vector<int> labels(values.size());
  for (std::size_t i = 0; i < values.size(); ++i)
    labels[i] = of_group[static_cast<std::size_t>(groups.of_value[i])];
  return labels;
}

} // namespace aet::recon
