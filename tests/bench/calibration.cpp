#include "tests/bench/calibration.hpp"

#include "sim/core/io/file.hpp"
#include "validation/stages/run.hpp"

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include <cstdio>
#include <string>
#include <vector>

namespace aet::bench {

namespace {

using nlohmann::ordered_json;
namespace fs = std::filesystem;

struct Setting {
  std::string name;
  bool developed = false;     ///< looked at while error bars and probabilities were made
  std::string elements;       ///< also of [trace]
  std::string truth;          ///< further lines of [truth] and tables below it
  double dose_e_per_a2 = 0.0; ///< of the whole series
  std::string images;         ///< further tables of [images]
  std::string refine;         ///< further lines of [refine] and tables below it
};

const std::string amorphous = R"(matrix_around_core = "amorphous"
[truth.matrix]
core_radius_a = 0
density_per_a3 = 0.060
min_distance_a = 2.35
)";
const std::string platinum = "lattice_constant_a = 3.92\nu_rms_a = [0.06]\natoms = 200\n";
const std::string iron_platinum =
    "lattice_constant_a = 3.86\ncomposition = [0.5, 0.5]\nu_rms_a = [0.07, 0.06]\natoms = 200\n";
const std::string wrong_poses = R"([images.microscope]
angle_error_sd_deg = [0.3, 0.3, 0.3]
shift_sd_a = 0.5
)";
const std::string drift = R"([images.microscope]
exposures_per_tilt = 4
[images.microscope.drift]
speed_sd_a_per_exposure = 0.3
)";

std::vector<Setting> settings() {
  return {
      {"amorphous Pt, 1e4", true, "Pt", platinum + amorphous, 1e4, "", ""},
      {"crystalline Pt, 5e4", true, "Pt", platinum, 5e4, "", ""},
      {"crystalline FePt, 1e4", true, "Fe Pt", iron_platinum, 1e4, "", ""},
      {"amorphous FePt, 5e4", true, "Fe Pt", iron_platinum + amorphous, 5e4, "", ""},
      {"amorphous Pt, 2e4, angles off by 0.3 degrees and refined", false, "Pt", platinum + amorphous, 2e4,
       wrong_poses, "[align]\nrefine = \"all\"\n"},
      {"crystalline Pt, 5e4, drift", false, "Pt", platinum, 5e4, drift, ""},
      {"crystalline CoPd, 5e4", false, "Co Pd",
       "lattice_constant_a = 3.75\ncomposition = [0.5, 0.5]\nu_rms_a = [0.07, 0.07]\natoms = 200\n", 5e4, "",
       ""},
      {"amorphous FePt, 2e4", false, "Fe Pt", iron_platinum + amorphous, 2e4, "", ""},
      {"crystalline Au, 400 atoms, 2e4", false, "Au",
       "lattice_constant_a = 4.08\nu_rms_a = [0.085]\natoms = 400\n", 2e4, "", ""},
  };
}

std::string case_of(const Setting& s) {
  return fmt::format(R"(title = "{0}"
seed = 11
[truth]
source = "particle"
elements = "{1}"
shape = "sphere"
centre_cells = [0.31, 0.12, 0.22]
euler_deg = [21, 13, 34]
{2}
[images]
pixels = 64
pixel_a = 0.4
source_sd_a = 0.35
tilt_first_deg = -66
tilt_last_deg = 66
tilt_count = 23
[images.noise]
total_dose_e_per_a2 = {3}
{4}
[reconstruct]
algorithm = "least_squares"
[trace]
element = "{1}"
min_distance_a = 2.0
[refine]
{5}
)",
                     s.name, s.elements, s.truth, s.dose_e_per_a2, s.images, s.refine);
}

ordered_json row_of(const Setting& setting, const fs::path& dir) {
  const auto scores = ordered_json::parse(core::read_file(dir / "scores.json"));
  const ordered_json& atoms = scores.at("frames").at(0).at("atoms");
  const auto number = [&](const char* key) {
    if (!atoms.contains(key)) return ordered_json();
    const ordered_json& figure = atoms.at(key);
    return figure.is_object() ? figure.at("value") : figure;
  };
  const auto refined = ordered_json::parse(core::read_file(dir / "refined" / "t000.json"));
  const double model = number("model").get<double>();
  const double truth = number("truth").get<double>();
  return {{"setting", setting.name},
          {"developed", setting.developed},
          {"recall", number("recall")},
          {"identified", number("identified")},
          {"rmsd_pm", number("rmsd_pm")},
          {"z_rms", {number("z_rms_x"), number("z_rms_y"), number("z_rms_z")}},
          {"cover68", number("cover_68")},
          {"cover95", number("cover_95")},
          {"presence_brier", number("presence_brier")},
          {"presence_brier_constant", number("presence_brier_constant")},
          {"species_brier", number("species_brier")},
          {"species_brier_constant", number("species_brier_constant")},
          {"spurious", model * (1.0 - number("precision").get<double>())},
          {"expected_spurious", refined.at("expected_spurious")},
          {"missing", truth * (1.0 - number("recall").get<double>())},
          {"expected_missing", refined.at("expected_missing")}};
}

} // namespace

ordered_json calibration(const fs::path& cache) {
  fs::create_directories(cache);
  ordered_json rows = ordered_json::array();
  for (const Setting& setting : settings()) {
    const fs::path file = cache / fmt::format("calibration_{}.toml", rows.size());
    core::write_file(file, case_of(setting));
    validation::RunOptions options;
    options.run_dir = cache / fmt::format("calibration_{}", rows.size());
    options.resume = true;
    options.threads = core::all_cores();
    options.program =
        "bench"; // images stay valid when only later stages' code changes; delete the cache else
    options.to = "image";
    const validation::Case settings_of_case = validation::read_case(file);
    (void)validation::run_case(settings_of_case, options, {});
    options.resume = false;
    options.from = "prepare";
    options.to = "score";
    (void)validation::run_case(settings_of_case, options, {});
    rows.push_back(row_of(setting, options.run_dir));
    std::fputs(fmt::format("calibration: {}\n", rows.back().dump()).c_str(), stderr);
  }
  return rows;
}

} // namespace aet::bench
