// Thermal motion of atoms as files give it: round and anisotropic, drawn and averaged over.
#include "sim/core/error.hpp"
#include "sim/core/orientation.hpp"
#include "sim/core/random.hpp"
#include "sim/stem/image.hpp"
#include "sim/stem/kinematic.hpp"
#include "sim/stem/specimen.hpp"
#include "sim/stem/thermal_motion.hpp"
#include "sim/stem/tilt_imaging.hpp"
#include "tests/support/message.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <tuple>
#include <vector>

BOOST_AUTO_TEST_SUITE(thermal_motions)

using namespace aet;
using namespace aet::stem;
using test::contains;
using test::message_of;

namespace {

const core::Mat3 tilted = core::tilt_rotation(0.4) * core::rotation_from_euler({0.3, 0.2, 0.5});

core::Mat3 tensor_of(double a, double b, double c, double ab, double ac, double bc) {
  core::Mat3 tensor;
  tensor << a, ab, ac, ab, b, bc, ac, bc, c;
  return tensor;
}

void set_tensor(core::Atoms& atoms, const core::Mat3& tensor) {
  const std::array<double, 6> parts{tensor(0, 0), tensor(1, 1), tensor(2, 2),
                                    tensor(0, 1), tensor(0, 2), tensor(1, 2)};
  for (std::size_t k = 0; k < parts.size(); ++k)
    atoms.columns["u_aniso_" + std::to_string(k)].push_back(parts[k]);
}

core::Atoms atoms_with(int count, const core::Mat3& tensor) {
  core::Atoms atoms;
  for (int i = 0; i < count; ++i) {
    atoms.positions.emplace_back(0.1, -0.2, 0.3);
    atoms.atomic_numbers.push_back(78);
    set_tensor(atoms, tensor);
  }
  return atoms;
}

/// Atoms as the beam sees them, x y z.
std::vector<core::Vec3> seen(const core::Atoms& atoms, const StemOptions& options,
                             std::uint32_t configuration) {
  std::vector<core::Vec3> out;
  const SlicedSpecimen specimen = slice_specimen(atoms, tilted, options, {5, 0, 2}, configuration);
  for (std::size_t s = 0; s < specimen.slices.size(); ++s) {
    for (const ProjectedAtom& a : specimen.slices[s])
      out.emplace_back(a.x, a.y, specimen.plane_z(s) + a.offset);
  }
  return out;
}

/// Mean of images over displacements across the beam by Gauss-Hermite nodes of seven points an axis, which
/// are exact up to the 13th power of the displacement: the plain twin of averages over anisotropic motion.
template <class Imager>
std::vector<double> mean_over(const Eigen::Matrix2d& tensor, const Imager& image_of_shifted) {
  constexpr std::array<double, 7> node{-3.750439717725742, -2.366759410734541, -1.154405394739968, 0.0,
                                       1.154405394739968,  2.366759410734541,  3.750439717725742};
  constexpr std::array<double, 7> weight{5.482688559722178e-4, 3.075712396758651e-2, 2.401231786050127e-1,
                                         4.571428571428571e-1, 2.401231786050127e-1, 3.075712396758651e-2,
                                         5.482688559722178e-4};
  const Eigen::Matrix2d root = tensor.llt().matrixL();
  std::vector<double> mean;
  for (std::size_t i = 0; i < node.size(); ++i) {
    for (std::size_t j = 0; j < node.size(); ++j) {
      const Eigen::Vector2d shift = root * Eigen::Vector2d(node[i], node[j]);
      const core::Image image = image_of_shifted(shift);
      mean.resize(image.data.size(), 0.0);
      for (std::size_t p = 0; p < mean.size(); ++p)
        mean[p] += weight[i] * weight[j] * static_cast<double>(image.data[p]);
    }
  }
  return mean;
}

double r1(const std::vector<double>& wanted, const core::Image& image) {
  double difference = 0.0;
  double sum = 0.0;
  for (std::size_t p = 0; p < wanted.size(); ++p) {
    difference += std::abs(static_cast<double>(image.data[p]) - wanted[p]);
    sum += wanted[p];
  }
  return difference / sum;
}

const core::Mat3 flat = tensor_of(0.010, 0.004, 0.006, 0.003, -0.001, 0.002);

} // namespace

