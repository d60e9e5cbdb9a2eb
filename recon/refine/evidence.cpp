#include "recon/refine/evidence.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace aet::recon {

namespace {

double value_at(const Stamp& s, int x, int y) {
  const int i = x - s.x0;
  const int j = y - s.y0;
  if (i < 0 || j < 0 || i >= s.nx || j >= s.ny) return 0.0;
  double sum = 0.0;
  for (int t = 0; t < s.terms; ++t) {
    const auto k = static_cast<std::size_t>(t);
    sum += s.ex[k][static_cast<std::size_t>(i)] * s.ey[k][static_cast<std::size_t>(j)];
  }
  return sum;
}

/// Sums of one atom over the tilts of one batch.
struct Part {
  double presence = 0.0;
  double score = 0.0; ///< of the occupancy
  double information = 0.0;
  std::vector<double> species;
  std::vector<double> distance2;
};

/// One image and what the scene says of it.
struct TiltView {
  const TiltState& tilt;
  const Response& response;
  const PixelBuffer& sum; ///< of the profiles
  TiltLikelihood likelihood;

  [[nodiscard]] double mean(double profile_sum) const { return pixel_mean(tilt, response, profile_sum); }
  [[nodiscard]] std::size_t pixel(int x, int y) const {
    return static_cast<std::size_t>(y) * static_cast<std::size_t>(sum.nx) + static_cast<std::size_t>(x);
  }
};

void add_tilt(const Stamp& own, const std::vector<Stamp>& others, const std::vector<bool>& placed,
              const TiltView& view, Part& part) {
  for (int y = own.y0; y < own.y0 + own.ny; ++y) {
    for (int x = own.x0; x < own.x0 + own.nx; ++x) {
      const double value = value_at(own, x, y);
      const double sum = view.sum.row(y)[x];
      const double m = view.mean(sum);
      const double v = view.tilt.gain * view.response.slope(sum) * value;
      const std::size_t i = view.pixel(x, y);
      const double w = view.likelihood.weight(i, m);
      part.presence += 2.0 * view.likelihood.loss_change(i, m, view.mean(sum - value));
      part.score += w * v * (view.likelihood.observed(i) - m);
      part.information += w * v * v;
    }
  }
  for (std::size_t s = 0; s < others.size(); ++s) {
    if (!placed[s]) continue;
    const Stamp& other = others[s];
    const Stamp& wide = other.nx * other.ny > own.nx * own.ny ? other : own;
    for (int y = wide.y0; y < wide.y0 + wide.ny; ++y) {
      for (int x = wide.x0; x < wide.x0 + wide.nx; ++x) {
        const double sum = view.sum.row(y)[x];
        const double m = view.mean(sum);
        const double changed = view.mean(sum + value_at(other, x, y) - value_at(own, x, y));
        const std::size_t i = view.pixel(x, y);
        part.species[s] += 2.0 * view.likelihood.loss_change(i, changed, m);
        part.distance2[s] += view.likelihood.weight(i, m) * (changed - m) * (changed - m);
      }
    }
  }
}

/// Correlations of one tilt with a species' profile, at every pixel: residual and squared profile.
struct Correlation {
  PixelBuffer residual;    ///< sum of weight x residual x profile
  PixelBuffer information; ///< sum of weight x profile^2
};

Correlation correlate(const LinearModel& model, std::size_t tilt, int species, double gain, double pixel) {
  const PixelBuffer& w = model.weights(tilt);
  const PixelBuffer& r = model.residuals(tilt);
  Correlation c{PixelBuffer(w.nx, w.ny), PixelBuffer(w.nx, w.ny)};
  Stamp stamp;
  for (int y = 0; y < w.ny; ++y) {
    for (int x = 0; x < w.nx; ++x) {
      const core::Vec3 p(pixel * (x - w.nx / 2), pixel * (y - w.ny / 2), 0.0);
      if (!model.stamps().place(species, p, stamp)) continue;
      c.residual.row(y)[x] = gain * gather_value(stamp, r);
      double sum = 0.0;
      for (int v = stamp.y0; v < stamp.y0 + stamp.ny; ++v) {
        for (int u = stamp.x0; u < stamp.x0 + stamp.nx; ++u) {
          const double value = value_at(stamp, u, v);
          sum += w.row(v)[u] * value * value;
        }
      }
      c.information.row(y)[x] = gain * gain * sum;
    }
  }
  return c;
}

/// Bilinear between pixels; zero outside.
double between(const PixelBuffer& f, double x, double y) {
  const int i = static_cast<int>(std::floor(x));
  const int j = static_cast<int>(std::floor(y));
  if (i < 0 || j < 0 || i + 1 >= f.nx || j + 1 >= f.ny) return 0.0;
  const double u = x - i;
  const double v = y - j;
  return (1.0 - v) * ((1.0 - u) * f.row(j)[i] + u * f.row(j)[i + 1]) +
         v * ((1.0 - u) * f.row(j + 1)[i] + u * f.row(j + 1)[i + 1]);
}

/// A cube of numbers around the origin.
struct Cube {
  int n = 0; ///< points a side
  double step = 0.0;
  std::vector<double> n_sum;
  std::vector<double> d_sum;

