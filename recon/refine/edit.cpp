#include "recon/refine/edit.hpp"

#include "recon/refine/missing_atoms.hpp"
#include "sim/core/neighbours/pairs.hpp"

#include <algorithm>
#include <cstddef>
#include <utility>

namespace aet::recon {

namespace {

enum class Kind { drop, merge, flip, add };

/// One change that the images ask for.
struct Change {
  Kind kind = Kind::drop;
  double gain = 0.0; ///< what decides the order
  std::size_t atom = 0;
  std::size_t partner = 0; ///< merge: stays, at `position`
  int species = 0;         ///< flip and add
  core::Vec3 position = core::Vec3::Zero();
};

constexpr double apart_a = 3.0; // between two changes of one round

/// Evidence for two atoms as they are against one of the better species between them. Other atoms stay, and
/// the window of each tilt is compared pixel by pixel.
struct MergeTest {
  double evidence = 0.0; ///< for the pair
  int species = 0;
};

MergeTest test_merge(const Scene& scene, const SeriesLikelihood& likelihood,
                     const std::vector<PixelBuffer>& sums, const StampMaker& maker, std::size_t a,
                     std::size_t b) {
  const core::Vec3 middle = 0.5 * (scene.positions[a] + scene.positions[b]);
  MergeTest best;
  bool first = true;
  Stamp stamp;
  for (std::size_t s = 0; s < scene.profiles.size(); ++s) {
    const int kind = static_cast<int>(s);
    if (kind != scene.species[a] && kind != scene.species[b]) continue;
    double evidence = 0.0;
    for (std::size_t t = 0; t < sums.size(); ++t) {
      const TiltState& tilt = scene.tilts[t];
      PixelBuffer change(sums[t].nx, sums[t].ny);
      int x0 = change.nx;
      int x1 = 0;
      int y0 = change.ny;
      int y1 = 0;
      const auto put = [&](int species, const core::Vec3& position, double factor) {
        if (!maker.place(species, projected(tilt, position), stamp, tilt.defocus)) return;
        add_value(stamp, factor, change);
        x0 = std::min(x0, stamp.x0);
        y0 = std::min(y0, stamp.y0);
        x1 = std::max(x1, stamp.x0 + stamp.nx);
        y1 = std::max(y1, stamp.y0 + stamp.ny);
      };
      put(scene.species[a], scene.positions[a], -1.0);
      put(scene.species[b], scene.positions[b], -1.0);
      put(kind, middle, 1.0);
      const TiltLikelihood pixels = likelihood.tilt(t);
      for (int y = y0; y < y1; ++y) {
        for (int x = x0; x < x1; ++x) {
          const auto i = static_cast<std::size_t>(y * change.nx + x);
          const double sum = sums[t].row(y)[x];
          const double changed = pixel_mean(tilt, scene.response, sum + change.row(y)[x]);
          const double mean = pixel_mean(tilt, scene.response, sum);
          evidence += 2.0 * pixels.loss_change(i, mean, changed);
        }
      }
    }
    if (first || evidence < best.evidence) best = {evidence, kind};
    first = false;
  }
  return best;
}

/// Evidence that each atom needs to stay.
std::vector<double> least_evidence(const Scene& scene, const EditOptions& options) {
  std::vector<double> least = options.atom_thresholds;
  least.resize(scene.size(), options.threshold);
  std::vector<bool> crowded(scene.size(), false);
  for (const auto& [a, b] : core::close_pairs(scene.positions, options.min_distance_a))
    crowded[a] = crowded[b] = true;
  for (std::size_t a = 0; a < scene.size(); ++a) {
    if (crowded[a]) least[a] += options.crowding;
  }
  return least;
}

void add_merges(const Scene& scene, const SeriesLikelihood& likelihood, const EditOptions& options,
                core::Threads threads, std::vector<Change>& changes) {
  const auto pairs = core::close_pairs(scene.positions, options.min_distance_a);
  if (pairs.empty()) return;
  const std::vector<PixelBuffer> sums = profile_sums(scene, likelihood.series(), threads);
  const StampMaker maker(scene, likelihood.series());
  for (const auto& [a, b] : pairs) {
    const MergeTest test = test_merge(scene, likelihood, sums, maker, a, b);
    const double least = options.threshold + options.crowding;
    if (test.evidence < least)
      changes.push_back({Kind::merge, least - test.evidence, b, a, test.species,
                         0.5 * (scene.positions[a] + scene.positions[b])});
  }
}

/// Whether two atoms were put at this place before, of which none can have stayed.
bool in_vain(const core::Vec3& place, const std::vector<core::Vec3>& added, double distance) {
  return std::count_if(added.begin(), added.end(), [&](const core::Vec3& other) {
           return (other - place).squaredNorm() < distance * distance;
         }) >= 2;
}

} // namespace

EditCounts edit_atoms(Scene& scene, const SeriesLikelihood& likelihood, const LinearModel& model,
                      const EditOptions& options, std::vector<core::Vec3>& added, core::Threads threads) {
  std::vector<Change> changes;
  if (options.drop || options.flip) {
    const std::vector<AtomEvidence> evidence = atom_evidence(scene, likelihood, threads, !options.flip);
    const std::vector<double> least = least_evidence(scene, options);
    for (std::size_t a = 0; a < scene.size(); ++a) {
      const AtomEvidence& e = evidence[a];
      // At its own strength: a species that counts noise among its atoms has too weak a profile at first, by
      // which its true atoms would go as well.
      if (options.drop && e.presence_at_own_strength < least[a]) {
        changes.push_back({Kind::drop, least[a] - e.presence_at_own_strength, a, 0, 0, scene.positions[a]});
        continue;
      }
      if (!options.flip) continue;
      const auto best = std::max_element(e.species.begin(), e.species.end());
      if (*best > options.flip_threshold) {
        changes.push_back({Kind::flip, *best - options.flip_threshold, a, 0,
                           static_cast<int>(best - e.species.begin()), scene.positions[a]});
      }
    }
  }
  if (options.drop) add_merges(scene, likelihood, options, threads, changes);
  bool trial = false;
  if (options.add) {
    MissingAtomOptions look;
    look.least_evidence = std::min(options.threshold, options.trial_threshold);
    look.exclusion_a = options.min_distance_a;
    std::vector<MissingAtom> missing = missing_atoms(scene, likelihood.series(), model, look, threads);
    std::erase_if(missing,
                  [&](const MissingAtom& m) { return in_vain(m.position, added, options.min_distance_a); });
    trial = changes.empty() && std::none_of(missing.begin(), missing.end(), [&](const MissingAtom& m) {
              return m.evidence > options.threshold;
            });
    for (const MissingAtom& m : missing) {
      if (trial || m.evidence > options.threshold)
        changes.push_back({Kind::add, m.evidence - options.threshold, 0, 0, m.species, m.position});
    }
  }
  std::stable_sort(changes.begin(), changes.end(),
                   [](const Change& a, const Change& b) { return a.gain > b.gain; });
  EditCounts counts;
  std::vector<core::Vec3> done;
  std::vector<bool> gone(scene.size(), false);
  for (const Change& c : changes) {
    const bool blocked = std::any_of(done.begin(), done.end(), [&](const core::Vec3& other) {
      return (other - c.position).squaredNorm() < apart_a * apart_a;
    });
    if (blocked) continue;
    done.push_back(c.position);
    switch (c.kind) {
    case Kind::drop:
      gone[c.atom] = true;
      ++counts.dropped;
      break;
    case Kind::merge:
      gone[c.atom] = true;
      scene.positions[c.partner] = c.position;
      scene.species[c.partner] = c.species;
      ++counts.merged;
      break;
    case Kind::flip:
      scene.species[c.atom] = c.species;
      ++counts.flipped;
      break;
    case Kind::add:
      added.push_back(c.position);
      scene.positions.push_back(c.position);
      scene.species.push_back(c.species);
      ++counts.added;
      break;
    }
  }
  if (trial) counts.tried = counts.added;
  gone.resize(scene.size(), false);
  std::size_t next = 0;
  for (std::size_t a = 0; a < scene.size(); ++a) {
    if (gone[a]) continue;
    scene.positions[next] = scene.positions[a];
    scene.species[next] = scene.species[a];
    ++next;
  }
  scene.positions.resize(next);
  scene.species.resize(next);
  return counts;
}

} // namespace aet::recon
