// One crystal is one nucleus, whatever its heat; a liquid has none; chance is told.
#include "analysis/chemistry/chemistry.hpp"
#include "analysis/moment/moment_chance.hpp"
#include "analysis/moment/moment_order.hpp"
#include "analysis/nuclei/soft_spheres.hpp"
#include "analysis/order/common_neighbours.hpp"
#include "analysis/order/solid_bonds.hpp"
#include "sim/core/error.hpp"
#include "sim/core/io/atom_files.hpp"
#include "sim/core/io/lammps_dump.hpp"
#include "sim/core/neighbours/pairs.hpp"
#include "sim/core/orientation.hpp"
#include "sim/core/units.hpp"
#include "sim/specimen/particle.hpp"
#include "sim/specimen/random_packing.hpp"
#include "tests/support/crystals.hpp"
#include "tests/support/reference_data.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cmath>
#include <numeric>

BOOST_AUTO_TEST_SUITE(persistence)

using namespace aet;
using namespace aet::analysis;
using namespace aet::test;

namespace {

std::filesystem::path reproduction(const char* name) {
  return reference_dir() / ".." / "reproductions" / "nuclei" / name;
}

/// A column of alpha along x with two bumps and a saddle between them.
struct Ridge {
  std::vector<Vec3> positions;
  std::vector<double> alpha;
};

Ridge ridge(double first, double saddle, double second) {
  const std::vector<double> heights{0.4,    first, 0.5 * (first + saddle), saddle, 0.5 * (saddle + second),
                                    second, 0.4};
  Ridge r;
  for (std::size_t k = 0; k < heights.size(); ++k) {
    r.positions.emplace_back(3.0 * static_cast<double>(k), 0, 0);
    r.alpha.push_back(heights[k]);
  }
  return r;
}

double share_above(const std::vector<double>& alpha, double threshold) {
  return static_cast<double>(
             std::count_if(alpha.begin(), alpha.end(), [&](double a) { return a >= threshold; })) /
         static_cast<double>(alpha.size());
}

std::vector<core::Atoms> frames_of(const char* name) {
  std::vector<core::Atoms> frames;
  core::AtomFileOptions options;
  options.type_elements = {78};
  core::visit_lammps_frames(reproduction(name), options, [&](core::DumpFrame frame) {
    frames.push_back(std::move(frame.atoms));
    frames.back().cell.reset(); // a droplet in a box much larger than it
  });
  return frames;
}

} // namespace

BOOST_AUTO_TEST_CASE(a_dip_within_the_error_is_no_border) {
  const NucleiOptions rule{.radius_a = 4.0, .threshold = 0.3, .min_atoms = 1, .persistence = 2.0};
  const Ridge r = ridge(0.9, 0.7, 0.8); // dips by 0.1 below the lower maximum
  const auto nuclei = [&](double sd, const std::vector<double>& turn) {
    const std::vector<double> errors(r.alpha.size(), sd);
    return find_nuclei(r.positions, std::nullopt, r.alpha, rule, {.sd = errors, .turn = turn, .turn_size = 2})
        .nuclei.size();
  };
  // 2 x sqrt(2) x 0.04 = 0.113, 2 x sqrt(2) x 0.03 = 0.085
  BOOST_TEST(nuclei(0.04, {}) == 1U);
  BOOST_TEST(nuclei(0.03, {}) == 2U);
  // The same field, but the two ends are turned against each other.
  std::vector<double> turn;
  for (std::size_t k = 0; k < r.alpha.size(); ++k) {
    turn.push_back(k < 4 ? 1.0 : 0.0);
    turn.push_back(k < 4 ? 0.0 : 1.0);
  }
  BOOST_TEST(nuclei(0.04, turn) == 2U);
  BOOST_TEST(find_nuclei(r.positions, std::nullopt, r.alpha, rule).nuclei.size() == 2U); // no error known
  NucleiOptions bad = rule;
  bad.ties = TieRule::lowest_index;
  BOOST_CHECK_EXCEPTION((void)find_nuclei(r.positions, std::nullopt, r.alpha, bad), core::ConfigError,
                        says("cannot be joined"));
  bad = rule;
  bad.persistence = -1.0;
  BOOST_CHECK_EXCEPTION((void)find_nuclei(r.positions, std::nullopt, r.alpha, bad), core::ConfigError,
                        says("must not be negative"));
  BOOST_CHECK_EXCEPTION((void)find_nuclei(r.positions, std::nullopt, r.alpha, rule, {.sd = {{0.1, 0.1}}}),
                        core::DataError, says("2 errors are given for 7 atoms"));
}

