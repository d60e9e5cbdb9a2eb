#include "validation/recovery/classification_report.hpp"

#include "sim/core/elements.hpp"
#include "sim/core/join.hpp"

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cctype>
#include <cstddef>

namespace aet::validation {

using nlohmann::json;

namespace {

/// Counts of the corrected intensities, a list per species.
json histogram(const recon::Classification& c) {
  constexpr std::size_t bins = 60;
  double low = 0.0;
  double high = 0.0;
  bool any = false;
  for (std::size_t i = 0; i < c.species.size(); ++i) {
    if (c.species[i] < 0) continue;
    low = any ? std::min(low, c.corrected[i]) : c.corrected[i];
    high = any ? std::max(high, c.corrected[i]) : c.corrected[i];
    any = true;
  }
  if (!any || !(high > low)) return nullptr;
  std::vector<std::vector<int>> counts(c.elements.size(), std::vector<int>(bins, 0));
  for (std::size_t i = 0; i < c.species.size(); ++i) {
    if (c.species[i] < 0) continue;
    const auto bin = std::min(bins - 1, static_cast<std::size_t>((c.corrected[i] - low) / (high - low) *
                                                                 static_cast<double>(bins)));
    ++counts[static_cast<std::size_t>(c.species[i])][bin];
  }
  json edges = json::array();
  for (std::size_t i = 0; i <= bins; ++i)
    edges.push_back(low + (high - low) * static_cast<double>(i) / static_cast<double>(bins));
  return {{"edges", edges}, {"counts", counts}};
}

} // namespace

std::vector<int> elements_from_text(const std::string& text) {
  std::vector<int> elements;
  std::string word;
  for (const char c : text + " ") {
    if (c != ' ' && c != ',' && c != '\t') {
      word += c;
    } else if (!word.empty()) {
      elements.push_back(core::atomic_number(word));
      word.clear();
    }
  }
  return elements;
}

json classification_json(const recon::Classification& c) {
  const recon::ClassifySummary& s = c.summary;
  json j;
  for (const auto& [name, value] : recon::named_numbers(s))
    j[name] = value;
  j["non_atom_rule"] = s.non_atom_rule;
  j["species"] = json::array();
  j["mixture"] = json::array();
  for (std::size_t e = 0; e < c.elements.size(); ++e) {
    const std::string symbol = core::element_symbol(c.elements[e]);
    j["species"].push_back(
        {{"element", symbol}, {"atoms", s.per_species[e]}, {"mean_intensity", s.mean_intensity[e]}});
    if (e < s.mixture.components.size()) {
      const recon::MixtureComponent& m = s.mixture.components[e];
      j["mixture"].push_back({{"element", symbol}, {"share", m.weight}, {"mean", m.mean}, {"sd", m.sd}});
    }
  }
  j["crossing_points"] = s.crossing_points;
  j["histogram"] = histogram(c);
  // Numbered as in the model's file: non-atoms are not counted.
  j["borderline_atoms"] = json::array();
  std::size_t atom = 0;
  for (std::size_t i = 0; i < c.species.size(); ++i) {
    if (c.species[i] < 0) continue;
    if (std::binary_search(s.borderline.begin(), s.borderline.end(), i)) {
      j["borderline_atoms"].push_back(
          {{"atom", atom},
           {"element", core::element_symbol(c.elements[static_cast<std::size_t>(c.species[i])])},
           {"probability", c.probability[i]}});
    }
    ++atom;
  }
  return j;
}

std::string classification_sentence(const recon::Classification& c) {
  std::vector<std::string> parts;
  for (std::size_t e = 0; e < c.elements.size(); ++e)
    parts.push_back(fmt::format("{} {}", c.summary.per_species[e], core::element_symbol(c.elements[e])));
  return fmt::format("{}, {} non-atoms, {} borderline", core::join(parts, ", "), c.summary.non_atoms,
                     c.summary.borderline.size());
}

} // namespace aet::validation
