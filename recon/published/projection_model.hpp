// Linear projections of a model as the papers compute them, and how well they match the measured ones.
#pragma once

#include "recon/published/form_factor.hpp"
#include "sim/core/parallel.hpp"
#include "sim/core/tilt_series.hpp"

#include <Eigen/Core>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

namespace aet::recon::published {

/// One species: H f_e(q) exp(-B q^2).
struct SpeciesParameters {
  int element = 0;
  double h = 1.0;    ///< integral of an atom's image [image unit x angstrom^2]
  double b_a2 = 5.0; ///< [angstrom^2], published 5 to 15
};

/// Atoms with their species: what is refined.
struct Model {
  std::vector<core::Vec3> positions; ///< [angstrom], specimen axes
  std::vector<int> species;          ///< index into parameters
  std::vector<SpeciesParameters> parameters;
};

/// From atoms: one species an element, by rising atomic number, H in the ratio Z^1.7 (fit_scale sets the
/// unit), B as given.
/// \throws DataError for no atoms or an element without a scattering factor.
[[nodiscard]] Model model_of(const core::Atoms& atoms, double b_a2 = 5.0);

/// Check what the papers' procedures need.
/// \throws DataError for fewer than 3 tilts, images that differ in shape or hold NaN, a pixel size that is
///   not positive, no atoms, or atoms of which most fall outside the images: a series that does not belong to
///   the model.
void check_series(const core::TiltSeries& series, const Model& model);

/// Profiles of all species at their present B.
[[nodiscard]] std::vector<RadialProfile> profiles_of(const Model& model);

/// Sum of all atoms in one image (rotation centre on pixel n/2), background zero.
[[nodiscard]] std::vector<double> render(const Model& model, const std::vector<RadialProfile>& profiles,
                                         const core::TiltSeries& series, std::size_t tilt);

/// E = sum over images and pixels (calculated - observed)^2 / sum observed^2: Yang et al. 2017, equation 4,
/// in real space (Parseval).
[[nodiscard]] double error_of(const Model& model, const core::TiltSeries& series, core::Threads threads);

struct RFactors {
  double r1 = 0.0;                 ///< mean over the images
  std::vector<double> r1_of_image; ///< sum |obs - calc| / sum |obs|: Yang et al. 2017, equation 5
  double r_fourier =
      0.0; ///< sum ||F_obs| - |F_calc|| / sum |F_obs|, mean over the images: Zhou et al. 2019, table
};
[[nodiscard]] RFactors r_factors(const Model& model, const core::TiltSeries& series, core::Threads threads);

/// Multiply all H by the factor that makes E least: the papers' global scale. Returns the factor.
double fit_scale(Model& model, const core::TiltSeries& series, core::Threads threads);

/// Visit every pixel of image `tilt` within `reach` of an atom: visit(pixel index, d, |d|^2), with d = pixel
/// - atom in the image plane [angstrom].
template <class Visit>
void visit_pixels(const core::TiltSeries& series, std::size_t tilt, const core::Vec3& position, double reach,
                  Visit&& visit) {
  const core::Image& image = series.images[tilt];
  const core::Vec3 r = series.orientations[tilt] * position;
  const double pixel = series.pixel_size;
  const double cx = r.x() / pixel + image.nx / 2; // integer half: the origin is on pixel n/2
  const double cy = r.y() / pixel + image.ny / 2;
  const double span = reach / pixel;
  const int first_x = std::max(0, static_cast<int>(std::ceil(cx - span)));
  const int last_x = std::min(image.nx - 1, static_cast<int>(std::floor(cx + span)));
  const int first_y = std::max(0, static_cast<int>(std::ceil(cy - span)));
  const int last_y = std::min(image.ny - 1, static_cast<int>(std::floor(cy + span)));
  for (int y = first_y; y <= last_y; ++y) {
    for (int x = first_x; x <= last_x; ++x) {
      const Eigen::Vector2d d(pixel * (x - cx), pixel * (y - cy));
      visit(image.index(x, y), d, d.squaredNorm());
    }
  }
}

} // namespace aet::recon::published
