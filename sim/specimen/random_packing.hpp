// Liquid-like matter: points at random that keep a minimum distance.
#pragma once

#include "sim/core/atoms.hpp"
#include "sim/specimen/shape.hpp"

#include <cstddef>
#include <cstdint>
#include <vector>

namespace aet::specimen {

struct PackingOptions {
  double min_distance_a = 2.4; ///< between any two points, fixed ones included [angstrom], 0.5..10
  int max_sweeps = 3000;       ///< 1..100000; a density near that of random close packing needs many
  std::uint64_t seed = 1;
};

/// `count` points inside shape times `size` [angstrom], around `fixed` points that stay: uniform random
/// points are pushed apart, pair after pair, until all distances are at least min_distance_a. The pair
/// distribution is that of a dense hard-sphere fluid without crystalline order, not that of a particular
/// liquid.
/// \throws core::ConfigError if options are out of range or the points would fill more than 0.60 of the
///   volume as spheres of diameter min_distance_a (random close packing ends at 0.64); core::NumericsError if
///   max_sweeps did not do.
[[nodiscard]] std::vector<core::Vec3> random_packing(std::size_t count, const Shape& shape, double size,
                                                     const std::vector<core::Vec3>& fixed,
                                                     const PackingOptions& options);

} // namespace aet::specimen
