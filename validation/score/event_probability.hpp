// How sure the events of nuclei are, given the errors of positions and species.
#pragma once

#include "analysis/moment/moment_analysis.hpp"
#include "validation/score/propagation.hpp"

#include <cstdint>
#include <span>

namespace aet::validation {

struct EventErrors {
  double rms_pm = 0.0;        ///< 0 .. 300: root mean square error of a position in space [pm]
  double wrong_percent = 0.0; ///< 0 .. 100: atoms of the wrong species
  int trials = 20;            ///< 1 .. 1000
  std::uint64_t seed = 1;
};

/// Sets Event::probability of each event: the part of trials in which it happens again, where in each trial
/// all moments are displaced and relabelled at random by such errors and analysed anew. The recovered atoms
/// already hold one draw of these errors, so an event that they made has a low probability, and one that they
/// hid is not in the list. Nuclei of a trial are those of the moment with whom they share more than half of
/// the smaller one's atoms.
/// \param moments as analysed, atoms in the same order.
/// \param analyse as those were analysed, nuclei held against chance included.
/// \throws ConfigError for errors out of range; as the analysis.
void set_event_probabilities(analysis::Dynamics& dynamics, std::span<const analysis::MomentAnalysis> moments,
                             const Analyse& analyse, const EventErrors& errors, core::Threads threads = {});

} // namespace aet::validation
