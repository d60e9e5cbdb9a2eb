#include "validation/score/frame_score.hpp"

#include "sim/core/elements.hpp"
#include "sim/core/error.hpp"
#include "sim/core/statistics.hpp"
#include "sim/core/units.hpp"
#include "validation/figures/table.hpp"
#include "validation/score/uncertainty.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <string_view>
#include <utility>

namespace aet::validation {

namespace {

using core::pm_per_a;
constexpr int curve_points = 20;

Figure count(std::string name, std::size_t n) {
  return known(std::move(name), static_cast<double>(n));
}

/// A share with its interval, or the reason why there is none.
Figure share(std::string name, std::size_t hits, std::size_t total, const char* reason_if_empty) {
  if (total == 0) return unknown(std::move(name), reason_if_empty);
  return known(std::move(name), static_cast<double>(hits) / static_cast<double>(total),
               core::wilson_interval(static_cast<double>(hits), static_cast<double>(total)));
}

struct Squares {
  std::vector<double> x;
  std::vector<double> y;
  std::vector<double> z;
};

Squares squared_errors(const MatchResult& match) {
  Squares s;
  for (const MatchPair& pair : match.pairs) {
    s.x.push_back(pair.error.x() * pair.error.x());
    s.y.push_back(pair.error.y() * pair.error.y());
    s.z.push_back(pair.error.z() * pair.error.z());
  }
  return s;
}

double root_mean(const std::vector<double>& squares) {
  double sum = 0.0;
  for (const double s : squares)
    sum += s;
  return std::sqrt(sum / static_cast<double>(squares.size()));
}

double median_error(const MatchResult& match) {
  std::vector<double> errors;
  for (const MatchPair& pair : match.pairs)
    errors.push_back(pair.error.norm());
  std::sort(errors.begin(), errors.end());
  const std::size_t half = errors.size() / 2;
  return errors.size() % 2 == 1 ? errors[half] : 0.5 * (errors[half - 1] + errors[half]);
}

void add_errors(FrameScore& score, const ScoreOptions& options) {
  const std::vector<const char*> names{"atoms.rmsd_pm", "atoms.rmsd_x_pm", "atoms.rmsd_y_pm",
                                       "atoms.rmsd_z_pm", "atoms.median_pm"};
  if (score.match.pairs.empty()) {
    for (const char* name : names)
      set(score.figures, unknown(name, "no atom of the model matches one of the truth"));
    return;
  }
  const Squares squares = squared_errors(score.match);
  const ErrorIntervals b = bootstrap_errors(squares.x, squares.y, squares.z, options.bootstrap, options.seed);
  const std::vector<std::pair<double, Interval>> values{{score.match.rmsd_a(), b.rmsd},
                                                        {root_mean(squares.x), b.rmsd_x},
                                                        {root_mean(squares.y), b.rmsd_y},
                                                        {root_mean(squares.z), b.rmsd_z},
                                                        {median_error(score.match), b.median}};
  for (std::size_t k = 0; k < names.size(); ++k) {
    const auto& [value, interval] = values[k];
    set(score.figures,
        known(names[k], pm_per_a * value, Interval(pm_per_a * interval.first, pm_per_a * interval.second)));
  }
}

/// Errors in units of the standard errors that the model states.
void add_error_bars(FrameScore& score, const core::Atoms& model) {
  const std::array<const char*, 3> names{"atoms.z_rms_x", "atoms.z_rms_y", "atoms.z_rms_z"};
  const std::array<const char*, 3> columns{"sd_x_pm", "sd_y_pm", "sd_z_pm"};
  const bool stated = std::all_of(columns.begin(), columns.end(),
                                  [&](const char* name) { return model.columns.contains(name); });
  const std::size_t n = score.match.pairs.size();
  if (!stated || n == 0) {
    const char* reason = stated ? "no atom of the model matches one of the truth"
                                : "the model states no standard errors (columns sd_x_pm, sd_y_pm, sd_z_pm)";
    for (const char* name : {names[0], names[1], names[2], "atoms.cover_68", "atoms.cover_95"})
      set(score.figures, unknown(name, reason));
    return;
  }
  constexpr double two_sided_95 = 1.959964;
  std::size_t in_68 = 0;
  std::size_t in_95 = 0;
  for (std::size_t k = 0; k < names.size(); ++k) {
    const std::vector<double>& sd = model.columns.at(columns[k]);
    double sum = 0.0;
    for (const MatchPair& pair : score.match.pairs) {
      const double z = pm_per_a * pair.error[static_cast<Eigen::Index>(k)] / sd[pair.model];
      sum += z * z;
      in_68 += std::abs(z) <= 1.0 ? 1 : 0;
      in_95 += std::abs(z) <= two_sided_95 ? 1 : 0;
    }
    // Of n normal deviates it scatters by 1 / sqrt(2 n) of itself.
    const double rms = std::sqrt(sum / static_cast<double>(n));
    const double scatter = two_sided_95 * rms / std::sqrt(2.0 * static_cast<double>(n));
    set(score.figures, known(names[k], rms, Interval(rms - scatter, rms + scatter)));
  }
  set(score.figures, share("atoms.cover_68", in_68, 3 * n, ""));
  set(score.figures, share("atoms.cover_95", in_95, 3 * n, ""));
}

/// Mean square of probabilities less what came true (Brier, Mon. Weather Rev. 78, 1 (1950)), and that of the
/// mean of what came true in place of each.
void add_brier(FrameScore& score, const std::string& name, const std::vector<double>& stated,
               const std::vector<bool>& true_of, const char* reason_if_empty) {
  if (stated.empty()) {
    set(score.figures, unknown(name, reason_if_empty));
    set(score.figures, unknown(name + "_constant", reason_if_empty));
    return;
  }
  double square = 0.0;
  double hits = 0.0;
  for (std::size_t i = 0; i < stated.size(); ++i) {
    const double came = true_of[i] ? 1.0 : 0.0;
    square += (stated[i] - came) * (stated[i] - came);
    hits += came;
  }
  const double n = static_cast<double>(stated.size());
  set(score.figures, known(name, square / n));
  set(score.figures, known(name + "_constant", hits / n * (1.0 - hits / n)));
}

/// Probabilities that the model states, held against the truth.
void add_probabilities(FrameScore& score, const core::Atoms& truth, const core::Atoms& model) {
  const auto column = [&](const char* name) {
    const auto found = model.columns.find(name);
    return found == model.columns.end() ? std::vector<double>{} : found->second;
  };
  std::vector<bool> there(model.size(), false);
  const std::vector<double> probability = column("probability");
  std::vector<double> species;
  std::vector<bool> right;
  for (const MatchPair& pair : score.match.pairs) {
    there[pair.model] = true;
    if (probability.empty()) continue;
    species.push_back(probability[pair.model]);
    right.push_back(truth.atomic_numbers[pair.truth] == model.atomic_numbers[pair.model]);
  }
  add_brier(score, "atoms.presence_brier", column("presence"), there,
            "the model states no probability that its atoms are there (column presence)");
  add_brier(score, "atoms.species_brier", species, right,
            "the model states no probability of its atoms' species (column probability)");
}

void add_counts(FrameScore& score, const core::Atoms& truth, const core::Atoms& model) {
  const MatchResult& match = score.match;
  std::size_t right_species = 0;
  for (const MatchPair& pair : match.pairs) {
    right_species += truth.atomic_numbers[pair.truth] == model.atomic_numbers[pair.model] ? 1 : 0;
  }
  Figures& f = score.figures;
  set(f, count("atoms.truth", truth.size()));
  set(f, count("atoms.model", model.size()));
  set(f, count("atoms.matched", match.pairs.size()));
  set(f, share("atoms.recall", match.pairs.size(), truth.size(), "the truth has no atoms"));
  set(f, share("atoms.precision", match.pairs.size(), model.size(), "the model has no atoms"));
  set(f, share("atoms.species_correct", right_species, match.pairs.size(),
               "no atom of the model matches one of the truth"));
  set(f, share("atoms.identified", right_species, truth.size(), "the truth has no atoms"));
}

/// Counts of one species.
struct SpeciesTally {
  std::size_t truth = 0;
  std::size_t model = 0;
  std::size_t correct = 0;     ///< and of the same
  std::vector<double> squares; ///< of the errors of those with a partner of any species [A^2]
};

void add_species(FrameScore& score, const core::Atoms& truth, const core::Atoms& model,
                 const ScoreOptions& options) {
  std::map<int, SpeciesTally> tallies;
  for (const int z : truth.atomic_numbers)
    ++tallies[z].truth;
  for (const int z : model.atomic_numbers)
    ++tallies[z].model;
  for (const MatchPair& pair : score.match.pairs) {
    const int z = truth.atomic_numbers[pair.truth];
    SpeciesTally& tally = tallies[z];
    tally.squares.push_back(pair.error.squaredNorm());
    tally.correct += model.atomic_numbers[pair.model] == z ? 1 : 0;
  }
  for (const auto& [z, tally] : tallies) {
    const std::string symbol = z >= 1 && z <= 118 ? core::element_symbol(z) : fmt::format("Z{}", z);
    const auto name = [&symbol](const char* key) {
      return fmt::format("atoms.by_species.{}.{}", symbol, key);
    };
    Figures& f = score.figures;
    set(f, count(name("truth"), tally.truth));
    set(f, count(name("model"), tally.model));
    const std::size_t matched = tally.squares.size();
    set(f, count(name("matched"), matched));
    set(f, share(name("recall"), matched, tally.truth, "the truth has no atom of this species"));
    set(f, share(name("identified"), tally.correct, tally.truth, "the truth has no atom of this species"));
    set(f, share(name("precision"), tally.correct, tally.model, "the model has no atom of this species"));
    if (matched == 0) {
      set(f, unknown(name("rmsd_pm"), "no atom of this species is matched"));
      continue;
    }
    const Interval interval = bootstrap_rms(tally.squares, options.bootstrap, options.seed);
    set(f, known(name("rmsd_pm"), pm_per_a * root_mean(tally.squares),
                 Interval(pm_per_a * interval.first, pm_per_a * interval.second)));
  }
}

const std::vector<double>* column(const core::Atoms& atoms, const std::string& name) {
  const auto at = atoms.columns.find(name);
  return at == atoms.columns.end() ? nullptr : &at->second;
}

/// Which of truth and model lack a column, as a reason; empty if neither.
std::string lacking(const core::Atoms& truth, const core::Atoms& model, const std::string& name) {
  const bool in_truth = column(truth, name) != nullptr;
  const bool in_model = column(model, name) != nullptr;
  if (in_truth && in_model) return "";
  const char* who = in_truth ? "the model has" : in_model ? "the truth has" : "truth and model have";
  return fmt::format("{} no column \"{}\"; analyse the atoms first", who, name);
}

void add_order(FrameScore& score, const core::Atoms& truth, const core::Atoms& model) {
  for (const char* key : {"q4", "q6", "alpha"}) {
    const std::string rms = fmt::format("order.{}_rms", key);
    const std::string difference = fmt::format("order.{}_mean_difference", key);
    std::string reason = lacking(truth, model, key);
    double sum = 0.0;
    double squares = 0.0;
    std::size_t n = 0;
    if (reason.empty()) {
      const auto& t = *column(truth, key);
      const auto& m = *column(model, key);
      for (const MatchPair& pair : score.match.pairs) {
        const double d = m[pair.model] - t[pair.truth];
        if (!std::isfinite(d)) continue;
        ++n;
        sum += d;
        squares += d * d;
      }
      if (n == 0) reason = fmt::format("no matched pair of atoms has a finite {} in both", key);
    }
    if (!reason.empty()) {
      set(score.figures, unknown(rms, reason));
      set(score.figures, unknown(difference, reason));
      continue;
    }
    set(score.figures, known(rms, std::sqrt(squares / static_cast<double>(n))));
    set(score.figures, known(difference, sum / static_cast<double>(n)));
  }
}

void add_nuclei(FrameScore& score, const core::Atoms& truth, const core::Atoms& model, double min_overlap) {
  const std::string reason = lacking(truth, model, "nucleus");
  Figures& f = score.figures;
  if (!reason.empty()) {
    for (const char* key : {"truth", "model", "matched", "recall", "precision", "mean_overlap"}) {
      set(f, unknown(fmt::format("nuclei.{}", key), reason));
    }
    return;
  }
  score.nuclei = match_nuclei(*column(truth, "nucleus"), *column(model, "nucleus"), score.match, min_overlap);
  const NucleiMatch& nuclei = *score.nuclei;
  set(f, count("nuclei.truth", nuclei.truth));
  set(f, count("nuclei.model", nuclei.model));
  set(f, count("nuclei.matched", nuclei.pairs.size()));
  set(f, share("nuclei.recall", nuclei.pairs.size(), nuclei.truth, "the truth has no nucleus"));
  set(f, share("nuclei.precision", nuclei.pairs.size(), nuclei.model, "the model has no nucleus"));
  if (nuclei.pairs.empty()) {
    set(f, unknown("nuclei.mean_overlap", "no nucleus of the model matches one of the truth"));
    return;
  }
  double sum = 0.0;
  for (const NucleusPair& pair : nuclei.pairs)
    sum += pair.overlap;
  set(f, known("nuclei.mean_overlap", sum / static_cast<double>(nuclei.pairs.size())));
}

/// Why a figure is absent that only the caller can give.
const char* reason_without(std::string_view name) {
  if (name == "atoms.limit_rmsd_pm" || name == "atoms.efficiency")
    return "the physical limit was not computed";
  if (name.starts_with("volume.r")) return "no reconstruction was given to the score";
  if (name.starts_with("volume.")) return "poses of the tilts were not refined";
  if (name.starts_with("order.")) return "no analyses were given to the score";
  return "no comparison of analyses was given to the score";
}

/// The figures in the order of the table, those that only the caller can give without value.
Figures completed(Figures figures) {
  Figures all;
  for (const FigureDefinition& row : figure_table()) {
    const std::size_t before = all.size();
    for (Figure& figure : figures)
      if (find_definition(figure.name) == &row) all.push_back(std::move(figure));
    const bool of_element = row.name.find("SYMBOL") != std::string_view::npos;
    if (all.size() > before || of_element || !row.checked || of_whole_run(row.name)) continue;
    for (const std::string& name : names_of(row))
      all.push_back(unknown(name, reason_without(name)));
  }
  return all;
}

ErrorHistogram histogram_of(const MatchResult& match, double bin_pm) {
  ErrorHistogram histogram;
  histogram.bin_pm = bin_pm;
  histogram.counts.assign(static_cast<std::size_t>(std::ceil(match.cutoff_a * pm_per_a / bin_pm)), 0);
  for (const MatchPair& pair : match.pairs) {
    const auto bin = static_cast<std::size_t>(pair.error.norm() * pm_per_a / bin_pm);
    ++histogram
          .counts[std::min(bin, histogram.counts.size() - 1)]; // an error may exceed the cutoff by rounding
  }
  return histogram;
}

std::vector<MatchPair> worst_pairs(const MatchResult& match, int wanted) {
  std::vector<MatchPair> pairs(match.pairs);
  std::stable_sort(pairs.begin(), pairs.end(), [](const MatchPair& a, const MatchPair& b) {
    return a.error.squaredNorm() > b.error.squaredNorm();
  });
  if (pairs.size() > static_cast<std::size_t>(wanted)) pairs.resize(static_cast<std::size_t>(wanted));
  return pairs;
}

void add_notes(FrameScore& score) {
  const MatchResult& match = score.match;
  if (score.mirror.mirrored) score.notes.push_back(score.mirror.reason);
  if (!match.settled) {
    score.notes.push_back(fmt::format("the matching still changed after {} iterations", match.iterations));
  }
  if (match.recall() < score.chance.recall + 0.1) {
    score.notes.push_back(
        fmt::format("recall {:.1f} % is near what chance gives ({:.1f} %): the model may be rotated, "
                    "scaled or of another specimen",
                    100.0 * match.recall(), 100.0 * score.chance.recall));
  }
}

} // namespace

void check(const ScoreOptions& o) {
  const auto require = [](bool good, const char* name, double value, const char* allowed) {
    if (!good) throw core::ConfigError(fmt::format("score: {} is {}; allowed is {}", name, value, allowed));
  };
  check(o.match);
  require(o.bootstrap >= 2 && o.bootstrap <= 100000, "bootstrap", o.bootstrap, "2 to 100000");
  require(o.chance_rotations >= 1 && o.chance_rotations <= 1000, "chance_rotations", o.chance_rotations,
          "1 to 1000");
  require(o.worst_atoms >= 0 && o.worst_atoms <= 10000, "worst_atoms", o.worst_atoms, "0 to 10000");
  require(o.histogram_bin_pm > 0.0 && o.histogram_bin_pm <= 1000.0, "histogram_bin_pm", o.histogram_bin_pm,
          "(0, 1000]");
  require(o.nucleus_overlap > 0.0 && o.nucleus_overlap <= 1.0, "nucleus_overlap", o.nucleus_overlap,
          "(0, 1]");
  require(o.common_cutoff_a > 0.0 && o.common_cutoff_a <= 20.0, "common_cutoff_a", o.common_cutoff_a,
          "(0, 20] angstrom");
  require(o.yang2021_cutoff_a > 0.0 && o.yang2021_cutoff_a <= 20.0, "yang2021_cutoff_a", o.yang2021_cutoff_a,
          "(0, 20] angstrom");
}

FrameScore score_frame(const std::string& name, const core::Atoms& truth, const core::Atoms& model,
                       const ScoreOptions& options) {
  check(options);
  FrameScore score;
  score.name = name;
  score.match = match_atoms(truth, model, options.match);
  score.mirror = mirror_test(truth, model, score.match, options.match);
  score.chance = chance_level(truth, model, score.match, options.chance_rotations, options.seed);

  add_counts(score, truth, model);
  add_errors(score, options);
  add_error_bars(score, model);
  add_probabilities(score, truth, model);
  set(score.figures, known("atoms.cutoff_a", score.match.cutoff_a));
  set(score.figures, known("atoms.chance_recall", score.chance.recall));
  add_species(score, truth, model, options);
  add_order(score, truth, model);
  add_nuclei(score, truth, model, options.nucleus_overlap);
  score.figures = completed(std::move(score.figures));

  score.breakdown = breakdown(truth, model, score.match);
  score.histogram = histogram_of(score.match, options.histogram_bin_pm);
  score.worst = worst_pairs(score.match, options.worst_atoms);
  std::vector<double> cutoffs;
  for (int i = 1; i <= curve_points; ++i)
    cutoffs.push_back(2.0 * score.match.cutoff_a * i / curve_points);
  score.curve = cutoff_curve(truth, model, score.match, cutoffs);
  score.yang2017 = score_yang2017(truth, model, score.match, options.common_cutoff_a);
  score.zhou2019 = score_zhou2019(truth, model, score.match, options.common_cutoff_a);
  score.yang2021 = score_yang2021(truth, model, options.yang2021_cutoff_a);
  add_notes(score);
  return score;
}

void set_compared_model(FrameScore& score, const core::Atoms& truth, const core::Atoms& model,
                        const MatchOptions& options) {
  FrameScore other;
  other.match = match_atoms(truth, model, options);
  add_counts(other, truth, model);
  add_errors(other, {});
  for (const char* key : {"model", "recall", "precision", "identified", "rmsd_pm"}) {
    Figure figure = *find(other.figures, fmt::format("atoms.{}", key));
    figure.name = fmt::format("compared_model.{}", key);
    set(score.figures, std::move(figure));
  }
}

void set_limit(FrameScore& score, double limit_rmsd_pm) {
  set(score.figures, known("atoms.limit_rmsd_pm", limit_rmsd_pm));
  const Figure* rmsd = find(score.figures, "atoms.rmsd_pm");
  if (rmsd == nullptr || !rmsd->value || *rmsd->value <= 0.0) {
    set(score.figures, unknown("atoms.efficiency", "there is no RMSD above zero to compare the limit with"));
    return;
  }
  std::optional<Interval> interval; // the limit is computed, so only the RMSD is uncertain
  if (rmsd->interval && rmsd->interval->first > 0.0)
    interval = {limit_rmsd_pm / rmsd->interval->second, limit_rmsd_pm / rmsd->interval->first};
  set(score.figures, known("atoms.efficiency", limit_rmsd_pm / *rmsd->value, interval));
}

} // namespace aet::validation
