#include "validation/case/case_md.hpp"

#include "sim/core/elements.hpp"
#include "sim/core/error.hpp"

#include <fmt/core.h>

#include <optional>

namespace aet::validation {

namespace {

using core::ConfigSection;

/// KEY_k in kelvin or KEY_t_over_tm in parts of melting_k, not both.
double read_temperature(const ConfigSection& s, const std::string& name, double fallback) {
  const std::string kelvin = name + "_k";
  const std::string part = name + "_t_over_tm";
  if (!s.has(part)) return s.number(kelvin, fallback, {1, 20000});
  if (s.has(kelvin)) s.fail(part, fmt::format("{} says the same; give one of the two", kelvin));
  if (!s.has("melting_k"))
    s.fail(part, "melting_k is missing: the melting point of the potential, not of the element [K] "
                 "(inputs/potentials/README.md has some)");
  return s.number(part, {0.01, 5}) * s.number("melting_k", {1, 20000});
}

md::ScanProtocol read_scan(const ConfigSection& s) {
  md::ScanProtocol scan;
  scan.from_k = s.number("from_k", scan.from_k, {1, 20000});
  scan.to_k = s.number("to_k", scan.to_k, {1, 20000});
  scan.scan_ps = s.number("scan_ps", scan.scan_ps, {10, 1e5});
  scan.factor = s.number("hold_over_onset", scan.factor, {0.5, 2});
  return scan;
}

void read_protocol(const ConfigSection& s, md::DropletProtocol& d) {
  const std::string symbol = s.text("element", "Pt");
  try {
    d.atomic_number = core::atomic_number(symbol);
  } catch (const core::DataError& e) {
    s.fail("element", e.what());
  }
  d.system =
      s.choice("system", "droplet", {"droplet", "bulk"}) == "bulk" ? md::System::bulk : md::System::droplet;
  d.atoms = static_cast<int>(s.integer("atoms", d.atoms, {13, 1e6}));
  d.lattice_constant_a = s.number("lattice_constant_a", d.lattice_constant_a, {2, 10});
  d.melt_k = read_temperature(s, "melt", d.melt_k);
  d.melt_ps = s.number("melt_ps", d.melt_ps, {0.1, 1e5});
  d.quench_ps = s.number("quench_ps", d.quench_ps, {0.1, 1e5});
  d.rest_ps = s.number("rest_ps", d.rest_ps, {0, 1e5});
  if (s.has("scan")) {
    if (s.has("hold_k") || s.has("hold_t_over_tm"))
      s.fail(s.has("hold_k") ? "hold_k" : "hold_t_over_tm", "the table scan finds it; give one of the two");
  } else {
    d.hold_k = read_temperature(s, "hold", d.hold_k);
    if (s.has("hold_end_k") || s.has("hold_end_t_over_tm"))
      d.hold_end_k = read_temperature(s, "hold_end", 0.0);
  }
  d.hold_ps = s.number("hold_ps", d.hold_ps, {1, 1e6});
  d.frame_ps = s.number("frame_ps", d.frame_ps, {0.01, 1000});
  d.watch_ps = s.number("order_every_ps", d.watch_ps, {0, 1000});
  d.timestep_fs = s.number("timestep_fs", d.timestep_fs, {0.1, 10});
  if (d.system == md::System::bulk) {
    d.pressure_bar = s.number("pressure_bar", d.pressure_bar, {-1e6, 1e6});
    d.pressure_damping_ps = s.number("pressure_damping_ps", d.pressure_damping_ps, {0.01, 1000});
  }
}

} // namespace

MdTruth read_md(const ConfigSection& s, std::uint64_t seed) {
  MdTruth truth;
  md::DropletOptions& o = truth.options;
  read_protocol(s, o.droplet);
  o.droplet.seed = seed;
  if (s.has("scan")) o.scan = read_scan(s.section("scan"));
  md::ImagingProtocol& i = o.imaging;
  i.temperature_k = read_temperature(s, "imaging", i.temperature_k);
  i.cool_ps = s.number("cool_ps", i.cool_ps, {0.1, 1e4});
  i.settle_ps = s.number("settle_ps", i.settle_ps, {0, 1e4});
  i.frames = static_cast<int>(s.integer("frames_averaged", i.frames, {2, 1000}));
  i.cut_radius_a = s.number("cut_radius_a", i.cut_radius_a, {0, 1000});
  if (o.droplet.watch_ps > 0.0)
    truth.watch.frames_averaged =
        static_cast<int>(s.integer("order_frames_averaged", truth.watch.frames_averaged, {1, 1000}));
  o.potential.path = s.text("potential", o.potential.path.string());
  o.potential.style = md::style_from_name(s.choice("potential_style", md::style_name(o.potential.style),
                                                   {"eam", "eam/alloy", "eam/fs", "lj/cut"}));
  o.worker.ranks = static_cast<int>(s.integer("ranks", 2, {1, 1024}));
  o.times.levels = s.numbers("moments", o.times.levels, {0.01, 0.99});
  if (o.times.levels.empty())
    s.fail("moments", "at least one moment is needed, for example [0.15, 0.5, 0.85]");
  return truth;
}

} // namespace aet::validation
