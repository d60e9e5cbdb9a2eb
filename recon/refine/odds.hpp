// How much evidence an atom needs, so that it is more likely there than not.
#pragma once

#include "recon/scene/linear_model.hpp"

#include <vector>

namespace aet::recon {

/// Space that a specimen has for each of its atoms [angstrom^3]: from the atoms within 5 angstrom of one (the
/// upper quartile, which counts the inside).
/// \param positions at least one [angstrom].
[[nodiscard]] double volume_per_atom(const std::vector<core::Vec3>& positions);

/// Evidence (twice the log of a likelihood ratio, evidence.hpp) at which each atom of a model is as likely
/// there as not. The ratio was formed at the best place of the atom; an atom that may be anywhere in its
/// volume V is found at a better place by noise alone the more places there are that the images tell apart.
/// With I the information on its position, others held, the odds are
///   exp(evidence / 2) (2 pi)^(3/2) / (V sqrt(det I)),
/// so that 2 ln V + ln det I - 3 ln 2 pi is asked for: some 25 where images fix an atom to a few picometres,
/// 10 at a low dose. Source: Laplace's approximation of the evidence, MacKay, Neural Comput. 4, 415 (1992),
/// doi:10.1162/neco.1992.4.3.415; atoms before the images are a Poisson process of density 1/V.
///
/// \param model of the scene, positions free.
/// \param volumes > 0, of each atom [angstrom^3], see volume_per_atom() and structure_prior.hpp.
/// \param dispersion >= 1: the variance of pixels in units of their noise; evidence and information shrink by
///   it. The result is in units of the noise, as evidence is.
/// \return one number an atom, >= 0.
[[nodiscard]] std::vector<double>
evidence_at_even_odds(const LinearModel& model, const std::vector<double>& volumes, double dispersion);

} // namespace aet::recon
