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
  std::span<const double> sd{};            ///< its standard error; empty: not known
};

/// All that the description of nuclei draws on; each list holds one entry an atom.
struct NucleusContext {
  const core::Atoms& atoms;
  const Nuclei& nuclei;
  std::vector<OrderField> fields;        ///< one for all nuclei, or one a nucleus (S of its phase)
  std::span<const std::uint8_t> flagged; ///< 1: not in profiles
  const SurfaceOfAtoms& surface;
  const core::NeighbourList& shell;      ///< first shell
  const LatticeSites* lattice = nullptr; ///< for directions; may be none
  std::optional<double> shared_errors{}; ///< atoms that share an error of the order parameter; none: a shell
};

/// \throws DataError if the number of fields is neither one nor that of the nuclei.
[[nodiscard]] std::vector<NucleusReport>
describe_nuclei(const NucleusContext& context, const AnalysisOptions& options, core::Threads threads = {});

} // namespace aet::analysis
