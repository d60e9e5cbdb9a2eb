#include "recon/scene/restraint.hpp"

namespace aet::recon {

double restraint_loss(const Restraint& restraint, const std::vector<core::Vec3>& positions) {
  if (!restraint.active()) return 0.0;
  double square = 0.0;
  for (std::size_t a = 0; a < positions.size(); ++a)
    square += (positions[a] - restraint.places[a]).squaredNorm();
  return 0.5 * restraint.precision * square;
}

void add_restraint_gradient(const Restraint& restraint, const std::vector<core::Vec3>& positions,
                            ParameterVector& gradient) {
  if (!restraint.active()) return;
  for (std::size_t a = 0; a < positions.size(); ++a)
    gradient.segment<3>(atom_index(a)) += restraint.precision * (positions[a] - restraint.places[a]);
}

void add_restraint_product(const Restraint& restraint, const ParameterVector& v, ParameterVector& out) {
  if (!restraint.active()) return;
  for (std::size_t a = 0; a < restraint.places.size(); ++a)
    out.segment<3>(atom_index(a)) += restraint.precision * v.segment<3>(atom_index(a));
}

} // namespace aet::recon
