#include "analysis/chemistry/lattice_sites.hpp"

#include "analysis/order/directions.hpp"
#include "sim/core/error.hpp"

#include <Eigen/Geometry>
#include <Eigen/LU>
#include <Eigen/SVD>
#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <queue>
#include <set>
#include <tuple>

namespace aet::analysis {
namespace {

using core::Mat3;
using core::Vec3;

/// Bonds of a crystal stray by no more than this part of their length: Lindemann's rule puts melting at a
/// tenth to a seventh. Where the grain's own bonds stray more (errors of measurement), by three times their
/// median, beyond which lie 1e-4 of normal deviates in space.
constexpr double melting_share = 0.15;
constexpr double outlier_medians = 3.0;

/// Members that an atom of the shell of the smallest crystal, a centre and its twelve neighbours, has beside
/// it.
constexpr std::size_t shell_of_smallest = 5;

/// The twelve bonds in half edges.
const std::vector<Vec3>& bonds_110() {
  static const std::vector<Vec3> bonds = cubic_family({1, 1, 0});
  return bonds;
}

/// A bond and the lattice vector it stands for.
struct Match {
  Vec3 bond;
  Vec3 half_edges;
  double off = 0.0; // distance of the two ends [angstrom]
};

class Growth {
public:
  Growth(std::span<const Vec3> positions, const core::NeighbourList& neighbours,
         const LatticeOptions& options)
      : positions_(positions), list_(neighbours), options_(options) {
    std::vector<double> lengths = neighbours.distance;
    if (!lengths.empty()) {
      const auto middle = lengths.begin() + static_cast<std::ptrdiff_t>(lengths.size() / 2);
      std::nth_element(lengths.begin(), middle, lengths.end());
      bond_ = *middle;
    }
    result_.grain_of_atom.assign(positions.size(), -1);
    result_.site.assign(positions.size(), LatticeSite{0, 0, 0});
    place_.assign(positions.begin(), positions.end());
    axes_ = options.reference ? options.reference->edges : Mat3::Identity();
  }

  LatticeSites run() {
    for (const Seed& seed : seeds()) {
      if (result_.grain_of_atom[seed.atom] >= 0) continue;
      grow(seed);
    }
    std::stable_sort(
        result_.grains.begin(), result_.grains.end(),
        [](const LatticeGrain& a, const LatticeGrain& b) { return a.atoms.size() > b.atoms.size(); });
    for (std::size_t g = 0; g < result_.grains.size(); ++g)
      for (const std::size_t i : result_.grains[g].atoms)
        result_.grain_of_atom[i] = static_cast<int>(g);
    return std::move(result_);
  }

private:
  struct Seed {
    std::size_t atom = 0;
    Mat3 half = Mat3::Zero(); // rows: half edges
    std::size_t fitting = 0;
    double off = 0.0;
  };

  [[nodiscard]] Vec3 bond(std::size_t e) const { return {list_.dx[e], list_.dy[e], list_.dz[e]}; }

  /// Bonds of an atom that lie near one of the twelve of this lattice; one for each.
  [[nodiscard]] std::vector<Match> matches(std::size_t atom, const Mat3& half) const {
    std::vector<Match> best(bonds_110().size());
    std::vector<bool> found(best.size(), false);
    for (std::size_t e = list_.first[atom]; e < list_.first[atom + 1]; ++e) {
      const Vec3 b = bond(e);
      for (std::size_t k = 0; k < best.size(); ++k) {
        const double off = (b - half.transpose() * bonds_110()[k]).norm();
        if (off > options_.tolerance * bond_ || (found[k] && off >= best[k].off)) continue;
        best[k] = {b, bonds_110()[k], off};
        found[k] = true;
      }
    }
    std::vector<Match> result;
    for (std::size_t k = 0; k < best.size(); ++k)
      if (found[k]) result.push_back(best[k]);
    return result;
  }

  /// Half edges that map the lattice vectors best onto the bonds, drawn towards `prior` as by four more
  /// bonds.
  [[nodiscard]] static Mat3 refined(const std::vector<Match>& found, const Mat3& prior) {
    constexpr double pull = 4.0;
    Mat3 normal = pull * Mat3::Identity();
    Mat3 product = pull * prior;
    for (const Match& m : found) {
      normal += m.half_edges * m.half_edges.transpose();
      product += m.half_edges * m.bond.transpose();
    }
    return normal.inverse() * product;
  }

