// A specimen as round atoms of one shape: its projections, and how they change with atoms and poses.
#pragma once

#include "recon/align/pose_derivatives.hpp"
#include "sim/core/atoms.hpp"
#include "sim/core/grid.hpp"
#include "sim/core/parallel.hpp"

#include <array>
#include <cstddef>
#include <vector>

namespace aet::recon {

/// An atom is seen as weight x sum_k shape[k].height exp(-r^2 / (2 shape[k].width^2)).
struct AtomShape {
  double width = 1.0;  ///< sd [pixel], > 0
  double height = 1.0; ///< any sign
};

struct AtomModel {
  std::vector<core::Vec3> positions; ///< from the rotation centre [pixel]
  std::vector<double> weights;
  std::vector<AtomShape> shape;
  double reach = 8.0; ///< an atom's image ends here [pixel]
};

/// How an image was taken: its pose and brightness relative to the model.
struct View {
  Pose pose;
  double scale = 1.0;
};

/// A change of the model and of all views, and as well the gradient by them.
struct ModelChange {
  std::vector<std::array<double, 4>> atoms; ///< position [pixel], weight
  /// Turns about x', y', z' [radian], shifts along x', y' [pixel], scale.
  std::vector<std::array<double, 6>> views;
};

/// The change applied; turns by moved().
void apply(const ModelChange& change, AtomModel& model, std::vector<View>& views);

/// Projection of the model in a view, n x n, sampled at pixels, the rotation centre on pixel n/2 + shift.
[[nodiscard]] core::Image project(const AtomModel& model, const View& view, int n);

/// Projection with only the k-th part of the shape, at height 1.
[[nodiscard]] core::Image project_part(const AtomModel& model, const View& view, int n, std::size_t k);

/// First-order change of the projection in view j.
[[nodiscard]] core::Image change_of_projection(const AtomModel& model, const View& view, int n,
                                               const ModelChange& change, std::size_t j);

/// The transpose: what a change of the image in view j says about atoms (added to `atoms`) and this view.
[[nodiscard]] std::array<double, 6> pull_back(const AtomModel& model, const View& view,
                                              const core::Image& image,
                                              std::vector<std::array<double, 4>>& atoms);

} // namespace aet::recon
