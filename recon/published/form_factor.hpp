// The image of one atom in the papers' model: H f_e(q) exp(-B q^2), in real space.
#pragma once

#include <cstddef>
#include <vector>

namespace aet::recon::published {

/// f_e(q) / f_e(0) of a neutral atom as a sum of Gaussians, sum weight exp(-decay q^2); weights sum to one.
struct FormFactor {
  std::vector<double> weight;
  std::vector<double> decay; ///< [angstrom^2]
};

/// \param element 1..98.
/// \throws DataError otherwise. Source: International Tables for Crystallography C, table 4.3.2.2 (gemmi's
///   c4322.hpp), five Gaussians in (sin(theta) / lambda)^2 = q^2 / 4.
[[nodiscard]] FormFactor electron_form_factor(int element);

/// The inverse Fourier transform of f(q) exp(-B q^2) in two dimensions against the squared distance:
/// sum weight pi / beta exp(-pi^2 rho^2 / beta), beta = decay + B; integral one. Tabulated with its
/// derivatives, linear in between (error below 1e-6 of the centre's value).
///
/// B here is that of exp(-B q^2); the crystallographers' B_iso in exp(-B q^2 / 4) is four times as large.
class RadialProfile {
public:
  /// \param b_a2 > 0 [angstrom^2].
  RadialProfile(const FormFactor& factor, double b_a2);

  struct Sample {
    double value = 0.0; ///< [1 / angstrom^2]
    double by_u = 0.0;  ///< derivative by the squared distance
    double by_b = 0.0;  ///< derivative by B
  };
  /// \param u squared distance [angstrom^2], >= 0; zero beyond reach()^2.
  [[nodiscard]] Sample operator()(double u) const {
    const double at = u * scale_;
    const auto i = static_cast<std::size_t>(at);
    if (i + 1 >= table_.size()) return {};
    const double t = at - static_cast<double>(i);
    const Sample& a = table_[i];
    const Sample& b = table_[i + 1];
    return {a.value + t * (b.value - a.value), a.by_u + t * (b.by_u - a.by_u),
            a.by_b + t * (b.by_b - a.by_b)};
  }

  /// Distance at which the value has fallen to 1e-4 of the centre's [angstrom].
  [[nodiscard]] double reach() const { return reach_; }

private:
  std::vector<Sample> table_;
  double scale_ = 1.0;
  double reach_ = 0.0;
};

} // namespace aet::recon::published
