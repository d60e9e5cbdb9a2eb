#include "analysis/chemistry/strain.hpp"

#include "sim/core/error.hpp"
#include "sim/core/neighbours/cell_grid.hpp"

#include <Eigen/Eigenvalues>
#include <Eigen/LU>
#include <Eigen/SVD>
#include <fmt/core.h>

#include <algorithm>
#include <cmath>

namespace aet::analysis {
namespace {

using core::Mat3;
using core::Vec3;

/// Cubes of the same volume, turned as the affine lattice is on the whole (polar decomposition).
Mat3 rigid_edges(const Mat3& edges) {
  const Eigen::JacobiSVD<Mat3> svd(edges, Eigen::ComputeFullU | Eigen::ComputeFullV);
  return std::cbrt(std::abs(edges.determinant())) * svd.matrixU() * svd.matrixV().transpose();
}

Vec3 on_lattice(const Mat3& edges, const LatticeSite& site) {
  return 0.5 * (site[0] * edges.row(0) + site[1] * edges.row(1) + site[2] * edges.row(2)).transpose();
}

/// Weights of a linear fit: gradient = sum over atoms of weight x displacement (of each component).
struct GradientWeights {
  std::vector<std::uint32_t> atoms;
  std::vector<Vec3> weights;
};

std::optional<GradientWeights> gradient_weights(const std::vector<core::Hit>& hits, const LatticeSites& sites,
                                                int grain, double kernel_a) {
  double total = 0.0;
  Vec3 mean = Vec3::Zero();
  std::vector<double> gauss;
  GradientWeights result;
  for (const core::Hit& hit : hits) {
    if (sites.grain_of_atom[hit.index] != grain) continue;
    const double w = std::exp(-0.5 * hit.distance * hit.distance / (kernel_a * kernel_a));
    result.atoms.push_back(hit.index);
    result.weights.emplace_back(hit.dx, hit.dy, hit.dz);
    gauss.push_back(w);
    total += w;
    mean += w * result.weights.back();
  }
  mean /= total;
  Mat3 moments = Mat3::Zero();
  for (std::size_t k = 0; k < gauss.size(); ++k) {
    result.weights[k] -= mean;
    moments += gauss[k] * result.weights[k] * result.weights[k].transpose();
  }
  const Vec3 spread = Eigen::SelfAdjointEigenSolver<Mat3>(moments, Eigen::EigenvaluesOnly).eigenvalues();
  if (!(spread[0] > 0.02 * spread[2])) return std::nullopt; // (nearly) in a plane, or alone
  const Mat3 inverse = moments.inverse();
  for (std::size_t k = 0; k < gauss.size(); ++k)
    result.weights[k] = gauss[k] * inverse * result.weights[k];
  return result;
}

} // namespace

StrainField strain_field(std::span<const Vec3> positions, const LatticeSites& sites,
                         const StrainOptions& options, CoordinateErrors errors, core::Threads threads) {
  if (!(options.kernel_a > 0.0) || !(options.reach >= 1.0) || options.reach > 6.0)
    throw core::ConfigError(
        fmt::format("strain by a kernel of {} A that reaches {} standard deviations; allowed "
                    "are more than 0, and 1 to 6",
                    options.kernel_a, options.reach));
  const std::size_t n = positions.size();
  if (sites.grain_of_atom.size() != n || (!errors.empty() && errors.size() != n))
    throw core::DataError(fmt::format("lattice sites of {} and errors of {} atoms are given for {} atoms",
                                      sites.grain_of_atom.size(), errors.size(), n));
  StrainField field;
  field.displacement.assign(n, Vec3::Zero());
  field.strain.assign(n, {});
  field.rotation.assign(n, Vec3::Zero());
  if (!errors.empty()) field.strain_sd.assign(n, {});
  field.valid.assign(n, 0);
  for (const LatticeGrain& grain : sites.grains) {
    const Mat3 edges = rigid_edges(grain.lattice.edges);
    Vec3 origin = Vec3::Zero();
    for (const std::size_t i : grain.atoms)
      origin += (positions[i] - on_lattice(edges, sites.site[i])) / static_cast<double>(grain.atoms.size());
    double squares = 0.0;
    for (const std::size_t i : grain.atoms) {
      field.displacement[i] = positions[i] - origin - on_lattice(edges, sites.site[i]);
      squares += field.displacement[i].squaredNorm() / static_cast<double>(grain.atoms.size());
    }
    field.displacement_rms_a.push_back(std::sqrt(squares));
  }
  if (n == 0) return field;
  const double reach = options.reach * options.kernel_a;
  const core::CellGrid grid(positions, std::nullopt, reach);
  constexpr std::size_t block = 64;
  core::parallel_for((n + block - 1) / block, threads, [&](std::size_t b, int) {
    std::vector<core::Hit> hits;
    for (std::size_t i = b * block; i < std::min(n, (b + 1) * block); ++i) {
      const int grain = sites.grain_of_atom[i];
      if (grain < 0) continue;
      grid.within(positions[i], reach, hits);
      std::sort(hits.begin(), hits.end(), core::nearer); // sums do not depend on the order of atoms
      const auto fit = gradient_weights(hits, sites, grain, options.kernel_a);
      if (!fit) continue;
      Mat3 gradient = Mat3::Zero(); // (a, b): change of component a along b
      Mat3 variance = Mat3::Zero();
      Vec3 shear = Vec3::Zero(); // variances of yz, xz, xy
      for (std::size_t k = 0; k < fit->atoms.size(); ++k) {
        const Vec3& w = fit->weights[k];
        gradient += field.displacement[fit->atoms[k]] * w.transpose();
        if (errors.empty()) continue;
        const Vec3 square = errors[fit->atoms[k]].cwiseAbs2();
        variance += square * w.cwiseAbs2().transpose();
        for (int a = 0; a < 3; ++a) {
          const int c = (a + 1) % 3;
          const int d = (a + 2) % 3;
          shear[a] += 0.25 * (square[c] * w[d] * w[d] + square[d] * w[c] * w[c]);
        }
      }
      const Mat3 even = 0.5 * (gradient + gradient.transpose());
      field.strain[i] = {even(0, 0), even(1, 1), even(2, 2), even(1, 2), even(0, 2), even(0, 1)};
      field.rotation[i] = 0.5 * Vec3(gradient(2, 1) - gradient(1, 2), gradient(0, 2) - gradient(2, 0),
                                     gradient(1, 0) - gradient(0, 1));
      if (!errors.empty())
        field.strain_sd[i] = {std::sqrt(variance(0, 0)), std::sqrt(variance(1, 1)), std::sqrt(variance(2, 2)),
                              std::sqrt(shear[0]),       std::sqrt(shear[1]),       std::sqrt(shear[2])};
      field.valid[i] = 1;
    }
  });
  return field;
}

} // namespace aet::analysis
