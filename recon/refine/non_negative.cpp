#include "recon/refine/non_negative.hpp"

#include <Eigen/Cholesky>

#include <algorithm>
#include <cstddef>
#include <vector>

namespace aet::recon {

Eigen::VectorXd non_negative_solution(const Eigen::MatrixXd& m, const Eigen::VectorXd& r) {
  const Eigen::Index n = r.size();
  Eigen::VectorXd x = Eigen::VectorXd::Zero(n);
  std::vector<Eigen::Index> in;
  const auto solve_in = [&] {
    const auto k = static_cast<Eigen::Index>(in.size());
    Eigen::MatrixXd sub(k, k);
    Eigen::VectorXd rhs(k);
    for (Eigen::Index i = 0; i < k; ++i) {
      rhs[i] = r[in[static_cast<std::size_t>(i)]];
      for (Eigen::Index j = 0; j < k; ++j)
        sub(i, j) = m(in[static_cast<std::size_t>(i)], in[static_cast<std::size_t>(j)]);
      sub(i, i) *= 1.0 + 1e-9; // neighbouring widths are nearly the same column
    }
    return Eigen::VectorXd(sub.ldlt().solve(rhs));
  };
  for (Eigen::Index round = 0; round < 3 * n; ++round) {
    const Eigen::VectorXd slope = r - m * x;
    Eigen::Index best = -1;
    double most = 1e-7 * r.cwiseAbs().maxCoeff();
    for (Eigen::Index i = 0; i < n; ++i) {
      const bool is_in = std::find(in.begin(), in.end(), i) != in.end();
      if (!is_in && slope[i] > most) {
        most = slope[i];
        best = i;
      }
    }
    if (best < 0) break;
    in.push_back(best);
    for (;;) {
      const Eigen::VectorXd s = solve_in();
      double length = 1.0;
      for (std::size_t i = 0; i < in.size(); ++i) {
        const double value = s[static_cast<Eigen::Index>(i)];
        if (value <= 0.0) length = std::min(length, x[in[i]] / (x[in[i]] - value));
      }
      std::vector<Eigen::Index> still;
      for (std::size_t i = 0; i < in.size(); ++i) {
        x[in[i]] += length * (s[static_cast<Eigen::Index>(i)] - x[in[i]]);
        if (length < 1.0 && x[in[i]] <= 1e-12 * x.maxCoeff()) {
          x[in[i]] = 0.0;
        } else {
          still.push_back(in[i]);
        }
      }
      in = std::move(still);
      if (length >= 1.0 || in.empty()) break;
    }
  }
  return x;
}

} // namespace aet::recon
