#include "recon/volume/genfire.hpp"
#include "recon/volume/least_squares.hpp"
#include "sim/core/error.hpp"
#include "tests/support/message.hpp"
#include "twins.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <limits>
#include <numeric>
#include <string>

BOOST_AUTO_TEST_SUITE(genfire_parts)

using namespace aet;

namespace {

constexpr int n = 32;

core::TiltSeries phantom(int nx = n, int ny = n) {
  return test::series_of(test::blobs(n, 8, 2), test::single_axis(31, 70.0), nx, ny);
}

recon::GenfireOptions quick() {
  recon::GenfireOptions options;
  options.oversampling = 2.0;
  options.iterations = 40;
  return options;
}

template <class E>
void refused(const core::TiltSeries& series, const recon::GenfireOptions& options, const std::string& part) {
  const std::string message = test::message_of<E>([&] { (void)recon::reconstruct(series, options, {1}); });
  BOOST_TEST(message.find(part) != std::string::npos, "\"" << message << "\" should say \"" << part << "\"");
}

double sum(const core::AlignedVector<float>& v) {
  return std::accumulate(v.begin(), v.end(), 0.0);
}

} // namespace

BOOST_AUTO_TEST_SUITE(genfire)

BOOST_AUTO_TEST_CASE(a_phantom_is_recovered_on_the_scale_of_its_images) {
  const auto truth = test::volume_of(test::blobs(n, 8, 2), n);
  const auto series = phantom();
  recon::GenfireOptions options;
  options.iterations = 60;
  const auto result = recon::reconstruct(series, options, {1});
  BOOST_TEST(result.counts.grid_size == 96);
  BOOST_TEST(result.volume.voxel_size == 0.5);
  // 40 degrees of wedge missing: what GENFIRE reaches here is .98; a sign or centre error gives less than .6.
  BOOST_TEST(test::correlation(result.volume.data, truth.data) > 0.97);
  // Positivity is the last thing done and only ever adds.
  BOOST_TEST(std::abs(sum(result.volume.data) / sum(truth.data) - 1.0) < 0.02);
  BOOST_TEST(result.r_k.size() == 60U);
  BOOST_TEST(result.r_k.front() == 1.0); // the start is an empty volume
  BOOST_TEST(result.r_k.back() < 0.1);
  BOOST_TEST(result.r_free.back() < 0.15);
  BOOST_TEST(*std::min_element(result.volume.data.begin(), result.volume.data.end()) >= 0.0F);
}

BOOST_AUTO_TEST_CASE(noise_is_not_predicted) {
  // White noise about 0 has nothing that withheld points could be told by, however closely it is fitted.
  core::TiltSeries noise;
  noise.orientations = test::single_axis(23, 66.0);
  for (std::size_t j = 0; j < noise.orientations.size(); ++j)
    noise.images.push_back(test::noise_image(n, j));
  for (const double oversampling : {1.0, 3.0, 4.0}) {
    recon::GenfireOptions options;
    options.oversampling = oversampling;
    options.iterations = 200;
    const auto result = recon::reconstruct(noise, options, {2});
    BOOST_TEST_MESSAGE("oversampling " << oversampling << ": R_free " << result.r_free.back());
    BOOST_TEST(result.r_k.back() < 0.9);
    BOOST_TEST(result.r_free.back() > 0.95);
  }
}

BOOST_AUTO_TEST_CASE(any_orientations_are_served) {
  const auto truth = test::volume_of(test::blobs(n, 8, 2), n);
  const auto series = test::series_of(test::blobs(n, 8, 2), test::any_orientations(40, 5), n, n);
  const auto result = recon::reconstruct(series, quick(), {2});
  BOOST_TEST(test::correlation(result.volume.data, truth.data) > 0.97);
}

BOOST_AUTO_TEST_CASE(threads_and_repetition_give_the_same_bytes) {
  const auto series = phantom();
  auto options = quick();
  options.iterations = 8;
  for (const bool momentum : {false, true}) {
    options.momentum = momentum;
    const auto one = recon::reconstruct(series, options, {1});
    const auto three = recon::reconstruct(series, options, {3});
    BOOST_TEST((one.volume.data == three.volume.data));
    BOOST_TEST((one.r_k == three.r_k));
    BOOST_TEST((one.r_free == three.r_free));
    BOOST_TEST(one.r1_k == three.r1_k);
  }
}

