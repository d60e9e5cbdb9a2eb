#include "tests/bench/stem_trajectory.hpp"

#include "sim/core/io/file.hpp"
#include "sim/core/io/xyz.hpp"
#include "sim/core/orientation.hpp"
#include "sim/core/random.hpp"
#include "sim/md/mean_frame.hpp"
#include "sim/md/run_job.hpp"
#include "sim/md/vibrations.hpp"
#include "sim/stem/image.hpp"
#include "sim/stem/thermal_motion.hpp"
#include "sim/stem/tilt_imaging.hpp"
#include "tests/support/temporary_folder.hpp"
#include "validation/stages/run.hpp"

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <string>
#include <utility>
#include <vector>

namespace aet::bench {

namespace {

using namespace stem;
using nlohmann::json;

constexpr double temperature_k = 300.0;

/// A crystalline platinum particle that vibrates.
struct Vibrating {
  core::Atoms sites;         ///< means; columns u_rms
  core::Atoms with_tensors;  ///< the same; columns u_aniso
  md::Vibrations vibrations; ///< snapshots 1 ps apart
};

/// Regular truncated octahedron of fcc platinum: no atom of a face is loosely bound.
/// \param reach of the octahedron's corners from the centre [half a lattice constant]; `cut`: of them off.
core::Atoms truncated_octahedron(int reach, int cut) {
  constexpr double half_cell = 1.96;
  constexpr double box = 70.0;
  core::Atoms atoms;
  for (int i = -reach; i <= reach; ++i) {
    for (int j = -reach; j <= reach; ++j) {
      for (int k = -reach; k <= reach; ++k) {
        const int sum = std::abs(i) + std::abs(j) + std::abs(k);
        if (sum > reach || (sum - reach) % 2 != 0 ||
            std::max({std::abs(i), std::abs(j), std::abs(k)}) > reach - cut)
          continue;
        atoms.positions.emplace_back(half_cell * i, half_cell * j, half_cell * k);
        atoms.atomic_numbers.push_back(78);
      }
    }
  }
  atoms.cell = core::Cell{box * core::Mat3::Identity(), {true, true, true}};
  return atoms;
}

/// Molecular dynamics of a crystal: 20 ps to come to rest, then one snapshot a picosecond.
Vibrating vibrating(const core::Atoms& ideal, int snapshots, const std::filesystem::path& folder) {
  std::cerr << "bench_stem: molecular dynamics of " << ideal.size() << " atoms" << std::endl;
  constexpr long steps_a_ps = 500; // of 2 fs
  md::Job job;
  job.atoms = ideal;
  job.dump_velocities = false;
  md::Stage settle;
  settle.name = "settle";
  settle.begin_k = settle.end_k = temperature_k;
  settle.steps = 20 * steps_a_ps;
  settle.draw = md::DrawVelocities{2.0 * temperature_k, 7}; // half of it goes into the potential energy
  md::Stage image = settle;
  image.name = "image";
  image.draw.reset();
  image.remove_momentum = true;
  image.steps = snapshots * steps_a_ps; // frames are kept after steps only
  image.thermo_every = image.frame_every = steps_a_ps;
  job.stages = {settle, image};
  md::WorkerOptions one;
  one.ranks = 1;
  md::run_job(job, {"/usr/share/lammps/potentials/Pt_u3.eam", md::PotentialStyle::eam}, folder, one);

  const md::Trajectory trajectory = md::read_trajectory(folder / md::trajectory_name);
  Vibrating out;
  out.sites = md::mean_frame(trajectory, 0, trajectory.size(), md::Averaging::one_site);
  const md::RigidMotion upright = md::best_rigid_motion(out.sites.positions, ideal.positions);
  for (core::Vec3& r : out.sites.positions)
    r = upright.rotation * r;
  out.vibrations = md::vibrations_about(out.sites, trajectory, "bench");
  out.with_tensors = out.sites;
  out.with_tensors.columns.clear();
  out.sites.columns = {{"u_rms", md::rms_along_an_axis(out.vibrations)}};
  constexpr std::array<std::array<int, 2>, 6> component{{{0, 0}, {1, 1}, {2, 2}, {0, 1}, {0, 2}, {1, 2}}};
  for (const core::Mat3& tensor : md::mean_squares(out.vibrations)) {
    for (std::size_t k = 0; k < component.size(); ++k)
      out.with_tensors.columns[fmt::format("u_aniso_{}", k)].push_back(
          tensor(component[k][0], component[k][1]));
  }
  return out;
}

/// Mean of u_i . u_j over that of u^2, for neighbours and for pairs across the particle.
json correlation_in_space(const Vibrating& p) {
  constexpr double neighbours_a = 3.3; // between the first and the second shell
  constexpr double far_a = 12.0;
  double square = 0.0;
  std::array<double, 2> product{};
  std::array<double, 2> pairs{};
  const auto n = p.sites.size();
  for (const auto& u : p.vibrations.displacements) {
    for (std::size_t i = 0; i < n; ++i) {
      square += u[i].squaredNorm() / static_cast<double>(n * p.vibrations.size());
      for (std::size_t j = 0; j < i; ++j) {
        const double distance = (p.sites.positions[i] - p.sites.positions[j]).norm();
        if (distance > neighbours_a && distance < far_a) continue;
        const std::size_t kind = distance > neighbours_a ? 1 : 0;
        product[kind] += u[i].dot(u[j]);
        pairs[kind] += 1.0;
      }
    }
  }
  return {{"neighbours", product[0] / pairs[0] / square}, {"beyond_12_a", product[1] / pairs[1] / square}};
}

json motion_of(const Vibrating& p) {
  double square = 0.0;
  double largest = 0.0;
  double anisotropy = 0.0;
  double most_anisotropic = 0.0;
  const auto n = static_cast<double>(p.sites.size());
  const auto seen =
      tensors_across_beam(thermal_motion(p.with_tensors, {}), core::Mat3(core::Mat3::Identity()));
  for (std::size_t i = 0; i < p.sites.size(); ++i) {
    const double u = p.sites.columns.at("u_rms")[i];
    square += u * u / n;
    largest = std::max(largest, u);
    const double difference = std::hypot(seen[i](0, 0) - seen[i](1, 1), 2.0 * seen[i](0, 1));
    anisotropy += difference / n;
    most_anisotropic = std::max(most_anisotropic, difference);
  }
  return {{"u_rms_a", std::sqrt(square)},
          {"u_rms_largest_a", largest},
          {"anisotropy_mean_a2", anisotropy},
          {"anisotropy_largest_a2", most_anisotropic},
          {"correlation_in_time", md::correlation_in_time(p.vibrations)},
          {"correlation_in_space", correlation_in_space(p)}};
}

/// Every atom at its own succession of moments: the same places of each atom, without what atoms have in
/// common.
md::Vibrations shuffled(md::Vibrations vibrations) {
  auto& u = vibrations.displacements;
  core::RandomStream random(1, "bench.shuffle");
  for (std::size_t i = 0; i < u.front().size(); ++i) {
    for (std::size_t f = u.size() - 1; f > 0; --f)
      std::swap(u[f][i], u[static_cast<std::size_t>(random.uniform() * static_cast<double>(f + 1))][i]);
  }
  return vibrations;
}

constexpr int side = 28; // pixels of a block in the middle of the particle
constexpr int edge = 4;  // of it that the blur makes unusable

double size_of(const std::vector<double>& values) {
  double sum = 0.0;
  for (const double v : values)
    sum += std::abs(v);
  return sum;
}

/// How far the mean of the images b is from that of the images a, blurred or not: R1, the R1 that noise alone
/// gives (half the difference between the two halves of the differences), and what is beyond that; the same
/// of the total signal, with its standard error.
json difference(const std::vector<core::Image>& a, const std::vector<core::Image>& b, double blur) {
  const auto count = static_cast<double>(a.size());
  std::vector<double> mean;
  std::vector<double> noise;
  double signal = 0.0;
  double total = 0.0;
  double square = 0.0;
  for (std::size_t k = 0; k < a.size(); ++k) {
    const core::Image from = gaussian_blur(a[k], blur);
    const core::Image to = gaussian_blur(b[k], blur);
    double here = 0.0;
    std::size_t at = 0;
    for (int y = edge; y < side - edge; ++y) {
      for (int x = edge; x < side - edge; ++x, ++at) {
        mean.resize(std::max(mean.size(), at + 1), 0.0);
        noise.resize(mean.size(), 0.0);
        const double d = static_cast<double>(to.at(x, y)) - static_cast<double>(from.at(x, y));
        mean[at] += d / count;
        noise[at] += (k % 2 == 0 ? d : -d) / count;
        signal += static_cast<double>(from.at(x, y)) / count;
        here += d;
      }
    }
    total += here / count;
    square += here * here / count;
  }
  const double r1 = size_of(mean) / signal;
  const double r1_of_noise = size_of(noise) / signal;
  return {{"r1", r1},
          {"r1_of_noise", r1_of_noise},
          {"r1_beyond_noise", std::sqrt(std::max(0.0, r1 * r1 - r1_of_noise * r1_of_noise))},
          {"total_signal", total / signal},
          {"total_signal_error", std::sqrt(std::max(0.0, square - total * total) / (count - 1.0)) / signal}};
}

/// Images averaged over the snapshots, each with its opposite, against as many of atoms that move
/// independently: at their own shuffled moments, or drawn with their u_rms or u_aniso.
json images_of(const Vibrating& p, const core::Mat3& orientation) {
  const Scan scan{90, 0.34};
  std::vector<std::size_t> block;
  for (int i = 0; i < side * side; ++i)
    block.push_back(static_cast<std::size_t>((31 + i / side) * scan.n + 31 + i % side));
  const auto image_of = [&](const core::Atoms& atoms, const PhononOptions& phonons, std::uint32_t first) {
    StemOptions options;
    options.phonons = phonons;
    const auto values =
        simulate_pixels({atoms, orientation, scan, {1, 0, 0, first}}, block, options, core::all_cores());
    core::Image image(side, side);
    std::copy(values.begin(), values.end(), image.data.begin());
    return image;
  };
  const auto pair_of = [&](const md::Vibrations& vibrations, std::size_t k) {
    const PhononOptions still{.u_rms_a = 0.0};
    core::Image both = image_of(md::displaced(p.sites, vibrations, k), still, 0);
    const core::Image opposite = image_of(md::displaced(p.sites, vibrations, k, -1.0), still, 0);
    for (std::size_t i = 0; i < both.data.size(); ++i)
      both.data[i] = 0.5F * (both.data[i] + opposite.data[i]);
    return both;
  };
  const PhononOptions pair{{}, PhononSampling::pairs, 2};
  const md::Vibrations apart = shuffled(p.vibrations);
  std::vector<core::Image> together; // pairs of each kind
  std::vector<core::Image> each_alone;
  std::vector<core::Image> round;
  std::vector<core::Image> tensors;
  for (std::size_t k = 0; k < p.vibrations.size(); ++k) {
    together.push_back(pair_of(p.vibrations, k));
    each_alone.push_back(pair_of(apart, k));
    const auto first = 2 * static_cast<std::uint32_t>(k);
    round.push_back(image_of(p.sites, pair, first));
    tensors.push_back(image_of(p.with_tensors, pair, first)); // of the same deviates
  }
  json out;
  for (const double source_a : {0.0, 0.35}) {
    const double blur = source_a / scan.pixel_a;
    json& at = out[source_a > 0.0 ? "after_source_0.35_a" : "sharp"];
    at["independent"] = difference(together, round, blur);
    at["independent_with_tensors"] = difference(together, tensors, blur);
    at["moments_of_each_atom_shuffled"] = difference(together, each_alone, blur);
    at["round_against_tensors"] = difference(tensors, round, blur); // of the same deviates: less noise
  }
  return out;
}

/// The chain on images of the particle; what differs is how it vibrates.
json recovery_of(const std::filesystem::path& folder, const std::string& name, const std::string& phonons) {
  std::cerr << "bench_stem: recovery, " << name << std::endl;
  const std::string toml = fmt::format(
      "title = \"{}\"\nseed = 1\n[truth]\nsource = \"file\"\nfiles = \"{}\"\n[images]\npixels = 64\npixel_a "
      "= "
      "0.4\ntilt_first_deg = -66\ntilt_last_deg = 66\ntilt_count = 20\nphonon_configurations = 6\naccuracy = "
      "0.01\n{}"
      "[images.noise]\ntotal_dose_e_per_a2 = 1e6\n[trace]\nelement = \"Pt\"\n[refine]\n",
      name, (folder / "sites.xyz").string(), phonons);
  validation::RunOptions options;
  options.run_dir = folder / name;
  options.to = "score";
  options.threads = core::all_cores();
  options.program = "bench";
  static_cast<void>(validation::run_case(validation::read_case_text(toml, "bench.toml"), options, {}));
  const auto scores = json::parse(core::read_file(options.run_dir / "scores.json"));
  json out;
  for (const char* key : {"truth", "identified", "rmsd_pm", "rmsd_axis_pm", "limit_rmsd_pm"})
    out[key] = scores.at("frames").at(0).at("atoms").value(key, json());
  return out;
}

} // namespace

void trajectory_part(bool quick, json& out) {
  const test::TemporaryFolder folder;
  const int snapshots = quick ? 4 : 40; // even: halves are compared
  json& t = out["trajectory"];
  t = {{"element", "Pt"},
       {"potential", "Pt_u3.eam"},
       {"temperature_k", temperature_k},
       {"snapshots_apart_ps", 1.0}};
  const Vibrating particle = vibrating(truncated_octahedron(9, 3), snapshots, folder / "md");
  t["atoms"] = particle.sites.size();
  t["snapshots"] = particle.vibrations.size();
  t["motion"] = motion_of(particle);
  std::cerr << "bench_stem: images of moments and of independent atoms, general orientation" << std::endl;
  const core::Mat3 tilt = core::tilt_rotation(0.40) * core::rotation_from_euler({0.3, 0.2, 0.5});
  t["general"] = images_of(particle, tilt);
  std::cerr << "bench_stem: the same along [001]" << std::endl;
  t["zone_axis_001"] = images_of(particle, core::Mat3::Identity());
  if (quick) return;
  const Vibrating small = vibrating(truncated_octahedron(6, 2), snapshots, folder / "small");
  core::write_xyz(folder / "sites.xyz", small.sites);
  json& recovery = t["recovery"];
  recovery["motion"] = motion_of(small);
  recovery["independent"] = recovery_of(folder.path(), "independent", "phonons = \"pairs\"\n");
  recovery["trajectory"] =
      recovery_of(folder.path(), "trajectory",
                  fmt::format("phonons = \"trajectory_pairs\"\nphonon_trajectory = \"{}\"\n",
                              (folder.path() / "small" / md::trajectory_name).string()));
}

} // namespace aet::bench
