#include "sim/md/vibrations.hpp"

#include "sim/core/elements.hpp"
#include "sim/core/error.hpp"
#include "sim/core/io/atom_files.hpp"
#include "sim/core/io/xyz.hpp"
#include "sim/md/mean_frame.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <utility>

namespace aet::md {

namespace {

using Positions = std::vector<core::Vec3>;

Trajectory read_xyz_trajectory(const std::filesystem::path& path) {
  Trajectory out;
  core::visit_xyz_frames(path, [&](core::Atoms atoms) {
    if (out.frames.empty()) out.atomic_numbers = atoms.atomic_numbers;
    if (atoms.atomic_numbers != out.atomic_numbers) {
      throw core::DataError(fmt::format(
          "trajectory {}, frame {}: its atoms are of other elements than those of the first frame",
          path.string(), out.size()));
    }
    out.times_ps.push_back(static_cast<double>(out.size()));
    out.frames.push_back({static_cast<long>(out.size()), std::move(atoms.positions), {}, {}});
  });
  return out;
}

/// Index in the trajectory of every site.
std::vector<std::size_t> atoms_of(const core::Atoms& sites, const Trajectory& trajectory,
                                  const std::string& source) {
  const std::size_t there = trajectory.atomic_numbers.size();
  std::vector<std::size_t> index(sites.size());
  std::iota(index.begin(), index.end(), std::size_t{0});
  const auto id = sites.columns.find("id");
  if (id != sites.columns.end() && sites.size() < there) {
    for (std::size_t i = 0; i < index.size(); ++i) {
      const double value = id->second[i];
      if (!(value >= 1.0 && value <= static_cast<double>(there) && value == std::floor(value))) {
        throw core::DataError(fmt::format("{}: column id of atom {} is {}; the trajectory has atoms 1 to {}",
                                          source, i + 1, value, there));
      }
      index[i] = static_cast<std::size_t>(value) - 1;
    }
  } else if (sites.size() != there) {
    throw core::DataError(fmt::format("{}: its frames hold {} atoms, the specimen {}; a trajectory of the "
                                      "specimen itself is needed, with its atoms in the same order",
                                      source, there, sites.size()));
  }
  for (std::size_t i = 0; i < index.size(); ++i) {
    const int z = trajectory.atomic_numbers[index[i]];
    if (z == sites.atomic_numbers[i]) continue;
    throw core::DataError(fmt::format(
        "{}: its atom {} is {}, but atom {} of the specimen is {}; atoms must be "
        "in the same order",
        source, index[i] + 1, core::element_symbol(z), i + 1, core::element_symbol(sites.atomic_numbers[i])));
  }
  return index;
}

void lay_onto(const Positions& reference, Positions& moved) {
  const RigidMotion motion = best_rigid_motion(moved, reference);
  for (core::Vec3& p : moved)
    p = motion.rotation * p + motion.translation;
}

/// Positions of the sites' atoms in one frame; where the box is periodic each on the side of its site.
Positions positions_in(const Trajectory& trajectory, std::size_t frame, const std::vector<std::size_t>& index,
                       const Positions& sites) {
  Positions out;
  out.reserve(index.size());
  for (const std::size_t i : index)
    out.push_back(trajectory.frames[frame].positions[i]);
  for (int k = 0; k < 3; ++k) {
    if (!trajectory.cell.periodic[static_cast<std::size_t>(k)]) continue;
    const double edge = box_edges(trajectory, frame)[k];
    const double offset = out[0][k] - sites[0][k];
    for (std::size_t i = 0; i < out.size(); ++i)
      out[i][k] -= edge * std::round((out[i][k] - sites[i][k] - offset) / edge);
  }
  return out;
}

Positions mean_of(const std::vector<Positions>& frames) {
  Positions mean(frames.front().size(), core::Vec3::Zero());
  for (const Positions& frame : frames) {
    for (std::size_t i = 0; i < mean.size(); ++i)
      mean[i] += frame[i] / static_cast<double>(frames.size());
  }
  return mean;
}

/// Half the distance from every site to the nearest other.
std::vector<double> reaches_of(const Positions& sites) {
  std::vector<double> nearest(sites.size(), std::numeric_limits<double>::infinity());
  for (std::size_t i = 0; i < sites.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      const double half = 0.5 * (sites[i] - sites[j]).norm();
      nearest[i] = std::min(nearest[i], half);
      nearest[j] = std::min(nearest[j], half);
    }
  }
  return nearest;
}

void require_at_sites(const Positions& positions, const Positions& sites, const std::vector<double>& reach,
                      const std::string& when) {
  for (std::size_t i = 0; i < sites.size(); ++i) {
    const double away = (positions[i] - sites[i]).norm();
    if (away <= reach[i]) continue;
    throw core::DataError(fmt::format(
        "{} atom {} is {:.2f} A from its site in the specimen, more than half the distance to the nearest "
        "other site ({:.2f} A): it left its site, or the trajectory is of another structure or order of "
        "atoms; "
        "use a trajectory at a lower temperature, or phonons = \"pairs\"",
        when, i + 1, away, reach[i]));
  }
}

} // namespace

