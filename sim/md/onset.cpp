#include "sim/md/onset.hpp"

#include "sim/core/error.hpp"

#include <Eigen/Cholesky>
#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace aet::md {

namespace {

struct Point {
  double t; ///< temperature, -1 at the end of the scan to 1 at its start
  double energy;
};

std::vector<Point> points_of(const std::vector<ThermoRow>& rows) {
  std::vector<Point> out;
  const auto n = static_cast<double>(rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i)
    out.push_back({1.0 - 2.0 * (static_cast<double>(i) + 1.0) / n, rows[i].potential_ev_per_atom});
  return out;
}

/// Parabola and step: what is left of the sum of squares, and the height of the step (positive: a drop).
struct Fit {
  double squares = std::numeric_limits<double>::infinity();
  double drop = 0.0;
};

Fit fit(const std::vector<Point>& points, double place, double width, bool with_step) {
  Eigen::Matrix4d normal = Eigen::Matrix4d::Zero();
  Eigen::Vector4d right = Eigen::Vector4d::Zero();
  const double mean = points.front().energy; // keeps the sums small
  const auto row = [&](double t) {
    const double step = with_step ? 1.0 / (1.0 + std::exp((t - place) / width)) : 0.0;
    return Eigen::Vector4d(1.0, t, t * t, step);
  };
  for (const Point& p : points) {
    const Eigen::Vector4d a = row(p.t);
    normal += a * a.transpose();
    right += (p.energy - mean) * a;
  }
  if (!with_step) normal(3, 3) = 1.0;
  const Eigen::Vector4d c = normal.ldlt().solve(right);
  Fit out{0.0, -c[3]};
  for (const Point& p : points) {
    const double left = p.energy - mean - c.dot(row(p.t));
    out.squares += left * left;
  }
  return out;
}

} // namespace

Onset find_onset(const Stage& stage, const std::vector<ThermoRow>& all, const OnsetOptions& options) {
  const std::vector<Point> points = points_of(rows_of_stage(all, stage.name));
  if (points.size() < 20)
    throw core::DataError(fmt::format("the cooling stage {} has too few lines in its record ({}); write one "
                                      "every few kelvin",
                                      stage.name, points.size()));
  const double smooth = fit(points, 0.0, 1.0, false).squares;
  Fit best;
  double place = 0.0;
  double width = 0.0;
  // Steps narrower than a few rows are noise, wider than a tenth of the scan the parabola's business.
  const double rows = static_cast<double>(points.size());
  for (const double w : {std::max(0.01, 2.0 / rows), 0.02, 0.04, 0.08})
    for (int i = 0; i <= 180; ++i) {
      const double p = -0.9 + 0.01 * i;
      const Fit trial = fit(points, p, w, true);
      if (trial.drop <= 0.0 || trial.squares >= best.squares) continue;
      best = trial;
      place = p;
      width = w;
    }
  constexpr double tenth = 2.1972; // ln 9: the logistic function is 0.1 there
  const double gain = (smooth - best.squares) / std::max(best.squares / (rows - 4.0), 1e-30);
  const double at = std::min(1.0, place + tenth * width);
  Onset onset;
  onset.temperature_k = 0.5 * (stage.begin_k + stage.end_k) + 0.5 * at * (stage.begin_k - stage.end_k);
  onset.drop_ev = best.drop;
  onset.found = best.drop >= options.drop_ev && gain >= options.significance;
  onset.note =
      onset.found
          ? fmt::format("the energy begins to fall below the liquid's curve at {:.0f} K, by {:.4f} eV per "
                        "atom in the end (significance {:.0f})",
                        onset.temperature_k, onset.drop_ev, gain)
          : fmt::format("no step of the energy stands out: the best is {:.4f} eV per atom, significance "
                        "{:.0f} ({} eV and {} would count)",
                        onset.drop_ev, std::max(gain, 0.0), options.drop_ev, options.significance);
  return onset;
}

} // namespace aet::md
