#include "recon/refine/refine.hpp"

#include "recon/images/image_content.hpp"
#include "recon/images/series_noise.hpp"
#include "recon/refine/contrast.hpp"
#include "recon/refine/defocus.hpp"
#include "recon/refine/depth.hpp"
#include "recon/refine/dispersion.hpp"
#include "recon/refine/edit.hpp"
#include "recon/refine/effective_noise.hpp"
#include "recon/refine/held_places.hpp"
#include "recon/refine/odds.hpp"
#include "recon/refine/refine_notes.hpp"
#include "recon/refine/support.hpp"
#include "recon/refine/withheld.hpp"
#include "sim/core/error.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

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

constexpr const char* effective_source = "effective, from the misfit";

/// What is given, recorded or told by the images; of images without a noise of their own the effective one.
SeriesNoise starting_noise(const core::TiltSeries& series, const RefineOptions& options,
                           core::Threads threads) {
  if (options.noise) return {*options.noise, "given"};
  if (auto found = find_noise(series)) return *found;
  if (noise_smoothed(series)) return {effective_noise(series, threads).model(), effective_source};
  return noise_of(series); // throws
}

/// Terms that carry nothing only make the fit ill-posed.
void prune_terms(Scene& scene) {
  for (AtomProfile& profile : scene.profiles) {
    double total = 0.0;
    for (const GaussianTerm& term : profile.terms)
      total += std::abs(term.weight);
    std::vector<GaussianTerm> kept;
    for (const GaussianTerm& term : profile.terms) {
      if (std::abs(term.weight) > 0.01 * total) kept.push_back(term);
    }
    if (!kept.empty()) profile.terms = std::move(kept);
  }
}

/// The refinement's state between rounds.
struct Run {
  const core::TiltSeries& series;       ///< as given; with an effective noise `clean` takes its place
  core::TiltSeries clean;               ///< smooth deviations taken off
  const std::vector<core::Vec3>& start; ///< places of the atoms that were given
  const RefineOptions& options;
  SeriesLikelihood noise; ///< alone
  core::Threads threads;
  const core::ProgressSink& progress;
  RefineResult result;
  SeriesLikelihood likelihood{noise};     ///< with the scatter known so far
  std::vector<core::Vec3> added_places{}; ///< by all edits so far
  bool tried = false;                     ///< atoms below the threshold were tried, which is done once
  ProfileFitOptions profile = options.profile;
  double damping = 1e-3;
  double profile_gain = 0.0;   ///< fall of the loss in the last improvement of profiles
  double step_gain = 0.0;      ///< the same in the last step of the atoms
  double longest_a = 0.0;      ///< way of the atom that moved most in it [angstrom]
  Scene proven{};              ///< from which atoms may be lost without proof, up to a part
  EditCounts proven_counts{};  ///< of all edits until then
  std::size_t free_losses = 0; ///< that need no proof
  bool may_drop = options.drop;
  Scene settled{};     ///< before the first edit
  bool edited = false; ///< in the last round
  int rounds = 0;      ///< of edits

  /// The atoms of a scene held to the places given, where withheld images ask for it.
  [[nodiscard]] Restraint held(const Scene& scene) const {
    return result.held_sd_a ? held_to(start, scene.positions, *result.held_sd_a) : Restraint{};
  }

  /// Improve profiles and positions together.
  /// \return false if nothing more can be gained.
  bool step() {
    Scene& scene = result.scene;
    // Profiles that rest are looked at again every third time: atoms that moved change them little.
    constexpr std::size_t look_again = 3;
    if (profile_gain >= still_gained() || result.history.size() % look_again == 0) {
      profile_gain = improve_profiles(scene, likelihood, profile, threads);
    }
    prune_terms(scene);
    NewtonOptions newton;
    newton.restraint = held(scene);
    const NewtonStep s = newton_step(scene, likelihood, options.free, newton, damping, threads);
    step_gain = s.gain;
    longest_a = s.longest_a;
    normalise_gains(scene);
    result.history.push_back({scene.size(), s.loss, s.rms_a, 0, 0, 0});
    core::report(progress,
                 {static_cast<double>(result.history.size()), static_cast<double>(options.max_iterations),
                  "iterations", fmt::format("{} atoms, moved {:.3f} A", scene.size(), s.rms_a), true});
    // Least squares against deviations of many times a step's size need no end to the last digit.
    constexpr double unnoticed = 0.02; // fall of the half deviance of all pixels together
    if (result.effective && s.gain < unnoticed && profile_gain < unnoticed) return false;
    return s.accepted || profile_gain > 0.0;
  }

