#include "recon/published/form_factor.hpp"

#include "sim/core/error.hpp"

#include <fmt/core.h>
#include <gemmi/c4322.hpp>

#include <cmath>
#include <cstddef>
#include <numbers>

namespace aet::recon::published {

namespace {

RadialProfile::Sample exact(const FormFactor& f, double b, double u) {
  constexpr double pi = std::numbers::pi;
  RadialProfile::Sample sample;
  for (std::size_t i = 0; i < f.weight.size(); ++i) {
    const double beta = f.decay[i] + b;
    const double term = f.weight[i] * pi / beta * std::exp(-pi * pi * u / beta);
    sample.value += term;
    sample.by_u -= term * pi * pi / beta;
    sample.by_b += term * (pi * pi * u / beta - 1.0) / beta;
  }
  return sample;
}

} // namespace

FormFactor electron_form_factor(int element) {
  const auto el = static_cast<gemmi::El>(element);
  if (element < 1 || element > 98 || !gemmi::C4322<double>::has(el)) {
    throw core::DataError(fmt::format(
        "there is no electron scattering factor for atomic number {}; the table has 1 to 98", element));
  }
  const auto& table = gemmi::C4322<double>::get(el);
  FormFactor factor;
  double sum = 0.0;
  for (int i = 0; i < 5; ++i)
    sum += table.a(i);
  for (int i = 0; i < 5; ++i) {
    factor.weight.push_back(table.a(i) / sum);
    factor.decay.push_back(0.25 * table.b(i));
  }
  return factor;
}

RadialProfile::RadialProfile(const FormFactor& factor, double b_a2) {
  constexpr double smallest = 1e-4;
  constexpr std::size_t points = 4096;
  const double centre = exact(factor, b_a2, 0.0).value;
  reach_ = 0.5;
  while (reach_ < 12.0 && exact(factor, b_a2, reach_ * reach_).value > smallest * centre)
    reach_ += 0.05;
  const double step = reach_ * reach_ / static_cast<double>(points - 1);
  scale_ = 1.0 / step;
  table_.reserve(points);
  for (std::size_t i = 0; i < points; ++i)
    table_.push_back(exact(factor, b_a2, static_cast<double>(i) * step));
}

} // namespace aet::recon::published
