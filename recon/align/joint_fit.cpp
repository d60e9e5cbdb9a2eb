#include "recon/align/joint_fit.hpp"

#include "sim/core/error.hpp"

#include <Eigen/Cholesky>
#include <Eigen/Core>
#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <numeric>
#include <utility>

namespace aet::recon {

namespace {

using Matrix4 = Eigen::Matrix4d;
using Matrix6 = Eigen::Matrix<double, 6, 6>;
using Vector6 = Eigen::Matrix<double, 6, 1>;
using Images = std::vector<core::Image>;

double inner(const core::Image& a, const core::Image& b) {
  double sum = 0.0;
  for (std::size_t i = 0; i < a.data.size(); ++i)
    sum += static_cast<double>(a.data[i]) * static_cast<double>(b.data[i]);
  return sum;
}

double inner(const ModelChange& a, const ModelChange& b) {
  double sum = 0.0;
  for (std::size_t i = 0; i < a.atoms.size(); ++i)
    sum += std::inner_product(a.atoms[i].begin(), a.atoms[i].end(), b.atoms[i].begin(), 0.0);
  for (std::size_t i = 0; i < a.views.size(); ++i)
    sum += std::inner_product(a.views[i].begin(), a.views[i].end(), b.views[i].begin(), 0.0);
  return sum;
}

/// a <- a + factor b
void add(ModelChange& a, double factor, const ModelChange& b) {
  for (std::size_t i = 0; i < a.atoms.size(); ++i) {
    for (std::size_t k = 0; k < 4; ++k)
      a.atoms[i][k] += factor * b.atoms[i][k];
  }
  for (std::size_t i = 0; i < a.views.size(); ++i) {
    for (std::size_t k = 0; k < 6; ++k)
      a.views[i][k] += factor * b.views[i][k];
  }
}

/// The model where it stands, its residual images and the normal equations of a step from there.
class Linearised {
public:
  Linearised(const Images& images, const AtomModel& model, const std::vector<View>& views,
             const JointFitOptions& options, core::Threads threads)
      : images_(images), model_(model), views_(views), options_(options), threads_(threads),
        n_(images.front().nx), residuals_(images.size()) {
    each_view([&](std::size_t j) {
      residuals_[j] = project(model_, views_[j], n_);
      for (std::size_t i = 0; i < residuals_[j].data.size(); ++i)
        residuals_[j].data[i] = images_[j].data[i] - residuals_[j].data[i];
    });
  }

  /// Sum of squared residuals.
  [[nodiscard]] double square() const {
    double sum = 0.0;
    for (const core::Image& r : residuals_)
      sum += inner(r, r);
    return sum;
  }

  [[nodiscard]] const Images& residuals() const { return residuals_; }

  [[nodiscard]] ModelChange zero() const {
    return {std::vector<std::array<double, 4>>(model_.positions.size()),
            std::vector<std::array<double, 6>>(views_.size())};
  }

  /// J^T of one image a view.
  [[nodiscard]] ModelChange transposed(const std::function<core::Image(std::size_t)>& image_of) const {
    ModelChange out = zero();
    std::vector<std::vector<std::array<double, 4>>> parts(views_.size());
    each_view([&](std::size_t j) {
      parts[j].resize(model_.positions.size());
      out.views[j] = pull_back(model_, views_[j], image_of(j), parts[j]);
    });
    for (const auto& part : parts) { // in this order, whatever the threads did
      for (std::size_t a = 0; a < part.size(); ++a) {
        for (std::size_t k = 0; k < 4; ++k)
          out.atoms[a][k] += part[a][k];
      }
    }
    hold(out);
    return out;
  }

  [[nodiscard]] ModelChange gradient() const {
    return transposed([&](std::size_t j) { return residuals_[j]; });
  }

  /// J^T J x
  [[nodiscard]] ModelChange normal(const ModelChange& x) const {
    return transposed([&](std::size_t j) { return change_of_projection(model_, views_[j], n_, x, j); });
  }

