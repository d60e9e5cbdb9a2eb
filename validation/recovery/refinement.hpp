// Refinement against the images and the physical limit, for files: elements in and out, and the .json beside.
#pragma once

#include "recon/refine/error_check.hpp"
#include "recon/refine/limit.hpp"
#include "recon/refine/presence.hpp"
#include "recon/refine/refine.hpp"
#include "sim/core/atoms.hpp"
#include "validation/recovery/multislice_model.hpp"
#include "validation/recovery/published_refinement.hpp"

#include <nlohmann/json_fwd.hpp>

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace aet::validation {

struct RefineSettings {
  recon::RefineOptions refine;
  recon::LimitOptions limit;
  bool errors = true; ///< standard errors of the refined atoms, from the limit at the model
  /// The papers' refinement in place of the likelihood; the limit of the score stays.
  std::optional<PublishedOptions> published{};
  /// Around the likelihood's sums of atoms, a correction by multislice (recon/refine/defect_correction.hpp).
  std::optional<PhysicsSettings> physics{};
};

struct RefinedModel {
  core::Atoms atoms; ///< columns "evidence", "occupancy", of several species "probability" (of its species),
                     ///< unless stopped "presence" (probability that it is there), where atoms leave
                     ///< the field "seen" (part of the images that show the atom), and with errors
                     ///< "sd_x_pm", "sd_y_pm", "sd_z_pm"
  std::vector<int> elements; ///< atomic number of each species, rising
  recon::RefineResult result;
  std::optional<recon::Presence> presence; ///< none where the refinement was stopped
  core::TiltSeries series;                 ///< the images with the poses that the refinement ended with
  std::optional<recon::Limit> limit;       ///< at the model, of noise and scatter: the errors to be expected
  std::optional<recon::ErrorCheck> error_check;  ///< by which the columns sd_... are larger than `limit` says
  std::optional<recon::DefectRefinement> defect; ///< where settings.physics was asked for
};

/// Refine atoms against a series: one profile for each element that occurs.
/// \param refined called with the refined atoms before their standard errors are computed, which may take
///   longer than the refinement. Not called, and no errors computed, where the refinement was stopped.
/// \throws as recon::refine.
[[nodiscard]] RefinedModel refine_model(const core::TiltSeries& series, const core::Atoms& start,
                                        const RefineSettings& settings, core::Threads threads,
                                        const core::ProgressSink& progress = {},
                                        const std::function<void(const RefinedModel&)>& refined = {});

/// The limit of a truth in a series: profiles, backgrounds and gains fitted to the images with the truth in
/// its place, then the bound at the truth.
struct TruthLimit {
  recon::Scene scene;
  std::vector<int> elements;
  recon::Limit limit;
  recon::NoiseModel noise; ///< of one exposure
  std::string noise_source;
  double chi2_per_pixel = 1.0; ///< of the truth against the images; near 1 if the noise is right
  /// Where profiles, gains, backgrounds and refined poses count as unknown; none for more atoms than
  /// LimitOptions::dense_atoms, which lose little by it.
  std::optional<recon::Limit> unknown{};
  double contrast_r1 = 0.0;       ///< of the truth against the images (recon/refine/contrast.hpp)
  std::vector<std::string> notes; ///< sentences a reader must know
  /// Chance that an atom's most likely species is the wrong one, mean over the atoms; 0 for one species.
  double expected_misclassified = 0.0;
};
[[nodiscard]] TruthLimit truth_limit(const core::TiltSeries& series, const core::Atoms& truth,
                                     const RefineSettings& settings, core::Threads threads,
                                     const core::ProgressSink& progress = {});

[[nodiscard]] nlohmann::ordered_json refinement_json(const RefinedModel& model);
[[nodiscard]] nlohmann::ordered_json limit_json(const TruthLimit& limit);

} // namespace aet::validation
