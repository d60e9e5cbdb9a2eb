// Least squares with coefficients that cannot be negative.
#pragma once

#include <Eigen/Core>

namespace aet::recon {

/// min x^T M x / 2 - r^T x over x >= 0.
/// \param m n x n, symmetric, positive semidefinite.
/// \param r n. Source: Lawson & Hanson, Solving Least Squares Problems (1974), ch. 23, on normal equations.
[[nodiscard]] Eigen::VectorXd non_negative_solution(const Eigen::MatrixXd& m, const Eigen::VectorXd& r);

} // namespace aet::recon
