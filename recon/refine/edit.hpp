// Changes to the list of atoms that the images demand.
#pragma once

#include "recon/refine/evidence.hpp"

namespace aet::recon {

struct EditOptions {
  bool add = true;
  bool drop = true;
  bool flip = true;
  double threshold = 25.0; ///< least evidence for an atom to be added, or for two in place of one, >= 0
  std::vector<double> atom_thresholds; ///< least evidence for each atom to stay; empty: `threshold` for all
  double crowding = 0.0; ///< evidence asked for beyond that of atoms nearer than min_distance_a, >= 0
  /// Least evidence to try an atom when nothing else is to change; the threshold itself: none is tried.
  double trial_threshold = 25.0;
  double flip_threshold = 2.0; ///< least evidence for another species, >= 0
  double min_distance_a = 1.6; ///< [angstrom], > 0
};

struct EditCounts {
  std::size_t added = 0;
  std::size_t dropped = 0;
  std::size_t merged = 0; ///< pairs that became one atom
  std::size_t flipped = 0;
  std::size_t tried = 0; ///< of the added: below the threshold
};

/// One round: atoms whose presence has less evidence than their threshold go, weakest first; pairs nearer
/// than the minimum distance become one atom where two are not better by the threshold; atoms that another
/// species fits better by its threshold change it, clearest first; and missing atoms are put in, strongest
/// first. No two changes within 3 angstrom in one round (their evidence is not independent); the next round,
/// after the atoms have settled, sees what is left. Evidence for a missing atom grows once its neighbours
/// have made room: if there is nothing to change, atoms above the trial threshold are put in, for the next
/// round to judge.
/// \param scene without strengths of single atoms.
/// \param model of this scene.
/// \param added places where earlier rounds put atoms; this round's are appended. Where two were put in vain
/// none is put again: near the threshold an atom would come and go for ever.
[[nodiscard]] EditCounts edit_atoms(Scene& scene, const SeriesLikelihood& likelihood,
                                    const LinearModel& model, const EditOptions& options,
                                    std::vector<core::Vec3>& added, core::Threads threads);

} // namespace aet::recon
