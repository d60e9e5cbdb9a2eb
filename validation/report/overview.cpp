#include "validation/report/overview.hpp"

#include "validation/figures/table.hpp"
#include "validation/report/lenient_json.hpp"
#include "validation/report/text.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cctype>
#include <cmath>

namespace aet::validation::page {
namespace {

Status status_of(const std::string& word) {
  if (word == "pass") return Status::pass;
  if (word == "fail") return Status::fail;
  return Status::not_assessed;
}

bool is_separator(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) == 0;
}

/// The frame a check is about: its own key, or a frame's name as a word of the check's name.
std::string frame_of(const Json& json, const std::string& name, const std::vector<std::string>& frames) {
  if (std::string frame = text_at(json, "frame"); !frame.empty()) return frame;
  for (const std::string& frame : frames)
    if (without_frame(name, frame) != name) return frame;
  return "";
}

CheckLine read_check(const Json& json, const std::vector<std::string>& frames) {
  CheckLine check;
  const std::string name = text_at(json, "name", "a check without a name");
  check.frame = frame_of(json, name, frames);
  check.baseline = number_at(json, "baseline");
  std::string figure = without_frame(name, check.frame);
  check.against_baseline = figure.ends_with(against_baseline);
  if (check.against_baseline) figure.erase(figure.size() - against_baseline.size());
  check.name = label_of(figure);
  check.value = number_at(json, "value");
  check.limit = number_at(json, "limit");
  check.history = numbers_at(json, "history");
  check.tolerance = number_at(json, "tolerance");
  check.unit = unit_sign(text_at(json, "unit"));
  check.at_least = text_at(json, "direction") != "at_most";
  check.status = status_of(text_at(json, "status"));
  check.reason = text_at(json, "reason");
  return check;
}

std::string counted(std::size_t n, const char* what) {
  return fmt::format("{} {}{}", n, what, n == 1 ? "" : "s");
}

std::string sentence_about(const std::vector<CheckLine>& checks) {
  const auto count = [&checks](Status status) {
    return static_cast<std::size_t>(
        std::count_if(checks.begin(), checks.end(), [&](const CheckLine& c) { return c.status == status; }));
  };
  const std::size_t passed = count(Status::pass);
  const std::size_t failed = count(Status::fail);
  const std::size_t open = count(Status::not_assessed);
  std::string sentence = passed == checks.size()
                             ? fmt::format("All {} passed", counted(passed, "check"))
                             : fmt::format("{} of {} passed", passed, counted(checks.size(), "check"));
  if (failed > 0) {
    sentence += fmt::format("; {} failed", failed);
    if (failed <= 3) {
      std::string names;
      for (const CheckLine& check : checks)
        if (check.status == Status::fail)
          names += fmt::format("{}{}{}{}", names.empty() ? "" : ", ", check.name,
                               check.frame.empty() ? "" : " ", check.frame);
      sentence += fmt::format(" ({})", names);
    }
  }
  if (open > 0) sentence += fmt::format("; {} could not be assessed", open);
  return sentence + ".";
}

/// The bar's ends: limit, values and history lie on it, and shares end at the best a share can be.
void set_range(Slider& slider, std::vector<double> values) {
  values.push_back(slider.limit);
  const auto [low, high] = std::minmax_element(values.begin(), values.end());
  const double spread = *high - *low > 0.0 ? *high - *low : std::max(std::abs(*high), 1.0);
  double worst = 0.0;
  double best = 0.0;
  if (slider.at_least) {
    const bool is_share = *low >= 0.0 && *high <= 1.0;
    best = is_share ? 1.0 : *high + 0.15 * spread;
    // A pass stays visible apart from the limit: the limit never lies in the last third.
    worst = std::min(*low - 0.15 * spread, slider.limit - 2.0 * (best - slider.limit));
    if (*low >= 0.0) worst = std::max(worst, 0.0);
  } else {
    best = *low >= 0.0 ? 0.0 : *low - 0.15 * spread;
    worst = std::max(*high + 0.1 * spread, slider.limit + 0.5 * (slider.limit - best));
  }
  if (worst == best) worst = best - (slider.at_least ? 1.0 : -1.0);
  slider.left = worst;
  slider.right = best;
}

double place_on(const Slider& slider, double value) {
  return std::clamp((value - slider.left) / (slider.right - slider.left), 0.0, 1.0);
}

bool same_quantity(const CheckLine& a, const CheckLine& b) {
  return a.name == b.name && a.unit == b.unit && a.at_least == b.at_least && a.limit == b.limit;
}

std::vector<Slider> sliders_of(const std::vector<CheckLine>& checks) {
  std::vector<Slider> sliders;
  std::vector<std::vector<const CheckLine*>> groups;
  for (const CheckLine& check : checks) {
    if (!check.value || !check.limit || check.against_baseline) continue; // a baseline has its own table
    const auto group = std::find_if(groups.begin(), groups.end(),
                                    [&](const auto& g) { return same_quantity(*g.front(), check); });
    if (group == groups.end())
      groups.push_back({&check});
    else
      group->push_back(&check);
  }
  for (const auto& group : groups) {
    const CheckLine& first = *group.front();
    Slider slider;
    slider.name = first.name;
    slider.unit = first.unit;
    slider.at_least = first.at_least;
    slider.limit = *first.limit;
    std::vector<double> values;
    std::vector<double> history;
    for (const CheckLine* check : group) {
      values.push_back(*check->value);
      history.insert(history.end(), check->history.begin(), check->history.end());
    }
    const auto [low, high] = std::minmax_element(values.begin(), values.end());
    const double weakest = slider.at_least ? *low : *high;
    values.insert(values.end(), history.begin(), history.end());
    set_range(slider, values);
    slider.limit_place = place_on(slider, slider.limit);
    for (const CheckLine* check : group)
      slider.marks.push_back({place_on(slider, *check->value), check->frame, *check->value, check->status});
    for (const double value : history)
      slider.history_places.push_back(place_on(slider, value));
    if (!history.empty()) {
      const auto beaten = std::count_if(history.begin(), history.end(), [&](double old) {
        return slider.at_least ? weakest >= old : weakest <= old;
      });
      slider.better_than = static_cast<double>(beaten) / static_cast<double>(history.size());
    }
    sliders.push_back(std::move(slider));
  }
  return sliders;
}

int urgency(Status status) {
  switch (status) {
  case Status::fail:
    return 0;
  case Status::not_assessed:
    return 1;
  case Status::pass:
    break;
  }
  return 2;
}

/// What was recovered, in one sentence; empty where atoms were not scored.
std::string headline(const Json& frame) {
  const Json& atoms = object_at(frame, "atoms");
  const auto matched = number_at(atoms, "matched");
  const auto truth = number_at(atoms, "truth");
  const auto model = number_at(atoms, "model");
  if (!matched || !truth || !model) return "";
  std::string text = fmt::format("{}: {} of {} atoms recovered, {} spurious", text_at(frame, "name"),
                                 *matched, *truth, *model - *matched);
  const auto identified = number_at(atoms, "identified");
  if (identified && std::round(*identified * *truth) != *matched)
    text += fmt::format("; position and element correct for {}", std::round(*identified * *truth));
  if (const auto rmsd = number_at(atoms, "rmsd_pm")) {
    text += fmt::format("; RMSD {} pm", format_number(*rmsd));
    if (const auto limit = number_at(atoms, "limit_rmsd_pm"))
      text += fmt::format(", physical limit {} pm", format_number(*limit));
  }
  return text + ".";
}

std::vector<std::string> headlines_of(const Json& json) {
  constexpr std::size_t most = 4;
  std::vector<std::pair<double, std::string>> frames;
  for (const Json& frame : items_at(json, "frames")) {
    if (!frame.is_object()) continue;
    const std::string text = headline(frame);
    const Json& atoms = object_at(frame, "atoms");
    if (!text.empty()) frames.emplace_back(number_at(atoms, "recall").value_or(0.0), text);
  }
  if (frames.size() > most) {
    const auto worst = std::min_element(frames.begin(), frames.end());
    return {fmt::format("The worst of {} frames, {}", frames.size(), worst->second)};
  }
  std::vector<std::string> list;
  for (const auto& [recall, text] : frames)
    list.push_back(text);
  return list;
}

} // namespace

