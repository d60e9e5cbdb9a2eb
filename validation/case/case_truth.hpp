// [truth] of a case: where the specimen comes from.
#pragma once

#include "sim/core/config.hpp"
#include "sim/core/io/atom_files.hpp"
#include "sim/specimen/particle.hpp"
#include "validation/case/case_md.hpp"
#include "validation/case/phantom_series.hpp"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace aet::validation {

enum class TruthSource {
  md,       ///< molecular dynamics of a droplet
  particle, ///< the particle builder
  phantom,  ///< particles over time whose nuclei grow, dissolve, merge and divide as planted
  file      ///< atoms that others made
};

/// source = "file": one moment a file.
struct FileTruth {
  std::vector<std::filesystem::path>
      paths; ///< as in the case: relative to the folder the program is started in
  core::AtomFileOptions read;
  std::optional<double> u_rms_a; ///< for all atoms, where the file has no column u_rms or u_aniso
                                 ///< [angstrom]
};

/// [truth]: the specimen, and at how many moments it is imaged.
struct TruthCase {
  TruthSource source = TruthSource::md;
  md::DropletOptions droplet;         ///< source md; seeded with the case's seed
  OrderWatch watch;                   ///< source md
  specimen::ParticleOptions particle; ///< source particle; without the atoms of a matrix file
  std::filesystem::path matrix_path;  ///< source particle: atoms around the core; empty: a random packing
  std::filesystem::path phantom_path; ///< source phantom: what is planted, see build_phantom_series()
  std::uint64_t phantom_seed = 1;     ///< source phantom
  FileTruth file;                     ///< source file
  int frames = 3;                     ///< moments, 1..20
};

/// \throws ConfigError naming file, line, key, value and what is allowed. Keys of other sources stay unknown.
[[nodiscard]] TruthCase read_truth(const core::ConfigSection& section, std::uint64_t seed);

/// The key of source = "phantom".
[[nodiscard]] std::filesystem::path read_phantom_path(const core::ConfigSection& section);

/// Checks of the options as a whole.
/// \throws ConfigError.
void validate(const TruthCase& truth);

/// Files the truth is made from, besides the case: atoms, potential, what is planted; absolute.
[[nodiscard]] std::vector<std::filesystem::path> truth_inputs(const TruthCase& truth);

/// source = "particle".
/// \throws as specimen::build_particle(), core::read_atoms().
[[nodiscard]] specimen::Particle build_particle(const TruthCase& truth);

/// source = "phantom": all moments, centred together on the centroid of the first.
/// \throws as build_phantom_series().
[[nodiscard]] PhantomSeries build_phantom(const TruthCase& truth);

/// source = "file": moment `frame`, centred on the origin, without cell.
/// \throws as core::read_atoms(), and DataError for no atoms, or two closer than 0.5 A.
[[nodiscard]] core::Atoms read_truth_file(const TruthCase& truth, int frame);

/// Atoms like those the truth stage will make, for predictions: a sphere for molecular dynamics, else the
/// first moment.
[[nodiscard]] core::Atoms stand_in(const TruthCase& truth);

} // namespace aet::validation
