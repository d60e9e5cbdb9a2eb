#include "sim/core/parallel.hpp"

#include <boost/test/unit_test.hpp>

#include <atomic>
#include <chrono>
#include <stdexcept>
#include <thread>
#include <vector>

BOOST_AUTO_TEST_SUITE(parallel)

using namespace aet::core;

BOOST_AUTO_TEST_CASE(every_index_once) {
  for (const int threads : {1, 2, 5}) {
    for (const std::size_t n : {0U, 1U, 3U, 1000U}) {
      std::vector<std::atomic<int>> hits(n);
      std::atomic<bool> worker_in_range{true};
      parallel_for(n, {threads}, [&](std::size_t i, int worker) {
        ++hits[i];
        if (worker < 0 || worker >= threads) worker_in_range = false;
      });
      for (const auto& h : hits)
        BOOST_TEST(h == 1);
      BOOST_TEST(worker_in_range.load());
    }
  }
}

BOOST_AUTO_TEST_CASE(exception_reaches_the_caller_and_stops_the_work) {
  std::atomic<int> done{0};
  BOOST_CHECK_THROW(parallel_for(1000000, {2},
                                 [&](std::size_t i, int /*worker*/) {
                                   if (i == 10) throw std::runtime_error("stop");
                                   ++done;
                                 }),
                    std::runtime_error);
  BOOST_TEST(done < 1000000);
}

BOOST_AUTO_TEST_CASE(caller_is_told_and_may_stop) {
  std::size_t last = 0;
  parallel_for(
      5, {2}, [](std::size_t /*i*/, int /*worker*/) {}, [&](std::size_t finished) { last = finished; });
  BOOST_TEST(last == 5U);
  const auto slow = [](std::size_t /*i*/, int /*worker*/) {
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  };
  BOOST_CHECK_THROW(
      parallel_for(10000, {2}, slow, [](std::size_t /*n*/) { throw std::runtime_error("stop"); }),
      std::runtime_error);
}

BOOST_AUTO_TEST_SUITE_END()
