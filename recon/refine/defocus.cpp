#include "recon/refine/defocus.hpp"

#include "sim/core/error.hpp"

#include <boost/math/tools/minima.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <vector>

namespace aet::recon {

namespace {

constexpr int grid_points = 21; // from -range to range

/// Half deviance of one image with that defocus.
double loss_at(const Scene& scene, const StampMaker& maker, const core::Image& image,
               const TiltLikelihood& pixels, TiltState tilt, double defocus) {
  tilt.defocus = defocus;
  PixelBuffer sum(image.nx, image.ny);
  Stamp stamp;
  for (std::size_t a = 0; a < scene.size(); ++a) {
    if (maker.place(scene, tilt, a, stamp)) add_value(stamp, 1.0, sum);
  }
  double loss = 0.0;
  for (std::size_t i = 0; i < sum.data.size(); ++i)
    loss += pixels.loss(i, pixel_mean(tilt, scene.response, sum.data[i]));
  return loss;
}

} // namespace

double spread_of_probe(const core::TiltSeries& series) {
  if (!series.microscope.convergence_mrad || !(*series.microscope.convergence_mrad > 0.0)) {
    throw core::DataError("the defocus of the tilts was asked for, but the series does not record its "
                          "convergence angle, which says how fast an atom blurs; write \"convergence_mrad\" "
                          "into the microscope of its .json, or leave the defocus alone");
  }
  const double angle = 1e-3 * *series.microscope.convergence_mrad;
  return 0.25 * angle * angle;
}

double fit_defocus(Scene& scene, const SeriesLikelihood& likelihood, double range, core::Threads threads) {
  const core::TiltSeries& series = likelihood.series();
  const StampMaker maker(scene, series);
  std::vector<double> found(series.size());
  core::parallel_for(series.size(), threads, [&](std::size_t t, int) {
    const TiltLikelihood pixels = likelihood.tilt(t);
    const auto loss = [&](double defocus) {
      return loss_at(scene, maker, series.images[t], pixels, scene.tilts[t], defocus);
    };
    const double step = 2.0 * range / (grid_points - 1);
    double best = 0.0;
    double least = loss(0.0);
    for (int i = 0; i < grid_points; ++i) {
      const double defocus = -range + i * step;
      const double here = defocus == 0.0 ? least : loss(defocus);
      if (here >= least) continue;
      least = here;
      best = defocus;
    }
    constexpr int bits = 12; // of the bracket: a two-thousandth of the grid's step
    std::uintmax_t most_calls = 30;
    found[t] = boost::math::tools::brent_find_minima(loss, best - step, best + step, bits, most_calls).first;
  });
  const double mean = std::accumulate(found.begin(), found.end(), 0.0) /
                      static_cast<double>(std::max<std::size_t>(1, found.size()));
  double square = 0.0;
  for (std::size_t t = 0; t < found.size(); ++t) {
    const double change = found[t] - scene.tilts[t].defocus;
    square += change * change / static_cast<double>(found.size());
    scene.tilts[t].defocus = found[t] - mean;
  }
  scene.depth.focus += mean;
  return std::sqrt(square);
}

} // namespace aet::recon
