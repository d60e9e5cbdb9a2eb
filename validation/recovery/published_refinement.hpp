// The papers' refinement of a traced model against its tilt series, from files' contents to a refined model.
#pragma once

#include "recon/published/atom_editing.hpp"
#include "recon/published/gradient_refinement.hpp"

#include <nlohmann/json_fwd.hpp>

#include <string>
#include <vector>

namespace aet::validation {

struct PublishedOptions {
  recon::published::GradientOptions gradient;
  bool flip = true; ///< species by the local projection error (Zhou et al. 2019 i-iv), before and after
  double borderline_probability = 0.95; ///< flipped are atoms less sure than this, where the model has a
                                        ///< column "probability"; otherwise all
  std::uint64_t seed = 1;               ///< of the order of flips
};

struct PublishedRefinement {
  core::Atoms atoms; ///< refined; the columns of the start
  recon::published::GradientResult gradient;
  recon::published::FlipResult first_flips;
  recon::published::FlipResult last_flips;
  recon::published::AddResult added; ///< empty without candidates
  std::size_t candidates = 0;
  std::vector<std::string> notes; ///< sentences a reader must know
};

/// A constant background off (the level at the images' borders), scale and B fitted; candidates put in one by
/// one while E falls (Yang et al. 2017 v); species of doubtful atoms flipped; 10 rounds of 10 + 10 steps in
/// H, B and xyz; species flipped again (Zhou et al. 2019, last step).
/// \param candidates doubtful atoms that are not in the model, with column "intensity"; may be empty.
/// \throws as recon::make_projections, model_of and refine_gradient.
[[nodiscard]] PublishedRefinement refine_published(const core::TiltSeries& series, const core::Atoms& start,
                                                   const core::Atoms& candidates,
                                                   const PublishedOptions& options, core::Threads threads,
                                                   const core::ProgressSink& progress = {});

[[nodiscard]] nlohmann::json published_json(const PublishedRefinement& result);

} // namespace aet::validation