  /// The cubic axes that most bonds of an atom fit: two bonds at right angles are two diagonals of a face.
  [[nodiscard]] Seed seed_at(std::size_t atom) const {
    Seed best;
    best.atom = atom;
    for (std::size_t a = list_.first[atom]; a < list_.first[atom + 1]; ++a)
      for (std::size_t b = a + 1; b < list_.first[atom + 1]; ++b) {
        const Vec3 u = bond(a).normalized();
        const Vec3 v = bond(b).normalized();
        if (std::abs(u.dot(v)) > 0.3) continue;
        const Vec3 x = (u + v).normalized();
        const Vec3 y = (u - v - x * x.dot(u - v)).normalized();
        Mat3 half;
        half << x.transpose(), y.transpose(), x.cross(y).transpose();
        half *= bond_ * std::sqrt(0.5);
        const std::vector<Match> found = matches(atom, half);
        double off = 0.0;
        for (const Match& m : found)
          off += m.off;
        off /= static_cast<double>(std::max<std::size_t>(found.size(), 1));
        if (found.size() < best.fitting || (found.size() == best.fitting && off >= best.off)) continue;
        best.fitting = found.size();
        best.off = off;
        best.half = refined(found, half);
      }
    return best;
  }

  /// Atoms that a grain may start from, the best first.
  [[nodiscard]] std::vector<Seed> seeds() const {
    std::vector<Seed> all;
    for (std::size_t i = 0; i < positions_.size(); ++i) {
      if (list_.count(i) < 10) continue;
      Seed seed = seed_at(i);
      if (seed.fitting < 10) continue;
      seed.half = named(seed.half);
      all.push_back(seed);
    }
    const auto key = [&](const Seed& s) {
      const Vec3& p = positions_[s.atom];
      return std::tuple(-static_cast<double>(s.fitting), s.off, p.x(), p.y(), p.z());
    };
    std::sort(all.begin(), all.end(), [&](const Seed& a, const Seed& b) { return key(a) < key(b); });
    return all;
  }

  /// Of the 24 ways to name the cube's axes, the one nearest to the reference.
  [[nodiscard]] Mat3 named(const Mat3& half) const {
    Mat3 best = half;
    double most = -1e300;
    for (int first = 0; first < 3; ++first)
      for (int second = 0; second < 3; ++second)
        for (int signs = 0; signs < 4; ++signs) {
          if (first == second) continue;
          Mat3 m;
          m.row(0) = ((signs & 1) != 0 ? -1.0 : 1.0) * half.row(first);
          m.row(1) = ((signs & 2) != 0 ? -1.0 : 1.0) * half.row(second);
          m.row(2) = half.row(3 - first - second);
          if (m.determinant() < 0.0) m.row(2) = -m.row(2);
          const double agreement = (m.cwiseProduct(axes_)).sum();
          if (agreement <= most) continue;
          most = agreement;
          best = m;
        }
    return best;
  }

  /// Name of the seed's site: the nearest one of the reference, or of the same lattice through the origin.
  [[nodiscard]] LatticeSite first_site(const Seed& seed) const {
    const Mat3 half = options_.reference ? Mat3(0.5 * options_.reference->edges) : seed.half;
    const Vec3 origin = options_.reference ? options_.reference->origin : Vec3::Zero();
    const Vec3 h = half.transpose().inverse() * (positions_[seed.atom] - origin);
    LatticeSite best{};
    double nearest = 1e300;
    const LatticeSite base{static_cast<int>(std::floor(h.x())), static_cast<int>(std::floor(h.y())),
                           static_cast<int>(std::floor(h.z()))};
    for (int c = 0; c < 8; ++c) {
      const LatticeSite s{base[0] + (c & 1), base[1] + (c >> 1 & 1), base[2] + (c >> 2)};
      if ((s[0] + s[1] + s[2]) % 2 != 0) continue;
      const double off = (Vec3(s[0], s[1], s[2]) - h).norm();
      if (off >= nearest) continue;
      nearest = off;
      best = s;
    }
    return best;
  }

