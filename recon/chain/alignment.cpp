#include "recon/chain/alignment.hpp"

#include "recon/images/image_content.hpp"

#include <utility>

namespace aet::recon {

Alignment align_series(const core::TiltSeries& series, const AlignmentOptions& options, core::Threads threads,
                       const core::ProgressSink& progress) {
  Alignment out;
  out.series = series;
  if (!options.refine) return out;
  require_content(series);
  PoseRefinement found =
      refine_poses(denoised(series, options.denoise, threads, out.notes), *options.refine, threads, progress);
  out.series = std::move(found.series);
  out.series.images = series.images;
  out.tilts = std::move(found.tilts);
  out.rounds = std::move(found.rounds);
  out.stopped = found.stopped;
  out.notes.insert(out.notes.end(), found.notes.begin(), found.notes.end());
  return out;
}

} // namespace aet::recon
