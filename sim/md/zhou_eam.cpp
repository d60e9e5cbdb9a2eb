#include "sim/md/zhou_eam.hpp"

#include "sim/core/elements.hpp"
#include "sim/core/error.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <numbers>

namespace aet::md {

namespace {

constexpr int knots = 2000;
constexpr double shortest_a = 0.5; // the exponentials mean nothing closer than that

const std::array<ZhouElement, 2> table{
    ZhouElement{26,
                55.847,
                2.481987,
                1.885957,
                20.041463,
                20.041463,
                9.818270,
                5.236411,
                0.392811,
                0.646243,
                0.170306,
                0.340613,
                {-2.534992, -0.059605, 0.193065, -2.282322},
                {-2.54, 0.0, 0.200269, -0.148770},
                -0.148770,
                0.391750,
                -2.539945,
                0.85,
                1.15,
                true},
    ZhouElement{78,
                195.08,
                2.771916,
                2.336509,
                33.367564,
                35.205357,
                7.105782,
                3.789750,
                0.556398,
                0.696037,
                0.385255,
                0.770510,
                {-1.455568, -2.149952, 0.528491, 1.222875},
                {-4.17, 0.0, 3.010561, -2.420128},
                -2.420128,
                1.450000,
                -4.145597,
                0.25,
                1.15,
                false},
};

/// exp(-decay (x - 1)) / (1 + (x - shift)^20): the form of all radial functions.
double fading(double x, double decay, double shift) {
  return std::exp(-decay * (x - 1.0)) / (1.0 + std::pow(x - shift, 20));
}

double own_pair(const ZhouElement& e, double r) {
  const double x = r / e.re;
  return e.a * fading(x, e.alpha, e.kappa) - e.b * fading(x, e.beta, e.lambda);
}

double cubic(const std::array<double, 4>& c, double d) {
  return c[0] + d * (c[1] + d * (c[2] + d * c[3]));
}

void append(std::string& text, const std::vector<double>& values) {
  auto out = std::back_inserter(text);
  for (std::size_t i = 0; i < values.size(); ++i)
    fmt::format_to(out, "{:.16e}{}", values[i], i % 5 == 4 || i + 1 == values.size() ? '\n' : ' ');
}

} // namespace

const ZhouElement& zhou_element(int atomic_number) {
  const auto* const found = std::find_if(
      table.begin(), table.end(), [&](const ZhouElement& e) { return e.atomic_number == atomic_number; });
  if (found == table.end())
    throw core::DataError(
        fmt::format("the Zhou-Johnson-Wadley potential is kept for Fe and Pt here, not for {}; "
                    "give a potential file",
                    core::element_symbol(atomic_number)));
  return *found;
}

double zhou_density(const ZhouElement& element, double r) {
  return element.fe * fading(r / element.re, element.beta, element.lambda);
}

double zhou_pair(const ZhouElement& one, const ZhouElement& other, double r) {
  if (one.atomic_number == other.atomic_number) return own_pair(one, r);
  const double f = zhou_density(one, r);
  const double g = zhou_density(other, r);
  return 0.5 * (g / f * own_pair(one, r) + f / g * own_pair(other, r));
}

double zhou_embedding(const ZhouElement& e, double density) {
  if (density <= 0.0) return 0.0; // an atom alone; the cubic of the lowest branch does not quite end there
  const double low = e.rho_low * e.rho_e;
  if (density < low) return cubic(e.fn, density / low - 1.0);
  if (density < e.rho_high * e.rho_e) {
    const double d = density / e.rho_e - 1.0;
    const double f3 = density < e.rho_e ? e.f[3] : e.f3_above;
    return e.f[0] + d * (e.f[1] + d * (e.f[2] + d * f3));
  }
  const double ratio = density / e.rho_s;
  return e.f_e * (1.0 - e.eta * std::log(ratio)) * std::pow(ratio, e.eta);
}

double zhou_cutoff(const std::vector<int>& atomic_numbers) {
  double widest = 0.0;
  for (const int z : atomic_numbers)
    widest = std::max(widest, std::numbers::sqrt2 * zhou_element(z).re);
  return 0.5 * std::sqrt(10.0) * widest;
}

std::string zhou_setfl(const std::vector<int>& atomic_numbers) {
  if (atomic_numbers.empty())
    throw core::DataError("a potential needs at least one element, for example Fe Pt");
  std::vector<ZhouElement> elements;
  std::string names;
  double highest = 100.0;
  for (std::size_t i = 0; i < atomic_numbers.size(); ++i) {
    if (std::count(atomic_numbers.begin(), atomic_numbers.end(), atomic_numbers[i]) > 1)
      throw core::DataError(
          fmt::format("the element {} is named twice", core::element_symbol(atomic_numbers[i])));
    elements.push_back(zhou_element(atomic_numbers[i]));
    names.append(" ").append(core::element_symbol(atomic_numbers[i]));
    highest = std::max({highest, 2.0 * elements.back().rho_e, zhou_density(elements.back(), shortest_a)});
  }
  const double cutoff = zhou_cutoff(atomic_numbers);
  const double dr = cutoff / (knots - 1);
  const double drho = highest / (knots - 1);
  std::vector<double> radii;
  for (int i = 0; i < knots; ++i)
    radii.push_back(i * dr);

  std::string text =
      fmt::format("Zhou-Johnson-Wadley embedded-atom potential for{}, tabulated by aetval\n"
                  "X. W. Zhou, R. A. Johnson, H. N. G. Wadley, Phys. Rev. B 69, 144113 (2004)\n"
                  "doi:10.1103/PhysRevB.69.144113; unlike pairs by Johnson's rule\n"
                  "{}{}\n{} {:.16e} {} {:.16e} {:.16e}\n",
                  names, elements.size(), names, knots, drho, knots, dr, cutoff);
  std::vector<double> column(knots);
  const auto fill = [&](auto&& function) {
    for (std::size_t i = 0; i < column.size(); ++i)
      column[i] = function(i);
    append(text, column);
  };
  const auto safe = [&](std::size_t i) { return std::max(radii[i], shortest_a); };
  for (const ZhouElement& e : elements) {
    const double lattice_constant = e.re * (e.bcc ? 2.0 / std::numbers::sqrt3 : std::numbers::sqrt2);
    text += fmt::format("{} {:.4f} {:.6f} {}\n", e.atomic_number, e.mass, lattice_constant,
                        e.bcc ? "bcc" : "fcc");
    fill([&](std::size_t i) { return zhou_embedding(e, static_cast<double>(i) * drho); });
    fill([&](std::size_t i) { return zhou_density(e, safe(i)); });
  }
  for (std::size_t i = 0; i < elements.size(); ++i)
    for (std::size_t j = 0; j <= i; ++j)
      fill([&](std::size_t k) { return radii[k] * zhou_pair(elements[i], elements[j], safe(k)); });
  return text;
}

} // namespace aet::md
