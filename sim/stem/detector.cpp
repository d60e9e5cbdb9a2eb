#include "sim/stem/detector.hpp"

#include "sim/core/units.hpp"

#include <algorithm>
#include <cmath>

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

double Annulus::in_segment(double qx, double qy, const AngleRange& range) const {
  if (range.segments == 1) return 1.0;
  const double q = std::hypot(qx, qy);
  if (q == 0.0) return 1.0 / range.segments;
  // Azimuth from the beginning of segment 0, in segments: 0 <= place < segments.
  const double turns = std::atan2(qy, qx) / (2.0 * core::pi) - range.rotation_deg / 360.0;
  const double place = (turns - std::floor(turns)) * range.segments;
  if (!soft_) return std::min(static_cast<int>(place), range.segments - 1) == range.segment ? 1.0 : 0.0;
  // Edges are linear over a Fourier pixel, but not over more than a segment: what one loses its neighbour
  // gets.
  const double width = std::min(1.0, dq_ / q * range.segments / (2.0 * core::pi));
  double off = std::abs(place - (range.segment + 0.5));
  off = std::min(off, range.segments - off);
  return std::clamp((0.5 - off) / width + 0.5, 0.0, 1.0);
}

double Annulus::weight(double qx, double qy, const AngleRange& range) const {
  const double q = std::hypot(qx, qy);
  const double ring = inside_disc(q, range.outer_mrad) - inside_disc(q, range.inner_mrad);
  return ring == 0.0 ? 0.0 : ring * in_segment(qx, qy, range);
}

} // namespace aet::stem
