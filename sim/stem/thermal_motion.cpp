#include "sim/stem/thermal_motion.hpp"

#include "sim/core/error.hpp"

#include <Eigen/Eigenvalues>
#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <string>

namespace aet::stem {

namespace {

constexpr double largest_u = 0.5; // [angstrom]

/// Components as they stand in the columns.
constexpr std::array<std::array<int, 2>, 6> component{{{0, 0}, {1, 1}, {2, 2}, {0, 1}, {0, 2}, {1, 2}}};

std::vector<double> checked_rms(const std::vector<double>& column) {
  for (std::size_t i = 0; i < column.size(); ++i) {
    if (!(column[i] >= 0.0 && column[i] <= largest_u)) {
      throw core::DataError(fmt::format("column u_rms of atom {} is {}: it is the rms displacement along one "
                                        "axis in angstrom, allowed 0 to {}",
                                        i + 1, column[i], largest_u));
    }
  }
  return column;
}

core::Mat3 checked_tensor(const core::Mat3& tensor, std::size_t atom) {
  const auto written = [&] {
    return fmt::format("{} {} {} {} {} {}", tensor(0, 0), tensor(1, 1), tensor(2, 2), tensor(0, 1),
                       tensor(0, 2), tensor(1, 2));
  };
  if (!tensor.allFinite()) {
    throw core::DataError(
        fmt::format("column u_aniso of atom {} is {}, which is not finite: give U11 U22 U33 U12 U13 U23 in "
                    "angstrom^2 for every atom",
                    atom + 1, written()));
  }
  const core::Vec3 along =
      Eigen::SelfAdjointEigenSolver<core::Mat3>(tensor, Eigen::EigenvaluesOnly).eigenvalues();
  constexpr double rounding = 1e-6; // [angstrom^2] files hold some six digits
  if (along[0] < -rounding) {
    throw core::DataError(
        fmt::format("column u_aniso of atom {} is {}, whose mean square displacement along one axis is "
                    "{:.3g}: a tensor of "
                    "displacements is positive; its order is U11 U22 U33 U12 U13 U23 in angstrom^2",
                    atom + 1, written(), along[0]));
  }
  if (along[2] > largest_u * largest_u) {
    throw core::DataError(fmt::format(
        "column u_aniso of atom {} is {}, whose mean square displacement along one axis is {:.3g}: allowed "
        "is up to {} angstrom^2; its order is U11 U22 U33 U12 U13 U23",
        atom + 1, written(), along[2], largest_u * largest_u));
  }
  return tensor;
}

/// Empty if there is no such column.
std::vector<core::Mat3> tensors_of(const core::Atoms& atoms) {
  std::array<const std::vector<double>*, 6> parts{};
  std::size_t found = 0;
  for (const auto& [name, column] : atoms.columns)
    found += name == "u_aniso" || name.starts_with("u_aniso_") ? 1 : 0;
  if (found == 0) return {};
  for (std::size_t k = 0; k < parts.size(); ++k) {
    const auto column = atoms.columns.find(fmt::format("u_aniso_{}", k));
    parts[k] = column == atoms.columns.end() ? nullptr : &column->second;
  }
  if (found != parts.size() || std::find(parts.begin(), parts.end(), nullptr) != parts.end()) {
    throw core::DataError(fmt::format("column u_aniso holds {} number{} for each atom: it takes six, U11 U22 "
                                      "U33 U12 U13 U23 in angstrom^2",
                                      found, found == 1 ? "" : "s"));
  }
  std::vector<core::Mat3> tensors;
  tensors.reserve(atoms.size());
  for (std::size_t i = 0; i < atoms.size(); ++i) {
    core::Mat3 tensor;
    for (std::size_t k = 0; k < parts.size(); ++k) {
      const auto [row, column] = component[k];
      tensor(row, column) = tensor(column, row) = (*parts[k])[i];
    }
    tensors.push_back(checked_tensor(tensor, i));
  }
  return tensors;
}

} // namespace

double ThermalMotion::largest_rms() const {
  double largest = 0.0;
  for (const double u : u_rms)
    largest = std::max(largest, u);
  for (const core::Mat3& tensor : tensors)
    largest = std::max(largest, symmetric_root(tensor).norm()); // not below the largest eigenvalue's root
  return largest;
}

ThermalMotion thermal_motion(const core::Atoms& atoms, const PhononOptions& options) {
  if (options.u_rms_a) return {std::vector<double>(atoms.size(), *options.u_rms_a), {}};
  if (auto tensors = tensors_of(atoms); !tensors.empty()) return {{}, std::move(tensors)};
  const auto column = atoms.columns.find("u_rms");
  if (column != atoms.columns.end()) return {checked_rms(column->second), {}};
  return {std::vector<double>(atoms.size(), 0.0), {}};
}

core::Mat3 symmetric_root(const core::Mat3& tensor) {
  const Eigen::SelfAdjointEigenSolver<core::Mat3> solver(tensor);
  const core::Vec3 rms = solver.eigenvalues().cwiseMax(0.0).cwiseSqrt();
  return solver.eigenvectors() * rms.asDiagonal() * solver.eigenvectors().transpose();
}

std::vector<Eigen::Matrix2d> tensors_across_beam(const ThermalMotion& motion, const core::Mat3& orientation) {
  std::vector<Eigen::Matrix2d> out;
  out.reserve(motion.u_rms.size() + motion.tensors.size());
  for (const double u : motion.u_rms)
    out.push_back(u * u * Eigen::Matrix2d::Identity());
  for (const core::Mat3& tensor : motion.tensors)
    out.push_back((orientation * tensor * orientation.transpose()).topLeftCorner<2, 2>());
  return out;
}

namespace {

/// \throws core::DataError naming the first atom that moves too far to be averaged over.
void require_averageable(const std::vector<double>& u_rms) {
  for (std::size_t i = 0; i < u_rms.size(); ++i) {
    if (u_rms[i] <= largest_averaged_rms_a) continue;
    throw core::DataError(fmt::format("atom {} has an rms displacement of {:.3f} angstrom along one axis: "
                                      "phonons = \"average\" is right up "
                                      "to {}; use phonons = \"pairs\" with several phonon_configurations",
                                      i + 1, u_rms[i], largest_averaged_rms_a));
  }
}

} // namespace

std::vector<double> rms_across_beam(const ThermalMotion& motion, const core::Mat3& orientation) {
  if (motion.tensors.empty()) {
    require_averageable(motion.u_rms);
    return motion.u_rms;
  }
  std::vector<double> out;
  out.reserve(motion.tensors.size());
  for (const Eigen::Matrix2d& seen : tensors_across_beam(motion, orientation)) {
    const double difference = std::hypot(seen(0, 0) - seen(1, 1), 2.0 * seen(0, 1));
    if (difference > largest_anisotropy_a2) {
      throw core::DataError(fmt::format(
          "atom {} vibrates too anisotropically to be averaged over as round: seen along the beam its "
          "largest "
          "and smallest mean square displacement (u_aniso) differ by {:.4f} angstrom^2, allowed is {}; use "
          "phonons = \"pairs\"",
          out.size() + 1, difference, largest_anisotropy_a2));
    }
    out.push_back(std::sqrt(std::max(0.0, 0.5 * seen.trace())));
  }
  require_averageable(out);
  return out;
}

} // namespace aet::stem
