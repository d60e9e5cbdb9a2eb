#include "sim/stem/detector.hpp"

#include "sim/core/units.hpp"

#include <algorithm>

namespace aet::stem {

Annulus::Annulus(const ProbeOptions& probe, const DetectorOptions& detector, double dq)
    : wavelength_(core::electron_wavelength(probe.energy_kv)),
      inner_(detector.inner_mrad * 1e-3 / wavelength_), outer_(detector.outer_mrad * 1e-3 / wavelength_),
      dq_(dq), soft_(detector.edge == DetectorEdge::soft) {}

double Annulus::inside(double q, double edge) const {
  if (!soft_) return q < edge ? 1.0 : 0.0;
  return std::clamp((edge - q) / dq_ + 0.5, 0.0, 1.0);
}

double Annulus::inside_disc(double q, double edge_mrad) const {
  return edge_mrad > 0.0 ? inside(q, edge_mrad * 1e-3 / wavelength_) : 0.0;
}

double Annulus::weight(double q, const AngleRange& range) const {
  return inside_disc(q, range.outer_mrad) - inside_disc(q, range.inner_mrad);
}

} // namespace aet::stem
