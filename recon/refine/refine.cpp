#include "recon/refine/refine.hpp"

#include "recon/images/image_content.hpp"
#include "recon/images/series_noise.hpp"
#include "recon/refine/contrast.hpp"
#include "recon/refine/depth.hpp"
#include "recon/refine/effective_noise.hpp"
#include "recon/refine/refine_notes.hpp"
#include "recon/refine/run.hpp"
#include "recon/refine/support.hpp"
#include "sim/core/error.hpp"

#include <fmt/core.h>

#include <algorithm>

namespace aet::recon {

namespace {

void check_series(const core::TiltSeries& series) {
  core::validate(series, "the tilt series");
  if (series.size() < 3) {
    throw core::DataError(fmt::format(
        "the tilt series has {} images; positions in space need at least 3 tilts", series.size()));
  }
}

void check_start(const std::vector<core::Vec3>& start, const std::vector<int>& species) {
  if (start.empty()) throw core::DataError("the model to refine has no atoms; trace a volume first");
  if (species.size() != start.size()) {
    throw core::DataError(
        fmt::format("the model has {} positions but {} species", start.size(), species.size()));
  }
  const int kinds = 1 + *std::max_element(species.begin(), species.end());
  for (int s = 0; s < kinds; ++s) {
    if (std::find(species.begin(), species.end(), s) == species.end())
      throw core::DataError(fmt::format("no atom of the model is of species {} of {}", s, kinds));
  }
}

/// What is given, recorded or told by the images; of images without a noise of their own the effective one.
SeriesNoise starting_noise(const core::TiltSeries& series, const RefineOptions& options,
                           core::Threads threads) {
  if (options.noise) return {*options.noise, "given"};
  if (auto found = find_noise(series)) return *found;
  if (noise_smoothed(series)) return {effective_noise(series, threads).model(), effective_source};
  return noise_of(series); // throws
}

} // namespace

RefineResult refine(const core::TiltSeries& series, const std::vector<core::Vec3>& start,
                    const std::vector<int>& species, const RefineOptions& options, core::Threads threads,
                    const core::ProgressSink& progress) {
  check(options);
  check_series(series);
  require_content(series);
  check_start(start, species);
  const auto [noise, source] = starting_noise(series, options, threads);
  core::TiltSeries seen = series; // foreign light is masked in it
  Run run{seen, {}, start, options, likelihood_of(seen, noise), threads, progress, {}};
  RefineResult& result = run.result;
  result.noise = noise;
  result.noise_source = source;
  result.effective = source == effective_source;
  result.scene.positions = start;
  result.scene.species = species;
  result.scene.tilts = nominal_tilts(series);
  if (options.defocus) result.scene.depth.spread = spread_of_probe(series);
  const int kinds = 1 + *std::max_element(species.begin(), species.end());
  if (!support_of(result.scene, run.likelihood, kinds, options.profile, threads).above_chance()) {
    throw core::DataError(
        "the images show no more at the atoms' places than at places of chance; does the tilt "
        "series belong to this model, and are angles, pixel size and rotation centre right?");
  }
  // Of an effective noise smooth deviations are taken off instead.
  if (!result.effective) {
    result.foreign =
        foreign_pixels_of(result.scene, series, noise, kinds, options.free.gain, options.profile, threads);
    if (!result.foreign.empty()) note_foreign(result, series);
    seen = with_masked(series, result.foreign);
    run.likelihood = run.noise = likelihood_of(seen, noise);
  }
  start_profiles(result.scene, run.likelihood, kinds, options.profile, threads);
  prune_terms(result.scene);
  if (result.effective) run.weigh_pixels();
  run.ask_for_depth();
  run.start_counting();
  if (options.drop) run.drop_hopeless();
  if (result.effective && options.free.positions)
    result.held_sd_a = best_hold(result.scene, run.likelihood, options.free, run.profile, threads);

  try {
    run.improve();
  } catch (const core::Interrupted&) {
    if (!options.keep_when_stopped) throw;
    result.stopped = true;
  }
  note_end(result, start.size(), run.longest_a);
  if (run.edited && run.rounds == options.max_edit_rounds && options.max_edit_rounds > 0) {
    result.converged = false;
    result.notes.push_back(
        fmt::format("Atoms were still added, dropped or flipped after {} rounds.", run.rounds));
  }
  run.fall_back();
  if (options.free.shift || options.free.angles) fix_gauge(result.scene, series);
  result.misfit = misfit(result.scene, run.noise, threads);
  result.contrast_r1 = contrast_r1(result.scene, likelihood_of(seen, result.noise), threads);
  note_noise(result);
  result.evidence = atom_evidence(result.scene, run.likelihood, threads);
  return result;
}

} // namespace aet::recon
