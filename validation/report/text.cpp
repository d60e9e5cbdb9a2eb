#include "validation/report/text.hpp"

#include <fmt/core.h>
#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <cmath>
#include <utility>
#include <vector>

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

/// Suffix of a key, its unit.
constexpr std::array<std::pair<std::string_view, std::string_view>, 3> unit_suffixes{
    {{"_deg", "\u00b0"}, {"_pm", "pm"}, {"_a", "\u00c5"}}};

/// What scores.json records beside the figures, in the order of a reader's interest.
constexpr std::array<std::pair<std::string_view, std::string_view>, 15> record_words{{
    {"rotation_deg", "Rotation fitted"},
    {"shift_a", "Shift fitted"},
    {"largest_strain", "Largest strain fitted"},
    {"settled", "Matching settled"},
    {"mirrored", "The model is the mirror image"},
    {"recall", "Recall"},
    {"common", "Common"},
    {"common_species", "Common, species right"},
    {"matched", "Matched"},
    {"identified", "Identified"},
    {"consistency", "Consistency"},
    {"rmsd_pm", "RMSD"},
    {"mean_deviation_pm", "Mean deviation"},
    {"precision_pm", "Precision (deviation / \u221a2)"},
    {"cutoff_a", "Cut-off"},
}};

/// The papers by whose definitions a model is scored.
constexpr std::array<std::pair<std::string_view, std::string_view>, 3> papers{
    {{"yang2017", "Yang et al., 2017"},
     {"zhou2019", "Zhou et al., 2019"},
     {"yang2021", "Yang et al., 2021 (scripts)"}}};

const std::pair<std::string_view, std::string_view>* words_of_record(std::string_view key) {
  for (const auto& row : record_words)
    if (row.first == key) return &row;
  for (const auto& row : papers)
    if (row.first == key) return &row;
  return nullptr;
}

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
      stem.remove_suffix(suffix.size());
      break;
    }
  if (const auto* row = words_of_record(key)) {
    label.words = row->second;
    return label;
  }
  label.words = stem;
  std::replace(label.words.begin(), label.words.end(), '_', ' ');
  if (!label.words.empty())
    label.words[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(label.words[0])));
  return label;
}

std::size_t rank_of_key(std::string_view key) {
  const auto found = std::find_if(record_words.begin(), record_words.end(),
                                  [&](const auto& row) { return row.first == key; });
  return static_cast<std::size_t>(found - record_words.begin());
}

std::string base64(std::string_view bytes) {
  const std::vector<unsigned char> in(bytes.begin(), bytes.end());
  std::vector<unsigned char> out((in.size() + 2) / 3 * 4 + 1); // OpenSSL ends it with a zero byte
  const int length = EVP_EncodeBlock(out.data(), in.data(), static_cast<int>(in.size()));
  return {out.begin(), out.begin() + length};
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
