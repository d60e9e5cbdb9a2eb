// The same nuclei at different times: overlap, common nuclei, and what happened between moments.
#pragma once

#include "sim/core/atoms.hpp"
#include "sim/core/parallel.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace aet::analysis {

/// What the comparison of times needs of one moment. Atoms need not keep their order or number between
/// moments.
struct NucleiSnapshot {
  std::string name;
  std::vector<core::Vec3> positions; ///< all atoms, nuclei or not [angstrom]
  std::optional<core::Cell> cell;
  std::vector<int> nucleus_of_atom;         ///< -1: none; otherwise 0 .. nuclei - 1
  std::vector<double> effective_atoms;      ///< one number a nucleus
  std::vector<double> effective_atoms_sd{}; ///< its standard error; empty: 0
  std::vector<std::uint8_t> by_chance{}; ///< 1: takes no part, being what chance makes as well; empty: none
  std::vector<int> phase{}; ///< nuclei of different phases have nothing in common; empty: one phase
};

struct DynamicsOptions {
  double min_overlap =
      0.5;              ///< 0 .. 1: two nuclei are the same if they share more than this part of the smaller
  double reach_a = 2.5; ///< > 0 [angstrom]: a place belongs to the nearest atom within this distance (no
                        ///< place inside fcc Pt is farther than 1.96 A from an atom)
  int moment_gap = 0;   ///< compare moments up to this far apart; 0: all pairs for up to 10 moments, else 1
  double class_tolerance = 2.0; ///< >= 0 [standard errors of a difference of effective numbers]: smaller
                                ///< changes do not count as a turn when growing and dissolving are told from
                                ///< fluctuating
};

enum class NucleusClass { growing, dissolving, fluctuating };

/// One nucleus seen at several times: all nuclei of all moments tied together by overlap.
struct CommonNucleus {
  std::vector<std::vector<int>>
      members; ///< [moment]: nucleus numbers, largest effective number first; may be empty
  std::vector<double> effective_atoms;    ///< [moment]: sum over the members; 0 where there is none
  std::vector<double> effective_atoms_sd; ///< [moment]: its standard error
  NucleusClass kind = NucleusClass::fluctuating;
};

enum class EventKind { merge, divide, nucleate, dissolve };

/// Between a moment and the one before it.
struct Event {
  EventKind kind = EventKind::merge;
  std::size_t moment = 0;              ///< index of the later moment
  std::vector<int> from;               ///< nuclei of the earlier moment, rising
  std::vector<int> to;                 ///< nuclei of the later moment, rising
  std::optional<double> probability{}; ///< that it is not made by errors of the atoms; none: not asked
};

/// Two nuclei of two moments that are the same: an edge of the graph.
struct NucleusLink {
  std::size_t from_moment = 0; ///< earlier
  std::size_t to_moment = 0;
  int from = 0; ///< numbers of the nuclei there
  int to = 0;
  double overlap = 0.0; ///< shared part of the smaller one
};

struct Dynamics {
  std::vector<std::string> moments;
  std::vector<NucleusLink> links;    ///< by moments, then numbers
  std::vector<CommonNucleus> common; ///< by first moment, then number of the nucleus there
  std::vector<Event> events;         ///< by moment, kind, numbers
};

/// Common nuclei by Zhou et al. 2019's three criteria (Methods, "Identification of common nuclei"): one may
/// form, grow, merge, divide or dissolve at any time; it exists at two times at least and overlaps there with
/// another by more than half the smaller one's volume; and nothing outside it overlaps with it that much. So
/// a common nucleus is a connected part of the graph of such overlaps (`links`). Overlap is geometric, since
/// atoms of recovered models have no identity: the space of a nucleus is the union of its atoms' Voronoi
/// cells, and the overlap is the number of atoms of each that lie in the space of the other, averaged over
/// both directions. Growing (dissolving): the effective number never falls (rises), up to the tolerance, and
/// ends higher (lower); everything else fluctuates. With two moments nothing can
/// fluctuate. Events, between neighbouring moments, on the same overlaps: merge (several become one), divide
/// (one becomes several), nucleate (no predecessor), dissolve (no successor).
/// \throws DataError for no moments or labels that do not fit; ConfigError for options out of range.
[[nodiscard]] Dynamics analyze_dynamics(std::span<const NucleiSnapshot> moments,
                                        const DynamicsOptions& options = {}, core::Threads threads = {});

} // namespace aet::analysis