BOOST_AUTO_TEST_CASE(odd_and_oblong_images_are_padded_about_the_centre) {
  const auto square = recon::reconstruct(phantom(), quick(), {1});
  const auto odd = recon::reconstruct(phantom(31, 30), quick(), {1});
  BOOST_TEST(odd.volume.nx == 32);
  BOOST_TEST(test::correlation(square.volume.data, odd.volume.data) > 0.99);
  const auto says = [](const recon::VolumeResult& r, const char* what) {
    return std::any_of(r.notes.begin(), r.notes.end(),
                       [&](const std::string& s) { return s.find(what) != std::string::npos; });
  };
  BOOST_TEST(says(odd, "31 x 30 pixels were padded"));
  BOOST_TEST(!says(square, "padded"));
}

BOOST_AUTO_TEST_CASE(background_of_counts_is_taken_off) {
  auto series = phantom();
  const auto plain = recon::reconstruct(series, quick(), {1});
  series.intensity = core::Intensity::counts;
  for (auto& image : series.images) {
    for (float& v : image.data)
      v += 50.0F;
  }
  const auto counts = recon::reconstruct(series, quick(), {1});
  BOOST_TEST(test::correlation(plain.volume.data, counts.volume.data) > 0.999);
  BOOST_TEST(counts.notes.front().find("Background: 50") == 0U);
  // A specimen across two fifths of the border does not fool the estimate.
  core::Image image(40, 40, 7.0F);
  for (int iy = 0; iy < 40; ++iy) {
    for (int ix = 12; ix < 28; ++ix)
      image.at(ix, iy) += 100.0F;
  }
  BOOST_TEST(recon::border_level(image) == 7.0);
}

BOOST_AUTO_TEST_CASE(smoothing_conserves_the_sum_and_widens) {
  core::Image image(33, 33);
  image.at(16, 16) = 5.0F;
  const auto wide = recon::smoothed(image, 1.7);
  double total = 0.0;
  double second = 0.0;
  for (int iy = 0; iy < 33; ++iy) {
    for (int ix = 0; ix < 33; ++ix) {
      total += static_cast<double>(wide.at(ix, iy));
      second += static_cast<double>(wide.at(ix, iy)) * (ix - 16) * (ix - 16);
    }
  }
  BOOST_TEST(std::abs(total - 5.0) < 1e-5);
  BOOST_TEST(std::abs(std::sqrt(second / total) - 1.7) < 0.01);
}

BOOST_AUTO_TEST_CASE(resolution_schedules_run_and_end_as_they_should) {
  const auto truth = test::volume_of(test::blobs(n, 8, 2), n);
  auto options = quick();
  options.schedule = recon::ResolutionSchedule::extension;
  const auto extension = recon::reconstruct(phantom(), options, {1});
  BOOST_TEST(test::correlation(extension.volume.data, truth.data) > 0.95);
  options.schedule = recon::ResolutionSchedule::extension_suppression;
  const auto suppression = recon::reconstruct(phantom(), options, {1});
  BOOST_TEST(test::correlation(suppression.volume.data, truth.data) > 0.95);
  options.schedule_steps = 1;
  refused<core::ConfigError>(phantom(), options, "2 to 100 steps");
}

BOOST_AUTO_TEST_CASE(bad_series_are_refused_in_clear_words) {
  auto series = phantom();
  series.images.resize(2);
  series.orientations.resize(2);
  refused<core::DataError>(series, quick(), "at least 3");

  series = phantom();
  series.images[4].at(3, 5) = std::numeric_limits<float>::quiet_NaN();
  refused<core::DataError>(series, quick(), "image 4");

  series = phantom();
  std::fill(series.images[7].data.begin(), series.images[7].data.end(), 0.0F);
  refused<core::DataError>(series, quick(), "image 7 is zero everywhere");

  series = phantom();
  series.orientations[9] = series.orientations[2];
  refused<core::DataError>(series, quick(), "images 2 and 9 have the same orientation");

  series = phantom();
  series.orientations.pop_back();
  refused<core::DataError>(series, quick(), "30");

  refused<core::DataError>(phantom(6, 6), quick(), "8 x 8");
}

