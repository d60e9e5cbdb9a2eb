#include "recon/atoms/classify.hpp"

#include "recon/atoms/local_gain.hpp"
#include "recon/atoms/non_atoms.hpp"
#include "recon/atoms/peak_boxes.hpp"
#include "recon/atoms/peak_selection.hpp"
#include "recon/atoms/species_probability.hpp"
#include "sim/core/error.hpp"
#include "sim/core/join.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace aet::recon {

namespace {

constexpr std::array<std::string_view, 4> method_names{"automatic", "three_class_l1", "k_means_l1", "none"};

void require(bool good, const std::string& message) {
  if (!good) throw core::ConfigError("classification: " + message);
}

void check_peaks(const SplineVolume& spline, double voxel_size, const std::vector<core::Vec3>& positions) {
  if (!(voxel_size > 0.0) || !std::isfinite(voxel_size)) {
    throw core::DataError(fmt::format(
        "the voxel size is {}; it must be a positive number of angstrom, as the volume's header should say",
        voxel_size));
  }
  if (positions.size() < 2) {
    throw core::DataError(
        fmt::format("{} peaks cannot be classified; at least 2 are needed", positions.size()));
  }
  const core::Vec3 reach = 0.5 * voxel_size * core::Vec3(spline.nx(), spline.ny(), spline.nz());
  for (std::size_t i = 0; i < positions.size(); ++i) {
    if (!(positions[i].array().abs() <= reach.array()).all()) {
      throw core::DataError(fmt::format(
          "atom {} at ({:.2f}, {:.2f}, {:.2f}) angstrom lies outside the volume, which reaches to {:.2f}, "
          "{:.2f}, {:.2f}; do these atoms belong to this volume?",
          i + 1, positions[i].x(), positions[i].y(), positions[i].z(), reach.x(), reach.y(), reach.z()));
    }
  }
}

/// Non-atoms take no part in what follows.
std::vector<int> without_non_atoms(std::vector<int> label) {
  for (int& l : label) {
    if (l == label_non_atom) l = label_ignored;
  }
  return label;
}

/// The least any other start changes: thresholds 20 % lower and higher.
std::size_t count_start_dependent(const PeakBoxes& boxes, const std::vector<double>& intensities,
                                  const std::vector<double>& levels, const std::vector<int>& settled) {
  const auto k = static_cast<int>(levels.size());
  std::vector<bool> differs(settled.size(), false);
  for (const double shift : {0.8, 1.25}) {
    std::vector<int> start = label_by_level(intensities, levels, strong_level(intensities), shift);
    for (std::size_t i = 0; i < start.size(); ++i) {
      if (settled[i] == label_ignored) start[i] = label_ignored;
    }
    const std::vector<int> other = iterate_l1(boxes, start, k, {}).label;
    for (std::size_t i = 0; i < other.size(); ++i)
      differs[i] = differs[i] || other[i] != settled[i];
  }
  return static_cast<std::size_t>(std::count(differs.begin(), differs.end(), true));
}

/// Mean and standard error.
struct Mean {
  double value = 0.0;
  double error = 0.0;
  std::size_t count = 0;
};

Mean mean_of(const std::vector<double>& values, const std::vector<int>& label, int which) {
  Mean mean;
  double square = 0.0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (label[i] != which) continue;
    ++mean.count;
    const double step = values[i] - mean.value;
    mean.value += step / static_cast<double>(mean.count);
    square += step * (values[i] - mean.value);
  }
  if (mean.count > 1) {
    const auto n = static_cast<double>(mean.count);
    mean.error = std::sqrt(square / (n * (n - 1.0)));
  }
  return mean;
}

