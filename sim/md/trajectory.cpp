#include "sim/md/trajectory.hpp"

#include "sim/core/error.hpp"
#include "sim/core/io/lammps_dump.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

namespace aet::md {

namespace {

std::vector<core::Vec3> velocities_of(const core::Atoms& atoms) {
  std::vector<core::Vec3> velocities;
  const auto& columns = atoms.columns;
  if (columns.contains("vx") && columns.contains("vy") && columns.contains("vz"))
    for (std::size_t i = 0; i < atoms.size(); ++i)
      velocities.emplace_back(columns.at("vx")[i], columns.at("vy")[i], columns.at("vz")[i]);
  return velocities;
}

const Frame& frame_at(const Trajectory& trajectory, std::size_t index) {
  if (index >= trajectory.frames.size())
    throw core::DataError(
        fmt::format("frame {} was asked for; the trajectory has {} frames", index, trajectory.frames.size()));
  return trajectory.frames[index];
}

double median(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

void add_velocities(const Frame& frame, core::Atoms& atoms) {
  for (const core::Vec3& v : frame.velocities) {
    atoms.columns["vx"].push_back(v.x());
    atoms.columns["vy"].push_back(v.y());
    atoms.columns["vz"].push_back(v.z());
  }
}

} // namespace

Trajectory read_trajectory(const std::filesystem::path& path, double timestep_ps,
                           const core::AtomFileOptions& options) {
  Trajectory out;
  const auto fail = [&](const std::string& what) {
    throw core::DataError(fmt::format("trajectory {}, frame {}: {}", path.string(), out.size(), what));
  };
  core::visit_lammps_frames(path, options, [&](core::DumpFrame dump) {
    const core::Cell& cell = *dump.atoms.cell;
    const core::Vec3 edges = cell.vectors.diagonal();
    if (dump.atoms.size() == 0) fail("it has no atoms");
    if (!cell.vectors.isDiagonal(0.0)) fail("the cell is tilted; only orthogonal cells are read");
    if (!dump.time_ps && !(timestep_ps > 0.0))
      fail("the file holds no times (ITEM: TIME); give the time step");
    if (out.frames.empty()) {
      out.atomic_numbers = dump.atoms.atomic_numbers;
      out.cell = cell;
    } else if (dump.atoms.atomic_numbers != out.atomic_numbers) {
      fail("its atoms are of other elements than those of the first frame");
    }
    Frame frame;
    frame.step = dump.step;
    frame.velocities = velocities_of(dump.atoms);
    frame.positions = std::move(dump.atoms.positions);
    if (edges != out.cell.vectors.diagonal()) frame.edges = edges;
    out.times_ps.push_back(dump.time_ps.value_or(static_cast<double>(dump.step) * timestep_ps));
    out.frames.push_back(std::move(frame));
  });
  return out;
}

core::Vec3 box_edges(const Trajectory& trajectory, std::size_t index) {
  return frame_at(trajectory, index).edges.value_or(trajectory.cell.vectors.diagonal());
}

std::vector<core::Vec3> whole_box_shifts(const Trajectory& trajectory, std::size_t index) {
  const Frame& frame = frame_at(trajectory, index);
  std::vector<core::Vec3> shifts(frame.positions.size(), core::Vec3::Zero());
  for (int k = 0; k < 3; ++k) {
    if (!trajectory.cell.periodic[static_cast<std::size_t>(k)]) continue;
    std::vector<double> coordinate;
    coordinate.reserve(frame.positions.size());
    for (const core::Vec3& p : frame.positions)
      coordinate.push_back(p[k]);
    const double middle = median(std::move(coordinate));
    const double edge = box_edges(trajectory, index)[k];
    for (std::size_t i = 0; i < shifts.size(); ++i)
      shifts[i][k] = -edge * std::round((frame.positions[i][k] - middle) / edge);
  }
  return shifts;
}

core::Atoms frame_atoms(const Trajectory& trajectory, std::size_t index) {
  const Frame& frame = frame_at(trajectory, index);
  core::Atoms atoms;
  atoms.atomic_numbers = trajectory.atomic_numbers;
  atoms.positions = frame.positions;
  const std::vector<core::Vec3> shifts = whole_box_shifts(trajectory, index);
  for (std::size_t i = 0; i < shifts.size(); ++i)
    atoms.positions[i] += shifts[i];
  const core::Vec3 centre = core::centroid(atoms);
  for (core::Vec3& p : atoms.positions)
    p -= centre;
  add_velocities(frame, atoms);
  return atoms;
}

core::Atoms frame_in_box(const Trajectory& trajectory, std::size_t index) {
  const Frame& frame = frame_at(trajectory, index);
  const core::Vec3 edges = box_edges(trajectory, index);
  core::Atoms atoms;
  atoms.atomic_numbers = trajectory.atomic_numbers;
  atoms.positions = frame.positions;
  atoms.cell = trajectory.cell;
  for (int k = 0; k < 3; ++k) {
    atoms.cell->vectors(k, k) = edges[k];
    if (!trajectory.cell.periodic[static_cast<std::size_t>(k)]) continue;
    for (core::Vec3& p : atoms.positions)
      p[k] -= edges[k] * std::round(p[k] / edges[k]);
  }
  add_velocities(frame, atoms);
  return atoms;
}

} // namespace aet::md