BOOST_AUTO_TEST_CASE(drawn_displacements_have_the_tensor_of_the_file) {
  constexpr int count = 20000;
  StemOptions options;
  const auto atoms = atoms_with(count, flat);
  core::Mat3 square = core::Mat3::Zero();
  core::Vec3 mean = core::Vec3::Zero();
  const core::Vec3 rest = tilted * atoms.positions.front();
  for (const core::Vec3& r : seen(atoms, options, 0)) {
    square += (r - rest) * (r - rest).transpose() / count;
    mean += (r - rest) / count;
  }
  // Components of a sample of n have a standard error of at most sqrt(2 / n) of the largest variance: 1 %;
  // five of them. The mean has sqrt(variance / n) = 0.0007.
  const core::Mat3 wanted = tilted * flat * tilted.transpose();
  BOOST_TEST((square - wanted).cwiseAbs().maxCoeff() < 0.05 * 0.012);
  BOOST_TEST(mean.norm() < 0.004);
}

BOOST_AUTO_TEST_CASE(a_round_tensor_is_the_same_as_u_rms) {
  StemOptions options;
  options.phonons.sampling = PhononSampling::pairs;
  auto round = atoms_with(5, 0.07 * 0.07 * core::Mat3::Identity());
  auto plain = round;
  plain.columns.clear();
  plain.columns["u_rms"].assign(5, 0.07);
  round.columns["u_rms"].assign(5, 0.2); // the tensor has the word
  for (const std::uint32_t configuration : {0U, 3U}) {
    const auto a = seen(round, options, configuration);
    const auto b = seen(plain, options, configuration);
    for (std::size_t i = 0; i < a.size(); ++i)
      BOOST_TEST((a[i] - b[i]).norm() < 1e-12);
  }
  options.phonons.sampling = PhononSampling::average;
  const auto averaged = slice_specimen(round, tilted, options, {}, 0);
  for (const auto& slice : averaged.slices) {
    for (const auto& atom : slice)
      BOOST_TEST(std::abs(atom.u_rms - 0.07) < 1e-12);
  }
}

BOOST_AUTO_TEST_CASE(the_second_of_a_pair_moves_opposite_along_every_axis) {
  StemOptions options;
  options.phonons.sampling = PhononSampling::pairs;
  const auto atoms = atoms_with(4, flat);
  const auto first = seen(atoms, options, 4);
  const auto second = seen(atoms, options, 5);
  core::Vec3 sum = core::Vec3::Zero();
  for (std::size_t i = 0; i < first.size(); ++i)
    sum += first[i] + second[i];
  BOOST_TEST((sum - 8.0 * (tilted * atoms.positions.front())).norm() < 1e-9); // whatever the order of slices
  BOOST_TEST((first[0] - tilted * atoms.positions.front()).norm() > 1e-3);
}

BOOST_AUTO_TEST_CASE(the_linear_image_is_blurred_by_the_whole_tensor) {
  StemOptions options;
  const Scan scan{24, 0.3};
  auto atoms = atoms_with(1, tensor_of(0.040, 0.010, 0.02, 0.015, 0.0, 0.0));
  const core::Mat3 turned = core::rotation_from_euler({0.6, 0.0, 0.0});
  const auto blurred = simulate_kinematic_image({atoms, turned, scan}, options, {false, 8.0}, {2});
  const auto motion = thermal_motion(atoms, options.phonons);
  const auto wanted =
      mean_over(tensors_across_beam(motion, turned).front(), [&](const Eigen::Vector2d& shift) {
        StemOptions still = options;
        still.phonons.u_rms_a = 0.0;
        auto moved = atoms;
        moved.positions[0] += turned.transpose() * core::Vec3(shift.x(), shift.y(), 0.0);
        return simulate_kinematic_image({moved, turned, scan}, still, {false, 8.0}, {2});
      });
  BOOST_TEST(r1(wanted, blurred) < 1e-3); // the quadrature's own, at frequencies with 2 pi q u of 3
  auto round = atoms;
  round.columns = {{"u_rms", {std::sqrt(0.025)}}};
  BOOST_TEST(r1(wanted, simulate_kinematic_image({round, turned, scan}, options, {false, 8.0}, {2})) > 0.05);
}