std::string without_frame(const std::string& name, const std::string& frame) {
  if (frame.empty()) return name;
  for (auto at = name.find(frame); at != std::string::npos; at = name.find(frame, at + 1)) {
    const auto end = at + frame.size();
    if ((at > 0 && !is_separator(name[at - 1])) || (end < name.size() && !is_separator(name[end]))) continue;
    std::string head = name.substr(0, at);
    std::string tail = name.substr(end);
    while (!head.empty() && is_separator(head.back()))
      head.pop_back();
    const auto word = std::find_if_not(tail.begin(), tail.end(), is_separator);
    tail.erase(tail.begin(), word);
    if (head.empty() && tail.empty()) return name;
    if (head.empty() || tail.empty()) return head + tail;
    return head.append(" ").append(tail);
  }
  return name;
}

Overview overview(const Part<JsonText>& scores, const std::vector<std::string>& frames) {
  Overview view;
  view.title = "Untitled run";
  if (!scores.value) {
    view.no_checks_reason = scores.reason;
    view.sentence = "Nothing was assessed: " + scores.reason + ".";
    return view;
  }
  const Json json = parse_json(scores.value->text, "scores.json");
  view.title = text_at(json, "case", view.title);
  view.verdict = status_of(text_at(json, "verdict"));
  view.headlines = headlines_of(json);
  for (const Json& check : items_at(json, "checks"))
    if (check.is_object()) view.checks.push_back(read_check(check, frames));
  if (view.checks.empty()) {
    view.no_checks_reason = "put limits into [checks] of the case, or compare the run with accepted ones "
                            "with aetval check --baseline";
    view.sentence = "Nothing was assessed: the case names no checks.";
    return view;
  }
  view.sliders = sliders_of(view.checks);
  view.sentence = sentence_about(view.checks);
  std::stable_sort(view.checks.begin(), view.checks.end(), [](const CheckLine& a, const CheckLine& b) {
    return urgency(a.status) < urgency(b.status);
  });
  return view;
}

} // namespace aet::validation::page
