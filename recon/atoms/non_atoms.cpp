#include "recon/atoms/non_atoms.hpp"

#include "recon/atoms/peak_selection.hpp"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>

namespace aet::recon {

namespace {

constexpr double adf_exponent = 1.7;

std::size_t count_non_atoms(const std::vector<int>& label) {
  return static_cast<std::size_t>(std::count(label.begin(), label.end(), label_non_atom));
}

/// Mean box of the `fraction` of peaks with the lowest intensity, at least one.
std::vector<double> mean_of_lowest(const PeakBoxes& boxes, const std::vector<double>& intensities,
                                   double fraction) {
  std::vector<std::size_t> order(boxes.count);
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return intensities[a] < intensities[b]; });
  const auto lowest = std::max<std::size_t>(
      1, static_cast<std::size_t>(std::llround(fraction * static_cast<double>(boxes.count))));
  std::vector<int> mark(boxes.count, 0);
  for (std::size_t i = 0; i < lowest; ++i)
    mark[order[i]] = 1;
  return mean_box(boxes, mark, 1);
}

/// The less aggressive second look: a non-atom nearer to the mean dimmest atom than to a constant background
/// becomes one. The constant is the mean value of the non-atoms' boxes.
std::size_t rescue(const PeakBoxes& boxes, std::vector<int>& label) {
  const std::vector<double> dimmest = mean_box(boxes, label, 0);
  const std::vector<double> non_atom = mean_box(boxes, label, label_non_atom);
  if (dimmest.empty() || non_atom.empty()) return 0;
  const double constant =
      std::accumulate(non_atom.begin(), non_atom.end(), 0.0) / static_cast<double>(non_atom.size());
  const std::vector<double> flat(non_atom.size(), constant);
  std::size_t rescued = 0;
  for (std::size_t i = 0; i < boxes.count; ++i) {
    if (label[i] != label_non_atom) continue;
    if (l1_distance(boxes.box(i), dimmest) < l1_distance(boxes.box(i), flat)) {
      label[i] = 0;
      ++rescued;
    }
  }
  return rescued;
}

/// The middle of a valley favours whichever side is narrower: noise is, and dim atoms far from their mean are
/// lost. The crossing point of two Gaussians fitted to either side is where both errors are equally likely;
/// it is kept near the valley, since noise is not a Gaussian.
double refined(const std::vector<double>& intensities, double valley) {
  std::vector<int> side;
  side.reserve(intensities.size());
  for (const double v : intensities)
    side.push_back(v < valley ? 0 : 1);
  const GaussianMixture mixture = fit_mixture(intensities, side, 2);
  for (const MixtureComponent& component : mixture.components) {
    if (component.weight <= 0.0) return valley;
  }
  return std::clamp(crossing_point(mixture, 0), 0.7 * valley, 1.3 * valley);
}

/// The valley between weak peaks and the dimmest species, looked for among the peaks that cannot be of a
/// brighter one: split_non_atoms is for one species.
NonAtomResult by_valley(const std::vector<double>& intensities, const std::vector<double>& levels,
                        double level) {
  NonAtomResult result;
  result.label = label_by_level(intensities, levels, level, 1.0);
  std::vector<double> dim;
  for (std::size_t i = 0; i < intensities.size(); ++i) {
    if (result.label[i] == 0) dim.push_back(intensities[i]);
  }
  NonAtomSplit split;
  split.rule = "none";
  // Too few peaks at the lowest level to be a species: they are judged with the brighter ones.
  std::size_t at_level = 0;
  for (const double v : dim)
    at_level += v > 0.5 * levels.front() * level ? 1U : 0U;
  if (at_level >= 5) split = split_non_atoms(dim);
  if (split.rule == "none" && at_level < 5) split = split_non_atoms(intensities);
  result.rule = split.rule;
  result.threshold = split.rule == "valley" ? refined(dim, split.threshold) : split.threshold;
  for (std::size_t i = 0; i < intensities.size(); ++i) {
    if (split.rule != "none" && intensities[i] < result.threshold) result.label[i] = label_non_atom;
  }
  return result;
}

} // namespace

std::vector<double> expected_levels(const std::vector<int>& elements) {
  std::vector<double> levels;
  for (const int z : elements)
    levels.push_back(std::pow(static_cast<double>(z) / elements.back(), adf_exponent));
  return levels;
}

std::vector<int> label_by_level(const std::vector<double>& intensities, const std::vector<double>& levels,
                                double level, double shift) {
  std::vector<int> label(intensities.size(), 0);
  for (std::size_t i = 0; i < intensities.size(); ++i) {
    for (std::size_t s = 0; s + 1 < levels.size(); ++s) {
      if (intensities[i] > shift * level * std::sqrt(levels[s] * levels[s + 1]))
        label[i] = static_cast<int>(s) + 1;
    }
  }
  return label;
}

NonAtomResult find_non_atoms(const PeakBoxes& boxes, const std::vector<double>& intensities,
                             const std::vector<double>& levels, const ClassifyOptions& options) {
  const auto k = static_cast<int>(levels.size());
  const double level = strong_level(intensities);
  NonAtomResult result;
  switch (options.non_atoms) {
  case NonAtomMethod::automatic:
    result = by_valley(intensities, levels, level);
    break;
  case NonAtomMethod::none:
    result.label = label_by_level(intensities, levels, level, 1.0);
    result.rule = "none";
    break;
  case NonAtomMethod::three_class_l1:
    result.label = label_by_level(intensities, levels, level, 1.0);
    result.label =
        iterate_l1(boxes, result.label, k, mean_of_lowest(boxes, intensities, options.lowest_fraction)).label;
    result.first = count_non_atoms(result.label);
    result.rescued = rescue(boxes, result.label);
    result.rule = "three_class_l1";
    break;
  case NonAtomMethod::k_means_l1:
    // Sphere of radius 3 (+0.5) points of the volume upsampled by three.
    result.label = k_means_1d(integrated_intensities(boxes, 3.5 / 3.0), k + 1);
    for (int& l : result.label)
      l -= 1; // the lowest group: label_non_atom
    result.first = count_non_atoms(result.label);
    result.rescued = rescue(boxes, result.label);
    result.rule = "k_means_l1";
    break;
  }
  if (options.non_atoms == NonAtomMethod::automatic) result.first = count_non_atoms(result.label);
  return result;
}

} // namespace aet::recon
