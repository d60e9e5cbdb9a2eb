#include "recon/volume/blob_basis.hpp"
#include "recon/volume/least_squares.hpp"
#include "recon/volume/projector.hpp"
#include "sim/core/error.hpp"
#include "twins.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>

BOOST_AUTO_TEST_SUITE(blob_basis)

using namespace aet;

namespace {

/// Each amplitude spread by the formula of a Gaussian whose voxels sum to 1.
core::Volume plain_blobs(const core::Volume& x, double sd) {
  const int n = x.nx;
  core::Volume out(n, n, n, x.voxel_size);
  const double norm = 1.0 / std::pow(2.0 * core::pi * sd * sd, 1.5);
  for (int z = 0; z < n; ++z) {
    for (int y = 0; y < n; ++y) {
      for (int u = 0; u < n; ++u) {
        double sum = 0.0;
        for (int c = 0; c < n; ++c) {
          for (int b = 0; b < n; ++b) {
            for (int a = 0; a < n; ++a) {
              const double d2 = (u - a) * (u - a) + (y - b) * (y - b) + (z - c) * (z - c);
              sum += static_cast<double>(x.at(a, b, c)) * norm * std::exp(-0.5 * d2 / (sd * sd));
            }
          }
        }
        out.at(u, y, z) = static_cast<float>(sum);
      }
    }
  }
  return out;
}

/// Amplitudes in the middle of a cube, so that nothing reaches its border.
core::Volume some_amplitudes(int n) {
  core::RandomStream random(5, "amplitudes");
  core::Volume x(n, n, n, 1.0);
  for (int i = 0; i < 6; ++i) {
    const auto place = [&] { return n / 2 - 3 + static_cast<int>(random.uniform() * 6.0); };
    const int u = place();
    const int y = place();
    x.at(u, y, place()) = static_cast<float>(1.0 + random.uniform());
  }
  return x;
}

/// Largest difference in units of the largest value of b.
double difference(const core::AlignedVector<float>& a, const core::AlignedVector<float>& b) {
  double worst = 0.0;
  double highest = 0.0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    worst = std::max(worst, static_cast<double>(std::abs(a[i] - b[i])));
    highest = std::max(highest, static_cast<double>(std::abs(b[i])));
  }
  return worst / highest;
}

} // namespace

BOOST_AUTO_TEST_CASE(amplitudes_become_the_plain_sum_of_gaussians) {
  core::Volume x = some_amplitudes(20);
  const core::Volume wanted = plain_blobs(x, 1.2);
  recon::blobs_of(x.data, {20, 40, 1.2}, {2});
  // A Gaussian of 1.2 voxels ends at Nyquist with exp(-7), of which sampling folds a part back.
  BOOST_TEST(difference(x.data, wanted.data) < 2e-3);
}

BOOST_AUTO_TEST_CASE(the_misfit_of_amplitudes_is_that_of_weighted_images_of_their_blobs) {
  const int n = 32;
  const int embed = 64;
  const recon::FrequencyWeight weight{0.2, 0.1};
  const auto orientations = test::any_orientations(4, 6);
  const auto specimen = test::blobs(n, 8, 3);
  std::vector<core::Image> images;
  std::vector<core::Image> filtered;
  recon::Misfit misfit;
  double energy = 0.0;
  for (const core::Mat3& r : orientations) {
    images.push_back(test::projection_of(specimen, r, n, n));
    filtered.push_back(recon::weighted(images.back(), weight));
  }
  misfit = recon::projection_misfit(filtered, orientations, embed, {2});
  const auto inner = [](const core::Image& a, const core::Image& b) {
    double sum = 0.0;
    for (std::size_t i = 0; i < a.data.size(); ++i)
      sum += static_cast<double>(a.data[i]) * static_cast<double>(b.data[i]);
    return sum;
  };
  for (std::size_t j = 0; j < images.size(); ++j)
    energy += inner(images[j], filtered[j]);
  misfit.data_energy = energy;
  recon::of_amplitudes(misfit, {n, embed, 1.3}, weight, {2});
  recon::Problem problem;
  problem.box = n;
  problem.embed = embed;
  problem.fitted = std::move(misfit);
  const core::Volume x = some_amplitudes(n);
  core::AlignedVector<float> product(x.data.size());
  recon::NormalOperator op(problem);
  const double found = op.apply(problem, x.data.data(), product.data(), {2}).fitted;

  const std::vector<core::Image> calculated = recon::project(plain_blobs(x, 1.3), orientations, {2});
  double square = 0.0;
  for (std::size_t j = 0; j < images.size(); ++j) {
    core::Image deviation = calculated[j];
    for (std::size_t i = 0; i < deviation.data.size(); ++i)
      deviation.data[i] -= images[j].data[i];
    square += inner(deviation, recon::weighted(deviation, weight));
  }
  // The filter's Gaussian is cut off at 4 sd (3e-4 of it) in the images, and not in the transfer function.
  BOOST_TEST(found == std::sqrt(square / energy), boost::test_tools::tolerance(3e-3));
}

