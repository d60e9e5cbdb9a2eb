// Annular detectors on a Fourier grid.
#pragma once

#include "sim/stem/options.hpp"

namespace aet::stem {

/// The annulus in units of spatial frequency.
class Annulus {
public:
  /// \param dq spacing of the Fourier grid [1/angstrom], over which soft edges are linear.
  Annulus(const ProbeOptions& probe, const DetectorOptions& detector, double dq);

  /// Weight of a Fourier pixel in the disc inside the inner edge, 0..1; q in 1/angstrom.
  [[nodiscard]] double inside_inner(double q) const { return inside(q, inner_); }
  /// Weight in the disc inside the outer edge.
  [[nodiscard]] double inside_outer(double q) const { return inside(q, outer_); }
  /// Weight in the annulus.
  [[nodiscard]] double weight(double q) const { return inside_outer(q) - inside_inner(q); }

  /// Weight in another range, with the same kind of edges; the segments of a range add up to it.
  [[nodiscard]] double weight(double qx, double qy, const AngleRange& range) const;
  /// Weight in the disc up to `edge_mrad`.
  [[nodiscard]] double inside_disc(double q, double edge_mrad) const;

  [[nodiscard]] double inner() const { return inner_; } ///< [1/angstrom]
  [[nodiscard]] double outer() const { return outer_; } ///< [1/angstrom]

private:
  [[nodiscard]] double inside(double q, double edge) const;
  [[nodiscard]] double in_segment(double qx, double qy, const AngleRange& range) const;
  double wavelength_;
  double inner_;
  double outer_;
  double dq_;
  bool soft_;
};

} // namespace aet::stem
