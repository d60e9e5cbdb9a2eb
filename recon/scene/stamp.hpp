// The window of one atom in one image: its profile and derivatives as sums of separable factors.
#pragma once

#include "recon/scene/scene.hpp"

#include <array>
#include <cstddef>
#include <vector>

namespace aet::recon {

inline constexpr int stamp_width = 64; ///< most pixels a side of a window

/// A real image in double precision, for sums over many atoms; x fastest.
struct PixelBuffer {
  int nx = 0;
  int ny = 0;
  std::vector<double> data;

  PixelBuffer() = default;
  PixelBuffer(int nx_, int ny_)
      : nx(nx_), ny(ny_), data(static_cast<std::size_t>(nx_) * static_cast<std::size_t>(ny_), 0.0) {}
  [[nodiscard]] double* row(int y) {
    return data.data() + static_cast<std::size_t>(y) * static_cast<std::size_t>(nx);
  }
  [[nodiscard]] const double* row(int y) const {
    return data.data() + static_cast<std::size_t>(y) * static_cast<std::size_t>(nx);
  }
};

/// One factor per pixel along an axis, for each Gaussian.
using StampFactors = std::array<std::array<double, stamp_width>, most_terms>;

/// Pixel (x0 + i, y0 + j) of the window holds sum_k ex[k][i] ey[k][j]. Its derivative by the atom's projected
/// x is sum_k fx ey, by y sum_k ex fy, by the height z' sum_k (qx ey + ex qy). The amplitude is in ey, fy,
/// qy.
struct Stamp {
  int x0 = 0;
  int y0 = 0;
  int nx = 0;
  int ny = 0;
  int terms = 0;
  bool depth = false; ///< qx and qy are set
  StampFactors ex, fx, qx, ey, fy, qy;
};

/// Makes the windows of a scene's profiles. A window reaches as far as the profile is above 1e-4 of its
/// centre: what is left out changes no position by more than that fraction of a width.
class StampMaker {
public:
  /// \param pixel [angstrom].
  /// \param nx, ny pixels of an image, the rotation centre on (nx/2, ny/2).
  StampMaker(const std::vector<AtomProfile>& profiles, const DepthModel& depth, double pixel, int nx, int ny);
  /// For all images of a series.
  StampMaker(const Scene& scene, const core::TiltSeries& series);

  /// \param p the atom in the axes of the image [angstrom] (see projected()).
  /// \param defocus of the image, on top of the depth model's focus [angstrom].
  /// \param strength factor on the profile.
  /// \return false if the window lies outside the image; the stamp is then not set.
  bool place(int species, const core::Vec3& p, Stamp& stamp, double defocus = 0.0,
             double strength = 1.0) const;

  /// The window of an atom of the scene, at its own strength, in the image of a tilt.
  bool place(const Scene& scene, const TiltState& tilt, std::size_t atom, Stamp& stamp) const {
    return place(scene.species[atom], projected(tilt, scene.positions[atom]), stamp, tilt.defocus,
                 scene.strength(atom));
  }

private:
  std::vector<AtomProfile> profiles_;
  DepthModel depth_;
  std::vector<int> reach_;         ///< pixels from the centre of a window to its edge, in focus
  std::vector<double> narrowest2_; ///< square of each profile's least width [angstrom^2]
  double pixel_;
  int nx_;
  int ny_;
};

/// buffer += factor x window.
void add_value(const Stamp& stamp, double factor, PixelBuffer& buffer);

/// buffer += d . (derivative of the window by the atom's x', y', z').
void add_derivative(const Stamp& stamp, const core::Vec3& d, PixelBuffer& buffer);

/// Sum over the window of buffer x derivative, for x', y', z'.
[[nodiscard]] core::Vec3 gather_derivative(const Stamp& stamp, const PixelBuffer& buffer);

/// Sum over the window of buffer x value.
[[nodiscard]] double gather_value(const Stamp& stamp, const PixelBuffer& buffer);

/// Sum over the window of weight x (derivative)(derivative)^T.
[[nodiscard]] core::Mat3 gather_information(const Stamp& stamp, const PixelBuffer& weight);

/// Sum over the window of weight x value x (derivative by x', y', z'; value).
[[nodiscard]] Eigen::Vector4d gather_value_information(const Stamp& stamp, const PixelBuffer& weight);

} // namespace aet::recon
