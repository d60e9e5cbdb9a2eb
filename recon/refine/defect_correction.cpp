#include "recon/refine/defect_correction.hpp"

#include "recon/images/gaussian.hpp"
#include "sim/core/error.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <utility>

namespace aet::recon {

namespace {

/// Full images brought to the scale of the data: data = scale x full + background, for each tilt.
struct Scaled {
  std::vector<core::Image> images;
  std::vector<double> backgrounds;
  std::vector<double> chi2; ///< per tilt, of all pixels
  double total = 0.0;
  double pixels = 0.0;
};

/// Weighted least squares of the data, weights by the noise of the linear model's images.
Scaled scaled_to(const SeriesLikelihood& data, const std::vector<core::Image>& full,
                 const std::vector<PixelBuffer>& linear, double blur_px, core::Threads threads) {
  Scaled out;
  out.images.resize(full.size());
  out.backgrounds.resize(full.size());
  out.chi2.resize(full.size());
  std::vector<double> pixels(full.size());
  core::parallel_for(full.size(), threads, [&](std::size_t t, int) {
    core::Image image = gaussian_smoothed(full[t], blur_px);
    const TiltLikelihood tilt = data.tilt(t);
    double w = 0.0;
    double s = 0.0;
    double d = 0.0;
    double ss = 0.0;
    double sd = 0.0;
    for (std::size_t i = 0; i < image.data.size(); ++i) {
      if (!tilt.trusted(i)) continue;
      const double weight = tilt.weight(i, linear[t].data[i]);
      const auto x = static_cast<double>(image.data[i]);
      const double y = tilt.observed(i);
      w += weight;
      s += weight * x;
      d += weight * y;
      ss += weight * x * x;
      sd += weight * x * y;
    }
    const double spread = ss - s * s / w;
    const double scale = spread > 0.0 ? (sd - s * d / w) / spread : 0.0;
    const double background = (d - scale * s) / w;
    for (std::size_t i = 0; i < image.data.size(); ++i) {
      image.data[i] = static_cast<float>(background + scale * static_cast<double>(image.data[i]));
      if (!tilt.trusted(i)) continue;
      const double off = tilt.observed(i) - static_cast<double>(image.data[i]);
      out.chi2[t] += off * off * tilt.weight(i, linear[t].data[i]);
      pixels[t] += 1.0;
    }
    out.backgrounds[t] = background;
    out.images[t] = std::move(image);
  });
  for (std::size_t t = 0; t < full.size(); ++t) {
    out.total += out.chi2[t];
    out.pixels += pixels[t];
  }
  return out;
}

/// The blur that fits best: golden section between none and `widest`, where the misfit has one minimum.
double best_blur(const SeriesLikelihood& data, const std::vector<core::Image>& full,
                 const std::vector<PixelBuffer>& linear, double pixel, core::Threads threads) {
  constexpr double widest_a = 1.2;
  constexpr double golden = 0.6180339887498949;
  constexpr int steps = 10; // to 1 % of the widest
  double low = 0.0;
  double high = widest_a / pixel;
  const auto misfit_at = [&](double blur) { return scaled_to(data, full, linear, blur, threads).total; };
  std::array<double, 2> at{high - golden * (high - low), low + golden * (high - low)};
  std::array<double, 2> misfits{misfit_at(at[0]), misfit_at(at[1])};
  for (int i = 0; i < steps; ++i) {
    if (misfits[0] < misfits[1]) {
      high = at[1];
      at[1] = at[0];
      misfits[1] = misfits[0];
      at[0] = high - golden * (high - low);
      misfits[0] = misfit_at(at[0]);
    } else {
      low = at[0];
      at[0] = at[1];
      misfits[0] = misfits[1];
      at[1] = low + golden * (high - low);
      misfits[1] = misfit_at(at[1]);
    }
  }
  const double best = 0.5 * (low + high);
  return misfit_at(0.0) <= misfit_at(best) ? 0.0 : best;
}

/// rms way of atoms between two models, each to the nearest of the other.
double moved(const std::vector<core::Vec3>& from, const std::vector<core::Vec3>& to) {
  double sum = 0.0;
  for (const core::Vec3& r : to) {
    double nearest = std::numeric_limits<double>::max();
    for (const core::Vec3& o : from)
      nearest = std::min(nearest, (r - o).squaredNorm());
    sum += std::min(nearest, 1.0); // an atom that is new counts as much as one that went an angstrom
  }
  return std::sqrt(sum / static_cast<double>(to.size()));
}

std::vector<double> r1_of(const core::TiltSeries& data, const Scaled& full) {
  std::vector<double> out;
  for (std::size_t t = 0; t < data.size(); ++t) {
    double difference = 0.0;
    double total = 0.0;
    for (std::size_t i = 0; i < data.images[t].data.size(); ++i) {
      const auto y = static_cast<double>(data.images[t].data[i]);
      difference += std::abs(y - static_cast<double>(full.images[t].data[i]));
      total += std::abs(y - full.backgrounds[t]);
    }
    out.push_back(difference / total);
  }
  return out;
}

/// data - (full - linear).
core::TiltSeries without_defect(core::TiltSeries series, const Scaled& full,
                                const std::vector<PixelBuffer>& linear) {
  for (std::size_t t = 0; t < series.size(); ++t) {
    core::AlignedVector<float>& data = series.images[t].data;
    for (std::size_t i = 0; i < data.size(); ++i) {
      data[i] = static_cast<float>(static_cast<double>(data[i]) -
                                   static_cast<double>(full.images[t].data[i]) + linear[t].data[i]);
    }
  }
  series.intensity = core::Intensity::unknown; // no counts any more
  return series;
}

} // namespace

void check(const DefectOptions& o) {
  if (o.rounds < 1 || o.rounds > 20)
    throw core::ConfigError(
        fmt::format("refinement: {} rounds of correction; allowed are 1 to 20", o.rounds));
  if (!(o.tolerance_a > 0.0))
    throw core::ConfigError("refinement: the tolerance of the correction must be positive");
  if (o.source_sd_a && !(*o.source_sd_a >= 0.0 && *o.source_sd_a <= 2.0)) {
    throw core::ConfigError(
        fmt::format("refinement: a source of {} A; allowed is 0 to 2 angstrom", *o.source_sd_a));
  }
}

DefectRefinement refine_with_correction(const core::TiltSeries& series, const std::vector<core::Vec3>& start,
                                        const std::vector<int>& species, const RefineOptions& options,
                                        const DefectOptions& defect, const ForwardModel& full,
                                        core::Threads threads, const core::ProgressSink& progress) {
  check(defect);
  DefectRefinement out;
  out.linear = refine(series, start, species, options, threads, progress);
  out.result = out.linear;
  out.corrected = series;
  const ImageMisfit& linear_misfit = out.linear.misfit;
  out.linear_chi2_per_pixel = linear_misfit.chi2 / linear_misfit.pixels;
  if (out.linear.stopped || out.linear.failed) return out;
  if (out.linear.effective) {
    out.result.notes.emplace_back(
        "physics = multislice is not for images whose noise was taken off: what they "
        "deviate by cannot be told from it. The linear result stays.");
    return out;
  }
  RefineOptions again = options;
  again.noise = out.linear.noise;
  const core::TiltSeries masked = with_masked(series, out.linear.foreign);
  const SeriesLikelihood data = likelihood_of(masked, out.linear.noise);
  const double linear = out.linear_chi2_per_pixel;
  constexpr double hopeless = 3.0; // the correction would be larger than the data
  const auto give_up = [&](double chi2) {
    out.helped = false;
    out.result = out.linear;
    out.corrected = series;
    out.result.notes.push_back(fmt::format(
        "Warning: simulated images of the model explain the data less (chi-square a pixel {:.4g}) than its "
        "sums of atoms do ({:.4g}): voltage, aperture, detector or thermal motion are not those of these "
        "images. The linear result is kept.",
        chi2, linear));
  };
  double best = std::numeric_limits<double>::max();
  double source_of_best = 0.0;
  RefineResult latest = out.linear;
  core::TiltSeries of_latest = series;
  for (int round = 0; round <= defect.rounds; ++round) {
    DefectRound& r = out.rounds.emplace_back();
    const auto within = [&](const core::Progress& p) {
      core::report(progress, {round + (p.total > 0.0 ? p.done / p.total : 0.0), defect.rounds + 1.0, "rounds",
                              "full images", true});
    };
    std::vector<core::Image> images;
    try {
      images = full(latest.scene, within);
    } catch (const core::Interrupted&) {
      if (!options.keep_when_stopped) throw;
      out.rounds.pop_back();
      latest.stopped = true;
      break;
    }
    const std::vector<PixelBuffer> sums = model_images(latest.scene, series, threads);
    const double blur = defect.source_sd_a ? *defect.source_sd_a / series.pixel_size
                                           : best_blur(data, images, sums, series.pixel_size, threads);
    const Scaled scaled = scaled_to(data, images, sums, blur, threads);
    r.source_sd_a = blur * series.pixel_size;
    r.chi2_per_pixel = scaled.total / scaled.pixels;
    r.r1 = r1_of(series, scaled);
    for (const double chi2 : scaled.chi2)
      r.chi2_of_tilts.push_back(chi2 * static_cast<double>(series.size()) / scaled.pixels);
    r.atoms = latest.scene.size();
    if (round == 0 && r.chi2_per_pixel > hopeless * linear) {
      give_up(r.chi2_per_pixel);
      return out;
    }
    // Atoms fitted to sums fit the full model less, so that what stands for it is what comes after the first
    // correction.
    if (round > 0) {
      if (r.chi2_per_pixel >= best) break; // what was reached before was better
      best = r.chi2_per_pixel;
      source_of_best = r.source_sd_a;
      out.result = latest;
      out.corrected = of_latest;
    }
    const bool rests = round > 0 && out.rounds[out.rounds.size() - 2].moved_a < defect.tolerance_a;
    if (round == defect.rounds || rests) break;
    of_latest = without_defect(with_poses(series, latest.scene), scaled, sums);
    RefineResult next =
        refine(of_latest, latest.scene.positions, latest.scene.species, again, threads, progress);
    r.moved_a = moved(latest.scene.positions, next.scene.positions);
    latest = std::move(next);
    if (latest.stopped || latest.failed) break;
  }
  if (latest.stopped || latest.failed) {
    out.result.stopped = latest.stopped;
    out.result.converged = false;
    out.result.notes.push_back(fmt::format("The correction {} in round {}: the atoms are those before it.",
                                           latest.stopped ? "was stopped" : "failed", out.rounds.size()));
    return out;
  }
  if (best > linear) {
    give_up(best);
    return out;
  }
  out.helped = true;
  out.result.noise_source = out.linear.noise_source;
  out.result.notes.push_back(fmt::format("Refined under the full model in {} rounds: chi-square a pixel "
                                         "{:.4g} ({:.4g} by sums of atoms), source "
                                         "{:.2f} A.",
                                         out.rounds.size() - 1, best, linear, source_of_best));
  return out;
}

} // namespace aet::recon
