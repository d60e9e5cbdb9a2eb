#include "sim/stem/projected_potential.hpp"

#include "sim/core/units.hpp"
#include "sim/stem/fourier.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>

namespace aet::stem {

namespace {

/// Quadrant of the transform of a real-space table, see PotentialSampling::pixel_averaged.
std::vector<float> pixel_averaged_transform(FactorTable table, int z, int n, double side) {
  constexpr double cut = 3.0; // [angstrom]
  constexpr int parts = 8;    // of a pixel, along either axis
  const double pixel = side / n;
  const int reach = static_cast<int>(std::ceil(cut / pixel));
  const auto mean = [&](int x, int y) {
    double sum = 0.0;
    for (int j = 0; j < parts; ++j) {
      for (int i = 0; i < parts; ++i) {
        const double dx = x + (i + 0.5) / parts - 0.5;
        const double dy = y + (j + 0.5) / parts - 0.5;
        sum += projected_potential_at(table, z, pixel * std::hypot(dx, dy));
      }
    }
    return sum / (parts * parts);
  };
  const double floor = mean(reach, 0);
  core::AlignedVector<core::Complex> values(square(n));
  for (int y = 0; y <= reach; ++y) {
    for (int x = 0; x <= reach; ++x) {
      const auto v = static_cast<float>(std::max(0.0, mean(x, y) - floor) * pixel * pixel);
      for (const int sy : {y, -y}) {
        for (const int sx : {x, -x})
          values[static_cast<std::size_t>(fourier_index(sy, n) * n + fourier_index(sx, n))] = v;
      }
    }
  }
  core::Fft2(n, n).forward(values.data());
  const int m = n / 2 + 1;
  std::vector<float> quadrant(square(m));
  for (int ky = 0; ky < m; ++ky) {
    for (int kx = 0; kx < m; ++kx)
      quadrant[static_cast<std::size_t>(ky * m + kx)] = values[static_cast<std::size_t>(ky * n + kx)].real();
  }
  return quadrant;
}

} // namespace

PotentialTransforms::PotentialTransforms(FactorTable table, const std::vector<int>& elements, int n,
                                         double side, PotentialSampling sampling)
    : n_(n), side_(side) {
  const int m = n / 2 + 1;
  for (const int z : elements) {
    if (sampling == PotentialSampling::pixel_averaged) {
      quadrants_.emplace(z, pixel_averaged_transform(table, z, n, side));
      continue;
    }
    std::vector<float> v(square(m));
    for (int ky = 0; ky < m; ++ky) {
      for (int kx = 0; kx <= ky; ++kx) {
        const auto value = static_cast<float>(potential_transform(table, z, std::hypot(kx, ky) / side));
        v[static_cast<std::size_t>(ky * m + kx)] = value;
        v[static_cast<std::size_t>(kx * m + ky)] = value;
      }
    }
    quadrants_.emplace(z, std::move(v));
  }
}

std::vector<int> elements_of(const SlicedSpecimen& specimen) {
  std::vector<int> elements;
  for (const auto& slice : specimen.slices) {
    for (const auto& atom : slice)
      elements.push_back(atom.z);
  }
  std::sort(elements.begin(), elements.end());
  elements.erase(std::unique(elements.begin(), elements.end()), elements.end());
  return elements;
}

core::AlignedVector<core::Complex> projected_potential(const std::vector<ProjectedAtom>& atoms,
                                                       const PotentialTransforms& transforms,
                                                       const core::Fft2& fft) {
  const int n = transforms.n();
  const double side = transforms.side();
  const auto width = static_cast<std::size_t>(n);
  core::AlignedVector<core::Complex> out(square(n));
  std::vector<int> elements;
  for (const auto& atom : atoms) {
    if (std::find(elements.begin(), elements.end(), atom.z) == elements.end()) elements.push_back(atom.z);
  }
  // Structure factor of one element at a time; real and imaginary parts apart so that the sums vectorise.
  for (const int z : elements) {
    std::vector<ProjectedAtom> same;
    std::copy_if(atoms.begin(), atoms.end(), std::back_inserter(same),
                 [z](const ProjectedAtom& a) { return a.z == z; });
    std::vector<float> phase_re(same.size() * width);
    std::vector<float> phase_im(same.size() * width);
    for (std::size_t a = 0; a < same.size(); ++a) {
      for (int ix = 0; ix < n; ++ix) {
        const auto phase = unit_phase(-2.0 * core::pi * frequency(ix, n, side) * (same[a].x + 0.5 * side));
        phase_re[a * width + static_cast<std::size_t>(ix)] = phase.real();
        phase_im[a * width + static_cast<std::size_t>(ix)] = phase.imag();
      }
    }
    const std::vector<float>& v = transforms.quadrant(z);
    std::vector<float> row_re(width);
    std::vector<float> row_im(width);
    for (int iy = 0; iy < n; ++iy) {
      std::fill(row_re.begin(), row_re.end(), 0.0F);
      std::fill(row_im.begin(), row_im.end(), 0.0F);
      for (std::size_t a = 0; a < same.size(); ++a) {
        const auto phase_y = unit_phase(-2.0 * core::pi * frequency(iy, n, side) * (same[a].y + 0.5 * side));
        const float c = phase_y.real();
        const float s = phase_y.imag();
        const float* re = &phase_re[a * width];
        const float* im = &phase_im[a * width];
        for (std::size_t ix = 0; ix < width; ++ix) {
          row_re[ix] += c * re[ix] - s * im[ix];
          row_im[ix] += c * im[ix] + s * re[ix];
        }
      }
      const int row = std::abs(signed_index(iy, n)) * (n / 2 + 1);
      core::Complex* target = &out[static_cast<std::size_t>(iy) * width];
      for (int ix = 0; ix < n; ++ix) {
        const float f = v[static_cast<std::size_t>(row + std::abs(signed_index(ix, n)))];
        const auto i = static_cast<std::size_t>(ix);
        target[i] += core::Complex(f * row_re[i], f * row_im[i]);
      }
    }
  }
  fft.backward(out.data());
  const auto scale = static_cast<float>(1.0 / (side * side));
  for (auto& value : out)
    value *= scale;
  return out;
}

} // namespace aet::stem