BOOST_AUTO_TEST_CASE(too_few_tilts_hide_fewer_atoms_from_blobs_than_from_voxels) {
  // Neighbours 4.4 voxels apart where five tilts of a ball of 30 voxels resolve pi 30 / 5 = 19 (Crowther).
  const int n = 40;
  core::RandomStream random(11, "a dense ball");
  std::vector<test::Blob> atoms;
  for (int attempt = 0; attempt < 20000 && atoms.size() < 300; ++attempt) {
    const core::Vec3 p =
        n * core::Vec3(random.uniform() - 0.5, random.uniform() - 0.5, random.uniform() - 0.5);
    const bool apart = std::all_of(atoms.begin(), atoms.end(),
                                   [&](const test::Blob& other) { return (other.centre - p).norm() > 4.4; });
    if (p.norm() < 15.0 && apart) atoms.push_back({p, 1.2, 1.0});
  }
  core::TiltSeries series;
  series.pixel_size = 0.5;
  for (int t = 0; t < 5; ++t) {
    series.orientations.push_back(core::tilt_rotation(core::pi * t / 5.0));
    series.images.push_back(test::projection_of(atoms, series.orientations.back(), n, n));
    for (float& v : series.images.back().data)
      v += static_cast<float>(0.5 * random.normal());
  }
  const auto found = [&](double blob_sd_a, int iterations) {
    recon::LeastSquaresOptions options;
    options.iterations = iterations;
    options.withheld_every = 0;
    options.blob_sd_a = blob_sd_a;
    options.prepare.background = recon::Background::none;
    options.prepare.smoothing = blob_sd_a > 0.0 ? 0.0 : 0.4;
    const core::Volume volume = recon::reconstruct_least_squares(series, options, {2}).volume;
    // As many maxima as there are atoms, the highest; those within 1.5 voxels of an atom count.
    std::vector<std::pair<float, core::Vec3>> maxima;
    for (int z = 1; z + 1 < n; ++z) {
      for (int y = 1; y + 1 < n; ++y) {
        for (int x = 1; x + 1 < n; ++x) {
          bool highest = volume.at(x, y, z) > 0.0F;
          for (int d = 0; d < 27; ++d)
            highest =
                highest && volume.at(x + d % 3 - 1, y + d / 3 % 3 - 1, z + d / 9 - 1) <= volume.at(x, y, z);
          if (highest) maxima.emplace_back(volume.at(x, y, z), core::Vec3(x - n / 2, y - n / 2, z - n / 2));
        }
      }
    }
    std::sort(maxima.begin(), maxima.end(), [](const auto& p, const auto& q) { return p.first > q.first; });
    maxima.resize(std::min(maxima.size(), atoms.size()));
    return std::count_if(maxima.begin(), maxima.end(), [&](const auto& m) {
      return std::any_of(atoms.begin(), atoms.end(),
                         [&](const test::Blob& atom) { return (atom.centre - m.second).norm() < 1.5; });
    });
  };
  // Voxels are best early: later they follow the noise. Blobs take longer to where they are going.
  const auto of_blobs = found(0.6, 300);
  const auto of_voxels = std::max(found(0.0, 60), found(0.0, 300));
  BOOST_TEST_MESSAGE(atoms.size() << " atoms, " << of_blobs << " from blobs, " << of_voxels
                                  << " from voxels");
  BOOST_TEST(of_blobs > of_voxels);
}

BOOST_AUTO_TEST_CASE(a_width_out_of_range_is_refused) {
  core::TiltSeries series;
  series.pixel_size = 1.0;
  for (const core::Mat3& r : test::any_orientations(4, 6)) {
    series.orientations.push_back(r);
    series.images.push_back(test::projection_of(test::blobs(32, 3, 1), r, 32, 32));
  }
  recon::LeastSquaresOptions options;
  options.withheld_every = 0;
  options.blob_sd_a = 2.5;
  BOOST_CHECK_THROW((void)recon::reconstruct_least_squares(series, options, {1}), core::ConfigError);
}

BOOST_AUTO_TEST_SUITE_END()
