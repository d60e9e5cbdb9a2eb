// The radial distribution function of a box or a particle, and the neighbour cut-off it suggests.
#pragma once

#include "sim/core/atoms.hpp"
#include "sim/core/error.hpp"
#include "sim/core/parallel.hpp"

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

namespace aet::analysis {

struct RadialOptions {
  double r_max_a = 8.0;           ///< > 0 [angstrom]; at most half the cell over each periodic direction
  double step_a = 0.02;           ///< bin width, > 0 [angstrom], at most r_max / 10
  std::size_t max_centres = 8000; ///< >= 1: of more atoms so many are centres; in Pt a bin of 0.02 A then
                                  ///< expects 1,000 pairs at 2.8 A and 8,500 at 8 A
  double smoothing_a = 0.1; ///< standard deviation of the Gaussian applied to g, >= 0 [angstrom]; 0: none
};

/// g(r) at bin centres; 1 for a gas without structure in the same shape.
struct RadialDistribution {
  std::vector<double> r; ///< [angstrom]
  std::vector<double> g;
  double number_density = 0.0; ///< atoms per A^3, of the cell or of the shape that stands for the particle
};

/// Pair distances divided by those a uniform gas in the same volume would have. A particle has fewer pairs at
/// a distance than a bulk because its shape ends: the gas is put into the ellipsoid with the particle's
/// second moments (each atom spread over its own volume), whose pair distances are known exactly: the overlap
/// of an ellipsoid with itself shifted by v is 1 - 3t/2 + t^3/2, t = half the length of v in units of the
/// semi-axes (Guinier and Fournet, Small-Angle Scattering of X-rays (1955), for the sphere). It is averaged
/// over directions in the ellipsoid's own axes, so g does not change when the particle is turned. A film or
/// wire (some directions periodic) is a slab of even thickness in its open directions. Distances where the
/// shape leaves less than 5 % of pairs are left out.
/// \throws ConfigError for options out of range; DataError for fewer than two atoms.
[[nodiscard]] RadialDistribution radial_distribution(std::span<const core::Vec3> positions,
                                                     const std::optional<core::Cell>& cell,
                                                     const RadialOptions& options = {},
                                                     core::Threads threads = {});

struct FirstShell {
  double peak_a = 0.0;    ///< where g is highest [angstrom]
  double minimum_a = 0.0; ///< first minimum behind it [angstrom]: the neighbour cut-off
};

/// The atoms have no first shell that could be told from g(r).
class NoFirstShell : public core::DataError {
public:
  using core::DataError::DataError;
};

/// First minimum of g behind its highest peak; distances below 0.7 A, shorter than any bond, are passed over:
/// a model with an atom put twice has its highest g there. Ripples are passed over: a minimum counts once g
/// has risen again by 5 % of the peak. Where g is flat there (0 between the shells of a cold crystal), the
/// middle of the flat part. Cold bcc has its first minimum between shells 1 and 2, so its cut-off has to be
/// set by hand if 14 neighbours are wanted.
/// \throws NoFirstShell if there is no such peak or minimum: the cut-off then has to be given.
[[nodiscard]] FirstShell first_shell(const RadialDistribution& distribution);

} // namespace aet::analysis
