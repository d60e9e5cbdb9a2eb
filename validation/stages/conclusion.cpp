#include "validation/stages/conclusion.hpp"

#include "sim/core/error.hpp"
#include "sim/core/io/file.hpp"
#include "sim/core/join.hpp"

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include <vector>

namespace aet::validation {

using nlohmann::json;

namespace {

std::string number(const json& value, int digits, double scale = 1.0) {
  return value.is_number() ? fmt::format("{:.{}f}", scale * value.get<double>(), digits) : "not assessed";
}

} // namespace

Conclusion read_conclusion(const std::filesystem::path& scores_json) {
  Conclusion conclusion;
  try {
    const json scores = json::parse(core::read_file(scores_json));
    for (const json& frame : scores.at("frames")) {
      const json& atoms = frame.at("atoms");
      conclusion.text += fmt::format("{}: {} of {} atoms recovered (recall {}, precision {}), RMSD {} pm\n",
                                     frame.at("name").get<std::string>(), number(atoms.at("matched"), 0),
                                     number(atoms.at("truth"), 0), number(atoms.at("recall"), 4),
                                     number(atoms.at("precision"), 4), number(atoms.at("rmsd_pm"), 1));
    }
    std::vector<std::string> failed;
    for (const json& check : scores.at("checks")) {
      if (check.at("status") != "fail") continue;
      failed.push_back(fmt::format(
          "{} {} is {}{} but must be {} {}", check.at("frame").get<std::string>(),
          check.at("name").get<std::string>(), number(check.at("value"), 4),
          check.at("unit").get<std::string>().empty() ? "" : " " + check.at("unit").get<std::string>(),
          check.at("direction") == "at_least" ? "at least" : "at most", check.at("limit").get<double>()));
    }
    conclusion.failed = !failed.empty();
    if (conclusion.failed) {
      conclusion.sentence = fmt::format("{} of {} checks failed: {}.", failed.size(),
                                        scores.at("checks").size(), core::join(failed, "; "));
    }
    conclusion.text += fmt::format("verdict: {} ({} checks)\n", scores.at("verdict").get<std::string>(),
                                   scores.at("checks").size());
  } catch (const json::exception& e) {
    throw core::DataError(
        fmt::format("'{}' is not a usable scores file: {}.", scores_json.string(), e.what()));
  }
  return conclusion;
}

} // namespace aet::validation