  void grow(const Seed& seed) {
    struct Candidate {
      double off = 0.0;
      std::size_t atom = 0;
      LatticeSite site{};
      std::size_t parent = 0;
      Vec3 place; // in the image next to the parent
    };
    const auto later = [&](const Candidate& a, const Candidate& b) {
      const auto key = [&](const Candidate& c) {
        const Vec3& p = positions_[c.atom];
        return std::tuple(c.off, p.x(), p.y(), p.z(), c.site);
      };
      return key(a) > key(b);
    };
    std::priority_queue<Candidate, std::vector<Candidate>, decltype(later)> queue(later);
    std::vector<Mat3> half(positions_.size());
    std::vector<std::size_t> members;
    std::set<LatticeSite> taken;
    const int number = static_cast<int>(result_.grains.size());
    const auto accept = [&](std::size_t atom, const LatticeSite& site, const Mat3& prior, const Vec3& place) {
      const std::vector<Match> found = matches(atom, prior);
      if (2 * found.size() < list_.count(atom)) return;
      half[atom] = refined(found, prior);
      result_.grain_of_atom[atom] = number;
      result_.site[atom] = site;
      place_[atom] = place;
      taken.insert(site);
      members.push_back(atom);
      for (std::size_t e = list_.first[atom]; e < list_.first[atom + 1]; ++e) {
        if (result_.grain_of_atom[list_.index[e]] >= 0) continue;
        const Vec3 b = bond(e);
        for (const Vec3& n : bonds_110()) {
          const double off = (b - half[atom].transpose() * n).norm();
          if (off > options_.tolerance * bond_) continue;
          LatticeSite next = site;
          for (std::size_t k = 0; k < 3; ++k)
            next[k] += static_cast<int>(std::lround(n[static_cast<Eigen::Index>(k)]));
          queue.push({off, list_.index[e], next, atom, place + b});
        }
      }
    };
    accept(seed.atom, first_site(seed), seed.half, positions_[seed.atom]);
    while (!queue.empty()) {
      const Candidate c = queue.top();
      queue.pop();
      if (result_.grain_of_atom[c.atom] >= 0 || taken.contains(c.site)) continue;
      accept(c.atom, c.site, half[c.parent], c.place);
    }
    settle(members, half, number);
    if (members.size() < static_cast<std::size_t>(options_.min_atoms)) {
      release(members);
      return;
    }
    result_.grains.push_back(describe(std::move(members)));
  }

  /// How far the bonds of a member to other members, on the sites they should be on, are off [angstrom].
  [[nodiscard]] std::vector<double> coherent_bonds(std::size_t atom, const Mat3& half, int number) const {
    const Mat3 to_sites = half.transpose().inverse();
    std::vector<double> off;
    for (std::size_t e = list_.first[atom]; e < list_.first[atom + 1]; ++e) {
      const std::size_t other = list_.index[e];
      if (result_.grain_of_atom[other] != number) continue;
      const Vec3 b = bond(e);
      const Vec3 n = (to_sites * b).array().round();
      if (n.squaredNorm() != 2.0) continue; // none of <110>
      const LatticeSite& from = result_.site[atom];
      const LatticeSite& to = result_.site[other];
      // Across a periodic boundary a member stands for its image, whose site has another name.
      const bool image = (place_[other] - place_[atom] - b).squaredNorm() > 1e-6;
      if (!image && Vec3(to[0] - from[0], to[1] - from[1], to[2] - from[2]) != n) continue;
      off.push_back((b - half.transpose() * n).norm());
    }
    return off;
  }

  void release(const std::vector<std::size_t>& members) {
    for (const std::size_t i : members) {
      result_.grain_of_atom[i] = -1;
      result_.site[i] = {0, 0, 0};
    }
  }