  /// From now on profiles change with height, if the images show that they do. Where the noise is the misfit
  /// itself nothing says what fall of it is one by chance, and light that the model lacks is taken for depth.
  void ask_for_depth() {
    if (!options.depth || options.defocus || result.effective || profile.depth_spread) return;
    if (change_with_height(result.scene, likelihood, profile, threads)) profile = with_depth(profile);
  }

  /// A profile step that gains less is the last, in log likelihood of all pixels together: profiles then are
  /// within a few of their own standard errors, which move no single atom by a visible part of its own, or
  /// at the end of what Gaussians can describe.
  [[nodiscard]] double still_gained() const {
    return result.history.empty() ? 0.0 : std::max(3.0, 1e-5 * result.history.back().loss);
  }

  [[nodiscard]] bool steps_left() const {
    return static_cast<int>(result.history.size()) < options.max_iterations;
  }

  /// Whether the last step moved atoms by 5 % of their standard errors, in the mean: such a step gains half
  /// the mean square of that an atom. A few atoms that the images hardly determine may still wander.
  [[nodiscard]] bool within_errors() const {
    constexpr double part = 0.05;
    return step_gain < 0.5 * part * part * static_cast<double>(result.scene.size());
  }

  /// At most so many steps, until atoms move less than `tolerance` or a small part of their errors.
  /// \return whether they do.
  bool settle(double tolerance, int most = std::numeric_limits<int>::max()) {
    for (int i = 0; i < most && steps_left(); ++i) {
      if (!step() || result.history.back().rms_a < tolerance || within_errors()) return true;
    }
    return false;
  }

  /// The same, until the profiles rest too, or do not move the atoms any more.
  bool finish(double tolerance) {
    constexpr int still_enough = 3;
    for (int still = 1; settle(tolerance); ++still) {
      const bool unmoved = options.free.positions && still >= still_enough;
      if (unmoved || profile_gain < still_gained()) return true;
    }
    return false;
  }

  /// Defocus of the tilts in turn with profiles and positions, which share the blur, until it rests.
  void focus(double tolerance) {
    constexpr int most_turns = 8;
    constexpr double still_a = 0.5;
    for (int turn = 0; turn < most_turns; ++turn) {
      const double change = fit_defocus(result.scene, likelihood, options.defocus_range_a, threads);
      profile_gain = still_gained(); // so that the profiles follow
      if (!settle(tolerance) || change < still_a) return;
    }
  }

  /// Take what lies around the specimen off the images.
  void clean_images() {
    constexpr double width_a = 3.0; // wider than an atom's image, so that a missing atom stays visible
    noise = likelihood_of(series, result.noise);
    const std::vector<PixelBuffer> smooth = smooth_deviations(result.scene, noise, width_a, threads);
    clean = series;
    for (std::size_t t = 0; t < series.size(); ++t) {
      core::AlignedVector<float>& data = clean.images[t].data;
      for (std::size_t i = 0; i < data.size(); ++i)
        data[i] -= static_cast<float>(smooth[t].data[i]);
    }
    noise = likelihood_of(clean, result.noise);
  }

  /// Learn from the residuals how far pixels may be trusted.
  void weigh_pixels() {
    if (result.effective) {
      clean_images();
      const EffectiveNoise found = effective_noise(result.scene, noise, threads);
      result.noise = found.model();
      result.correlation_area = found.area;
      noise = likelihood_of(clean, result.noise);
      likelihood = noise;
      return;
    }
    if (!options.scatter) return;
    result.scatter = estimate_scatter(result.scene, noise, threads);
    likelihood = result.likelihood(series, threads);
  }

