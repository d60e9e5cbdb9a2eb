#include "tests/bench/order_claims.hpp"

#include "analysis/chemistry/chemistry.hpp"
#include "analysis/chemistry/strain.hpp"
#include "analysis/moment/moment_chance.hpp"
#include "sim/core/io/lammps_dump.hpp"
#include "sim/core/random.hpp"
#include "sim/specimen/particle.hpp"
#include "sim/specimen/random_packing.hpp"
#include "tests/support/crystals.hpp"
#include "tests/support/reference_data.hpp"

#include <nlohmann/json.hpp>

#include <cmath>
#include <ctime>
#include <string>

namespace aet::bench {
namespace {

using namespace aet::analysis;
using namespace aet::test;
using core::Atoms;
using core::Vec3;
using nlohmann::json;

constexpr core::Threads threads{2};

double cpu_now() {
  return static_cast<double>(std::clock()) / CLOCKS_PER_SEC;
}

/// Found, expected and left over several sets of frames.
struct Counts {
  double found = 0.0;
  double expected = 0.0;
  double left = 0.0;

  void add(const MomentAnalysis& moment, double share) {
    const ChanceSummary s = chance_summary(moment);
    found += share * static_cast<double>(s.found);
    expected += share * s.expected;
    left += share * static_cast<double>(s.left);
  }
  void put(json& object, const std::string& name) const {
    object[name + "_found"] = found;
    object[name + "_expected"] = expected;
    object[name + "_left"] = left;
  }
};

MomentAnalysis against_fluid(std::span<const Atoms> frames) {
  MomentAnalysis moment = analyze_frames(frames, {}, threads);
  set_chance(moment, fluid_chance(frames, moment, {}, {}, threads));
  return moment;
}

} // namespace

json null_nuclei() {
  json out;
  const auto file = reference_dir() / ".." / "reproductions" / "nuclei" / "liquid_1650K.dump.gz";
  if (reference_dir().empty() || !std::filesystem::exists(file)) {
    out["liquid_found"] = out["liquid_expected"] = out["liquid_left"] = nullptr;
    out["liquid_reason"] = "../shared is not beside this checkout";
  } else {
    core::AtomFileOptions read;
    read.type_elements = {78};
    std::vector<Atoms> frames;
    core::visit_lammps_frames(file, read, [&](core::DumpFrame frame) {
      frames.push_back(std::move(frame.atoms));
      frames.back().cell.reset();
    });
    Counts one;
    Counts ten;
    for (const std::size_t f : {0U, 5U, 10U, 15U})
      one.add(against_fluid(std::span(frames).subspan(f, 1)), 0.25);
    for (const std::size_t f : {0U, 10U})
      ten.add(against_fluid(std::span(frames).subspan(f, 10)), 0.5);
    one.put(out, "liquid");
    ten.put(out, "liquid_mean_of_ten");
  }
  Counts packing;
  for (std::uint64_t seed = 101; seed < 104; ++seed) {
    Atoms atoms;
    specimen::PackingOptions options;
    options.seed = seed;
    atoms.positions = specimen::random_packing(2500, specimen::Shape{}, 22.0, {}, options);
    atoms.atomic_numbers.assign(atoms.positions.size(), 78);
    packing.add(against_fluid(std::span(&atoms, 1)), 1.0 / 3.0);
  }
  packing.put(out, "packing");
  Counts alloy;
  for (std::uint64_t seed = 101; seed < 111; ++seed) {
    specimen::ParticleOptions o;
    o.elements = {26, 78};
    o.lattice_constant_a = 3.87;
    o.facets = specimen::truncated_octahedron(1.15);
    o.atoms = 5000;
    o.seed = seed;
    ChemistryOptions options;
    options.chance.emplace();
    alloy.add(analyze_chemistry(specimen::build_particle(o).atoms, options, threads).moment, 0.1);
  }
  alloy.put(out, "alloy");
  return out;
}

json full_analysis() {
  constexpr std::uint32_t frames = 300;
  const Atoms crystal = fcc(3.92, 20);
  std::vector<NucleiSnapshot> series;
  AnalysisOptions options;
  double cpu = 0.0;
  std::size_t nuclei = 0;
  for (std::uint32_t t = 0; t < frames; ++t) {
    core::RandomStream random(4, "bench.series", {t});
    Atoms atoms = crystal;
    for (Vec3& p : atoms.positions) {
      const double order =
          std::sin(0.08 * p.x() + 0.01 * t) * std::sin(0.08 * p.y()) * std::sin(0.08 * p.z());
      p +=
          (0.12 + 0.45 * (order < 0.3 ? 1.0 : 0.0)) * Vec3(random.normal(), random.normal(), random.normal());
    }
    const double start = cpu_now();
    const MomentAnalysis moment = analyze_moment(atoms, options, threads);
    options.neighbour_cutoff_a = moment.neighbour_cutoff_a;
    series.push_back(snapshot(moment));
    cpu += cpu_now() - start;
    nuclei += moment.nuclei.size();
  }
  const double start = cpu_now();
  const Dynamics dynamics = analyze_dynamics(series, {}, threads);
  cpu += cpu_now() - start;
  return {{"frames", frames},
          {"atoms", crystal.size()},
          {"nuclei", nuclei},
          {"common_nuclei", dynamics.common.size()},
          {"events", dynamics.events.size()},
          {"cpu_s", cpu}};
}

json strain_error() {
  const double k = 0.002; // u = (k x z, 0, -k x^2 / 2): e_xx = k z
  const double sd = 0.1 / std::sqrt(3.0);
  Atoms atoms = fcc_ball(3.87, 18.0);
  const std::vector<Vec3> straight = atoms.positions;
  for (Vec3& p : atoms.positions)
    p += Vec3(k * p.x() * p.z(), 0.0, -0.5 * k * p.x() * p.x());
  atoms = shaken(atoms, sd, 5);
  const LatticeSites sites =
      lattice_sites(atoms.positions, core::neighbours_within(atoms.positions, std::nullopt, 3.3));
  const std::vector<Vec3> errors(atoms.size(), Vec3::Constant(sd));
  const StrainField field = strain_field(atoms.positions, sites, {}, errors, threads);
  double squares = 0.0;
  double stated = 0.0;
  double count = 0.0;
  for (std::size_t i = 0; i < atoms.size(); ++i) {
    if (field.valid[i] == 0 || straight[i].norm() > 14.0) continue;
    squares += std::pow(field.strain[i][0] - k * straight[i].z(), 2);
    stated += std::pow(field.strain_sd[i][0], 2);
    count += 1.0;
  }
  return {{"atoms", count},
          {"rms_error_of_coordinates_pm", 10.0},
          {"strain_rms_error", std::sqrt(squares / count)},
          {"stated", std::sqrt(stated / count)},
          {"displacement_rms_pm", 100.0 * field.displacement_rms_a.front()}};
}

} // namespace aet::bench
