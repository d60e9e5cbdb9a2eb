#include "validation/synthesis/eam_energy.hpp"

#include "sim/core/elements.hpp"
#include "sim/core/error.hpp"
#include "sim/core/io/file.hpp"
#include "sim/md/run_job.hpp"
#include "sim/md/thermo.hpp"
#include "sim/md/zhou_eam.hpp"

#include <fmt/core.h>
#include <nlohmann/json.hpp>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <set>
#include <string>
#include <system_error>
#include <utility>

namespace aet::validation {

namespace {

namespace fs = std::filesystem;

/// A folder of its own for the worker's files, removed at the end.
class WorkFolder {
public:
  WorkFolder() {
    std::string pattern = (fs::temp_directory_path() / "aetval-eam-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr)
      throw core::ExternalError(
          fmt::format("no folder could be made in {}", fs::temp_directory_path().string()));
    path_ = pattern;
  }
  WorkFolder(const WorkFolder&) = delete;
  WorkFolder& operator=(const WorkFolder&) = delete;
  ~WorkFolder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  [[nodiscard]] const fs::path& path() const { return path_; }

private:
  fs::path path_;
};

/// One evaluation of the energy in a box that no atom touches.
md::Job static_job(const core::Atoms& atoms, md::PotentialStyle style) {
  constexpr double margin_a = 10.0; // beyond the potential's cutoff
  md::Job job;
  job.style = style;
  const core::Vec3 centre = core::centroid(atoms);
  double reach = 0.0;
  for (const core::Vec3& p : atoms.positions) {
    job.atoms.positions.push_back(p - centre);
    reach = std::max(reach, (p - centre).cwiseAbs().maxCoeff());
  }
  job.atoms.atomic_numbers = atoms.atomic_numbers;
  core::Cell cell;
  cell.vectors = 2.0 * (reach + margin_a) * core::Mat3::Identity();
  job.atoms.cell = cell;
  job.dump_velocities = false;
  md::Stage stage;
  stage.name = "static";
  stage.ensemble = md::Ensemble::nve;
  stage.steps = 0;
  job.stages = {stage};
  return job;
}

/// The file of a potential, written to `folder` where it is not LAMMPS' own, and its citation.
std::pair<md::PotentialFile, std::string> potential_for(const std::set<int>& elements,
                                                        const fs::path& folder) {
  if (elements == std::set<int>{78})
    return {{eam_potential_file()}, "Pt_u3.eam (Foiles, Baskes & Daw, Phys. Rev. B 33, 7983 (1986))"};
  const fs::path path = folder / "zhou.eam.alloy";
  core::write_file(path, md::zhou_setfl({elements.begin(), elements.end()}));
  return {{path, md::PotentialStyle::eam_alloy},
          "EAM of Zhou, Johnson & Wadley (Phys. Rev. B 69, 144113 (2004))"};
}

} // namespace

EamEnergy eam_energy(const core::Atoms& atoms) {
  EamEnergy energy;
  const std::set<int> elements(atoms.atomic_numbers.begin(), atoms.atomic_numbers.end());
  if (elements.empty()) {
    energy.reason = "the model has no atoms";
    return energy;
  }
  const bool known = std::all_of(elements.begin(), elements.end(), [](int z) { return z == 26 || z == 78; });
  if (!known) {
    std::string names;
    for (const int z : elements)
      names += (names.empty() ? "" : ", ") + core::element_symbol(z);
    energy.reason = "there are potentials for Pt and for Fe with Pt; the model holds " + names;
    return energy;
  }
  try {
    const WorkFolder folder;
    const auto [potential, citation] = potential_for(elements, folder.path());
    md::WorkerOptions options;
    options.ranks = 1; // one evaluation; another number of ranks would sum in another order
    md::run_job(static_job(atoms, potential.style), potential, folder.path(), options);
    energy.ev_per_atom = md::read_thermo(folder.path() / md::thermo_name).back().potential_ev_per_atom;
    energy.reason = citation;
  } catch (const core::Error& error) {
    energy.reason = error.what();
  }
  return energy;
}

fs::path eam_potential_file() {
  return md::PotentialFile{}.path;
}

nlohmann::json eam_json(const EamEnergy& energy) {
  nlohmann::json j{{"unit", "eV/atom"}, {"reason", energy.reason}};
  j["value"] = energy.ev_per_atom ? nlohmann::json(*energy.ev_per_atom) : nlohmann::json(nullptr);
  j["status"] = energy.ev_per_atom ? "monitored" : "not assessed";
  return j;
}

} // namespace aet::validation
