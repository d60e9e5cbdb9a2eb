#include "recon/refine/held_places.hpp"

#include "recon/refine/withheld.hpp"
#include "sim/core/neighbours/pairs.hpp"

namespace aet::recon {

Restraint held_to(const std::vector<core::Vec3>& places, const std::vector<core::Vec3>& positions,
                  double sd) {
  constexpr double same_atom_a = 0.8;
  Restraint restraint{positions, 1.0 / (sd * sd)};
  const core::CellGrid grid(places, std::nullopt, same_atom_a);
  const std::vector<std::size_t> nearest = core::nearest_of_each(positions, grid, same_atom_a);
  for (std::size_t a = 0; a < positions.size(); ++a) {
    if (nearest[a] != core::no_point) restraint.places[a] = places[nearest[a]];
  }
  return restraint;
}

std::optional<double> best_hold(const Scene& scene, const SeriesLikelihood& likelihood,
                                const FreeParameters& free, const ProfileFitOptions& profile,
                                core::Threads threads) {
  constexpr double widest_a = 0.4;
  constexpr double narrowest_a = 0.025;
  if (withheld_folds(scene.tilts.size()).empty()) return std::nullopt;
  std::optional<double> best;
  double least = withheld_loss(scene, likelihood, free, profile, threads);
  // One minimum: too free is overfitted, too firm is not fitted.
  for (double sd = widest_a; sd >= narrowest_a; sd *= 0.5) {
    const double loss = withheld_loss(scene, likelihood, free, profile, threads,
                                      held_to(scene.positions, scene.positions, sd));
    if (loss >= least) break;
    least = loss;
    best = sd;
  }
  return best;
}

} // namespace aet::recon
