#include "analysis/order/solid_bonds.hpp"

#include "analysis/order/harmonics.hpp"
#include "sim/core/error.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <span>

namespace aet::analysis {

std::vector<std::uint8_t> solid_atoms(const core::NeighbourList& neighbours, const SolidBondOptions& options,
                                      core::Threads threads) {
  if (!(options.min_coherence >= -1.0) || options.min_coherence > 1.0 || options.more_than < 0)
    throw core::ConfigError(
        fmt::format("solid bonds: a coherence above {} and more than {} bonds; allowed are "
                    "-1 to 1, and at least 0",
                    options.min_coherence, options.more_than));
  const HarmonicSums harmonics({6});
  const std::size_t n = neighbours.atoms();
  const std::size_t width = harmonics.components();
  std::vector<double> q(n * width, 0.0); // of length 1, or 0 without neighbours
  const auto vector_of = [&](std::size_t i) { return std::span(q).subspan(i * width, width); };
  core::parallel_for(n, threads, [&](std::size_t i, int) {
    const std::size_t first = neighbours.first[i];
    const std::size_t count = neighbours.count(i);
    const auto part = [&](const std::vector<double>& v) { return std::span(v).subspan(first, count); };
    harmonics.add_up(part(neighbours.dx), part(neighbours.dy), part(neighbours.dz), part(neighbours.distance),
                     {}, vector_of(i));
    const auto mine = vector_of(i);
    const double length = std::sqrt(std::inner_product(mine.begin(), mine.end(), mine.begin(), 0.0));
    if (length > 0.0)
      for (double& c : mine)
        c /= length;
  });
  std::vector<std::uint8_t> solid(n, 0);
  core::parallel_for(n, threads, [&](std::size_t i, int) {
    int bonds = 0;
    const auto mine = vector_of(i);
    for (const std::uint32_t j : neighbours.of(i))
      bonds += std::inner_product(mine.begin(), mine.end(), vector_of(j).begin(), 0.0) > options.min_coherence
                   ? 1
                   : 0;
    solid[i] = bonds > options.more_than ? 1 : 0;
  });
  return solid;
}

std::vector<std::vector<std::size_t>> connected_parts(const core::NeighbourList& neighbours,
                                                      const std::vector<std::uint8_t>& marked) {
  std::vector<std::vector<std::size_t>> parts;
  std::vector<std::uint8_t> seen(marked.size(), 0);
  for (std::size_t start = 0; start < marked.size(); ++start) {
    if (marked[start] == 0 || seen[start] != 0) continue;
    std::vector<std::size_t> part{start};
    seen[start] = 1;
    for (std::size_t next = 0; next < part.size(); ++next)
      for (const std::uint32_t j : neighbours.of(part[next]))
        if (marked[j] != 0 && seen[j] == 0) {
          seen[j] = 1;
          part.push_back(j);
        }
    std::sort(part.begin(), part.end());
    parts.push_back(std::move(part));
  }
  std::stable_sort(parts.begin(), parts.end(),
                   [](const auto& a, const auto& b) { return a.size() > b.size(); });
  return parts;
}

} // namespace aet::analysis