  [[nodiscard]] std::size_t index(int x, int y, int z) const {
    return (static_cast<std::size_t>(z) * static_cast<std::size_t>(n) + static_cast<std::size_t>(y)) *
               static_cast<std::size_t>(n) +
           static_cast<std::size_t>(x);
  }
  [[nodiscard]] core::Vec3 position(int x, int y, int z) const {
    return step * core::Vec3(x - n / 2, y - n / 2, z - n / 2);
  }
  [[nodiscard]] double evidence(std::size_t i) const { return 2.0 * n_sum[i] - d_sum[i]; }
};

Cube evidence_cube(const Scene& scene, const core::TiltSeries& series, const LinearModel& model, int species,
                   const MissingAtomOptions& options, double radius, core::Threads threads) {
  std::vector<Correlation> correlations(series.size());
  core::parallel_for(series.size(), threads, [&](std::size_t t, int) {
    correlations[t] = correlate(model, t, species, scene.tilts[t].gain, series.pixel_size);
  });
  Cube cube;
  cube.step = options.grid_a;
  cube.n = 2 * static_cast<int>(std::ceil(radius / cube.step)) + 1;
  const auto points =
      static_cast<std::size_t>(cube.n) * static_cast<std::size_t>(cube.n) * static_cast<std::size_t>(cube.n);
  cube.n_sum.assign(points, 0.0);
  cube.d_sum.assign(points, 0.0);
  const int nx = series.images.front().nx;
  const int ny = series.images.front().ny;
  core::parallel_for(static_cast<std::size_t>(cube.n), threads, [&](std::size_t zi, int) {
    const int z = static_cast<int>(zi);
    for (int y = 0; y < cube.n; ++y) {
      for (int x = 0; x < cube.n; ++x) {
        const core::Vec3 here = cube.position(x, y, z);
        if (here.norm() > radius) continue;
        const std::size_t i = cube.index(x, y, z);
        for (std::size_t t = 0; t < series.size(); ++t) {
          const core::Vec3 p = projected(scene.tilts[t], here);
          const double u = p.x() / series.pixel_size + nx / 2;
          const double v = p.y() / series.pixel_size + ny / 2;
          cube.n_sum[i] += between(correlations[t].residual, u, v);
          cube.d_sum[i] += between(correlations[t].information, u, v);
        }
      }
    }
  });
  return cube;
}

void collect_maxima(const Cube& cube, int species, double least, std::vector<MissingAtom>& found) {
  for (int z = 1; z + 1 < cube.n; ++z) {
    for (int y = 1; y + 1 < cube.n; ++y) {
      for (int x = 1; x + 1 < cube.n; ++x) {
        const std::size_t i = cube.index(x, y, z);
        const double here = cube.evidence(i);
        if (!(here > least)) continue;
        bool highest = true;
        for (int k = -1; k <= 1 && highest; ++k) {
          for (int j = -1; j <= 1 && highest; ++j) {
            for (int h = -1; h <= 1 && highest; ++h) {
              // Of equal neighbours the first in the array counts.
              const std::size_t other = cube.index(x + h, y + j, z + k);
              const double there = cube.evidence(other);
              highest = other == i || there < here || (there == here && other > i);
            }
          }
        }
        if (highest) found.push_back({cube.position(x, y, z), species, here, cube.n_sum[i] / cube.d_sum[i]});
      }
    }
  }
}

constexpr double next_atom_a = 3.0; // farther than any neighbour of an atom

/// The atom that is farthest from the rotation centre [angstrom].
double reach_of(const Scene& scene) {
  double reach2 = 0.0;
  for (const core::Vec3& p : scene.positions)
    reach2 = std::max(reach2, p.squaredNorm());
  return std::sqrt(reach2);
}

/// Whether a quarter of the images at least has a measurement at a place. What few images show is not
/// determined by them, and atoms there would only fit what the model lacks elsewhere.
bool enough_show(const core::Vec3& place, const Scene& scene, const core::TiltSeries& series,
                 const LinearModel& model) {
  std::size_t images = 0;
  for (std::size_t t = 0; t < series.size(); ++t) {
    const PixelBuffer& weights = model.weights(t);
    const core::Vec3 p = projected(scene.tilts[t], place) / series.pixel_size;
    const int x = static_cast<int>(std::lround(p.x())) + weights.nx / 2;
    const int y = static_cast<int>(std::lround(p.y())) + weights.ny / 2;
    if (x >= 0 && y >= 0 && x < weights.nx && y < weights.ny && weights.row(y)[x] > 0.0) ++images;
  }
  return 4 * images >= series.size();
}

} // namespace

