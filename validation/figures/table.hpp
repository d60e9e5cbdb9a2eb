// The table of figures: what every number of a score is called, what it means, which way is better and how it
// is judged. Scoring, the keys of [checks], baselines, reports, studies and `aetval figures` read it.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace aet::validation {

enum class Better { higher, lower, neither };

/// How a number is written: a whole number, a part of one (0 to 1, written in percent), any number.
enum class Form { count, share, number };

/// How a run is held against accepted ones.
enum class Rule {
  none,     ///< not at all: it belongs to the specimen or the settings, or no side of it is the good one
  interval, ///< within the 95 % intervals that the values state, widened to the scatter of accepted runs
  scatter,  ///< within the scatter of accepted runs, and within an assumed one that is never undercut
  count     ///< exact test whether chance makes a count so small (or, where lower is better, so large)
};

/// Standard deviation of the difference of two runs, assumed where the values state no interval.
struct Scatter {
  double relative = 0.0; ///< to the value: numbers of this kind always move by as much
  double absolute = 0.0; ///< in the figure's unit; the larger of the two holds
  double at_first = 0.0; ///< relative, until three accepted runs show the scatter
};

/// The count behind a figure: below `least` of them it says nothing.
struct Footing {
  std::string_view count{}; ///< name of a figure; "" for none
  int least = 0;
};

/// One figure, or a family of them: a name may hold the words SYMBOL (an element), SIDE (truth or model),
/// TRUE and FOUND (an event in the truth and what the model shows).
struct FigureDefinition {
  std::string_view name{}; ///< GROUP.KEY as in scores.json: "atoms.by_species.SYMBOL.recall"
  std::string_view unit{}; ///< "pm", "A", "deg", "px"; "" for a pure number
  Better better = Better::neither;
  Form form = Form::number;
  int decimals = 3; ///< of form number
  Rule rule = Rule::none;
  Scatter scatter{};          ///< of rules interval and scatter
  std::string_view part_of{}; ///< of rule count: the count it is a part of; "" for none
  Footing rests_on{};         ///< of rules interval and scatter
  bool checked = true;        ///< [checks] takes a limit on it
  std::string_view label{};   ///< what people call it, with the words of the name
  std::string_view meaning{}; ///< one sentence
};

/// All figures, by group, in the order in which people ask for them.
[[nodiscard]] std::span<const FigureDefinition> figure_table();

/// The row of a figure, or of its family; null for a name that no score has.
[[nodiscard]] const FigureDefinition* find_definition(std::string_view name);

/// The same.
/// \throws std::logic_error for a name that is not in the table: a fault of the program.
[[nodiscard]] const FigureDefinition& definition_of(std::string_view name);

/// All names of a family, SYMBOL being every element; the one name of a row that is no family.
[[nodiscard]] std::vector<std::string> names_of(const FigureDefinition& definition);

/// Unit of a figure; "" for a pure number and for a name that is not in the table.
[[nodiscard]] std::string_view unit_of(std::string_view name);

/// "atoms" of "atoms.recall".
[[nodiscard]] std::string_view group_of(std::string_view name);

/// Heading of a group: "Order-parameter gradients" of "opg".
/// \throws std::logic_error for any other word.
[[nodiscard]] std::string_view group_heading(std::string_view group);

/// Groups that the frames of scores.json have as objects, in the order of the table.
[[nodiscard]] std::vector<std::string> frame_groups();

/// Whether the figure is one of the whole run (dynamics), not of every moment.
[[nodiscard]] bool of_whole_run(std::string_view name);

/// What people call a figure: "Pt: recall"; a name that is not in the table stays as it is.
[[nodiscard]] std::string label_of(std::string_view name);

/// What the comparison with a baseline adds to the name of a figure, as the name of a check.
constexpr std::string_view against_baseline = " against baseline";

/// What people call a check: "RMSD against baseline".
[[nodiscard]] std::string label_of_check(std::string_view name);

/// Unit as people write it: "Å" for "A", "°" for "deg".
[[nodiscard]] std::string unit_sign(std::string_view unit);

/// Label and unit on the axis of a plot, where shares go from 0 to 1: "RMSD [pm]", "Recall".
[[nodiscard]] std::string axis_label_of(std::string_view name);

/// Label and unit at the head of a column, where shares are in percent: "RMSD [pm]", "Recall [%]".
[[nodiscard]] std::string column_heading_of(std::string_view name);

/// A value with the digits of the table and without unit: "98.25" (percent), "17.24", "12".
[[nodiscard]] std::string digits_of(const FigureDefinition& definition, double value);

/// The same with its unit: "98.25 %", "17.24 pm", "12".
[[nodiscard]] std::string text_of(const FigureDefinition& definition, double value);

/// A key of the table [checks] of a case: a limit on a figure.
struct CheckKey {
  std::string key;    ///< "recall_min": the figure's name with _ for dots, "atoms." left out, _min or _max
  std::string figure; ///< "atoms.recall"
  bool at_least = true;
};

/// All keys of [checks], those of families for these elements ("Fe", "Pt").
[[nodiscard]] std::vector<CheckKey> check_keys(const std::vector<std::string>& elements);

/// Names of figures that can be checked, those of families by their pattern.
[[nodiscard]] std::vector<std::string> checked_figures();

/// How a baseline judges the figure, in a few words.
[[nodiscard]] std::string rule_text(const FigureDefinition& definition);

/// The table as text for people: all of it, one group ("nuclei") or one figure.
/// \throws ConfigError for a name that is neither, with the nearest one.
[[nodiscard]] std::string describe_figures(const std::string& name);

} // namespace aet::validation
