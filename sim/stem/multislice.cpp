#include "sim/stem/multislice.hpp"

#include "sim/core/error.hpp"
#include "sim/core/parallel.hpp"
#include "sim/core/units.hpp"
#include "sim/stem/fourier.hpp"
#include "sim/stem/projected_potential.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

namespace aet::stem {

FresnelPropagator::FresnelPropagator(int n, double side, double wavelength, double distance,
                                     double band_limit)
    : n_(n), phase_(static_cast<std::size_t>(n)), row_half_width_(static_cast<std::size_t>(n)),
      scale_(static_cast<float>(1.0 / static_cast<double>(square(n)))) {
  for (int i = 0; i < n; ++i) {
    const double q = frequency(i, n, side);
    phase_[static_cast<std::size_t>(i)] = unit_phase(-core::pi * wavelength * distance * q * q);
    const double rest = band_limit * band_limit - q * q;
    row_half_width_[static_cast<std::size_t>(i)] =
        rest < 0.0 ? -1 : std::min(static_cast<int>(std::sqrt(rest) * side), (n - 1) / 2);
  }
}

void FresnelPropagator::apply(core::Complex* spectrum) const {
  const auto n = static_cast<std::size_t>(n_);
  for (std::size_t iy = 0; iy < n; ++iy) {
    core::Complex* row = spectrum + iy * n;
    const auto kept = static_cast<std::size_t>(row_half_width_[iy] + 1);
    if (kept == 0) {
      std::fill(row, row + n, core::Complex{});
      continue;
    }
    const core::Complex row_phase = scale_ * phase_[iy];
    for (std::size_t ix = 0; ix < kept; ++ix)
      row[ix] = product(row[ix], product(row_phase, phase_[ix]));
    std::fill(row + kept, row + (n - kept + 1), core::Complex{});
    for (std::size_t ix = n - kept + 1; ix < n; ++ix)
      row[ix] = product(row[ix], product(row_phase, phase_[ix]));
  }
}

ReferenceGrid reference_grid(double half_extent, const StemOptions& options) {
  const ReferenceOptions& o = options.reference;
  const double padding = std::max(o.padding_a, 0.5 * o.window_a);
  const double side = o.cell_a > 0.0 ? o.cell_a : 2.0 * (half_extent + padding);
  const double k_outer =
      options.detector.outer_mrad * 1e-3 / core::electron_wavelength(options.probe.energy_kv);
  const double window = o.window_a > 0.0 ? std::min(o.window_a, side) : side;
  // One Fourier pixel of the window beyond the edge, for its soft weight.
  const double needed = 1.0 / (3.0 * (k_outer + 1.0 / window));
  // At the pixel that is just enough, electrons that leave the annulus outwards and come back are lost: 0.4 %
  // of the signal of a 16 A platinum particle; at 0.7 of it, 0.01 %.
  const double pixel_max =
      std::min(o.pixel_a > 0.0 ? o.pixel_a : 0.7 * sampling_needed(options.probe, options.detector), needed);
  ReferenceGrid grid;
  grid.n_cell = core::good_fft_size(static_cast<int>(std::ceil(side / pixel_max)));
  grid.pixel = side / grid.n_cell;
  grid.n_window =
      o.window_a > 0.0
          ? std::min(grid.n_cell, core::good_fft_size(static_cast<int>(std::ceil(o.window_a / grid.pixel))))
          : grid.n_cell;
  return grid;
}

ReferenceImager::ReferenceImager(const SlicedSpecimen& specimen, const Scan& scan, const StemOptions& options,
                                 core::Threads threads) {
  double half_extent = 0.5 * scan.n * scan.pixel_a;
  const double cell = options.reference.cell_a;
  for (const auto& slice : specimen.slices) {
    for (const auto& atom : slice)
      half_extent = std::max({half_extent, std::abs(atom.x), std::abs(atom.y)});
  }
  if (cell > 0.0 && half_extent > 0.5 * cell + 1e-9) {
    throw core::ConfigError(
        fmt::format("reference.cell_a = {} A is too small: atoms and probes reach {:.2f} A from "
                    "the axis, so at least {:.2f} A is needed",
                    cell, half_extent, 2.0 * half_extent));
  }
  const ReferenceGrid grid = reference_grid(half_extent, options);
  n_cell_ = grid.n_cell;
  n_ = grid.n_window;
  pixel_ = grid.pixel;
  windowed_ = n_ < n_cell_;
  band_limit_ = 1.0 / (3.0 * pixel_);
  norm_ = options.reference.norm;
  build_transmissions(specimen, options, threads);

  const double side = n_ * pixel_;
  const double wavelength = core::electron_wavelength(options.probe.energy_kv);
  for (std::size_t i = 0; i + 1 < depths_.size(); ++i) {
    propagators_.emplace_back(n_, side, wavelength, depths_[i + 1] - depths_[i], band_limit_);
  }
  fft_.emplace(n_, n_);
  wave_.emplace(options.probe, 1.0 / side);
  const Annulus annulus(options.probe, options.detector, 1.0 / side);
  detector_weight_.resize(square(n_));
  inside_weight_.resize(square(n_));
  rings_ = pattern_bins(options);
  const auto part_of_aperture = [&](double inner_mrad, double outer_mrad) {
    const auto disc = [&](double edge) {
      return std::min(1.0, std::pow(edge / options.probe.convergence_mrad, 2));
    };
    return disc(outer_mrad) - disc(inner_mrad);
  };
  for (const auto& range : options.further.ranges)
    undisturbed_part_.push_back(part_of_aperture(range.inner_mrad, range.outer_mrad) / range.segments);
  for (int r = 0; r < rings_; ++r) {
    const double width = options.further.pattern_bin_mrad;
    undisturbed_part_.push_back(part_of_aperture(r * width, (r + 1) * width));
  }
  if (rings_ > 0) ring_.assign(square(n_), -1);
  range_weights_.assign(options.further.ranges.size(), std::vector<float>(square(n_)));
  for (int iy = 0; iy < n_; ++iy) {
    for (int ix = 0; ix < n_; ++ix) {
      const double qx = frequency(ix, n_, side);
      const double qy = frequency(iy, n_, side);
      const double q = std::hypot(qx, qy);
      detector_weight_[static_cast<std::size_t>(iy * n_ + ix)] =
          static_cast<float>(q <= band_limit_ ? annulus.weight(q) : 0.0);
      inside_weight_[static_cast<std::size_t>(iy * n_ + ix)] = static_cast<float>(annulus.inside_inner(q));
      if (q > band_limit_) continue;
      const auto i = static_cast<std::size_t>(iy * n_ + ix);
      for (std::size_t r = 0; r < range_weights_.size(); ++r)
        range_weights_[r][i] = static_cast<float>(annulus.weight(qx, qy, options.further.ranges[r]));
      if (rings_ > 0) {
        const auto ring = static_cast<int>(1e3 * wavelength * q / options.further.pattern_bin_mrad);
        if (ring < rings_) ring_[i] = ring;
      }
    }
  }
}

void ReferenceImager::build_transmissions(const SlicedSpecimen& specimen, const StemOptions& options,
                                          core::Threads threads) {
  std::vector<std::size_t> filled;
  for (std::size_t s = 0; s < specimen.slices.size(); ++s) {
    if (!specimen.slices[s].empty()) filled.push_back(s);
  }
  for (const std::size_t s : filled)
    depths_.push_back(specimen.plane_z(s) - specimen.focus_z);
  transmissions_.resize(filled.size());
  const auto each = [&](const auto& build) {
    core::parallel_for(filled.size(), threads,
                       [&](std::size_t i, int) { transmissions_[i] = build(specimen.slices[filled[i]]); });
  };

  const core::Fft2 fft_cell(n_cell_, n_cell_);
  const double side = n_cell_ * pixel_;
  const int reach = static_cast<int>(band_limit_ * side);
  // The spectrum of t inside the band limit, from a grid of n samples to the cell's.
  const auto band_limited = [&](const core::AlignedVector<core::Complex>& spectrum, int n) {
    core::AlignedVector<core::Complex> t(square(n_cell_));
    const auto scale = static_cast<float>(1.0 / static_cast<double>(square(n)));
    for (int ky = -reach; ky <= reach; ++ky) {
      for (int kx = -reach; kx <= reach; ++kx) {
        if (std::hypot(kx, ky) > band_limit_ * side) continue;
        t[static_cast<std::size_t>(fourier_index(ky, n_cell_) * n_cell_ + fourier_index(kx, n_cell_))] =
            scale * spectrum[static_cast<std::size_t>(fourier_index(ky, n)) * static_cast<std::size_t>(n) +
                             static_cast<std::size_t>(fourier_index(kx, n))];
      }
    }
    fft_cell.backward(t.data());
    return t;
  };

  const auto elements = elements_of(specimen);
  if (options.reference.oversampling == 0) {
    std::map<int, AtomTemplate> templates;
    for (const int z : elements)
      templates.emplace(z, make_atom_template(element_scattering(z, pixel_, options), 0.0, pixel_, options));
    each([&](const std::vector<ProjectedAtom>& atoms) {
      core::AlignedVector<core::Complex> t(square(n_cell_), core::Complex(1.0F));
      multiply_atoms(atoms, templates, t);
      fft_cell.forward(t.data());
      return band_limited(t, n_cell_);
    });
    return;
  }
  const int fine = n_cell_ * options.reference.oversampling;
  const PotentialTransforms transforms(options.factors, elements, fine, side, options.reference.potential);
  const core::Fft2 fft_fine(fine, fine);
  const double sigma = core::interaction_constant(options.probe.energy_kv);
  each([&](const std::vector<ProjectedAtom>& atoms) {
    auto field = projected_potential(atoms, transforms, fft_fine);
    for (auto& value : field)
      value = unit_phase(sigma * static_cast<double>(value.real()));
    fft_fine.forward(field.data());
    return band_limited(field, fine);
  });
}

void ReferenceImager::multiply_atoms(const std::vector<ProjectedAtom>& atoms,
                                     const std::map<int, AtomTemplate>& templates,
                                     core::AlignedVector<core::Complex>& t) const {
  const int patch = templates.begin()->second.patch;
  const core::Fft2 fft(patch, patch);
  core::AlignedVector<core::Complex> values(square(patch));
  const auto wrap = [this](int i) { return (i % n_cell_ + n_cell_) % n_cell_; };
  for (const auto& atom : atoms) {
    const int x = static_cast<int>(std::lround(atom.x / pixel_));
    const int y = static_cast<int>(std::lround(atom.y / pixel_));
    place_template(templates.at(atom.z).scatter, atom.x / pixel_ - x, atom.y / pixel_ - y, fft, values);
    for (int iy = 0; iy < patch; ++iy) {
      const int row = wrap(y + n_cell_ / 2 - patch / 2 + iy) * n_cell_;
      for (int ix = 0; ix < patch; ++ix) {
        auto& value = t[static_cast<std::size_t>(row + wrap(x + n_cell_ / 2 - patch / 2 + ix))];
        value = product(value, core::Complex(1.0F) + values[static_cast<std::size_t>(iy * patch + ix)]);
      }
    }
  }
}

ReferenceImager::Workspace ReferenceImager::workspace() const {
  return {core::AlignedVector<core::Complex>(square(n_))};
}

ReferenceImager::Result ReferenceImager::probe(double x, double y, Workspace& workspace) const {
  core::Complex* wave = workspace.wave.data();
  const auto n = static_cast<std::size_t>(n_);
  const double side = n_ * pixel_;
  // Window: first sample of the cell it covers, and the probe's place in it.
  int first_x = 0;
  int first_y = 0;
  double in_x = x + 0.5 * side;
  double in_y = y + 0.5 * side;
  if (windowed_) {
    first_x = static_cast<int>(std::lround(x / pixel_)) + n_cell_ / 2 - n_ / 2;
    first_y = static_cast<int>(std::lround(y / pixel_)) + n_cell_ / 2 - n_ / 2;
    in_x = x + (n_cell_ / 2 - first_x) * pixel_;
    in_y = y + (n_cell_ / 2 - first_y) * pixel_;
  }

  std::fill(workspace.wave.begin(), workspace.wave.end(), core::Complex{});
  const int reach = std::min(static_cast<int>(wave_->q_max() * side) + 1, n_ / 2 - 1);
  double held = 0.0; // electrons in the cell, and in the whole probe
  double area = 0.0;
  for (int ky = -reach; ky <= reach; ++ky) {
    for (int kx = -reach; kx <= reach; ++kx) {
      const auto amplitude = (*wave_)(kx / side, ky / side, depths_.front()) *
                             std::polar(1.0, -2.0 * core::pi * (kx * in_x + ky * in_y) / side);
      held += std::norm(amplitude);
      area += std::abs(amplitude);
      wave[static_cast<std::size_t>(fourier_index(ky, n_)) * n +
           static_cast<std::size_t>(fourier_index(kx, n_))] =
          core::Complex(static_cast<float>(amplitude.real()), static_cast<float>(amplitude.imag()));
    }
  }
  fft_->backward(wave);

  Result result;
  for (std::size_t s = 0; s < transmissions_.size(); ++s) {
    const core::Complex* t = transmissions_[s].data();
    const auto wrap = [this](int i) { return (i % n_cell_ + n_cell_) % n_cell_; };
    for (int iy = 0; iy < n_; ++iy) {
      const core::Complex* t_row =
          t + static_cast<std::size_t>(wrap(first_y + iy)) * static_cast<std::size_t>(n_cell_);
      core::Complex* row = wave + static_cast<std::size_t>(iy) * n;
      int from = wrap(first_x);
      for (std::size_t ix = 0; ix < n; ++ix) {
        row[ix] = product(row[ix], t_row[from]);
        if (++from == n_cell_) from = 0;
      }
    }
    fft_->forward(wave);
    if (s < propagators_.size()) {
      propagators_[s].apply(wave);
      fft_->backward(wave);
    }
  }

  double total = 0.0;
  double annulus = 0.0;
  double inside = 0.0;
  for (int iy = 0; iy < n_; ++iy) {
    const double qy = frequency(iy, n_, side);
    for (int ix = 0; ix < n_; ++ix) {
      const double qx = frequency(ix, n_, side);
      if (qx * qx + qy * qy > band_limit_ * band_limit_) continue;
      const std::size_t i = static_cast<std::size_t>(iy) * n + static_cast<std::size_t>(ix);
      const auto p = static_cast<double>(power(wave[i]));
      total += p;
      annulus += p * static_cast<double>(detector_weight_[i]);
      inside += p * static_cast<double>(inside_weight_[i]);
    }
  }
  result.further.assign(range_weights_.size() + static_cast<std::size_t>(rings_), 0.0);
  for (std::size_t r = 0; r < range_weights_.size(); ++r) {
    for (std::size_t i = 0; i < workspace.wave.size(); ++i)
      result.further[r] += static_cast<double>(power(wave[i]) * range_weights_[r][i]);
  }
  for (std::size_t i = 0; i < ring_.size(); ++i) {
    if (ring_[i] >= 0)
      result.further[range_weights_.size() + static_cast<std::size_t>(ring_[i])] +=
          static_cast<double>(power(wave[i]));
  }
  const double norm = norm_ == ProbeNorm::aperture ? area : held;
  // Tails outside the cell meet no atom: they stay in the aperture.
  const double tails = 1.0 - held / norm;
  const double scale = 1.0 / (norm * static_cast<double>(square(n_)) * static_cast<double>(square(n_)));
  result.total = total * scale + tails;
  result.annulus = annulus * scale;
  result.inside = inside * scale + tails;
  for (std::size_t s = 0; s < result.further.size(); ++s)
    result.further[s] = result.further[s] * scale + tails * undisturbed_part_[s];
  return result;
}

} // namespace aet::stem