  /// An estimate of the noise that is far below all misfit is no estimate: what it was made from was smoothed
  /// in a way that left a little white noise, such as rounding.
  void doubt_noise() {
    constexpr double absurd = 100.0;
    if (result.noise_source != "estimated") return;
    const ImageMisfit found = misfit(result.scene, noise, threads);
    if (found.chi2 < absurd * found.pixels) return;
    result.effective = true;
    result.noise_source = effective_source;
    weigh_pixels();
  }

  /// Where atoms are counted from.
  void start_counting() {
    constexpr std::size_t free_part = 10; // one in so many
    constexpr std::size_t least = 3;
    proven = result.scene;
    free_losses = std::max(least, result.scene.size() / free_part);
  }

  /// Whether withheld images are predicted well enough without the atoms that were lost.
  [[nodiscard]] bool predicts_without(const std::vector<double>& with, const std::vector<double>& without,
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

  /// Whether the atoms lost since the last proof may go; else they are put back and dropping ends.
  bool judge_losses() {
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
    result.added = proven_counts.added;
    result.dropped = proven_counts.dropped;
    result.merged = proven_counts.merged;
    result.flipped = proven_counts.flipped;
    may_drop = false;
    return false;
  }

  /// Take away what the images speak against already at the start, and form the profiles anew without it.
  void drop_hopeless() {
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
      result.dropped += scene.size() - kept.size();
      result.scene = std::move(kept);
      if (!judge_losses()) return;
    }
  }

  /// One round of changes to the list of atoms.
  /// \return whether there were any.
  bool edit() {
    Scene& scene = result.scene;
    FreeParameters free = options.free;
    free.positions = true; // their information sets the thresholds
    const LinearModel model(scene, likelihood, free, threads);
    // An effective noise is the misfit already.
    result.dispersion = result.effective ? 1.0 : dispersion_of(model, scene, series, threads);
    EditOptions edits;
    constexpr double odds_of_crowding = 1e-3; // nearer atoms than the least distance are that rare
    edits.crowding = -2.0 * std::log(odds_of_crowding) * result.dispersion;
    if (options.threshold > 0.0) {
      result.threshold = options.threshold * result.dispersion;
      edits.crowding = 0.0;
    } else {
      edits.atom_thresholds =
          evidence_at_even_odds(model, volume_per_atom(scene.positions), result.dispersion);
      std::vector<double> sorted = edits.atom_thresholds;
      const auto median = sorted.begin() + static_cast<std::ptrdiff_t>(sorted.size() / 2);
      std::nth_element(sorted.begin(), median, sorted.end());
      result.threshold = *median;
    }
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

  /// From the first profiles to the last step.
  void improve() {
    // Edits wait until atoms rest, but not for long: peaks that are not atoms wander as noise leads them and
    // keep the profiles from settling, and only an edit takes them away.
    constexpr double settled_for_edits_a = 0.02;
    constexpr int most_before_edits = 8;
    if (settle(settled_for_edits_a, most_before_edits) && options.defocus) focus(settled_for_edits_a);
    ask_for_depth(); // what misplaced atoms hid
    doubt_noise();
    weigh_pixels();
    constexpr int turns_of_cleaning = 3; // smooth deviations and atoms share a little of the images
    const int turns = result.effective ? turns_of_cleaning : (options.scatter ? 1 : 0);
    for (int turn = 0; turn < turns; ++turn) {
      settle(settled_for_edits_a, most_before_edits);
      if (turn + 1 < turns) weigh_pixels();
    }
    settled = result.scene;
    while (steps_left() && rounds < options.max_edit_rounds) {
      edited = edit();
      if (!edited) break;
      ++rounds;
      settle(settled_for_edits_a, most_before_edits);
      weigh_pixels();
      judge_losses();
    }
    if (result.scene.positions.empty()) {
      throw core::DataError("no atom of the model is supported by the images; does the tilt series belong to "
                            "this model?");
    }
    if (options.defocus && settle(settled_for_edits_a)) focus(settled_for_edits_a);
    result.converged = finish(options.tolerance_a);
  }

  /// Back to the model before all edits if the images speak against the result more: its loss is higher by
  /// more than atoms of too little evidence may take with them.
  void fall_back() {
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
};

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
