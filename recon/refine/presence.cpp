#include "recon/refine/presence.hpp"

#include "recon/refine/missing_atoms.hpp"
#include "recon/refine/odds.hpp"
#include "recon/refine/structure_prior.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>

namespace aet::recon {

namespace {

double probability(double evidence, double at_even_odds, double dispersion) {
  return 1.0 / (1.0 + std::exp(0.5 * (at_even_odds - evidence) / dispersion));
}

bool beside_an_atom(const core::Vec3& place, const std::vector<core::Vec3>& atoms, double near_a) {
  return std::any_of(atoms.begin(), atoms.end(),
                     [&](const core::Vec3& atom) { return (atom - place).squaredNorm() < near_a * near_a; });
}

} // namespace

Presence presence_of(const RefineResult& result, const core::TiltSeries& series, const RefineOptions& options,
                     core::Threads threads) {
  const Scene& scene = result.scene;
  const SeriesLikelihood likelihood = result.likelihood(series, threads);
  FreeParameters free = options.free;
  free.positions = true; // their information is in the odds
  const LinearModel model(scene, likelihood, free, threads);
  const double everywhere = volume_per_atom(scene.positions);
  StructurePrior prior;
  if (options.structure && options.threshold == 0.0 && !result.effective)
    prior = learn_structure(scene.positions, threads);
  const auto volumes = [&](const std::vector<core::Vec3>& places) {
    return volumes_by_structure(prior, scene.positions, places, everywhere);
  };
  const std::vector<double> even = evidence_at_even_odds(model, volumes(scene.positions), result.dispersion);
  Presence out;
  for (std::size_t a = 0; a < scene.size(); ++a) {
    out.probability.push_back(
        probability(result.evidence[a].presence_at_own_strength, even[a], result.dispersion));
    out.expected_spurious += 1.0 - out.probability.back();
  }
  std::vector<double> sorted =
      evidence_at_even_odds(model, std::vector<double>(scene.size(), everywhere), result.dispersion);
  const auto median = sorted.begin() + static_cast<std::ptrdiff_t>(sorted.size() / 2);
  std::nth_element(sorted.begin(), median, sorted.end());
  MissingAtomOptions look;
  look.least_evidence = -std::numeric_limits<double>::infinity();
  look.exclusion_a = options.min_distance_a;
  std::vector<double> evidence;
  std::vector<core::Vec3> places;
  const double reach_a = 1.5 * std::cbrt(everywhere);
  for (const MissingAtom& m : missing_atoms(scene, likelihood.series(), model, look, threads)) {
    if (!beside_an_atom(m.position, scene.positions, reach_a)) continue;
    evidence.push_back(m.evidence);
    places.push_back(m.position);
  }
  const std::vector<double> room = volumes(places);
  for (std::size_t i = 0; i < places.size(); ++i) {
    const double at_even_odds = *median + 2.0 * result.dispersion * std::log(room[i] / everywhere);
    out.expected_missing += probability(evidence[i], std::max(0.0, at_even_odds), result.dispersion);
  }
  return out;
}

} // namespace aet::recon
