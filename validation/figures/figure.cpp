#include "validation/figures/figure.hpp"

#include "validation/figures/table.hpp"

#include <algorithm>
#include <cmath>

namespace aet::validation {

Figure known(std::string name, double value, std::optional<std::pair<double, double>> interval) {
  if (!std::isfinite(value)) return unknown(std::move(name), "the computed value is not finite");
  if (interval && !(std::isfinite(interval->first) && std::isfinite(interval->second))) interval.reset();
  (void)definition_of(name); // throws for a name that is not in the table
  return {std::move(name), value, interval, ""};
}

Figure unknown(std::string name, std::string reason) {
  (void)definition_of(name); // throws for a name that is not in the table
  return {std::move(name), std::nullopt, std::nullopt, std::move(reason)};
}

const Figure* find(const Figures& figures, const std::string& name) {
  const auto at =
      std::find_if(figures.begin(), figures.end(), [&](const Figure& f) { return f.name == name; });
  return at == figures.end() ? nullptr : &*at;
}

void set(Figures& figures, Figure figure) {
  const auto at =
      std::find_if(figures.begin(), figures.end(), [&](const Figure& f) { return f.name == figure.name; });
  if (at == figures.end()) {
    figures.push_back(std::move(figure));
  } else {
    *at = std::move(figure);
  }
}

} // namespace aet::validation
