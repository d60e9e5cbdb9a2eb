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
  scan.from_k = s.number("from_k", scan.from_k, {1, 20000}, "temperature at which the scan begins");
  scan.to_k = s.number("to_k", scan.to_k, {1, 20000}, "temperature at which it ends");
  scan.scan_ps = s.number("scan_ps", scan.scan_ps, {10, 1e5}, "duration of the scan");
  scan.factor = s.number("hold_over_onset", scan.factor, {0.5, 2},
                         "temperature of the hold, relative to the onset of crystallisation");
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
      static_cast<int>(s.integer("atoms", d.atoms, {13, 1e6}, "number of atoms; 4 n^3 for a bulk system"));
  d.lattice_constant_a = s.number("lattice_constant_a", d.lattice_constant_a, {2, 10},
                                  "lattice constant of the initial crystal");
  d.melt_k = read_temperature(s, "melt", d.melt_k, "temperature at which it is melted");
  d.melt_ps = s.number("melt_ps", d.melt_ps, {0.1, 1e5}, "time for which it is kept molten");
  d.quench_ps = s.number("quench_ps", d.quench_ps, {0.1, 1e5}, "time of cooling to the hold");
  d.rest_ps =
      s.number("rest_ps", d.rest_ps, {0, 1e5}, "time at the hold's temperature before it is recorded");
  if (s.has("scan")) {
    if (s.has("hold_k") || s.has("hold_t_over_tm"))
      s.fail(s.has("hold_k") ? "hold_k" : "hold_t_over_tm", "the table scan finds it; give one of the two");
  } else {
    d.hold_k = read_temperature(s, "hold", d.hold_k, "temperature at which it crystallises");
    if (s.has("hold_end_k") || s.has("hold_end_t_over_tm"))
      d.hold_end_k = read_temperature(s, "hold_end", 0.0, "temperature at the end of the hold, if different");
  }
  d.hold_ps = s.number("hold_ps", d.hold_ps, {1, 1e6}, "length of the hold");
  d.frame_ps = s.number("frame_ps", d.frame_ps, {0.01, 1000}, "interval between recorded frames of the hold");
  d.watch_ps = s.number("order_every_ps", d.watch_ps, {0, 1000},
                        "interval between frames analysed for order during the hold; 0: none");
  d.timestep_fs = s.number("timestep_fs", d.timestep_fs, {0.1, 10}, "of the integration");
  if (d.system == md::System::bulk) {
    d.pressure_bar = s.number("pressure_bar", d.pressure_bar, {-1e6, 1e6}, "pressure of a bulk system");
    d.pressure_damping_ps =
        s.number("pressure_damping_ps", d.pressure_damping_ps, {0.01, 1000}, "damping time of the barostat");
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
  i.temperature_k = read_temperature(s, "imaging", i.temperature_k,
                                     "temperature of the imaged moments: there the atoms of the potential "
                                     "vibrate as the metal's do at room temperature");
  i.cool_ps = s.number("cool_ps", i.cool_ps, {0.1, 1e4},
                       "time in which a moment is cooled to the imaging temperature");
  i.settle_ps = s.number("settle_ps", i.settle_ps, {0, 1e4},
                         "time at the imaging temperature before frames are averaged");
  i.frames = static_cast<int>(
      s.integer("frames_averaged", i.frames, {2, 1000}, "number of frames averaged for each imaged moment"));
  i.cut_radius_a =
      s.number("cut_radius_a", i.cut_radius_a, {0, 1000},
               "radius of the imaged sphere; 0: all atoms, or the largest sphere of a bulk system");
  if (o.droplet.watch_ps > 0.0)
    truth.watch.frames_averaged =
        static_cast<int>(s.integer("order_frames_averaged", truth.watch.frames_averaged, {1, 1000},
                                   "number of frames averaged before they are analysed for order"));
  o.potential.path = s.text("potential", o.potential.path.string(), "potential file for LAMMPS, or zhou2004");
  o.potential.style =
      md::style_from_name(s.choice("potential_style", md::style_name(o.potential.style),
                                   {"eam", "eam/alloy", "eam/fs", "lj/cut"}, "format of the potential"));
  o.worker.ranks = static_cast<int>(
      s.integer("ranks", 2, {1, 1024},
                "processes of LAMMPS; a different number gives a different, equally valid truth"));
  o.times.levels = s.numbers("moments", o.times.levels, {0.01, 0.99},
                             "moments to image, as fractions of the way from liquid to crystal");
  if (o.times.levels.empty())
    s.fail("moments", "at least one moment is needed, for example [0.15, 0.5, 0.85]");
  return truth;
}

} // namespace aet::validation
