// Limits that a run must keep, and the verdict. What was not assessed never counts as passed.
#pragma once

#include "validation/figures/figure.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace aet::validation {

struct FrameScore;

enum class Direction { at_least, at_most };

/// A limit on a figure of every frame.
struct CheckSpec {
  std::string figure; ///< a figure of the table that can be checked
  Direction direction = Direction::at_least;
  double limit = 0.0; ///< finite; the limit itself passes
};

/// \throws ConfigError for a figure that no score has or that takes no limit (with the nearest one that
/// does), or a limit that is not finite.
void check(const CheckSpec& spec);

enum class CheckStatus { pass, fail, not_assessed };

/// "pass", "fail", "not assessed"
[[nodiscard]] std::string_view status_name(CheckStatus status);
/// "at_least", "at_most"
[[nodiscard]] std::string_view direction_name(Direction direction);

/// A limit held against a value.
struct Check {
  std::string name;  ///< of the figure
  std::string frame; ///< "" for a figure of the whole run
  std::optional<double> value;
  std::string unit;
  double limit = 0.0;
  Direction direction = Direction::at_least;
  CheckStatus status = CheckStatus::not_assessed;
  std::string reason;                ///< one sentence
  std::optional<double> baseline{};  ///< the accepted value this check comes from, if it comes from one
  std::optional<double> tolerance{}; ///< change from the baseline that chance explains, where it has a size
  std::vector<double> history{};     ///< values of accepted runs, oldest first, where there is a baseline
};

/// Hold a figure against a limit.
/// \param figure null or without value: not assessed.
[[nodiscard]] Check evaluate_check(const CheckSpec& spec, const Figure* figure, const std::string& frame);

/// Every limit on every frame: by limit, then by frame; a limit on a figure of the whole run is one check.
/// With no frames each limit is one check, not assessed.
/// \param of_run figures of the whole run.
/// \throws ConfigError as check(CheckSpec).
[[nodiscard]] std::vector<Check> evaluate_checks(const std::vector<FrameScore>& frames,
                                                 const std::vector<CheckSpec>& specs,
                                                 const Figures& of_run = {});

/// fail if a check failed; else not assessed if one was not, or if there are none; else pass.
[[nodiscard]] CheckStatus verdict(const std::vector<Check>& checks);

} // namespace aet::validation
