#include "validation/pipeline/case_truth.hpp"

#include "sim/core/elements.hpp"
#include "sim/core/error.hpp"
#include "sim/core/io/text_scan.hpp"
#include "sim/specimen/close_pairs.hpp"
#include "validation/pipeline/case_particle.hpp"

#include <fmt/format.h>

namespace aet::validation {

namespace {

using core::ConfigSection;

int read_element(const ConfigSection& section, const std::string& fallback) {
  const std::string symbol = section.text("element", fallback);
  try {
    return core::atomic_number(symbol);
  } catch (const core::DataError& e) {
    section.fail("element", e.what());
  }
}

int read_count(const ConfigSection& section, const std::string& key, int fallback, core::Range allowed) {
  return static_cast<int>(section.integer(key, fallback, allowed));
}

void read_md(const ConfigSection& s, std::uint64_t seed, TruthCase& truth) {
  md::DropletProtocol& d = truth.droplet.droplet;
  d.atomic_number = read_element(s, "Pt");
  d.atoms = read_count(s, "atoms", d.atoms, {13, 1e6});
  d.lattice_constant_a = s.number("lattice_constant_a", d.lattice_constant_a, {2, 10});
  d.melt_k = s.number("melt_k", d.melt_k, {1, 20000});
  d.melt_ps = s.number("melt_ps", d.melt_ps, {0.1, 1e5});
  d.quench_ps = s.number("quench_ps", d.quench_ps, {0.1, 1e5});
  d.hold_k = s.number("hold_k", d.hold_k, {1, 20000});
  d.hold_ps = s.number("hold_ps", d.hold_ps, {1, 1e6});
  d.frame_ps = s.number("frame_ps", d.frame_ps, {0.01, 1000});
  d.timestep_fs = s.number("timestep_fs", d.timestep_fs, {0.1, 10});
  d.seed = seed;
  md::ImagingProtocol& i = truth.droplet.imaging;
  i.temperature_k = s.number("imaging_k", i.temperature_k, {1, 20000});
  i.cool_ps = s.number("cool_ps", i.cool_ps, {0.1, 1e4});
  i.settle_ps = s.number("settle_ps", i.settle_ps, {0, 1e4});
  i.frames = read_count(s, "frames_averaged", i.frames, {2, 1000});
  truth.droplet.potential.path = s.text("potential", truth.droplet.potential.path.string());
  truth.droplet.potential.style = md::style_from_name(s.choice(
      "potential_style", md::style_name(truth.droplet.potential.style), {"eam", "eam/alloy", "eam/fs"}));
  truth.droplet.worker.ranks = read_count(s, "ranks", 2, {1, 1024});
  truth.droplet.times.levels = s.numbers("moments", truth.droplet.times.levels, {0.01, 0.99});
  if (truth.droplet.times.levels.empty())
    s.fail("moments", "at least one moment is needed, for example [0.15, 0.5, 0.85]");
  truth.frames = static_cast<int>(truth.droplet.times.levels.size());
}

void read_files(const ConfigSection& s, std::uint64_t seed, TruthCase& truth) {
  const std::string files = s.text("files");
  for (const std::string_view word : core::split_words(files))
    truth.file.paths.emplace_back(word);
  constexpr std::size_t most = 20;
  if (truth.file.paths.empty() || truth.file.paths.size() > most)
    s.fail("files", "1 to 20 names are expected, separated by blanks, one a moment");
  const std::string types = s.text("type_elements", "");
  try {
    for (const auto& path : truth.file.paths)
      static_cast<void>(core::atom_format(path));
    for (const std::string_view word : core::split_words(types))
      truth.file.read.type_elements.push_back(core::atomic_number(word));
  } catch (const core::DataError& e) {
    s.fail("type_elements", e.what());
  } catch (const core::ConfigError& e) {
    s.fail("files", e.what());
  }
  if (s.has("dump_frame")) truth.file.read.frame = s.integer("dump_frame", {0, 1e9});
  if (s.flag("fill_partial_occupancy", false)) truth.file.read.occupancy_seed = seed;
  if (s.has("u_rms_a")) truth.file.u_rms_a = s.number("u_rms_a", {0, 0.5});
  truth.frames = static_cast<int>(truth.file.paths.size());
}

} // namespace

TruthCase read_truth(const ConfigSection& s, std::uint64_t seed) {
  TruthCase truth;
  const std::string source = s.choice("source", "md", {"md", "particle", "file"});
  if (source == "particle") {
    truth.source = TruthSource::particle;
    truth.frames = 1;
    truth.particle = read_particle(s, seed);
    if (truth.particle.matrix) truth.matrix_path = s.section("matrix").text("file", "");
  } else if (source == "file") {
    truth.source = TruthSource::file;
    read_files(s, seed, truth);
  } else {
    read_md(s, seed, truth);
  }
  return truth;
}

void validate(const TruthCase& truth) {
  if (truth.source == TruthSource::md) {
    md::validate(truth.droplet.droplet);
    md::validate(truth.droplet.imaging);
  }
  if (truth.source == TruthSource::particle) specimen::validate(truth.particle);
}

std::vector<std::string> truth_inputs(const TruthCase& truth) {
  std::vector<std::string> paths;
  for (const auto& path : truth.file.paths)
    paths.push_back(std::filesystem::absolute(path).string());
  if (!truth.matrix_path.empty()) paths.push_back(std::filesystem::absolute(truth.matrix_path).string());
  return paths;
}

specimen::Particle build_particle(const TruthCase& truth) {
  specimen::ParticleOptions options = truth.particle;
  if (options.matrix && !truth.matrix_path.empty())
    options.matrix->atoms = core::read_atoms(truth.matrix_path);
  return specimen::build_particle(options);
}

core::Atoms read_truth_file(const TruthCase& truth, int frame) {
  const std::filesystem::path& path = truth.file.paths.at(static_cast<std::size_t>(frame));
  core::Atoms atoms = core::read_atoms(path, truth.file.read);
  if (atoms.size() == 0)
    throw core::DataError(fmt::format("{}: it holds no atoms; nothing can be imaged.", path.string()));
  constexpr double overlap_a = 0.5; // no two nuclei are that near
  const double nearest = specimen::minimum_distance(atoms.positions);
  if (nearest < overlap_a) {
    throw core::DataError(
        fmt::format("{}: two atoms are {:.3f} A apart; remove doubles and check the unit (angstrom).",
                    path.string(), nearest));
  }
  const core::Vec3 centre = core::centroid(atoms);
  for (core::Vec3& r : atoms.positions)
    r -= centre;
  atoms.cell.reset(); // a specimen is a particle in vacuum
  if (truth.file.u_rms_a && !atoms.columns.contains("u_rms"))
    atoms.columns["u_rms"] = std::vector<double>(atoms.size(), *truth.file.u_rms_a);
  return atoms;
}

core::Atoms stand_in(const TruthCase& truth) {
  if (truth.source == TruthSource::particle) return build_particle(truth).atoms;
  if (truth.source == TruthSource::file) return read_truth_file(truth, 0);
  const md::DropletProtocol& d = truth.droplet.droplet;
  return md::fcc_sphere(d.atomic_number, d.lattice_constant_a, d.atoms, d.margin_a);
}

} // namespace aet::validation
