#include "recon/atoms/classify.hpp"

#include "sim/core/io/file.hpp"
#include "sim/core/io/mrc.hpp"
#include "sim/core/io/xyz.hpp"
#include "validation/case/case_recovery.hpp"
#include "validation/cli/commands.hpp"
#include "validation/cli/report_beside.hpp"
#include "validation/cli/setting_options.hpp"
#include "validation/recovery/classification_report.hpp"

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include <filesystem>
#include <memory>

namespace aet::cli {

namespace {

struct ClassifyArguments {
  std::string volume;
  std::string atoms;
  std::string elements;
  std::string out;
  core::Threads threads;
};

void classify(const ClassifyArguments& a, const core::Config& config) {
  const std::vector<int> elements = validation::elements_from_text(a.elements);
  recon::ClassifyOptions options = validation::read_classify(config.root().section("classify"), elements,
                                                             recon::ClassifyOptions{}.missing_wedge_deg);
  options.elements = elements;
  config.reject_unknown_keys();
  recon::check(options);
  const std::filesystem::path report = report_beside(a.out);
  const core::Volume volume = core::read_mrc_volume(a.volume);
  const core::Atoms peaks = core::read_xyz(a.atoms);
  const recon::Classification classes = recon::classify_peaks(volume, peaks.positions, options, a.threads);
  core::write_xyz(a.out, recon::classified_atoms(peaks.positions, classes));
  core::write_file(report, validation::classification_json(classes).dump(1) + "\n");
  fmt::print("{}: {}\n", a.out, validation::classification_sentence(classes));
}

} // namespace

void add_classify(CLI::App& app) {
  auto a = std::make_shared<ClassifyArguments>();
  a->threads = core::all_cores();
  CLI::App* command = app.add_subcommand("classify", "Species of traced atoms, from the volume alone");
  command->footer(
      "Example: aetval classify volume.mrc peaks.xyz --elements \"Fe Pt\" --out model.xyz\n"
      "Species in order of atomic number are assigned to classes in order of intensity. Writes\n"
      "model.xyz (columns probability, intensity, corrected_intensity) and model.json (counts of each "
      "step).");
  command->add_option("VOLUME", a->volume, "Volume (.mrc)")->required();
  command->add_option("ATOMS", a->atoms, "Traced atoms or peaks (.xyz); their elements are not read")
      ->required();
  command->add_option("--elements", a->elements, "Species, for example \"Fe Pt\"")->required();
  command->add_option("--out", a->out, "Atoms to write (.xyz)")->required();
  const SettingOptions settings(*command, "classify");
  add_threads(*command, a->threads);
  command->callback([a, settings] { classify(*a, settings.config()); });
}

} // namespace aet::cli
