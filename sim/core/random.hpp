// Counter-based random streams: a draw depends only on (seed, purpose, indices, position in stream).
#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <string_view>

namespace aet::core {

/// Philox4x32-10. Source: Salmon et al., SC'11, doi:10.1145/2063384.2063405.
/// Satisfies UniformRandomBitGenerator, so the standard distributions can be used where speed and
/// reproducibility across standard libraries do not matter.
class RandomStream {
public:
  using result_type = std::uint32_t;

  /// A stream of its own for each combination; `indices` holds up to 4 numbers such as
  /// {frame, tilt, configuration}. The same arguments always give the same draws.
  RandomStream(std::uint64_t seed, std::string_view purpose,
               std::initializer_list<std::uint32_t> indices = {});

  static constexpr result_type min() { return 0; }
  static constexpr result_type max() { return 0xFFFFFFFFU; }
  result_type operator()();

  /// Uniform in [0, 1), 53 bits.
  double uniform();
  /// Standard normal (Box-Muller).
  double normal();
  /// Poisson with a mean >= 0. Exact for every mean (inversion below 30, transformed rejection
  /// above: Hormann, Insurance: Math. Econ. 12, 39 (1993), doi:10.1016/0167-6687(93)90997-4).
  std::uint64_t poisson(double mean);

private:
  void refill();
  std::array<std::uint32_t, 2> key_{};
  std::array<std::uint32_t, 4> counter_{};
  std::array<std::uint32_t, 4> block_{};
  int used_ = 4;
  bool has_spare_ = false;
  double spare_ = 0.0;
};

/// One Philox4x32-10 block, exposed for known-answer tests.
[[nodiscard]] std::array<std::uint32_t, 4> philox4x32(std::array<std::uint32_t, 4> counter,
                                                      std::array<std::uint32_t, 2> key);

} // namespace aet::core