BOOST_AUTO_TEST_CASE(a_crystal_is_one_nucleus_with_and_without_heat) {
  for (const double u : {0.0, 0.03, 0.06, 0.1})
    for (const double cutoff : {3.35, 3.8}) {
      AnalysisOptions options;
      options.neighbour_cutoff_a = cutoff;
      for (const core::Atoms& atoms : {shaken(fcc_ball(3.92, 10.0), u, 11),
                                       shaken(fcc_ball(3.92, 17.0), u, 12), shaken(fcc(3.92, 5), u, 13)}) {
        const MomentAnalysis a = analyze_moment(atoms, options);
        BOOST_TEST_CONTEXT("u " << u << ", cut-off " << cutoff << ", " << atoms.size() << " atoms") {
          BOOST_REQUIRE(a.nuclei.size() == 1U);
          BOOST_TEST(a.nuclei[0].nucleus.atoms.size() == atoms.size());
          const auto& alpha = a.atoms.columns.at("alpha");
          BOOST_TEST(*std::max_element(alpha.begin(), alpha.end()) <= 1.0);
          BOOST_TEST(*std::min_element(alpha.begin(), alpha.end()) >= 0.0);
        }
      }
    }
}

BOOST_AUTO_TEST_CASE(two_grains_are_two_nuclei) {
  // Two half balls of one crystal, one of them turned by 30 degrees about an axis through both.
  core::Atoms atoms = fcc_ball(3.92, 16.0);
  core::Atoms grains;
  const core::Mat3 turn = core::rotation_from_euler({0.0, 30.0 * core::radian_per_degree, 0.0});
  for (const Vec3& p : atoms.positions) {
    const Vec3 turned = turn * p;
    if (p.z() > 1.2) grains.positions.push_back(p);
    if (turned.z() < -1.2) grains.positions.push_back(turned);
  }
  grains.atomic_numbers.assign(grains.positions.size(), 78);
  const MomentAnalysis a = analyze_moment(shaken(grains, 0.06, 3), {});
  BOOST_REQUIRE(a.nuclei.size() == 2U);
  BOOST_TEST(a.nuclei[1].nucleus.atoms.size() > 200U);
}

BOOST_AUTO_TEST_CASE(the_jackknife_knows_the_error_of_a_mean) {
  // Of many crystals shaken alike, the scatter of the averaged Q6 of the same atom against its mean error.
  // Neighbouring shells share atoms, which the jackknife does not know: within a factor of 2.
  const core::Atoms cold = fcc(3.92, 3);
  double squares = 0.0;
  double sum = 0.0;
  double error = 0.0;
  constexpr int trials = 60;
  for (std::uint64_t t = 0; t < trials; ++t) {
    const core::Atoms hot = shaken(cold, 0.1, 100 + t);
    const BondOrder order =
        bond_order(core::neighbours_within(hot.positions, hot.cell, 3.35), {.errors = true});
    sum += order.averaged[1][0] / trials;
    squares += order.averaged[1][0] * order.averaged[1][0] / trials;
    error += order.averaged_sd[1][0] / trials;
  }
  const double scatter = std::sqrt(squares - sum * sum);
  BOOST_TEST(error > 0.5 * scatter);
  BOOST_TEST(error < 2.0 * scatter);
  const BondOrder perfect =
      bond_order(core::neighbours_within(cold.positions, cold.cell, 3.35), {.errors = true});
  BOOST_TEST(perfect.averaged_sd[1][0] < 1e-7);
}

