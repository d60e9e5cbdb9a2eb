// Figures of the order analysis, one JSON object on standard output: agreement with the published particles,
// exact values of crystals, invariance, speed beside LAMMPS, tracking of a long series, and the OPG model.
#include "analysis/gradient/opg_energy.hpp"
#include "analysis/gradient/opg_fit.hpp"
#include "analysis/nuclei/cluster_surface.hpp"
#include "analysis/nuclei/dynamics.hpp"
#include "analysis/nuclei/nuclei.hpp"
#include "analysis/order/bond_order.hpp"
#include "sim/core/neighbours/neighbours.hpp"
#include "sim/core/parallel.hpp"
#include "sim/core/units.hpp"
#include "sim/specimen/random_packing.hpp"
#include "tests/bench/order_claims.hpp"
#include "tests/bench/order_phantoms.hpp"
#include "tests/support/crystals.hpp"
#include "tests/support/hea_reference.hpp"
#include "tests/support/spherical_harmonics_twin.hpp"

#include <lammps/library.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <ctime>
#include <filesystem>
#include <functional>
#include <iostream>
#include <set>
#include <sstream>
#include <utility>

namespace {

using namespace aet;
using namespace aet::analysis;
using namespace aet::test;
using nlohmann::json;

/// CPU seconds of this process (other work on the machine does not count) of one call.
template <typename F> double cpu_seconds(const F& f) {
  const std::clock_t start = std::clock();
  f();
  return static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
}

/// Least of several runs: the one least disturbed.
template <typename F> double best_cpu_seconds(int runs, const F& f) {
  double best = cpu_seconds(f);
  for (int r = 1; r < runs; ++r)
    best = std::min(best, cpu_seconds(f));
  return best;
}

json hea(const char* name) {
  if (reference_dir().empty())
    return {{"max_abs_alpha", nullptr},
            {"max_abs_alpha_reason", "../shared/reference is not beside this checkout"}};
  const HeaParticle p = read_hea(name);
  const BondOrder order = bond_order(core::neighbours_within(p.positions, std::nullopt, p.cutoff));
  const auto alpha = crystalline_order(order.averaged[0], order.averaged[1]);
  const Nuclei nuclei = find_nuclei(p.positions, std::nullopt, alpha, nuclei_published_hea());
  double worst = 0.0;
  int wrong = 0;
  for (std::size_t i = 0; i < alpha.size(); ++i) {
    worst = std::max(worst, std::abs(alpha[i] - p.alpha[i]));
    const int k = nuclei.nucleus_of_atom[i];
    const long long large =
        k < 0 ? -1 : static_cast<long long>(nuclei.nuclei[static_cast<std::size_t>(k)].root);
    wrong += nuclei.root_of_atom[i] != p.root[i] || large != p.root_ge13[i] ? 1 : 0;
  }
  return {{"max_abs_alpha", worst}, {"label_mismatches", wrong}};
}

json crystal(const core::Atoms& atoms, double cutoff, double q4, double q6) {
  const BondOrder order = bond_order(core::neighbours_within(atoms.positions, atoms.cell, cutoff));
  double worst = 0.0;
  for (std::size_t i = 0; i < atoms.size(); ++i) {
    worst = std::max({worst, std::abs(order.plain[0][i] - q4), std::abs(order.plain[1][i] - q6),
                      std::abs(order.averaged[0][i] - q4), std::abs(order.averaged[1][i] - q6)});
  }
  return {{"q4", order.averaged[0][0]}, {"q6", order.averaged[1][0]}, {"max_abs_error", worst}};
}

/// Random packing: no exact values, but the slow way with angles and Legendre functions must give the same.
json liquid() {
  core::Atoms atoms;
  atoms.positions = specimen::random_packing(600, specimen::Shape{}, 14.0, {}, {});
  const core::NeighbourList list = core::neighbours_within(atoms.positions, std::nullopt, 3.6);
  const BondOrder order = bond_order(list);
  double worst = 0.0;
  double q6 = 0.0;
  for (std::size_t d = 0; d < 2; ++d) {
    const int l = order.degrees[d];
    std::vector<std::vector<std::complex<double>>> q;
    for (std::size_t i = 0; i < atoms.size(); ++i) {
      std::vector<Vec3> bonds;
      for (std::size_t e = list.first[i]; e < list.first[i + 1]; ++e)
        bonds.emplace_back(list.dx[e], list.dy[e], list.dz[e]);
      q.push_back(bond_mean_twin(l, bonds));
      worst = std::max(worst, std::abs(order.plain[d][i] - invariant_twin(l, q.back())));
    }
    for (std::size_t i = 0; i < atoms.size(); ++i) {
      auto mean = q[i];
      for (std::size_t e = list.first[i]; e < list.first[i + 1]; ++e)
        for (std::size_t m = 0; m < mean.size(); ++m)
          mean[m] += q[list.index[e]][m];
      for (auto& c : mean)
        c /= static_cast<double>(list.count(i) + 1);
      worst = std::max(worst, std::abs(order.averaged[d][i] - invariant_twin(l, mean)));
      if (d == 1) q6 += order.averaged[d][i] / static_cast<double>(atoms.size());
    }
  }
  return {{"max_abs_error_to_twin", worst}, {"mean_averaged_q6", q6}};
}

json crystals() {
  const double a = std::sqrt(7.0 / 12.0);
  const double b = std::sqrt(1.0 / 8.0);
  // hcp: P6 is -5/16 in the plane and -59/144 out of it, sin^6 is 1 and 1/27 with opposite signs of exp(6 i
  // phi).
  const double hcp6 = 13.0 * std::sqrt(1.0 / 1296.0 + 231.0 / (512.0 * 729.0));
  const BondOrder ico = bond_order(core::neighbours_within(icosahedron(2.7).positions, std::nullopt, 2.75));
  return {{"fcc", crystal(fcc(3.92, 4), 3.3, a / 4.0, b * 13.0 / 8.0)},
          {"hcp", crystal(hcp(2.77, 4), 3.3, 7.0 / 72.0, hcp6)},
          {"bcc", crystal(bcc(3.2, 4), 3.8, a / 21.0, b * (6.0 + 8.0 * 16.0 / 9.0) / 14.0)},
          {"sc", crystal(sc(2.6, 4), 3.0, a, b)},
          {"icosahedron",
           {{"q4", ico.plain[0][0]},
            {"q6", ico.plain[1][0]},
            {"max_abs_error", std::max(ico.plain[0][0], std::abs(ico.plain[1][0] - std::sqrt(11.0) / 5.0))}}},
          {"liquid", liquid()}};
}

json invariance() {
  const core::Atoms atoms = shaken(fcc_ball(3.92, 14.0), 0.3, 1);
  const BondOrder here = bond_order(core::neighbours_within(atoms.positions, std::nullopt, 3.6));
  const core::Atoms turned = rotated(atoms, {0.4, 1.2, -2.0});
  const BondOrder there = bond_order(core::neighbours_within(turned.positions, std::nullopt, 3.6));
  const auto order = shuffle(atoms.size(), 2);
  const core::Atoms listed = permuted(atoms, order);
  const BondOrder permuted_order = bond_order(core::neighbours_within(listed.positions, std::nullopt, 3.6));
  double rotation = 0.0;
  double permutation = 0.0;
  for (std::size_t i = 0; i < atoms.size(); ++i) {
    rotation = std::max(rotation, std::abs(here.averaged[1][i] - there.averaged[1][i]));
    permutation = std::max(permutation, std::abs(permuted_order.averaged[1][i] - here.averaged[1][order[i]]));
  }
  return {{"rotation_max_abs", rotation}, {"permutation_max_abs", permutation}};
}

/// LAMMPS with the same atoms and cut-off: seconds of one evaluation of compute orientorder/atom, and its
/// values.
struct LammpsOrder {
  double seconds = 0.0;
  double list_seconds =
      0.0; ///< of compute coord/atom: the same list of neighbours and their distances, no order
  std::vector<double> q4;
  std::vector<double> q6;
};

LammpsOrder lammps_order(const core::Atoms& atoms, double cutoff, int runs) {
  std::vector<std::string> words{"bench", "-log", "none", "-screen", "none", "-nocite"};
  std::vector<char*> argv;
  for (std::string& w : words)
    argv.push_back(w.data());
  void* lammps = lammps_open_no_mpi(static_cast<int>(argv.size()), argv.data(), nullptr);
  const double edge = atoms.cell->vectors(0, 0);
  const std::string text = std::to_string(edge);
  const std::string set_up =
      "units metal\natom_style atomic\natom_modify map array\nboundary p p p\nregion box block 0 " + text +
      " 0 " + text + " 0 " + text + "\ncreate_box 1 box\nmass 1 195.084\npair_style zero " +
      std::to_string(cutoff) + "\npair_coeff * *\nneighbor 0.5 bin\nthermo_modify lost ignore\n";
  lammps_commands_string(lammps, set_up.c_str());
  std::vector<double> x;
  std::vector<int> type(atoms.size(), 1);
  for (const Vec3& p : atoms.positions)
    for (int k = 0; k < 3; ++k)
      x.push_back(p[k] - edge * std::floor(p[k] / edge));
  lammps_create_atoms(lammps, static_cast<int>(atoms.size()), nullptr, type.data(), x.data(), nullptr,
                      nullptr, 0);
  lammps_commands_string(
      lammps, ("compute q all orientorder/atom degrees 2 4 6 nnn NULL\ncompute c all coord/atom cutoff " +
               std::to_string(cutoff) + "\nrun 0 post no\n")
                  .c_str());
  LammpsOrder result;
  double** values = nullptr;
  for (int r = 0; r < runs; ++r) {
    // A compute is evaluated once a step: "run 0" (not timed) makes the next request evaluate it again.
    lammps_command(lammps, "run 0 post no");
    const double seconds = cpu_seconds([&] {
      values = static_cast<double**>(lammps_extract_compute(lammps, "q", LMP_STYLE_ATOM, LMP_TYPE_ARRAY));
    });
    result.seconds = r == 0 ? seconds : std::min(result.seconds, seconds);
    lammps_command(lammps, "run 0 post no");
    const double list =
        cpu_seconds([&] { (void)lammps_extract_compute(lammps, "c", LMP_STYLE_ATOM, LMP_TYPE_VECTOR); });
    result.list_seconds = r == 0 ? list : std::min(result.list_seconds, list);
  }
  const auto* id = static_cast<const int*>(lammps_extract_atom(lammps, "id"));
  result.q4.resize(atoms.size());
  result.q6.resize(atoms.size());
  for (std::size_t i = 0; values != nullptr && i < atoms.size(); ++i) {
    result.q4[static_cast<std::size_t>(id[i] - 1)] = values[i][0];
    result.q6[static_cast<std::size_t>(id[i] - 1)] = values[i][1];
  }
  lammps_close(lammps);
  return result;
}

json speed() {
  const core::Atoms atoms = shaken(fcc(3.92, 20), 0.15, 3);
  const double cutoff = 3.5;
  BondOrder order;
  core::NeighbourList list;
  const double ours_all = best_cpu_seconds(7, [&] {
    list = core::neighbours_within(atoms.positions, atoms.cell, cutoff);
    order = bond_order(list);
  });
  const double ours_order = best_cpu_seconds(7, [&] { order = bond_order(list); });
  const LammpsOrder theirs = lammps_order(atoms, cutoff, 5);
  double difference = 0.0;
  for (std::size_t i = 0; i < atoms.size(); ++i)
    difference = std::max(
        {difference, std::abs(order.plain[0][i] - theirs.q4[i]), std::abs(order.plain[1][i] - theirs.q6[i])});
  const auto alpha = crystalline_order(order.averaged[0], order.averaged[1]);
  const double nuclei = best_cpu_seconds(3, [&] { (void)find_nuclei(atoms.positions, atoms.cell, alpha); });
  return {{"atoms", atoms.size()},
          {"mean_neighbours", static_cast<double>(list.index.size()) / static_cast<double>(atoms.size())},
          {"averaged_with_neighbours_s", ours_all},
          {"averaged_s", ours_order},
          {"lammps_unaveraged_s", theirs.seconds},
          {"lammps_neighbours_s", theirs.list_seconds},
          {"ratio_with_neighbours", theirs.seconds / ours_all},
          {"ratio", theirs.seconds / ours_order},
          {"max_abs_difference_unaveraged", difference},
          {"nuclei_s", nuclei}};
}

/// 300 frames of a bulk with crystalline regions in a disordered matrix that move a little each frame: order,
/// nuclei and common nuclei, without the making of the frames.
json tracking() {
  constexpr std::size_t frames = 300;
  const core::Atoms crystal = fcc(3.92, 20);
  const core::Threads threads{2};
  std::vector<NucleiSnapshot> series(frames);
  double wall = 0.0;
  double cpu = 0.0;
  const auto timed = [&](const auto& f) {
    const auto start = std::chrono::steady_clock::now();
    cpu += cpu_seconds(f);
    wall += std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  };
  for (std::uint32_t t = 0; t < frames; ++t) {
    core::RandomStream random(4, "bench.series", {t});
    core::Atoms atoms = crystal;
    for (Vec3& p : atoms.positions) {
      const double order =
          std::sin(0.08 * p.x() + 0.01 * t) * std::sin(0.08 * p.y()) * std::sin(0.08 * p.z());
      p +=
          (0.12 + 0.45 * (order < 0.3 ? 1.0 : 0.0)) * Vec3(random.normal(), random.normal(), random.normal());
    }
    timed([&] {
      const BondOrder order =
          bond_order(core::neighbours_within(atoms.positions, atoms.cell, 3.5, threads), {}, {}, threads);
      const auto alpha = crystalline_order(order.averaged[0], order.averaged[1]);
      const Nuclei nuclei =
          find_nuclei(atoms.positions, atoms.cell, alpha, nuclei_zhou2019_md(), {}, threads);
      series[t] = {std::to_string(t), atoms.positions, atoms.cell, nuclei.nucleus_of_atom, {}};
      for (const Nucleus& n : nuclei.nuclei)
        series[t].effective_atoms.push_back(n.effective_atoms);
    });
  }
  Dynamics dynamics;
  const double before = wall;
  timed([&] { dynamics = analyze_dynamics(series, {}, threads); });
  return {{"frames", frames},
          {"atoms", crystal.size()},
          {"threads", threads.count},
          {"wall_s", wall},
          {"cpu_s", cpu},
          {"of_that_tracking_s", wall - before},
          {"nuclei_in_last_frame", series.back().effective_atoms.size()},
          {"common_nuclei", dynamics.common.size()},
          {"events", dynamics.events.size()}};
}

json opg() {
  struct Law {
    Interface interface;
    double radius;
    double barrier;
    double (*f)(double);
    double (*df)(double);
  };
  const double pi = core::pi;
  const std::vector<Law> laws{
      {Interface::sharp, 2.0, 16.0 / 3.0 * pi, [](double) { return 1.0; }, [](double) { return 0.0; }},
      {Interface::linear, 8.0 / 3.0, 256.0 / 81.0 * pi, [](double s) { return 1.0 - s; },
       [](double) { return -1.0; }},
      {Interface::parabola_above, 2.5, 25.0 / 6.0 * pi, [](double s) { return 1.0 - s * s; },
       [](double s) { return -2.0 * s; }},
      {Interface::parabola_below, 10.0 / 3.0, 200.0 / 81.0 * pi,
       [](double s) { return (1.0 - s) * (1.0 - s); }, [](double s) { return -2.0 * (1.0 - s); }}};
  double closed = 0.0;
  double general = 0.0;
  for (const Law& law : laws) {
    const Barrier exact = closed_form_barrier(law.interface, 1.0, {});
    closed = std::max(
        {closed, std::abs(exact.critical_radius - law.radius), std::abs(exact.energy / law.barrier - 1.0)});
    const ProfileFamily family{[&](double r, double at) { return law.f(at / r); },
                               [&](double r, double at) { return law.df(at / r) / r; }};
    const Barrier numeric = solve_barrier(family, {}, 0.1, 30.0);
    general = std::max({general, std::abs(numeric.critical_radius / law.radius - 1.0),
                        std::abs(numeric.energy / law.barrier - 1.0)});
  }

  int violations = 0;
  core::RandomStream random(5, "bench.monotone");
  for (int trial = 0; trial < 10000; ++trial) {
    const int steps = 1 + static_cast<int>(random.uniform() * 20.0);
    std::vector<double> heights;
    double sum = 0.0;
    for (int k = 0; k < steps; ++k) {
      heights.push_back(random.uniform());
      sum += heights.back();
    }
    const double top = random.uniform();
    double surface = 0.0;
    double volume = 0.0;
    for (const double h : heights) {
      const double s = 12.0 * random.uniform();
      surface += top * h / sum * s * s;
      volume += top * h / sum * s * s * s;
    }
    violations += std::pow(surface, 1.5) > volume * (1.0 + 1e-12) ? 1 : 0;
  }

  // Planted nuclei of many kinds, per-atom scatter of 0.08 as the averaged parameter has at room temperature.
  // 2000 trials know the coverage to 0.5 %; 500 would scatter by 1 %.
  constexpr std::uint32_t trials = 2000;
  const core::Atoms ball = fcc_ball(3.92, 20.0);
  int fitted = 0;
  std::array<int, 3> held{};
  for (std::uint32_t trial = 0; trial < trials; ++trial) {
    core::RandomStream draw(6, "bench.coverage", {trial});
    const double alpha0 = 0.4 + 0.4 * draw.uniform();
    const double lambda = 5.0 + 4.0 * draw.uniform();
    const double beta = 1.2 + 1.3 * draw.uniform();
    const double background = 0.1 + 0.15 * draw.uniform();
    const Vec3 core(draw.normal(), draw.normal(), draw.normal());
    std::vector<double> distances;
    std::vector<double> values;
    for (const Vec3& p : ball.positions) {
      const double r = (p - core).norm();
      distances.push_back(r);
      values.push_back(alpha0 * std::exp(-std::pow(r / lambda, beta)) + background + 0.08 * draw.normal());
    }
    const ProfileFitResult result = fit_profile(radial_profile(distances, values, 0.5));
    if (!result.fit) continue;
    ++fitted;
    const ProfileFit& fit = *result.fit;
    const auto inside = [&](double value, const std::optional<double>& sd, double truth) {
      return sd && std::abs(value - truth) <= fit.interval_factor * *sd ? 1 : 0;
    };
    held[0] += inside(fit.alpha0, fit.alpha0_sd, alpha0);
    held[1] += inside(fit.lambda_a, fit.lambda_sd_a, lambda);
    held[2] += inside(fit.beta, fit.beta_sd, beta);
  }
  const auto share = [&](int count) { return static_cast<double>(count) / trials; };
  return {
      {"closed_form_max_error", closed},
      {"general_equation_max_relative_error", general},
      {"inequality_24_profiles", 10000},
      {"inequality_24_violations", violations},
      {"fit_trials", trials},
      {"fits", fitted},
      {"coverage_95", {{"alpha0", share(held[0])}, {"lambda", share(held[1])}, {"beta", share(held[2])}}}};
}

json shapes() {
  const auto of = [](const core::Atoms& atoms) {
    const Surface s =
        cluster_surface(atoms.positions, std::vector<double>(atoms.size(), std::pow(3.92, 3) / 4.0));
    return sphericity(s.volume, s.area);
  };
  return {{"ball_14_a", of(fcc_ball(3.92, 14.0))},
          {"cube_31_a", of(fcc(3.92, 8))},
          {"cube_exact", std::cbrt(core::pi / 6.0)}};
}

/// Where --figure wants the picture of the propagation; empty: nowhere.
std::filesystem::path& figure() {
  static std::filesystem::path path;
  return path;
}

/// The program beside this one.
std::string& program() {
  static std::string path;
  return path;
}

/// What --only names.
const std::vector<std::pair<std::string, std::function<json()>>>& parts() {
  static const std::vector<std::pair<std::string, std::function<json()>>> all{
      {"hea_04", [] { return hea("hea_04"); }},
      {"hea_08", [] { return hea("hea_08"); }},
      {"structures", crystals},
      {"invariance", invariance},
      {"speed", speed},
      {"tracking", tracking},
      {"opg", opg},
      {"shapes", shapes},
      {"null", bench::null_nuclei},
      {"full_analysis", bench::full_analysis},
      {"strain", bench::strain_error},
      {"phantoms", bench::phantoms},
      {"propagation", [] { return bench::propagation(figure()); }},
      {"chain", [] { return bench::chain(program()); }}};
  return all;
}

/// Whether a name given by --only means this part; "hea" means all that begin with it.
bool meant(const std::string& name, const std::string& part) {
  return part == name || part.starts_with(name + "_");
}

} // namespace

int main(int argc, char** argv) {
  std::set<std::string> only; // empty: all
  program() = (std::filesystem::path(argv[0]).parent_path() / "aetval").string();
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string option = argv[i];
    if (option == "--only") {
      std::stringstream names(argv[i + 1]);
      for (std::string name; std::getline(names, name, ',');)
        only.insert(name);
    }
    if (option == "--figure") figure() = argv[i + 1];
    if (option == "--program") program() = argv[i + 1];
  }
  for (const std::string& name : only)
    if (std::none_of(parts().begin(), parts().end(),
                     [&](const auto& part) { return meant(name, part.first); })) {
      std::cerr << "no part is called '" << name << "'\n";
      return 2;
    }
  json out;
  for (const auto& [name, run] : parts())
    if (only.empty() ||
        std::any_of(only.begin(), only.end(), [&](const std::string& o) { return meant(o, name); }))
      out[name] = run();
  std::cout << out.dump(1) << '\n';
}
