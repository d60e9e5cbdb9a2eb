#include "validation/score/register_moments.hpp"

#include "sim/core/units.hpp"

#include <fmt/core.h>

namespace aet::validation {

namespace {

constexpr double enough = 0.5;        // of the atoms: no need to look farther
constexpr double beyond_chance = 0.1; // a fit that matches so much more than random turns do is one

} // namespace

Registration register_moment(const core::Atoms& first, core::Atoms& later, Alignment alignment) {
  MatchOptions as_given;
  as_given.alignment = Alignment::none;
  MatchOptions fitted;
  fitted.alignment = alignment;
  Registration result;
  result.matched_as_given = match_atoms(first, later, as_given).recall();
  MatchResult match = match_atoms(first, later, fitted);
  if (match.recall() < enough) {
    fitted.any_rotation = true;
    match = match_atoms(first, later, fitted);
  }
  result.matched = match.recall();
  result.by_chance = chance_level(first, later, match, 5, 1).recall;
  result.moved =
      result.matched > result.by_chance + beyond_chance && result.matched >= result.matched_as_given;
  if (!result.moved) {
    result.sentence = fmt::format(
        "{:.0f} % of the first moment's atoms have a partner, {:.0f} % would by chance: the moment is "
        "not laid onto the first; is it the same particle?",
        100.0 * result.matched, 100.0 * result.by_chance);
    return result;
  }
  const core::Vec3 before = core::centroid(later);
  later.positions = transformed(match.transform, later.positions);
  result.turned_rad = rotation_angle(match.transform);
  result.shifted_a = (core::centroid(later) - before).norm();
  result.sentence =
      fmt::format("laid onto the first moment: turned by {:.2f} degrees, moved by {:.2f} A; {:.0f} % "
                  "of the atoms have a partner ({:.0f} % as given)",
                  result.turned_rad / core::radian_per_degree, result.shifted_a, 100.0 * result.matched,
                  100.0 * result.matched_as_given);
  return result;
}

} // namespace aet::validation
