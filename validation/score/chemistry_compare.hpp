// Chemical order of a model beside that of the truth.
#pragma once

#include "analysis/chemistry/chemistry.hpp"
#include "validation/figures/figure.hpp"
#include "validation/score/analysis_compare.hpp"

#include <nlohmann/json_fwd.hpp>

#include <array>
#include <optional>

namespace aet::validation {

struct ChemistrySide {
  std::size_t nuclei = 0;
  std::size_t nuclei_left = 0;     ///< not told from chance are the others
  std::optional<double> by_chance; ///< nuclei that chance makes; none: not asked
  std::size_t antisites = 0;
  std::size_t grains = 0;         ///< chemical ones, not counting small ones
  std::optional<double> c_over_a; ///< of L1_0
};

struct ChemistryComparison {
  AnalysisComparison order;              ///< S of each atom's phase, nuclei, profiles
  std::optional<double> phases_agree;    ///< part of matched atoms, on lattices on both sides, of one phase
  std::optional<double> order_rms_error; ///< of S of each atom's phase, over the same atoms
  std::size_t on_lattices = 0;           ///< matched atoms on lattices on both sides
  ChemistrySide truth;
  ChemistrySide model;
};

/// Both analysed with axes and sites named alike.
[[nodiscard]] ChemistryComparison compare_chemistry(const analysis::ChemicalAnalysis& truth,
                                                    const analysis::ChemicalAnalysis& model);

[[nodiscard]] nlohmann::json to_json(const ChemistryComparison& comparison);

/// Figures "chemistry.phases_agree", "chemistry.order_rms_error", "chemistry.nuclei_SIDE", ... from one frame
/// of the JSON that the stage analyze writes; empty where there is none.
[[nodiscard]] Figures chemistry_figures(const nlohmann::json& frame);

} // namespace aet::validation
