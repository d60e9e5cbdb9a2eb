#include "recon/chain/alignment.hpp"
#include "recon/chain/reconstruction.hpp"
#include "recon/images/prepare_images.hpp"
#include "sim/core/error.hpp"
#include "sim/core/io/file.hpp"
#include "sim/core/io/mrc.hpp"
#include "sim/core/io/tilt_files.hpp"
#include "validation/cli/progress_line.hpp"
#include "validation/cli/series_arguments.hpp"
#include "validation/cli/versions.hpp"
#include "validation/manifest/usage.hpp"
#include "validation/recovery/descent_checkpoint.hpp"
#include "validation/recovery/volume_report.hpp"

#include <fmt/core.h>

#include <filesystem>
#include <memory>
#include <optional>
#include <sstream>
#include <utility>

namespace aet::cli {

namespace {

namespace fs = std::filesystem;

struct ReconstructArguments {
  SeriesArguments series;
  std::string out;
  core::Threads threads;
  std::string algorithm = "least_squares";
  std::optional<double> smoothing_a;
  std::optional<double> blob_a;
  std::string background = "automatic";
  std::string support = "cube";
  std::optional<std::string> support_file;
  bool refine_angles = false;
  bool align = false;
  double memory_gb = 0.0;
  std::string denoise = "none";
  recon::ImageOptions images;
  recon::ReconstructionOptions options;
};

/// Names the exact work: program, files and options, but for what does not change the outcome.
std::string work_key(const ReconstructArguments& a, const std::string& settings) {
  const fs::path series(a.series.series);
  std::string text = program_hash() + core::sha256_of_file(series);
  if (series.extension() == ".json") text += core::sha256_of_file(core::series_images(series));
  for (const auto& file : {a.series.angles, a.support_file})
    text += file ? core::sha256_of_file(*file) : "-";
  for (const char* beside : {".json", ".rawtlt", ".tlt"}) {
    const fs::path path = fs::path(series).replace_extension(beside);
    text += fs::exists(path) ? core::sha256_of_file(path) : "-";
  }
  std::istringstream lines(settings);
  for (std::string line; std::getline(lines, line);) {
    if (!line.starts_with("threads=") && !line.starts_with("memory-gb=") && !line.starts_with("out="))
      text += line + "\n";
  }
  return core::sha256(text);
}

recon::ReconstructionOptions options_of(const ReconstructArguments& a) {
  recon::ReconstructionOptions options = a.options;
  options.algorithm = recon::algorithm_from(a.algorithm);
  options.least_squares.iterations = options.genfire.iterations;
  if (a.background == "border") options.genfire.prepare.background = recon::Background::border;
  if (a.background == "none") options.genfire.prepare.background = recon::Background::none;
  options.genfire.prepare.smoothing = a.smoothing_a.value_or(0.0);
  options.choose_blobs = !a.blob_a && !a.smoothing_a;
  options.least_squares.blob_sd_a = a.blob_a.value_or(0.0);
  options.least_squares.prepare = options.back_projection.prepare = options.genfire.prepare;
  options.denoise.way = recon::denoising_from(a.denoise);
  if (a.support == "automatic") options.genfire.support.shape = recon::SupportShape::automatic;
  if (a.support == "sphere") options.genfire.support.shape = recon::SupportShape::sphere;
  if (a.support_file) {
    options.genfire.support.shape = recon::SupportShape::given;
    options.genfire.support.mask = core::read_mrc_volume(*a.support_file);
  }
  options.least_squares.support = options.genfire.support;
  constexpr double gigabyte = 1e9;
  options.memory_limit_bytes =
      a.memory_gb > 0.0 ? a.memory_gb * gigabyte : validation::available_memory_bytes();
  return options;
}

/// Settings of GENFIRE ask for GENFIRE.
void choose_algorithm(ReconstructArguments& a, bool named, bool genfire_settings) {
  if (!genfire_settings) return;
  if (!named) a.algorithm = "genfire";
  if (a.algorithm != "genfire") {
    throw core::ConfigError(
        fmt::format("--oversampling and --threshold are settings of genfire, but --algorithm "
                    "is {}: leave them out, or use --algorithm genfire.",
                    a.algorithm));
  }
}

recon::AlignmentOptions alignment_of(const ReconstructArguments& a,
                                     const recon::ReconstructionOptions& options) {
  recon::AlignmentOptions alignment{options.denoise, std::nullopt};
  if (!a.refine_angles && !a.align) return alignment;
  alignment.refine.emplace();
  alignment.refine->turns = a.refine_angles;
  alignment.refine->prepare = options.genfire.prepare;
  return alignment;
}

/// \param settings every option with its value, one a line.
void reconstruct(const ReconstructArguments& a, const std::string& settings) {
  const core::SeriesFile file = read_series_file(a.series);
  const recon::ReconstructionOptions options = options_of(a);
  const recon::PreparedImages prepared = recon::prepare_images(file.series, a.images, a.threads);
  ProgressLine line("reconstruct");
  const recon::Alignment aligned =
      recon::align_series(prepared.series, alignment_of(a, options), a.threads, line.sink());
  if (!aligned.tilts.empty()) write_with_poses(a.series, aligned.series, a.out);
  recon::ReconstructionEvents events;
  events.progress = line.sink();
  const fs::path state = a.out + ".partial";
  events.control = validation::checkpointed(state, work_key(a, settings));
  recon::Reconstruction made =
      recon::reconstruct_series(aligned.series, options, a.threads, std::move(events));
  line.clear();
  recon::VolumeResult& result = made.result;
  for (const auto* notes : {&aligned.notes, &prepared.notes, &file.notes})
    result.notes.insert(result.notes.begin(), notes->begin(), notes->end());
  core::write_mrc_volume(a.out, result.volume);
  validation::write_volume_report(fs::path(a.out).replace_extension(".json"), made, options);
  fs::remove(state);
  for (const std::string& note : result.notes)
    fmt::print("note: {}\n", note);
  fmt::print("{}: {} x {} x {} voxels of {:.4g} A after {} iterations, R_k {:.4f}", a.out, result.volume.nx,
             result.volume.ny, result.volume.nz, result.volume.voxel_size, result.iterations,
             result.r_k.empty() ? 0.0 : result.r_k.back());
  if (!result.r_free.empty()) fmt::print(", R_free {:.4f}", result.r_free.back());
  if (made.half_sets && made.half_sets->resolution_0143_a)
    fmt::print(", half-set FSC 0.143 at {:.2f} A", *made.half_sets->resolution_0143_a);
  fmt::print("\n");
}

} // namespace

void add_reconstruct(CLI::App& app) {
  auto a = std::make_shared<ReconstructArguments>();
  a->threads = core::all_cores();
  CLI::App* command = app.add_subcommand("reconstruct", "Volume from a tilt series");
  command->footer(
      "Example: aetval reconstruct tilts.mrc --angles tilts.rawtlt --out volume.mrc\n"
      "Writes volume.mrc and volume.json (R_k, R_free, half-set FSC, notes). Started again after a "
      "stop, it goes on\nwith the iteration it was at.");
  command->add_option("SERIES", a->series.series, series_formats)->required();
  add_series_options(*command, a->series);
  command->add_option("--out", a->out, "Volume to write (.mrc)")->required();
  CLI::Option* algorithm = command
                               ->add_option("--algorithm", a->algorithm,
                                            "The best (least_squares), as published (genfire; chosen by its "
                                            "settings) or the naive baseline (wbp)")
                               ->capture_default_str()
                               ->check(CLI::IsMember({"genfire", "least_squares", "wbp"}));
  recon::GenfireOptions& genfire = a->options.genfire;
  command->add_option("--iterations", genfire.iterations, "Iterations")->capture_default_str();
  CLI::Option* oversampling =
      command->add_option("--oversampling", genfire.oversampling, "Padded grid / image size (genfire)")
          ->capture_default_str();
  CLI::Option* threshold = command
                               ->add_option("--threshold", genfire.threshold,
                                            "Gridding distance [voxel of the padded grid] (genfire)")
                               ->capture_default_str();
  command->add_option("--background", a->background, "Taken off the images; automatic: border, for counts")
      ->capture_default_str()
      ->check(CLI::IsMember({"automatic", "none", "border"}));
  command
      ->add_option("--smoothing-a", a->smoothing_a,
                   "Gaussian blur of the images, sd [angstrom]; default: none")
      ->check(CLI::Range(0.0, 10.0));
  command
      ->add_option("--blob-a", a->blob_a,
                   "Width of the Gaussians of which the volume is a sum, sd [angstrom] (least_squares); 0: "
                   "voxels; default: as the images' atoms, or voxels of smoothed images")
      ->check(CLI::Range(0.0, 2.0));
  command->add_option("--support", a->support, "Where the volume may be other than zero")
      ->capture_default_str()
      ->check(CLI::IsMember({"cube", "sphere", "automatic"}));
  command->add_option("--support-file", a->support_file,
                      "The same as a volume (.mrc) of numbers in [0, 1], one a voxel of the result");
  command->add_flag("--refine-angles", a->refine_angles,
                    "Refine angles and shifts against reprojections first; the series with these poses is "
                    "written beside the "
                    "volume, OUT_series.json (or .mrc), for 'aetval refine'");
  command->add_flag("--align", a->align, "The same for shifts only");
  command->add_flag("--hot-pixels", a->images.hot_pixels, "Look for hot pixels and replace them first");
  command
      ->add_option("--denoise", a->denoise, "Noise taken off the images first; automatic: bm3d, for counts")
      ->capture_default_str()
      ->check(CLI::IsMember({"automatic", "none", "gaussian", "bm3d"}));
  command->add_flag("!--no-fsc", a->options.half_set_fsc,
                    "Leave out the volumes of every other image each and their Fourier shell correlation");
  command
      ->add_option("--memory-gb", a->memory_gb,
                   "Refuse to start if more memory is needed [GB]; default: what is free")
      ->check(CLI::PositiveNumber);
  add_threads(*command, a->threads);
  command->callback([=] {
    choose_algorithm(*a, algorithm->count() > 0, oversampling->count() + threshold->count() > 0);
    reconstruct(*a, command->config_to_str(true));
  });
}

} // namespace aet::cli
