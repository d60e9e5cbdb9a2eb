#include "recon/align/atom_model.hpp"
#include "recon/align/joint_fit.hpp"
#include "sim/core/error.hpp"
#include "sim/core/orientation.hpp"
#include "sim/core/random.hpp"
#include "sim/core/units.hpp"
#include "tests/support/message.hpp"

#include <boost/test/unit_test.hpp>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <vector>

using namespace aet;

namespace {

constexpr int n = 40;

struct Example {
  recon::AtomModel model;
  std::vector<recon::View> views;
  std::vector<core::Image> images;
};

/// Atoms on a jittered lattice, seen from 15 sides.
/// \param reach where atoms are cut off [pixel].
Example example(double reach = 8.0) {
  Example e;
  core::RandomStream random(5, "joint fit");
  for (int i = -1; i <= 1; ++i) {
    for (int j = -1; j <= 1; ++j) {
      for (int k = -1; k <= 1; ++k) {
        e.model.positions.emplace_back(6.0 * i + random.normal(), 6.0 * j + random.normal(),
                                       6.0 * k + random.normal());
        e.model.weights.push_back(1.0 + random.uniform());
      }
    }
  }
  e.model.shape = {{1.4, 1.0}, {2.6, 0.2}};
  e.model.reach = reach;
  for (int j = 0; j < 15; ++j) {
    recon::View view;
    view.pose.orientation = core::tilt_rotation((-70.0 + 10.0 * j) * core::radian_per_degree);
    view.pose.shift = {0.5 * random.normal(), 0.5 * random.normal()};
    view.scale = 1.0 + 0.05 * random.normal();
    e.views.push_back(view);
    e.images.push_back(recon::project(e.model, view, n));
  }
  return e;
}

recon::ModelChange random_change(const Example& e, double turn, double shift) {
  core::RandomStream random(6, "change");
  recon::ModelChange out;
  for (std::size_t a = 0; a < e.model.positions.size(); ++a)
    out.atoms.push_back(
        {0.3 * random.normal(), 0.3 * random.normal(), 0.3 * random.normal(), 0.1 * random.normal()});
  for (std::size_t j = 0; j < e.views.size(); ++j)
    out.views.push_back({turn * random.normal(), turn * random.normal(), turn * random.normal(),
                         shift * random.normal(), shift * random.normal(), 0.05 * random.normal()});
  return out;
}

double inner(const core::Image& a, const core::Image& b) {
  double sum = 0.0;
  for (std::size_t i = 0; i < a.data.size(); ++i)
    sum += static_cast<double>(a.data[i]) * static_cast<double>(b.data[i]);
  return sum;
}

/// Between neighbouring views, so that a turn of the whole does not count [degree].
double turn_error(const std::vector<recon::View>& found, const std::vector<recon::View>& truth) {
  double worst = 0.0;
  for (std::size_t j = 1; j < truth.size(); ++j) {
    const core::Mat3 step = found[j].pose.orientation * found[j - 1].pose.orientation.transpose();
    const core::Mat3 wanted = truth[j].pose.orientation * truth[j - 1].pose.orientation.transpose();
    worst = std::max(worst, core::rotation_angle_between(step, wanted) / core::radian_per_degree);
  }
  return worst;
}

} // namespace

BOOST_AUTO_TEST_SUITE(joint_fit)

BOOST_AUTO_TEST_CASE(derivatives_are_those_of_the_projection) {
  const Example e = example(16.0); // far out: a cut has no derivative
  const recon::ModelChange change = random_change(e, 0.02, 0.3);
  constexpr double h = 1e-2;
  recon::ModelChange small = change;
  for (auto& a : small.atoms)
    for (double& v : a)
      v *= h;
  for (auto& a : small.views)
    for (double& v : a)
      v *= h;
  recon::AtomModel model = e.model;
  std::vector<recon::View> views = e.views;
  recon::apply(small, model, views);
  for (std::size_t j = 0; j < views.size(); ++j) {
    const core::Image moved = recon::project(model, views[j], n);
    const core::Image wanted = recon::change_of_projection(e.model, e.views[j], n, change, j);
    double worst = 0.0;
    double largest = 0.0;
    for (std::size_t i = 0; i < moved.data.size(); ++i) {
      const double slope = static_cast<double>(moved.data[i] - e.images[j].data[i]) / h;
      worst = std::max(worst, std::abs(slope - static_cast<double>(wanted.data[i])));
      largest = std::max(largest, std::abs(slope));
    }
    // The second-order term of a step of a hundredth.
    BOOST_TEST(worst < 0.02 * largest);
  }
}