std::vector<AtomEvidence> atom_evidence(const Scene& scene, const SeriesLikelihood& likelihood,
                                        core::Threads threads, bool only_presence) {
  const core::TiltSeries& series = likelihood.series();
  const std::vector<PixelBuffer> sums = profile_sums(scene, series, threads);
  const StampMaker maker(scene, series);
  const std::size_t kinds = only_presence ? 0 : scene.profiles.size();
  std::vector<AtomEvidence> out(scene.size());
  constexpr std::size_t block = 16; // atoms handed out together
  core::parallel_for((scene.size() + block - 1) / block, threads, [&](std::size_t b, int) {
    Stamp own;
    std::vector<Stamp> others(kinds);
    std::vector<bool> placed(kinds);
    for (std::size_t a = b * block; a < std::min((b + 1) * block, scene.size()); ++a) {
      Part part;
      part.species.assign(kinds, 0.0);
      part.distance2.assign(kinds, 0.0);
      for (std::size_t t = 0; t < series.size(); ++t) {
        const core::Vec3 p = projected(scene.tilts[t], scene.positions[a]);
        if (!maker.place(scene.species[a], p, own, scene.tilts[t].defocus)) continue;
        for (std::size_t s = 0; s < kinds; ++s) {
          placed[s] = static_cast<int>(s) != scene.species[a] &&
                      maker.place(static_cast<int>(s), p, others[s], scene.tilts[t].defocus);
        }
        add_tilt(own, others, placed, {scene.tilts[t], scene.response, sums[t], likelihood.tilt(t)}, part);
      }
      AtomEvidence& e = out[a];
      e.presence = part.presence;
      e.presence_at_own_strength =
          part.score > 0.0 ? part.presence + part.score * part.score / part.information : part.presence;
      e.occupancy = part.information > 0.0 ? 1.0 + part.score / part.information : 0.0;
      e.species = std::move(part.species);
      e.distance2 = std::move(part.distance2);
    }
  });
  return out;
}

std::vector<double> species_probabilities(const AtomEvidence& evidence, double dispersion) {
  const double highest = *std::max_element(evidence.species.begin(), evidence.species.end());
  std::vector<double> p;
  double sum = 0.0;
  for (const double e : evidence.species) {
    p.push_back(std::exp(0.5 * (e - highest) / dispersion));
    sum += p.back();
  }
  for (double& value : p)
    value /= sum;
  return p;
}

std::vector<MissingAtom> missing_atoms(const Scene& scene, const core::TiltSeries& series,
                                       const LinearModel& model, const MissingAtomOptions& options,
                                       core::Threads threads) {
  const double all_show =
      0.5 * series.pixel_size * std::min(series.images.front().nx, series.images.front().ny);
  const double radius = options.radius_a.value_or(std::max(all_show, reach_of(scene) + next_atom_a));
  std::vector<MissingAtom> found;
  for (std::size_t s = 0; s < scene.profiles.size(); ++s) {
    const int species = static_cast<int>(s);
    const Cube cube = evidence_cube(scene, series, model, species, options, radius, threads);
    collect_maxima(cube, species, options.least_evidence, found);
  }
  std::stable_sort(found.begin(), found.end(),
                   [](const MissingAtom& a, const MissingAtom& b) { return a.evidence > b.evidence; });
  std::vector<MissingAtom> kept;
  const double square = options.exclusion_a * options.exclusion_a;
  for (const MissingAtom& candidate : found) {
    const auto near = [&](const core::Vec3& other) {
      return (other - candidate.position).squaredNorm() < square;
    };
    const bool taken =
        std::any_of(scene.positions.begin(), scene.positions.end(), near) ||
        std::any_of(kept.begin(), kept.end(), [&](const MissingAtom& k) { return near(k.position); });
    if (taken) continue;
    if (candidate.position.norm() <= all_show || enough_show(candidate.position, scene, series, model))
      kept.push_back(candidate);
  }
  return kept;
}

} // namespace aet::recon
