#include "analysis/nuclei/mean_of_frames.hpp"
#include "sim/core/error.hpp"
#include "tests/support/crystals.hpp"

#include <boost/test/unit_test.hpp>

BOOST_AUTO_TEST_SUITE(trajectories)

using namespace aet;
using namespace aet::analysis;
using namespace aet::test;

BOOST_AUTO_TEST_CASE(the_mean_of_frames_takes_heat_out_and_knows_the_cell) {
  const core::Atoms cold = fcc(3.92, 4);
  const double edge = cold.cell->vectors(0, 0);
  std::vector<core::Atoms> frames;
  for (std::uint64_t f = 0; f < 10; ++f) {
    frames.push_back(shaken(cold, 0.2, f));
    for (Vec3& p : frames.back().positions) // every second frame wrapped to another image
      if (f % 2 == 1) p.x() += p.x() < 1.0 ? edge : 0.0;
  }
  const core::Atoms mean = mean_of_frames(frames);
  double squares = 0.0;
  for (std::size_t i = 0; i < cold.size(); ++i)
    squares +=
        (mean.positions[i] - cold.positions[i]).squaredNorm() / (3.0 * static_cast<double>(cold.size()));
  BOOST_TEST(std::abs(std::sqrt(squares) / (0.2 / std::sqrt(10.0)) - 1.0) < 0.1); // 768 deviates: 2.6 % each
  BOOST_CHECK_EXCEPTION((void)mean_of_frames({}), core::DataError, says("without frames"));
  frames[3].positions.pop_back();
  frames[3].atomic_numbers.pop_back();
  BOOST_CHECK_EXCEPTION((void)mean_of_frames(frames), core::DataError, says("frame 3"));
}

BOOST_AUTO_TEST_SUITE_END()