  /// What is not fitted does not change.
  void hold(ModelChange& x) const {
    for (auto& v : x.views) {
      if (!options_.views) v.fill(0.0);
      if (!options_.turns) v[0] = v[1] = v[2] = 0.0;
    }
  }

  /// Blocks of J^T J: those of views exactly, those of atoms as if each stood alone.
  void make_blocks() {
    double by_value = 0.0;
    double by_place = 0.0;
    AtomModel one = model_;
    one.positions = {core::Vec3::Zero()};
    one.weights = {1.0};
    const View straight;
    ModelChange unit{{{0.0, 0.0, 0.0, 1.0}}, {{}}};
    const core::Image value = change_of_projection(one, straight, n_, unit, 0);
    by_value = inner(value, value);
    unit.atoms[0] = {1.0, 0.0, 0.0, 0.0};
    const core::Image slope = change_of_projection(one, straight, n_, unit, 0);
    by_place = inner(slope, slope);
    double mean_weight = 0.0;
    for (const double w : model_.weights)
      mean_weight += std::abs(w) / static_cast<double>(model_.weights.size());
    atom_blocks_.assign(model_.positions.size(), Matrix4::Zero());
    for (std::size_t a = 0; a < atom_blocks_.size(); ++a) {
      // An atom of hardly any weight is not to be sent far.
      const double weight = std::max(std::abs(model_.weights[a]), 0.1 * mean_weight);
      for (const View& view : views_) {
        const Eigen::Matrix<double, 2, 3> rows = view.pose.orientation.topRows<2>();
        const double square = view.scale * view.scale;
        atom_blocks_[a].topLeftCorner<3, 3>() +=
            square * weight * weight * by_place * (rows.transpose() * rows);
        atom_blocks_[a](3, 3) += square * by_value;
      }
    }
    view_blocks_.assign(views_.size(), Matrix6::Zero());
    if (!options_.views) return;
    each_view([&](std::size_t j) {
      Images columns;
      for (std::size_t k = 0; k < 6; ++k) {
        ModelChange x = zero();
        x.views[j][k] = 1.0;
        columns.push_back(change_of_projection(model_, views_[j], n_, x, j));
      }
      for (std::size_t k = 0; k < 6; ++k) {
        for (std::size_t l = 0; l <= k; ++l) {
          const auto r = static_cast<Eigen::Index>(k);
          const auto c = static_cast<Eigen::Index>(l);
          view_blocks_[j](r, c) = view_blocks_[j](c, r) = inner(columns[k], columns[l]);
        }
      }
    });
  }

  /// x <- x + factor times the blocks' product with y
  void add_blocks(ModelChange& x, double factor, const ModelChange& y) const {
    for (std::size_t a = 0; a < x.atoms.size(); ++a)
      Eigen::Map<Eigen::Vector4d>(x.atoms[a].data()) +=
          factor * (atom_blocks_[a] * Eigen::Map<const Eigen::Vector4d>(y.atoms[a].data()));
    if (!options_.views) return;
    for (std::size_t j = 0; j < x.views.size(); ++j)
      Eigen::Map<Vector6>(x.views[j].data()) +=
          factor * (view_blocks_[j] * Eigen::Map<const Vector6>(y.views[j].data()));
    hold(x);
  }

  [[nodiscard]] ModelChange solved_by_blocks(ModelChange x) const {
    for (std::size_t a = 0; a < x.atoms.size(); ++a) {
      Eigen::Map<Eigen::Vector4d> v(x.atoms[a].data());
      v = Eigen::Vector4d(atom_blocks_[a].llt().solve(v));
    }
    if (options_.views) {
      for (std::size_t j = 0; j < x.views.size(); ++j) {
        Eigen::Map<Vector6> v(x.views[j].data());
        if (options_.turns) {
          v = Vector6(view_blocks_[j].llt().solve(v));
        } else {
          const Eigen::Matrix3d rest = view_blocks_[j].bottomRightCorner<3, 3>();
          v.tail<3>() = Eigen::Vector3d(rest.llt().solve(Eigen::Vector3d(v.tail<3>())));
        }
      }
    }
    hold(x);
    return x;
  }

private:
  template <class F> void each_view(const F& f) const {
    core::parallel_for(views_.size(), threads_, [&](std::size_t j, int /*worker*/) { f(j); });
  }

