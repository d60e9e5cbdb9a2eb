// Faster fixed-point iteration.
#pragma once

#include <cstddef>
#include <deque>
#include <vector>

namespace aet::recon {

/// Anderson's mixing: of the last steps x -> g(x), the combination whose step would have been shortest.
/// For a linear map this is GMRES; alternating minimisations, which creep along a few slow directions,
/// gain most. A step that grew more than twofold since the last one empties the memory.
/// Source: Walker & Ni, SIAM J. Numer. Anal. 49, 1715 (2011), doi:10.1137/10078356X.
class Anderson {
public:
  /// \param memory steps remembered, >= 0 (0: the plain iteration).
  explicit Anderson(std::size_t memory) : memory_(memory) {}

  /// The next x, given the last one and its image g(x), of the same length throughout.
  [[nodiscard]] std::vector<double> next(const std::vector<double>& x, const std::vector<double>& image);

private:
  std::size_t memory_;
  std::deque<std::vector<double>> points_; ///< x
  std::deque<std::vector<double>> steps_;  ///< g(x) - x
};

} // namespace aet::recon
