#include "recon/scene/stamp.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

namespace aet::recon {

namespace {

constexpr double edge_level = 1e-4; // of the centre, at the window's edge

double profile_value(const AtomProfile& profile, double r) {
  double sum = 0.0;
  for (const GaussianTerm& term : profile.terms) {
    const double s2 = term.sigma * term.sigma;
    sum += std::abs(term.weight) / (2.0 * std::numbers::pi * s2) * std::exp(-r * r / (2.0 * s2));
  }
  return sum;
}

int reach_of(const AtomProfile& profile, double pixel) {
  const double level = edge_level * profile_value(profile, 0.0);
  int reach = 2;
  while (reach < stamp_width / 2 - 1 && profile_value(profile, reach * pixel) > level)
    ++reach;
  return reach;
}

/// exp(-d^2 / (2 s2)) at the pixels first .. first + n - 1, d their distance from the centre [angstrom]. Two
/// exponentials serve all pixels: outwards from the nearest one, each value is the last times a ratio that
/// itself falls by a constant.
void gaussian_factors(double centre, double pixel, double s2, int first, int n, double* out) {
  const int nearest = std::clamp(static_cast<int>(std::lround(centre / pixel)), first, first + n - 1);
  const double d = nearest * pixel - centre;
  const double value = std::exp(-d * d / (2.0 * s2));
  const double fall = std::exp(-pixel * pixel / s2);
  const double up = std::exp(-(2.0 * d + pixel) * pixel / (2.0 * s2));
  double e = value;
  double ratio = up;
  out[nearest - first] = value;
  for (int i = nearest + 1; i < first + n; ++i) {
    e *= ratio;
    ratio *= fall;
    out[i - first] = e;
  }
  e = value;
  ratio = fall / up;
  for (int i = nearest - 1; i >= first; --i) {
    e *= ratio;
    ratio *= fall;
    out[i - first] = e;
  }
}

} // namespace

StampMaker::StampMaker(const std::vector<AtomProfile>& profiles, const DepthModel& depth, double pixel,
                       int nx, int ny)
    : profiles_(profiles), depth_(depth), pixel_(pixel), nx_(nx), ny_(ny) {
  for (const AtomProfile& profile : profiles_) {
    reach_.push_back(reach_of(profile, pixel));
    narrowest2_.push_back(std::numeric_limits<double>::infinity());
    for (const GaussianTerm& term : profile.terms)
      narrowest2_.back() = std::min(narrowest2_.back(), term.sigma * term.sigma);
  }
}

StampMaker::StampMaker(const Scene& scene, const core::TiltSeries& series)
    : StampMaker(scene.profiles, scene.depth, series.pixel_size, series.images.front().nx,
                 series.images.front().ny) {}

bool StampMaker::place(int species, const core::Vec3& p, Stamp& stamp, double defocus,
                       double strength) const {
  const auto s = static_cast<std::size_t>(species);
  const double height = p.z() - depth_.focus - defocus;
  const double blur2 = depth_.spread * height * height;
  // The narrowest Gaussian widens most; the window follows it.
  const int reach =
      blur2 > 0.0 ? std::min(stamp_width / 2 - 1,
                             static_cast<int>(std::ceil(reach_[s] * std::sqrt(1.0 + blur2 / narrowest2_[s]))))
                  : reach_[s];
  const double cx = p.x() + pixel_ * (nx_ / 2);
  const double cy = p.y() + pixel_ * (ny_ / 2);
  const int ix = static_cast<int>(std::lround(cx / pixel_));
  const int iy = static_cast<int>(std::lround(cy / pixel_));
  stamp.x0 = std::max(0, ix - reach);
  stamp.y0 = std::max(0, iy - reach);
  stamp.nx = std::min(nx_ - 1, ix + reach) - stamp.x0 + 1;
  stamp.ny = std::min(ny_ - 1, iy + reach) - stamp.y0 + 1;
  if (stamp.nx <= 0 || stamp.ny <= 0) return false;
  const AtomProfile& profile = profiles_[s];
  stamp.terms = static_cast<int>(profile.terms.size());
  stamp.depth = depth_.active();
  // A fade that would turn an atom negative is out of the model's range; its floor keeps steps finite.
  const double faded = std::max(0.05, 1.0 + depth_.fade * p.z());
  const double fade_rate = faded > 0.05 ? depth_.fade / faded : 0.0;
  for (std::size_t k = 0; k < profile.terms.size(); ++k) {
    const GaussianTerm& term = profile.terms[k];
    const double s2 = term.sigma * term.sigma + blur2;
    const double inverse = 1.0 / s2;
    const double amplitude = strength * faded * term.weight * inverse / (2.0 * std::numbers::pi);
    gaussian_factors(cx, pixel_, s2, stamp.x0, stamp.nx, stamp.ex[k].data());
    gaussian_factors(cy, pixel_, s2, stamp.y0, stamp.ny, stamp.ey[k].data());
    for (int i = 0; i < stamp.nx; ++i) {
      const auto u = static_cast<std::size_t>(i);
      stamp.fx[k][u] = ((stamp.x0 + i) * pixel_ - cx) * inverse * stamp.ex[k][u];
    }
    for (int j = 0; j < stamp.ny; ++j) {
      const auto u = static_cast<std::size_t>(j);
      stamp.ey[k][u] *= amplitude;
      stamp.fy[k][u] = ((stamp.y0 + j) * pixel_ - cy) * inverse * stamp.ey[k][u];
    }
    if (!stamp.depth) continue;
    // d/dz' of A/s2 exp(-r^2/2 s2) = A/s2 exp() [ (r^2/(2 s2^2) - 1/s2) ds2/dz' + A'/A ], split over x and y.
    const double s2_rate = 2.0 * depth_.spread * height;
    const auto axis = [&](double d) {
      return 0.5 * ((d * d * inverse - 1.0) * inverse * s2_rate + fade_rate);
    };
    for (int i = 0; i < stamp.nx; ++i) {
      const auto u = static_cast<std::size_t>(i);
      stamp.qx[k][u] = axis((stamp.x0 + i) * pixel_ - cx) * stamp.ex[k][u];
    }
    for (int j = 0; j < stamp.ny; ++j) {
      const auto u = static_cast<std::size_t>(j);
      stamp.qy[k][u] = axis((stamp.y0 + j) * pixel_ - cy) * stamp.ey[k][u];
    }
  }
  return true;
}

void add_value(const Stamp& stamp, double factor, PixelBuffer& buffer) {
  for (int j = 0; j < stamp.ny; ++j) {
    double* row = buffer.row(stamp.y0 + j) + stamp.x0;
    for (int t = 0; t < stamp.terms; ++t) {
      const auto k = static_cast<std::size_t>(t);
      const double y = factor * stamp.ey[k][static_cast<std::size_t>(j)];
      const double* ex = stamp.ex[k].data();
      for (int i = 0; i < stamp.nx; ++i)
        row[i] += ex[i] * y;
    }
  }
}

void add_derivative(const Stamp& stamp, const core::Vec3& d, PixelBuffer& buffer) {
  StampFactors along; // d.x fx + d.z qx
  for (int t = 0; t < stamp.terms; ++t) {
    const auto k = static_cast<std::size_t>(t);
    for (int i = 0; i < stamp.nx; ++i) {
      const auto u = static_cast<std::size_t>(i);
      along[k][u] = d.x() * stamp.fx[k][u] + (stamp.depth ? d.z() * stamp.qx[k][u] : 0.0);
    }
  }
  for (int j = 0; j < stamp.ny; ++j) {
    const auto v = static_cast<std::size_t>(j);
    double* row = buffer.row(stamp.y0 + j) + stamp.x0;
    for (int t = 0; t < stamp.terms; ++t) {
      const auto k = static_cast<std::size_t>(t);
      const double value = stamp.ey[k][v];
      const double across = d.y() * stamp.fy[k][v] + (stamp.depth ? d.z() * stamp.qy[k][v] : 0.0);
      const double* ex = stamp.ex[k].data();
      const double* a = along[k].data();
      for (int i = 0; i < stamp.nx; ++i)
        row[i] += a[i] * value + ex[i] * across;
    }
  }
}

core::Vec3 gather_derivative(const Stamp& stamp, const PixelBuffer& buffer) {
  core::Vec3 sum = core::Vec3::Zero();
  for (int t = 0; t < stamp.terms; ++t) {
    const auto k = static_cast<std::size_t>(t);
    // Columns of the window weighted along y, then one product along x.
    std::array<double, stamp_width> with_value{};
    std::array<double, stamp_width> with_slope{};
    std::array<double, stamp_width> with_depth{};
    for (int j = 0; j < stamp.ny; ++j) {
      const auto v = static_cast<std::size_t>(j);
      const double* row = buffer.row(stamp.y0 + j) + stamp.x0;
      const double value = stamp.ey[k][v];
      const double slope = stamp.fy[k][v];
      for (int i = 0; i < stamp.nx; ++i) {
        const auto u = static_cast<std::size_t>(i);
        with_value[u] += row[i] * value;
        with_slope[u] += row[i] * slope;
      }
      if (!stamp.depth) continue;
      const double depth = stamp.qy[k][v];
      for (int i = 0; i < stamp.nx; ++i)
        with_depth[static_cast<std::size_t>(i)] += row[i] * depth;
    }
    for (int i = 0; i < stamp.nx; ++i) {
      const auto u = static_cast<std::size_t>(i);
      sum.x() += with_value[u] * stamp.fx[k][u];
      sum.y() += with_slope[u] * stamp.ex[k][u];
      if (stamp.depth) sum.z() += with_depth[u] * stamp.ex[k][u] + with_value[u] * stamp.qx[k][u];
    }
  }
  return sum;
}

double gather_value(const Stamp& stamp, const PixelBuffer& buffer) {
  double sum = 0.0;
  for (int j = 0; j < stamp.ny; ++j) {
    const double* row = buffer.row(stamp.y0 + j) + stamp.x0;
    for (int t = 0; t < stamp.terms; ++t) {
      const auto k = static_cast<std::size_t>(t);
      double line = 0.0;
      for (int i = 0; i < stamp.nx; ++i)
        line += row[i] * stamp.ex[k][static_cast<std::size_t>(i)];
      sum += line * stamp.ey[k][static_cast<std::size_t>(j)];
    }
  }
  return sum;
}

core::Mat3 gather_information(const Stamp& stamp, const PixelBuffer& weight) {
  double xx = 0.0;
  double xy = 0.0;
  double yy = 0.0;
  double xz = 0.0;
  double yz = 0.0;
  double zz = 0.0;
  std::array<double, stamp_width> px{};
  std::array<double, stamp_width> py{};
  std::array<double, stamp_width> pz{};
  for (int j = 0; j < stamp.ny; ++j) {
    const auto v = static_cast<std::size_t>(j);
    px.fill(0.0);
    py.fill(0.0);
    pz.fill(0.0);
    for (int t = 0; t < stamp.terms; ++t) {
      const auto k = static_cast<std::size_t>(t);
      const double value = stamp.ey[k][v];
      const double slope = stamp.fy[k][v];
      for (int i = 0; i < stamp.nx; ++i) {
        const auto u = static_cast<std::size_t>(i);
        px[u] += stamp.fx[k][u] * value;
        py[u] += stamp.ex[k][u] * slope;
      }
      if (!stamp.depth) continue;
      const double depth = stamp.qy[k][v];
      for (int i = 0; i < stamp.nx; ++i) {
        const auto u = static_cast<std::size_t>(i);
        pz[u] += stamp.qx[k][u] * value + stamp.ex[k][u] * depth;
      }
    }
    const double* w = weight.row(stamp.y0 + j) + stamp.x0;
    for (int i = 0; i < stamp.nx; ++i) {
      const auto u = static_cast<std::size_t>(i);
      xx += w[i] * px[u] * px[u];
      xy += w[i] * px[u] * py[u];
      yy += w[i] * py[u] * py[u];
    }
    if (!stamp.depth) continue;
    for (int i = 0; i < stamp.nx; ++i) {
      const auto u = static_cast<std::size_t>(i);
      xz += w[i] * px[u] * pz[u];
      yz += w[i] * py[u] * pz[u];
      zz += w[i] * pz[u] * pz[u];
    }
  }
  core::Mat3 m;
  m << xx, xy, xz, xy, yy, yz, xz, yz, zz;
  return m;
}

Eigen::Vector4d gather_value_information(const Stamp& stamp, const PixelBuffer& weight) {
  Eigen::Vector4d sum = Eigen::Vector4d::Zero();
  std::array<double, stamp_width> value{};
  std::array<double, stamp_width> px{};
  std::array<double, stamp_width> py{};
  std::array<double, stamp_width> pz{};
  for (int j = 0; j < stamp.ny; ++j) {
    const auto v = static_cast<std::size_t>(j);
    value.fill(0.0);
    px.fill(0.0);
    py.fill(0.0);
    pz.fill(0.0);
    for (int t = 0; t < stamp.terms; ++t) {
      const auto k = static_cast<std::size_t>(t);
      for (int i = 0; i < stamp.nx; ++i) {
        const auto u = static_cast<std::size_t>(i);
        value[u] += stamp.ex[k][u] * stamp.ey[k][v];
        px[u] += stamp.fx[k][u] * stamp.ey[k][v];
        py[u] += stamp.ex[k][u] * stamp.fy[k][v];
        if (stamp.depth) pz[u] += stamp.qx[k][u] * stamp.ey[k][v] + stamp.ex[k][u] * stamp.qy[k][v];
      }
    }
    const double* w = weight.row(stamp.y0 + j) + stamp.x0;
    for (int i = 0; i < stamp.nx; ++i) {
      const auto u = static_cast<std::size_t>(i);
      sum += w[i] * value[u] * Eigen::Vector4d(px[u], py[u], pz[u], value[u]);
    }
  }
  return sum;
}

} // namespace aet::recon