Trajectory read_snapshots(const std::filesystem::path& path) {
  switch (core::atom_format(path)) {
  case core::AtomFormat::dump: {
    constexpr double any_step_ps = 1.0; // times are of no use here
    return read_trajectory(path, any_step_ps);
  }
  case core::AtomFormat::xyz:
    return read_xyz_trajectory(path);
  case core::AtomFormat::cif:
  case core::AtomFormat::poscar:
    break;
  }
  throw core::ConfigError(fmt::format("'{}' holds one structure, not moments of one: a LAMMPS dump (.dump, "
                                      ".lammpstrj, also with .gz) or an extended XYZ file of several frames "
                                      "(.xyz, .extxyz) is needed",
                                      path.string()));
}

Vibrations vibrations_about(const core::Atoms& sites, const Trajectory& trajectory,
                            const std::string& source) {
  if (trajectory.size() < 2 || sites.size() == 0) {
    throw core::DataError(
        fmt::format("{}: {} frame{} of {} atoms hold no vibrations; at least two are needed", source,
                    trajectory.size(), trajectory.size() == 1 ? "" : "s", sites.size()));
  }
  const std::vector<std::size_t> index = atoms_of(sites, trajectory, source);
  std::vector<Positions> frames;
  for (std::size_t f = 0; f < trajectory.size(); ++f) {
    frames.push_back(positions_in(trajectory, f, index, sites.positions));
    lay_onto(sites.positions, frames.back());
  }
  const Positions first_mean = mean_of(frames);
  for (Positions& frame : frames)
    lay_onto(first_mean, frame);
  const Positions mean = mean_of(frames);
  const std::vector<double> reach = reaches_of(sites.positions);
  require_at_sites(mean, sites.positions, reach, fmt::format("{}: in the mean of its frames", source));
  const auto count = static_cast<double>(frames.size());
  const double enlarged = std::sqrt(count / (count - 1.0));
  for (std::size_t f = 0; f < frames.size(); ++f) {
    require_at_sites(frames[f], mean, reach, fmt::format("{}, frame {}:", source, f));
    for (std::size_t i = 0; i < mean.size(); ++i)
      frames[f][i] = enlarged * (frames[f][i] - mean[i]);
  }
  return {std::move(frames)};
}

core::Atoms displaced(core::Atoms sites, const Vibrations& vibrations, std::size_t snapshot, double sign) {
  if (snapshot >= vibrations.size() || vibrations.displacements[snapshot].size() != sites.size()) {
    throw core::DataError(fmt::format("snapshot {} of {} atoms was asked for; there are {} of {} atoms",
                                      snapshot, sites.size(), vibrations.size(),
                                      vibrations.size() == 0 ? 0 : vibrations.displacements.front().size()));
  }
  for (std::size_t i = 0; i < sites.size(); ++i)
    sites.positions[i] += sign * vibrations.displacements[snapshot][i];
  return sites;
}

std::vector<core::Mat3> mean_squares(const Vibrations& vibrations) {
  std::vector<core::Mat3> out;
  for (const Positions& snapshot : vibrations.displacements) {
    out.resize(snapshot.size(), core::Mat3::Zero());
    for (std::size_t i = 0; i < snapshot.size(); ++i)
      out[i] += snapshot[i] * snapshot[i].transpose() / static_cast<double>(vibrations.size());
  }
  return out;
}

std::vector<double> rms_along_an_axis(const Vibrations& vibrations) {
  std::vector<double> out;
  for (const core::Mat3& square : mean_squares(vibrations))
    out.push_back(std::sqrt(square.trace() / 3.0));
  return out;
}

double correlation_in_time(const Vibrations& vibrations) {
  const auto& u = vibrations.displacements;
  double square = 0.0;
  double product = 0.0;
  for (std::size_t f = 0; f < u.size(); ++f) {
    for (std::size_t i = 0; i < u[f].size(); ++i) {
      square += u[f][i].squaredNorm() / static_cast<double>(u.size());
      if (f + 1 < u.size()) product += u[f][i].dot(u[f + 1][i]) / static_cast<double>(u.size() - 1);
    }
  }
  return square > 0.0 ? product / square : 0.0;
}

} // namespace aet::md