  const Images& images_;
  const AtomModel& model_;
  const std::vector<View>& views_;
  const JointFitOptions& options_;
  core::Threads threads_;
  int n_;
  Images residuals_;
  std::vector<Matrix4> atom_blocks_;
  std::vector<Matrix6> view_blocks_;
};

/// Preconditioned conjugate gradients on (J^T J + damping x blocks) x = J^T r.
ModelChange step_of(const Linearised& here, const ModelChange& gradient, double damping,
                    const JointFitOptions& options) {
  constexpr double small = 1e-3; // of the gradient: a step need not be better than its linear model
  ModelChange x = here.zero();
  ModelChange r = gradient;
  ModelChange z = here.solved_by_blocks(r);
  ModelChange p = z;
  double rz = inner(r, z);
  const double first = rz;
  for (int i = 0; i < options.inner && rz > small * small * first; ++i) {
    ModelChange q = here.normal(p);
    here.add_blocks(q, damping, p);
    const double curvature = inner(p, q);
    if (!(curvature > 0.0)) break;
    const double alpha = rz / curvature;
    add(x, alpha, p);
    add(r, -alpha, q);
    z = here.solved_by_blocks(r);
    const double next = inner(r, z);
    ModelChange direction = z;
    add(direction, next / rz, p);
    p = std::move(direction);
    rz = next;
  }
  return x;
}

/// The heights of the shape's parts that fit best, all else as it is.
void fit_shape(const Images& images, AtomModel& model, const std::vector<View>& views,
               core::Threads threads) {
  const std::size_t parts = model.shape.size();
  const auto size = static_cast<Eigen::Index>(parts);
  std::vector<Eigen::MatrixXd> normals(images.size());
  std::vector<Eigen::VectorXd> rights(images.size());
  core::parallel_for(images.size(), threads, [&](std::size_t j, int /*worker*/) {
    Images columns;
    for (std::size_t k = 0; k < parts; ++k)
      columns.push_back(project_part(model, views[j], images[j].nx, k));
    normals[j].resize(size, size);
    rights[j].resize(size);
    for (std::size_t k = 0; k < parts; ++k) {
      for (std::size_t l = 0; l < parts; ++l)
        normals[j](static_cast<Eigen::Index>(k), static_cast<Eigen::Index>(l)) =
            inner(columns[k], columns[l]);
      rights[j](static_cast<Eigen::Index>(k)) = inner(columns[k], images[j]);
    }
  });
  Eigen::MatrixXd normal = Eigen::MatrixXd::Zero(size, size);
  Eigen::VectorXd right = Eigen::VectorXd::Zero(size);
  for (std::size_t j = 0; j < images.size(); ++j) {
    normal += normals[j];
    right += rights[j];
  }
  constexpr double ridge = 1e-6; // parts of like width are nearly alike
  normal.diagonal() *= 1.0 + ridge;
  const Eigen::VectorXd heights = normal.llt().solve(right);
  for (std::size_t k = 0; k < parts; ++k)
    model.shape[k].height = heights(static_cast<Eigen::Index>(k));
}

/// Brightness common to all views belongs to the atoms.
void normalise(AtomModel& model, std::vector<View>& views) {
  double mean = 0.0;
  for (const View& v : views)
    mean += v.scale / static_cast<double>(views.size());
  for (View& v : views)
    v.scale /= mean;
  for (double& w : model.weights)
    w *= mean;
}

} // namespace

ViewFit fit_view(const AtomModel& model, const core::Image& image, const View& start, bool turns, int steps) {
  const int n = image.nx;
  const double data = inner(image, image);
  const auto residual = [&](const View& view) {
    core::Image r = project(model, view, n);
    for (std::size_t i = 0; i < r.data.size(); ++i)
      r.data[i] = image.data[i] - r.data[i];
    return r;
  };
  View view = start;
  core::Image here = residual(view);
  double square = inner(here, here);
  double damping = 1e-3;
  constexpr double most_damping = 1e3;
  for (int step = 0; step < steps && damping < most_damping; ++step) {
    Matrix6 normal = Matrix6::Identity();
    Vector6 right = Vector6::Zero();
    ModelChange unit{std::vector<std::array<double, 4>>(model.positions.size()), {{}}};
    Images columns;
    for (std::size_t k = 0; k < 6; ++k) {
      unit.views[0].fill(0.0);
      unit.views[0][k] = 1.0;
      columns.push_back(change_of_projection(model, view, n, unit, 0));
    }
    for (std::size_t k = turns ? 0 : 3; k < 6; ++k) {
      const auto r = static_cast<Eigen::Index>(k);
      right(r) = inner(columns[k], here);
      for (std::size_t l = turns ? 0 : 3; l < 6; ++l)
        normal(r, static_cast<Eigen::Index>(l)) = inner(columns[k], columns[l]);
    }
    bool better = false;
    while (!better && damping < most_damping) {
      Matrix6 damped = normal;
      damped.diagonal() *= 1.0 + damping;
      const Vector6 x = damped.llt().solve(right);
      View next = view;
      next.pose = moved(view.pose, {x(0), x(1), x(2), x(3), x(4)});
      next.scale += x(5);
      core::Image there = residual(next);
      const double next_square = inner(there, there);
      better = next_square < square;
      damping *= better ? 0.2 : 10.0;
      if (!better) continue;
      view = next;
      here = std::move(there);
      square = next_square;
    }
  }
  return {view, std::sqrt(square / data)};
}

JointFit fit_atoms_and_views(const Images& images, AtomModel model, std::vector<View> views,
                             const JointFitOptions& options, core::Threads threads,
                             const std::function<void(int, double)>& told) {
  if (images.empty() || images.size() != views.size() || model.positions.empty()) {
    throw core::DataError(fmt::format("{} images, {} views and {} atoms cannot be fitted together.",
                                      images.size(), views.size(), model.positions.size()));
  }
  double data = 0.0;
  for (const core::Image& image : images)
    data += inner(image, image);
  fit_shape(images, model, views, threads);
  double damping = 1e-2;
  constexpr double least_damping = 1e-4;
  constexpr double most_damping = 1e4;
  JointFit out;
  double square = Linearised(images, model, views, options, threads).square();
  while (out.steps < options.steps && damping < most_damping) {
    const double before = square;
    Linearised here(images, model, views, options, threads);
    here.make_blocks();
    const ModelChange gradient = here.gradient();
    bool better = false;
    while (!better && damping < most_damping) {
      AtomModel next = model;
      std::vector<View> next_views = views;
      apply(step_of(here, gradient, damping, options), next, next_views);
      const double there = Linearised(images, next, next_views, options, threads).square();
      better = there < square;
      damping = better ? std::max(least_damping, 0.2 * damping) : 10.0 * damping;
      if (!better) continue;
      model = std::move(next);
      views = std::move(next_views);
      normalise(model, views);
      fit_shape(images, model, views, threads);
      square = Linearised(images, model, views, options, threads).square();
    }
    ++out.steps;
    if (told) told(out.steps, std::sqrt(square / data));
    if (before - square < options.stop * before) break;
  }
  const Linearised last(images, model, views, options, threads);
  for (std::size_t j = 0; j < images.size(); ++j)
    out.misfits.push_back(
        std::sqrt(inner(last.residuals()[j], last.residuals()[j]) / inner(images[j], images[j])));
  out.model = std::move(model);
  out.views = std::move(views);
  return out;
}

} // namespace aet::recon