/// Step 3: classify the atoms in the missing wedge among themselves, measure how bright their brightest
/// species is there, and keep the outcome where it is weaker. (With the labels of all atoms together, dimmed
/// atoms would pass for members of a dimmer species, and nothing would look weaker.)
void treat_missing_wedge(const PeakBoxes& boxes, const std::vector<core::Vec3>& positions,
                         const std::vector<double>& intensities, const std::vector<double>& levels,
                         double half_angle_deg, std::vector<int>& label, ClassifySummary& summary) {
  const std::vector<bool> directed = in_missing_wedge(positions, label, half_angle_deg);
  std::vector<double> inside;
  std::vector<int> outside(label);
  for (std::size_t i = 0; i < label.size(); ++i) {
    if (label[i] < 0 || !directed[i]) continue;
    inside.push_back(intensities[i]);
    outside[i] = label_ignored;
  }
  summary.wedge_peaks = inside.size();
  if (inside.size() < 2) return;
  std::vector<int> start = label_by_level(intensities, levels, strong_level(inside), 1.0);
  for (std::size_t i = 0; i < label.size(); ++i) {
    if (label[i] < 0 || !directed[i]) start[i] = label_ignored;
  }
  const auto k = static_cast<int>(levels.size());
  const L1Classes classes = iterate_l1(boxes, start, k, {});
  const Mean within = mean_of(intensities, classes.label, k - 1);
  const Mean without = mean_of(intensities, outside, k - 1);
  // With fewer members the mean peak's own noise would decide.
  if (within.count < 10 || without.count < 10) return;
  summary.wedge_ratio = within.value / without.value;
  const double error = std::hypot(within.error, without.error) / without.value;
  summary.wedge_treated = 1.0 - summary.wedge_ratio > std::max(4.0 * error, 0.03);
  if (!summary.wedge_treated) return;
  for (std::size_t i = 0; i < label.size(); ++i) {
    if (classes.label[i] < 0) continue;
    summary.wedge_changed += classes.label[i] != label[i] ? 1U : 0U;
    label[i] = classes.label[i];
  }
}

} // namespace

std::string_view non_atom_method_name(NonAtomMethod method) {
  return method_names[static_cast<std::size_t>(method)];
}

NonAtomMethod non_atom_method_from_name(std::string_view name) {
  for (std::size_t i = 0; i < method_names.size(); ++i) {
    if (method_names[i] == name) return static_cast<NonAtomMethod>(i);
  }
  throw core::ConfigError(
      fmt::format("non-atom method \"{}\" is unknown; allowed are {}", name, core::join(method_names, ", ")));
}

void check(const ClassifyOptions& o) {
  require(!o.elements.empty() && o.elements.size() <= 6,
          fmt::format("{} elements; give 1 to 6, for example \"Fe Pt\"", o.elements.size()));
  for (std::size_t i = 0; i < o.elements.size(); ++i) {
    require(o.elements[i] >= 1 && o.elements[i] <= 118,
            fmt::format("element {} is not an atomic number, 1 to 118", o.elements[i]));
    require(std::count(o.elements.begin(), o.elements.end(), o.elements[i]) == 1,
            fmt::format("atomic number {} is given twice; every species once", o.elements[i]));
  }
  require(o.box_half_voxels >= 1 && o.box_half_voxels <= 8,
          fmt::format("box_half_voxels is {}; allowed is 1 to 8", o.box_half_voxels));
  require(o.radius_a > 0.0 && o.radius_a <= 5.0,
          fmt::format("radius_a is {}; allowed is (0, 5] angstrom", o.radius_a));
  require(o.lowest_fraction > 0.0 && o.lowest_fraction <= 0.5,
          fmt::format("lowest_fraction is {}; allowed is (0, 0.5]", o.lowest_fraction));
  require(o.local_radius_a == 0.0 || (o.local_radius_a >= 3.0 && o.local_radius_a <= 50.0),
          fmt::format("local_radius_a is {}; allowed is 0 (off) or 3 to 50 angstrom", o.local_radius_a));
  require(
      o.missing_wedge_deg >= 0.0 && o.missing_wedge_deg <= 80.0,
      fmt::format("missing_wedge_deg is {}; allowed is [0, 80] degrees from the beam", o.missing_wedge_deg));
  require(o.least_bonds >= 0 && o.least_bonds <= 12,
          fmt::format("least_bonds is {}; allowed is 0 to 12", o.least_bonds));
  require(o.borderline_probability > 0.5 && o.borderline_probability <= 1.0,
          fmt::format("borderline_probability is {}; allowed is (0.5, 1]", o.borderline_probability));
}

