// Variance stabilisation of Poisson-Gaussian noise and its exact unbiased inverse.
#pragma once

#include "recon/images/noise_model.hpp"

#include <vector>

namespace aet::recon {

/// Generalised Anscombe transform D = 2 sqrt(z' + 3/8 + s^2), z' = (z - offset) / gain, s = readout sd /
/// gain: noise of sd 1 (nearly; less below about two electrons). For a gain of 0 it is a plain scaling by the
/// readout sd.
class Anscombe {
public:
  /// \throws ConfigError unless gain, readout variance >= 0 and one of them > 0.
  explicit Anscombe(const NoiseModel& noise);

  [[nodiscard]] double forward(double z) const;

  /// The mean of z whose transform has the mean `stabilised`, in counts: exact unbiased inverse. Up to 100
  /// electrons from a table of the expectation, error below 1e-3 electrons; beyond, the closed form of
  /// Makitalo & Foi, IEEE Trans. Image Process. 22, 91 (2013), doi:10.1109/TIP.2012.2202675. Never below the
  /// offset.
  [[nodiscard]] double inverse(double stabilised) const;

private:
  NoiseModel noise_;
  double s2_ = 0.0;                 ///< (readout sd / gain)^2
  std::vector<double> expectation_; ///< of D where the mean is (i x step)^2 electrons
};

} // namespace aet::recon
