#include "recon/volume/fourier_shell.hpp"

#include "sim/core/error.hpp"
#include "sim/core/fft.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace aet::recon {

namespace {

/// 1 / the frequency at which the curve first falls below a level or chance, between shells linearly.
std::optional<double> resolution(const ShellCorrelation& curve, double level) {
  constexpr double beyond_chance =
      0.9; // the first shell holds 9 numbers, which never agree so well by chance
  const auto excess = [&](std::size_t i) {
    return curve.correlation[i] - std::max(level, std::min(beyond_chance, curve.chance[i]));
  };
  for (std::size_t i = 0; i < curve.correlation.size(); ++i) {
    if (excess(i) >= 0.0) continue;
    if (i == 0) return std::nullopt;
    const double part = excess(i - 1) / (excess(i - 1) - excess(i));
    return 1.0 / (curve.frequency[i - 1] + part * (curve.frequency[i] - curve.frequency[i - 1]));
  }
  return std::nullopt;
}

} // namespace

ShellCorrelation shell_correlation(const core::Volume& a, const core::Volume& b, core::Threads threads) {
  const int n = a.nx;
  const bool cubes = a.ny == n && a.nz == n && b.nx == n && b.ny == n && b.nz == n;
  if (!cubes || n < 4 || n % 2 != 0 || std::abs(a.voxel_size / b.voxel_size - 1.0) > 1e-3) {
    throw core::DataError(fmt::format("a shell correlation needs two cubes of one even edge and voxel size; "
                                      "they are {} x {} x {} ({} A) and {} x {} x {} ({} A).",
                                      a.nx, a.ny, a.nz, a.voxel_size, b.nx, b.ny, b.nz, b.voxel_size));
  }
  const core::RealFft3 fft(n, n, n);
  core::AlignedVector<core::Complex> fa(fft.spectrum_size());
  core::AlignedVector<core::Complex> fb(fft.spectrum_size());
  fft.forward(a.data.data(), fa.data(), threads);
  fft.forward(b.data.data(), fb.data(), threads);
  const auto shells = static_cast<std::size_t>(n / 2);
  struct Sums {
    double ab = 0.0;
    double aa = 0.0;
    double bb = 0.0;
    double numbers = 0.0;
  };
  std::vector<Sums> sums(shells + 1);
  std::size_t i = 0;
  for (int z = 0; z < n; ++z) {
    const double kz = z < n / 2 ? z : z - n;
    for (int y = 0; y < n; ++y) {
      const double ky = y < n / 2 ? y : y - n;
      for (int x = 0; x <= n / 2; ++x, ++i) {
        const auto shell = static_cast<std::size_t>(std::lround(std::sqrt(x * x + ky * ky + kz * kz)));
        if (shell > shells) continue;
        const double copies = x > 0 && x < n / 2 ? 2.0 : 1.0;
        sums[shell].ab += copies * static_cast<double>((fa[i] * std::conj(fb[i])).real());
        sums[shell].aa += copies * static_cast<double>(std::norm(fa[i]));
        sums[shell].numbers += 0.5 * copies; // mates are one
        sums[shell].bb += copies * static_cast<double>(std::norm(fb[i]));
      }
    }
  }
  ShellCorrelation out;
  for (std::size_t s = 1; s <= shells; ++s) {
    const double norm = std::sqrt(sums[s].aa * sums[s].bb);
    out.frequency.push_back(static_cast<double>(s) / (n * a.voxel_size));
    constexpr double deviations = 3.0;
    out.chance.push_back(deviations / std::sqrt(sums[s].numbers));
    out.correlation.push_back(norm > 0.0 ? sums[s].ab / norm : 0.0);
  }
  out.resolution_05_a = resolution(out, 0.5);
  out.resolution_0143_a = resolution(out, 0.143);
  return out;
}

std::pair<core::TiltSeries, core::TiltSeries> halves(const core::TiltSeries& series) {
  constexpr std::size_t fewest = 6;
  if (series.size() < fewest) {
    throw core::DataError(
        fmt::format("half-set correlation needs at least {} images, three a half; there are "
                    "{}.",
                    fewest, series.size()));
  }
  std::vector<std::size_t> even;
  std::vector<std::size_t> odd;
  for (std::size_t j = 0; j < series.size(); ++j)
    (j % 2 == 0 ? even : odd).push_back(j);
  return {part_of(series, even), part_of(series, odd)};
}

ShellCorrelation half_set_correlation(const core::TiltSeries& series,
                                      const std::function<core::Volume(const core::TiltSeries&)>& reconstruct,
                                      core::Threads threads) {
  const auto [even, odd] = halves(series);
  const core::Volume first = reconstruct(even);
  return shell_correlation(first, reconstruct(odd), threads);
}

} // namespace aet::recon
