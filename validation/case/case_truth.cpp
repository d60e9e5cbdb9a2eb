#include "validation/case/case_truth.hpp"

#include "sim/core/elements.hpp"
#include "sim/core/error.hpp"
#include "sim/core/io/text_lines.hpp"
#include "sim/core/neighbours/pairs.hpp"
#include "sim/md/mean_frame.hpp"
#include "validation/case/case_particle.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

namespace aet::validation {

namespace {

using core::ConfigSection;

void read_files(const ConfigSection& s, std::uint64_t seed, TruthCase& truth) {
  const std::string files = s.required_text("files", "atoms, one file per moment");
  for (const std::string_view word : core::split_words(files))
    truth.file.paths.emplace_back(word);
  constexpr std::size_t most = 20;
  if (truth.file.paths.empty() || truth.file.paths.size() > most)
    s.fail("files", "1 to 20 names are expected, separated by blanks, one per moment");
  const std::string types =
      s.text("type_elements", "", "elements of the types of a LAMMPS dump, such as \"Fe Pt\"");
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
  if (s.has("dump_frame"))
    truth.file.read.frame = s.integer("dump_frame", {0, 1e9}, "frame of a LAMMPS dump; left out: the last");
  if (s.flag("fill_partial_occupancy", false, "partially occupied sites of a CIF are filled at random"))
    truth.file.read.occupancy_seed = seed;
  truth.file.u_rms_a =
      s.optional_number("u_rms_a", {0, 0.5}, "thermal displacement per axis, if the files have none");
  truth.frames = static_cast<int>(truth.file.paths.size());
}

} // namespace

std::filesystem::path read_phantom_path(const ConfigSection& s) {
  return s.required_text("file", "what is planted at which moment, see aetval phantom --help");
}

TruthCase read_truth(const ConfigSection& s, std::uint64_t seed) {
  TruthCase truth;
  const std::string source =
      s.choice("source", "md", {"md", "particle", "phantom", "file"}, "where the specimen comes from");
  if (source == "particle") {
    truth.source = TruthSource::particle;
    truth.frames = 1;
    truth.particle = read_particle(s, seed);
    if (truth.particle.matrix)
      truth.matrix_path =
          s.section("matrix").text("file", "", "atoms of the matrix; empty: a random packing");
  } else if (source == "phantom") {
    truth.source = TruthSource::phantom;
    truth.phantom_path = read_phantom_path(s);
    truth.phantom_seed = seed;
    truth.frames = phantom_moments(truth.phantom_path);
  } else if (source == "file") {
    truth.source = TruthSource::file;
    read_files(s, seed, truth);
  } else {
    const MdTruth md = read_md(s, seed);
    truth.droplet = md.options;
    truth.watch = md.watch;
    truth.frames = static_cast<int>(md.options.times.levels.size());
  }
  return truth;
}

void validate(const TruthCase& truth) {
  if (truth.source == TruthSource::md) {
    md::validate(truth.droplet.droplet);
    md::validate(truth.droplet.imaging);
    if (truth.droplet.scan) md::validate(*truth.droplet.scan);
  }
  if (truth.source == TruthSource::particle) specimen::validate(truth.particle);
}

std::vector<std::filesystem::path> truth_inputs(const TruthCase& truth) {
  std::vector<std::filesystem::path> paths = truth.file.paths;
  if (!truth.matrix_path.empty()) paths.push_back(truth.matrix_path);
  if (!truth.phantom_path.empty()) paths.push_back(truth.phantom_path);
  if (truth.source == TruthSource::md && md::is_file(truth.droplet.potential))
    paths.push_back(truth.droplet.potential.path);
  for (auto& path : paths)
    path = std::filesystem::absolute(path);
  return paths;
}

specimen::Particle build_particle(const TruthCase& truth) {
  specimen::ParticleOptions options = truth.particle;
  if (options.matrix && !truth.matrix_path.empty())
    options.matrix->atoms = core::read_atoms(truth.matrix_path);
  return specimen::build_particle(options);
}

PhantomSeries build_phantom(const TruthCase& truth) {
  PhantomSeries series = build_phantom_series(truth.phantom_path, truth.phantom_seed);
  const core::Vec3 centre = core::centroid(series.moments.front());
  for (core::Atoms& atoms : series.moments)
    for (core::Vec3& r : atoms.positions)
      r -= centre;
  return series;
}

core::Atoms read_truth_file(const TruthCase& truth, int frame) {
  const std::filesystem::path& path = truth.file.paths.at(static_cast<std::size_t>(frame));
  core::Atoms atoms = core::read_atoms(path, truth.file.read);
  if (atoms.size() == 0)
    throw core::DataError(fmt::format("{}: it holds no atoms; nothing can be imaged.", path.string()));
  constexpr double overlap_a = 0.5; // no two nuclei are that near
  const double nearest = core::minimum_distance(atoms.positions);
  if (nearest < overlap_a) {
    throw core::DataError(
        fmt::format("{}: two atoms are {:.3f} A apart; remove doubles and check the unit (angstrom).",
                    path.string(), nearest));
  }
  const core::Vec3 centre = core::centroid(atoms);
  for (core::Vec3& r : atoms.positions)
    r -= centre;
  atoms.cell.reset(); // a specimen is a particle in vacuum
  if (truth.file.u_rms_a && !atoms.columns.contains("u_rms") && !atoms.columns.contains("u_aniso_0"))
    atoms.columns["u_rms"] = std::vector<double>(atoms.size(), *truth.file.u_rms_a);
  return atoms;
}

core::Atoms stand_in(const TruthCase& truth) {
  if (truth.source == TruthSource::particle) return build_particle(truth).atoms;
  if (truth.source == TruthSource::phantom) return build_phantom(truth).moments.front();
  if (truth.source == TruthSource::file) return read_truth_file(truth, 0);
  const md::DropletProtocol& d = truth.droplet.droplet;
  const core::Atoms droplet = md::fcc_sphere(d.atomic_number, d.lattice_constant_a, d.atoms, d.margin_a);
  double radius = truth.droplet.imaging.cut_radius_a;
  if (d.system == md::System::bulk) {
    const double half_box = 0.5 * d.lattice_constant_a * std::cbrt(d.atoms / 4.0);
    radius = radius > 0.0 ? std::min(radius, half_box) : half_box;
  }
  return radius > 0.0 ? md::cut_sphere(droplet, radius) : droplet;
}

} // namespace aet::validation
