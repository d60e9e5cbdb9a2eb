#include "recon/atoms/species_model.hpp"

#include "recon/atoms/non_atoms.hpp"

#include <algorithm>
#include <cstddef>

namespace aet::recon {

namespace {

/// Tracing's record after the classification: what became of each peak that tracing had kept.
void record(const Classification& classes, TraceResult& trace) {
  std::size_t kept = 0;
  for (Peak& peak : trace.peaks) {
    if (peak.fate != Fate::atom) continue;
    if (classes.species[kept] < 0) peak.fate = Fate::non_atom;
    ++kept;
  }
  trace.summary.fates[static_cast<std::size_t>(Fate::atom)] -= classes.summary.non_atoms;
  trace.summary.fates[static_cast<std::size_t>(Fate::non_atom)] += classes.summary.non_atoms;
  trace.summary.non_atom_rule = "classification: " + classes.summary.non_atom_rule;
  trace.notes.clear(); // of a division that the classification replaces
}

SpeciesModel one_pass(const core::Volume& volume, const TraceOptions& trace, const ClassifyOptions& classify,
                      core::Threads threads, const core::ProgressSink& progress) {
  SpeciesModel model;
  if (classify.elements.size() < 2) {
    model.trace = trace_atoms(volume, trace, threads, progress);
    model.atoms = model.trace.atoms;
    return model;
  }
  check(classify);
  std::vector<int> elements = classify.elements;
  std::sort(elements.begin(), elements.end());
  TraceOptions every = trace;
  every.element = elements.back();
  every.non_atoms = NonAtomRule::none;
  every.min_relative_height = std::min(trace.min_relative_height, 0.25 * expected_levels(elements).front());
  model.trace = trace_atoms(volume, every, threads, progress);
  model.classes = classify_peaks(volume, model.trace.atoms.positions, classify, threads);
  model.atoms = classified_atoms(model.trace.atoms.positions, *model.classes);
  auto& height = model.atoms.columns["height"];
  for (std::size_t i = 0; i < model.trace.atoms.size(); ++i) {
    if (model.classes->species[i] >= 0) height.push_back(model.trace.atoms.columns.at("height")[i]);
  }
  record(*model.classes, model.trace);
  return model;
}

} // namespace

SpeciesModel trace_species(const core::Volume& volume, const TraceOptions& trace,
                           const ClassifyOptions& classify, core::Threads threads,
                           const core::ProgressSink& progress) {
  check(trace);
  SpeciesModel model = one_pass(volume, trace, classify, threads, progress);
  if (trace.second_min_distance_a > 0.0) {
    TraceOptions closer = trace;
    closer.min_distance_a = trace.second_min_distance_a;
    closer.second_min_distance_a = 0.0;
    const SpeciesModel second = one_pass(volume, closer, classify, threads, progress);
    model.second_pass = compare_passes(model.atoms, second.atoms, 0.5 * trace.second_min_distance_a);
    model.second_pass->min_distance_a = trace.second_min_distance_a;
  }
  return model;
}

} // namespace aet::recon
