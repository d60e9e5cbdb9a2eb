#include "recon/scene/scene.hpp"

#include "sim/core/error.hpp"

#include <fmt/core.h>

#include <cmath>

namespace aet::recon {

std::vector<TiltState> nominal_tilts(const core::TiltSeries& series) {
  std::vector<TiltState> tilts(series.size());
  for (std::size_t t = 0; t < tilts.size(); ++t)
    tilts[t].pose = {series.orientations[t], shift_of(series, t)};
  return tilts;
}

Scene with_tilts(const Scene& scene, const std::vector<std::size_t>& which) {
  Scene part = scene;
  part.tilts.clear();
  for (const std::size_t t : which)
    part.tilts.push_back(scene.tilts[t]);
  return part;
}

std::vector<std::size_t> evenly_chosen(std::size_t count, std::size_t most) {
  const std::size_t step = (count + most - 1) / most;
  std::vector<std::size_t> chosen;
  for (std::size_t t = step / 2; t < count; t += step)
    chosen.push_back(t);
  return chosen;
}

void fix_gauge(Scene& scene, const core::TiltSeries& series) {
  std::vector<Pose> poses;
  std::vector<Pose> nominal;
  for (const TiltState& tilt : scene.tilts)
    poses.push_back(tilt.pose);
  for (const TiltState& tilt : nominal_tilts(series))
    nominal.push_back(tilt.pose);
  const RigidMotion motion = remove_common(poses, nominal);
  for (std::size_t t = 0; t < poses.size(); ++t)
    scene.tilts[t].pose = poses[t];
  for (core::Vec3& p : scene.positions)
    p = motion.turn * p + motion.shift;
}

void normalise_gains(Scene& scene) {
  double mean = 0.0;
  for (const TiltState& tilt : scene.tilts)
    mean += tilt.gain / static_cast<double>(scene.tilts.size());
  if (!(mean > 0.0)) return;
  for (TiltState& tilt : scene.tilts)
    tilt.gain /= mean;
  for (AtomProfile& profile : scene.profiles) {
    for (GaussianTerm& term : profile.terms)
      term.weight *= mean;
  }
  scene.response.saturation /= mean;
}

void validate(const Scene& scene, const core::TiltSeries& series) {
  if (scene.species.size() != scene.size()) {
    throw core::DataError(fmt::format("the model has {} positions but {} species; give one per atom",
                                      scene.size(), scene.species.size()));
  }
  if (!scene.strengths.empty() && scene.strengths.size() != scene.size()) {
    throw core::DataError(
        fmt::format("the model has {} positions but {} strengths; give one per atom, or none", scene.size(),
                    scene.strengths.size()));
  }
  if (scene.tilts.size() != series.size()) {
    throw core::DataError(fmt::format("the model describes {} tilts but the series has {} images",
                                      scene.tilts.size(), series.size()));
  }
  for (std::size_t i = 0; i < scene.size(); ++i) {
    if (!scene.positions[i].allFinite() || !std::isfinite(scene.strength(i)))
      throw core::DataError(fmt::format("position or strength of atom {} is not finite", i));
    if (scene.species[i] < 0 || static_cast<std::size_t>(scene.species[i]) >= scene.profiles.size()) {
      throw core::DataError(fmt::format("atom {} is of species {}, but there are {} profiles", i,
                                        scene.species[i], scene.profiles.size()));
    }
  }
  for (const AtomProfile& profile : scene.profiles) {
    if (profile.terms.empty() || profile.terms.size() > most_terms) {
      throw core::DataError(
          fmt::format("a profile has {} Gaussians; it must have 1 to {}", profile.terms.size(), most_terms));
    }
    for (const GaussianTerm& term : profile.terms) {
      if (!(term.sigma > 0.0) || !std::isfinite(term.sigma) || !std::isfinite(term.weight)) {
        throw core::DataError(fmt::format("a profile has a Gaussian of weight {} and width {} angstrom; the "
                                          "width must be positive and both finite",
                                          term.weight, term.sigma));
      }
    }
  }
}

} // namespace aet::recon
