#include "validation/case/case_md.hpp"

#include "sim/core/elements.hpp"
#include "sim/core/error.hpp"

#include <fmt/core.h>

#include <optional>

namespace aet::validation {

namespace {

using core::ConfigSection;

/// KEY_k in kelvin or KEY_t_over_tm in parts of melting_k, not both.
double read_temperature(const ConfigSection& s, const std::string& name, double fallback,
                        const std::string& meaning) {
  const std::string kelvin = name + "_k";
  const std::string part = name + "_t_over_tm";
  if (!s.has(part)) return s.number(kelvin, fallback, {1, 20000}, meaning);
  if (s.has(kelvin)) s.fail(part, fmt::format("{} says the same; give one of the two", kelvin));
  if (!s.has("melting_k"))
    s.fail(part, "melting_k is missing: the melting point of the potential, not of the element [K] "
                 "(inputs/potentials/README.md has some)");
  return s.number(part, {0.01, 5}, meaning) *
         s.number("melting_k", {1, 20000}, "melting point of the potential, not of the element");
}

md::ScanProtocol read_scan(const ConfigSection& s) {
  md::ScanProtocol scan;
  scan.from_k = s.number("from_k", scan.from_k, {1, 20000}, "the scan begins at this temperature");
  scan.to_k = s.number("to_k", scan.to_k, {1, 20000}, "and cools to this one");
  scan.scan_ps = s.number("scan_ps", scan.scan_ps, {10, 1e5}, "time it takes");
  scan.factor = s.number("hold_over_onset", scan.factor, {0.5, 2},
                         "temperature of the hold over that at which crystallisation begins");
  return scan;
}

void read_protocol(const ConfigSection& s, md::DropletProtocol& d) {
  const std::string symbol = s.text("element", "Pt", "of the specimen");
  try {
    d.atomic_number = core::atomic_number(symbol);
  } catch (const core::DataError& e) {
    s.fail("element", e.what());
  }
  d.system = s.choice("system", "droplet", {"droplet", "bulk"},
                      "a droplet in vacuum, or a periodic box at constant pressure") == "bulk"
                 ? md::System::bulk
                 : md::System::droplet;
  d.atoms =
      static_cast<int>(s.integer("atoms", d.atoms, {13, 1e6}, "number of them; of a bulk system 4 n^3"));
  d.lattice_constant_a =
      s.number("lattice_constant_a", d.lattice_constant_a, {2, 10}, "of the crystal at the start");
  d.melt_k = read_temperature(s, "melt", d.melt_k, "at which it is melted");
  d.melt_ps = s.number("melt_ps", d.melt_ps, {0.1, 1e5}, "time it is kept molten");
  d.quench_ps = s.number("quench_ps", d.quench_ps, {0.1, 1e5}, "time of cooling to the hold");
  d.rest_ps =
      s.number("rest_ps", d.rest_ps, {0, 1e5}, "time at the hold's temperature before it is recorded");
  if (s.has("scan")) {
    if (s.has("hold_k") || s.has("hold_t_over_tm"))
      s.fail(s.has("hold_k") ? "hold_k" : "hold_t_over_tm", "the table scan finds it; give one of the two");
  } else {
    d.hold_k = read_temperature(s, "hold", d.hold_k, "at which it crystallises");
    if (s.has("hold_end_k") || s.has("hold_end_t_over_tm"))
      d.hold_end_k = read_temperature(s, "hold_end", 0.0, "at the end of the hold, where it differs");
  }
  d.hold_ps = s.number("hold_ps", d.hold_ps, {1, 1e6}, "length of the hold");
  d.frame_ps = s.number("frame_ps", d.frame_ps, {0.01, 1000}, "between recorded frames of the hold");
  d.watch_ps = s.number("order_every_ps", d.watch_ps, {0, 1000},
                        "between frames in which order is looked for while the hold runs; 0: none");
  d.timestep_fs = s.number("timestep_fs", d.timestep_fs, {0.1, 10}, "of the integration");
  if (d.system == md::System::bulk) {
    d.pressure_bar = s.number("pressure_bar", d.pressure_bar, {-1e6, 1e6}, "of a bulk system");
    d.pressure_damping_ps =
        s.number("pressure_damping_ps", d.pressure_damping_ps, {0.01, 1000}, "of its barostat");
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
  i.temperature_k = read_temperature(
      s, "imaging", i.temperature_k,
      "at which moments are imaged; the potential vibrates there as the metal at room temperature");
  i.cool_ps = s.number("cool_ps", i.cool_ps, {0.1, 1e4}, "time of cooling a moment to it");
  i.settle_ps = s.number("settle_ps", i.settle_ps, {0, 1e4}, "time at it before frames are averaged");
  i.frames = static_cast<int>(s.integer("frames_averaged", i.frames, {2, 1000}, "for each imaged moment"));
  i.cut_radius_a =
      s.number("cut_radius_a", i.cut_radius_a, {0, 1000},
               "of the sphere that is imaged; 0: all atoms, of a bulk system the largest sphere");
  if (o.droplet.watch_ps > 0.0)
    truth.watch.frames_averaged =
        static_cast<int>(s.integer("order_frames_averaged", truth.watch.frames_averaged, {1, 1000},
                                   "frames whose mean positions are looked at for order"));
  o.potential.path = s.text("potential", o.potential.path.string(), "file that LAMMPS reads, or zhou2004");
  o.potential.style = md::style_from_name(s.choice("potential_style", md::style_name(o.potential.style),
                                                   {"eam", "eam/alloy", "eam/fs", "lj/cut"}, "its format"));
  o.worker.ranks = static_cast<int>(s.integer(
      "ranks", 2, {1, 1024}, "processes of LAMMPS; another number gives another, equally valid truth"));
  o.times.levels = s.numbers("moments", o.times.levels, {0.01, 0.99},
                             "that are imaged, as part of the way from liquid to crystal");
  if (o.times.levels.empty())
    s.fail("moments", "at least one moment is needed, for example [0.15, 0.5, 0.85]");
  return truth;
}

} // namespace aet::validation
