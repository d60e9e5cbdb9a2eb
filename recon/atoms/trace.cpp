#include "recon/atoms/trace.hpp"

#include "recon/atoms/fit_peaks.hpp"
#include "recon/atoms/noise_mixture.hpp"
#include "recon/atoms/spline_volume.hpp"
#include "sim/core/error.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <cstddef>

namespace aet::recon {

namespace {

constexpr int smallest_side = 8;

void check_volume(const core::Volume& volume) {
  const auto expected = static_cast<std::size_t>(std::max(volume.nx, 0)) *
                        static_cast<std::size_t>(std::max(volume.ny, 0)) *
                        static_cast<std::size_t>(std::max(volume.nz, 0));
  if (volume.data.empty() || expected != volume.data.size()) {
    throw core::DataError(
        fmt::format("the volume is empty or inconsistent ({} x {} x {} voxels, {} values); give a "
                    "reconstructed volume",
                    volume.nx, volume.ny, volume.nz, volume.data.size()));
  }
  if (std::min({volume.nx, volume.ny, volume.nz}) < smallest_side) {
    throw core::DataError(fmt::format("the volume has {} x {} x {} voxels; tracing needs at least {} a side",
                                      volume.nx, volume.ny, volume.nz, smallest_side));
  }
  if (!(volume.voxel_size > 0.0) || !std::isfinite(volume.voxel_size)) {
    throw core::DataError(
        fmt::format("the voxel size is {}; it must be a positive number of angstrom", volume.voxel_size));
  }
  for (std::size_t i = 0; i < volume.data.size(); ++i) {
    if (!std::isfinite(volume.data[i])) {
      const auto nx = static_cast<std::size_t>(volume.nx);
      const auto ny = static_cast<std::size_t>(volume.ny);
      throw core::DataError(fmt::format("voxel ({}, {}, {}) of the volume is {}; every voxel must be finite",
                                        i % nx, i / nx % ny, i / nx / ny, volume.data[i]));
    }
  }
  const auto [low, high] = std::minmax_element(volume.data.begin(), volume.data.end());
  if (*low == *high) {
    throw core::DataError(fmt::format("every voxel of the volume is {}; there is nothing to trace", *low));
  }
  if (*high <= 0.0F) {
    throw core::DataError(
        fmt::format("no voxel of the volume is above zero (highest {}); atoms must be bright on a "
                    "background near zero",
                    *high));
  }
  // Clipped intensities: many voxels at exactly the highest value among the bright ones.
  const float highest = *high;
  const auto clipped = std::count(volume.data.begin(), volume.data.end(), highest);
  const auto bright = std::count_if(volume.data.begin(), volume.data.end(),
                                    [highest](float v) { return v > 0.5F * highest; });
  if (clipped > 27 && static_cast<double>(clipped) > 0.01 * static_cast<double>(bright)) {
    throw core::DataError(
        fmt::format("{} voxels of the volume have its highest value {}: it is saturated, and the "
                    "positions of flat peaks mean nothing; use the unclipped volume",
                    clipped, highest));
  }
}

/// Maxima above the height threshold, with the threshold's record in the summary.
std::vector<GridMaximum> candidates_above_threshold(std::vector<GridMaximum> maxima,
                                                    const TraceOptions& options, TraceSummary& summary) {
  std::vector<double> heights;
  heights.reserve(maxima.size());
  for (const auto& m : maxima)
    heights.push_back(static_cast<double>(m.height));
  summary.maxima = maxima.size();
  summary.height_level = strong_level(heights);
  summary.height_threshold = options.min_relative_height * summary.height_level;
  const auto end = std::find_if(maxima.begin(), maxima.end(), [&](const GridMaximum& m) {
    return static_cast<double>(m.height) < summary.height_threshold;
  });
  maxima.erase(end, maxima.end());
  summary.candidates = maxima.size();
  return maxima;
}

void reject_close_peaks(std::vector<Peak>& peaks, double min_distance) {
  std::vector<core::Vec3> positions;
  std::vector<int> index;
  for (std::size_t i = 0; i < peaks.size(); ++i) {
    if (peaks[i].fate != Fate::atom) continue;
    positions.push_back(peaks[i].position);
    index.push_back(static_cast<int>(i));
  }
  const std::vector<int> blocker = enforce_minimum_distance(positions, min_distance);
  for (std::size_t k = 0; k < blocker.size(); ++k) {
    if (blocker[k] < 0) continue;
    Peak& peak = peaks[static_cast<std::size_t>(index[k])];
    peak.fate = Fate::too_close;
    peak.blocker = index[static_cast<std::size_t>(blocker[k])];
  }
}

std::size_t count_atoms(const std::vector<Peak>& peaks) {
  return static_cast<std::size_t>(
      std::count_if(peaks.begin(), peaks.end(), [](const Peak& peak) { return peak.fate == Fate::atom; }));
}

void reject_below(std::vector<Peak>& peaks, double threshold) {
  for (Peak& peak : peaks) {
    if (peak.fate == Fate::atom && peak.intensity < threshold) peak.fate = Fate::non_atom;
  }
}

void reject_non_atoms(std::vector<Peak>& peaks, const TraceOptions& options, TraceSummary& summary) {
  std::vector<double> intensities;
  for (const Peak& peak : peaks) {
    if (peak.fate == Fate::atom) intensities.push_back(peak.intensity);
  }
  NonAtomSplit split;
  if (options.non_atoms == NonAtomRule::automatic) {
    split = split_non_atoms(intensities);
    if (split.rule == "none") {
      if (const auto mixture = noise_mixture(intensities, split.level)) {
        split.rule = "mixture";
        split.threshold = mixture->threshold;
        summary.noise_above = mixture->noise_above;
        summary.atoms_below = mixture->atoms_below;
      }
    }
  } else {
    split.level = strong_level(intensities);
    split.rule = "none";
    if (options.non_atoms == NonAtomRule::fixed) {
      split.threshold = options.fixed_threshold * split.level;
      split.rule = "fixed";
    }
  }
  summary.intensity_level = split.level;
  summary.intensity_threshold = split.threshold;
  summary.valley_significance = split.significance;
  summary.non_atom_rule = split.rule;
  if (split.rule != "none") reject_below(peaks, split.threshold);
}

/// What a reader should know of the division between noise and atoms.
std::vector<std::string> doubts(const std::vector<Peak>& peaks, const TraceSummary& summary) {
  std::vector<std::string> notes;
  if (summary.non_atom_rule == "mixture") {
    notes.push_back(fmt::format(
        "Warning: peaks of noise and of atoms overlap in strength; some {:.0f} of those kept are noise, and "
        "some "
        "{:.0f} of those left out atoms. The threshold is {:.3g} of an atom's typical strength.",
        summary.noise_above, summary.atoms_below, summary.intensity_threshold / summary.intensity_level));
  }
  if (summary.non_atom_rule == "none") {
    constexpr double weak = 0.5;
    constexpr double many = 0.1;
    const auto atoms = count_atoms(peaks);
    const auto doubtful = std::count_if(peaks.begin(), peaks.end(), [&](const Peak& p) {
      return p.fate == Fate::atom && p.intensity < weak * summary.intensity_level;
    });
    if (static_cast<double>(doubtful) > many * static_cast<double>(atoms)) {
      notes.push_back(fmt::format(
          "Warning: nothing in the strengths of the {} peaks tells noise from atoms, so all were kept; {} of "
          "them "
          "have less than half of an atom's typical strength and may be noise. Give a threshold to decide.",
          atoms, doubtful));
    }
  }
  return notes;
}

double median(std::vector<int> values) {
  if (values.empty()) return 0.0;
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

} // namespace

void check(const TraceOptions& o) {
  const auto fail = [](const std::string& message) { throw core::ConfigError("tracing: " + message); };
  if (o.element < 1 || o.element > 118) {
    fail(fmt::format("element is {}; give the atomic number of the species, 1 to 118", o.element));
  }
  if (o.upsampling < 1 || o.upsampling > 6)
    fail(fmt::format("upsampling is {}; allowed is 1 to 6", o.upsampling));
  if (!(o.min_relative_height >= 0.0 && o.min_relative_height < 1.0)) {
    fail(fmt::format("min_relative_height is {}; allowed is [0, 1)", o.min_relative_height));
  }
  if (!(o.min_distance_a > 0.0 && o.min_distance_a <= 20.0)) {
    fail(fmt::format("min_distance_a is {}; allowed is (0, 20] angstrom", o.min_distance_a));
  }
  if (!(o.second_min_distance_a >= 0.0 && o.second_min_distance_a < o.min_distance_a)) {
    fail(fmt::format(
        "second_min_distance_a is {}; allowed is 0 (no second pass) up to below min_distance_a, {}",
        o.second_min_distance_a, o.min_distance_a));
  }
  if (!(o.fixed_threshold > 0.0 && o.fixed_threshold < 1.0)) {
    fail(fmt::format("fixed_threshold is {}; allowed is (0, 1)", o.fixed_threshold));
  }
  if (o.residual_looks < 0 || o.residual_looks > 5)
    fail(fmt::format("residual_looks is {}; allowed is 0 to 5", o.residual_looks));
  check(o.fit);
}

std::string_view fate_name(Fate fate) {
  switch (fate) {
  case Fate::atom:
    return "atom";
  case Fate::no_maximum:
    return "no_maximum";
  case Fate::drifted:
    return "drifted";
  case Fate::not_converged:
    return "not_converged";
  case Fate::at_edge:
    return "at_edge";
  case Fate::too_close:
    return "too_close";
  case Fate::non_atom:
    break;
  }
  return "non_atom";
}

std::vector<std::pair<std::string, double>> named_numbers(const TraceSummary& s) {
  std::vector<std::pair<std::string, double>> list{{"maxima", static_cast<double>(s.maxima)},
                                                   {"candidates", static_cast<double>(s.candidates)}};
  for (std::size_t f = 0; f < fate_count; ++f) {
    list.emplace_back(std::string(fate_name(static_cast<Fate>(f))), static_cast<double>(s.fates[f]));
  }
  list.emplace_back("height_level", s.height_level);
  list.emplace_back("height_threshold", s.height_threshold);
  list.emplace_back("intensity_level", s.intensity_level);
  list.emplace_back("intensity_threshold", s.intensity_threshold);
  list.emplace_back("valley_significance", s.valley_significance);
  list.emplace_back("noise_above", s.noise_above);
  list.emplace_back("atoms_below", s.atoms_below);
  list.emplace_back("residual_candidates", static_cast<double>(s.residual_candidates));
  list.emplace_back("residual_atoms", static_cast<double>(s.residual_atoms));
  list.emplace_back("median_iterations", s.median_iterations);
  return list;
}

TraceResult trace_atoms(const core::Volume& volume, const TraceOptions& options, core::Threads threads,
                        const core::ProgressSink& progress) {
  check(options);
  check_volume(volume);
  const SplineVolume spline(volume, threads);

  TraceResult result;
  const auto candidates = candidates_above_threshold(
      find_local_maxima(spline, options.upsampling, options.neighbourhood, 0.0F, threads), options,
      result.summary);
  FittedPeaks fitted = fit_peaks(volume, spline, candidates, options, threads, progress);
  reject_close_peaks(fitted.peaks, options.min_distance_a);
  reject_non_atoms(fitted.peaks, options, result.summary);
  for (int look = 0; look < options.residual_looks; ++look) {
    const std::vector<Peak> more =
        peaks_in_residual(volume, fitted.peaks, options, result.summary.height_threshold, threads);
    const auto atoms_before = count_atoms(fitted.peaks);
    result.summary.residual_candidates += more.size();
    fitted.peaks.insert(fitted.peaks.end(), more.begin(), more.end());
    reject_close_peaks(fitted.peaks, options.min_distance_a);
    reject_below(fitted.peaks, result.summary.intensity_threshold);
    if (count_atoms(fitted.peaks) == atoms_before) break;
  }
  result.summary.median_iterations = median(std::move(fitted.iterations));

  auto& intensity = result.atoms.columns["intensity"];
  auto& height = result.atoms.columns["height"];
  for (const Peak& peak : fitted.peaks) {
    ++result.summary.fates[static_cast<std::size_t>(peak.fate)];
    if (peak.fate != Fate::atom) continue;
    if (peak.in_residual) ++result.summary.residual_atoms;
    result.atoms.positions.push_back(peak.position);
    result.atoms.atomic_numbers.push_back(options.element);
    intensity.push_back(peak.intensity);
    height.push_back(peak.height);
  }
  result.notes = doubts(fitted.peaks, result.summary);
  result.peaks = std::move(fitted.peaks);
  return result;
}

} // namespace aet::recon
