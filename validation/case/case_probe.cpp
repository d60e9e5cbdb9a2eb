#include "validation/case/case_probe.hpp"

#include "sim/core/units.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <string>
#include <utility>

namespace aet::validation {

namespace {

using core::ConfigSection;

struct LengthUnit {
  const char* ending;
  double angstrom;
};

/// In which aberrations of an order are commonly given.
LengthUnit unit_of_order(int order) {
  constexpr std::array<LengthUnit, 3> units{{{"nm", 10.0}, {"um", 1e4}, {"mm", 1e7}}};
  return units.at(static_cast<std::size_t>((order - 1) / 2));
}

std::string lower_case(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

/// Two numbers, if the key is there.
std::optional<std::pair<double, double>> read_pair(const ConfigSection& s, const std::string& key,
                                                   const std::string& meaning) {
  const auto values = s.optional_numbers(key, {-1e5, 1e5}, meaning);
  if (!values) return std::nullopt;
  if (values->size() != 2)
    s.fail(key, fmt::format("holds {} numbers, 2 are needed: {}", values->size(), meaning));
  return std::pair(values->front(), values->back());
}

/// The keys of [images.probe.aberrations] for one kind.
struct AberrationKeys {
  const stem::AberrationKind& kind;
  LengthUnit unit = unit_of_order(kind.order);
  std::string haider = fmt::format("{}_{}", lower_case(kind.haider), unit.ending);
  std::string krivanek = fmt::format("{}_{}", lower_case(kind.krivanek), unit.ending);
  std::string parts = fmt::format("{}_ab_{}", lower_case(kind.krivanek), unit.ending);

  [[nodiscard]] std::vector<std::string> all() const {
    if (kind.multiplicity == 0) return {haider, krivanek};
    return {haider, krivanek, parts};
  }
};

/// C_nm [angstrom] as the table gives it under one of its keys, or none.
std::optional<std::complex<double>> read_aberration(const ConfigSection& s,
                                                    const stem::AberrationKind& kind) {
  const AberrationKeys keys{kind};
  std::string given;
  for (const std::string& key : keys.all()) {
    if (!s.has(key)) continue;
    if (!given.empty()) s.fail(key, fmt::format("give either this or {}, not both", given));
    given = key;
  }
  std::optional<std::complex<double>> c;
  const std::string meaning = kind.meaning;
  if (kind.multiplicity == 0) {
    for (const std::string& key : {keys.haider, keys.krivanek}) {
      if (const auto value = s.optional_number(key, {-1e5, 1e5}, meaning)) c = *value * keys.unit.angstrom;
    }
    return c;
  }
  const std::string polar = meaning + ": amplitude, and the azimuth in degree at which its phase is largest";
  const std::string relation =
      kind.factor == 1.0 ? "" : fmt::format("; {} = {} {}", kind.krivanek, kind.factor, kind.haider);
  struct Notation {
    std::string key;
    double factor;
    std::string meaning;
  };
  for (const auto& [key, factor, text] : {Notation{keys.haider, kind.factor, polar + relation},
                                          Notation{keys.krivanek, 1.0, polar + relation}}) {
    const auto value = read_pair(s, key, text);
    if (!value) continue;
    const auto [amplitude, azimuth] = *value;
    if (amplitude < 0.0) s.fail(key, "the amplitude, the first number, must be 0 or more");
    if (std::abs(azimuth) > 360.0) s.fail(key, "the azimuth, the second number, must be -360 to 360 degree");
    c = std::polar(factor * amplitude * keys.unit.angstrom,
                   kind.multiplicity * azimuth * core::radian_per_degree);
  }
  if (const auto value = read_pair(s, keys.parts, meaning + ": its parts a and b, of cos and sin"))
    c = keys.unit.angstrom * std::complex<double>(value->first, value->second);
  return c;
}

/// What [images.probe] itself has keys for.
std::vector<std::string> older_keys(const std::string& haider) {
  if (haider == "C1") return {"c1_a"};
  if (haider == "A1") return {"astigmatism_a", "astigmatism_deg"};
  if (haider == "C3") return {"c3_mm"};
  return haider == "C5" ? std::vector<std::string>{"c5_mm"} : std::vector<std::string>{};
}

} // namespace

stem::ProbeOptions read_probe(const ConfigSection& probe) {
  stem::ProbeOptions o;
  o.energy_kv = probe.number("energy_kv", o.energy_kv, {20, 1000}, "of the beam");
  o.convergence_mrad =
      probe.number("convergence_mrad", o.convergence_mrad, {1, 100}, "half angle of the probe");

  const ConfigSection table = probe.section("aberrations");
  std::vector<std::string> in_table; // keys that the table stands for
  for (std::size_t k = 0; k < stem::aberration_kinds.size(); ++k) {
    const stem::AberrationKind& kind = stem::aberration_kinds[k];
    const auto c = read_aberration(table, kind);
    if (!c) continue;
    o.further[k] = *c;
    for (const std::string& key : older_keys(kind.haider)) {
      if (probe.has(key)) {
        probe.fail(key, fmt::format("give {} either by this or in [images.probe.aberrations], not by both",
                                    kind.meaning));
      }
      in_table.push_back(key);
    }
  }
  const auto number = [&](const std::string& key, double fallback, core::Range allowed,
                          const std::string& meaning) {
    const bool elsewhere = std::find(in_table.begin(), in_table.end(), key) != in_table.end();
    return elsewhere ? fallback : probe.number(key, fallback, allowed, meaning);
  };
  o.c1_a = number("c1_a", o.c1_a, {-1e4, 1e4}, "defocus; positive: underfocus");
  o.astigmatism_a = number("astigmatism_a", o.astigmatism_a, {0, 1e4}, "twofold");
  o.astigmatism_deg = number("astigmatism_deg", o.astigmatism_deg, {-180, 180}, "its direction");
  o.focal_spread_a =
      probe.number("focal_spread_a", o.focal_spread_a, {0, 1000}, "rms, by the energy spread of the source");
  o.focal_points = probe.count("focal_points", o.focal_points, {2, 21},
                               "number of defoci over which the focal spread is summed");
  o.focus_z_a = probe.optional_number("focus_z_a", {-1e5, 1e5},
                                      "height of the focus; left out: the middle of the specimen");
  o.c3_mm = number("c3_mm", o.c3_mm, {-10, 10}, "spherical aberration");
  o.c5_mm = number("c5_mm", o.c5_mm, {-1000, 1000}, "spherical aberration of fifth order");
  return o;
}

} // namespace aet::validation
