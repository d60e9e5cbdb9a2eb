#include "recon/align/anderson.hpp"

#include <Eigen/Cholesky>
#include <Eigen/Core>

#include <numeric>

namespace aet::recon {

namespace {

double inner(const std::vector<double>& a, const std::vector<double>& b) {
  return std::inner_product(a.begin(), a.end(), b.begin(), 0.0);
}

std::vector<double> difference(const std::vector<double>& a, const std::vector<double>& b) {
  std::vector<double> out(a.size());
  for (std::size_t i = 0; i < a.size(); ++i)
    out[i] = a[i] - b[i];
  return out;
}

} // namespace

std::vector<double> Anderson::next(const std::vector<double>& x, const std::vector<double>& image) {
  std::vector<double> step = difference(image, x);
  constexpr double grown = 2.0;
  if (!steps_.empty() && inner(step, step) > grown * grown * inner(steps_.back(), steps_.back())) {
    points_.clear();
    steps_.clear();
  }
  points_.push_back(x);
  steps_.push_back(step);
  if (steps_.size() > memory_ + 1) {
    points_.pop_front();
    steps_.pop_front();
  }
  const std::size_t count = steps_.size() - 1;
  std::vector<double> out = image;
  if (count == 0) return out;
  std::vector<std::vector<double>> changes; // of the step, from one iteration to the next
  for (std::size_t i = 0; i < count; ++i)
    changes.push_back(difference(steps_[i + 1], steps_[i]));
  const auto size = static_cast<Eigen::Index>(count);
  Eigen::MatrixXd normal(size, size);
  Eigen::VectorXd right(size);
  for (Eigen::Index i = 0; i < size; ++i) {
    for (Eigen::Index k = 0; k < size; ++k)
      normal(i, k) = inner(changes[static_cast<std::size_t>(i)], changes[static_cast<std::size_t>(k)]);
    right(i) = inner(changes[static_cast<std::size_t>(i)], step);
  }
  // Nearly parallel changes carry no information: a little damping keeps their weights finite.
  constexpr double damping = 1e-4;
  for (Eigen::Index i = 0; i < size; ++i)
    normal(i, i) *= 1.0 + damping;
  const Eigen::LLT<Eigen::MatrixXd> factor(normal);
  if (factor.info() != Eigen::Success) return out;
  const Eigen::VectorXd weights = factor.solve(right);
  for (std::size_t i = 0; i < count; ++i) {
    const double weight = weights(static_cast<Eigen::Index>(i));
    for (std::size_t k = 0; k < out.size(); ++k)
      out[k] -= weight * (points_[i + 1][k] - points_[i][k] + changes[i][k]);
  }
  return out;
}

} // namespace aet::recon
