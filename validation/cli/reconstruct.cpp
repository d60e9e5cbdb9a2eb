#include "recon/chain/alignment.hpp"
#include "recon/chain/reconstruction.hpp"
#include "recon/images/prepare_images.hpp"
#include "sim/core/error.hpp"
#include "sim/core/io/file.hpp"
#include "sim/core/io/mrc.hpp"
#include "sim/core/io/text_lines.hpp"
#include "sim/core/io/tilt_files.hpp"
#include "validation/case/case_recovery.hpp"
#include "validation/cli/progress_line.hpp"
#include "validation/cli/report_beside.hpp"
#include "validation/cli/series_arguments.hpp"
#include "validation/cli/setting_options.hpp"
#include "validation/cli/versions.hpp"
#include "validation/manifest/usage.hpp"
#include "validation/recovery/descent_checkpoint.hpp"
#include "validation/recovery/volume_report.hpp"

#include <fmt/core.h>

#include <filesystem>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>

namespace aet::cli {

namespace {

namespace fs = std::filesystem;

struct ReconstructArguments {
  SeriesArguments series;
  std::string out;
  core::Threads threads;
  std::optional<std::string> support_file;
  bool refine_angles = false;
  bool align = false;
  double memory_gb = 0.0;
  recon::ImageOptions images;
};

/// Names the exact work: program, files and options, but for what does not change the outcome.
std::string work_key(const ReconstructArguments& a, const std::string& given) {
  const fs::path series(a.series.series);
  std::string text = program_hash() + core::sha256_of_file(series);
  if (series.extension() == ".json") text += core::sha256_of_file(core::series_images(series));
  for (const auto& file : {a.series.angles, a.support_file})
    text += file ? core::sha256_of_file(*file) : "-";
  for (const char* beside : {".json", ".rawtlt", ".tlt"}) {
    const fs::path path = fs::path(series).replace_extension(beside);
    text += fs::exists(path) ? core::sha256_of_file(path) : "-";
  }
  for (const std::string_view line : core::split_lines(given)) {
    if (!line.starts_with("threads=") && !line.starts_with("memory-gb=") && !line.starts_with("out="))
      text += fmt::format("{}\n", line);
  }
  return core::sha256(text);
}

/// \param config  [reconstruct], of the options that were given.
recon::ReconstructionOptions options_of(const ReconstructArguments& a, core::Config config) {
  const core::ConfigSection table = config.root().section("reconstruct");
  if (table.has("genfire")) { // its settings ask for it
    if (!table.has("algorithm")) config.set("reconstruct.algorithm", toml_text("genfire"));
    const std::string algorithm = table.required_text("algorithm");
    if (algorithm != "genfire") {
      throw core::ConfigError(
          fmt::format("settings of genfire, such as --oversampling, are given, but --algorithm is {}: leave "
                      "them out, or use --algorithm genfire.",
                      algorithm));
    }
  }
  recon::ReconstructionOptions options = validation::read_reconstruct(table, recon::GenfireOptions{}.seed);
  config.reject_unknown_keys();
  recon::check(options.denoise);
  if (a.support_file) {
    options.genfire.support.shape = recon::SupportShape::given;
    options.genfire.support.mask = core::read_mrc_volume(*a.support_file);
    options.least_squares.support = options.genfire.support;
  }
  constexpr double gigabyte = 1e9;
  options.memory_limit_bytes =
      a.memory_gb > 0.0 ? a.memory_gb * gigabyte : validation::available_memory_bytes();
  return options;
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

/// \param given  every option with its value, one per line.
void reconstruct(const ReconstructArguments& a, core::Config config, const std::string& given) {
  const recon::ReconstructionOptions options = options_of(a, std::move(config));
  const fs::path report = report_beside(a.out);
  core::SeriesFile file = read_series_file(a.series);
  const recon::PreparedImages prepared = recon::prepare_images(std::move(file.series), a.images, a.threads);
  ProgressLine line("reconstruct");
  const recon::Alignment aligned =
      recon::align_series(prepared.series, alignment_of(a, options), a.threads, line.sink());
  if (!aligned.tilts.empty()) write_with_poses(a.series, aligned.series, a.out);
  recon::ReconstructionEvents events;
  events.progress = line.sink();
  const fs::path state = a.out + ".partial";
  events.control = validation::checkpointed(state, work_key(a, given));
  recon::Reconstruction made =
      recon::reconstruct_series(aligned.series, options, a.threads, std::move(events));
  line.clear();
  recon::VolumeResult& result = made.result;
  for (const std::vector<std::string>* notes : {&aligned.notes, &prepared.notes, &std::as_const(file.notes)})
    result.notes.insert(result.notes.begin(), notes->begin(), notes->end());
  core::write_mrc_volume(a.out, result.volume);
  validation::write_volume_report(report, made, options);
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
  command->footer("Example: aetval reconstruct tilts.mrc --angles tilts.rawtlt --out volume.mrc\n"
                  "Writes volume.mrc and volume.json (R_k, R_free, half-set FSC, notes). Run again after "
                  "an interruption, it\nresumes at the iteration where it stopped. Settings of genfire imply "
                  "--algorithm genfire.");
  command->add_option("SERIES", a->series.series, series_formats)->required();
  add_series_options(*command, a->series);
  command->add_option("--out", a->out, "Volume to write (.mrc)")->required();
  const SettingOptions settings(*command, "reconstruct",
                                {{"compare", ""},
                                 {"positivity", "--positivity,!--no-positivity"},
                                 {"half_set_fsc", "--fsc,!--no-fsc"},
                                 {"support.shape", "--support"},
                                 {"least_squares.blob_a", "--blob-a"},
                                 {"least_squares.extent", "--extent"},
                                 {"genfire.oversampling", "--oversampling"},
                                 {"genfire.threshold_voxel", "--threshold"}});
  command->add_option("--support-file", a->support_file,
                      "The support as a volume (.mrc) of numbers in [0, 1], one per voxel of the result");
  command->add_flag("--refine-angles", a->refine_angles,
                    "Refine angles and shifts against reprojections first; the series with these poses is "
                    "written beside the "
                    "volume, OUT_series.json (or .mrc), for 'aetval refine'");
  command->add_flag("--align", a->align, "The same for shifts only");
  command->add_flag("--hot-pixels", a->images.hot_pixels, "Look for hot pixels and replace them first");
  command
      ->add_option("--memory-gb", a->memory_gb,
                   "Refuse to start if more memory than this is needed [GB]; default: what is free")
      ->check(CLI::PositiveNumber);
  add_threads(*command, a->threads);
  command->callback([=] { reconstruct(*a, settings.config(), command->config_to_str(true)); });
}

} // namespace aet::cli