BOOST_AUTO_TEST_CASE(soft_spheres_melt_and_keep_outline_and_number) {
  const core::Atoms ball = fcc_ball(3.92, 15.0);
  const auto frames = soft_sphere_frames(ball.positions, std::nullopt, 15.06, 2, {.step_a = 0.3});
  BOOST_REQUIRE(frames.size() == 2U);
  double farthest = 0.0;
  double squares = 0.0;
  for (std::size_t i = 0; i < ball.size(); ++i) {
    farthest = std::max(farthest, frames[0][i].norm());
    squares += (frames[1][i] - frames[0][i]).squaredNorm() / static_cast<double>(ball.size());
  }
  BOOST_TEST(farthest < 16.0);
  BOOST_TEST(std::sqrt(squares) >= 0.3);
  core::Atoms fluid = ball;
  fluid.positions = frames[0];
  const MomentAnalysis a = analyze_moment(fluid, {});
  BOOST_TEST(a.alpha_mean < 0.35); // 1 before
  BOOST_TEST(share_above(a.atoms.columns.at("alpha"), 0.6) == 0.0);
  // No two nearer than 0.7 sigma, where the repulsion is 72 kT; sigma is (1.15 x 15.06)^(1/3) = 2.59 A.
  BOOST_TEST(core::minimum_distance(frames[0]) > 1.8);
  BOOST_CHECK_EXCEPTION((void)soft_sphere_frames(ball.positions, std::nullopt, 15.06, 1, {.coupling = 2.0}),
                        core::ConfigError, says("allowed is 0.1 to 1.2"));
}

BOOST_AUTO_TEST_CASE(chance_of_large_nuclei_falls_exponentially) {
  ChanceNuclei chance;
  chance.realizations = 20;
  // Quantiles of an exponential law of mean 8 above 31: 200 nuclei, ten a realization.
  for (int k = 0; k < 200; ++k)
    chance.nuclei.push_back({31, 31.0 - 8.0 * std::log((k + 0.5) / 200.0), std::nullopt, std::nullopt});
  BOOST_TEST(chance.expected() == 10.0);
  for (const double size : {35.0, 45.0, 60.0, 80.0}) {
    const double exact = 10.0 * std::exp(-(size - 31.0) / 8.0);
    BOOST_TEST(std::abs(chance.expected_as_large(size) / exact - 1.0) < 0.35, "at " << size);
    BOOST_TEST(std::abs(chance.probability(size) - (1.0 - std::exp(-chance.expected_as_large(size)))) <
               1e-12);
  }
  ChanceNuclei none;
  none.realizations = 20;
  BOOST_TEST(std::abs(none.probability(40.0) - (1.0 - std::exp(-0.05))) <
             1e-12); // below 1 in 20 is all that is known
}

BOOST_AUTO_TEST_CASE(a_packing_without_crystals_keeps_no_nucleus) {
  // Not made as the null is: a random packing, by pushing points apart.
  core::Atoms atoms;
  atoms.positions = specimen::random_packing(2500, specimen::Shape{}, 22.0, {}, {});
  atoms.atomic_numbers.assign(atoms.positions.size(), 78);
  MomentAnalysis a = analyze_moment(atoms, {});
  set_chance(a, fluid_chance(std::span(&atoms, 1), a, {}));
  BOOST_TEST(chance_summary(a).left == 0U);
}

BOOST_AUTO_TEST_CASE(a_random_alloy_keeps_no_nucleus) {
  specimen::ParticleOptions o;
  o.elements = {26, 78};
  o.lattice_constant_a = 3.87;
  o.facets = specimen::truncated_octahedron(1.15);
  o.atoms = 5000;
  o.seed = 1;
  ChemistryOptions options;
  options.chance.emplace();
  const ChemicalAnalysis a = analyze_chemistry(specimen::build_particle(o).atoms, options, core::Threads{2});
  const ChanceSummary summary = chance_summary(a.moment);
  BOOST_TEST(summary.found > 5U); // S >= 0.3 is reached by chance
  // A Poisson number of that mean: within three standard deviations.
  BOOST_TEST(std::abs(static_cast<double>(summary.found) - summary.expected) <
             3.0 * std::sqrt(summary.expected));
  BOOST_TEST(summary.left <= 1U); // one in twenty particles has one
  // Sites: what chance makes lies near the surface as often; "heterogeneous" must not be concluded.
  BOOST_TEST(*summary.surface_by_chance > 0.5);
  for (const NucleusReport& n : a.moment.nuclei)
    BOOST_TEST((*n.site == Site::subsurface) == (*n.site_kind == SurfaceSite::subsurface));
}

