// What the images of a tilt series are made of: atoms, what each adds to an image, and each tilt's state.
#pragma once

#include "recon/scene/pose.hpp"
#include "sim/core/atoms.hpp"
#include "sim/core/tilt_series.hpp"

#include <cmath>
#include <cstddef>
#include <vector>

namespace aet::recon {

/// weight / (2 pi sigma^2) exp(-r^2 / (2 sigma^2)), r the distance in the image plane [angstrom].
struct GaussianTerm {
  double weight = 0.0; ///< integral over the plane [image units x angstrom^2]
  double sigma = 0.5;  ///< [angstrom], > 0
};

/// What an atom of one species adds to an image of gain 1: a sum of 1..4 isotropic Gaussians.
struct AtomProfile {
  std::vector<GaussianTerm> terms;
};
inline constexpr std::size_t most_terms = 4;

/// How the profile changes with the height z' of an atom along the beam (z' grows downstream): every sigma^2
/// grows by spread (z' - focus)^2, the depth of focus, and every weight by the factor 1 + fade z', what a
/// beam loses on its way through a specimen.
struct DepthModel {
  double spread = 0.0; ///< [angstrom^2 per angstrom^2], >= 0; for a probe of semi-angle a about a^2 / 4
  double focus = 0.0;  ///< [angstrom]
  double fade = 0.0;   ///< [1 / angstrom]

  [[nodiscard]] bool active() const { return spread != 0.0 || fade != 0.0; }
};

/// How the signal of a pixel follows the sum of the profiles there: (1 - exp(-k sum)) / k. An electron that
/// one atom sent to the detector is lost to the atoms behind it, and a thick specimen spreads the probe: the
/// signal grows slower than the number of atoms. k = 0 is the sum itself; k < 0 a signal that grows faster.
struct Response {
  double saturation = 0.0; ///< k [1 / image units]

  [[nodiscard]] double value(double sum) const {
    return saturation == 0.0 ? sum : -std::expm1(-saturation * sum) / saturation;
  }
  /// Derivative of value() by the sum; positive.
  [[nodiscard]] double slope(double sum) const {
    return saturation == 0.0 ? 1.0 : std::exp(-saturation * sum);
  }
};

/// image = background + gain x response(sum of the profiles where the pose puts the atoms).
struct TiltState {
  Pose pose;
  double gain = 1.0;
  double background = 0.0; ///< [image units]
  double defocus = 0.0;    ///< of this image on top of DepthModel::focus [angstrom]; acts where spread > 0
};

/// A complete description of a tilt series. Invariant: species[i] in [0, profiles.size()); strengths are none
/// or as many as atoms.
struct Scene {
  std::vector<core::Vec3> positions; ///< [angstrom], specimen axes
  std::vector<int> species;          ///< index into profiles, one per atom
  std::vector<double> strengths;     ///< of each atom in units of its profile; none: all 1
  std::vector<AtomProfile> profiles;
  DepthModel depth;
  Response response;
  std::vector<TiltState> tilts; ///< one per image

  [[nodiscard]] std::size_t size() const { return positions.size(); }
  [[nodiscard]] double strength(std::size_t atom) const { return strengths.empty() ? 1.0 : strengths[atom]; }
};

/// Atom in the axes of the image: (x', y') [angstrom] from the rotation centre, shift included, and z'.
[[nodiscard]] inline core::Vec3 projected(const TiltState& tilt, const core::Vec3& position) {
  core::Vec3 p = tilt.pose.orientation * position;
  p.head<2>() += tilt.pose.shift;
  return p;
}

/// What a pixel of a tilt holds where the profiles add up to `sum` [image units].
[[nodiscard]] inline double pixel_mean(const TiltState& tilt, const Response& response, double sum) {
  return tilt.background + tilt.gain * response.value(sum);
}

/// Tilts with the series' orientations and shifts, gain 1 and background 0.
[[nodiscard]] std::vector<TiltState> nominal_tilts(const core::TiltSeries& series);

/// The scene of some of the tilts only.
[[nodiscard]] Scene with_tilts(const Scene& scene, const std::vector<std::size_t>& which);

/// At most so many of `count` tilts, evenly spread over them; rising.
[[nodiscard]] std::vector<std::size_t> evenly_chosen(std::size_t count, std::size_t most);

/// Turn and shift the whole scene, images unchanged, so that poses are nearest to the series' own: what poses
/// and positions share has no meaning.
void fix_gauge(Scene& scene, const core::TiltSeries& series);

/// Gains of mean 1, images unchanged: the profiles carry the scale.
void normalise_gains(Scene& scene);

/// \throws DataError if array lengths differ, a species or a term is out of range, a coordinate is not
/// finite, or there are fewer or more tilts than images.
void validate(const Scene& scene, const core::TiltSeries& series);

} // namespace aet::recon
