// The fast mode: what vibrating atoms scatter diffusely.
#include "sim/core/units.hpp"
#include "sim/stem/fast_multislice.hpp"
#include "sim/stem/fourier.hpp"
#include "sim/stem/mode_overlaps.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>

namespace aet::stem {

namespace {

/// Atoms farther from the probe's axis see a wave so weak and smooth that its intensity at the atom will do
/// [angstrom].
constexpr double diffuse_reach = 2.0;

/// Where modes that are left out scatter, around the atom: 0.35 to 0.7 changes no image by 0.1 % [angstrom].
constexpr double left_at = 0.5;

/// Displacements by which the diffuse scattering of one atom is followed: lengths, as parts of u along one
/// axis, and weights of Gauss' quadrature for a normal distribution in the plane.
struct Moved {
  double length;
  double weight;
};
constexpr std::size_t displacements = 2;
const std::array<Moved, displacements> followed{
    {{std::sqrt(2.0 * (2.0 - std::numbers::sqrt2)), 0.25 * (2.0 + std::numbers::sqrt2)},
     {std::sqrt(2.0 * (2.0 + std::numbers::sqrt2)), 0.25 * (2.0 - std::numbers::sqrt2)}}};

/// One atom in so many is followed; the others take over from the nearest of their element within a distance
/// [angstrom], or are followed as well. Distances across the beam count more: what an atom's electrons meet
/// is the column they are in.
constexpr std::size_t followed_one_in = 4;
constexpr double followed_within = 7.5;
constexpr double across = 2.0;

/// Neighbours in a slice and atoms above each other both take turns.
bool is_followed(std::size_t slice, std::size_t atom) {
  return (slice + atom) % followed_one_in == 0;
}

double square_of(double x) {
  return x * x;
}

} // namespace

FastImager::Losses FastImager::scattered_diffusely(const Slice& slice, int x, int y,
                                                   const SplitWave& wave) const {
  const int n = grid_.window;
  const double reach = diffuse_reach / grid_.pixel;
  const int ring = static_cast<int>(std::lround(left_at / grid_.pixel));
  const double square_a = grid_.pixel * grid_.pixel;
  Losses sum;
  for (const PlacedAtom& atom : atoms_near(slice, y)) {
    const int wx = atom.x - x + n / 2;
    const int wy = atom.y - y + n / 2;
    if (wx < 0 || wx >= n) continue;
    const AtomKind& kind = atom_kinds_[atom.kind];
    const double p = intensity_at(wave, wx, wy) / square_a;
    const int x0 = wx - kind.patch / 2;
    const int y0 = wy - kind.patch / 2;
    const bool whole = x0 >= 0 && y0 >= 0 && x0 + kind.patch <= n && y0 + kind.patch <= n;
    double scattered = p * kind.diffuse_area;
    if (whole && kind.modes > 0 && is_within(reach, atom.x - x, atom.y - y)) {
      scattered = overlaps(kind.diffuse[atom.place].data(), kind.modes, kind.patch, wave, x0, y0) +
                  kind.diffuse_left * 0.25 / square_a *
                      (intensity_at(wave, wx - ring, wy) + intensity_at(wave, wx + ring, wy) +
                       intensity_at(wave, wx, wy - ring) + intensity_at(wave, wx, wy + ring));
    }
    sum.diffuse += scattered * (1.0 - atom.part_lost) + p * atom.area_gained;
    sum.beyond += p * atom.area_beyond;
  }
  return sum;
}

void FastImager::follow_diffuse(const std::vector<AtomTemplate>& templates, core::Threads threads) {
  const core::Fft2 fft(templates.front().patch, templates.front().patch);
  std::vector<Workspace> workspaces;
  for (int t = 0; t < threads.count; ++t)
    workspaces.push_back(workspace());
  // From the last on, so that what later atoms scatter diffusely again is known.
  for (std::size_t s = slices_.size() - 1; s-- > 0;) {
    std::vector<PlacedAtom>& atoms = slices_[s].atoms;
    core::parallel_for(atoms.size(), threads, [&](std::size_t a, int worker) {
      if (is_followed(s, a))
        follow_diffuse(templates[atoms[a].kind], s, a, fft, workspaces[static_cast<std::size_t>(worker)]);
    });
    core::parallel_for(atoms.size(), threads, [&](std::size_t a, int worker) {
      if (is_followed(s, a)) return;
      if (const auto like = followed_neighbour(s, atoms[a])) {
        // The neighbour may have fewer slices behind it, and vibrate more or less.
        const double last = static_cast<double>(filled_slices(atoms[a].x, atoms[a].y).second);
        const double behind = std::max(1.0, last - static_cast<double>(like->slice));
        const double longer = std::max(0.0, last - static_cast<double>(s)) / behind;
        const double more =
            longer * atom_kinds_[atoms[a].kind].diffuse_area / atom_kinds_[like->atom->kind].diffuse_area;
        atoms[a].part_lost = std::min(1.0, longer * like->atom->part_lost);
        atoms[a].area_gained = more * like->atom->area_gained;
        atoms[a].area_beyond = more * like->atom->area_beyond;
      } else {
        follow_diffuse(templates[atoms[a].kind], s, a, fft, workspaces[static_cast<std::size_t>(worker)]);
      }
    });
  }
}

std::optional<FastImager::Neighbour> FastImager::followed_neighbour(std::size_t s,
                                                                    const PlacedAtom& atom) const {
  std::optional<Neighbour> nearest;
  double least = square_of(followed_within / grid_.pixel);
  const double thickness = slice_a_ / grid_.pixel;
  for (std::size_t t = s; t < slices_.size() && square_of(static_cast<double>(t - s) * thickness) < least;
       ++t) {
    for (std::size_t a = 0; a < slices_[t].atoms.size(); ++a) {
      const PlacedAtom& other = slices_[t].atoms[a];
      const AtomKind& kind = atom_kinds_[other.kind];
      if (!is_followed(t, a) || kind.z != atom_kinds_[atom.kind].z || kind.u_rms == 0.0) continue;
      const double distance = square_of(across * (other.x - atom.x)) +
                              square_of(across * (other.y - atom.y)) +
                              square_of(static_cast<double>(t - s) * thickness);
      if (distance >= least) continue;
      least = distance;
      nearest = Neighbour{&other, t};
    }
  }
  return nearest;
}

void FastImager::follow_diffuse(const AtomTemplate& shape, std::size_t s, std::size_t number,
                                const core::Fft2& fft, Workspace& workspace) {
  PlacedAtom& atom = slices_[s].atoms[number];
  const AtomKind& kind = atom_kinds_[atom.kind];
  const int n = grid_.window;
  const bool in_field = atom.x - n / 2 >= field_x0_ && atom.y - n / 2 >= field_y0_ &&
                        atom.x - n / 2 + n <= field_x0_ + field_nx_ &&
                        atom.y - n / 2 + n <= field_y0_ + field_ny_;
  const auto [first, last] = filled_slices(atom.x, atom.y);
  if (kind.u_rms == 0.0 || !in_field || last <= s) return;
  core::AlignedVector<core::Complex> moved(square(shape.patch));
  core::AlignedVector<core::Complex> mean(square(shape.patch));
  place_template(shape.scatter, atom.dx, atom.dy, fft, mean);
  // The wave of a probe on the atom, which is the one that scatters there most.
  Passage& probe = workspace.passages.front();
  start(atom.x, atom.y, probe);
  if (s > first) {
    probe.last = s - 1;
    pass({&probe, 1}, workspace);
    advance({}, {}, probe.wave, workspace.filter);
  }
  const SplitWave& arriving = probe.wave;
  static_assert(displacements < together);
  const std::span<Passage> scattered(&probe + 1, followed.size());
  double free = 0.0;
  double inside = 0.0;
  double beyond = 0.0;
  // Their directions lie across each other, and turn from atom to atom.
  constexpr double golden_angle = 2.399963229728653;
  double phi = golden_angle * static_cast<double>(number + 31 * s);
  for (std::size_t i = 0; i < followed.size(); ++i) {
    phi += 0.5 * core::pi;
    const double u = followed[i].length * kind.u_rms / grid_.pixel;
    place_template(shape.at_rest, atom.dx + u * std::cos(phi), atom.dy + u * std::sin(phi), fft, moved);
    Passage& passage = scattered[i];
    passage.x = atom.x;
    passage.y = atom.y;
    passage.first = s + 1;
    passage.last = last;
    passage.lost = {};
    SplitWave& wave = passage.wave;
    std::fill(wave.re.begin(), wave.re.end(), 0.0F);
    std::fill(wave.im.begin(), wave.im.end(), 0.0F);
    const int corner = n / 2 - shape.patch / 2;
    for (int iy = std::max(0, -corner); iy < std::min(shape.patch, n - corner); ++iy) {
      for (int ix = std::max(0, -corner); ix < std::min(shape.patch, n - corner); ++ix) {
        const auto t = static_cast<std::size_t>(iy * shape.patch + ix);
        const std::size_t o = area(n, corner + iy) + static_cast<std::size_t>(corner + ix);
        const core::Complex value =
            product(moved[t] - mean[t], core::Complex(arriving.re[o], arriving.im[o]));
        wave.re[o] = value.real();
        wave.im[o] = value.imag();
      }
    }
    free += followed[i].weight * count_.inside(wave, workspace.count)[0];
    advance({}, {}, wave, workspace.filter);
  }
  pass(scattered, workspace);
  for (std::size_t i = 0; i < followed.size(); ++i) {
    const Passage& passage = scattered[i];
    inside += followed[i].weight * (count_.inside(passage.wave, workspace.count)[0] + passage.lost.diffuse);
    beyond += followed[i].weight * passage.lost.beyond;
  }
  const double p = intensity_at(arriving, n / 2, n / 2) / (grid_.pixel * grid_.pixel);
  if (free > 0.0) atom.part_lost = std::max(0.0, 1.0 - inside / free);
  atom.area_gained = std::max(0.0, inside - free) / p;
  atom.area_beyond = beyond / p;
}

} // namespace aet::stem
