#include "analysis/moment/moment_order.hpp"

#include "analysis/nuclei/mean_of_frames.hpp"
#include "analysis/order/sensitivity.hpp"

#include <algorithm>
#include <cmath>
#include <set>
#include <utility>

namespace aet::analysis {
namespace {

Bonds bonds_of(const core::Atoms& atoms, const AnalysisOptions& options, const core::NeighbourList& shell,
               core::Threads threads) {
  if (options.rule == NeighbourRule::nearest)
    return {core::nearest_neighbours(atoms.positions, atoms.cell, options.nearest, threads), {}};
  if (options.rule == NeighbourRule::cutoff) return {shell, {}};
  VoronoiOptions cells = options.voronoi;
  if (cells.min_face_fraction == 0.0) cells.min_face_fraction = SensitivityOptions{}.cells.min_face_fraction;
  VoronoiNeighbours faces =
      voronoi_neighbours(atoms.positions, atoms.cell, voronoi_cells(atoms.positions, atoms.cell, cells));
  return {std::move(faces.list), std::move(faces.areas)};
}

std::vector<int> degrees_of(const AnalysisOptions& options) {
  std::set<int> degrees(options.degrees.begin(), options.degrees.end());
  degrees.insert({4, 6});
  return {degrees.begin(), degrees.end()};
}

BondOrder order_of(const Bonds& bonds, const AnalysisOptions& options, core::Threads threads) {
  return bond_order(bonds.list,
                    {.degrees = degrees_of(options),
                     .min_neighbours = options.min_neighbours,
                     .third_order = options.third_order,
                     .errors = true},
                    bonds.weights, threads);
}

void add(std::vector<std::vector<double>>& sum, const std::vector<std::vector<double>>& one) {
  for (std::size_t d = 0; d < sum.size(); ++d)
    for (std::size_t i = 0; i < sum[d].size(); ++i)
      sum[d][i] += one[d][i];
}

void scale(std::vector<std::vector<double>>& sum, double factor) {
  for (std::vector<double>& values : sum)
    for (double& v : values)
      v *= factor;
}

/// What is known after each frame: sums until the last.
class MeanOrder {
public:
  void add_frame(BondOrder one) {
    const CrystallineOrder order = bounded_crystalline_order(one);
    if (frames_ == 0.0) {
      mean_ = std::move(one);
      alpha_ = order.alpha;
      variance_.resize(alpha_.size(), 0.0);
    } else {
      add(mean_.plain, one.plain);
      add(mean_.averaged, one.averaged);
      add(mean_.plain_w, one.plain_w);
      add(mean_.averaged_w, one.averaged_w);
      for (std::size_t k = 0; k < mean_.averaged_six.size(); ++k)
        mean_.averaged_six[k] += one.averaged_six[k]; // their length has no meaning
      for (std::size_t i = 0; i < alpha_.size(); ++i) {
        alpha_[i] += order.alpha[i];
        mean_.flagged[i] |= one.flagged[i];
      }
    }
    for (std::size_t i = 0; i < alpha_.size(); ++i)
      variance_[i] += order.sd[i] * order.sd[i];
    frames_ += 1.0;
  }

  void finish(MomentOrder& result) && {
    if (frames_ > 1.0)
      for (auto* values : {&mean_.plain, &mean_.averaged, &mean_.plain_w, &mean_.averaged_w})
        scale(*values, 1.0 / frames_);
    for (double& a : alpha_)
      a /= frames_;
    for (double& v : variance_)
      v = std::sqrt(v) / frames_; // frames a vibration apart err independently
    result.order = std::move(mean_);
    result.alpha = std::move(alpha_);
    result.alpha_sd = std::move(variance_);
  }

private:
  BondOrder mean_;
  std::vector<double> alpha_;
  std::vector<double> variance_;
  double frames_ = 0.0;
};

} // namespace

MomentOrder moment_order(std::span<const core::Atoms> frames, double cutoff_a, const AnalysisOptions& options,
                         core::Threads threads) {
  MomentOrder result;
  MeanOnSites places = mean_on_sites(frames);
  result.atoms = std::move(places.atoms);
  result.moved_atoms = places.moved;
  const core::Atoms& atoms = result.atoms;
  result.shell = core::neighbours_within(atoms.positions, atoms.cell, cutoff_a, threads);
  result.bonds = bonds_of(atoms, options, result.shell, threads);
  MeanOrder mean;
  if (frames.size() == 1) {
    mean.add_frame(order_of(result.bonds, options, threads));
  } else {
    for (const core::Atoms& frame : frames) {
      const core::NeighbourList shell =
          core::neighbours_within(frame.positions, frame.cell, cutoff_a, threads);
      mean.add_frame(order_of(bonds_of(frame, options, shell, threads), options, threads));
    }
  }
  std::move(mean).finish(result);
  result.nuclei = find_nuclei(atoms.positions, atoms.cell, result.alpha, options.nuclei,
                              {.sd = result.alpha_sd, .turn = result.order.averaged_six}, threads);
  return result;
}

} // namespace aet::analysis
