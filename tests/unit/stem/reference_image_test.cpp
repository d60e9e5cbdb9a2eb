// The reference method against a peer's image (Prismatic 2.0, see shared/reference/stem/README_first.md).
#include "sim/core/io/mrc.hpp"
#include "sim/core/io/xyz.hpp"
#include "sim/stem/image.hpp"
#include "tests/support/reference_data.hpp"

#include <boost/test/unit_test.hpp>

#include <cmath>
#include <vector>

BOOST_AUTO_TEST_SUITE(reference_image)

using namespace aet;
using namespace aet::stem;

BOOST_AUTO_TEST_CASE(peer_multislice_image, aet::test::needs_reference()) {
  const auto folder = aet::test::reference_dir() / "stem";
  const auto atoms = core::read_xyz(folder / "fept_small.xyz");
  const auto peer = core::read_mrc_stack(folder / "fept_small_adf.mrc").images.at(0);
  const Scan scan{50, 0.5};
  StemOptions options;
  options.method = Method::multislice;
  options.factors = FactorTable::kirkland;
  options.probe.c5_mm = 5.0;
  options.detector.edge = DetectorEdge::sharp;
  // The peer's atoms act at the entrance of their slice and the probe is focused on the first of these
  // planes; ours act in the middle.
  options.slices.entrance_z_a = -12.5;
  options.probe.focus_z_a = -11.5;
  options.reference.cell_a = 25.0;
  options.reference.norm = ProbeNorm::cell;
  std::vector<std::size_t> pixels;
  for (std::size_t y = 3; y < 50; y += 11) {
    for (std::size_t x = 3; x < 50; x += 11)
      pixels.push_back(y * 50 + x);
  }
  const auto signal =
      simulate_pixels({atoms, core::Mat3::Identity(), scan}, pixels, options, core::Threads{2});
  double difference = 0.0;
  double sum = 0.0;
  for (std::size_t i = 0; i < pixels.size(); ++i) {
    difference += std::abs(static_cast<double>(signal[i] - peer.data[pixels[i]]));
    sum += static_cast<double>(peer.data[pixels[i]]);
  }
  BOOST_TEST_MESSAGE("against the peer: R1 = " << difference / sum);
  // Goal 0.015 with the analytic potential; measured 0.004.
  BOOST_TEST(difference / sum < 0.008);
}

BOOST_AUTO_TEST_SUITE_END()
