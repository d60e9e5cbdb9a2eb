#include "analysis/order/crystal_rules.hpp"

#include "analysis/order/common_neighbours.hpp"
#include "analysis/order/solid_bonds.hpp"

#include <fmt/core.h>

#include <algorithm>

namespace aet::analysis {
namespace {

/// A rule's verdict.
struct Verdict {
  std::string rule;
  std::vector<std::uint8_t> crystalline;
  std::vector<std::vector<std::size_t>> nuclei;
};

Verdict by_alpha(std::string rule, std::span<const double> alpha, double threshold, const Nuclei& found) {
  Verdict verdict{std::move(rule), {}, {}};
  for (const double a : alpha)
    verdict.crystalline.push_back(a >= threshold ? 1 : 0);
  for (const Nucleus& nucleus : found.nuclei)
    verdict.nuclei.push_back(nucleus.atoms);
  return verdict;
}

Verdict by_marks(std::string rule, std::vector<std::uint8_t> marks, const core::NeighbourList& shell,
                 int min_atoms) {
  Verdict verdict{std::move(rule), {}, connected_parts(shell, marks)};
  std::erase_if(verdict.nuclei,
                [&](const auto& part) { return part.size() < static_cast<std::size_t>(min_atoms); });
  verdict.crystalline = std::move(marks);
  return verdict;
}

} // namespace

std::vector<CrystalRuleResult> crystal_rules(std::span<const core::Vec3> positions,
                                             const std::optional<core::Cell>& cell, double cutoff_a,
                                             std::span<const double> alpha, const PerAtom& known,
                                             const NucleiOptions& options, core::Threads threads) {
  const core::NeighbourList shell = core::neighbours_within(positions, cell, cutoff_a, threads);
  NucleiOptions published = options;
  published.persistence = 0.0;
  std::vector<std::uint8_t> crystal;
  for (const Structure s : common_neighbour_structures(positions, cell, threads))
    crystal.push_back(s == Structure::fcc || s == Structure::hcp || s == Structure::bcc ? 1 : 0);
  const std::vector<Verdict> verdicts{
      by_alpha(fmt::format("alpha >= {}, maxima joined", options.threshold), alpha, options.threshold,
               find_nuclei(positions, cell, alpha, options, known, threads)),
      by_alpha(fmt::format("alpha >= {}, each maximum", options.threshold), alpha, options.threshold,
               find_nuclei(positions, cell, alpha, published, known, threads)),
      by_marks("solid bonds", solid_atoms(shell, {}, threads), shell, options.min_atoms),
      by_marks("common neighbours", std::move(crystal), shell, options.min_atoms)};
  std::vector<CrystalRuleResult> table;
  std::vector<std::uint8_t> first;
  for (const Verdict& verdict : verdicts) {
    CrystalRuleResult row;
    row.rule = verdict.rule;
    row.nuclei = verdict.nuclei.size();
    std::vector<std::uint8_t> member(positions.size(), 0);
    for (const auto& nucleus : verdict.nuclei) {
      row.largest_atoms = std::max(row.largest_atoms, nucleus.size());
      for (const std::size_t i : nucleus)
        member[i] = 1;
    }
    if (first.empty()) first = member;
    double both = 0.0;
    double either = 0.0;
    for (std::size_t i = 0; i < positions.size(); ++i) {
      row.crystalline_fraction += verdict.crystalline[i] / static_cast<double>(positions.size());
      both += member[i] != 0 && first[i] != 0 ? 1.0 : 0.0;
      either += member[i] != 0 || first[i] != 0 ? 1.0 : 0.0;
    }
    if (either > 0.0) row.members_shared = both / either;
    table.push_back(std::move(row));
  }
  return table;
}

} // namespace aet::analysis
