// The state of a refinement and its parts: steps of all parameters (run_steps.cpp) and edits of the list of
// atoms (run_edits.cpp).
#pragma once

#include "recon/refine/edit.hpp"
#include "recon/refine/held_places.hpp"
#include "recon/refine/refine.hpp"
#include "recon/refine/structure_prior.hpp"

#include <limits>

namespace aet::recon {

/// The noise of images whose own was taken off.
inline constexpr const char* effective_source = "effective, from the misfit";

/// Terms that carry nothing only make the fit ill-posed.
void prune_terms(Scene& scene);

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
  StructurePrior prior{}; ///< what the model expects of itself; nothing before the first edits have ended
  Scene settled{};        ///< before the first edit
  bool edited = false;    ///< in the last round
  int rounds = 0;         ///< of edits

  /// The atoms of a scene held to the places given, where withheld images ask for it.
  [[nodiscard]] Restraint held(const Scene& scene) const;

  /// Improve profiles and positions together.
  /// \return false if nothing more can be gained.
  bool step();

  /// From now on profiles change with height, if the images show that they do. Where the noise is the misfit
  /// itself nothing says what fall of it is one by chance, and light that the model lacks is taken for depth.
  void ask_for_depth();

  /// A profile step that gains less is the last, in log likelihood of all pixels together: profiles then are
  /// within a few of their own standard errors, which move no single atom by a visible part of its own, or
  /// at the end of what Gaussians can describe.
  [[nodiscard]] double still_gained() const;

  [[nodiscard]] std::size_t most_steps() const { return static_cast<std::size_t>(options.max_iterations); }
  [[nodiscard]] bool steps_left() const { return result.history.size() < most_steps(); }

  /// Whether the last step moved atoms by 5 % of their standard errors, in the mean: such a step gains half
  /// the mean square of that an atom. A few atoms that the images hardly determine may still wander.
  [[nodiscard]] bool within_errors() const;

  /// At most so many steps, until atoms move less than `tolerance` or a small part of their errors.
  /// \return whether they do.
  bool settle(double tolerance, int most = std::numeric_limits<int>::max());

  /// The same, until the profiles rest too, or do not move the atoms any more.
  bool finish(double tolerance);

  /// Defocus of the tilts in turn with profiles and positions, which share the blur, until it rests.
  void focus(double tolerance);

  /// Take what lies around the specimen off the images.
  void clean_images();

  /// Learn from the residuals how far pixels may be trusted.
  void weigh_pixels();

  /// An estimate of the noise that is far below all misfit is no estimate: what it was made from was smoothed
  /// in a way that left a little white noise, such as rounding.
  void doubt_noise();

  /// Where atoms are counted from.
  void start_counting();

  /// Whether withheld images are predicted well enough without the atoms that were lost.
  [[nodiscard]] bool predicts_without(const std::vector<double>& with, const std::vector<double>& without,
                                      std::size_t losses) const;

  /// The counts of edits as they were.
  void count_again(const EditCounts& from);

  /// Whether the atoms lost since the last proof may go; else they are put back and dropping ends.
  bool judge_losses();

  /// What is free, and positions in any case: their information is in the odds.
  [[nodiscard]] FreeParameters with_positions() const;

  /// Evidence at which each atom of a scene is as likely there as not.
  [[nodiscard]] std::vector<double> needed(const LinearModel& model, const Scene& scene,
                                           double dispersion) const;
  /// Evidence that each atom needs to be as likely there as not; the median is the threshold.
  std::vector<double> set_threshold(const LinearModel& model, double dispersion);

  /// Take away what the images speak against already at the start, and form the profiles anew without it.
  void drop_hopeless();

  /// One round of changes to the list of atoms.
  /// \return whether there were any.
  bool edit();

  /// Edits wait until atoms rest, but not for long: peaks that are not atoms wander as noise leads them and
  /// keep the profiles from settling, and only an edit takes them away.
  static constexpr double settled_for_edits_a = 0.02;
  static constexpr int most_before_edits = 8;

  void edit_until_rest();

  /// Half deviance of a scene, and half the evidence that its atoms need by what is to be expected of their
  /// places: the least is the likeliest.
  [[nodiscard]] double cost_with_structure(const Scene& scene) const;

  /// Learn from the model where it lacks atoms, put in all of these together and let edits judge each atom by
  /// what is to be expected of its place.
  /// \return whether the model became likelier by it; else it is as it was.
  bool complete_once();
  /// The same until nothing becomes likelier, a few times at most.
  void complete_structure();

  /// From the first profiles to the last step.
  void improve();

  /// Back to the model before all edits if the images speak against the result more: its loss is higher by
  /// more than atoms of too little evidence may take with them.
  void fall_back();
};

} // namespace aet::recon
