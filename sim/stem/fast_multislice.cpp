#include "sim/stem/fast_multislice.hpp"

#include "sim/core/error.hpp"
#include "sim/core/units.hpp"
#include "sim/stem/fourier.hpp"
#include "sim/stem/mode_overlaps.hpp"
#include "sim/stem/projected_potential.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <tuple>

namespace aet::stem {

namespace {

constexpr int window_multiple = 16;
/// The window may be smaller than wanted by this part: less than what the next multiple would cost.
constexpr double window_tolerance = 0.025;
/// Side of the periodic cell from which the incident wave is cut [angstrom].
constexpr double probe_cell = 48.0;
/// Errors allowed to one propagation step: amplitudes that are counted, and the rest of the band.
constexpr double signal_tolerance = 1e-5;
constexpr double band_tolerance = 0.1;
/// Part of the Nyquist frequency up to which propagation is followed.
constexpr double band_fraction = 0.75;

/// Atoms farther from the probe's axis see a wave so weak and smooth that its intensity at the atom will do
/// for what leaves beyond the detector [angstrom].
constexpr double escape_reach = 1.5;

/// The last slice: wave <- transmission x wave.
void transmit(const TransmissionView& t, SplitWave& wave) {
  const auto width = static_cast<std::size_t>(wave.n);
  for (std::size_t y = 0; y < width; ++y) {
    float* re = wave.re.data() + y * width;
    float* im = wave.im.data() + y * width;
    const float* t_re = t.re + y * t.stride;
    const float* t_im = t.im + y * t.stride;
    for (std::size_t x = 0; x < width; ++x) {
      const float a = re[x] * t_re[x] - im[x] * t_im[x];
      im[x] = re[x] * t_im[x] + im[x] * t_re[x];
      re[x] = a;
    }
  }
}

void add(const WavePatch& patch, SplitWave& wave) {
  const auto side = static_cast<std::size_t>(patch.side);
  for (std::size_t y = 0; y < side; ++y) {
    const std::size_t first =
        area(wave.n, patch.y0 + static_cast<int>(y)) + static_cast<std::size_t>(patch.x0);
    for (std::size_t x = 0; x < side; ++x) {
      wave.re[first + x] += patch.re[y * side + x];
      wave.im[first + x] += patch.im[y * side + x];
    }
  }
}

} // namespace

FastGrid fast_grid(const Scan& scan, const FastOptions& options) {
  FastGrid grid;
  grid.pixels_a_step = std::max(1, static_cast<int>(std::ceil(scan.pixel_a / options.pixel_a - 1e-9)));
  grid.pixel = scan.pixel_a / grid.pixels_a_step;
  const double least = (1.0 - window_tolerance) * options.window_a;
  const auto blocks = static_cast<int>(std::ceil(least / (grid.pixel * window_multiple) - 1e-9));
  grid.window = window_multiple * blocks;
  return grid;
}

FresnelSteps slice_propagation(const FastGrid& grid, double thickness, const StemOptions& options) {
  const double wavelength = core::electron_wavelength(options.probe.energy_kv);
  const std::vector<double> edges = counted_edges(options);
  const double largest = *std::max_element(edges.begin(), edges.end());
  const double signal = largest * 1e-3 / wavelength + 1.0 / (grid.window * grid.pixel);
  const double band = band_fraction * 0.5 / grid.pixel;
  if (1.3 * signal > band) {
    throw core::ConfigError(fmt::format(
        "fast.pixel_a = {:.4f} A does not carry {} = {}: use at most {:.4f} A{}", grid.pixel,
        largest == options.detector.inner_mrad ? "detector_inner_mrad" : "a further detector's edge [mrad]",
        largest, std::floor(1e4 * band_fraction * 0.5 / (1.3 * signal)) * 1e-4,
        largest == options.detector.inner_mrad ? "" : ", or method = multislice"));
  }
  return cheapest_fresnel_steps({grid.pixel, wavelength, thickness, signal, band}, signal_tolerance,
                                band_tolerance);
}

std::vector<ProbeKind> classify_probes(const SlicedSpecimen& specimen, const Scan& scan,
                                       const FastOptions& options) {
  std::vector<ProbeKind> kinds(area(scan.n, scan.n), ProbeKind::vacuum);
  const double reach = 0.5 * options.window_a;
  const auto first = [&](double r) {
    return std::max(0, static_cast<int>(std::ceil(r / scan.pixel_a)) + scan.n / 2);
  };
  const auto last = [&](double r) {
    return std::min(scan.n - 1, static_cast<int>(std::floor(r / scan.pixel_a)) + scan.n / 2);
  };
  for (const auto& slice : specimen.slices) {
    for (const auto& atom : slice) {
      for (int iy = first(atom.y - reach); iy <= last(atom.y + reach); ++iy) {
        for (int ix = first(atom.x - reach); ix <= last(atom.x + reach); ++ix) {
          const double dx = (ix - scan.n / 2) * scan.pixel_a - atom.x;
          const double dy = (iy - scan.n / 2) * scan.pixel_a - atom.y;
          const auto kind =
              std::hypot(dx, dy) <= options.near_a ? ProbeKind::multislice : ProbeKind::single_scattering;
          auto& entry = kinds[static_cast<std::size_t>(iy * scan.n + ix)];
          entry = std::max(entry, kind);
        }
      }
    }
  }
  return kinds;
}

FastImager::FastImager(const SlicedSpecimen& specimen, const Scan& scan, const StemOptions& options,
                       core::Threads threads)
    : scan_n_(scan.n), grid_(fast_grid(scan, options.fast)), count_(grid_.window, grid_.pixel, options),
      kinds_(classify_probes(specimen, scan, options.fast)), slices_(specimen.slices.size()),
      incident_(specimen.slices.size()), incident_inside_(specimen.slices.size()),
      further_(options.further.ranges), convergence_mrad_(options.probe.convergence_mrad),
      aperture_(options.probe.convergence_mrad * 1e-3 / core::electron_wavelength(options.probe.energy_kv)) {
  place_field(scan);
  wavelength_ = core::electron_wavelength(options.probe.energy_kv);
  if (options.fast.exact_depth_a > 0.0) {
    depth_.emplace(grid_.pixel, wavelength_, 0.5 * specimen.thickness,
                   *std::max_element(count_.edges().begin(), count_.edges().end()) * 1e-3 / wavelength_);
  }

  for (const auto& slice : specimen.slices) {
    for (const ProjectedAtom& atom : slice)
      kind_numbers_.emplace(kind_key(atom), 0);
  }
  std::vector<std::pair<int, int>> keys;
  for (auto& [key, number] : kind_numbers_) {
    number = keys.size();
    keys.push_back(key);
    diffuse_ = diffuse_ || key.second > 0;
  }
  std::map<int, ElementScattering> elements;
  for (const auto& [z, u] : keys)
    elements.try_emplace(z, ElementScattering{});
  core::parallel_for(elements.size(), threads, [&](std::size_t e, int) {
    auto& [z, element] = *std::next(elements.begin(), static_cast<std::ptrdiff_t>(e));
    element = element_scattering(z, grid_.pixel, options);
  });
  std::vector<AtomTemplate> templates(keys.size());
  core::parallel_for(keys.size(), threads, [&](std::size_t k, int) {
    templates[k] =
        make_atom_template(elements.at(keys[k].first), displacement_of(keys[k]), grid_.pixel, options);
  });
  for (std::size_t k = 0; k < templates.size(); ++k) {
    atom_kinds_.push_back(kind_of(templates[k]));
    atom_kinds_.back().z = keys[k].first;
    atom_kinds_.back().u_rms = displacement_of(keys[k]);
  }
  prepare_escape(specimen, templates, threads);
  core::parallel_for(slices_.size(), threads, [&](std::size_t s, int) {
    const double depth = specimen.plane_z(s) - specimen.focus_z;
    slices_[s].near_axis = (options.fast.exact_depth_a + ray_radius(options.probe, depth)) / grid_.pixel;
    build_slice(specimen.slices[s], templates, slices_[s]);
    incident_[s] = incident_wave(options.probe, depth);
    ExitCount::Scratch scratch = count_.scratch();
    incident_inside_[s] = count_.inside(incident_[s], scratch);
  });

  const FresnelSteps steps = slice_propagation(grid_, specimen.thickness, options);
  slice_a_ = specimen.thickness;
  step_.emplace(steps.filter);
  steps_per_slice_ = steps.repeats;
  if (diffuse_) follow_diffuse(templates, threads);
}

void FastImager::place_field(const Scan& scan) {
  int min_x = scan.n;
  int min_y = scan.n;
  int max_x = -1;
  int max_y = -1;
  for (int iy = 0; iy < scan.n; ++iy) {
    for (int ix = 0; ix < scan.n; ++ix) {
      if (kinds_[static_cast<std::size_t>(iy * scan.n + ix)] != ProbeKind::multislice) continue;
      min_x = std::min(min_x, ix);
      max_x = std::max(max_x, ix);
      min_y = std::min(min_y, iy);
      max_y = std::max(max_y, iy);
    }
  }
  if (max_x < 0) return;
  const int m = grid_.pixels_a_step;
  field_nx_ = (max_x - min_x) * m + grid_.window;
  field_ny_ = (max_y - min_y) * m + grid_.window;
  field_x0_ = (min_x - scan.n / 2) * m - grid_.window / 2;
  field_y0_ = (min_y - scan.n / 2) * m - grid_.window / 2;
}

SplitWave FastImager::incident_wave(const ProbeOptions& probe, double depth) const {
  const int n = grid_.window;
  const auto width = static_cast<std::size_t>(n);
  // A periodic cell wide enough that the probe's images do not reach the window.
  const double cell = n * grid_.pixel * std::ceil(probe_cell / (n * grid_.pixel));
  const ProbeWave wave(probe, 1.0 / cell);
  const int reach = static_cast<int>(wave.q_max() * cell) + 1;
  const int count = 2 * reach + 1;
  // Two one-dimensional transforms, of the few frequencies of the aperture to the samples of the window.
  std::vector<float> phase_re(area(count, n));
  std::vector<float> phase_im(area(count, n));
  for (int k = 0; k < count; ++k) {
    for (int x = 0; x < n; ++x) {
      const auto phase = unit_phase(2.0 * core::pi * (k - reach) * (x - n / 2) * grid_.pixel / cell);
      phase_re[area(k, n) + static_cast<std::size_t>(x)] = phase.real();
      phase_im[area(k, n) + static_cast<std::size_t>(x)] = phase.imag();
    }
  }
  const auto accumulate = [width](core::Complex a, const float* re, const float* im, float* out_re,
                                  float* out_im) {
    const float c = a.real();
    const float s = a.imag();
    for (std::size_t x = 0; x < width; ++x) {
      out_re[x] += c * re[x] - s * im[x];
      out_im[x] += c * im[x] + s * re[x];
    }
  };
  std::vector<float> rows_re(area(count, n));
  std::vector<float> rows_im(area(count, n));
  double norm = 0.0;
  for (int ky = 0; ky < count; ++ky) {
    for (int kx = 0; kx < count; ++kx) {
      const auto a = wave((kx - reach) / cell, (ky - reach) / cell, depth);
      if (a == 0.0) continue;
      norm += std::abs(a); // the area of the aperture, see ProbeNorm
      accumulate({static_cast<float>(a.real()), static_cast<float>(a.imag())}, &phase_re[area(kx, n)],
                 &phase_im[area(kx, n)], &rows_re[area(ky, n)], &rows_im[area(ky, n)]);
    }
  }
  SplitWave out = vacuum_wave(n);
  for (int y = 0; y < n; ++y) {
    for (int ky = 0; ky < count; ++ky) {
      const std::size_t i = area(ky, n) + static_cast<std::size_t>(y);
      accumulate({phase_re[i], phase_im[i]}, &rows_re[area(ky, n)], &rows_im[area(ky, n)],
                 &out.re[area(y, n)], &out.im[area(y, n)]);
    }
  }
  // In an infinite cell the squared magnitudes sum to one.
  const auto scale = static_cast<float>(grid_.pixel / (cell * std::sqrt(norm)));
  for (auto& value : out.re)
    value *= scale;
  for (auto& value : out.im)
    value *= scale;
  return out;
}

FastImager::Workspace FastImager::workspace() const {
  Workspace out{{},
                FilterScratch(grid_.window),
                count_.scratch(),
                depth_ ? depth_->scratch() : ExactDepth::Scratch{},
                {},
                {}};
  for (std::size_t i = 0; i < together; ++i)
    out.passages.push_back({0, 0, 0, 0, vacuum_wave(grid_.window), {}});
  return out;
}

TransmissionView FastImager::view(const Slice& slice, int x, int y) const {
  const std::size_t first = area(field_nx_, y - grid_.window / 2 - field_y0_) +
                            static_cast<std::size_t>(x - grid_.window / 2 - field_x0_);
  return {slice.re.data() + first, slice.im.data() + first, static_cast<std::size_t>(field_nx_)};
}

std::vector<FastImager::Result> FastImager::probes(std::span<const ScanPixel> pixels,
                                                   Workspace& workspace) const {
  const auto place = [this](int i) { return (i - scan_n_ / 2) * grid_.pixels_a_step; };
  const auto kind_of_probe = [this](const ScanPixel& pixel) {
    return kinds_[static_cast<std::size_t>(pixel.iy * scan_n_ + pixel.ix)];
  };
  std::size_t propagated = 0;
  for (const ScanPixel& pixel : pixels) {
    if (kind_of_probe(pixel) == ProbeKind::multislice)
      start(place(pixel.ix), place(pixel.iy), workspace.passages.at(propagated++));
  }
  pass({workspace.passages.data(), propagated}, workspace);

  std::vector<Result> results;
  auto passage = workspace.passages.cbegin();
  for (const ScanPixel& pixel : pixels) {
    const ProbeKind kind = kind_of_probe(pixel);
    std::vector<double> lost(count_.counts(), 0.0);
    std::vector<double> single(count_.edges().size(), 0.0);
    if (kind == ProbeKind::vacuum) {
      results.push_back({0.0, 1.0, 0.0, further_signals(0.0, lost, single)});
      continue;
    }
    const int x = place(pixel.ix);
    const int y = place(pixel.iy);
    if (kind == ProbeKind::single_scattering) {
      scatter_in_window(x, y, single);
      scatter_in_tail(x, y, single);
      results.push_back({single[0], 0.0, 0.0, further_signals(0.0, lost, single)});
      continue;
    }
    lost = count_.inside(passage->wave, workspace.count);
    for (std::size_t c = 0; c < lost.size(); ++c)
      lost[c] = incident_inside_[passage->first][c] - lost[c];
    lost[0] -= passage->lost.diffuse; // which the mean wave does not hold
    scatter_in_tail(x, y, single);
    const double beyond = passage->lost.beyond;
    results.push_back(
        {lost[0] - beyond + single[0], 1.0 - lost[0], beyond, further_signals(beyond, lost, single)});
    ++passage;
  }
  return results;
}

std::pair<std::size_t, std::size_t> FastImager::filled_slices(int x, int y) const {
  // Slices above and below everything in the window do nothing that the far field sees.
  const int half = grid_.window / 2;
  const auto empty = [&](const Slice& slice) {
    const auto around = atoms_near(slice, y);
    return std::none_of(around.begin(), around.end(),
                        [&](const PlacedAtom& atom) { return std::abs(atom.x - x) < half; });
  };
  std::size_t first = 0;
  std::size_t last = slices_.size() - 1;
  while (first < last && empty(slices_[first]))
    ++first;
  while (last > first && empty(slices_[last]))
    --last;
  return {first, last};
}

void FastImager::start(int x, int y, Passage& passage) const {
  passage.x = x;
  passage.y = y;
  std::tie(passage.first, passage.last) = filled_slices(x, y);
  passage.wave.re = incident_[passage.first].re;
  passage.wave.im = incident_[passage.first].im;
  passage.lost = {};
}

void FastImager::advance(const TransmissionView& transmission, std::span<const WavePatch> added,
                         SplitWave& wave, FilterScratch& scratch) const {
  (*step_)(transmission, added, wave, scratch);
  for (int i = 1; i < steps_per_slice_; ++i)
    (*step_)({}, {}, wave, scratch);
}

void FastImager::pass(std::span<Passage> passages, Workspace& workspace) const {
  if (passages.empty()) return;
  std::size_t first = slices_.size();
  std::size_t last = 0;
  for (const Passage& passage : passages) {
    first = std::min(first, passage.first);
    last = std::max(last, passage.last);
  }
  for (std::size_t s = first; s <= last; ++s) {
    for (Passage& passage : passages) {
      if (s >= passage.first && s <= passage.last) meet(s, passage, workspace);
    }
  }
}

void FastImager::meet(std::size_t s, Passage& passage, Workspace& workspace) const {
  const Slice& slice = slices_[s];
  SplitWave& wave = passage.wave;
  passage.lost.beyond += escaped(slice, passage.x, passage.y, wave);
  if (diffuse_) {
    const Losses diffuse = scattered_diffusely(slice, passage.x, passage.y, wave);
    passage.lost.beyond += diffuse.beyond;
    passage.lost.diffuse += diffuse.diffuse;
  }
  const TransmissionView transmission = view(slice, passage.x, passage.y);
  correct_depths(slice, passage, workspace);
  if (s < passage.last) {
    advance(transmission, workspace.added, wave, workspace.filter);
    return;
  }
  transmit(transmission, wave);
  for (const WavePatch& patch : workspace.added)
    add(patch, wave);
}

std::vector<double> FastImager::further_signals(double beyond, const std::vector<double>& lost,
                                                const std::vector<double>& single) const {
  const auto& edges = count_.edges();
  // What the undisturbed probe holds inside an edge, and what goes out through it.
  const auto undisturbed = [&](double edge) {
    const double part = edge / convergence_mrad_;
    return std::min(1.0, part * part);
  };
  const auto scattered_singly = [&](double edge) {
    const auto e = std::find(edges.begin(), edges.end(), edge);
    return e == edges.end() ? 0.0 : single[static_cast<std::size_t>(e - edges.begin())];
  };
  const auto inside = [&](double edge) {
    if (edge == 0.0) return 0.0;
    const auto e = std::find(edges.begin(), edges.end(), edge);
    if (e == edges.end()) return 1.0 - beyond; // the outer edge of the detector
    return undisturbed(edge) - lost[static_cast<std::size_t>(e - edges.begin())] - scattered_singly(edge);
  };
  std::vector<double> out;
  std::size_t next = edges.size();
  for (const auto& range : further_) {
    if (range.segments == 1) {
      out.push_back(inside(range.outer_mrad) - inside(range.inner_mrad));
      continue;
    }
    const double share = undisturbed(range.outer_mrad) - undisturbed(range.inner_mrad) +
                         scattered_singly(range.inner_mrad) - scattered_singly(range.outer_mrad);
    out.push_back(share / range.segments - lost[next++]);
  }
  return out;
}

void FastImager::correct_depths(const Slice& slice, const Passage& passage, Workspace& workspace) const {
  workspace.added.clear();
  if (!depth_) return;
  const int n = grid_.window;
  const int side = depth_->side();
  const int reach = side / 2 + depth_->margin();
  for (const PlacedAtom& atom : atoms_near(slice, passage.y)) {
    const int dx = atom.x - passage.x;
    const int dy = atom.y - passage.y;
    if (!atom.core || !is_within(slice.near_axis, dx, dy)) continue;
    const int wx = dx + n / 2;
    const int wy = dy + n / 2;
    if (wx < reach || wy < reach || wx + reach > n || wy + reach > n) continue;
    const std::size_t count = workspace.added.size();
    if (workspace.corrections.size() == count) {
      workspace.corrections.push_back(
          {core::AlignedVector<float>(square(side)), core::AlignedVector<float>(square(side))});
    }
    SplitPatch& patch = workspace.corrections[count];
    workspace.added.push_back({wx - side / 2, wy - side / 2, side, patch.re.data(), patch.im.data()});
    depth_->correction(passage.wave, wx - side / 2, wy - side / 2, slice.cores.data() + *atom.core,
                       atom.offset, patch, workspace.depth);
  }
}

double FastImager::escaped(const Slice& slice, int x, int y, const SplitWave& wave) const {
  const int n = grid_.window;
  double sum = 0.0;
  for (const PlacedAtom& atom : atoms_near(slice, y)) {
    const int x0 = atom.x - x + n / 2 - atom.patch / 2;
    const int y0 = atom.y - y + n / 2 - atom.patch / 2;
    if (x0 < 0 || y0 < 0 || x0 + atom.patch > n || y0 + atom.patch > n) continue;
    if (is_within(escape_reach / grid_.pixel, atom.x - x, atom.y - y)) {
      sum += overlaps(escape_modes_[atom.escape].data(), atom.modes, atom.patch, wave, x0, y0);
    } else {
      const AtomKind& kind = atom_kinds_[atom.kind];
      sum +=
          kind.escape_by_first * overlaps(kind.first_escape[atom.place].data(), 1, atom.patch, wave, x0, y0);
    }
  }
  return sum;
}

std::span<const FastImager::PlacedAtom> FastImager::atoms_near(const Slice& slice, int y) const {
  const auto by_y = [](const PlacedAtom& atom, int value) { return atom.y < value; };
  const int half = grid_.window / 2;
  const auto first = std::lower_bound(slice.atoms.begin(), slice.atoms.end(), y - half, by_y);
  return {first, std::lower_bound(first, slice.atoms.end(), y + half, by_y)};
}

void FastImager::scatter_in_window(int x, int y, std::vector<double>& sum) const {
  const int n = grid_.window;
  for (std::size_t s = 0; s < slices_.size(); ++s) {
    for (const PlacedAtom& atom : atoms_near(slices_[s], y)) {
      const int wx = atom.x - x + n / 2;
      if (wx < 0 || wx >= n) continue;
      const double intensity =
          intensity_at(incident_[s], wx, atom.y - y + n / 2) / (grid_.pixel * grid_.pixel);
      for (std::size_t e = 0; e < sum.size(); ++e)
        sum[e] += intensity * atom_kinds_[atom.kind].areas_beyond[e];
    }
  }
}

void FastImager::scatter_in_tail(int x, int y, std::vector<double>& sum) const {
  // Far from the axis a sharp aperture of radius q gives J1(2 pi q r)^2 / (pi r^2), on average over the rings
  // 1 / (2 pi^3 q r^3); aberrations and defocus change the phase of the rings only.
  const int half = grid_.window / 2;
  const double scale = 1.0 / (2.0 * core::pi * core::pi * core::pi * aperture_);
  for (const auto& slice : slices_) {
    for (const auto& atom : slice.atoms) {
      const int dx = atom.x - x;
      const int dy = atom.y - y;
      if (dx >= -half && dx < half && dy >= -half && dy < half) continue;
      const double r = grid_.pixel * std::sqrt(static_cast<double>(dx * dx + dy * dy));
      const double intensity = scale / (r * r * r);
      for (std::size_t e = 0; e < sum.size(); ++e)
        sum[e] += intensity * atom_kinds_[atom.kind].areas_beyond[e];
    }
  }
}

} // namespace aet::stem
