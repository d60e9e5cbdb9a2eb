// The spreading kernel of the non-uniform transforms, "exponential of semicircle".
#pragma once

#include <array>
#include <vector>

namespace aet::recon {

/// phi(d) = exp(beta (sqrt(1 - (2d/w)^2) - 1)) for |d| <= w/2 fine-grid steps, 0 beyond; w = 8 and twofold
/// oversampling give transforms with a relative error of a few 1e-8, below single-precision rounding.
/// Source: Barnett, Magland & af Klinteberg, SIAM J. Sci. Comput. 41, C479 (2019), doi:10.1137/18M120885X.
class EsKernel {
public:
  static constexpr int width = 8;
  /// Oversampling of the fine grid that `beta` is tuned for.
  static constexpr int oversampling = 2;

  EsKernel();

  /// Kernel values at the `width` fine-grid nodes around a point.
  /// \param offset (first node - point), in [-width/2, -width/2 + 1) fine-grid steps.
  void evaluate(float offset, float* values) const {
    const float z = 2.0F * offset + static_cast<float>(width - 1);
    for (int j = 0; j < width; ++j)
      values[j] = coefficients_[degree][static_cast<std::size_t>(j)];
    for (std::size_t d = degree; d-- > 0;) {
      for (std::size_t j = 0; j < width; ++j)
        values[j] = values[j] * z + coefficients_[d][j];
    }
  }

  /// phi itself, in double precision.
  [[nodiscard]] static double exact(double distance);

  /// 1 / (Fourier transform of phi at m/fine cycles a step) for m = -n/2 ... n/2-1 (n even) or
  /// -(n-1)/2 ... (n-1)/2 (n odd).
  [[nodiscard]] static std::vector<float> deconvolution(int n, int fine);

private:
  static constexpr std::size_t degree = 12;
  std::array<std::array<float, width>, degree + 1> coefficients_{};
};

} // namespace aet::recon
