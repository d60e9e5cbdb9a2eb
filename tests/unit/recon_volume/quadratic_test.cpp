#include "recon/volume/descent.hpp"
#include "recon/volume/quadratic.hpp"
#include "recon/volume/support.hpp"
#include "sim/core/fft.hpp"
#include "twins.hpp"

#include <boost/test/unit_test.hpp>

#include <array>
#include <limits>

BOOST_AUTO_TEST_SUITE(quadratic)

using namespace aet;

namespace {

struct Example {
  int n;
  recon::GriddedSpectrum spectrum;
};

Example example(int size, double withheld, const std::vector<core::Mat3>& orientations) {
  constexpr int n = 16;
  const auto specimen = test::blobs(n, 6, 4);
  const auto series = test::series_of(specimen, orientations, n, n);
  return {n, recon::grid_projections(series.images, series.orientations,
                                     {size, 0.5, recon::GriddingMethod::dft, withheld, 1}, {1})};
}

/// GENFIRE as published: the whole padded spectrum, in which measured points are put back.
class PaddedGenfire {
public:
  explicit PaddedGenfire(const Example& e)
      : e_(e), size_(e.spectrum.size), fft_(size_, size_, size_), volume_(fft_.real_size()),
        spectrum_(fft_.spectrum_size()) {}

  /// sum |F_obs|^2.
  [[nodiscard]] double energy(const std::vector<std::vector<recon::GridPoint>>& slabs) const {
    double sum = 0.0;
    each(slabs, [&](std::size_t, test::Complexd value, double copies) { sum += copies * std::norm(value); });
    return sum;
  }

  /// One iteration; returns ||F - F_obs|| / ||F_obs|| over the enforced points and, second, over the
  /// withheld.
  std::array<double, 2> iterate(const core::AlignedVector<float>& support) {
    fft_.forward(volume_.data(), spectrum_.data(), {1});
    const std::array<double, 2> r{residual(e_.spectrum.enforced), residual(e_.spectrum.withheld)};
    each(e_.spectrum.enforced, [&](std::size_t i, test::Complexd value, double) {
      spectrum_[i] = static_cast<core::Complex>(value);
    });
    fft_.backward(spectrum_.data(), volume_.data(), {1});
    const float scale = 1.0F / static_cast<float>(fft_.real_size());
    core::AlignedVector<float> next(volume_.size());
    for (int z = 0; z < e_.n; ++z) {
      for (int y = 0; y < e_.n; ++y) {
        for (int x = 0; x < e_.n; ++x) {
          const float s = support[static_cast<std::size_t>((z * e_.n + y) * e_.n + x)];
          next[padded(x, y, z)] = s * std::max(0.0F, scale * volume_[padded(x, y, z)]);
        }
      }
    }
    volume_ = next;
    return r;
  }

  /// The same figures in the published forms.
  std::array<double, 3> published() {
    fft_.forward(volume_.data(), spectrum_.data(), {1});
    double difference = 0.0;
    double magnitude = 0.0;
    double data = 0.0;
    each(e_.spectrum.enforced, [&](std::size_t i, test::Complexd value, double copies) {
      const auto calculated = static_cast<test::Complexd>(spectrum_[i]);
      difference += copies * std::abs(calculated - value);
      magnitude += copies * std::abs(std::abs(calculated) - std::abs(value));
      data += copies * std::abs(value);
    });
    return {difference / data, magnitude / data, data};
  }

  [[nodiscard]] core::AlignedVector<float> volume() const {
    core::AlignedVector<float> out;
    for (int z = 0; z < e_.n; ++z) {
      for (int y = 0; y < e_.n; ++y) {
        for (int x = 0; x < e_.n; ++x)
          out.push_back(volume_[padded(x, y, z)]);
      }
    }
    return out;
  }

private:
  [[nodiscard]] std::size_t padded(int x, int y, int z) const {
    return static_cast<std::size_t>((z * size_ + y) * size_ + x);
  }

