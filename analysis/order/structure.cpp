#include "analysis/order/structure.hpp"

#include "analysis/order/directions.hpp"
#include "analysis/order/harmonics.hpp"
#include "sim/core/error.hpp"
#include "sim/core/units.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

namespace aet::analysis {
namespace {

using core::Vec3;

constexpr std::array all_structures{Structure::fcc, Structure::hcp, Structure::bcc, Structure::sc,
                                    Structure::icosahedron};

std::vector<Vec3> hcp_shell() {
  std::vector<Vec3> shell;
  for (int k = 0; k < 6; ++k)
    shell.emplace_back(std::cos(k * core::pi / 3.0), std::sin(k * core::pi / 3.0), 0.0);
  for (int k = 0; k < 3; ++k) { // the layers above and below stand over the same hollows
    const double phi = core::pi / 6.0 + 2.0 * k * core::pi / 3.0;
    for (const double side : {1.0, -1.0})
      shell.emplace_back(std::cos(phi) / std::sqrt(3.0), std::sin(phi) / std::sqrt(3.0),
                         side * std::sqrt(2.0 / 3.0));
  }
  return shell;
}

std::vector<Vec3> icosahedron_shell() {
  const double golden = 0.5 * (1.0 + std::sqrt(5.0));
  std::vector<Vec3> shell;
  for (const double s : {-1.0, 1.0})
    for (const double t : {-golden, golden})
      for (const Vec3& v : {Vec3(0, s, t), Vec3(s, t, 0), Vec3(t, 0, s)})
        shell.push_back(v.normalized());
  return shell;
}

} // namespace

std::string structure_name(Structure structure) {
  constexpr std::array names{"none", "fcc", "hcp", "bcc", "sc", "icosahedron"};
  return names.at(static_cast<std::size_t>(structure));
}

std::vector<Vec3> ideal_shell(Structure structure) {
  switch (structure) {
  case Structure::fcc:
    return cubic_family(Vec3(1, 1, 0) * std::sqrt(0.5));
  case Structure::hcp:
    return hcp_shell();
  case Structure::bcc: {
    std::vector<Vec3> shell = cubic_family(Vec3(1, 1, 1) / std::sqrt(3.0));
    for (const Vec3& v : cubic_family(Vec3(2.0 / std::sqrt(3.0), 0, 0)))
      shell.push_back(v);
    return shell;
  }
  case Structure::sc:
    return cubic_family(Vec3::UnitX());
  case Structure::icosahedron:
    return icosahedron_shell();
  case Structure::none:
    break;
  }
  return {};
}

double ideal_order(Structure structure, int degree) {
  const HarmonicSums harmonics({degree});
  const std::vector<Vec3> shell = ideal_shell(structure);
  std::array<std::vector<double>, 3> d;
  std::vector<double> length;
  for (const Vec3& v : shell) {
    for (std::size_t k = 0; k < 3; ++k)
      d[k].push_back(v[static_cast<Eigen::Index>(k)]);
    length.push_back(v.norm());
  }
  std::vector<double> q(harmonics.components(), 0.0);
  harmonics.add_up(d[0], d[1], d[2], length, {}, q);
  double sum = 0.0;
  for (const double c : q)
    sum += c * c;
  const double n = static_cast<double>(std::max<std::size_t>(shell.size(), 1));
  return std::sqrt(4.0 * core::pi / (2.0 * degree + 1.0) * sum) / n;
}

std::vector<Structure> structure_labels(const BondOrder& order, const StructureOptions& options) {
  if (!(options.max_distance > 0.0) || !(options.min_amplitude >= 0.0) || options.min_amplitude > 1.0)
    throw core::ConfigError(fmt::format(
        "structure labels: max_distance is {}, min_amplitude {}; the first must be positive, the second "
        "lie between 0 and 1",
        options.max_distance, options.min_amplitude));
  std::vector<std::vector<double>> references;
  for (const Structure s : all_structures) {
    references.emplace_back();
    for (const int degree : order.degrees)
      references.back().push_back(ideal_order(s, degree));
  }
  const auto& values = options.averaged ? order.averaged : order.plain;
  std::vector<Structure> labels(order.flagged.size(), Structure::none);
  for (std::size_t i = 0; i < labels.size(); ++i) {
    if (order.flagged[i] != 0) continue;
    double nearest = options.max_distance * options.max_distance;
    for (std::size_t s = 0; s < all_structures.size(); ++s) {
      if (options.averaged && all_structures[s] == Structure::icosahedron) continue;
      double along = 0.0;
      double length = 0.0;
      for (std::size_t d = 0; d < order.degrees.size(); ++d) {
        along += values[d][i] * references[s][d];
        length += references[s][d] * references[s][d];
      }
      const double amplitude = std::min(1.0, along / length);
      if (!(amplitude >= options.min_amplitude)) continue;
      double squared = 0.0;
      for (std::size_t d = 0; d < order.degrees.size(); ++d)
        squared += std::pow(values[d][i] - amplitude * references[s][d], 2);
      if (squared > nearest) continue;
      nearest = squared;
      labels[i] = all_structures[s];
    }
  }
  return labels;
}

std::vector<Validity> surface_validity(const core::NeighbourList& neighbours,
                                       std::span<const std::uint8_t> exposed) {
  const std::size_t n = neighbours.atoms();
  if (exposed.size() != n)
    throw core::DataError(fmt::format("{} surface flags are given for {} atoms", exposed.size(), n));
  std::vector<Validity> result(n, Validity::whole);
  for (std::size_t i = 0; i < n; ++i) {
    if (exposed[i] != 0) {
      result[i] = Validity::surface;
      continue;
    }
    for (std::size_t e = neighbours.first[i]; e < neighbours.first[i + 1]; ++e)
      if (exposed[neighbours.index[e]] != 0) result[i] = Validity::beside_surface;
  }
  return result;
}

} // namespace aet::analysis