BOOST_AUTO_TEST_CASE(the_average_takes_mild_anisotropy_for_round_and_refuses_more) {
  StemOptions options;
  options.phonons.sampling = PhononSampling::average;
  const Scan scan{24, 0.3};
  const auto atom = [](double difference) {
    return atoms_with(1, tensor_of(0.006 + 0.5 * difference, 0.006 - 0.5 * difference, 0.006, 0, 0, 0));
  };
  const auto averaged = [&](double difference) {
    return simulate_image({atom(difference), core::Mat3::Identity(), scan}, options, {2});
  };
  const auto exact = [&](double difference, double source_a) {
    const auto at = atom(difference);
    StemOptions still = options;
    still.phonons = {.u_rms_a = 0.0};
    const auto mean =
        mean_over(tensors_across_beam(thermal_motion(at, {}), core::Mat3::Identity()).front(),
                  [&](const Eigen::Vector2d& shift) {
                    auto moved = at;
                    moved.positions[0] += core::Vec3(shift.x(), shift.y(), 0.0);
                    return gaussian_blur(simulate_image({moved, core::Mat3::Identity(), scan}, still, {2}),
                                         source_a / scan.pixel_a);
                  });
    core::Image image(scan.n, scan.n);
    std::copy(mean.begin(), mean.end(), image.data.begin());
    return image;
  };
  const auto deviation = [](const core::Image& wanted, const core::Image& image) {
    return r1({wanted.data.begin(), wanted.data.end()}, image);
  };
  // What is neglected, by quadrature alone; and with it the average, whose own error of a single sharp atom
  // is 2 %.
  const double sharp = deviation(exact(largest_anisotropy_a2, 0.0), exact(0.0, 0.0));
  const double blurred = deviation(exact(largest_anisotropy_a2, 0.35), exact(0.0, 0.35));
  const double in_all = deviation(exact(largest_anisotropy_a2, 0.0), averaged(largest_anisotropy_a2));
  BOOST_TEST_MESSAGE("R1 of a single atom at the limit: " << sharp << ", after a source of 0.35 A " << blurred
                                                          << "; of the average " << in_all);
  BOOST_TEST(sharp < 0.035);
  BOOST_TEST(blurred < 0.01);
  BOOST_TEST(in_all < 0.05);
  BOOST_TEST(contains(message_of<core::DataError>([&] { (void)averaged(0.0045); }), "atom 1", "0.0045",
                      "0.004", "pairs"));
}

BOOST_AUTO_TEST_CASE(motion_takes_no_electron_from_a_lone_atom) {
  // Invariant: moving an atom moves its image, and the sum over a field that holds it stays; so does that of
  // the mean. What is left is half a percent of what is scattered diffusely, from the patches of the modes.
  core::Atoms atom;
  atom.positions = {{0.03, 0.05, 0.0}};
  for (const int z : {26, 78}) {
    atom.atomic_numbers = {z};
    const auto sum = [&](double u) {
      StemOptions options;
      options.phonons = {.u_rms_a = u, .sampling = PhononSampling::average};
      const core::Image image = simulate_image({atom, core::Mat3::Identity(), Scan{48, 0.25}}, options, {2});
      return std::accumulate(image.data.begin(), image.data.end(), 0.0);
    };
    BOOST_TEST(sum(0.075) == sum(0.0), boost::test_tools::tolerance(0.0025));
  }
}

BOOST_AUTO_TEST_CASE(motion_that_is_too_large_is_not_averaged_over) {
  StemOptions options;
  options.phonons = {.u_rms_a = 0.3, .sampling = PhononSampling::average};
  const auto image = [&] {
    (void)simulate_image({atoms_with(1, core::Mat3::Zero()), core::Mat3::Identity(), Scan{16, 0.4}}, options,
                         {1});
  };
  BOOST_TEST(test::contains(test::message_of<core::DataError>(image), "atom 1", "0.300", "0.25", "pairs"));
  options.method = Method::kinematic; // exact for any
  BOOST_CHECK_NO_THROW(image());
}

BOOST_AUTO_TEST_CASE(bad_tensors_are_named_by_their_atom) {
  const auto complaint = [](const core::Atoms& atoms) {
    return message_of<core::DataError>([&] { std::ignore = thermal_motion(atoms, {}); });
  };
  auto atoms = atoms_with(2, flat);
  set_tensor(atoms, tensor_of(0.004, 0.004, 0.004, 0.006, 0, 0)); // eigenvalue -0.002
  atoms.positions.push_back({3, 0, 0});
  atoms.atomic_numbers.push_back(78);
  BOOST_TEST(contains(complaint(atoms), "atom 3", "-0.002", "U11 U22 U33 U12 U13 U23"));
  atoms.columns["u_aniso_3"].back() = 0.0;
  BOOST_TEST(thermal_motion(atoms, {}).tensors.size() == 3U);
  atoms.columns["u_aniso_2"].back() = 0.3;
  BOOST_TEST(contains(complaint(atoms), "atom 3", "0.3", "0.25"));
  atoms.columns["u_aniso_2"].back() = std::nan("");
  BOOST_TEST(contains(complaint(atoms), "atom 3", "not finite"));
  atoms.columns.erase("u_aniso_5");
  BOOST_TEST(contains(complaint(atoms), "holds 5 numbers", "six"));
  atoms.columns = {{"u_rms", {0.1, 0.1, 0.6}}};
  BOOST_TEST(contains(complaint(atoms), "u_rms of atom 3", "0.6"));
  PhononOptions given;
  given.u_rms_a = 0.05;
  BOOST_TEST(thermal_motion(atoms, given).u_rms.back() == 0.05);
}

BOOST_AUTO_TEST_SUITE_END()
