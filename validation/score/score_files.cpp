#include "validation/score/score_files.hpp"

#include "sim/core/units.hpp"
#include "validation/figures/table.hpp"
#include "validation/score/text_safety.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>

namespace aet::validation {

namespace {

constexpr double percent = 100.0;
using core::pm_per_a;
constexpr std::size_t most_checks = 500;
constexpr std::size_t most_frames = 200;
constexpr std::size_t most_notes = 100;

/// "98.25 % (97.90 to 98.52)", "17.24 pm (15.80 to 18.70)", or why not.
std::string figure_text(const FrameScore& score, const char* name) {
  const Figure* figure = find(score.figures, name);
  if (figure == nullptr) return "not assessed";
  if (!figure->value) return fmt::format("not assessed ({})", figure->reason);
  const FigureDefinition& row = definition_of(name);
  std::string text = text_of(row, *figure->value);
  if (figure->interval)
    text += fmt::format(" ({} to {})", digits_of(row, figure->interval->first),
                        digits_of(row, figure->interval->second));
  return text;
}

std::string line(const char* label, const std::string& text) {
  return fmt::format("  {:<16} {}\n", label, text);
}

std::string pm_or_dash(const std::optional<double>& angstrom) {
  return angstrom ? fmt::format("{:.2f} pm", pm_per_a * *angstrom) : std::string("not assessed");
}

/// Failed first, then not assessed, then passed; within each in their order.
std::vector<const Check*> by_urgency(const std::vector<Check>& checks) {
  std::vector<const Check*> sorted;
  for (const CheckStatus status : {CheckStatus::fail, CheckStatus::not_assessed, CheckStatus::pass}) {
    for (const Check& check : checks) {
      if (check.status == status) sorted.push_back(&check);
    }
  }
  return sorted;
}

std::size_t count_of(const std::vector<Check>& checks, CheckStatus status) {
  return static_cast<std::size_t>(
      std::count_if(checks.begin(), checks.end(), [status](const Check& c) { return c.status == status; }));
}

std::string limit_text(const Check& check) {
  return fmt::format("{} {:.6g}{}", check.direction == Direction::at_least ? "at least" : "at most",
                     check.limit, check.unit.empty() ? "" : " " + check.unit);
}

std::string value_text(const Check& check) {
  return check.value ? fmt::format("{:.6g}{}", *check.value, check.unit.empty() ? "" : " " + check.unit)
                     : std::string("none");
}

/// "Recall (atoms.recall)"
std::string check_title(const std::string& name) {
  const std::string label = label_of_check(name);
  return label == name ? name : fmt::format("{} ({})", label, name);
}

std::string verdict_sentence(const std::vector<Check>& checks) {
  if (checks.empty()) return "not assessed: no checks were named";
  return fmt::format("{}: {} of {} checks passed, {} failed, {} not assessed", status_name(verdict(checks)),
                     count_of(checks, CheckStatus::pass), checks.size(), count_of(checks, CheckStatus::fail),
                     count_of(checks, CheckStatus::not_assessed));
}

constexpr std::array frame_columns{
    "atoms.truth",           "atoms.model",     "atoms.recall",        "atoms.precision",
    "atoms.species_correct", "atoms.rmsd_pm",   "atoms.rmsd_x_pm",     "atoms.rmsd_y_pm",
    "atoms.rmsd_z_pm",       "atoms.median_pm", "atoms.limit_rmsd_pm", "order.q6_rms",
    "order.alpha_rms",       "nuclei.truth",    "nuclei.model",        "nuclei.matched"};

/// The Markdown table of frames.
std::string frames_table(const RunScores& run) {
  std::string table = "| Frame |";
  std::string rule = "\n|---|";
  for (const char* name : frame_columns) {
    table += fmt::format(" {} |", markdown_text(column_heading_of(name)));
    rule += "---|";
  }
  table += rule + "\n";
  for (std::size_t i = 0; i < std::min(run.frames.size(), most_frames); ++i) {
    const FrameScore& score = run.frames[i];
    table += fmt::format("| {} |", markdown_text(score.name, 60));
    for (const char* name : frame_columns) {
      const Figure* figure = find(score.figures, name);
      const bool has_value = figure != nullptr && figure->value;
      table += fmt::format(" {} |", has_value ? digits_of(definition_of(name), *figure->value)
                                              : std::string("not assessed"));
    }
    table += "\n";
  }
  if (run.frames.size() > most_frames)
    table += fmt::format("\n{} more frames are in scores.json.\n", run.frames.size() - most_frames);
  return table;
}

} // namespace

std::string format_score_text(const FrameScore& score) {
  const MatchResult& match = score.match;
  std::string text = fmt::format("{}: {} of {} atoms matched, model has {}", clean_text(score.name),
                                 match.pairs.size(), match.truth_atoms, match.model_atoms);
  text += "\n";
  text += line("recall", figure_text(score, "atoms.recall") +
                             fmt::format(", by chance {:.1f} %", percent * score.chance.recall));
  text += line("precision", figure_text(score, "atoms.precision"));
  text += line("species right", figure_text(score, "atoms.species_correct"));
  text += line("identified", figure_text(score, "atoms.identified"));
  text += line("RMSD", figure_text(score, "atoms.rmsd_pm"));
  if (!match.pairs.empty()) {
    text += line("along x", figure_text(score, "atoms.rmsd_x_pm"));
    text += line("along y", figure_text(score, "atoms.rmsd_y_pm"));
    text += line("along z", figure_text(score, "atoms.rmsd_z_pm"));
  }
  text += line("median error", figure_text(score, "atoms.median_pm"));
  text += line("physical limit", figure_text(score, "atoms.limit_rmsd_pm"));
  if (const Figure* z = find(score.figures, "atoms.z_rms_x"); z != nullptr && z->value) {
    text += line("error bars",
                 fmt::format("z rms {}, {}, {}; within one {}, within 1.96 {}",
                             figure_text(score, "atoms.z_rms_x"), figure_text(score, "atoms.z_rms_y"),
                             figure_text(score, "atoms.z_rms_z"), figure_text(score, "atoms.cover_68"),
                             figure_text(score, "atoms.cover_95")));
  }
  if (const Figure* brier = find(score.figures, "atoms.presence_brier"); brier != nullptr && brier->value) {
    std::string told = fmt::format("Brier score of presence {} (one number for all: {})",
                                   figure_text(score, "atoms.presence_brier"),
                                   figure_text(score, "atoms.presence_brier_constant"));
    if (const Figure* s = find(score.figures, "atoms.species_brier"); s != nullptr && s->value)
      told += fmt::format(", of species {} ({})", figure_text(score, "atoms.species_brier"),
                          figure_text(score, "atoms.species_brier_constant"));
    text += line("probabilities", told);
  }
  text += line("cutoff", fmt::format("{:.4f} A", match.cutoff_a));
  text += line("alignment",
               fmt::format("shift {:.3f} {:.3f} {:.3f} A, rotation {:.3f} degrees, strain {:.2g}",
                           match.transform.shift.x(), match.transform.shift.y(), match.transform.shift.z(),
                           rotation_angle(match.transform) / core::radian_per_degree,
                           largest_strain(match.transform)));
  text += line("mirror test", fmt::format("{} ({})", score.mirror.mirrored ? "MIRRORED" : "not mirrored",
                                          score.mirror.reason));
  text += line("Q4 rms", figure_text(score, "order.q4_rms"));
  text += line("Q6 rms", figure_text(score, "order.q6_rms"));
  text += line("alpha rms", figure_text(score, "order.alpha_rms"));
  text += line("nuclei",
               score.nuclei ? fmt::format("{} in the truth, {} in the model, {} matched", score.nuclei->truth,
                                          score.nuclei->model, score.nuclei->pairs.size())
                            : figure_text(score, "nuclei.matched"));
  text += "  by the definitions of the papers:\n";
  text +=
      line("Yang 2021", fmt::format("{} matched within {:.2f} A ({:.2f} %), RMSD {}", score.yang2021.matched,
                                    score.yang2021.cutoff_a, percent * score.yang2021.matched_fraction,
                                    pm_or_dash(score.yang2021.rmsd_a)));
  text +=
      line("Yang 2017", fmt::format("{} common pairs within {:.2f} A, identified {:.2f} %, RMSD {}",
                                    score.yang2017.common, score.yang2017.cutoff_a,
                                    percent * score.yang2017.identified, pm_or_dash(score.yang2017.rmsd_a)));
  text += line("Zhou 2019",
               fmt::format("consistency {:.2f} %, mean deviation {}, precision {}",
                           percent * score.zhou2019.consistency, pm_or_dash(score.zhou2019.mean_deviation_a),
                           pm_or_dash(score.zhou2019.precision_a)));
  for (const std::string& note : score.notes)
    text += fmt::format("  note: {}\n", clean_text(note));
  return text;
}

std::string format_checks_text(const std::vector<Check>& checks) {
  if (checks.empty()) return "";
  std::string text;
  for (const Check* check : by_urgency(checks)) {
    text += fmt::format("  {:<13} {}{}{}: {} ({})\n", status_name(check->status), clean_text(check->name),
                        check->frame.empty() ? "" : " ", clean_text(check->frame), clean_text(check->reason),
                        limit_text(*check));
  }
  return text + verdict_sentence(checks) + "\n";
}

std::string junit_xml(const RunScores& run) {
  const std::string suite = run.case_name.empty() ? "aetval" : run.case_name;
  const std::string counts =
      fmt::format("tests=\"{}\" failures=\"{}\" errors=\"0\" skipped=\"{}\"", run.checks.size(),
                  count_of(run.checks, CheckStatus::fail), count_of(run.checks, CheckStatus::not_assessed));
  std::string xml = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
  xml += fmt::format("<testsuites name=\"aetval\" {}>\n", counts);
  xml += fmt::format(" <testsuite name=\"{}\" {}>\n", xml_text(suite), counts);
  for (const Check& check : run.checks) {
    const std::string where = check.frame.empty() ? suite : suite + "." + check.frame;
    const std::string name = fmt::format("{} {}", check.name, limit_text(check));
    const std::string body =
        fmt::format("value {}; {}; {}", value_text(check), limit_text(check), check.reason);
    xml += fmt::format("  <testcase classname=\"{}\" name=\"{}\"", xml_text(where), xml_text(name));
    switch (check.status) {
    case CheckStatus::pass:
      xml += "/>\n";
      break;
    case CheckStatus::fail:
      xml += fmt::format(">\n   <failure message=\"{}\" type=\"limit\">{}</failure>\n  </testcase>\n",
                         xml_text(check.reason), xml_text(body));
      break;
    case CheckStatus::not_assessed:
      xml += fmt::format(">\n   <skipped message=\"{}\"/>\n  </testcase>\n",
                         xml_text("not assessed: " + check.reason));
      break;
    }
  }
  return xml + " </testsuite>\n</testsuites>\n";
}

std::string score_markdown(const RunScores& run) {
  std::string md =
      fmt::format("# {}\n\n", markdown_text(run.case_name.empty() ? "aetval" : run.case_name, 200));
  md += fmt::format("**Verdict: {}.**\n\n", verdict_sentence(run.checks));
  if (!run.checks.empty()) {
    md += "## Checks\n\n| Status | Check | Frame | Value | Limit | Reason |\n|---|---|---|---|---|---|\n";
    const auto checks = by_urgency(run.checks);
    for (std::size_t i = 0; i < std::min(checks.size(), most_checks); ++i) {
      const Check& c = *checks[i];
      const std::string status(status_name(c.status));
      md += fmt::format(
          "| {} | {} | {} | {} | {} | {} |\n", c.status == CheckStatus::pass ? status : "**" + status + "**",
          markdown_text(check_title(c.name), 160), markdown_text(c.frame, 60), markdown_text(value_text(c)),
          markdown_text(limit_text(c)), markdown_text(c.reason, 200));
    }
    if (checks.size() > most_checks)
      md += fmt::format("\n{} more checks are in scores.json.\n", checks.size() - most_checks);
    md += "\n";
  }
  if (!run.frames.empty()) {
    md += "## Frames\n\n" + frames_table(run) + "\n";
  }
  std::vector<std::string> notes(run.notes);
  for (const FrameScore& frame : run.frames) {
    for (const std::string& note : frame.notes)
      notes.push_back(frame.name + ": " + note);
  }
  if (!notes.empty()) {
    md += "## Notes\n\n";
    for (std::size_t i = 0; i < std::min(notes.size(), most_notes); ++i)
      md += "- " + markdown_text(notes[i]) + "\n";
    if (notes.size() > most_notes)
      md += fmt::format("- {} more notes are in scores.json.\n", notes.size() - most_notes);
  }
  return md;
}

} // namespace aet::validation
