#include "validation/report/text.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <cstdint>
#include <utility>

namespace aet::validation::page {
namespace {

constexpr std::string_view thin_space = "\u2009";
constexpr std::string_view minus_sign = "\u2212";

/// "12345" -> "12 345"; four digits stay together.
std::string group_thousands(const std::string& digits) {
  if (digits.size() < 5) return digits;
  std::string grouped;
  for (std::size_t i = 0; i < digits.size(); ++i) {
    if (i > 0 && (digits.size() - i) % 3 == 0) grouped += thin_space;
    grouped += digits[i];
  }
  return grouped;
}

std::string superscript(int exponent) {
  constexpr std::array<std::string_view, 10> digits{"\u2070", "\u00b9", "\u00b2", "\u00b3", "\u2074",
                                                    "\u2075", "\u2076", "\u2077", "\u2078", "\u2079"};
  std::string text = exponent < 0 ? "\u207b" : "";
  for (const char c : std::to_string(std::abs(exponent)))
    text += digits.at(static_cast<std::size_t>(c - '0'));
  return text;
}

/// Suffix of a key, its unit. Longest first where one ends another.
constexpr std::array<std::pair<std::string_view, std::string_view>, 17> unit_suffixes{{
    {"_ev_per_atom", "eV/atom"},
    {"temperature_k", "K"},
    {"_e_per_a2", "e/\u00c5\u00b2"},
    {"_degrees", "\u00b0"},
    {"_degree", "\u00b0"},
    {"_deg", "\u00b0"},
    {"_mrad", "mrad"},
    {"_percent", "%"},
    {"_a3", "\u00c5\u00b3"},
    {"_a2", "\u00c5\u00b2"},
    {"_pm", "pm"},
    {"_px", "px"},
    {"_ps", "ps"},
    {"_ev", "eV"},
    {"_mb", "MB"},
    {"_a", "\u00c5"},
    {"_s", "s"},
}};

/// Keys whose words underscores alone do not give, in the order of a reader's interest.
constexpr std::array<std::pair<std::string_view, std::string_view>, 63> known_words{{
    {"r1", "R\u2081"},
    {"r_free", "R-free"},
    {"r_k", "R (Fourier)"},
    {"fsc_half_a", "Resolution at FSC 0.5"},
    {"truth", "In the truth"},
    {"model", "In the model"},
    {"matched", "Matched one to one"},
    {"recall", "Recall"},
    {"precision", "Precision"},
    {"species_correct", "Species right among matched"},
    {"identified", "Identified (place and species)"},
    {"rmsd_pm", "RMSD"},
    {"median_pm", "Median error"},
    {"rmsd_axis_pm", "RMSD along x, y, z"},
    {"limit_rmsd_pm", "Physical limit of the RMSD (Cram\u00e9r\u2013Rao)"},
    {"efficiency", "Efficiency (limit / achieved)"},
    {"chance_recall", "Recall by chance"},
    {"rotation_deg", "Rotation fitted"},
    {"shift_a", "Shift fitted"},
    {"mirrored", "The model is the mirror image"},
    {"y2017", "Yang et al., 2017"},
    {"y2019", "Zhou et al., 2019"},
    {"y2021_2026", "Scripts of 2021\u20132026"},
    {"common", "Common"},
    {"common_species", "Common, species right"},
    {"consistency", "Consistency"},
    {"mean_deviation_pm", "Mean deviation"},
    {"precision_pm", "Precision (deviation / \u221a2)"},
    {"cutoff_a", "Matching cutoff"},
    {"q4_mean", "Mean Q4"},
    {"q6_mean", "Mean Q6"},
    {"alpha_mean", "Mean \u03b1"},
    {"q4_rms", "Q4, rms difference"},
    {"q6_rms", "Q6, rms difference"},
    {"alpha_rms", "\u03b1, rms difference"},
    {"alpha0", "\u03b1\u2080"},
    {"lambda_a", "\u03bb"},
    {"beta", "\u03b2"},
    {"compared", "Fits compared"},
    {"barrier_compared", "Barriers compared"},
    {"alpha0_rms", "\u03b1\u2080, rms difference"},
    {"lambda_rms_a", "\u03bb, rms difference"},
    {"beta_rms", "\u03b2, rms difference"},
    {"alpha0_in_interval", "\u03b1\u2080 of the truth within the model's 95 % interval"},
    {"lambda_in_interval", "\u03bb of the truth within the model's 95 % interval"},
    {"beta_in_interval", "\u03b2 of the truth within the model's 95 % interval"},
    {"barrier_rms", "Barrier, relative rms difference"},
    {"missed", "Missed"},
    {"spurious", "Spurious"},
    {"f1", "F1"},
    {"mean_overlap", "Mean overlap of the matched"},
    {"size_rms", "Size, relative rms difference"},
    {"surface_rms", "Surface, relative rms difference"},
    {"angle_error_given_deg", "Error of the angles as given"},
    {"angle_error_deg", "Error of the angles after refinement"},
    {"shift_error_given_px", "Error of the shifts as given"},
    {"shift_error_px", "Error of the shifts after refinement"},
    {"largest_strain", "Largest strain fitted"},
    {"settled", "Matching settled"},
    {"temperature_k", "Temperature"},
    {"potential_ev_per_atom", "Potential energy"},
    {"wall_s", "Wall time"},
    {"cpu_s", "CPU time"},
}};

/// Words of keys that are symbols.
constexpr std::array<std::pair<std::string_view, std::string_view>, 5> symbols{
    {{"alpha", "\u03b1"}, {"q4", "Q4"}, {"q6", "Q6"}, {"rmsd", "RMSD"}, {"beta", "\u03b2"}}};

} // namespace

std::string format_number(double value) {
  if (std::isnan(value)) return "not a number";
  if (std::isinf(value)) return value > 0 ? "infinite" : std::string(minus_sign) + "infinite";
  const std::string sign = value < 0 ? std::string(minus_sign) : "";
  const double size = std::abs(value);
  if (size == std::floor(size) && size < 1e12) return sign + group_thousands(fmt::format("{:.0f}", size));
  if (size >= 1e-3 && size < 1e5) {
    const int before_point = static_cast<int>(std::floor(std::log10(size))) + 1;
    std::string text = fmt::format("{:.{}f}", size, std::clamp(4 - before_point, 0, 6));
    auto point = text.find('.');
    if (point != std::string::npos) {
      text.erase(text.find_last_not_of('0') + 1);
      if (text.back() == '.') text.pop_back();
      point = text.find('.');
    }
    return sign + (point == std::string::npos ? group_thousands(text)
                                              : group_thousands(text.substr(0, point)) + text.substr(point));
  }
  int exponent = static_cast<int>(std::floor(std::log10(size)));
  double mantissa = size / std::pow(10.0, exponent);
  if (mantissa >= 9.995) { // would be printed as 10.0
    mantissa /= 10.0;
    ++exponent;
  }
  return fmt::format("{}{:.3g}{}\u00d7{}10{}", sign, mantissa, thin_space, thin_space, superscript(exponent));
}

Label label_of_key(std::string_view key) {
  Label label;
  std::string_view stem = key;
  for (const auto& [suffix, unit] : unit_suffixes)
    if (key.ends_with(suffix)) {
      label.unit = unit;
      stem = key.substr(0, key.size() - suffix.size());
      break;
    }
  if (const std::size_t rank = rank_of_key(key); rank < known_words.size()) {
    label.words = known_words.at(rank).second;
    return label;
  }
  // "event_KIND_as_KIND": what happened in the truth, what the model shows; "none" is no event.
  if (const auto as = stem.find("_as_"); stem.starts_with("event_") && as != std::string_view::npos) {
    const auto kind = [](std::string_view word) { return word == "none" ? "nothing" : word; };
    label.words = fmt::format("Events: {} in the truth, {} in the model", kind(stem.substr(6, as - 6)),
                              kind(stem.substr(as + 4)));
    return label;
  }
  std::string_view side;
  for (const std::string_view end : {"_truth", "_model"})
    if (stem.size() > end.size() && stem.ends_with(end)) {
      side = end.substr(1);
      stem.remove_suffix(end.size());
    }
  while (!stem.empty()) {
    const std::string_view word = stem.substr(0, stem.find('_'));
    stem.remove_prefix(std::min(word.size() + 1, stem.size()));
    const auto symbol =
        std::find_if(symbols.begin(), symbols.end(), [&](const auto& s) { return s.first == word; });
    if (!label.words.empty()) label.words += ' ';
    label.words += symbol == symbols.end() ? word : symbol->second;
  }
  if (!label.words.empty())
    label.words[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(label.words[0])));
  if (!side.empty()) label.words += fmt::format(", {}", side);
  return label;
}