  /// Calls f(index in the half spectrum, value with the box corner as origin, copies in the whole spectrum).
  template <class F> void each(const std::vector<std::vector<recon::GridPoint>>& slabs, const F& f) const {
    const int half = size_ / 2 + 1;
    for (int ky = 0; ky < size_; ++ky) {
      for (const recon::GridPoint& p : slabs[static_cast<std::size_t>(ky)]) {
        const int kx = static_cast<int>(p.index) % half;
        const int kz = static_cast<int>(p.index) / half;
        const auto phase = std::polar(1.0, -2.0 * core::pi * (kx + ky + kz) * (e_.n / 2) / size_);
        f(static_cast<std::size_t>((kz * size_ + ky) * half + kx),
          static_cast<test::Complexd>(p.value) * phase, kx > 0 ? 2.0 : 1.0);
      }
    }
  }

  [[nodiscard]] double residual(const std::vector<std::vector<recon::GridPoint>>& slabs) const {
    double difference = 0.0;
    double data = 0.0;
    each(slabs, [&](std::size_t i, test::Complexd value, double copies) {
      difference += copies * std::norm(static_cast<test::Complexd>(spectrum_[i]) - value);
      data += copies * std::norm(value);
    });
    return data > 0.0 ? std::sqrt(difference / data) : 0.0;
  }

  const Example& e_;
  int size_;
  core::RealFft3 fft_;
  core::AlignedVector<float> volume_;
  core::AlignedVector<core::Complex> spectrum_;
};

void compare_with_published_iteration(int size, const std::vector<core::Mat3>& orientations) {
  const Example e = example(size, 0.05, orientations);
  auto problem = recon::gridded_problem(e.spectrum, {1});
  const auto support = recon::make_support(e.n, {recon::SupportShape::cube, 1.0, 2.0});
  recon::DescentOptions options;
  options.iterations = 12;
  const auto result = recon::descend(problem, support, options, {1}, {});
  PaddedGenfire twin(e);
  BOOST_TEST_REQUIRE(twin.energy(e.spectrum.withheld) > 0.0);
  const double part = twin.energy(e.spectrum.enforced) / twin.energy(e.spectrum.withheld);
  for (int i = 0; i < options.iterations; ++i) {
    const auto r = twin.iterate(support);
    const auto k = static_cast<std::size_t>(i);
    // R is a difference of terms of order 1 rounded to 1e-7, so R^2 is good to some 1e-6.
    BOOST_TEST(std::abs(result.r_fitted[k] * result.r_fitted[k] - r[0] * r[0]) < 2e-6);
    // The same rounding of the whole volume, in units of the little that the withheld blocks hold.
    BOOST_TEST(std::abs(result.r_withheld[k] * result.r_withheld[k] - r[1] * r[1]) < 2e-6 * (1.0 + part));
  }
  const auto wanted = twin.volume();
  double worst = 0.0;
  for (std::size_t i = 0; i < wanted.size(); ++i)
    worst = std::max(worst, static_cast<double>(std::abs(wanted[i] - result.volume[i])));
  // Voxels reach 2; a dozen single-precision iterations.
  BOOST_TEST(worst < 1e-5);
  const auto residuals = recon::grid_residuals(e.spectrum, result.volume.data(), {1});
  const auto published = twin.published();
  BOOST_TEST(std::abs(residuals.enforced - published[0]) < 1e-4);
  BOOST_TEST(std::abs(residuals.enforced_magnitude - published[1]) < 1e-4);
}

} // namespace

BOOST_AUTO_TEST_CASE(iterates_are_those_of_the_padded_algorithm) {
  compare_with_published_iteration(48, test::single_axis(11, 65.0));  // oversampling 3, convolution on 32
  compare_with_published_iteration(64, test::any_orientations(9, 3)); // oversampling 4
  compare_with_published_iteration(24,
                                   test::single_axis(11, 65.0)); // below 2: convolution on the grid itself
}

