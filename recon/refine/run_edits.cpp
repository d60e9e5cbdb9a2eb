// Edits of a refinement: which atoms there are, and the proof that those lost were none.
#include "recon/refine/dispersion.hpp"
#include "recon/refine/odds.hpp"
#include "recon/refine/run.hpp"
#include "recon/refine/withheld.hpp"
#include "sim/core/error.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <numeric>

namespace aet::recon {

Restraint Run::held(const Scene& scene) const {
  return result.held_sd_a ? held_to(start, scene.positions, *result.held_sd_a) : Restraint{};
}

void Run::start_counting() {
  constexpr std::size_t free_part = 10; // one in so many
  constexpr std::size_t least = 3;
  proven = result.scene;
  free_losses = std::max(least, result.scene.size() / free_part);
}

bool Run::predicts_without(const std::vector<double>& with, const std::vector<double>& without,
                           std::size_t losses) const {
  // Where the noise is the misfit itself nothing else says what gain is one by chance.
  constexpr double clear = 2.0; // standard errors
  if (result.effective) return gain_in_standard_errors(with, without) > clear;
  // Peaks of noise were found in the withheld tilts as well and predict them a little.
  const double allowed = 0.5 * result.threshold * static_cast<double>(losses) *
                         static_cast<double>(with.size()) / static_cast<double>(series.size());
  return std::accumulate(without.begin(), without.end(), 0.0) <
         std::accumulate(with.begin(), with.end(), 0.0) + allowed;
}

void Run::count_again(const EditCounts& from) {
  result.added = from.added;
  result.dropped = from.dropped;
  result.merged = from.merged;
  result.flipped = from.flipped;
}

bool Run::judge_losses() {
  const std::size_t losses = result.dropped + result.merged - proven_counts.dropped - proven_counts.merged;
  if (losses <= free_losses) return true;
  const auto withheld = [&](const Scene& scene) {
    return withheld_losses(scene, likelihood, options.free, profile, threads, held(scene));
  };
  const bool can_tell = !withheld_folds(series.size()).empty();
  if (can_tell && !result.scene.positions.empty() &&
      predicts_without(withheld(proven), withheld(result.scene), losses)) {
    proven = result.scene;
    proven_counts = {result.added, result.dropped, result.merged, result.flipped, 0};
    return true;
  }
  result.notes.push_back(fmt::format(
      "{} atoms of little evidence were kept, and no more were dropped: {}.", losses,
      can_tell ? "without them the model predicts withheld tilts worse"
               : "fewer than 8 tilts leave none to prove by that the model is better without them"));
  result.scene = proven;
  count_again(proven_counts);
  may_drop = false;
  return false;
}

FreeParameters Run::with_positions() const {
  FreeParameters free = options.free;
  free.positions = true;
  return free;
}

std::vector<double> Run::needed(const LinearModel& model, const Scene& scene, double dispersion) const {
  const double volume = volume_per_atom(scene.positions);
  std::vector<double> each = evidence_at_even_odds(
      model, volumes_by_structure(prior, scene.positions, scene.positions, volume), dispersion);
  // However likely a place: the images must speak for an atom by two standard deviations.
  constexpr double least = 4.0;
  if (!prior.density.empty()) {
    for (double& evidence : each)
      evidence = std::max(evidence, least * dispersion);
  }
  return each;
}

std::vector<double> Run::set_threshold(const LinearModel& model, double dispersion) {
  if (options.threshold > 0.0) {
    result.threshold = options.threshold * dispersion;
    return {};
  }
  std::vector<double> each = needed(model, result.scene, dispersion);
  std::vector<double> sorted = each;
  const auto median = sorted.begin() + static_cast<std::ptrdiff_t>(sorted.size() / 2);
  std::nth_element(sorted.begin(), median, sorted.end());
  result.threshold = *median;
  return each;
}

void Run::drop_hopeless() {
  constexpr int most_rounds = 10;
  for (int round = 0; round < most_rounds; ++round) {
    const Scene& scene = result.scene;
    const std::vector<AtomEvidence> evidence = atom_evidence(scene, likelihood, threads, true);
    Scene kept = scene;
    kept.positions.clear();
    kept.species.clear();
    for (std::size_t a = 0; a < scene.size(); ++a) {
      if (evidence[a].presence_at_own_strength < 0.0) continue;
      kept.positions.push_back(scene.positions[a]);
      kept.species.push_back(scene.species[a]);
    }
    if (kept.size() == scene.size()) return;
    try {
      start_profiles(kept, likelihood, static_cast<int>(scene.profiles.size()), profile, threads);
    } catch (const core::DataError&) {
      return; // a species would be left without anything to form its profile from: the edits will judge
    }
    prune_terms(kept);
    if (result.threshold == 0.0)
      set_threshold(LinearModel(scene, likelihood, with_positions(), threads), 1.0);
    result.dropped += scene.size() - kept.size();
    result.scene = std::move(kept);
    if (!judge_losses()) {
      may_drop = true; // one by one, after the atoms have settled
      result.notes.pop_back();
      return;
    }
  }
}

bool Run::edit() {
  Scene& scene = result.scene;
  const LinearModel model(scene, likelihood, with_positions(), threads);
  // An effective noise is the misfit already.
  result.dispersion = result.effective ? 1.0 : dispersion_of(model, scene, series, threads);
  EditOptions edits;
  constexpr double odds_of_crowding = 1e-3; // nearer atoms than the least distance are that rare
  edits.crowding = -2.0 * std::log(odds_of_crowding) * result.dispersion;
  edits.atom_thresholds = set_threshold(model, result.dispersion);
  if (options.threshold > 0.0) edits.crowding = 0.0;
  // Where withheld images hold the atoms to the traced places, the misfit is no noise that could ask for
  // more.
  constexpr double firmly_a = 0.2;
  edits.add = options.add && !(result.held_sd_a && *result.held_sd_a < firmly_a);
  edits.drop = may_drop;
  edits.flip = options.flip && scene.profiles.size() > 1;
  edits.threshold = result.threshold;
  constexpr double worth_a_trial = 0.5;
  edits.trial_threshold = tried ? result.threshold : worth_a_trial * result.threshold;
  edits.flip_threshold = options.flip_threshold * result.dispersion;
  edits.min_distance_a = options.min_distance_a;
  const EditCounts counts = edit_atoms(scene, likelihood, model, edits, added_places, threads);
  tried = tried || counts.tried > 0;
  result.added += counts.added;
  result.dropped += counts.dropped;
  result.merged += counts.merged;
  result.flipped += counts.flipped;
  if (!result.history.empty()) {
    result.history.back().added = counts.added;
    result.history.back().dropped = counts.dropped + counts.merged;
    result.history.back().flipped = counts.flipped;
  }
  return counts.added + counts.dropped + counts.merged + counts.flipped > 0;
}

void Run::edit_until_rest() {
  for (rounds = 0; steps_left() && rounds < options.max_edit_rounds; ++rounds) {
    edited = edit();
    if (!edited) break;
    settle(settled_for_edits_a, most_before_edits);
    weigh_pixels();
    judge_losses();
  }
}

double Run::cost_with_structure(const Scene& scene) const {
  const LinearModel model(scene, likelihood, with_positions(), threads);
  double cost = model.loss();
  for (const double evidence : needed(model, scene, result.dispersion))
    cost += 0.5 * evidence;
  return cost;
}

bool Run::complete_once() {
  const Scene before = result.scene;
  const EditCounts counted{result.added, result.dropped, result.merged, result.flipped, 0};
  const StructurePrior learnt = prior;
  const double threshold = result.threshold;
  const auto back = [&] {
    result.scene = before;
    count_again(counted);
    prior = learnt;
  };
  try {
    prior = learn_structure(before.positions, threads);
    const LinearModel model(before, likelihood, with_positions(), threads);
    const std::vector<MissingAtom> expected =
        expected_atoms(prior, before, likelihood.series(), model, volume_per_atom(before.positions),
                       result.threshold, threads);
    for (const MissingAtom& m : expected) {
      result.scene.positions.push_back(m.position);
      result.scene.species.push_back(m.species);
    }
    if (!expected.empty()) {
      profile_gain = still_gained(); // so that the profiles follow
      settle(settled_for_edits_a, most_before_edits);
    }
    proven = before;
    proven_counts = counted;
    free_losses = result.scene.size(); // the likelihood of all together is the proof
    edit_until_rest();
  } catch (const core::Interrupted&) {
    back(); // atoms that were not judged yet are no result
    throw;
  }
  const bool likelier =
      !result.scene.positions.empty() && cost_with_structure(result.scene) < cost_with_structure(before);
  result.threshold = threshold;
  if (!likelier) {
    back();
    return false;
  }
  // Atoms that were only tried do not count.
  const std::size_t now = result.scene.size();
  result.added = counted.added + (now > before.size() ? now - before.size() : 0);
  result.dropped = counted.dropped + (now < before.size() ? before.size() - now : 0);
  result.merged = counted.merged;
  return true;
}

void Run::complete_structure() {
  constexpr int most_turns = 4;
  if (!options.structure || !options.add || !may_drop || result.effective || options.threshold > 0.0) return;
  const std::size_t before = result.scene.size();
  bool likelier = true;
  // Half of the steps are left for the end.
  for (int turn = 0; likelier && turn < most_turns && 2 * result.history.size() < most_steps(); ++turn)
    likelier = complete_once();
  if (result.scene.size() == before) return;
  result.notes.push_back(fmt::format(
      "In the end atoms were judged by the model's own structure as well: {} before, {} after. Some "
      "would be too faint elsewhere; --no-structure ([refine] structure = false) leaves that out.",
      before, result.scene.size()));
}

void Run::fall_back() {
  if (settled.positions.empty()) return; // stopped before the first edit
  const auto fewer = settled.size() > result.scene.size() ? settled.size() - result.scene.size() : 0;
  const double allowed = 0.5 * result.threshold * static_cast<double>(fewer);
  const auto loss = [&](const Scene& scene) {
    return misfit(scene, likelihood, threads).loss + restraint_loss(held(scene), scene.positions);
  };
  const double before = loss(settled);
  const double after = loss(result.scene);
  constexpr double rounding = 1e-6;
  if (after <= before + allowed + rounding * before) return;
  result.scene = settled;
  result.failed = true;
  result.converged = false;
  result.notes.push_back(fmt::format(
      "The refinement failed: it ended with a model that the images speak against more than against its "
      "start (half deviance {:.5g} after, {:.5g} before); the start is returned, with its profiles fitted.",
      after, before));
}

} // namespace aet::recon
