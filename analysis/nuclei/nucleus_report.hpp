// What is said about one nucleus: surface, sphericity, site, profiles, barrier. The same for nuclei of
// crystalline and of chemical order.
#pragma once

#include "analysis/chemistry/lattice_sites.hpp"
#include "analysis/moment/moment_analysis.hpp"
#include "analysis/order/order_gradient.hpp"

#include <optional>
#include <span>
#include <vector>

namespace aet::analysis {

/// An order parameter at every atom.
struct OrderField {
  std::span<const double> alpha;
  const OrderGradient* gradient = nullptr; ///< of it
};

/// All that the description of nuclei draws on; each list holds one entry an atom.
struct NucleusContext {
  const core::Atoms& atoms;
  const Nuclei& nuclei;
  std::vector<OrderField> fields;        ///< one for all nuclei, or one a nucleus (S of its phase)
  std::span<const std::uint8_t> flagged; ///< 1: not in profiles
  std::span<const VoronoiCell> cells;
  std::span<const double> depth; ///< below the surface [angstrom]; empty: there is none
  std::span<const std::uint8_t> exposed;
  const core::NeighbourList& shell;      ///< first shell
  std::optional<double> bulk_volume;     ///< stands for cells that are not closed [A^3]
  const LatticeSites* lattice = nullptr; ///< for directions; may be none
};

/// \throws DataError if the number of fields is neither one nor that of the nuclei.
[[nodiscard]] std::vector<NucleusReport>
describe_nuclei(const NucleusContext& context, const AnalysisOptions& options, core::Threads threads = {});

} // namespace aet::analysis
