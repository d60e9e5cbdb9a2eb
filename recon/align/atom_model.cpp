#include "recon/align/atom_model.hpp"

#include <Eigen/Geometry>

#include <algorithm>
#include <cmath>

namespace aet::recon {

namespace {

/// Pixels around an atom, with every part of the shape as products of a factor along x and one along y.
class Footprint {
public:
  Footprint(const AtomModel& model, const core::Vec3& seen, const View& view, int n)
      : parts_(model.shape.size()) {
    const double cx = seen.x() + view.pose.shift[0] + n / 2;
    const double cy = seen.y() + view.pose.shift[1] + n / 2;
    first_x_ = std::clamp(static_cast<int>(std::ceil(cx - model.reach)), 0, n);
    first_y_ = std::clamp(static_cast<int>(std::ceil(cy - model.reach)), 0, n);
    last_x_ = std::clamp(static_cast<int>(std::floor(cx + model.reach)), -1, n - 1);
    last_y_ = std::clamp(static_cast<int>(std::floor(cy + model.reach)), -1, n - 1);
    fill(along_x_, slope_x_, model.shape, first_x_, last_x_, cx, true);
    fill(along_y_, slope_y_, model.shape, first_y_, last_y_, cy, false);
  }

  /// Calls f(pixel, value, derivative by the atom's x, by its y) for every pixel.
  template <class F> void each(core::Image& image, const F& f) const { visit(image, f); }
  template <class F> void each(const core::Image& image, const F& f) const { visit(image, f); }

private:
  static void fill(std::vector<float>& values, std::vector<float>& slopes,
                   const std::vector<AtomShape>& shape, int first, int last, double centre,
                   bool with_height) {
    for (const AtomShape& part : shape) {
      const double inverse = 1.0 / (part.width * part.width);
      for (int i = first; i <= last; ++i) {
        const double d = i - centre;
        const double v = std::exp(-0.5 * d * d * inverse) * (with_height ? part.height : 1.0);
        values.push_back(static_cast<float>(v));
        slopes.push_back(static_cast<float>(v * d * inverse));
      }
    }
  }

  template <class I, class F> void visit(I& image, const F& f) const {
    const auto wide = static_cast<std::size_t>(std::max(0, last_x_ - first_x_ + 1));
    const auto high = static_cast<std::size_t>(std::max(0, last_y_ - first_y_ + 1));
    for (std::size_t y = 0; y < high; ++y) {
      auto* row = image.data.data() + static_cast<std::size_t>(first_x_) +
                  static_cast<std::size_t>(image.nx) * (static_cast<std::size_t>(first_y_) + y);
      for (std::size_t x = 0; x < wide; ++x) {
        float value = 0.0F;
        float by_x = 0.0F;
        float by_y = 0.0F;
        for (std::size_t k = 0; k < parts_; ++k) {
          value += along_x_[k * wide + x] * along_y_[k * high + y];
          by_x += slope_x_[k * wide + x] * along_y_[k * high + y];
          by_y += along_x_[k * wide + x] * slope_y_[k * high + y];
        }
        f(row[x], value, by_x, by_y);
      }
    }
  }

  std::size_t parts_;
  int first_x_ = 0;
  int first_y_ = 0;
  int last_x_ = -1;
  int last_y_ = -1;
  std::vector<float> along_x_;
  std::vector<float> along_y_;
  std::vector<float> slope_x_;
  std::vector<float> slope_y_;
};

} // namespace

void apply(const ModelChange& change, AtomModel& model, std::vector<View>& views) {
  for (std::size_t a = 0; a < model.positions.size(); ++a) {
    const auto& c = change.atoms[a];
    model.positions[a] += core::Vec3(c[0], c[1], c[2]);
    model.weights[a] += c[3];
  }
  for (std::size_t j = 0; j < views.size(); ++j) {
    const auto& c = change.views[j];
    views[j].pose = moved(views[j].pose, {c[0], c[1], c[2], c[3], c[4]});
    views[j].scale += c[5];
  }
}

core::Image project(const AtomModel& model, const View& view, int n) {
  core::Image out(n, n);
  for (std::size_t a = 0; a < model.positions.size(); ++a) {
    const auto weight = static_cast<float>(view.scale * model.weights[a]);
    Footprint(model, view.pose.orientation * model.positions[a], view, n)
        .each(out, [&](float& pixel, float value, float, float) { pixel += weight * value; });
  }
  return out;
}

core::Image project_part(const AtomModel& model, const View& view, int n, std::size_t k) {
  AtomModel part = model;
  part.shape = {{model.shape[k].width, 1.0}};
  return project(part, view, n);
}

core::Image change_of_projection(const AtomModel& model, const View& view, int n, const ModelChange& change,
                                 std::size_t j) {
  core::Image out(n, n);
  const core::Mat3& r = view.pose.orientation;
  const auto& v = change.views[j];
  const core::Vec3 turn(v[0], v[1], v[2]);
  for (std::size_t a = 0; a < model.positions.size(); ++a) {
    const auto& c = change.atoms[a];
    const core::Vec3 seen = r * model.positions[a];
    const core::Vec3 step = r * core::Vec3(c[0], c[1], c[2]) + turn.cross(seen) + core::Vec3(v[3], v[4], 0.0);
    const auto strength = static_cast<float>(view.scale * c[3] + v[5] * model.weights[a]);
    const auto along_x = static_cast<float>(view.scale * model.weights[a] * step.x());
    const auto along_y = static_cast<float>(view.scale * model.weights[a] * step.y());
    Footprint(model, seen, view, n).each(out, [&](float& pixel, float value, float by_x, float by_y) {
      pixel += strength * value + along_x * by_x + along_y * by_y;
    });
  }
  return out;
}

std::array<double, 6> pull_back(const AtomModel& model, const View& view, const core::Image& image,
                                std::vector<std::array<double, 4>>& atoms) {
  std::array<double, 6> out{};
  const core::Mat3& r = view.pose.orientation;
  for (std::size_t a = 0; a < model.positions.size(); ++a) {
    const core::Vec3 seen = r * model.positions[a];
    float value_sum = 0.0F;
    float x_sum = 0.0F;
    float y_sum = 0.0F;
    Footprint(model, seen, view, image.nx)
        .each(image, [&](const float& pixel, float value, float by_x, float by_y) {
          value_sum += pixel * value;
          x_sum += pixel * by_x;
          y_sum += pixel * by_y;
        });
    const double strength = view.scale * model.weights[a];
    const core::Vec3 pull(strength * static_cast<double>(x_sum), strength * static_cast<double>(y_sum), 0.0);
    const core::Vec3 on_atom = r.transpose() * pull;
    for (std::size_t i = 0; i < 3; ++i)
      atoms[a][i] += on_atom(static_cast<Eigen::Index>(i));
    atoms[a][3] += view.scale * static_cast<double>(value_sum);
    const core::Vec3 torque = seen.cross(pull);
    for (std::size_t i = 0; i < 3; ++i)
      out[i] += torque(static_cast<Eigen::Index>(i));
    out[3] += pull.x();
    out[4] += pull.y();
    out[5] += model.weights[a] * static_cast<double>(value_sum);
  }
  return out;
}

} // namespace aet::recon
