// Debian's Open MPI headers pull in the removed C++ bindings unless told not to.
#define OMPI_SKIP_MPICXX 1 // NOLINT(cppcoreguidelines-macro-usage): the name is Open MPI's
#define LAMMPS_LIB_MPI 1   // NOLINT(cppcoreguidelines-macro-usage): declares lammps_open with a communicator
#include "sim/md/worker/session.hpp"

#include "sim/core/elements.hpp"
#include "sim/core/error.hpp"

#include <fmt/core.h>
#include <lammps/library.h>

#include <array>
#include <cmath>
#include <fstream>
#include <vector>

namespace aet::md::worker {

namespace {

constexpr const char* integrator = "integrate"; // id of the one time-integration fix

/// 17 digits read back as the same double.
std::string digits(double value) {
  return fmt::format("{:.17g}", value);
}

} // namespace

Session::Session(MPI_Comm comm, const std::string& log, bool append) {
  // The screen stays LAMMPS' stdout, which the parent reads: an error on a rank other than 0 is written
  // nowhere else.
  std::vector<std::string> words{"aetval-md", "-log", append ? "none" : log, "-nocite", "-suffix", "opt"};
  std::vector<char*> arguments;
  arguments.reserve(words.size());
  for (std::string& word : words)
    arguments.push_back(word.data());
  handle_ = lammps_open(static_cast<int>(arguments.size()), arguments.data(), comm, nullptr);
  if (handle_ == nullptr) throw core::ExternalError("LAMMPS could not be started");
  if (append) command("log " + log + " append");
}

Session::~Session() {
  lammps_close(handle_);
}

// The text returned belongs to LAMMPS.
void Session::command(const std::string& text) const {
  lammps_command(handle_, text.c_str());
}

void Session::set_up(const Job& job) {
  const core::Cell& cell = *job.atoms.cell;
  const std::vector<int> types = atom_types(job.atoms);
  command("units metal");
  command("atom_style atomic");
  command("atom_modify map array");
  const auto boundary = [&](std::size_t k) { return cell.periodic[k] ? "p" : "f"; };
  command(fmt::format("boundary {} {} {}", boundary(0), boundary(1), boundary(2)));
  std::string block;
  for (int k = 0; k < 3; ++k)
    block += fmt::format(" {} {}", digits(-0.5 * cell.vectors(k, k)), digits(0.5 * cell.vectors(k, k)));
  command("region box block" + block + " units box");
  command(fmt::format("create_box {} box", types.size()));

  std::vector<int> ids;
  std::vector<int> type;
  std::vector<double> x;
  std::vector<double> v;
  const bool moving = job.atoms.columns.count("vx") != 0;
  for (std::size_t i = 0; i < job.atoms.size(); ++i) {
    ids.push_back(static_cast<int>(i) + 1);
    int t = 1;
    while (types[static_cast<std::size_t>(t) - 1] != job.atoms.atomic_numbers[i])
      ++t;
    type.push_back(t);
    for (int k = 0; k < 3; ++k)
      x.push_back(job.atoms.positions[i][k]);
    if (moving)
      for (const char* name : {"vx", "vy", "vz"})
        v.push_back(job.atoms.columns.at(name)[i]);
  }
  const int made = lammps_create_atoms(handle_, static_cast<int>(ids.size()), ids.data(), type.data(),
                                       x.data(), moving ? v.data() : nullptr, nullptr, 0);
  if (static_cast<std::size_t>(lammps_get_natoms(handle_)) != job.atoms.size())
    throw core::DataError(
        fmt::format("LAMMPS took {} of {} atoms; is one on a face of the box?", made, job.atoms.size()));

  set_up_interactions(job);
}

void Session::set_up_interactions(const Job& job) {
  const std::vector<int> types = atom_types(job.atoms);
  if (job.style == PotentialStyle::lj_cut) {
    const LennardJones lj = read_lennard_jones(job.potential);
    command("pair_style lj/cut " + digits(lj.cutoff_a));
    for (std::size_t t = 0; t < types.size(); ++t) {
      const auto found = lj.elements.find(types[t]);
      if (found == lj.elements.end())
        throw core::DataError(
            fmt::format("the potential file does not hold {}", core::element_symbol(types[t])));
      const double sigma =
          found->second.r0_a / std::pow(2.0, 1.0 / 6.0); // LAMMPS wants the zero, not the minimum
      command(fmt::format("pair_coeff {} {} {} {}", t + 1, t + 1, digits(found->second.epsilon_ev),
                          digits(sigma)));
      command(fmt::format("mass {} {}", t + 1, digits(core::atomic_mass(types[t]))));
    }
    command("pair_modify mix arithmetic");
  } else {
    command("pair_style " + style_name(job.style));
    std::string elements;
    if (job.style != PotentialStyle::eam)
      for (const int z : types)
        elements += fmt::format(" {}", core::element_symbol(z));
    command("pair_coeff * * " + job.potential + elements);
  }
  // With "check yes" at every step a skin of 1 angstrom is never outrun; it is the fastest for hot metal.
  command("neighbor 1.0 bin");
  command("neigh_modify every 1 delay 0 check yes");
  command("timestep " + digits(job.timestep_ps));
  command("thermo_style custom step temp pe etotal press");
  command("thermo_modify flush yes");
}

void Session::write_state(const std::string& state_file) const {
  command("write_restart " + state_file);
}

void Session::restore(const Job& job, const std::string& state_file, long step) {
  command("clear");
  command("read_restart " + state_file);
  set_up_interactions(job);
  step_ = step;
}

void Session::begin(const Stage& stage) {
  if (stage.draw)
    command(fmt::format("velocity all create {} {} mom yes rot yes dist gaussian",
                        digits(stage.draw->temperature_k), stage.draw->seed));
  if (stage.remove_momentum) {
    command("velocity all zero linear");
    command("velocity all zero angular");
  }
  go_on(stage);
}

void Session::go_on(const Stage& stage) {
  std::string fix = fmt::format("fix {} all {}", integrator, ensemble_name(stage.ensemble));
  if (has_thermostat(stage.ensemble))
    fix +=
        fmt::format(" temp {} {} {}", digits(stage.begin_k), digits(stage.end_k), digits(stage.damping_ps));
  if (has_barostat(stage.ensemble))
    fix +=
        fmt::format(" {} {} {} {}", stage.coupling == Coupling::iso ? "iso" : "z", digits(stage.pressure_bar),
                    digits(stage.pressure_bar), digits(stage.pressure_damping_ps));
  command(fix);
  command(fmt::format("thermo {}", stage.thermo_every));
}

void Session::advance(const Stage& stage, long from, long steps, bool fresh) {
  // One run in pieces: "pre no" carries on where the last piece stopped, start and stop keep the ramp of
  // temperature whole.
  const long start = step_ - from;
  command(fmt::format("run {} start {} stop {} pre {} post no", steps, start, start + stage.steps,
                      fresh ? "yes" : "no"));
  step_ += steps;
}

void Session::end() {
  command(fmt::format("unfix {}", integrator));
}

ThermoRow Session::thermo(const Stage& stage, double timestep_ps, std::size_t atoms) const {
  ThermoRow row;
  row.step = step_;
  row.time_ps = static_cast<double>(step_) * timestep_ps;
  row.temperature_k = lammps_get_thermo(handle_, "temp");
  row.potential_ev_per_atom = lammps_get_thermo(handle_, "pe") / static_cast<double>(atoms);
  row.total_ev = lammps_get_thermo(handle_, "etotal");
  row.pressure_bar = lammps_get_thermo(handle_, "press");
  row.stage = stage.name;
  return row;
}

Frame Session::frame(std::size_t atoms, bool velocities) const {
  const auto gather = [&](const char* name, int type, void* into) {
    std::string writable = name; // LAMMPS takes char*
    lammps_gather_atoms(handle_, writable.data(), type, 3, into);
  };
  std::array<double, 3> low{};
  std::array<double, 3> high{};
  lammps_extract_box(handle_, low.data(), high.data(), nullptr, nullptr, nullptr, nullptr, nullptr);
  std::vector<double> x(3 * atoms);
  std::vector<int> image(3 * atoms);
  gather("x", 1, x.data());
  gather("image", 0, image.data());
  Frame frame;
  frame.step = step_;
  frame.edges = core::Vec3(high[0] - low[0], high[1] - low[1], high[2] - low[2]);
  for (std::size_t i = 0; i < atoms; ++i) {
    core::Vec3 p;
    for (int k = 0; k < 3; ++k) {
      const std::size_t at = 3 * i + static_cast<std::size_t>(k);
      p[k] = x[at] + image[at] * (*frame.edges)[k];
    }
    frame.positions.push_back(p);
  }
  if (!velocities) return frame;
  gather("v", 1, x.data());
  for (std::size_t i = 0; i < atoms; ++i)
    frame.velocities.emplace_back(x[3 * i], x[3 * i + 1], x[3 * i + 2]);
  return frame;
}

int Session::version_date() const {
  return lammps_version(handle_);
}

std::string version_from_log(const std::filesystem::path& log) {
  std::ifstream stream(log);
  std::string line;
  std::getline(stream, line);
  const auto open = line.find('(');
  const auto close = line.rfind(')');
  return open != std::string::npos && close != std::string::npos && close > open
             ? line.substr(open + 1, close - open - 1)
             : line;
}

} // namespace aet::md::worker
