// The table of stages, and what each is expected to take.
#include "sim/stem/cost.hpp"
#include "sim/stem/kinematic.hpp"
#include "validation/stages/stage.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <utility>

namespace aet::validation {

namespace {

constexpr double bytes_per_mb = 1e6;
/// What the program holds before it computes anything: libraries, plans, tables.
constexpr double base_memory_mb = 60.0;

int frames_of(const Case& c) {
  return *c.moments;
}

double tilts_of(const Case& c) {
  return static_cast<double>(c.images->orientations.size());
}

std::string purpose_of_truth(TruthSource source) {
  if (source == TruthSource::md) return "molecular dynamics of the specimen (LAMMPS)";
  if (source == TruthSource::phantom) return "particles over time with planted nuclei";
  return source == TruthSource::particle ? "a particle built to specification" : "atoms read from files";
}

/// How many atoms a moment has.
double atoms_of(const Case& c) {
  if (c.truth->source == TruthSource::md) return c.truth->droplet.droplet.atoms;
  return static_cast<double>(stand_in(*c.truth).size());
}

Prediction predict_truth(const Case& c, core::Threads /*threads*/) {
  if (c.truth->source != TruthSource::md) {
    constexpr double seconds_per_atom = 1e-4;
    constexpr double bytes_per_atom = 120.0; // a line of text with its columns
    const double atoms = atoms_of(c) * frames_of(c);
    return {atoms * seconds_per_atom, base_memory_mb, atoms * bytes_per_atom / bytes_per_mb};
  }
  // Measured with Pt_u3.eam: 1.07 million atom-steps a second on one rank, 2.0 on two.
  constexpr double atom_steps_per_second = 1.0e6;
  constexpr double bytes_per_atom_and_frame = 45.0; // compressed text with velocities
  const double ranks = std::min(c.truth->droplet.worker.ranks, core::all_cores().count);
  const double stored = c.truth->droplet.droplet.hold_ps / c.truth->droplet.droplet.frame_ps +
                        frames_of(c) * c.truth->droplet.imaging.frames;
  return {md::predicted_atom_steps(c.truth->droplet) / (atom_steps_per_second * ranks),
          base_memory_mb * ranks,
          stored * c.truth->droplet.droplet.atoms * bytes_per_atom_and_frame / bytes_per_mb};
}

Prediction predict_image(const Case& c, core::Threads threads) {
  if (c.images->files) {
    const double bytes = tilts_of(c) * c.images->series.scan.n * c.images->series.scan.n * sizeof(float);
    return {frames_of(c) * 1e-8 * bytes, base_memory_mb + 2.0 * bytes / bytes_per_mb,
            frames_of(c) * bytes / bytes_per_mb};
  }
  const ImagesCase images = c.images->of_frame(0);
  const auto truth = stem::draw_truth(images.orientations, images.series.scan, images.microscope);
  stem::TiltSeriesOptions series = images.series;
  const double pixels = static_cast<double>(series.scan.n) * series.scan.n;
  series.scan = stem::simulated_scan(truth, series.scan, series.stem, images.microscope);
  const core::Atoms particle = stand_in(*c.truth);
  const core::Atoms specimen =
      stem::on_membrane(particle, stem::membrane_atoms(images.membrane, particle, images.orientations,
                                                       series.scan, series.seed));
  const stem::PredictedCost cost = stem::predicted_cost(specimen, series, threads);
  // Finished tilts are held, on disk until the stage ends too; so are the series, its exposures and its
  // truth.
  const double simulated = static_cast<double>(series.scan.n) * series.scan.n;
  const int exposures = images.microscope.exposures_per_tilt;
  const double delivered = 3.0 + (exposures > 1 ? exposures : 0);
  const double linear_s =
      tilts_of(c) * stem::predicted_kinematic_seconds(specimen.size(), series.scan, series.stem);
  const double held = tilts_of(c) * (2.0 * simulated + delivered * pixels) * sizeof(float);
  return {frames_of(c) * (cost.cpu_seconds + linear_s) / threads.count,
          base_memory_mb + (cost.memory_bytes + held) / bytes_per_mb,
          frames_of(c) * tilts_of(c) * (simulated + delivered * pixels) * sizeof(float) / bytes_per_mb};
}

/// Images in and out; a correlation of each pair of exposures.
Prediction predict_prepare(const Case& c, core::Threads threads) {
  const double pixels = static_cast<double>(c.images->series.scan.n) * c.images->series.scan.n;
  const double exposures = c.images->microscope.exposures_per_tilt;
  const double bytes = tilts_of(c) * pixels * sizeof(float);
  constexpr double seconds_per_pixel = 2e-6; // of a pair, and of an image looked through for noise
  return {frames_of(c) * tilts_of(c) * pixels * 0.5 * exposures * (exposures + 1.0) * seconds_per_pixel /
              threads.count,
          base_memory_mb + 2.0 * (exposures + 1.0) * bytes / bytes_per_mb,
          frames_of(c) * bytes / bytes_per_mb};
}

Prediction predict_align(const Case& c, core::Threads threads) {
  if (!c.align->refine) return {0.0, base_memory_mb, 0.0};
  const recon::Cost cost =
      recon::predicted_cost(c.images->series.scan.n, static_cast<int>(tilts_of(c)), *c.align->refine);
  return {frames_of(c) * cost.cpu_seconds / threads.count, base_memory_mb + cost.bytes / bytes_per_mb, 0.0};
}

Prediction predict_reconstruct(const Case& c, core::Threads threads) {
  const int n = c.images->series.scan.n;
  const recon::Cost cost = recon::predicted_cost(n, static_cast<int>(tilts_of(c)), *c.reconstruct);
  return {frames_of(c) * cost.cpu_seconds / threads.count, base_memory_mb + cost.bytes / bytes_per_mb,
          frames_of(c) * static_cast<double>(n) * n * n * sizeof(float) / bytes_per_mb};
}

/// Some 12 iterations of 10 inner products and what goes with them, at 2 microseconds per atom, tilt and
/// product; two buffers of double precision a tilt.
Prediction predict_refine(const Case& c, core::Threads threads) {
  const double pixels = static_cast<double>(c.images->series.scan.n) * c.images->series.scan.n;
  const double atoms = atoms_of(c);
  Prediction out{frames_of(c) * atoms * tilts_of(c) * 12.0 * 10.0 * 2e-6 / threads.count,
                 base_memory_mb + (tilts_of(c) * pixels * 3.0 + atoms * 60.0) * sizeof(double) / bytes_per_mb,
                 frames_of(c) * atoms * 2e-4};
  if (const std::optional<RefineSettings>& refine = *c.refine;
      refine && refine->physics && !c.images->files) {
    const Prediction images = predict_image(c, threads);
    const double rounds = refine->physics->defect.rounds;
    out.wall_s = (1.0 + rounds) * (out.wall_s + images.wall_s);
    out.memory_mb = std::max(out.memory_mb, images.memory_mb);
  }
  return out;
}

/// Tracing and what follows are proportional to voxels and atoms.
Prediction predict_small(const Case& c, double seconds_per_voxel, double seconds_per_atom,
                         double kb_per_atom) {
  const double voxels =
      static_cast<double>(c.images->series.scan.n) * c.images->series.scan.n * c.images->series.scan.n;
  const double atoms = atoms_of(c);
  return {frames_of(c) * (voxels * seconds_per_voxel + atoms * seconds_per_atom),
          base_memory_mb + voxels * 3.0 * sizeof(float) / bytes_per_mb,
          frames_of(c) * atoms * kb_per_atom / 1e3};
}

} // namespace

std::string frame_name(int frame) {
  return fmt::format("t{:03}", frame);
}

std::string recovered_series(const std::string& frame, bool every_exposure) {
  return fmt::format("tilts/{}{}.mrc", frame, every_exposure ? "_exposures" : "");
}

std::string posed_series(const std::string& frame, bool with_atoms) {
  return with_atoms ? fmt::format("refined/{}_series.json", frame) : fmt::format("aligned/{}.json", frame);
}

std::string result_atoms(const std::string& frame, bool atoms_refined) {
  return fmt::format("{}/{}.xyz", atoms_refined ? "refined" : "model", frame);
}

std::vector<Stage> stages_of(const Case& c) {
  const auto small = [](double per_voxel_s, double per_atom_s, double kb_per_atom) {
    return [=](const Case& s, core::Threads /*t*/) {
      return predict_small(s, per_voxel_s, per_atom_s, kb_per_atom);
    };
  };
  std::vector<Stage> stages{
      {"truth", purpose_of_truth(c.truth->source), run_truth, predict_truth},
      {"image", *c.images_taken ? "tilt series from files" : "simulated ADF-STEM tilt series", run_image,
       predict_image},
      {"prepare", "one image per tilt in raw counts: exposures registered, hot pixels masked", run_prepare,
       predict_prepare},
      {"align", "poses of every image", run_align, predict_align},
      {"reconstruct", "volumes from the aligned series", run_reconstruct, predict_reconstruct},
      {"trace", "atoms from the volumes", run_trace, small(4e-7, 1e-3, 0.4)}};
  if (*c.atoms_refined)
    stages.push_back({"refine", "atoms refined against the images", run_refine, predict_refine});
  stages.push_back({"analyze", "order, nuclei and their dynamics, in truth and in recovered atoms",
                    run_analyze, small(0.0, 1e-3, 0.5)});
  stages.push_back({"score", "recovered atoms against the truth", run_score, small(0.0, 1e-3, 0.2)});
  stages.push_back({"report", "the page report.html", run_report, small(1e-7, 1e-4, 3.0)});
  return stages;
}

} // namespace aet::validation
