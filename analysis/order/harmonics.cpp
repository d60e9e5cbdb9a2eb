#include "analysis/order/harmonics.hpp"

#include "sim/core/error.hpp"
#include "sim/core/units.hpp"

#include <fmt/core.h>

#include <array>
#include <cmath>

namespace aet::analysis {
namespace {

constexpr std::size_t lanes = 8; // bonds worked on at once; the loops over lanes become vector instructions
using Lanes = std::array<double, lanes>;

constexpr int highest_degree = 12;

} // namespace

HarmonicSums::HarmonicSums(std::vector<int> degrees) : degrees_(std::move(degrees)) {
  if (degrees_.empty())
    throw core::ConfigError(
        "no degree l is given for the bond-order parameters; give at least one from 0 to 12");
  for (std::size_t d = 0; d < degrees_.size(); ++d) {
    const int l = degrees_[d];
    if (l < 0 || l > highest_degree || (d > 0 && l <= degrees_[d - 1]))
      throw core::ConfigError(fmt::format(
          "degree l = {} of the bond-order parameters: degrees must rise and lie between 0 and {}", l,
          highest_degree));
    offsets_.push_back(components_);
    components_ += static_cast<std::size_t>(2 * l + 1);
  }
  top_ = degrees_.back();
  double pi_mm = std::sqrt(1.0 / (4.0 * core::pi));
  for (int m = 0; m <= top_; ++m) {
    if (m > 0) pi_mm *= std::sqrt((2.0 * m + 1.0) / (2.0 * m));
    // The factor sqrt(2) of the cos and sin pairs is carried from the start.
    start_.push_back(m == 0 ? pi_mm : pi_mm * std::sqrt(2.0));
    for (int l = m; l <= top_; ++l) {
      Step step;
      const double l2 = static_cast<double>(l) * l;
      const double m2 = static_cast<double>(m) * m;
      if (l > m) step.a = std::sqrt((4.0 * l2 - 1.0) / (l2 - m2));
      if (l > m + 1)
        step.b = step.a * std::sqrt(((l - 1.0) * (l - 1.0) - m2) / (4.0 * (l - 1.0) * (l - 1.0) - 1.0));
      for (std::size_t d = 0; d < degrees_.size(); ++d)
        if (degrees_[d] == l) step.component = static_cast<int>(offsets_[d]) + (m == 0 ? 0 : 2 * m - 1);
      steps_.push_back(step);
    }
  }
}

void HarmonicSums::add_up(std::span<const double> dx, std::span<const double> dy, std::span<const double> dz,
                          std::span<const double> length, std::span<const double> weights,
                          std::span<double> out) const {
  constexpr std::size_t most = (highest_degree + 1) * (highest_degree + 1);
  std::array<Lanes, most> sums; // one running sum per lane: bond k always goes to lane k modulo `lanes`
  for (std::size_t c = 0; c < components_; ++c)
    sums[c].fill(0.0);

  for (std::size_t begin = 0; begin < length.size(); begin += lanes) {
    const std::size_t used = std::min(lanes, length.size() - begin);
    Lanes x{};
    Lanes y{};
    Lanes z{};
    Lanes w{}; // weight 0 in lanes without a bond
    for (std::size_t k = 0; k < used; ++k) {
      const double inverse = 1.0 / length[begin + k];
      x[k] = dx[begin + k] * inverse;
      y[k] = dy[begin + k] * inverse;
      z[k] = dz[begin + k] * inverse;
      w[k] = weights.empty() ? 1.0 : weights[begin + k];
    }
    Lanes re = w; // weight times the real and imaginary parts of (x + iy)^m
    Lanes im{};
    const Step* step = steps_.data();
    for (int m = 0; m <= top_; ++m) {
      if (m > 0) {
        for (std::size_t k = 0; k < lanes; ++k) {
          const double r = re[k] * x[k] - im[k] * y[k];
          im[k] = re[k] * y[k] + im[k] * x[k];
          re[k] = r;
        }
      }
      Lanes last;
      Lanes before{};
      last.fill(start_[static_cast<std::size_t>(m)]);
      for (int l = m; l <= top_; ++l, ++step) {
        if (l > m) {
          for (std::size_t k = 0; k < lanes; ++k) {
            const double value = step->a * z[k] * last[k] - step->b * before[k];
            before[k] = last[k];
            last[k] = value;
          }
        }
        if (step->component < 0) continue;
        Lanes& cosine = sums[static_cast<std::size_t>(step->component)];
        for (std::size_t k = 0; k < lanes; ++k)
          cosine[k] += last[k] * re[k];
        if (m == 0) continue;
        Lanes& sine = sums[static_cast<std::size_t>(step->component) + 1];
        for (std::size_t k = 0; k < lanes; ++k)
          sine[k] += last[k] * im[k];
      }
    }
  }
  for (std::size_t c = 0; c < components_; ++c) {
    const Lanes& s = sums[c];
    out[c] = ((s[0] + s[4]) + (s[2] + s[6])) + ((s[1] + s[5]) + (s[3] + s[7]));
  }
}

} // namespace aet::analysis
