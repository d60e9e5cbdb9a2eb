// The slices of the fast mode: transmission functions of the whole field, and what their atoms do beside it.
#include "sim/stem/fast_multislice.hpp"
#include "sim/stem/fourier.hpp"
#include "sim/stem/mode_overlaps.hpp"

#include <algorithm>
#include <cmath>

namespace aet::stem {

namespace {

/// Displacements are rounded to this, so that atoms share what is prepared for them [angstrom].
constexpr double displacement_step = 0.0025;
/// Places between coarse pixels, along x and y, to which an atom is rounded for its diffuse scattering.
constexpr int places_between = 4;
/// The same for its escape modes: to 0.006 A, and its height to half of 0.25 A.
constexpr int escape_places = 8;
constexpr double escape_height = 0.25;

/// Which of so many equal parts of a pixel holds d, -1/2..1/2.
int place_of(double d, int places) {
  return std::clamp(static_cast<int>((d + 0.5) * places), 0, places - 1);
}

/// The middle of such a part.
double middle_of(int place, int places) {
  return (place + 0.5) / places - 0.5;
}

} // namespace

std::pair<int, int> FastImager::kind_key(const ProjectedAtom& atom) {
  return {atom.z, static_cast<int>(std::lround(atom.u_rms / displacement_step))};
}

double FastImager::displacement_of(const std::pair<int, int>& key) {
  return displacement_step * key.second;
}

FastImager::AtomKind FastImager::kind_of(const AtomTemplate& shape) const {
  AtomKind kind;
  kind.areas_beyond = shape.areas_beyond;
  kind.diffuse_area = shape.diffuse_area;
  kind.diffuse_left = shape.diffuse_left;
  kind.escape_by_first = shape.escape_by_first;
  kind.patch = shape.diffuse_patch;
  kind.modes = static_cast<int>(shape.diffuse.size());
  const core::Fft2 fft(kind.patch, kind.patch);
  const core::Fft2 fft_core(shape.core_patch, shape.core_patch);
  core::AlignedVector<core::Complex> values(square(kind.patch));
  core::AlignedVector<core::Complex> core_values(square(shape.core_patch));
  const auto off = [](int place) { return middle_of(place, places_between); };
  for (int y = 0; y < places_between; ++y) {
    for (int x = 0; x < places_between; ++x) {
      place_template(shape.escape.front(), off(x), off(y), fft_core, core_values);
      append_mode(core_values, shape.core_patch, kind.first_escape.emplace_back());
      core::AlignedVector<float>& modes = kind.diffuse.emplace_back();
      for (const auto& mode : shape.diffuse) {
        place_template(mode, off(x), off(y), fft, values);
        append_mode(values, kind.patch, modes);
      }
    }
  }
  return kind;
}

FastImager::EscapeKey FastImager::escape_key(const ProjectedAtom& atom) const {
  const auto place = [this](double r) {
    const double pixels = r / grid_.pixel;
    return place_of(pixels - static_cast<double>(std::lround(pixels)), escape_places);
  };
  return {kind_numbers_.at(kind_key(atom)), place(atom.x), place(atom.y),
          static_cast<int>(std::lround(atom.offset / escape_height))};
}

void FastImager::prepare_escape(const SlicedSpecimen& specimen, const std::vector<AtomTemplate>& templates,
                                core::Threads threads) {
  for (const auto& slice : specimen.slices) {
    for (const ProjectedAtom& atom : slice)
      escape_numbers_.emplace(escape_key(atom), 0);
  }
  std::vector<EscapeKey> keys;
  for (auto& [key, number] : escape_numbers_) {
    number = keys.size();
    keys.push_back(key);
  }
  escape_modes_.resize(keys.size());
  core::parallel_for(keys.size(), threads, [&](std::size_t i, int) {
    const auto [kind, x, y, height] = keys[i];
    const int patch = templates[kind].core_patch;
    const core::Fft2 fft(patch, patch);
    core::AlignedVector<core::Complex> values(square(patch));
    const double chirp = wavelength_ * height * escape_height / std::pow(patch * grid_.pixel, 2);
    escape_modes_[i].reserve(templates[kind].escape.size() * mode_size(patch));
    for (const auto& mode : templates[kind].escape) {
      place_template(mode, middle_of(x, escape_places), middle_of(y, escape_places), fft, values, chirp);
      append_mode(values, patch, escape_modes_[i]);
    }
  });
}

void FastImager::build_slice(std::vector<ProjectedAtom> atoms, const std::vector<AtomTemplate>& templates,
                             Slice& slice) const {
  slice.re.assign(area(field_nx_, field_ny_), 1.0F);
  slice.im.assign(area(field_nx_, field_ny_), 0.0F);
  if (atoms.empty()) return;
  std::stable_sort(atoms.begin(), atoms.end(),
                   [](const ProjectedAtom& a, const ProjectedAtom& b) { return a.y < b.y; });
  // All templates share one patch size, since it follows from the pixel alone.
  const int patch = templates.front().patch;
  const core::Fft2 fft(patch, patch);
  core::AlignedVector<core::Complex> values(square(patch));
  if (depth_) slice.cores.reserve(atoms.size() * 2 * square(depth_->side()));
  for (const auto& atom : atoms) {
    const std::size_t number = kind_numbers_.at(kind_key(atom));
    const AtomTemplate& shape = templates[number];
    PlacedAtom placed;
    placed.x = static_cast<int>(std::lround(atom.x / grid_.pixel));
    placed.y = static_cast<int>(std::lround(atom.y / grid_.pixel));
    placed.patch = shape.core_patch;
    placed.kind = number;
    placed.offset = atom.offset;
    const double dx = placed.dx = atom.x / grid_.pixel - placed.x;
    const double dy = placed.dy = atom.y / grid_.pixel - placed.y;
    placed.place = static_cast<std::size_t>(place_of(dy, places_between) * places_between +
                                            place_of(dx, places_between));
    placed.modes = static_cast<int>(shape.escape.size());
    placed.escape = escape_numbers_.at(escape_key(atom));
    slice.atoms.push_back(placed);
    const int x0 = placed.x - patch / 2 - field_x0_;
    const int y0 = placed.y - patch / 2 - field_y0_;
    if (x0 + patch <= 0 || y0 + patch <= 0 || x0 >= field_nx_ || y0 >= field_ny_) continue;
    place_template(shape.scatter, dx, dy, fft, values);
    keep_core(values, patch, slice.atoms.back(), slice);
    for (int iy = std::max(0, -y0); iy < std::min(patch, field_ny_ - y0); ++iy) {
      for (int ix = std::max(0, -x0); ix < std::min(patch, field_nx_ - x0); ++ix) {
        const std::size_t i = area(field_nx_, y0 + iy) + static_cast<std::size_t>(x0 + ix);
        const auto t = product({slice.re[i], slice.im[i]},
                               core::Complex(1.0F) + values[static_cast<std::size_t>(iy * patch + ix)]);
        slice.re[i] = t.real();
        slice.im[i] = t.imag();
      }
    }
  }
  for (const auto& atom : slice.atoms)
    finish_core(atom, slice);
}

void FastImager::keep_core(const core::AlignedVector<core::Complex>& scatter, int patch, PlacedAtom& atom,
                           Slice& slice) const {
  // An offset below a few hundredths of an angstrom changes nothing.
  constexpr double smallest_offset = 0.03;
  if (!depth_ || std::abs(atom.offset) < smallest_offset) return;
  const int side = depth_->side();
  const int x0 = atom.x - side / 2 - field_x0_;
  const int y0 = atom.y - side / 2 - field_y0_;
  if (x0 < 0 || y0 < 0 || x0 + side > field_nx_ || y0 + side > field_ny_) return;
  atom.core = slice.cores.size();
  slice.cores.resize(slice.cores.size() + 2 * square(side));
  float* re = slice.cores.data() + *atom.core;
  float* im = re + square(side);
  const int first = patch / 2 - side / 2;
  for (int iy = 0; iy < side; ++iy) {
    for (int ix = 0; ix < side; ++ix) {
      const auto value = scatter[static_cast<std::size_t>((first + iy) * patch + first + ix)];
      *re++ = value.real();
      *im++ = value.imag();
    }
  }
}

void FastImager::finish_core(const PlacedAtom& atom, Slice& slice) const {
  if (!atom.core) return;
  const int side = depth_->side();
  const int x0 = atom.x - side / 2 - field_x0_;
  const int y0 = atom.y - side / 2 - field_y0_;
  float* re = slice.cores.data() + *atom.core;
  float* im = re + square(side);
  for (int iy = 0; iy < side; ++iy) {
    for (int ix = 0; ix < side; ++ix, ++re, ++im) {
      const auto window =
          static_cast<float>(ExactDepth::core_window(grid_.pixel * std::hypot(ix - side / 2, iy - side / 2)));
      const core::Complex t(*re, *im);
      const std::size_t i = area(field_nx_, y0 + iy) + static_cast<std::size_t>(x0 + ix);
      // What the other atoms of the slice do here.
      const core::Complex alone = core::Complex(1.0F) + t;
      constexpr float smallest = 0.05F; // of |alone|^2: a band-limited core can come near zero
      core::Complex others(1.0F);
      if (power(alone) > smallest)
        others = product(core::Complex(slice.re[i], slice.im[i]), std::conj(alone)) / power(alone);
      const core::Complex kept = window * product(t, others);
      *re = kept.real();
      *im = kept.imag();
    }
  }
}

} // namespace aet::stem
