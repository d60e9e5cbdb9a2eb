#include "sim/md/onset.hpp"

#include "sim/core/error.hpp"

#include <Eigen/Cholesky>
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace aet::md {

namespace {

constexpr double behind_k = 50.0; // the fit stays this far behind the place it judges

/// Energies at rising step, averaged over a span of temperature; temperatures are the thermostat's.
struct Curve {
  std::vector<double> kelvin;
  std::vector<double> energy;
};

Curve smooth_curve(const Stage& stage, const std::vector<ThermoRow>& rows, double span_k) {
  Curve raw;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const double part = static_cast<double>(i + 1) / static_cast<double>(rows.size());
    raw.kelvin.push_back(stage.begin_k + part * (stage.end_k - stage.begin_k));
    raw.energy.push_back(rows[i].potential_ev_per_atom);
  }
  const double step = std::abs(stage.end_k - stage.begin_k) / static_cast<double>(rows.size());
  const auto half = static_cast<std::size_t>(std::lround(0.5 * span_k / std::max(step, 1e-9)));
  Curve out;
  for (std::size_t i = half; i + half < raw.energy.size(); ++i) {
    double sum = 0.0;
    for (std::size_t j = i - half; j <= i + half; ++j)
      sum += raw.energy[j];
    out.kelvin.push_back(raw.kelvin[i]);
    out.energy.push_back(sum / static_cast<double>(2 * half + 1));
  }
  return out;
}

/// Least-squares parabola in (T - T0) / 100 K through the first points as a function.
class Parabola {
public:
  void add(double kelvin, double energy) {
    const Eigen::Vector3d row = powers(kelvin);
    normal_ += row * row.transpose();
    right_ += energy * row;
  }
  void solve() { c_ = normal_.ldlt().solve(right_); }
  [[nodiscard]] double at(double kelvin) const { return c_.dot(powers(kelvin)); }

private:
  static Eigen::Vector3d powers(double kelvin) {
    const double t = (kelvin - 1000.0) / 100.0;
    return {1.0, t, t * t};
  }
  Eigen::Matrix3d normal_ = Eigen::Matrix3d::Zero();
  Eigen::Vector3d right_ = Eigen::Vector3d::Zero();
  Eigen::Vector3d c_ = Eigen::Vector3d::Zero();
};

} // namespace

Onset find_onset(const Stage& stage, const std::vector<ThermoRow>& all, const OnsetOptions& options) {
  const Curve curve = smooth_curve(stage, rows_of_stage(all, stage.name), options.smooth_k);
  if (curve.energy.size() < 20)
    throw core::DataError(fmt::format("the cooling stage {} has too few lines in its record ({}); write one "
                                      "every few kelvin",
                                      stage.name, curve.energy.size()));
  Parabola fit;
  std::size_t fitted = 0;
  Onset onset;
  for (std::size_t i = 0; i < curve.energy.size(); ++i) {
    if (std::abs(curve.kelvin[i] - stage.begin_k) < options.liquid_k) continue;
    // Once the energy has left the curve the fit learns nothing more.
    if (!onset.found) {
      for (; fitted < i && std::abs(curve.kelvin[fitted] - curve.kelvin[i]) > behind_k; ++fitted)
        fit.add(curve.kelvin[fitted], curve.energy[fitted]);
      fit.solve();
    }
    const double below = fit.at(curve.kelvin[i]) - curve.energy[i];
    onset.drop_ev = std::max(onset.drop_ev, below);
    if (below >= options.drop_ev && !onset.found) {
      onset.found = true;
      onset.temperature_k = curve.kelvin[i];
    } else if (below < options.drop_ev && onset.found) {
      onset.found = false; // a fluctuation: it came back
    }
  }
  onset.note = onset.found
                   ? fmt::format("the energy leaves the liquid's curve at {:.0f} K and falls {:.4f} eV per "
                                 "atom below it",
                                 onset.temperature_k, onset.drop_ev)
                   : fmt::format("the energy is never more than {:.4f} eV per atom below the liquid's curve "
                                 "({} eV would count)",
                                 onset.drop_ev, options.drop_ev);
  return onset;
}

} // namespace aet::md
