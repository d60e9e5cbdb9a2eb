#include "recon/volume/quadratic.hpp"

#include "sim/core/units.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

namespace aet::recon {

namespace {

using core::Complex;

std::size_t cube(int n) {
  const auto s = static_cast<std::size_t>(n);
  return s * s * s;
}

/// exp(-2 pi i k shift / size) for wrapped k.
std::vector<Complex> phases(int size, int shift) {
  std::vector<Complex> out(static_cast<std::size_t>(size));
  for (int k = 0; k < size; ++k) {
    const int turn = static_cast<int>(static_cast<long>(k) * shift % size);
    const double angle = -2.0 * core::pi * turn / size;
    out[static_cast<std::size_t>(k)] = {static_cast<float>(std::cos(angle)),
                                        static_cast<float>(std::sin(angle))};
  }
  return out;
}

/// Calls f(index, value, phase) for the points of one slab within the cutoff.
class SlabReader {
public:
  SlabReader(const GriddedSpectrum& spectrum, double cutoff, int shift)
      : size_(spectrum.size), half_(static_cast<std::uint32_t>(spectrum.size / 2 + 1)), cutoff_(cutoff),
        phase_(phases(spectrum.size, shift)) {}

  template <class F> void each(const std::vector<GridPoint>& points, int ky, const F& f) const {
    for (const GridPoint& p : points) {
      const std::uint32_t kz = p.index / half_;
      const std::uint32_t kx = p.index % half_;
      const double y = wrapped(ky);
      const double z = wrapped(static_cast<int>(kz));
      if (static_cast<double>(kx) * kx + y * y + z * z > cutoff_ * cutoff_) continue;
      f(p.index, p.value, kx, phase_[static_cast<std::size_t>(ky)] * phase_[kz] * phase_[kx]);
    }
  }

private:
  [[nodiscard]] double wrapped(int k) const { return k < size_ / 2 ? k : k - size_; }
  int size_;
  std::uint32_t half_;
  double cutoff_;
  std::vector<Complex> phase_;
};

/// Mates with kx < 0 are not stored.
constexpr double copies(std::uint32_t kx) {
  return kx > 0 ? 2.0 : 1.0;
}

double energy(const GriddedSpectrum& spectrum, const std::vector<std::vector<GridPoint>>& slabs,
              double cutoff, core::Threads threads) {
  const SlabReader reader(spectrum, cutoff, 0);
  std::vector<double> partial(slabs.size(), 0.0);
  core::parallel_for(slabs.size(), threads, [&](std::size_t ky, int /*worker*/) {
    reader.each(slabs[ky], static_cast<int>(ky),
                [&](std::uint32_t, Complex value, std::uint32_t kx, Complex) {
                  partial[ky] += copies(kx) * static_cast<double>(std::norm(value));
                });
  });
  double sum = 0.0;
  for (const double p : partial)
    sum += p;
  return sum / static_cast<double>(cube(spectrum.size)); // so that A = M F / N^(3/2) has unit norm
}

/// A^T b in the box, whose voxel n/2 is the rotation centre.
core::AlignedVector<float> target_of(const GriddedSpectrum& spectrum,
                                     const std::vector<std::vector<GridPoint>>& slabs, double cutoff,
                                     core::Threads threads) {
  const SlabReader reader(spectrum, cutoff, spectrum.box / 2);
  core::AlignedVector<float> target(cube(spectrum.box));
  PrunedTransform transform(spectrum.size, spectrum.box);
  transform.backward(
      [&](int ky, Complex* slab, int /*worker*/) {
        reader.each(
            slabs[static_cast<std::size_t>(ky)], ky,
            [&](std::uint32_t i, Complex value, std::uint32_t, Complex phase) { slab[i] = value * phase; });
      },
      target.data(), 1.0F / static_cast<float>(cube(spectrum.size)), threads);
  return target;
}

/// Transfer function of the pattern of measured points.
Transfer transfer_of(const GriddedSpectrum& spectrum, const std::vector<std::vector<GridPoint>>& slabs,
                     double cutoff, int embed, core::Threads threads) {
  if (embed == spectrum.size) { // the pattern is its own transfer function
    const SlabReader reader(spectrum, cutoff, 0);
    const std::size_t slab = static_cast<std::size_t>(embed) * static_cast<std::size_t>(embed / 2 + 1);
    Transfer transfer(slab * static_cast<std::size_t>(embed));
    for (std::size_t ky = 0; ky < slabs.size(); ++ky) {
      reader.each(slabs[ky], static_cast<int>(ky),
                  [&](std::uint32_t i, Complex, std::uint32_t, Complex) { transfer[ky * slab + i] = 1.0F; });
    }
    return transfer;
  }
  const SlabReader reader(spectrum, cutoff, spectrum.box);
  core::AlignedVector<float> kernel(cube(2 * spectrum.box));
  {
    PrunedTransform transform(spectrum.size, 2 * spectrum.box);
    transform.backward(
        [&](int ky, Complex* slab, int /*worker*/) {
          reader.each(slabs[static_cast<std::size_t>(ky)], ky,
                      [&](std::uint32_t i, Complex, std::uint32_t, Complex phase) { slab[i] = phase; });
        },
        kernel.data(), 1.0F / static_cast<float>(cube(spectrum.size)), threads);
  }
  return transfer_of_kernel(kernel, spectrum.box, embed, threads);
}

Misfit misfit_of(const GriddedSpectrum& spectrum, const std::vector<std::vector<GridPoint>>& slabs,
                 double cutoff, int embed, core::Threads threads) {
  return {transfer_of(spectrum, slabs, cutoff, embed, threads), target_of(spectrum, slabs, cutoff, threads),
          energy(spectrum, slabs, cutoff, threads)};
}

bool any(const std::vector<std::vector<GridPoint>>& slabs) {
  return std::any_of(slabs.begin(), slabs.end(), [](const auto& s) { return !s.empty(); });
}

double ratio(double square, const Misfit& misfit) {
  const double whole = misfit.reference > 0.0 ? misfit.reference : misfit.data_energy;
  // The three terms of the square are rounded in single precision: it may end a hair below zero.
  return whole > 0.0 ? std::sqrt(std::max(0.0, square) / whole) : 0.0;
}

} // namespace

int embedding_size(int box, int grid) {
  return std::min(grid, core::good_fft_size(2 * box));
}

Transfer transfer_of_kernel(const core::AlignedVector<float>& kernel, int box, int embed,
                            core::Threads threads) {
  const int edge = 2 * box;
  core::AlignedVector<float> wrapped(cube(embed));
  const auto place = [&](int d) { return static_cast<std::size_t>((d - box + embed) % embed); };
  // Offset -n is never needed between voxels of one box; leaving it out keeps the kernel even.
  for (int z = 1; z < edge; ++z) {
    for (int y = 1; y < edge; ++y) {
      const float* from = kernel.data() + (static_cast<std::size_t>(z) * static_cast<std::size_t>(edge) +
                                           static_cast<std::size_t>(y)) *
                                              static_cast<std::size_t>(edge);
      float* to = wrapped.data() +
                  (place(z) * static_cast<std::size_t>(embed) + place(y)) * static_cast<std::size_t>(embed);
      for (int x = 1; x < edge; ++x)
        to[place(x)] = from[x];
    }
  }
  PrunedTransform transform(embed, embed);
  const std::size_t slab = static_cast<std::size_t>(embed) * static_cast<std::size_t>(transform.half());
  Transfer transfer(slab * static_cast<std::size_t>(embed));
  transform.forward(
      wrapped.data(),
      [&](int ky, const Complex* values, int /*worker*/) {
        float* to = transfer.data() + static_cast<std::size_t>(ky) * slab;
        for (std::size_t i = 0; i < slab; ++i)
          to[i] = values[i].real();
      },
      threads);
  return transfer;
}

double largest(const Transfer& transfer) {
  return transfer.empty() ? 0.0 : static_cast<double>(*std::max_element(transfer.begin(), transfer.end()));
}

Problem gridded_problem(const GriddedSpectrum& spectrum, core::Threads threads) {
  constexpr double no_cutoff = std::numeric_limits<double>::infinity();
  Problem problem;
  problem.box = spectrum.box;
  problem.embed = embedding_size(spectrum.box, spectrum.size);
  problem.fitted = misfit_of(spectrum, spectrum.enforced, no_cutoff, problem.embed, threads);
  if (any(spectrum.withheld)) {
    problem.withheld = misfit_of(spectrum, spectrum.withheld, no_cutoff, problem.embed, threads);
  }
  return problem;
}

void refit_within(Problem& problem, const GriddedSpectrum& spectrum, double cutoff, core::Threads threads) {
  problem.fitted = misfit_of(spectrum, spectrum.enforced, cutoff, problem.embed, threads);
}

double dot(const float* a, const float* b, int box, core::Threads threads) {
  const std::size_t plane = static_cast<std::size_t>(box) * static_cast<std::size_t>(box);
  std::vector<double> partial(static_cast<std::size_t>(box), 0.0);
  core::parallel_for(partial.size(), threads, [&](std::size_t z, int /*worker*/) {
    double sum = 0.0;
    for (std::size_t i = z * plane; i < (z + 1) * plane; ++i)
      sum += static_cast<double>(a[i]) * static_cast<double>(b[i]);
    partial[z] = sum;
  });
  double sum = 0.0;
  for (const double p : partial)
    sum += p;
  return sum;
}

NormalOperator::NormalOperator(const Problem& problem) : transform_(problem.embed, problem.box) {}

Evaluation NormalOperator::apply(const Problem& problem, const float* u, float* product,
                                 core::Threads threads) {
  const std::size_t half = static_cast<std::size_t>(transform_.half());
  const std::size_t slab = static_cast<std::size_t>(problem.embed) * half;
  const double scale = 1.0 / static_cast<double>(cube(problem.embed));
  std::vector<double> withheld(static_cast<std::size_t>(problem.embed),
                               0.0); // <u, A^T A u> of the withheld data
  const auto weigh = [&](std::size_t ky, const Complex* values) {
    const float* h = problem.withheld->transfer.data() + ky * slab;
    double sum = 0.0;
    for (std::size_t row = 0; row < slab; row += half) {
      double all = 0.0;
      for (std::size_t i = row; i < row + half; ++i)
        all += static_cast<double>(h[i] * std::norm(values[i]));
      // kx = 0 and kx = L/2 are their own mates, all others stand for two.
      const std::size_t last = row + half - 1;
      sum += 2.0 * all - static_cast<double>(h[row] * std::norm(values[row])) -
             static_cast<double>(h[last] * std::norm(values[last]));
    }
    withheld[ky] = sum;
  };
  transform_.filter(
      u,
      [&](int ky, Complex* values, int /*worker*/) {
        const auto index = static_cast<std::size_t>(ky);
        if (problem.withheld) weigh(index, values);
        const float* h = problem.fitted.transfer.data() + index * slab;
        for (std::size_t i = 0; i < slab; ++i)
          values[i] *= h[i];
      },
      product, static_cast<float>(scale), threads);
  Evaluation out;
  const double fitted = dot(u, product, problem.box, threads) -
                        2.0 * dot(u, problem.fitted.target.data(), problem.box, threads) +
                        problem.fitted.data_energy;
  out.fitted = ratio(fitted, problem.fitted);
  if (problem.withheld) {
    double sum = 0.0;
    for (const double w : withheld)
      sum += w;
    out.withheld = ratio(sum * scale - 2.0 * dot(u, problem.withheld->target.data(), problem.box, threads) +
                             problem.withheld->data_energy,
                         *problem.withheld);
  }
  return out;
}

GridResiduals grid_residuals(const GriddedSpectrum& spectrum, const float* u, core::Threads threads) {
  const SlabReader reader(spectrum, std::numeric_limits<double>::infinity(), spectrum.box / 2);
  struct Sums {
    double difference = 0.0;
    double magnitude = 0.0;
    double data = 0.0;
  };
  const auto size = static_cast<std::size_t>(spectrum.size);
  std::vector<Sums> enforced(size);
  std::vector<Sums> withheld(size);
  PrunedTransform transform(spectrum.size, spectrum.box);
  transform.forward(
      u,
      [&](int ky, const Complex* slab, int /*worker*/) {
        const auto add = [&](const std::vector<GridPoint>& points, Sums& sums) {
          reader.each(points, ky, [&](std::uint32_t i, Complex value, std::uint32_t kx, Complex phase) {
            sums.difference += copies(kx) * static_cast<double>(std::abs(slab[i] - value * phase));
            sums.magnitude += copies(kx) * static_cast<double>(std::abs(std::abs(slab[i]) - std::abs(value)));
            sums.data += copies(kx) * static_cast<double>(std::abs(value));
          });
        };
        const auto index = static_cast<std::size_t>(ky);
        add(spectrum.enforced[index], enforced[index]);
        add(spectrum.withheld[index], withheld[index]);
      },
      threads);
  const auto total = [](const std::vector<Sums>& parts) {
    Sums sum;
    for (const Sums& p : parts) {
      sum.difference += p.difference;
      sum.magnitude += p.magnitude;
      sum.data += p.data;
    }
    return sum;
  };
  const Sums fitted = total(enforced);
  const Sums kept = total(withheld);
  const auto over = [](double part, double whole) { return whole > 0.0 ? part / whole : 0.0; };
  return {over(fitted.difference, fitted.data), over(kept.difference, kept.data),
          over(fitted.magnitude, fitted.data)};
}

} // namespace aet::recon
