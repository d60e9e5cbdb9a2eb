// From a volume to atoms with species: tracing and classification as one step.
#pragma once

#include "recon/atoms/classify.hpp"
#include "recon/atoms/second_pass.hpp"
#include "recon/atoms/trace.hpp"

#include <optional>

namespace aet::recon {

struct SpeciesModel {
  core::Atoms atoms; ///< columns "intensity", "height"; of several species also "probability" and
                     ///< "corrected_intensity"
  TraceResult trace; ///< peaks taken for non-atoms by the classification have the fate non_atom
  std::optional<Classification>
      classes; ///< of the peaks that tracing kept, in its order; none for one element
  std::optional<PassComparison> second_pass; ///< where trace.second_min_distance_a asks for one
};

/// Trace a volume and, where `classify.elements` names two or more, sort its peaks into non-atoms and
/// species.
///
/// With several elements tracing keeps every peak it can fit, down to a quarter of the dimmest species'
/// expected height, and the classification alone says which are atoms: `trace.element` and `trace.non_atoms`
/// are not used. With one or none, `classify` is not used. A second pass with a smaller minimum distance is
/// compared with the first; the first is the model.
/// \throws as trace_atoms and classify_peaks.
[[nodiscard]] SpeciesModel trace_species(const core::Volume& volume, const TraceOptions& trace,
                                         const ClassifyOptions& classify, core::Threads threads,
                                         const core::ProgressSink& progress = {});

} // namespace aet::recon
