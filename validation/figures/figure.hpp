// A figure of a score: a number with its uncertainty, or the reason why there is none. Everything else about
// it (unit, words, which way is better) stands in the table of figures.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace aet::validation {

struct Figure {
  std::string name;            ///< "group.key", as in scores.json: "atoms.recall", "order.q6_rms"
  std::optional<double> value; ///< finite
  std::optional<std::pair<double, double>> interval; ///< 95 % interval, low then high
  std::string reason;                                ///< why there is no value; empty where there is one
};

/// A figure with a value. One that is not finite becomes a figure without value that says so.
/// \throws std::logic_error for a name that is not in the table.
[[nodiscard]] Figure known(std::string name, double value,
                           std::optional<std::pair<double, double>> interval = {});

/// A figure without a value.
/// \throws std::logic_error for a name that is not in the table.
[[nodiscard]] Figure unknown(std::string name, std::string reason);

using Figures = std::vector<Figure>;

/// The figure of that name, or null.
[[nodiscard]] const Figure* find(const Figures& figures, const std::string& name);

/// Replace the figure of the same name, or append.
void set(Figures& figures, Figure figure);

} // namespace aet::validation