BOOST_AUTO_TEST_CASE(pull_back_is_the_transpose) {
  const Example e = example();
  const recon::ModelChange change = random_change(e, 0.02, 0.3);
  for (const std::size_t j : {0U, 7U, 14U}) {
    const core::Image& image = e.images[(j + 3) % e.images.size()];
    std::vector<std::array<double, 4>> atoms(e.model.positions.size());
    const auto view = recon::pull_back(e.model, e.views[j], image, atoms);
    double right = 0.0;
    for (std::size_t a = 0; a < atoms.size(); ++a) {
      for (std::size_t k = 0; k < 4; ++k)
        right += atoms[a][k] * change.atoms[a][k];
    }
    for (std::size_t k = 0; k < 6; ++k)
      right += view[k] * change.views[j][k];
    const double left = inner(recon::change_of_projection(e.model, e.views[j], n, change, j), image);
    // Sums of some hundred single-precision terms.
    BOOST_TEST(std::abs(left - right) < 1e-5 * std::sqrt(inner(image, image)) * 100.0);
  }
}

BOOST_AUTO_TEST_CASE(atoms_and_poses_come_back_together) {
  const Example e = example();
  recon::AtomModel model = e.model;
  std::vector<recon::View> views = e.views;
  recon::apply(random_change(e, 0.01, 0.5), model, views); // 0.6 degrees
  model.shape = {{1.4, 1.0}, {2.6, 0.1}};
  BOOST_TEST(turn_error(views, e.views) > 0.8);
  const auto fit = recon::fit_atoms_and_views(e.images, model, views, {}, {1});
  BOOST_TEST_MESSAGE(fit.steps << " steps, misfit " << fit.misfits[3] << ", "
                               << turn_error(fit.views, e.views) << " degrees");
  BOOST_TEST(turn_error(fit.views, e.views) < 0.05);
  BOOST_TEST(*std::max_element(fit.misfits.begin(), fit.misfits.end()) < 0.01);
  double mean_scale = 0.0;
  for (const recon::View& v : fit.views)
    mean_scale += v.scale / static_cast<double>(fit.views.size());
  BOOST_TEST(std::abs(mean_scale - 1.0) < 1e-9);
  const auto again = recon::fit_atoms_and_views(e.images, model, views, {}, {3});
  for (std::size_t j = 0; j < views.size(); ++j)
    BOOST_TEST((again.views[j].pose.orientation == fit.views[j].pose.orientation));
}

BOOST_AUTO_TEST_CASE(a_single_view_is_found) {
  const Example e = example();
  recon::View start = e.views[4];
  start.pose = recon::moved(start.pose, {0.01, -0.015, 0.01, 0.6, -0.4});
  start.scale = 1.2;
  const auto found = recon::fit_view(e.model, e.images[4], start, true, 12);
  // Images are in single precision.
  BOOST_TEST(found.misfit < 1e-4);
  BOOST_TEST(core::rotation_angle_between(found.view.pose.orientation, e.views[4].pose.orientation) < 1e-4);
  const auto held = recon::fit_view(e.model, e.images[4], start, false, 12);
  BOOST_TEST((held.view.pose.orientation - start.pose.orientation).norm() < 1e-12);
  BOOST_TEST(held.misfit > found.misfit);
}

BOOST_AUTO_TEST_CASE(what_is_held_stays) {
  const Example e = example();
  recon::AtomModel model = e.model;
  std::vector<recon::View> views = e.views;
  recon::apply(random_change(e, 0.01, 0.5), model, views);
  recon::JointFitOptions options;
  options.steps = 2;
  options.turns = false;
  const auto shifts = recon::fit_atoms_and_views(e.images, model, views, options, {2});
  BOOST_TEST((shifts.views[3].pose.orientation - views[3].pose.orientation).norm() < 1e-12);
  BOOST_TEST(shifts.views[3].pose.shift[0] != views[3].pose.shift[0]);
  options.views = false;
  const auto atoms = recon::fit_atoms_and_views(e.images, model, views, options, {2});
  BOOST_TEST((atoms.views[3].pose.shift == views[3].pose.shift));
  BOOST_TEST(test::message_of<core::DataError>([&] {
               (void)recon::fit_atoms_and_views(e.images, model, {}, options, {1});
             }) == "15 images, 0 views and 27 atoms cannot be fitted together.");
}

BOOST_AUTO_TEST_SUITE_END()
