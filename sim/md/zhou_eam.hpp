// Embedded-atom alloy potentials of Zhou, Johnson and Wadley (2004), tabulated as LAMMPS eam/alloy files.
#pragma once

#include <array>
#include <string>
#include <vector>

namespace aet::md {

/// Constants of one element; names as in the paper (x = r / re).
struct ZhouElement {
  int atomic_number;
  double mass;              ///< [u], as tabulated
  double re;                ///< nearest-neighbour distance [angstrom]
  double fe;                ///< density at re
  double rho_e;             ///< density at equilibrium
  double rho_s;             ///< scale of the logarithmic branch
  double alpha;             ///< decay of the repulsion
  double beta;              ///< decay of attraction and density
  double a;                 ///< [eV]
  double b;                 ///< [eV]
  double kappa;             ///< cut-off of the repulsion
  double lambda;            ///< cut-off of attraction and density
  std::array<double, 4> fn; ///< embedding below rho_low rho_e [eV]
  std::array<double, 4> f;  ///< embedding in between [eV]; the last for densities below rho_e
  double f3_above;          ///< the last coefficient for densities of rho_e and more [eV]
  double eta;               ///< exponent of the logarithmic branch
  double f_e;               ///< its height [eV]
  double rho_low;           ///< where the branches meet, in rho_e
  double rho_high;          ///< where the branches meet, in rho_e
  bool bcc;                 ///< its crystal; fcc otherwise
};

/// Fe and Pt. X. W. Zhou, R. A. Johnson, H. N. G. Wadley, Phys. Rev. B 69, 144113 (2004),
/// doi:10.1103/PhysRevB.69.144113, Table III; the lower branch point of Pt (0.25) and the upper F3 as in the
/// authors' own program (create.f in LAMMPS' tools/eam_database).
/// \throws DataError for another element.
[[nodiscard]] const ZhouElement& zhou_element(int atomic_number);

/// Electron density of one atom at distance r [angstrom] (eq. 4 of the paper).
[[nodiscard]] double zhou_density(const ZhouElement& element, double r);
/// Pair energy [eV] (eq. 2); between different elements by Johnson's rule (eq. 5).
[[nodiscard]] double zhou_pair(const ZhouElement& one, const ZhouElement& other, double r);
/// Embedding energy [eV] (eqs. 6 to 8).
[[nodiscard]] double zhou_embedding(const ZhouElement& element, double density);

/// Distance at which the tables end: beyond the fifth shell of the wider fcc lattice, sqrt(10) / 2 lattice
/// constants, as in the authors' program [angstrom].
[[nodiscard]] double zhou_cutoff(const std::vector<int>& atomic_numbers);

/// The setfl text: 2000 knots in distance, 2000 in density; elements in the order given. Distances below
/// 0.5 A have the values at 0.5 A.
/// \throws DataError for no elements, an element twice, or one that zhou_element() does not know.
[[nodiscard]] std::string zhou_setfl(const std::vector<int>& atomic_numbers);

} // namespace aet::md