BOOST_AUTO_TEST_CASE(bad_options_are_refused_in_clear_words) {
  auto options = quick();
  options.oversampling = 0.5;
  refused<core::ConfigError>(phantom(), options, "[1, 8]");
  options = quick();
  options.threshold = -1.0;
  refused<core::ConfigError>(phantom(), options, "threshold");
  options = quick();
  options.iterations = 0;
  refused<core::ConfigError>(phantom(), options, "iterations");
  options = quick();
  options.support.size = 2.0;
  refused<core::ConfigError>(phantom(), options, "support size");
  options = quick();
  options.prepare.smoothing = -0.1;
  refused<core::ConfigError>(phantom(), options, "smoothing");
  options = quick();
  options.oversampling = 4.0;
  options.memory_limit_bytes = recon::predicted_cost(n, 31, quick()).bytes * 1.2;
  refused<core::ConfigError>(phantom(), options, "would fit");
  options.memory_limit_bytes = 1000.0;
  refused<core::ConfigError>(phantom(), options, "crop or bin");
}

BOOST_AUTO_TEST_CASE(memory_stays_below_20_bytes_a_padded_voxel) {
  // From oversampling 2 on; below that the grid is so small that the images themselves weigh.
  for (const int edge : {64, 128, 256}) {
    for (const double oversampling : {2.0, 3.0, 4.0}) {
      recon::GenfireOptions options;
      options.oversampling = oversampling;
      const double voxels = std::pow(recon::padded_size(edge, oversampling), 3);
      BOOST_TEST(recon::predicted_cost(edge, 60, options).bytes < 20.0 * voxels,
                 "edge " << edge << ", oversampling " << oversampling);
    }
  }
}

BOOST_AUTO_TEST_CASE(padded_sizes_are_even_and_not_below_the_ratio) {
  BOOST_TEST(recon::padded_size(64, 3.0) == 192);
  BOOST_TEST(recon::padded_size(68, 3.0) == 210);
  BOOST_TEST(recon::padded_size(64, 1.0) == 64);
  BOOST_TEST(recon::padded_size(64, 2.5) == 160);
}

BOOST_AUTO_TEST_CASE(an_interrupt_in_the_progress_callback_stops_the_work) {
  int calls = 0;
  BOOST_CHECK_THROW((void)recon::reconstruct(phantom(), quick(), {2},
                                             [&](const core::Progress&) {
                                               if (++calls == 3) throw core::Interrupted("stop");
                                             }),
                    core::Interrupted);
  BOOST_TEST(calls == 3);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE(least_squares)

BOOST_AUTO_TEST_CASE(a_phantom_is_recovered_on_the_scale_of_its_images) {
  const auto truth = test::volume_of(test::blobs(n, 8, 2), n);
  for (const auto& orientations : {test::single_axis(31, 70.0), test::any_orientations(31, 5)}) {
    const auto series = test::series_of(test::blobs(n, 8, 2), orientations, n, n);
    recon::LeastSquaresOptions options;
    options.iterations = 60;
    const auto one = recon::reconstruct_least_squares(series, options, {1});
    BOOST_TEST(test::correlation(one.volume.data, truth.data) > 0.985);
    BOOST_TEST(std::abs(sum(one.volume.data) / sum(truth.data) - 1.0) < 0.01);
    BOOST_TEST(one.r1_k < 0.02);
    BOOST_TEST(!one.r_free.empty());
    const auto two = recon::reconstruct_least_squares(series, options, {2});
    BOOST_TEST((one.volume.data == two.volume.data));
  }
}

BOOST_AUTO_TEST_CASE(withheld_images_stop_the_fit_of_noise) {
  auto series = phantom();
  core::RandomStream random(31, "noise");
  for (auto& image : series.images) {
    for (float& v : image.data)
      v += static_cast<float>(2.0 * random.normal());
  }
  recon::LeastSquaresOptions options;
  options.iterations = 150;
  const auto stopped = recon::reconstruct_least_squares(series, options, {1});
  options.withheld_every = 0;
  const auto all = recon::reconstruct_least_squares(series, options, {1});
  BOOST_TEST(stopped.iterations < 100);
  BOOST_TEST(all.iterations == 150);
  const auto truth = test::volume_of(test::blobs(n, 8, 2), n);
  BOOST_TEST(test::correlation(stopped.volume.data, truth.data) >
             test::correlation(all.volume.data, truth.data));
  options.withheld_every = 2;
  BOOST_CHECK_THROW((void)recon::reconstruct_least_squares(series, options, {1}), core::ConfigError);
}

BOOST_AUTO_TEST_SUITE_END()

BOOST_AUTO_TEST_SUITE_END()
