// Crystals at rest: lattice constants, energies, elastic constants.
#include "sim/core/io/file.hpp"
#include "sim/md/run_job.hpp"
#include "sim/md/thermo.hpp"
#include "tests/bench/md_parts.hpp"
#include "tests/support/lattice_sums.hpp"

#include <fmt/core.h>
#include <nlohmann/json.hpp>

namespace aet::bench {

namespace {

using nlohmann::json;
using test::minimise;
using test::Minimum;

/// Energy per atom by the worker.
double energy_of(const core::Atoms& atoms, const md::PotentialFile& potential,
                 const std::filesystem::path& folder) {
  md::Job job;
  job.atoms = atoms;
  job.style = potential.style;
  md::Stage stage;
  stage.name = "static";
  stage.ensemble = md::Ensemble::nve;
  stage.thermo_every = 1;
  job.stages = {stage};
  md::WorkerOptions one;
  one.ranks = 1;
  md::run_job(job, potential, folder, one);
  return md::read_thermo(folder / md::thermo_name).at(0).potential_ev_per_atom;
}

json cubic(const Minimum& m) {
  return {{"a", m.x}, {"e_coh", m.value}};
}

/// L1_0 of Fe and Pt: a and c at the minimum of the energy, by turns.
json l1_0(double cutoff, double fe_energy, double pt_energy) {
  const auto cell = md::l1_cell(26, 26, 78);
  double a = 3.86;
  double c = 3.72;
  double energy = 0.0;
  for (int turn = 0; turn < 30; ++turn) {
    const auto in_a = [&](double x) {
      return test::zhou_energy(cell, core::Vec3(x, x, c).asDiagonal(), cutoff);
    };
    a = minimise(in_a, a, 0.01).x;
    const auto in_c = [&](double x) {
      return test::zhou_energy(cell, core::Vec3(a, a, x).asDiagonal(), cutoff);
    };
    const Minimum m = minimise(in_c, c, 0.01);
    c = m.x;
    energy = m.value;
  }
  return {{"a", a},
          {"c_over_a", c / a},
          {"e_per_atom", energy},
          {"formation_ev_per_atom", energy - 0.5 * (fe_energy + pt_energy)},
          {"a_experiment", 3.852},
          {"c_over_a_experiment", 0.964}};
}

json l1_2(int minority, int majority, double start, double experiment, double cutoff, double minority_energy,
          double majority_energy) {
  const auto cell = md::l1_cell(minority, majority, majority);
  const Minimum m = minimise(
      [&](double a) { return test::zhou_energy(cell, a * core::Mat3::Identity(), cutoff); }, start, 0.02);
  return {{"a", m.x},
          {"e_per_atom", m.value},
          {"formation_ev_per_atom", m.value - 0.25 * minority_energy - 0.75 * majority_energy},
          {"a_experiment", experiment}};
}

json elastic_of(const std::vector<md::CellAtom>& cell, double a, double cutoff) {
  const test::Elastic e = test::elastic(cell, a, cutoff);
  return {{"c11_gpa", e.c11}, {"c12_gpa", e.c12}, {"c44_gpa", e.c44}};
}

} // namespace

void static_part(const MdBench& bench, json& out) {
  const auto folder = bench.folder / "static";
  const auto foiles = [&](double a) { return energy_of(md::fcc_bulk(78, a, 3), {}, folder); };
  const Minimum pt_u3 = minimise(foiles, 3.92, 0.01);
  out["a0"] = pt_u3.x;
  out["e_coh"] = pt_u3.value;

  constexpr double cutoff = 9.0; // the functions have faded; tables end at the fifth shell of fcc Pt, 6.2 A
  const auto of = [&](const std::vector<md::CellAtom>& cell) {
    return [cell](double a) { return test::zhou_energy(cell, a * core::Mat3::Identity(), cutoff); };
  };
  const Minimum pt = minimise(of(md::fcc_cell(78)), 3.92, 0.02);
  const Minimum fe = minimise(of(md::bcc_cell(26)), 2.866, 0.02);
  json zhou;
  zhou["pt"] = cubic(pt);
  zhou["pt"].update(elastic_of(md::fcc_cell(78), pt.x, cutoff));
  zhou["fe"] = cubic(fe);
  zhou["fe"].update(elastic_of(md::bcc_cell(26), fe.x, cutoff));
  zhou["fe_fcc"] = cubic(minimise(of(md::fcc_cell(26)), 3.6, 0.02));
  zhou["l1_0_fept"] = l1_0(cutoff, fe.value, pt.value);
  zhou["l1_2_fe3pt"] = l1_2(78, 26, 3.75, 3.730, cutoff, pt.value, fe.value);
  zhou["l1_2_fept3"] = l1_2(26, 78, 3.87, 3.866, cutoff, fe.value, pt.value);
  // LAMMPS with the table of the same potential, at those places.
  const md::PotentialFile table{bench.folder / "FePt.eam.alloy", md::PotentialStyle::eam_alloy};
  core::write_file(table.path, md::zhou_setfl({26, 78}));
  const double a = zhou["l1_0_fept"]["a"];
  const double c = a * zhou["l1_0_fept"]["c_over_a"].get<double>();
  const double a12 = zhou["l1_2_fept3"]["a"];
  zhou["lammps_minus_sums_ev"] = {
      {"pt", energy_of(md::fcc_bulk(78, pt.x, 4), table, folder) - pt.value},
      {"l1_0_fept", energy_of(md::bulk(md::l1_cell(26, 26, 78), {a, a, c}, {4, 4, 4}), table, folder) -
                        zhou["l1_0_fept"]["e_per_atom"].get<double>()},
      {"l1_2_fept3",
       energy_of(md::bulk(md::l1_cell(26, 78, 78), core::Vec3::Constant(a12), {4, 4, 4}), table, folder) -
           zhou["l1_2_fept3"]["e_per_atom"].get<double>()}};
  out["zhou"] = zhou;

  const md::PotentialFile interface {
    std::filesystem::path(AET_SOURCE_DIR) / "inputs/potentials/Pt_interface.lj", md::PotentialStyle::lj_cut
  };
  out["lennard_jones_pt"] = cubic(
      minimise([&](double x) { return energy_of(md::fcc_bulk(78, x, 7), interface, folder); }, 3.91, 0.02));
}

} // namespace aet::bench
