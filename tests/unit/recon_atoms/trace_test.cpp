#include "recon/atoms/trace.hpp"
#include "sim/core/error.hpp"
#include "sim/core/io/mrc.hpp"
#include "tests/support/message.hpp"
#include "tests/support/reference_data.hpp"
#include "tests/unit/recon_atoms/synthetic.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <limits>
#include <sstream>
#include <string>

BOOST_AUTO_TEST_SUITE(trace)

using namespace aet;

namespace {

recon::TraceOptions platinum() {
  recon::TraceOptions options;
  options.element = 78;
  return options;
}

struct Agreement {
  std::size_t matched = 0;
  core::Vec3 rms = core::Vec3::Zero(); ///< per axis [angstrom]
};

/// Every truth atom with the nearest traced atom within 1 A.
Agreement compare(const std::vector<core::Vec3>& truth, const std::vector<core::Vec3>& traced) {
  Agreement a;
  for (const auto& t : truth) {
    double nearest = 1.0;
    core::Vec3 d = core::Vec3::Zero();
    for (const auto& p : traced) {
      if ((p - t).norm() < nearest) {
        nearest = (p - t).norm();
        d = p - t;
      }
    }
    if (nearest < 1.0) {
      ++a.matched;
      a.rms += d.cwiseAbs2();
    }
  }
  a.rms = (a.rms / static_cast<double>(std::max<std::size_t>(a.matched, 1))).cwiseSqrt();
  return a;
}

core::Volume particle(const std::vector<core::Vec3>& atoms, int n, const test::Shape& shape = {}) {
  core::Volume v(n, n, n, 0.35);
  for (const auto& p : atoms)
    test::add_atom(v, p, 1.0, shape);
  return v;
}

/// The message of the DataError for a volume that cannot be traced.
std::string refusal(const core::Volume& volume) {
  return test::message_of<core::DataError>([&] { (void)recon::trace_atoms(volume, platinum(), {1}); });
}

} // namespace

BOOST_AUTO_TEST_CASE(clean_atoms_are_all_found_where_they_are) {
  const auto truth = test::random_ball(120, 8.0, 2.3, 1);
  const auto result = recon::trace_atoms(particle(truth, 60), platinum(), {2});
  BOOST_TEST(result.atoms.size() == truth.size());
  const Agreement a = compare(truth, result.atoms.positions);
  BOOST_TEST(a.matched == truth.size());
  // Tails of neighbours 2.3 A (4.6 sigma) away pull each peak by up to 0.3 pm; the fit ends within some 0.2
  // pm.
  BOOST_TEST(a.rms.maxCoeff() < 0.004);
  BOOST_TEST(result.summary.non_atom_rule == "none");
  BOOST_TEST(result.atoms.columns.at("intensity").size() == truth.size());
  BOOST_TEST(result.atoms.atomic_numbers.front() == 78);
}

BOOST_AUTO_TEST_CASE(the_origin_is_voxel_half_n) {
  for (const int n : {32, 33}) {
    core::Volume v(n, n, n, 0.5);
    v.at(n / 2, n / 2, n / 2) = 1.0F;
    v.at(n / 2 + 1, n / 2, n / 2) = v.at(n / 2 - 1, n / 2, n / 2) = 0.5F;
    v.at(n / 2, n / 2 + 1, n / 2) = v.at(n / 2, n / 2 - 1, n / 2) = 0.5F;
    v.at(n / 2, n / 2, n / 2 + 1) = v.at(n / 2, n / 2, n / 2 - 1) = 0.5F;
    const auto result = recon::trace_atoms(v, platinum(), {1});
    BOOST_REQUIRE(result.atoms.size() >= 1U);
    BOOST_TEST(result.atoms.positions[0].norm() < 1e-6);
  }
}

