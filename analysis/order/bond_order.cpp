#include "analysis/order/bond_order.hpp"

#include "analysis/order/harmonics.hpp"
#include "analysis/order/wigner.hpp"
#include "sim/core/error.hpp"
#include "sim/core/units.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <numeric>

namespace aet::analysis {
namespace {

constexpr std::size_t atoms_per_block = 256;
constexpr double least_for_w = 1e-6; // below, W_l is a quotient of rounding errors

double invariant(std::span<const double> q, int degree) {
  double sum = 0.0;
  for (const double c : q)
    sum += c * c;
  return std::sqrt(4.0 * core::pi / (2.0 * degree + 1.0) * sum);
}

} // namespace

std::size_t BondOrder::at(int degree) const {
  const auto found = std::find(degrees.begin(), degrees.end(), degree);
  if (found == degrees.end())
    throw core::ConfigError(
        fmt::format("bond order of degree {} was not computed: add it to the degrees", degree));
  return static_cast<std::size_t>(found - degrees.begin());
}

BondOrder bond_order(const core::NeighbourList& neighbours, const BondOrderOptions& options,
                     std::span<const double> weights, core::Threads threads) {
  if (options.min_neighbours < 1)
    throw core::ConfigError(
        fmt::format("least number of neighbours is {}; it must be at least 1", options.min_neighbours));
  if (!weights.empty() && weights.size() != neighbours.index.size())
    throw core::DataError(fmt::format("{} weights are given for {} neighbour entries", weights.size(),
                                      neighbours.index.size()));
  const HarmonicSums harmonics(options.degrees);
  const std::size_t n = neighbours.atoms();
  const std::size_t width = harmonics.components();
  const std::size_t blocks = (n + atoms_per_block - 1) / atoms_per_block;

  BondOrder result;
  result.degrees = options.degrees;
  result.plain.assign(options.degrees.size(), std::vector<double>(n, 0.0));
  result.averaged = result.plain;
  result.flagged.resize(n);
  std::vector<ThirdOrder> third;
  if (options.third_order) {
    third.assign(options.degrees.begin(), options.degrees.end());
    result.plain_w = result.plain;
    result.averaged_w = result.plain;
    // Undefined until computed: an atom without neighbours stays so.
    result.w_undefined.assign(options.degrees.size(), std::vector<std::uint8_t>(n, 3));
  }

  const auto store = [&](std::size_t i, std::span<const double> all, bool averaged) {
    for (std::size_t d = 0; d < result.degrees.size(); ++d) {
      const int degree = result.degrees[d];
      const auto q = all.subspan(harmonics.offset(d), static_cast<std::size_t>(2 * degree + 1));
      const double second = invariant(q, degree);
      (averaged ? result.averaged : result.plain)[d][i] = second;
      if (third.empty() || second < least_for_w) continue;
      (averaged ? result.averaged_w : result.plain_w)[d][i] = third[d](q);
      result.w_undefined[d][i] &= averaged ? std::uint8_t{1} : std::uint8_t{2};
    }
  };

  const auto six = std::find(result.degrees.begin(), result.degrees.end(), 6);
  const bool keep_six = options.errors && six != result.degrees.end();
  const std::size_t six_at =
      keep_six ? harmonics.offset(static_cast<std::size_t>(six - result.degrees.begin())) : 0;
  constexpr std::size_t six_size = 13;
  if (options.errors) result.averaged_sd = result.averaged;
  if (keep_six) result.averaged_six.assign(n * six_size, 0.0);
  std::vector<double> q(n * width, 0.0);
  core::parallel_for(blocks, threads, [&](std::size_t b, int) {
    for (std::size_t i = b * atoms_per_block; i < std::min(n, (b + 1) * atoms_per_block); ++i) {
      const std::size_t first = neighbours.first[i];
      const std::size_t count = neighbours.count(i);
      result.flagged[i] = count < static_cast<std::size_t>(options.min_neighbours) ? 1 : 0;
      if (count == 0) continue;
      const std::span<const double> w = weights.empty() ? weights : weights.subspan(first, count);
      double total = 0.0;
      for (std::size_t k = 0; k < count; ++k)
        total += w.empty() ? 1.0 : w[k];
      if (!(total > 0.0)) { // all weights 0: as good as no neighbours
        result.flagged[i] = 1;
        continue;
      }
      const std::span<double> mine(q.data() + i * width, width);
      const auto part = [&](const std::vector<double>& v) { return std::span(v).subspan(first, count); };
      harmonics.add_up(part(neighbours.dx), part(neighbours.dy), part(neighbours.dz),
                       part(neighbours.distance), w, mine);
      for (double& c : mine)
        c /= total;
      store(i, mine, false);
    }
  });

  // Q_l of the sum of all shells but one: |S - q|^2 = |S|^2 - 2 S.q + |q|^2.
  const auto jackknife = [&](std::size_t i, std::span<const double> sum) {
    const double shells = static_cast<double>(neighbours.count(i) + 1);
    if (shells < 2.0) return;
    for (std::size_t d = 0; d < result.degrees.size(); ++d) {
      const int degree = result.degrees[d];
      const std::size_t first = harmonics.offset(d);
      const std::size_t size = static_cast<std::size_t>(2 * degree + 1);
      const auto of_degree = [&](const double* all) { return std::span(all + first, size); };
      const auto product = [](std::span<const double> a, std::span<const double> c) {
        return std::inner_product(a.begin(), a.end(), c.begin(), 0.0);
      };
      const std::span<const double> whole = of_degree(sum.data());
      const double squared = product(whole, whole);
      double first_moment = 0.0;
      double second_moment = 0.0;
      const auto leave_out = [&](std::size_t j) {
        const std::span<const double> one = of_degree(q.data() + j * width);
        const double rest = std::max(0.0, squared - 2.0 * product(whole, one) + product(one, one));
        const double value = std::sqrt(4.0 * core::pi / (2.0 * degree + 1.0) * rest) / (shells - 1.0);
        const double change = value - result.averaged[d][i]; // small: no digits are lost in the squares
        first_moment += change;
        second_moment += change * change;
      };
      leave_out(i);
      for (const std::uint32_t j : neighbours.of(i))
        leave_out(j);
      result.averaged_sd[d][i] = std::sqrt(
          std::max(0.0, (shells - 1.0) / shells * (second_moment - first_moment * first_moment / shells)));
    }
  };

  core::parallel_for(blocks, threads, [&](std::size_t b, int) {
    std::vector<double> mean(width);
    std::vector<double> sum;
    for (std::size_t i = b * atoms_per_block; i < std::min(n, (b + 1) * atoms_per_block); ++i) {
      std::copy_n(q.begin() + static_cast<std::ptrdiff_t>(i * width), width, mean.begin());
      for (std::size_t e = neighbours.first[i]; e < neighbours.first[i + 1]; ++e) {
        const double* other = q.data() + neighbours.index[e] * width;
        for (std::size_t c = 0; c < width; ++c)
          mean[c] += other[c];
      }
      if (options.errors) sum = mean;
      const double count = static_cast<double>(neighbours.count(i) + 1);
      for (double& c : mean)
        c /= count;
      store(i, mean, true);
      if (options.errors) jackknife(i, sum);
      if (keep_six)
        std::copy_n(mean.begin() + static_cast<std::ptrdiff_t>(six_at), six_size,
                    result.averaged_six.begin() + static_cast<std::ptrdiff_t>(i * six_size));
    }
  });
  return result;
}

std::vector<double> crystalline_order(std::span<const double> q4, std::span<const double> q6) {
  const double fcc = std::sqrt(fcc_q4 * fcc_q4 + fcc_q6 * fcc_q6);
  std::vector<double> alpha(q4.size());
  for (std::size_t i = 0; i < q4.size(); ++i)
    alpha[i] = std::sqrt(q4[i] * q4[i] + q6[i] * q6[i]) / fcc;
  return alpha;
}

CrystallineOrder bounded_crystalline_order(const BondOrder& order) {
  const std::size_t four = order.at(4);
  const std::size_t six = order.at(6);
  CrystallineOrder result;
  result.alpha = crystalline_order(order.averaged[four], order.averaged[six]);
  if (!order.averaged_sd.empty()) result.sd.resize(result.alpha.size(), 0.0);
  for (std::size_t i = 0; i < result.sd.size(); ++i) {
    if (result.alpha[i] == 0.0) continue;
    const double of_four = order.averaged[four][i] * order.averaged_sd[four][i];
    const double of_six = order.averaged[six][i] * order.averaged_sd[six][i];
    result.sd[i] = std::hypot(of_four, of_six) / ((fcc_q4 * fcc_q4 + fcc_q6 * fcc_q6) * result.alpha[i]);
  }
  for (double& a : result.alpha)
    a = std::min(a, 1.0);
  return result;
}

} // namespace aet::analysis
