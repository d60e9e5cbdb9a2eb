// Is single precision enough? GENFIRE in double precision, by plain sums, against the program's.
#include "recon/volume/descent.hpp"
#include "recon/volume/genfire.hpp"
#include "recon/volume/quadratic.hpp"
#include "twins.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cmath>
#include <complex>
#include <cstddef>
#include <vector>

BOOST_AUTO_TEST_SUITE(precision)

using namespace aet;

namespace {

using Complexd = std::complex<double>;

constexpr int box = 16;
constexpr int padded = 48; // oversampling 3

/// exp(-2 pi i k (x - box / 2) / padded) for every k and x.
std::vector<Complexd> waves() {
  std::vector<Complexd> out;
  for (int k = 0; k < padded; ++k) {
    for (int x = 0; x < box; ++x)
      out.push_back(std::polar(1.0, -2.0 * core::pi * k * (x - box / 2) / padded));
  }
  return out;
}

/// Axis by axis, the last one first: [a][b][c] -> [c'][a][b], `to` values for `from`, with w[c'][c].
std::vector<Complexd> transformed(const std::vector<Complexd>& in, int from, int to,
                                  const std::vector<Complexd>& w, bool back) {
  const std::size_t lines = in.size() / static_cast<std::size_t>(from);
  std::vector<Complexd> out(lines * static_cast<std::size_t>(to));
  for (int t = 0; t < to; ++t) {
    for (std::size_t line = 0; line < lines; ++line) {
      Complexd sum = 0.0;
      for (int f = 0; f < from; ++f) {
        const auto wave = back ? std::conj(w[static_cast<std::size_t>(f * box + t)])
                               : w[static_cast<std::size_t>(t * box + f)];
        sum += wave * in[line * static_cast<std::size_t>(from) + static_cast<std::size_t>(f)];
      }
      out[static_cast<std::size_t>(t) * lines + line] = sum;
    }
  }
  return out;
}

/// The published iteration on the whole padded spectrum.
std::vector<double> plain_genfire(const recon::GriddedSpectrum& spectrum, int iterations) {
  const std::vector<Complexd> w = waves();
  std::vector<Complexd> volume(static_cast<std::size_t>(box) * box * box);
  const auto at = [](int x, int y, int z) {
    const auto wrap = [](int k) { return (k % padded + padded) % padded; };
    return static_cast<std::size_t>((wrap(z) * padded + wrap(y)) * padded + wrap(x));
  };
  for (int i = 0; i < iterations; ++i) {
    std::vector<Complexd> f = volume;
    for (int axis = 0; axis < 3; ++axis)
      f = transformed(f, box, padded, w, false);
    for (int ky = 0; ky < padded; ++ky) {
      for (const recon::GridPoint& p : spectrum.enforced[static_cast<std::size_t>(ky)]) {
        const int kx = static_cast<int>(p.index) % (padded / 2 + 1);
        const int kz = static_cast<int>(p.index) / (padded / 2 + 1);
        f[at(kx, ky, kz)] = static_cast<Complexd>(p.value);
        if (kx > 0) f[at(-kx, -ky, -kz)] = std::conj(static_cast<Complexd>(p.value));
      }
    }
    for (int axis = 0; axis < 3; ++axis)
      f = transformed(f, padded, box, w, true);
    for (std::size_t v = 0; v < volume.size(); ++v)
      volume[v] = std::max(0.0, f[v].real() / std::pow(static_cast<double>(padded), 3));
  }
  std::vector<double> out;
  for (const Complexd& v : volume)
    out.push_back(v.real());
  return out;
}

} // namespace

BOOST_AUTO_TEST_CASE(single_precision_is_enough) {
  constexpr int iterations = 100;
  const auto specimen = test::blobs(box, 6, 4);
  const auto series = test::series_of(specimen, test::single_axis(21, 70.0), box, box);
  const auto spectrum = recon::grid_projections(series.images, series.orientations,
                                                {padded, 0.5, recon::GriddingMethod::dft, 0.05, 1}, {1});
  const std::vector<double> wanted = plain_genfire(spectrum, iterations);
  auto problem = recon::gridded_problem(spectrum, {1});
  recon::DescentOptions options;
  options.iterations = iterations;
  const auto found = recon::descend(problem, recon::make_support(box, {}), options, {1}, {}).volume;
  const auto truth = test::volume_of(specimen, box);
  double rounding = 0.0;
  double error = 0.0;
  double square = 0.0;
  for (std::size_t v = 0; v < wanted.size(); ++v) {
    rounding += std::pow(static_cast<double>(found[v]) - wanted[v], 2);
    error += std::pow(static_cast<double>(truth.data[v]) - wanted[v], 2);
    square += wanted[v] * wanted[v];
  }
  rounding = std::sqrt(rounding / square);
  error = std::sqrt(error / square);
  BOOST_TEST_MESSAGE("after " << iterations << " iterations single precision differs by " << rounding
                              << " of the volume, which differs by " << error << " from the truth");
  // Each iteration rounds at 6e-8 and does not amplify (its operator's norm is 1): at worst 100 times that.
  BOOST_TEST(rounding < 6e-6);
  BOOST_TEST(rounding < 1e-3 * error);
}

BOOST_AUTO_TEST_SUITE_END()
