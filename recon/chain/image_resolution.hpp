// How fine the structure is that a tilt series holds above its noise, and the blobs that suit it.
#pragma once

#include "sim/core/parallel.hpp"
#include "sim/core/tilt_series.hpp"

#include <optional>
#include <string>
#include <vector>

namespace aet::recon {

struct ImageResolution {
  std::vector<double> frequency; ///< middle of each shell, from the first above zero to Nyquist [1/angstrom]
  /// Power of structure over that of noise, both where the specimen is, as all images together tell of it.
  std::vector<double> signal_to_noise;
  std::vector<double> structure; ///< power of one image in each shell, noise taken off, >= 0
  double shadow_a = 0.0;         ///< diameter of a disc as large as the specimen's mean shadow [angstrom]
  /// 1 / frequency of the last shell whose ratio is at least 1/3, and not by chance [angstrom]; none: no
  /// shell's is.
  std::optional<double> resolution_a;
  bool to_nyquist = false; ///< the last shell still is
  bool denoised = false;   ///< noise was taken off the images or smoothed (images/image_content.hpp)
};

/// Power spectra of the images, less that of their noise.
///
/// Noise is white, with the power that find_noise() says or that the highest tenth of the frequencies hold,
/// whichever is less. It fills the whole image, the structure only the shadow of the specimen (pixels above a
/// tenth of the highest once smoothed by 1.5 angstrom), so that the noise that counts is that within the
/// shadow. Of N images about one axis n = N / (pi shadow k) measure a place of the volume's spectrum at
/// frequency k (Crowther et al., Proc. R. Soc. A 317, 319 (1970)); where that is above 1 the ratio is n times
/// as large.
/// \param series validated; any number of images.
/// Deterministic for any number of threads.
[[nodiscard]] ImageResolution image_resolution(const core::TiltSeries& series, core::Threads threads);

/// The Gaussian blobs (recon/volume/blob_basis.hpp) that suit a series.
struct BlobWidth {
  double sd_a = 0.0; ///< [angstrom]
  std::string note;  ///< why, as a sentence for the report
};

/// As wide as the atoms' images: beyond the first peaks of the structure factor, from 1 / (2.2 angstrom) on,
/// the power of structure falls as the square of an atom's transform, exp(-4 pi^2 sd^2 k^2). Between 0.3 and
/// 0.5 angstrom, for wider blobs than atoms can no longer describe them; 0.4 where the images hold too little
/// beyond those peaks to tell, or where their noise was taken off and with it the fall of their power.
[[nodiscard]] BlobWidth blob_width(const ImageResolution& resolution);

} // namespace aet::recon
