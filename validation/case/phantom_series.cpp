#include "validation/case/phantom_series.hpp"

#include "sim/core/config.hpp"
#include "sim/core/elements.hpp"
#include "sim/core/error.hpp"
#include "sim/core/orientation.hpp"
#include "sim/core/units.hpp"
#include "validation/case/case_particle.hpp"

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include <array>

namespace aet::validation {

namespace {

using core::ConfigSection;

/// Parents of one nucleus, counted from 0.
std::vector<int> read_parents(const ConfigSection& nucleus) {
  std::vector<int> parents;
  for (const double number : nucleus.numbers("parents", {}, {1, 1000}))
    parents.push_back(static_cast<int>(number) - 1);
  return parents;
}

std::vector<std::vector<int>> read_all_parents(const ConfigSection& moment, std::size_t nuclei, bool first) {
  std::vector<std::vector<int>> parents(nuclei);
  for (std::size_t i = 0; i < nuclei && !first; ++i)
    parents[i] = read_parents(moment.section(fmt::format("nucleus_{}", i + 1)));
  return parents;
}

core::Vec3 read_centre(const ConfigSection& nucleus) {
  const std::vector<double> centre = nucleus.numbers("centre_a", {0, 0, 0}, {-200, 200});
  if (centre.size() != 3) nucleus.fail("centre_a", "three numbers are expected, such as [4, 0, -3]");
  return {centre[0], centre[1], centre[2]};
}

std::vector<specimen::PlantedCrystal> read_crystals(const ConfigSection& moment) {
  std::vector<specimen::PlantedCrystal> crystals;
  const long count = moment.integer("nuclei", 0, {0, 1000});
  for (long i = 0; i < count; ++i) {
    const ConfigSection table = moment.section(fmt::format("nucleus_{}", i + 1));
    specimen::PlantedCrystal c;
    c.centre_a = read_centre(table);
    const std::vector<double> euler = table.numbers("euler_deg", {0, 0, 0}, {-360, 360});
    if (euler.size() != 3) table.fail("euler_deg", "three angles are expected, such as [10, 20, 30]");
    c.rotation =
        core::rotation_from_euler({euler[0] * core::radian_per_degree, euler[1] * core::radian_per_degree,
                                   euler[2] * core::radian_per_degree});
    c.radius_a = table.number("radius_a", c.radius_a, {3, 100});
    c.shake_core_a = table.number("shake_core_a", c.shake_core_a, {0, 0.5});
    c.shake_rim_a = table.number("shake_rim_a", c.shake_rim_a, {0, 0.5});
    crystals.push_back(c);
  }
  return crystals;
}

specimen::LiquidPhantom read_liquid(const ConfigSection& s) {
  specimen::LiquidPhantom liquid;
  try {
    liquid.atomic_number = core::atomic_number(s.text("element", "Pt"));
  } catch (const core::DataError& e) {
    s.fail("element", e.what());
  }
  liquid.radius_a = s.number("radius_a", liquid.radius_a, {5, 200});
  liquid.lattice_constant_a = s.number("lattice_constant_a", liquid.lattice_constant_a, {1, 20});
  liquid.density_per_a3 = s.number("density_per_a3", liquid.density_per_a3, {0.001, 0.5});
  liquid.min_distance_a = s.number("min_distance_a", liquid.min_distance_a, {0.5, 10});
  liquid.u_rms_a = s.number("u_rms_a", liquid.u_rms_a, {0, 0.5});
  return liquid;
}

} // namespace

PhantomSeries build_phantom_series(const std::filesystem::path& file, std::optional<std::uint64_t> seed) {
  core::Config config = core::Config::from_file(file);
  if (seed) config.set("seed", std::to_string(*seed));
  const ConfigSection root = config.root();
  const auto used = static_cast<std::uint64_t>(root.integer("seed", 1, {0, 9e15}));
  const bool order = root.choice("kind", "order", {"order", "liquid"}) == "order";
  const long moments = root.integer("moments", {1, 20});
  specimen::OrderPhantom alloy;
  specimen::LiquidPhantom liquid;
  if (order) {
    alloy.particle = read_particle(root.section("particle"), used);
    alloy.particle.exact_nuclei = root.flag("exact_nuclei", true);
  } else {
    liquid = read_liquid(root.section("liquid"));
    liquid.seed = used;
  }
  std::vector<std::vector<std::vector<int>>> parents;
  for (long m = 0; m < moments; ++m) {
    const ConfigSection moment = root.section(fmt::format("moment_{}", m + 1));
    if (order) {
      alloy.moments.push_back(read_ordered_nuclei(moment));
    } else {
      liquid.moments.push_back(read_crystals(moment));
    }
    const std::size_t nuclei = order ? alloy.moments.back().size() : liquid.moments.back().size();
    parents.push_back(read_all_parents(moment, nuclei, m == 0));
  }
  config.reject_unknown_keys();
  alloy.parents = liquid.parents = parents;
  return {order ? specimen::build_phantom(alloy) : specimen::build_phantom(liquid),
          specimen::planted_events(parents)};
}

int phantom_moments(const std::filesystem::path& file) {
  return static_cast<int>(core::Config::from_file(file).root().integer("moments", {1, 20}));
}

nlohmann::ordered_json events_json(const std::vector<specimen::PlantedEvent>& events) {
  constexpr std::array kinds{"merge", "divide", "nucleate", "dissolve"};
  const auto from_one = [](std::vector<int> numbers) {
    for (int& n : numbers)
      ++n;
    return numbers;
  };
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const specimen::PlantedEvent& e : events)
    list.push_back({{"moment", e.moment + 1},
                    {"kind", kinds.at(static_cast<std::size_t>(e.kind))},
                    {"from", from_one(e.from)},
                    {"to", from_one(e.to)}});
  return list;
}

} // namespace aet::validation
