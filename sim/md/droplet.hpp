// Truth by molecular dynamics: a metal droplet is melted, quenched and held while it crystallises; three
// moments of that are cooled to the temperature of the microscope and averaged.
//
// Why cool: an atomic model can only be traced of atoms that stay where they are. Zhou et al. 2019's
// particles were annealed, cooled, and imaged at room temperature; so are these. A mean over ten frames of
// the hot, half-liquid droplet itself has atoms that jumped in between, at places where no atom ever was.
#pragma once

#include "sim/core/progress.hpp"
#include "sim/md/choose_times.hpp"
#include "sim/md/fcc_sites.hpp"
#include "sim/md/job.hpp"
#include "sim/md/onset.hpp"
#include "sim/md/run_job.hpp"
#include "sim/md/trajectory.hpp"

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <vector>

namespace aet::md {

enum class System {
  droplet, ///< a sphere in a large box; NVT
  bulk,    ///< a periodic crystal to start from; NPT, all edges alike
};

/// Melt, quench, rest, hold; the hold is what is recorded, and may itself go to another temperature.
/// Temperatures belong to the potential: Pt_u3.eam melts well below platinum (inputs/potentials/README.md).
struct DropletProtocol {
  System system = System::droplet;
  int atomic_number = 78;           ///< of the one element, 1..118; the potential must hold it
  double lattice_constant_a = 3.92; ///< of the fcc sphere at the start [angstrom], 2..10
  int atoms = 600;                  ///< exactly, 13..1000000; of a bulk system 4 n^3
  double margin_a = 15.0;    ///< between the sphere and each face of the periodic box [angstrom], 8..200
  double melt_k = 2200.0;    ///< [K], 1..20000
  double melt_ps = 10.0;     ///< [ps], 0.1..100000
  double quench_ps = 20.0;   ///< from melt_k to hold_k [ps], 0.1..100000
  double rest_ps = 0.0;      ///< at hold_k, not recorded [ps], 0..100000
  double hold_k = 800.0;     ///< [K], 1..20000
  double hold_end_k = 0.0;   ///< at the end of the hold [K], 1..20000; 0: hold_k
  double hold_ps = 120.0;    ///< [ps], 1..1000000
  double frame_ps = 1.0;     ///< between frames of the hold [ps], a multiple of the time step, >= 0.01
  double watch_ps = 0.0;     ///< between frames of the hold shown to the watcher [ps]; 0: none; frame_ps is a
                             ///< multiple of it
  double timestep_fs = 2.0;  ///< 0.1..10
  double damping_ps = 0.1;   ///< of the thermostat, 0.001..100
  double pressure_bar = 0.0; ///< bulk only, -1e6..1e6
  double pressure_damping_ps = 1.0; ///< bulk only, 0.01..1000
  std::uint64_t seed = 1;           ///< of the velocities at the start
};

/// From a moment of the hold to the microscope.
///
/// The default temperature is not 300 K but the one at which Pt_u3.eam vibrates as platinum does at room
/// temperature: the potential is soft (it melts near 1530 K, platinum at 2041 K). Measured with it in bulk:
/// u_rms 0.085 A at 300 K, 0.052 A at 120 K, hence 0.065 A at 180 K; platinum at 293 K has 0.064 A (Debye
/// model, theta = 230 K).
struct ImagingProtocol {
  double temperature_k = 180.0; ///< of the model when it is imaged [K], 1..20000
  double cool_ps = 5.0;         ///< from the hold to temperature_k [ps], 0.1..10000
  double settle_ps = 5.0;       ///< at temperature_k, not recorded [ps], 0..10000
  int frames = 10;              ///< that are averaged, 2..1000
  double frame_ps = 1.0;        ///< between them [ps], a multiple of the time step, >= 0.01
  /// Only atoms this near to the centre become the specimen [angstrom], 0 or 3..1000. 0: the whole droplet;
  /// of a bulk system the largest sphere in its box.
  double cut_radius_a = 0.0;
};

/// Find the temperature to hold at: the paper held 5 % above the temperature at which crystallisation began
/// on cooling (1100 K after 1050 K, Zhou et al., Nature 570, 500 (2019), Methods).
struct ScanProtocol {
  double from_k = 1300.0;          ///< [K], 1..20000
  double to_k = 500.0;             ///< [K], 1..from_k
  double scan_ps = 400.0;          ///< [ps], 10..100000
  double factor = 1100.0 / 1050.0; ///< hold temperature over onset temperature, 0.5..2
};

/// \throws ConfigError naming the option, its value, what is allowed.
void validate(const DropletProtocol& protocol);
void validate(const ImagingProtocol& protocol);
void validate(const ScanProtocol& protocol);

/// Stages "melt", "quench", "rest" where there is one, "hold"; frames in "hold" only.
[[nodiscard]] Job droplet_job(const DropletProtocol& protocol, PotentialStyle style);

/// Stages "melt", "quench" to scan.from_k, and "scan" down to scan.to_k; no frames.
[[nodiscard]] Job scan_job(const DropletProtocol& protocol, const ScanProtocol& scan, PotentialStyle style);

/// Stages "cool", "settle", "image"; frames in "image" only. Starts from frame `index` of the hold with its
/// velocities.
/// \throws DataError if there is no such frame or it holds no velocities.
[[nodiscard]] Job imaging_job(const DropletProtocol& droplet, const ImagingProtocol& imaging,
                              PotentialStyle style, const Trajectory& hold, std::size_t index);

/// One moment of the hold as the microscope meets it.
struct TruthFrame {
  core::Atoms atoms;    ///< mean positions, columns u_rms and u_window (mean_frame()); centred on the origin
  double time_ps = 0.0; ///< since the start of the hold
  std::size_t hold_frame = 0; ///< index into the hold's trajectory
  double minimum_distance_a = 0.0;
  double potential_ev_per_atom = 0.0; ///< mean over the averaged frames, at the imaging temperature
};

struct DropletTruth {
  std::vector<TruthFrame> frames; ///< one per level of the choice of times
  ChosenTimes times;
  std::vector<double> hold_energy_ev; ///< potential energy per atom at each frame of the hold
  double hold_k = 0.0;                ///< as asked for, or as the scan found it
  std::optional<Onset> onset;         ///< of the scan, if there was one
  double wall_s = 0.0;                ///< of all jobs, finished earlier or now
};

/// A curve that rises as the hold crystallises, one value per frame (such as the crystalline fraction).
using OrderCurve = std::function<std::vector<double>(const Trajectory& hold)>;

struct DropletOptions {
  DropletProtocol droplet;
  std::optional<ScanProtocol> scan; ///< then it, not the protocol, says at what temperature to hold
  ImagingProtocol imaging;
  TimeChoiceOptions times;
  OrderCurve order_curve; ///< chooses the times; empty: the potential energy, which falls, does
  PotentialFile
      potential; ///< a path "zhou2004" stands for zhou_setfl() of the element, in the folder of the run
  WorkerOptions worker;
};

/// False for "zhou2004" in the place of a path, which is made where it is needed.
[[nodiscard]] bool is_file(const PotentialFile& potential);

/// The potential a run in `folder` reads; makes the file if it is one of ours.
/// \throws DataError for an element that zhou_setfl() does not know, ExternalError if the disk is full.
[[nodiscard]] PotentialFile potential_of(const DropletOptions& options, const std::filesystem::path& folder);

/// \throws ConfigError or DataError for anything wrong with the options, the potential file included.
void validate(const DropletOptions& options);

/// MD steps and atom-steps of the whole of make_droplet_truth(), for predictions.
[[nodiscard]] double predicted_atom_steps(const DropletOptions& options);

/// Run the scan, if asked for, in folder/scan, the hold in folder/hold, choose the times, and image each in
/// folder/t000, t001, ... A job that is_finished() is not run again. Equal options (number of ranks included)
/// give equal atoms.
/// \throws as run_job(), and DataError if a mean frame has two atoms closer than 60 % of the
///   nearest-neighbour distance of the fcc crystal.
DropletTruth make_droplet_truth(const DropletOptions& options, const std::filesystem::path& folder,
                                const core::ProgressSink& progress = {});

} // namespace aet::md
