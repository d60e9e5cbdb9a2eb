#include "sim/core/random.hpp"

#include "sim/core/error.hpp"
#include "sim/core/units.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

namespace aet::core {

namespace {

std::uint64_t fnv1a(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325ULL;
  for (const char c : text) {
    hash ^= static_cast<unsigned char>(c);
    hash *= 0x100000001b3ULL;
  }
  return hash;
}

std::uint32_t high_word(std::uint64_t v) {
  return static_cast<std::uint32_t>(v >> 32U);
}
std::uint32_t low_word(std::uint64_t v) {
  return static_cast<std::uint32_t>(v & 0xFFFFFFFFULL);
}

} // namespace

std::array<std::uint32_t, 4> philox4x32(std::array<std::uint32_t, 4> counter,
                                        std::array<std::uint32_t, 2> key) {
  constexpr std::uint64_t multiplier_0 = 0xD2511F53;
  constexpr std::uint64_t multiplier_1 = 0xCD9E8D57;
  constexpr std::uint32_t weyl_0 = 0x9E3779B9;
  constexpr std::uint32_t weyl_1 = 0xBB67AE85;
  constexpr int rounds = 10;
  for (int round = 0; round < rounds; ++round) {
    const std::uint64_t p0 = multiplier_0 * counter[0];
    const std::uint64_t p1 = multiplier_1 * counter[2];
    counter = {high_word(p1) ^ counter[1] ^ key[0], low_word(p1), high_word(p0) ^ counter[3] ^ key[1],
               low_word(p0)};
    key[0] += weyl_0;
    key[1] += weyl_1;
  }
  return counter;
}

RandomStream::RandomStream(std::uint64_t seed, std::string_view purpose,
                           std::initializer_list<std::uint32_t> indices) {
  // Indices and purpose are hashed into the key with the seed by two Philox blocks; the counter is then
  // free to run. Streams are distinct up to 64-bit hash collisions.
  constexpr std::size_t max_indices = 4;
  if (indices.size() > max_indices) {
    throw ConfigError(
        fmt::format("a random stream takes at most {} indices, not {}.", max_indices, indices.size()));
  }
  std::array<std::uint32_t, 4> words{};
  std::copy(indices.begin(), indices.end(), words.begin());
  const std::uint64_t name = fnv1a(purpose) + indices.size();
  const auto mixed = philox4x32(words, {low_word(seed), high_word(seed)});
  const auto final_mix =
      philox4x32({mixed[0], mixed[1], mixed[2], mixed[3]}, {low_word(name), high_word(name)});
  key_ = {final_mix[0], final_mix[1]};
  counter_ = {0, 0, final_mix[2], final_mix[3]};
}

void RandomStream::refill() {
  block_ = philox4x32(counter_, key_);
  if (++counter_[0] == 0) ++counter_[1];
  used_ = 0;
}

RandomStream::result_type RandomStream::operator()() {
  if (used_ == 4) refill();
  return block_[static_cast<std::size_t>(used_++)];
}

double RandomStream::uniform() {
  const std::uint64_t high = (*this)() >> 5U;
  const std::uint64_t low = (*this)() >> 6U;
  return static_cast<double>((high << 26U) + low) * 0x1.0p-53;
}

double RandomStream::normal() {
  if (has_spare_) {
    has_spare_ = false;
    return spare_;
  }
  const double radius = std::sqrt(-2.0 * std::log(1.0 - uniform()));
  const double angle = 2.0 * pi * uniform();
  spare_ = radius * std::sin(angle);
  has_spare_ = true;
  return radius * std::cos(angle);
}

std::uint64_t RandomStream::poisson(double mean) {
  if (!(mean >= 0.0) || !std::isfinite(mean)) {
    throw NumericsError(fmt::format("a Poisson mean must be finite and not negative; it is {}.", mean));
  }
  constexpr double inversion_below = 30.0;
  if (mean < inversion_below) {
    double term = std::exp(-mean);
    double u = uniform();
    std::uint64_t k = 0;
    while (u > term && term > 0.0) {
      u -= term;
      ++k;
      term *= mean / static_cast<double>(k);
    }
    return k;
  }
  // PTRS of Hormann 1993, valid for mean >= 10.
  const double root = std::sqrt(mean);
  const double b = 0.931 + 2.53 * root;
  const double a = -0.059 + 0.02483 * b;
  const double inverse_alpha = 1.1239 + 1.1328 / (b - 3.4);
  const double v_r = 0.9277 - 3.6224 / (b - 2.0);
  const double log_mean = std::log(mean);
  for (;;) {
    const double u = uniform() - 0.5;
    const double v = uniform();
    const double us = 0.5 - std::abs(u);
    const double k = std::floor((2.0 * a / us + b) * u + mean + 0.43);
    if (us >= 0.07 && v <= v_r) return static_cast<std::uint64_t>(k);
    if (k < 0.0 || (us < 0.013 && v > us)) continue;
    if (std::log(v * inverse_alpha / (a / (us * us) + b)) <= -mean + k * log_mean - std::lgamma(k + 1.0)) {
      return static_cast<std::uint64_t>(k);
    }
  }
}

} // namespace aet::core
