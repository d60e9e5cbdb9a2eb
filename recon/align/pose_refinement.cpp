#include "recon/align/pose_refinement.hpp"

#include "recon/align/alternation.hpp"
#include "recon/align/anderson.hpp"
#include "recon/images/series_noise.hpp"
#include "recon/volume/least_squares.hpp"
#include "recon/volume/shift.hpp"
#include "sim/core/error.hpp"
#include "sim/core/orientation.hpp"
#include "sim/core/units.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <functional>
#include <utility>

namespace aet::recon {

namespace {

void check(const PoseRefinementOptions& options) {
  if (options.stages.empty()) throw core::ConfigError("refinement needs at least one stage.");
  for (const PoseStage& stage : options.stages) {
    if (!(stage.blur_a >= 0.0 && stage.blur_a <= 20.0) || stage.rounds < 1) {
      throw core::ConfigError(fmt::format("a refinement stage needs a blur in [0, 20] A and at least one "
                                          "round; it has {} A and {} rounds.",
                                          stage.blur_a, stage.rounds));
    }
  }
  if (options.folds != 1 && options.folds < 3) {
    throw core::ConfigError(fmt::format("folds must be 1 (off) or at least 3; it is {}.", options.folds));
  }
  if (options.volume_iterations < 1) {
    throw core::ConfigError(fmt::format("refinement needs at least 1 iteration of the volume a round; "
                                        "volume_iterations is {}.",
                                        options.volume_iterations));
  }
  if (!(options.stop_turn_deg > 0.0 && options.stop_shift_px > 0.0)) {
    throw core::ConfigError(fmt::format("the stop rules of the refinement must be positive; they are {} "
                                        "degrees and {} pixels.",
                                        options.stop_turn_deg, options.stop_shift_px));
  }
  if (!(options.largest_turn_deg > 0.0 && options.largest_turn_deg <= 45.0)) {
    throw core::ConfigError(fmt::format("the largest turn of a tilt must lie in (0, 45] degrees; it is {}.",
                                        options.largest_turn_deg));
  }
}

using Poses = std::vector<Pose>;

/// Poses as numbers of about equal effect on the images: changes since `start`, turns times a lever
/// [angstrom].
std::vector<double> numbers(const Poses& poses, const Poses& start, double lever) {
  std::vector<double> out;
  for (std::size_t j = 0; j < poses.size(); ++j) {
    const core::Vec3 turn = lever * rotation_vector(poses[j].orientation * start[j].orientation.transpose());
    out.insert(out.end(), {turn.x(), turn.y(), turn.z(), poses[j].shift.x(), poses[j].shift.y()});
  }
  return out;
}

Poses poses_of(const std::vector<double>& x, const Poses& start, double lever) {
  Poses out;
  for (std::size_t j = 0; j < start.size(); ++j) {
    PoseChange change = Eigen::Map<const PoseChange>(x.data() + std::size_t{pose_parameters} * j);
    change.head<3>() /= lever;
    change.tail<2>() -= start[j].shift;
    out.push_back(moved(start[j], change));
  }
  return out;
}

PoseRound change_of(const Poses& after, const Poses& before, const std::vector<PoseFit>& fits, double pixel) {
  PoseRound out;
  for (std::size_t j = 0; j < after.size(); ++j) {
    out.turn_deg += rotation_vector(after[j].orientation * before[j].orientation.transpose()).squaredNorm();
    out.shift_px += (after[j].shift - before[j].shift).squaredNorm() / (pixel * pixel);
    out.misfit += fits[j].misfit;
  }
  const auto n = static_cast<double>(after.size());
  out.turn_deg = std::sqrt(out.turn_deg / (3.0 * n)) / core::radian_per_degree;
  out.shift_px = std::sqrt(out.shift_px / (2.0 * n));
  out.misfit /= n;
  return out;
}

void check_range(const Poses& poses, const Poses& start, const PoseRefinementOptions& options) {
  for (std::size_t j = 0; j < poses.size(); ++j) {
    const double turn =
        core::rotation_angle_between(poses[j].orientation, start[j].orientation) / core::radian_per_degree;
    if (turn > options.largest_turn_deg) {
      throw core::NumericsError(fmt::format(
          "angle refinement turned tilt {} by {:.1f} degrees from where it began (allowed: {}); leave that "
          "image out, correct its angle, or refine shifts only.",
          j, turn, options.largest_turn_deg));
    }
  }
}

/// What is being refined.
struct Course {
  const PoseRefinementOptions& options;
  core::Threads threads;
  double pixel;        ///< of the images [angstrom]
  double noise_misfit; ///< mean over images of ||noise|| / ||image||; 0: not known
  const Poses& start;  ///< nothing common to all tilts leaves these
  Poses poses;
  std::vector<PoseFit> fits; ///< the last
  std::vector<PoseRound> rounds;
};

/// At most `rounds` of a stage.
/// \return whether it has come to rest.
bool run_rounds(Alternation& work, const PoseStage& stage, int rounds, Course& course,
                const std::function<void(const PoseRound&)>& tell) {
  const Poses& start = course.start;
  Poses& poses = course.poses;
  // A point at half the way from the middle to the image's edge moves by this much a radian.
  const double lever = 0.25 * work.edge();
  Anderson mixing(course.options.memory);
  PoseFitOptions fit_options;
  fit_options.steps = 1;
  fit_options.turns = stage.turns && course.options.turns;
  bool at_rest = false;
  for (int round = 0; round < rounds && !at_rest; ++round) {
    work.reconstruct(poses);
    course.fits = work.fit(poses, fit_options);
    Poses next;
    for (const PoseFit& f : course.fits)
      next.push_back(f.pose);
    if (fit_options.turns) {
      remove_common(next, start);
    } else {
      Poses turned_back = next;
      remove_common(turned_back, start);
      for (std::size_t j = 0; j < next.size(); ++j)
        next[j].shift = turned_back[j].shift;
    }
    next = poses_of(mixing.next(numbers(poses, start, lever), numbers(next, start, lever)), start, lever);
    check_range(next, start, course.options);
    PoseRound change = change_of(next, poses, course.fits, course.pixel);
    change.blur_a = stage.blur_a;
    course.rounds.push_back(change);
    poses = std::move(next);
    tell(change);
    at_rest =
        change.turn_deg < course.options.stop_turn_deg && change.shift_px < course.options.stop_shift_px;
  }
  return at_rest;
}

/// Poses and fits from the atom stage, where it finds any.
/// \param note what was done, in a sentence.
/// \return whether it found poses.
bool run_atom_stage(const Projections& series, const Alternation& work, Course& course, std::string& note,
                    const core::ProgressSink& progress) {
  double volume_misfit = 0.0;
  for (const PoseFit& f : course.fits)
    volume_misfit += f.misfit / static_cast<double>(course.fits.size());
  AtomStage stage = refine_with_atoms({series.images, work.mean_volume(), course.poses, course.start,
                                       course.options.turns, volume_misfit, course.noise_misfit},
                                      *course.options.atoms, course.threads, progress);
  note = std::move(stage.note);
  if (stage.tilts.empty()) return false;
  Poses next;
  for (const PoseFit& tilt : stage.tilts)
    next.push_back(tilt.pose);
  remove_common(next, course.start);
  for (std::size_t j = 0; j < next.size(); ++j) {
    const double turn = core::rotation_angle_between(next[j].orientation, course.start[j].orientation) /
                        core::radian_per_degree;
    if (turn > course.options.largest_turn_deg) {
      note = fmt::format("Poses were not refined against atoms: tilt {} would be turned by {:.1f} degrees.",
                         j, turn);
      return false;
    }
  }
  for (std::size_t j = 0; j < next.size(); ++j)
    course.fits[j] = {next[j], stage.tilts[j].scale, stage.tilts[j].misfit};
  course.rounds.push_back(change_of(next, course.poses, course.fits, course.pixel));
  course.poses = std::move(next);
  return true;
}

/// Whether shifts tell more than where one tilt axis lies in all images.
bool shifts_differ(const std::vector<core::Vec2>& shifts) {
  return std::any_of(shifts.begin(), shifts.end(), [&](const core::Vec2& s) { return s != shifts.front(); });
}

/// Orientations as given, shifts as given or else from the tilt axis; backgrounds found on the way are taken
/// off.
Poses first_guess(const core::TiltSeries& given, Projections& series, const PoseRefinementOptions& options,
                  core::Threads threads) {
  Poses out;
  for (std::size_t j = 0; j < given.size(); ++j)
    out.push_back({given.orientations[j], shift_of(given, j)});
  if (shifts_differ(given.shifts) || !options.tilt_axis || image_off_axis(series.orientations)) return out;
  const TiltAxisResult found = align_on_tilt_axis(series, *options.tilt_axis, threads);
  for (std::size_t j = 0; j < out.size(); ++j) {
    out[j].shift = series.pixel_size * Eigen::Vector2d(found.shifts[j][0], found.shifts[j][1]);
    for (float& v : series.images[j].data)
      v -= static_cast<float>(found.backgrounds[j]);
    series.backgrounds[j] += found.backgrounds[j];
  }
  series.notes.insert(series.notes.end(), found.notes.begin(), found.notes.end());
  return out;
}

/// What the noise of the images leaves unexplained by a perfect model: mean over images of ||noise|| /
/// ||image||.
/// \return 0 where the noise cannot be told.
double noise_misfit(const core::TiltSeries& given, const Projections& prepared) {
  const auto noise = find_noise(given);
  if (!noise) return 0.0;
  double sum = 0.0;
  for (std::size_t j = 0; j < given.size(); ++j) {
    const NoiseModel of_image = noise->exposure.of_mean(exposures_of(given, j));
    double variance = 0.0;
    for (const float v : given.images[j].data)
      variance += of_image.variance(v); // at the pixel itself: right on the average
    double square = 0.0;                // of the image without its background
    for (const float v : prepared.images[j].data)
      square += static_cast<double>(v) * static_cast<double>(v);
    if (square > 0.0) sum += std::sqrt(variance / square);
  }
  return sum / static_cast<double>(given.size());
}

/// The image moved to the rotation centre.
core::Image centred(const core::Image& image, const Pose& pose, double pixel) {
  return shifted(image, -pose.shift.x() / pixel, -pose.shift.y() / pixel);
}

} // namespace

Cost predicted_cost(int n, int tilts, const PoseRefinementOptions& options) {
  // A round is a least-squares volume for each fold, and two reprojections of each image, each of them as
  // dear as a projection of the whole cube for want of knowing the support.
  LeastSquaresOptions volume;
  volume.iterations = options.volume_iterations;
  volume.withheld_every = 0;
  const Cost one = predicted_cost(n, tilts, volume);
  volume.iterations = 1;
  const double assembly = predicted_cost(n, tilts, volume).cpu_seconds;
  // Blurred stages work on thinned images, at an eighth of the cost or less.
  double rounds = 0.0;
  for (const PoseStage& stage : options.stages)
    rounds += stage.blur_a > 0.0 ? 0.125 * stage.rounds : stage.rounds;
  Cost out;
  out.cpu_seconds = rounds * (2.0 * assembly + options.folds * (one.cpu_seconds - assembly));
  const double voxels = std::pow(static_cast<double>(n), 3);
  out.bytes = one.bytes + options.folds * (16.0 + 8.0) * voxels; // transfer functions, volumes, targets
  return out;
}

PoseRefinement refine_poses(const core::TiltSeries& series, const PoseRefinementOptions& options,
                            core::Threads threads, const core::ProgressSink& progress) {
  check(options);
  if (options.atoms) check(*options.atoms);
  ProjectionOptions prepare = options.prepare;
  prepare.smoothing = 0.0;
  prepare.centre = false;
  Projections prepared = make_projections(series, prepare);
  const double pixel = prepared.pixel_size;
  const Poses given = first_guess(series, prepared, options, threads);
  Projections roughly = prepared; // the support is that of the specimen, not of its shifts
  for (std::size_t j = 0; j < given.size(); ++j)
    roughly.images[j] = centred(prepared.images[j], given[j], pixel);
  core::AlignedVector<float> support = support_of(roughly, options.support, threads);

  PoseRefinement result;
  result.notes = std::move(roughly.notes);
  result.series = series;
  result.series.poses = core::PoseSource::aligned;
  if (options.tilt_axis && options.tilt_axis->background) result.series.backgrounds = prepared.backgrounds;
  result.series.shifts.assign(series.size(), core::Vec2::Zero());
  double total = 0.0;
  for (const PoseStage& stage : options.stages)
    total += stage.rounds;
  Course course{options, threads, pixel, noise_misfit(series, prepared), given, given, {}, {}};
  double done = 0.0;
  const auto tell = [&](const PoseRound& r) {
    done += 1.0;
    core::report(progress,
                 {done, total, "rounds",
                  fmt::format("change {:.3f} degrees, {:.3f} pixels", r.turn_deg, r.shift_px), true});
  };
  std::string atom_note;
  double expected = 0.0;
  const auto run_stage = [&](const PoseStage& stage, bool with_atoms) {
    const bool large = with_atoms && prepared.n > options.large_images;
    PoseRefinementOptions own = options;
    if (large) own.folds = 1;
    const int before = large        ? 1
                       : with_atoms ? std::min(stage.rounds, options.atoms->rounds_before)
                                    : stage.rounds;
    Alternation work(prepared, support, stage, own, threads);
    const bool at_rest = run_rounds(work, stage, before, course, tell);
    if (with_atoms && run_atom_stage(prepared, work, course, atom_note, progress)) return;
    if (at_rest || stage.rounds == before) return;
    if (large) work = Alternation(prepared, support, stage, options, threads);
    (void)run_rounds(work, stage, stage.rounds - before, course, tell);
  };
  try {
    for (std::size_t s = 0; s < options.stages.size(); ++s) {
      run_stage(options.stages[s], options.atoms && s + 1 == options.stages.size());
      expected += options.stages[s].rounds;
      done = expected;
    }
  } catch (const core::Interrupted&) {
    if (!options.keep_when_stopped || course.fits.empty()) throw;
    result.stopped = true;
    result.notes.emplace_back("The refinement of poses was stopped before its end.");
  }
  const Poses& poses = course.poses;
  const std::vector<PoseFit>& fits = course.fits;
  for (std::size_t j = 0; j < poses.size(); ++j) {
    result.tilts.push_back(
        {poses[j],
         core::rotation_angle_between(poses[j].orientation, given[j].orientation) / core::radian_per_degree,
         fits[j].scale, fits[j].misfit});
    result.series.shifts[j] = poses[j].shift;
    result.series.orientations[j] = poses[j].orientation;
  }
  const PoseRound total_change = change_of(poses, given, fits, pixel);
  result.notes.push_back(fmt::format(
      "Poses were refined against reprojections in {} rounds: {:.3f} degrees and {:.3f} pixels an axis (rms) "
      "from where they began; the last round changed {:.4f} degrees and {:.4f} pixels.",
      course.rounds.size(), total_change.turn_deg, total_change.shift_px, course.rounds.back().turn_deg,
      course.rounds.back().shift_px));
  if (!atom_note.empty()) result.notes.push_back(std::move(atom_note));
  result.rounds = std::move(course.rounds);
  return result;
}

} // namespace aet::recon
