#include "sim/stem/detector.hpp"

#include "sim/core/units.hpp"

#include <algorithm>

namespace aet::stem {

Annulus::Annulus(const ProbeOptions& probe, const DetectorOptions& detector, double dq)
    : inner_(detector.inner_mrad * 1e-3 / core::electron_wavelength(probe.energy_kv)),
      outer_(detector.outer_mrad * 1e-3 / core::electron_wavelength(probe.energy_kv)), dq_(dq),
      soft_(detector.edge == DetectorEdge::soft) {}

double Annulus::inside(double q, double edge) const {
  if (!soft_) return q < edge ? 1.0 : 0.0;
  return std::clamp((edge - q) / dq_ + 0.5, 0.0, 1.0);
}

} // namespace aet::stem