BOOST_AUTO_TEST_CASE(common_neighbours_of_perfect_and_of_hot_crystals) {
  const auto share = [](const core::Atoms& atoms, Structure wanted) {
    const auto found = common_neighbour_structures(atoms.positions, atoms.cell);
    return static_cast<double>(std::count(found.begin(), found.end(), wanted)) /
           static_cast<double>(atoms.size());
  };
  BOOST_TEST(share(fcc(3.92, 4), Structure::fcc) == 1.0);
  BOOST_TEST(share(shaken(fcc(3.92, 4), 0.08, 1), Structure::fcc) > 0.95);
  BOOST_TEST(share(bcc(2.87, 5), Structure::bcc) == 1.0);
  BOOST_TEST(share(hcp(2.77, 5), Structure::hcp) == 1.0);
  core::Atoms liquid;
  liquid.positions = specimen::random_packing(500, specimen::Shape{}, 13.0, {}, {});
  liquid.atomic_numbers.assign(500, 78);
  BOOST_TEST(share(liquid, Structure::fcc) < 0.02);
}

BOOST_AUTO_TEST_CASE(solid_bonds_of_a_crystal_and_of_a_liquid) {
  const core::Atoms crystal = shaken(fcc(3.92, 4), 0.1, 1);
  const auto of_crystal = solid_atoms(core::neighbours_within(crystal.positions, crystal.cell, 3.5));
  BOOST_TEST(std::accumulate(of_crystal.begin(), of_crystal.end(), 0) == static_cast<int>(crystal.size()));
  const std::vector<Vec3> liquid = specimen::random_packing(1500, specimen::Shape{}, 18.5, {}, {});
  const auto near = core::neighbours_within(liquid, std::nullopt, 3.5);
  const auto of_liquid = solid_atoms(near);
  BOOST_TEST(std::accumulate(of_liquid.begin(), of_liquid.end(), 0) < 75); // 5 %
  const auto parts = connected_parts(near, of_liquid);
  BOOST_TEST((parts.empty() || parts.front().size() < 31U));
  BOOST_CHECK_EXCEPTION((void)solid_atoms(near, {.more_than = -1}), core::ConfigError, says("at least 0"));
}

BOOST_AUTO_TEST_CASE(perfect_balls_of_the_reproductions, needs_reference()) {
  for (const char* name : {"ball10.xyz", "ball14.xyz", "ball20.xyz", "ball14_u030.xyz", "ball14_u060.xyz"}) {
    const MomentAnalysis a = analyze_moment(core::read_atoms(reproduction(name)), {});
    BOOST_TEST_CONTEXT(name) {
      BOOST_REQUIRE(a.nuclei.size() == 1U);
      BOOST_TEST(a.nuclei[0].nucleus.atoms.size() == a.atoms.size());
      const auto& alpha = a.atoms.columns.at("alpha");
      BOOST_TEST(*std::max_element(alpha.begin(), alpha.end()) <= 1.0);
    }
  }
}

BOOST_AUTO_TEST_CASE(the_order_of_a_liquid_is_the_mean_over_frames, needs_reference()) {
  const std::vector<core::Atoms> liquid = frames_of("liquid_1650K.dump.gz");
  BOOST_TEST(std::abs(share_above(analyze_moment(liquid[0], {}).atoms.columns.at("alpha"), 0.3) - 0.20) <
             0.01);
  MomentAnalysis a = analyze_frames(std::span(liquid).first(10), {}, core::Threads{2});
  BOOST_TEST(a.neighbour_cutoff_a == 3.8);
  BOOST_TEST(std::abs(share_above(a.atoms.columns.at("alpha"), 0.3) - 0.10) <
             0.01); // by mean positions 0.002
  BOOST_TEST(a.moved_atoms == a.atoms.size());
  set_chance(a, fluid_chance(std::span(liquid).first(10), a, {}, {.realizations = 4}, core::Threads{2}));
  BOOST_TEST(chance_summary(a).left == 0U);
  const std::vector<core::Atoms> cold = frames_of("quenched_900K.dump.gz");
  const auto solid_part = [&](std::size_t first) {
    return share_above(
        analyze_frames(std::span(cold).subspan(first, 10), {}, core::Threads{2}).atoms.columns.at("alpha"),
        0.5);
  };
  BOOST_TEST(std::abs(solid_part(0) - 0.012) < 0.002); // by mean positions 0.10 and 0.165
  BOOST_TEST(std::abs(solid_part(10) - 0.039) < 0.002);
}

BOOST_AUTO_TEST_SUITE_END()