BOOST_AUTO_TEST_CASE(noise_everywhere_gives_non_atoms_and_they_are_told_apart) {
  const auto truth = test::random_ball(200, 9.0, 2.4, 2);
  core::Volume v = particle(truth, 72);
  test::add_noise(v, 0.1, 7);
  const auto result = recon::trace_atoms(v, platinum(), {2});
  const Agreement a = compare(truth, result.atoms.positions);
  BOOST_TEST_MESSAGE("noise 10 %: " << a.matched << " of " << truth.size() << ", " << result.atoms.size()
                                    << " traced, rms " << 100.0 * a.rms.transpose() << " pm");
  BOOST_TEST(result.summary.non_atom_rule == "valley");
  BOOST_TEST(result.summary.count(recon::Fate::non_atom) > 300U);
  BOOST_TEST(a.matched >= truth.size() - 2);
  BOOST_TEST(result.atoms.size() <= truth.size() + 2);
  // Cramer-Rao for the centre of a Gaussian of height 1 and sigma 1.43 voxels in white noise s:
  // s / (pi^(3/4) sqrt(sigma / 2)) voxels = 0.1 x 0.50 x 0.35 A = 1.8 pm an axis; a sphere of 0.8 sigma
  // holds about 5 % of that information, so some 8 pm.
  BOOST_TEST(a.rms.maxCoeff() < 0.12);
}

BOOST_AUTO_TEST_CASE(atoms_stretched_by_the_missing_wedge) {
  const auto truth = test::random_ball(150, 8.0, 2.6, 4);
  core::Volume v = particle(truth, 64, {0.5, 1.5});
  test::add_noise(v, 0.03, 5);
  const auto result = recon::trace_atoms(v, platinum(), {2});
  const Agreement a = compare(truth, result.atoms.positions);
  BOOST_TEST(static_cast<double>(a.matched) >= 0.97 * static_cast<double>(truth.size()));
  BOOST_TEST(static_cast<double>(result.atoms.size()) <= 1.02 * static_cast<double>(truth.size()));
  BOOST_TEST(a.rms.z() > a.rms.x()); // the blurred axis is the worse one
  BOOST_TEST(a.rms.x() < 0.06);
}

BOOST_AUTO_TEST_CASE(every_candidate_has_its_fate) {
  const auto truth = test::random_ball(100, 8.0, 2.3, 6);
  core::Volume v = particle(truth, 60);
  test::add_noise(v, 0.1, 3);
  const auto result = recon::trace_atoms(v, platinum(), {2});
  std::size_t total = 0;
  for (const std::size_t n : result.summary.fates)
    total += n;
  BOOST_TEST(total == result.summary.candidates);
  BOOST_TEST(result.peaks.size() == result.summary.candidates);
  BOOST_TEST(result.summary.count(recon::Fate::atom) == result.atoms.size());
  for (std::size_t i = 0; i < result.peaks.size(); ++i) {
    const auto& peak = result.peaks[i];
    BOOST_REQUIRE((peak.blocker >= 0) == (peak.fate == recon::Fate::too_close));
    if (peak.blocker < 0) continue;
    const auto& stronger = result.peaks[static_cast<std::size_t>(peak.blocker)];
    BOOST_REQUIRE(peak.blocker < static_cast<int>(i));
    BOOST_REQUIRE((stronger.position - peak.position).norm() < 2.0);
  }
  for (std::size_t i = 0; i < result.atoms.size(); ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      BOOST_REQUIRE((result.atoms.positions[i] - result.atoms.positions[j]).norm() >= 2.0);
    }
  }
  const auto numbers = recon::named_numbers(result.summary);
  BOOST_TEST(numbers[0].first == "maxima");
  BOOST_TEST(numbers[2].first == "atom");
  BOOST_TEST(numbers[2].second == static_cast<double>(result.atoms.size()));
}

BOOST_AUTO_TEST_CASE(the_same_for_any_number_of_threads) {
  const auto truth = test::random_ball(60, 6.0, 2.3, 8);
  core::Volume v = particle(truth, 48);
  test::add_noise(v, 0.1, 1);
  const auto one = recon::trace_atoms(v, platinum(), {1});
  double last = 0.0;
  const auto three =
      recon::trace_atoms(v, platinum(), {3}, [&](const core::Progress& p) { last = p.done / p.total; });
  BOOST_REQUIRE(one.atoms.size() == three.atoms.size());
  for (std::size_t i = 0; i < one.atoms.size(); ++i) {
    BOOST_REQUIRE((one.atoms.positions[i] == three.atoms.positions[i]));
    BOOST_REQUIRE(one.atoms.columns.at("intensity")[i] == three.atoms.columns.at("intensity")[i]);
  }
  BOOST_TEST(last <= 1.0);
}

