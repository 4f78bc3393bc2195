#include "cli/render_choices.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <utility>

#include "cli/plan_json.h"
#include "cli/plan_names.h"
#include "tenon/text.h"

namespace tenon::cli {

namespace {

struct ChoiceRow {
  std::string_view verdict;
  Ink ink;
  std::string candidate;
  std::string why;
};

std::string format_candidate(const std::string& provider, const std::string& export_name) {
  return sanitize_text(fmt::format("{} ({})", provider, export_name));
}

std::string explain_edge(const PlanEdge& edge) {
  std::string why(get_phrase(edge.reason));
  for (const std::string& note : edge.notes) why += "; " + note;
  return why;
}

std::vector<ChoiceRow> make_rows(const ImportChoice& choice) {
  std::vector<ChoiceRow> rows;
  for (const PlanEdge& edge : choice.chosen)
    rows.push_back({"chosen:", Ink::Hint, format_candidate(edge.provider, edge.export_name),
                    sanitize_text(choice.why_chosen)});
  for (const PlanRejected& other : choice.rejected)
    rows.push_back({other.shadowed ? "shadowed:" : "rejected:", Ink::Warning,
                    format_candidate(other.provider, other.export_name), sanitize_text(other.why)});
  return rows;
}

}  // namespace

std::vector<ImportChoice> group_candidates(const Plan& plan,
                                           const std::vector<PlanRejected>& candidates) {
  std::vector<ImportChoice> choices;
  const auto find_choice = [&](const PlanRejected& candidate) -> ImportChoice& {
    for (ImportChoice& choice : choices)
      if (choice.consumer == candidate.consumer && choice.import == candidate.import) return choice;
    ImportChoice choice;
    choice.consumer = candidate.consumer;
    choice.import = candidate.import;
    for (const PlanEdge& edge : plan.edges)
      if (edge.consumer == choice.consumer && edge.import == choice.import)
        choice.chosen.push_back(edge);
    if (!choice.chosen.empty()) choice.why_chosen = explain_edge(choice.chosen.front());
    return choices.emplace_back(std::move(choice));
  };
  for (const PlanRejected& candidate : candidates) {
    ImportChoice& choice = find_choice(candidate);
    const bool is_chosen = !choice.chosen.empty() &&
                           choice.chosen.front().provider == candidate.provider &&
                           choice.chosen.front().export_name == candidate.export_name;
    if (!is_chosen)
      choice.rejected.push_back(candidate);
    else if (!candidate.why.empty())
      choice.why_chosen = candidate.why;
  }
  return choices;
}

std::string render_choices(const std::vector<ImportChoice>& choices, const Style& style) {
  std::string text;
  for (const ImportChoice& choice : choices) {
    if (choices.size() > 1)
      text +=
          sanitize_text(fmt::format("`{}` imports `{}`", choice.consumer, choice.import)) + "\n";
    const std::vector<ChoiceRow> rows = make_rows(choice);
    std::size_t width = 0;
    for (const ChoiceRow& row : rows) width = std::max(width, display_width(row.candidate));
    for (const ChoiceRow& row : rows)
      text += fmt::format("{} {}   {}\n", style.paint(row.ink, row.verdict),
                          pad_right(row.candidate, width), row.why);
  }
  return text;
}

JsonValue make_choices_json(const std::vector<ImportChoice>& choices) {
  JsonValue why = JsonValue::array();
  for (const ImportChoice& choice : choices) {
    JsonValue shadowed = JsonValue::array();
    JsonValue rejected = JsonValue::array();
    for (const PlanRejected& other : choice.rejected)
      (other.shadowed ? shadowed : rejected).push_back(make_rejected_json(other));
    JsonValue chosen = nullptr;
    if (!choice.chosen.empty()) {
      chosen = make_edge_json(choice.chosen.front());
      chosen["why"] = choice.why_chosen;
    }
    why.push_back({{"consumer", choice.consumer},
                   {"import", choice.import},
                   {"chosen", std::move(chosen)},
                   {"shadowed", std::move(shadowed)},
                   {"rejected", std::move(rejected)}});
  }
  return {{"schema", 1}, {"why", std::move(why)}};
}

}  // namespace tenon::cli
