// The third-order invariant of a set of spherical harmonic coefficients.
#pragma once

#include <span>
#include <vector>

namespace aet::analysis {

/// Wigner's 3j symbol (l l l; m1 m2 -m1-m2) by Racah's sum (Messiah, Quantum Mechanics (1961), eq. C.21).
/// \param l 0 .. 12, |m1|, |m2| <= l; 0 where |m1 + m2| > l. Good to 1e-13.
[[nodiscard]] double wigner_3j_equal(int l, int m1, int m2);

/// W_l of real components in the order of HarmonicSums (m = 0, then cos and sin of m = 1 .. l).
class ThirdOrder {
public:
  /// \param degree 0 .. 12.
  // NOLINTNEXTLINE(google-explicit-constructor): a list of degrees makes a list of these
  ThirdOrder(int degree);

  /// \param q 2 l + 1 components, not all 0. Does not change with their common length.
  [[nodiscard]] double operator()(std::span<const double> q) const;

private:
  struct Term {
    int m1 = 0;
    int m2 = 0;
    double weight = 0.0; // symbol times the number of equal terms
  };
  int degree_;
  std::vector<Term> terms_; // m1 >= m2 >= m3 = -m1 - m2
};

} // namespace aet::analysis
