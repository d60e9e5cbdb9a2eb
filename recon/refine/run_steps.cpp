// Steps of a refinement: profiles, atoms and poses, and how far pixels are trusted.
#include "recon/refine/defocus.hpp"
#include "recon/refine/depth.hpp"
#include "recon/refine/effective_noise.hpp"
#include "recon/refine/run.hpp"
#include "sim/core/error.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <numeric>

namespace aet::recon {

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

bool Run::step() {
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

void Run::ask_for_depth() {
  if (!options.depth || options.defocus || result.effective || profile.depth_spread) return;
  if (change_with_height(result.scene, likelihood, profile, threads)) profile = with_depth(profile);
}

double Run::still_gained() const {
  return result.history.empty() ? 0.0 : std::max(3.0, 1e-5 * result.history.back().loss);
}

bool Run::within_errors() const {
  constexpr double part = 0.05;
  return step_gain < 0.5 * part * part * static_cast<double>(result.scene.size());
}

bool Run::settle(double tolerance, int most) {
  for (int i = 0; i < most && steps_left(); ++i) {
    if (!step() || result.history.back().rms_a < tolerance || within_errors()) return true;
  }
  return false;
}

bool Run::finish(double tolerance) {
  constexpr int still_enough = 3;
  for (int still = 1; settle(tolerance); ++still) {
    const bool unmoved = options.free.positions && still >= still_enough;
    if (unmoved || profile_gain < still_gained()) return true;
  }
  return false;
}

void Run::focus(double tolerance) {
  constexpr int most_turns = 8;
  constexpr double still_a = 0.5;
  for (int turn = 0; turn < most_turns; ++turn) {
    const double change = fit_defocus(result.scene, likelihood, options.defocus_range_a, threads);
    profile_gain = still_gained(); // so that the profiles follow
    if (!settle(tolerance) || change < still_a) return;
  }
}

void Run::clean_images() {
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

void Run::weigh_pixels() {
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

void Run::doubt_noise() {
  constexpr double absurd = 100.0;
  if (result.noise_source != "estimated") return;
  const ImageMisfit found = misfit(result.scene, noise, threads);
  if (found.chi2 < absurd * found.pixels) return;
  result.effective = true;
  result.noise_source = effective_source;
  weigh_pixels();
}

void Run::improve() {
  // Edits wait until atoms rest, but not for long: peaks that are not atoms wander as noise leads them and
  // keep the profiles from settling, and only an edit takes them away.
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
  edit_until_rest();
  if (result.scene.positions.empty()) {
    throw core::DataError("no atom of the model is supported by the images; does the tilt series belong to "
                          "this model?");
  }
  complete_structure();
  if (options.defocus && settle(settled_for_edits_a)) focus(settled_for_edits_a);
  result.converged = finish(options.tolerance_a);
}

} // namespace aet::recon