Classification classify_peaks(const SplineVolume& spline, double voxel_size,
                              const std::vector<core::Vec3>& positions, const ClassifyOptions& options,
                              core::Threads threads) {
  check(options);
  check_peaks(spline, voxel_size, positions);
  Classification c;
  c.elements = options.elements;
  std::sort(c.elements.begin(), c.elements.end());
  const auto k = static_cast<int>(c.elements.size());
  const std::vector<double> levels = expected_levels(c.elements);
  ClassifySummary& summary = c.summary;
  summary.peaks = positions.size();

  const int reach = static_cast<int>(std::ceil(options.radius_a / voxel_size));
  const PeakBoxes wide = sample_boxes(spline, voxel_size, positions, reach, threads);
  c.intensity = integrated_intensities(wide, options.radius_a / voxel_size);
  const PeakBoxes boxes = sample_boxes(spline, voxel_size, positions, options.box_half_voxels, threads);

  const NonAtomResult found = find_non_atoms(boxes, c.intensity, levels, options);
  summary.non_atoms_first = found.first;
  summary.rescued = found.rescued;
  summary.non_atom_threshold = found.threshold;
  summary.non_atom_rule = std::string(non_atom_method_name(options.non_atoms));
  if (options.non_atoms == NonAtomMethod::automatic) summary.non_atom_rule += " (" + found.rule + ")";

  std::vector<int> label = without_non_atoms(found.label);
  if (k > 1) {
    const L1Classes unbiased = iterate_l1(boxes, label, k, {});
    summary.unbiased_rounds = unbiased.rounds;
    summary.unbiased_settled = unbiased.settled;
    summary.start_dependent = count_start_dependent(boxes, c.intensity, levels, unbiased.label);
    label = unbiased.label;
    if (options.missing_wedge_deg > 0.0) {
      treat_missing_wedge(boxes, positions, c.intensity, levels, options.missing_wedge_deg, label, summary);
    }
    if (options.local_radius_a > 0.0) {
      LocalL1Options local;
      local.radius_a = options.local_radius_a;
      const L1Classes classes = reclassify_locally(boxes, positions, label, k, local, threads);
      summary.local_rounds = classes.rounds;
      summary.local_settled = classes.settled;
      summary.local_changed = classes.changed;
      label = classes.label;
    }
  }
  assign_probabilities(positions, options, label, c);

  summary.per_species.assign(c.elements.size(), 0);
  for (std::size_t i = 0; i < label.size(); ++i) {
    if (label[i] < 0) {
      label[i] = label_non_atom;
      ++summary.non_atoms;
      continue;
    }
    ++summary.per_species[static_cast<std::size_t>(label[i])];
    summary.expected_wrong += 1.0 - c.probability[i];
    if (c.probability[i] < options.borderline_probability) summary.borderline.push_back(i);
  }
  summary.mean_intensity = mean_by_label(c.corrected, label, k);
  c.species = std::move(label);
  return c;
}

Classification classify_peaks(const core::Volume& volume, const std::vector<core::Vec3>& positions,
                              const ClassifyOptions& options, core::Threads threads) {
  check(options);
  return classify_peaks(SplineVolume(volume, threads), volume.voxel_size, positions, options, threads);
}

core::Atoms classified_atoms(const std::vector<core::Vec3>& positions, const Classification& classes) {
  core::Atoms atoms;
  auto& probability = atoms.columns["probability"];
  auto& intensity = atoms.columns["intensity"];
  auto& corrected = atoms.columns["corrected_intensity"];
  for (std::size_t i = 0; i < positions.size(); ++i) {
    if (classes.species[i] < 0) continue;
    atoms.positions.push_back(positions[i]);
    atoms.atomic_numbers.push_back(classes.elements[static_cast<std::size_t>(classes.species[i])]);
    probability.push_back(classes.probability[i]);
    intensity.push_back(classes.intensity[i]);
    corrected.push_back(classes.corrected[i]);
  }
  return atoms;
}

std::vector<std::pair<std::string, double>> named_numbers(const ClassifySummary& s) {
  const auto number = [](std::size_t n) { return static_cast<double>(n); };
  const auto flag = [](bool b) { return b ? 1.0 : 0.0; };
  return {{"peaks", number(s.peaks)},
          {"non_atoms", number(s.non_atoms)},
          {"non_atoms_first", number(s.non_atoms_first)},
          {"rescued", number(s.rescued)},
          {"non_atom_threshold", s.non_atom_threshold},
          {"unbiased_rounds", s.unbiased_rounds},
          {"unbiased_settled", flag(s.unbiased_settled)},
          {"start_dependent", number(s.start_dependent)},
          {"wedge_peaks", number(s.wedge_peaks)},
          {"wedge_ratio", s.wedge_ratio},
          {"wedge_treated", flag(s.wedge_treated)},
          {"wedge_changed", number(s.wedge_changed)},
          {"local_rounds", s.local_rounds},
          {"local_settled", flag(s.local_settled)},
          {"local_changed", number(s.local_changed)},
          {"mixture_changed", number(s.mixture_changed)},
          {"unbonded", number(s.unbonded)},
          {"expected_wrong", s.expected_wrong},
          {"borderline", number(s.borderline.size())}};
}

} // namespace aet::recon
