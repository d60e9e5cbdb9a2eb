// Peaks of noise and of atoms told apart by the shape of their strengths' distribution.
#pragma once

#include <optional>
#include <vector>

namespace aet::recon {

/// Strengths as a mixture: noise, the positive half of a normal distribution around zero, and atoms of one
/// species, a normal distribution.
struct NoiseMixture {
  double noise_sd = 0.0;
  double noise_count = 0.0; ///< expected peaks of noise
  double mean = 0.0;        ///< of atoms
  double sd = 0.0;
  double threshold = 0.0;   ///< where a peak is as likely noise as an atom
  double noise_above = 0.0; ///< expected peaks of noise above the threshold
  double atoms_below = 0.0; ///< expected atoms below it
};

/// Fit the mixture by maximum likelihood (expectation and maximisation).
///
/// \param strengths of peaks, any order; values <= 0 are left out. Those below the weakest of them (but one
///   in 200) were not looked for, which the fit takes into account.
/// \param level typical strength of an atom, where the fit starts, > 0.
/// \return none where the distribution is no such mixture: fewer than 100 peaks or a twentieth of them in one
///   of the parts, atoms not above twice the noise's spread, or weak peaks rarer than noise would have them
///   (a second, dimmer species).
[[nodiscard]] std::optional<NoiseMixture> noise_mixture(const std::vector<double>& strengths, double level);

} // namespace aet::recon
