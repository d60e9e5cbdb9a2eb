// Pose errors of a simulated series before and after refinement, and what they do to the atoms.
#include "recon/align/pose_refinement.hpp"
#include "recon/atoms/trace.hpp"
#include "recon/volume/least_squares.hpp"
#include "recon/volume/shift.hpp"
#include "sim/core/orientation.hpp"
#include "sim/core/units.hpp"
#include "sim/specimen/particle.hpp"
#include "sim/stem/microscope.hpp"
#include "tests/bench/genfire_parts.hpp"
#include "tests/bench/process_usage.hpp"
#include "validation/score/match.hpp"
#include "validation/score/pose_residual.hpp"

#include <fmt/core.h>

#include <vector>

namespace aet::bench {

namespace {

constexpr double error_deg = 0.6; // rms an axis
constexpr double error_px = 1.0;  // rms an axis

/// Two L1_0 grains and an FePt3 grain, as inputs/fept.toml has them, of 1,000 atoms.
core::Atoms particle() {
  specimen::ParticleOptions o;
  o.lattice_constant_a = 3.86;
  o.elements = {26, 78};
  o.facets = specimen::truncated_octahedron(1.15);
  o.atoms = 1000;
  o.centre_cells = {0.13, 0.21, 0.08};
  o.orientation = core::rotation_from_euler(
      {11.0 * core::radian_per_degree, 7.0 * core::radian_per_degree, 5.0 * core::radian_per_degree});
  o.u_rms_a = {0.07, 0.06};
  o.vacancy_fraction = 0.003;
  o.grains.assign(3, {});
  o.grains[0].phase = o.grains[1].phase = specimen::Phase::l1_0;
  o.grains[0].seed_a = core::Vec3(-9.0, 0.0, 0.0);
  o.grains[1].axis = 0;
  o.grains[1].antisite_fraction = 0.04;
  o.grains[1].seed_a = core::Vec3(9.0, 0.0, 0.0);
  o.grains[2].phase = specimen::Phase::l1_2_ab3;
  o.grains[2].seed_a = core::Vec3(0.0, 0.0, 13.0);
  return specimen::build_particle(o).atoms;
}

/// 41 tilts over 140 degrees of 100 x 100 pixels of 0.4 A, with the errors.
struct Acquired {
  stem::TiltSeriesOptions options;
  std::vector<stem::TiltTruth> truth;
};

Acquired acquisition() {
  Acquired out;
  std::vector<double> angles;
  for (int j = 0; j < 41; ++j)
    angles.push_back(-70.0 + 3.5 * j);
  out.options.orientations = stem::single_axis_tilts(angles);
  out.options.scan = {100, 0.4};
  out.options.source_sd_a = 0.4;
  out.options.seed = 1;
  stem::MicroscopeOptions errors;
  errors.angle_error_sd_deg = {error_deg, error_deg, error_deg};
  errors.shift_sd_a = error_px * out.options.scan.pixel_a;
  errors.seed = 1;
  out.truth = stem::draw_truth(out.options.orientations, out.options.scan, errors);
  return out;
}

enum class Physics { kinematic, multislice };

/// The series as an operator has it: orientations as the stage reports them.
core::TiltSeries images_of(const core::Atoms& atoms, Acquired acquired, Physics physics) {
  stem::TiltSeriesOptions& o = acquired.options;
  o.stem.method = physics == Physics::multislice ? stem::Method::fast : stem::Method::kinematic;
  std::vector<core::Image> images;
  for (std::size_t j = 0; j < acquired.truth.size(); ++j) {
    const stem::TiltTruth& truth = acquired.truth[j];
    images.push_back(stem::simulate_true_image(atoms, {o, truth, j, o.scan}, core::all_cores()));
  }
  return stem::assemble_tilt_series(std::move(images), o);
}

std::vector<validation::TiltPose> poses_of(const std::vector<stem::TiltTruth>& truth, double pixel_a) {
  std::vector<validation::TiltPose> out;
  for (const stem::TiltTruth& t : truth)
    out.push_back({t.orientation, {t.shift.x() / pixel_a, t.shift.y() / pixel_a}});
  return out;
}

std::vector<validation::TiltPose> poses_of(const recon::PoseRefinement& refined) {
  const double pixel = refined.series.pixel_size;
  std::vector<validation::TiltPose> out;
  for (const recon::RefinedTilt& t : refined.tilts)
    out.push_back({t.pose.orientation, {t.pose.shift.x() / pixel, t.pose.shift.y() / pixel}});
  return out;
}

std::string residual(const std::vector<validation::TiltPose>& poses,
                     const std::vector<validation::TiltPose>& truth) {
  const validation::PoseResidual r = validation::pose_residual(poses, truth);
  return fmt::format(
      R"({{"deg": {:.3f}, "px": {:.3f}, "max_deg": {:.3f}, "max_px": {:.3f}, "phi_theta_psi_deg": [{:.3f}, {:.3f}, {:.3f}]}})",
      r.angle_rms_deg, r.shift_rms_px, r.angle_max_deg, r.shift_max_px, r.euler_rms_deg[0],
      r.euler_rms_deg[1], r.euler_rms_deg[2]);
}

/// The atoms that least squares and tracing find in a series against those that were imaged.
std::string atoms_of(const core::TiltSeries& series, const core::Atoms& truth) {
  recon::LeastSquaresOptions least;
  least.iterations = 100;
  const auto volume = recon::reconstruct_least_squares(series, least, core::all_cores()).volume;
  recon::TraceOptions trace;
  trace.element = 78;
  trace.non_atoms = recon::NonAtomRule::fixed;
  trace.fixed_threshold = 0.09; // as inputs/fept.toml: iron is as weak as 0.10 of platinum there
  const auto traced = recon::trace_atoms(volume, trace, core::all_cores());
  const auto match = validation::match_atoms(truth, traced.atoms);
  return fmt::format(R"({{"recall": {:.4f}, "precision": {:.4f}, "rmsd_pm": {:.1f}}})", match.recall(),
                     match.precision(), 100.0 * match.rmsd_a());
}

/// The series with its true poses.
core::TiltSeries put_right(core::TiltSeries series, const std::vector<validation::TiltPose>& truth) {
  for (std::size_t j = 0; j < truth.size(); ++j) {
    series.orientations[j] = truth[j].orientation;
    series.images[j] = recon::shifted(series.images[j], -truth[j].shift_px[0], -truth[j].shift_px[1]);
  }
  return series;
}

std::string row(const std::string& name, const core::Atoms& atoms, const Acquired& acquired,
                Physics physics) {
  const core::TiltSeries series = images_of(atoms, acquired, physics);
  const auto truth = poses_of(acquired.truth, series.pixel_size);
  std::vector<validation::TiltPose> given;
  for (const core::Mat3& r : series.orientations)
    given.push_back({r, {}});
  recon::PoseRefinementOptions shifts_only;
  shifts_only.stages = {{1.8, false, 4}};
  shifts_only.atoms.reset();
  const auto aligned = recon::refine_poses(series, shifts_only, core::all_cores());
  recon::PoseRefinement refined;
  const double cpu = timed([&] { refined = recon::refine_poses(series, {}, core::all_cores()); });
  return fmt::format(
      R"({{"images": "{}", "given": {}, "aligned": {}, "refined": {}, "rounds": {}, "cpu_s": {:.0f},
   "atoms_given": {}, "atoms_aligned": {}, "atoms_refined": {}, "atoms_true_poses": {}}})",
      name, residual(given, truth), residual(poses_of(aligned), truth), residual(poses_of(refined), truth),
      refined.rounds.size(), cpu, atoms_of(series, atoms), atoms_of(aligned.series, atoms),
      atoms_of(refined.series, atoms), atoms_of(put_right(series, truth), atoms));
}

} // namespace

std::string angles_part(const std::filesystem::path& /*reference*/) {
  const core::Atoms atoms = particle();
  const Acquired acquired = acquisition();
  return fmt::format(
      R"("angles": {{"specimen": "FePt, {} atoms, {} tilts", "error_deg_rms": {}, "error_px_rms": {}, "series": [
  {},
  {}]}})",
      atoms.size(), acquired.truth.size(), error_deg, error_px,
      row("kinematic, with depth of focus", atoms, acquired, Physics::kinematic),
      row("multislice", atoms, acquired, Physics::multislice));
}

} // namespace aet::bench