std::string words_of_figure(const std::string& name) {
  if (name.find('.') == std::string::npos || name.find(' ') != std::string::npos) return name;
  std::string prefix;
  std::string_view rest = name;
  bool names_follow = false; // after "by_species" comes a name of the data's, which must stay as it is
  for (auto dot = rest.find('.'); dot != std::string_view::npos; dot = rest.find('.')) {
    const std::string_view part = rest.substr(0, dot);
    rest.remove_prefix(dot + 1);
    if (names_follow)
      prefix += std::string(part) + ": ";
    else if (part != "atoms" && part != "volume" && part != "order" && !part.starts_with("by_"))
      prefix += part == "opg" ? "Gradients: " : label_of_key(part).words + ": ";
    names_follow = part.starts_with("by_");
  }
  std::string words = label_of_key(rest).words;
  // "Nuclei: recall", but "RMSD" stays a name.
  if (!prefix.empty() && words.size() > 1 && std::islower(static_cast<unsigned char>(words[1])) != 0)
    words[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(words[0])));
  return prefix + words;
}

std::size_t rank_of_key(std::string_view key) {
  const auto found =
      std::find_if(known_words.begin(), known_words.end(), [&](const auto& row) { return row.first == key; });
  return static_cast<std::size_t>(found - known_words.begin());
}

std::string base64(std::string_view bytes) {
  constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    const std::size_t n = std::min<std::size_t>(3, bytes.size() - i);
    std::uint32_t group = 0;
    for (std::size_t j = 0; j < 3; ++j)
      group = group << 8U | (j < n ? static_cast<std::uint8_t>(bytes[i + j]) : 0U);
    for (std::size_t j = 0; j < 4; ++j)
      text += j <= n ? alphabet[group >> (18U - 6U * j) & 63U] : '=';
  }
  return text;
}

std::string json_for_html(const std::string& json) {
  // Inside JSON these characters occur only within strings, where the escaped form means the same.
  std::string safe;
  safe.reserve(json.size());
  for (const char c : json) {
    if (c == '<')
      safe += "\\u003c";
    else if (c == '>')
      safe += "\\u003e";
    else if (c == '&')
      safe += "\\u0026";
    else
      safe += c;
  }
  return safe;
}

} // namespace aet::validation::page
