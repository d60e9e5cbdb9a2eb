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

} // namespace aet::recon
