#include "validation/score/nuclei_match.hpp"

#include "sim/core/error.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <utility>

namespace aet::validation {

namespace {

std::map<int, std::size_t> nucleus_sizes(const std::vector<double>& labels, std::size_t atoms,
                                         const char* whose) {
  if (labels.size() != atoms) {
    throw core::DataError(fmt::format("the {} has {} nucleus labels for {} atoms; each atom needs one", whose,
                                      labels.size(), atoms));
  }
  std::map<int, std::size_t> sizes;
  for (const double label : labels) {
    if (!std::isfinite(label) || label != std::floor(label) || std::abs(label) > 1e9) {
      throw core::DataError(fmt::format(
          "the {} has the nucleus label {}; labels are whole numbers, negative for none", whose, label));
    }
    if (label >= 0.0) ++sizes[static_cast<int>(label)];
  }
  return sizes;
}

} // namespace

NucleiMatch match_nuclei(const std::vector<double>& truth_labels, const std::vector<double>& model_labels,
                         const MatchResult& match, double min_overlap) {
  const auto truth_sizes = nucleus_sizes(truth_labels, match.truth_atoms, "truth");
  const auto model_sizes = nucleus_sizes(model_labels, match.model_atoms, "model");
  std::map<std::pair<int, int>, std::size_t> shared;
  for (const MatchPair& pair : match.pairs) {
    const double t = truth_labels[pair.truth];
    const double m = model_labels[pair.model];
    if (t >= 0.0 && m >= 0.0) ++shared[{static_cast<int>(t), static_cast<int>(m)}];
  }
  std::vector<NucleusPair> candidates;
  for (const auto& [labels, count] : shared) {
    NucleusPair pair;
    pair.truth = labels.first;
    pair.model = labels.second;
    pair.shared = count;
    pair.truth_atoms = truth_sizes.at(pair.truth);
    pair.model_atoms = model_sizes.at(pair.model);
    pair.overlap =
        static_cast<double>(count) / static_cast<double>(pair.truth_atoms + pair.model_atoms - count);
    if (pair.overlap >= min_overlap) candidates.push_back(pair);
  }
  std::stable_sort(candidates.begin(), candidates.end(),
                   [](const NucleusPair& a, const NucleusPair& b) { return a.overlap > b.overlap; });
  NucleiMatch result;
  result.truth = truth_sizes.size();
  result.model = model_sizes.size();
  std::set<int> truth_taken;
  std::set<int> model_taken;
  for (const NucleusPair& pair : candidates) {
    if (truth_taken.contains(pair.truth) || model_taken.contains(pair.model)) continue;
    truth_taken.insert(pair.truth);
    model_taken.insert(pair.model);
    result.pairs.push_back(pair);
  }
  return result;
}

} // namespace aet::validation
