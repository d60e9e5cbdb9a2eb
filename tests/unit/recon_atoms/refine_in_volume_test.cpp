#include "recon/atoms/refine_in_volume.hpp"
#include "sim/core/error.hpp"
#include "sim/core/random.hpp"

#include <boost/test/unit_test.hpp>

#include <cmath>

BOOST_AUTO_TEST_SUITE(refine_in_volume)

using namespace aet;
using Eigen::Vector3d;

namespace {

constexpr core::Threads one{1};

/// Atoms 2.2 angstrom apart on a jittered lattice, of two heights, written out voxel by voxel.
struct Game {
  std::vector<Vector3d> truth;
  std::vector<double> heights;
  std::vector<Vector3d> start;
  core::Volume volume{40, 40, 40, 0.35, 3.0F};
  Vector3d sigma{0.5, 0.55, 0.75};

  Game() {
    core::RandomStream random(3, "refine in volume");
    const auto jitter = [&](double sd) {
      return Vector3d(sd * random.normal(), sd * random.normal(), sd * random.normal());
    };
    for (int i = 0; i < 64; ++i) {
      truth.emplace_back(2.2 * Vector3d(i % 4 - 1.5, i / 4 % 4 - 1.5, i / 16 - 1.5) + jitter(0.1));
      heights.push_back(i % 3 == 0 ? 40.0 : 100.0);
      start.emplace_back(truth.back() + jitter(0.12));
    }
    for (int z = 0; z < 40; ++z) {
      for (int y = 0; y < 40; ++y) {
        for (int x = 0; x < 40; ++x) {
          const Vector3d r = 0.35 * Vector3d(x - 20, y - 20, z - 20);
          double sum = 3.0;
          for (std::size_t a = 0; a < truth.size(); ++a)
            sum += heights[a] * std::exp(-0.5 * (r - truth[a]).cwiseQuotient(sigma).squaredNorm());
          volume.at(x, y, z) = static_cast<float>(sum);
        }
      }
    }
  }
  [[nodiscard]] double rmsd(const std::vector<Vector3d>& model) const {
    double sum = 0.0;
    for (std::size_t a = 0; a < truth.size(); ++a)
      sum += (model[a] - truth[a]).squaredNorm() / static_cast<double>(truth.size());
    return std::sqrt(sum);
  }
};

} // namespace

BOOST_FIXTURE_TEST_CASE(overlapping_peaks_are_told_apart, Game) {
  const auto r = recon::refine_in_volume(volume, start, {60}, one);
  // Windows end at 2.6 widths, where a peak still has 3 % of its height: that is all that is left.
  BOOST_TEST(rmsd(r.positions) < 0.01);
  BOOST_TEST(r.converged);
  for (std::size_t a = 0; a < heights.size(); ++a)
    BOOST_TEST(r.heights[a] == heights[a], boost::test_tools::tolerance(0.1));
  for (int k = 0; k < 3; ++k)
    BOOST_TEST(r.sigma_a[k] == sigma[k], boost::test_tools::tolerance(0.05));
  BOOST_TEST(r.r1 < 0.05);
}

BOOST_FIXTURE_TEST_CASE(noise_moves_atoms_by_what_it_must, Game) {
  core::RandomStream random(5, "volume noise");
  constexpr double noise = 8.0;
  for (float& v : volume.data)
    v += static_cast<float>(noise * random.normal());
  const auto r = recon::refine_in_volume(volume, start, {60}, one);
  // An isolated Gaussian of height h in white noise s has along each axis the variance
  // 2 s^2 sigma_k^2 voxel^3 / (h^2 pi^(3/2) sigma_x sigma_y sigma_z); neighbours add to it.
  double square = 0.0;
  for (const double h : heights) {
    square += 2.0 * noise * noise * sigma.squaredNorm() * std::pow(0.35, 3) /
              (h * h * std::pow(M_PI, 1.5) * sigma.prod()) / static_cast<double>(heights.size());
  }
  BOOST_TEST_MESSAGE("RMSD " << rmsd(r.positions) << ", of single atoms at best " << std::sqrt(square));
  BOOST_TEST(rmsd(r.positions) < 1.3 * std::sqrt(square));
  BOOST_TEST(rmsd(r.positions) > 0.8 * std::sqrt(square));
}

BOOST_FIXTURE_TEST_CASE(threads_change_nothing, Game) {
  const auto a = recon::refine_in_volume(volume, start, {5}, one);
  const auto b = recon::refine_in_volume(volume, start, {5}, core::Threads{3});
  for (std::size_t i = 0; i < truth.size(); ++i)
    BOOST_TEST((a.positions[i] == b.positions[i]));
}

BOOST_FIXTURE_TEST_CASE(models_of_other_volumes_are_refused, Game) {
  BOOST_CHECK_THROW(static_cast<void>(recon::refine_in_volume(volume, {}, {}, one)), core::DataError);
  BOOST_CHECK_THROW(static_cast<void>(recon::refine_in_volume(volume, {{0.0, 0.0, 9.0}}, {}, one)),
                    core::DataError);
  BOOST_CHECK_THROW(static_cast<void>(recon::refine_in_volume(volume, {{-6.5, -6.5, -6.5}}, {}, one)),
                    core::DataError); // a corner without any atom
  BOOST_CHECK_THROW(static_cast<void>(recon::refine_in_volume(volume, start, {0}, one)), core::ConfigError);
}

BOOST_AUTO_TEST_SUITE_END()
