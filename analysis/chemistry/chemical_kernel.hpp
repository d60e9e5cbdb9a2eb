// What the Gaussian kernel of chemical order sees around every atom, for any distribution of species.
#pragma once

#include "analysis/chemistry/chemical_order.hpp"

#include <cstdint>
#include <vector>

namespace aet::analysis {

/// Zhou et al. 2019, eq. 6, with f the part of sites that hold what the phase wants.
/// \param phase_a, all_a part of A in the phase and in all.
[[nodiscard]] double normalised_order(double f, double phase_a, double all_a);

/// Some 450 weights an atom are kept (12 bytes each), so that other species on the same sites cost little.
class ChemicalKernel {
public:
  /// \throws ConfigError for a kernel that is not positive; DataError if the sites are those of other atoms.
  ChemicalKernel(const core::Atoms& atoms, const LatticeSites& sites, double kernel_cells,
                 core::Threads threads = {});

  /// \param species one an atom, 0 or 1.
  /// \throws DataError if all atoms on lattices are of one species.
  [[nodiscard]] ChemicalOrder order(const std::vector<int>& species, core::Threads threads = {}) const;

  /// Atoms that the kernel sees as independent: (sum w)^2 / sum w^2, mean over the atoms on lattices.
  [[nodiscard]] double sites_seen() const { return sites_seen_; }

private:
  std::vector<std::size_t> first_; // of the entries of each atom; one more than atoms
  std::vector<std::uint32_t> index_;
  std::vector<double> weight_;
  std::vector<std::int8_t> sublattice_; // -1: on no lattice
  double sites_seen_ = 0.0;
};

} // namespace aet::analysis