BOOST_AUTO_TEST_CASE(withheld_points_do_not_leak) {
  // Whatever the withheld points say, the volume is the same to the bit.
  Example e = example(48, 0.05, test::single_axis(11, 65.0));
  const auto support = recon::make_support(e.n, {});
  recon::DescentOptions options;
  options.iterations = 5;
  auto honest = recon::gridded_problem(e.spectrum, {1});
  const auto before = recon::descend(honest, support, options, {1}, {});
  for (auto& slab : e.spectrum.withheld) {
    for (auto& p : slab)
      p.value = 100.0F * p.value + core::Complex(3.0F, 1.0F);
  }
  auto tampered = recon::gridded_problem(e.spectrum, {1});
  const auto after = recon::descend(tampered, support, options, {1}, {});
  BOOST_TEST((before.volume == after.volume));
  BOOST_TEST(before.r_withheld.back() != after.r_withheld.back());
}

BOOST_AUTO_TEST_CASE(momentum_reaches_the_same_limit_sooner) {
  const Example e = example(32, 0.0, test::single_axis(21, 80.0));
  const auto support = recon::make_support(e.n, {});
  const auto misfit_after = [&](int iterations, bool momentum) {
    auto problem = recon::gridded_problem(e.spectrum, {1});
    recon::DescentOptions options;
    options.iterations = iterations;
    options.momentum = momentum;
    return recon::descend(problem, support, options, {1}, {}).r_fitted.back();
  };
  const double limit = misfit_after(400, true);
  BOOST_TEST(limit <= misfit_after(400, false) + 1e-4);
  BOOST_TEST(misfit_after(40, true) < misfit_after(40, false));
}

BOOST_AUTO_TEST_CASE(stop_rules_stop) {
  const Example e = example(32, 0.05, test::single_axis(11, 65.0));
  const auto support = recon::make_support(e.n, {});
  auto problem = recon::gridded_problem(e.spectrum, {1});
  recon::DescentOptions options;
  options.iterations = 500;
  options.stop_change = 0.01;
  const auto settled = recon::descend(problem, support, options, {1}, {});
  BOOST_TEST(settled.iterations < 500);
  BOOST_TEST(settled.stopped.find("settled") != std::string::npos);
  options.iterations = 50;
  options.stop_change = 0.0;
  int reports = 0;
  const auto all = recon::descend(problem, support, options, {1}, [&](const core::Progress& p) {
    ++reports;
    BOOST_TEST(p.total == 50.0);
    BOOST_TEST(p.note.find("R_k") == 0U);
  });
  BOOST_TEST(all.iterations == 50);
  BOOST_TEST(reports == 50);
}

BOOST_AUTO_TEST_CASE(support_shapes) {
  const auto cube = recon::make_support(16, {recon::SupportShape::cube, 0.5, 2.0});
  const auto at = [](const core::AlignedVector<float>& s, int x, int y, int z) {
    return s[static_cast<std::size_t>((z * 16 + y) * 16 + x)];
  };
  BOOST_TEST(at(cube, 8, 8, 8) == 1.0F);
  BOOST_TEST(at(cube, 3, 8, 8) == 0.0F);
  BOOST_TEST(at(cube, 4, 8, 8) == at(cube, 11, 8, 8)); // voxels 4 ... 11 are the middle half
  BOOST_TEST(at(cube, 4, 8, 8) > 0.0F);
  BOOST_TEST(at(cube, 4, 8, 8) < 1.0F);
  const auto whole = recon::make_support(16, {});
  for (const float v : whole)
    BOOST_TEST(v == 1.0F);
  const auto sphere = recon::make_support(16, {recon::SupportShape::sphere, 1.0, 0.0});
  BOOST_TEST(at(sphere, 1, 8, 8) == 1.0F);
  BOOST_TEST(at(sphere, 0, 8, 8) == 0.0F);
  BOOST_TEST(at(sphere, 13, 13, 13) == 0.0F);
}

BOOST_AUTO_TEST_SUITE_END()