BOOST_AUTO_TEST_CASE(neighbourhood_hardly_matters) {
  const auto truth = test::random_ball(150, 8.0, 2.3, 11);
  core::Volume v = particle(truth, 60);
  test::add_noise(v, 0.1, 12);
  auto options = platinum();
  const auto cube = recon::trace_atoms(v, options, {2});
  options.neighbourhood = recon::Neighbourhood::faces_6;
  const auto faces = recon::trace_atoms(v, options, {2});
  BOOST_TEST(faces.summary.maxima > cube.summary.maxima);
  BOOST_TEST(std::abs(double(faces.atoms.size()) - double(cube.atoms.size())) <= 2.0);
}

BOOST_AUTO_TEST_CASE(peaks_of_a_published_volume, test::needs_reference()) {
  // The truth volume of the RESIRE authors' example: three strengths of atoms, so no automatic non-atom rule.
  const core::Volume raw = core::read_mrc_volume(test::reference_dir() / "recon/resire_truth.mrc");
  core::Volume v = raw;
  v.voxel_size = 1.0;
  std::ifstream file(test::reference_dir() / "recon/resire_truth_peaks_px_xyz.txt");
  std::vector<core::Vec3> expected;
  for (std::string line; std::getline(file, line);) {
    if (line.empty() || line[0] == '#') continue;
    std::istringstream words(line);
    core::Vec3 p;
    words >> p.x() >> p.y() >> p.z();
    expected.push_back(p - core::Vec3(v.nx / 2, v.ny / 2, v.nz / 2));
  }
  auto options = platinum();
  options.min_distance_a = 3.0; // voxels here
  options.min_relative_height = 0.03;
  options.non_atoms = recon::NonAtomRule::none;
  const auto result = recon::trace_atoms(v, options, {2});
  const Agreement a = compare(expected, result.atoms.positions);
  BOOST_TEST(expected.size() == 408U);
  BOOST_TEST(a.matched == expected.size());
  BOOST_TEST(a.rms.maxCoeff() < 0.05); // voxels; the list's own peak interpolation is another one
  // The list stops at 15 % of the highest voxel.
  BOOST_TEST(result.atoms.size() <= expected.size() + 5);
}

BOOST_AUTO_TEST_CASE(unusable_volumes) {
  BOOST_TEST(test::contains(refusal({}), "empty"));
  BOOST_TEST(test::contains(refusal(core::Volume(6, 30, 30, 1.0)), "6 x 30 x 30", "at least 8 a side"));
  BOOST_TEST(test::contains(refusal(core::Volume(9, 9, 9, 1.0, 2.5F)), "every voxel of the volume is 2.5"));
  core::Volume negative(9, 9, 9, 1.0, -1.0F);
  negative.at(2, 2, 2) = -2.0F;
  BOOST_TEST(test::contains(refusal(negative), "above zero"));
  core::Volume hole = test::white_volume(9, 9, 9, 1);
  hole.at(3, 4, 5) = std::numeric_limits<float>::quiet_NaN();
  BOOST_TEST(test::contains(refusal(hole), "voxel (3, 4, 5)", "finite"));
  core::Volume sizeless = test::white_volume(9, 9, 9, 1);
  sizeless.voxel_size = 0.0;
  BOOST_TEST(test::contains(refusal(sizeless), "voxel size is 0"));
  core::Volume clipped = particle(test::random_ball(20, 5.0, 2.5, 1), 40);
  for (float& x : clipped.data)
    x = std::min(x, 0.6F);
  BOOST_TEST(test::contains(refusal(clipped), "saturated"));
}

BOOST_AUTO_TEST_CASE(unusable_options) {
  const core::Volume v = test::white_volume(9, 9, 9, 1);
  const auto refusal_of = [&](const recon::TraceOptions& options) {
    return test::message_of<core::ConfigError>([&] { (void)recon::trace_atoms(v, options, {1}); });
  };
  BOOST_TEST(test::contains(refusal_of({}), "element is 0", "1 to 118"));
  auto options = platinum();
  options.upsampling = 0;
  BOOST_TEST(test::contains(refusal_of(options), "upsampling is 0", "1 to 6"));
  options = platinum();
  options.min_distance_a = -1.0;
  BOOST_TEST(test::contains(refusal_of(options), "min_distance_a is -1"));
  options = platinum();
  options.min_relative_height = 1.0;
  BOOST_TEST(test::contains(refusal_of(options), "min_relative_height is 1"));
  options = platinum();
  options.fit.radius = 50.0;
  BOOST_TEST(test::contains(refusal_of(options), "radius is 50"));
}

BOOST_AUTO_TEST_SUITE_END()
