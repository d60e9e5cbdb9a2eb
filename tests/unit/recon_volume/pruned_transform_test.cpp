#include "recon/volume/pruned_transform.hpp"
#include "sim/core/error.hpp"
#include "twins.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cmath>

BOOST_AUTO_TEST_SUITE(pruned_transform)

using namespace aet;

namespace {

core::AlignedVector<float> noise_box(int box) {
  core::RandomStream random(11, "box");
  core::AlignedVector<float> out(static_cast<std::size_t>(box * box * box));
  for (float& v : out)
    v = static_cast<float>(random.normal());
  return out;
}

/// The whole spectrum as the slabs show it, [ky][kz][kx].
core::AlignedVector<core::Complex> spectrum_of(recon::PrunedTransform& transform,
                                               const core::AlignedVector<float>& in, core::Threads threads) {
  const std::size_t slab = static_cast<std::size_t>(transform.size() * transform.half());
  core::AlignedVector<core::Complex> out(slab * static_cast<std::size_t>(transform.size()));
  transform.forward(
      in.data(),
      [&](int ky, const core::Complex* values, int) {
        std::copy_n(values, slab, &out[slab * static_cast<std::size_t>(ky)]);
      },
      threads);
  return out;
}

float largest_difference(const core::AlignedVector<float>& a, const core::AlignedVector<float>& b) {
  float worst = 0.0F;
  for (std::size_t i = 0; i < a.size(); ++i)
    worst = std::max(worst, std::abs(a[i] - b[i]));
  return worst;
}

} // namespace

BOOST_AUTO_TEST_CASE(forward_equals_the_plain_sum) {
  for (const auto& [size, box] : {std::pair{12, 5}, std::pair{6, 6}, std::pair{10, 1}}) {
    recon::PrunedTransform transform(size, box);
    const auto in = noise_box(box);
    const auto spectrum = spectrum_of(transform, in, {1});
    const double norm = std::sqrt(static_cast<double>(box * box * box));
    for (int ky = 0; ky < size; ++ky) {
      for (int kz = 0; kz < size; ++kz) {
        for (int kx = 0; kx <= size / 2; ++kx) {
          test::Complexd sum = 0.0;
          for (int z = 0; z < box; ++z) {
            for (int y = 0; y < box; ++y) {
              for (int x = 0; x < box; ++x) {
                sum += static_cast<double>(in[static_cast<std::size_t>((z * box + y) * box + x)]) *
                       std::polar(1.0, -2.0 * core::pi * (kx * x + ky * y + kz * z) / size);
              }
            }
          }
          const auto value = spectrum[static_cast<std::size_t>((ky * size + kz) * (size / 2 + 1) + kx)];
          BOOST_TEST(std::abs(static_cast<test::Complexd>(value) - sum) <
                     2e-6 * norm); // single-precision rounding
        }
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(backward_inverts_forward) {
  constexpr int size = 30;
  constexpr int box = 12;
  recon::PrunedTransform transform(size, box);
  const auto in = noise_box(box);
  core::AlignedVector<float> out(in.size());
  transform.filter(in.data(), [](int, core::Complex*, int) {}, out.data(), 1.0F / (size * size * size), {2});
  BOOST_TEST(largest_difference(in, out) < 2e-6F);
}

BOOST_AUTO_TEST_CASE(backward_alone_equals_filter) {
  constexpr int size = 16;
  constexpr int box = 7;
  recon::PrunedTransform transform(size, box);
  const auto in = noise_box(box);
  const auto spectrum = spectrum_of(transform, in, {1});
  const std::size_t slab = static_cast<std::size_t>(size * (size / 2 + 1));
  core::AlignedVector<float> out(in.size());
  transform.backward([&](int ky, core::Complex* values,
                         int) { std::copy_n(&spectrum[slab * static_cast<std::size_t>(ky)], slab, values); },
                     out.data(), 1.0F / (size * size * size), {1});
  BOOST_TEST(largest_difference(in, out) < 2e-6F);
}

BOOST_AUTO_TEST_CASE(threads_do_not_change_a_bit) {
  recon::PrunedTransform one(20, 9);
  recon::PrunedTransform three(20, 9);
  const auto in = noise_box(9);
  BOOST_TEST((spectrum_of(one, in, {1}) == spectrum_of(three, in, {3})));
}

BOOST_AUTO_TEST_CASE(impossible_sizes_are_refused) {
  BOOST_CHECK_THROW(recon::PrunedTransform(9, 4), core::ConfigError);
  BOOST_CHECK_THROW(recon::PrunedTransform(8, 9), core::ConfigError);
  BOOST_CHECK_THROW(recon::PrunedTransform(8, 0), core::ConfigError);
}

BOOST_AUTO_TEST_SUITE_END()