  /// Takes off, until nothing changes, members with fewer than five neighbours (at a free surface: half of
  /// them) that are members on the right sites. More would eat up any small crystal in a liquid from its
  /// corners. What is left does not depend on the order in which they go.
  void settle(std::vector<std::size_t>& members, const std::vector<Mat3>& half, int number) {
    std::vector<double> all;
    for (const std::size_t i : members) {
      const std::vector<double> off = coherent_bonds(i, half[i], number);
      all.insert(all.end(), off.begin(), off.end());
    }
    double limit = options_.tolerance * bond_;
    if (!all.empty()) {
      const auto middle = all.begin() + static_cast<std::ptrdiff_t>(all.size() / 2);
      std::nth_element(all.begin(), middle, all.end());
      limit = std::min(limit, std::max(melting_share * bond_, outlier_medians * *middle));
    }
    while (true) {
      std::vector<std::size_t> stay;
      std::vector<std::size_t> go;
      for (const std::size_t i : members) {
        const std::vector<double> off = coherent_bonds(i, half[i], number);
        const auto fitting = std::count_if(off.begin(), off.end(), [&](double d) { return d <= limit; });
        (static_cast<std::size_t>(fitting) >= std::min(shell_of_smallest, (list_.count(i) + 1) / 2) ? stay
                                                                                                    : go)
            .push_back(i);
      }
      if (go.empty()) return;
      release(go);
      members = std::move(stay);
    }
  }

  [[nodiscard]] LatticeGrain describe(std::vector<std::size_t> members) const {
    LatticeGrain grain;
    std::sort(members.begin(), members.end());
    grain.atoms = std::move(members);
    const double n = static_cast<double>(grain.atoms.size());
    Vec3 mean_site = Vec3::Zero();
    Vec3 mean_position = Vec3::Zero();
    const auto site = [&](std::size_t i) {
      const LatticeSite& s = result_.site[i];
      return Vec3(s[0], s[1], s[2]);
    };
    for (const std::size_t i : grain.atoms) {
      mean_site += site(i) / n;
      mean_position += place_[i] / n;
    }
    Mat3 normal = Mat3::Zero();
    Mat3 product = Mat3::Zero();
    for (const std::size_t i : grain.atoms) {
      const Vec3 s = site(i) - mean_site;
      normal += s * s.transpose();
      product += s * (place_[i] - mean_position).transpose();
    }
    const Mat3 half = normal.inverse() * product;
    grain.lattice.edges = 2.0 * half;
    grain.lattice.origin = mean_position - half.transpose() * mean_site;
    double squares = 0.0;
    for (const std::size_t i : grain.atoms)
      squares += (place_[i] - grain.lattice.position(result_.site[i])).squaredNorm();
    grain.rms_a = std::sqrt(squares / n);
    return grain;
  }

  std::span<const Vec3> positions_;
  const core::NeighbourList& list_;
  const LatticeOptions& options_;
  Mat3 axes_;
  double bond_ = 0.0;       // median bond length [angstrom]
  std::vector<Vec3> place_; // of atoms in grains, not wrapped into the periodic cell
  LatticeSites result_;
};

} // namespace

Vec3 CubicLattice::position(const LatticeSite& site) const {
  return origin + 0.5 * edges.transpose() * Vec3(site[0], site[1], site[2]);
}

int LatticeSites::sublattice(std::size_t atom) const {
  const LatticeSite& s = site[atom];
  const bool odd_h = s[0] % 2 != 0;
  const bool odd_k = s[1] % 2 != 0;
  return odd_h ? (odd_k ? 1 : 2) : (odd_k ? 3 : 0);
}

LatticeSites lattice_sites(std::span<const Vec3> positions, const core::NeighbourList& neighbours,
                           const LatticeOptions& options) {
  if (!(options.tolerance >= 0.05) || options.tolerance > 0.45)
    throw core::ConfigError(fmt::format("tolerance of lattice sites is {}; it must lie between 0.05 and 0.45",
                                        options.tolerance));
  if (options.min_atoms < 4)
    throw core::ConfigError(
        fmt::format("smallest grain is {} atoms; it must be at least 4", options.min_atoms));
  if (neighbours.atoms() != positions.size())
    throw core::DataError(
        fmt::format("neighbours of {} atoms are given for {} atoms", neighbours.atoms(), positions.size()));
  return Growth(positions, neighbours, options).run();
}

} // namespace aet::analysis
