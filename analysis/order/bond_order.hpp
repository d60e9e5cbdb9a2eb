// Bond-orientational order: plain and averaged Q_l, and the order parameter alpha of the seed papers.
#pragma once

#include "sim/core/neighbours/neighbours.hpp"

#include <cstdint>
#include <span>
#include <vector>

namespace aet::analysis {

/// Averaged Q4 and Q6 of a perfect fcc crystal, as the published code rounds them.
inline constexpr double fcc_q4 = 0.190941;
inline constexpr double fcc_q6 = 0.574524;

struct BondOrderOptions {
  std::vector<int> degrees{4, 6}; ///< rising, each 0 .. 12
  int min_neighbours = 6;   ///< >= 1; atoms with fewer are flagged (6: an edge atom of a small fcc particle)
  bool third_order = false; ///< also W_l; 0 for every odd degree by symmetry
  bool errors = false;      ///< also the standard errors of the averaged Q_l, and the averaged q_6m
};

/// One number an atom for each degree asked for.
struct BondOrder {
  std::vector<int> degrees;
  std::vector<std::vector<double>> plain;    ///< plain[d][atom]: Q_l of the atom's own shell
  std::vector<std::vector<double>> averaged; ///< averaged[d][atom]: over the atom and its neighbours
  /// 1 where an atom has fewer than min_neighbours: its values are means over the few neighbours it has,
  /// which random directions alone make large; without any neighbour they are 0 because nothing was measured.
  std::vector<std::uint8_t> flagged;
  /// Standard error of each averaged Q_l, empty unless asked for: how much it changes when one of the shells
  /// it is the mean of is left out (jackknife: Efron and Stein, Ann. Stat. 9, 586 (1981),
  /// doi:10.1214/aos/1176345462). 0 in a perfect crystal, where all shells are alike, and without neighbours.
  std::vector<std::vector<double>> averaged_sd;
  /// Averaged q_6m of each atom, 13 real components: how its surroundings are turned. With the errors, if
  /// degree 6 is computed.
  std::vector<double> averaged_six;
  /// W_l like `plain` and `averaged`; empty unless asked for. Its sign tells hcp from fcc and, with l = 6,
  /// finds icosahedra.
  std::vector<std::vector<double>> plain_w;
  std::vector<std::vector<double>> averaged_w;
  /// [d][atom]: 1 where plain_w, 2 where averaged_w, 3 where both have no meaning because Q_l is below 1e-6
  /// (an icosahedron has no l = 4); the number there is 0.
  std::vector<std::vector<std::uint8_t>> w_undefined;

  /// Position of a degree in `plain` and `averaged`.
  /// \throws ConfigError if it was not computed.
  [[nodiscard]] std::size_t at(int degree) const;
};

/// q_lm(i) = mean of Y_lm over the neighbours of i (weighted mean if weights are given, e.g. areas of Voronoi
/// faces: Mickel et al., J. Chem. Phys. 138, 044501 (2013), doi:10.1063/1.4774084);
/// averaged over i and its neighbours, each counted once (Lechner and Dellago, J. Chem. Phys. 129, 114707
/// (2008), doi:10.1063/1.2977970); Q_l = sqrt(4 pi / (2l + 1) sum over m of |q_lm|^2);
/// W_l = sum over m1 + m2 + m3 = 0 of the Wigner 3j symbol (l l l; m1 m2 m3) times q_lm1 q_lm2 q_lm3, divided
/// by (sum of |q_lm|^2)^(3/2) (Steinhardt, Nelson and Ronchetti, Phys. Rev. B 28, 784 (1983), eq. 1.5,
/// doi:10.1103/PhysRevB.28.784).
/// \param weights empty, or one number >= 0 for each entry of `neighbours`.
/// \throws ConfigError for options out of range; DataError if the number of weights is wrong.
/// The same to the last bit in any order of atoms and for any number of threads.
[[nodiscard]] BondOrder bond_order(const core::NeighbourList& neighbours,
                                   const BondOrderOptions& options = {}, std::span<const double> weights = {},
                                   core::Threads threads = {});

/// alpha = sqrt(Q4^2 + Q6^2) / sqrt(fcc_q4^2 + fcc_q6^2): 0 without order, 1 in perfect fcc (0.817 in hcp,
/// 0.847 in bcc with 14 neighbours). Zhou et al. 2019, Methods, "Order parameter definition ... for the MD
/// simulation results".
[[nodiscard]] std::vector<double> crystalline_order(std::span<const double> q4, std::span<const double> q6);

/// crystalline_order() of the averaged Q4 and Q6, at most 1, and its standard error if the order has errors
/// (those of Q4 and Q6 taken as independent). Zhou et al. 2019 has alpha between 0 and 1; cut-off shells at a
/// surface give up to 1.03 in a perfect crystal, which is taken as 1 like the bulk beside it.
struct CrystallineOrder {
  std::vector<double> alpha;
  std::vector<double> sd; ///< empty without errors
};
/// \throws ConfigError if degree 4 or 6 was not computed.
[[nodiscard]] CrystallineOrder bounded_crystalline_order(const BondOrder& order);

} // namespace aet::analysis
