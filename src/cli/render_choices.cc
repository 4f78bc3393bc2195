#include "cli/render_choices.h"

#include <fmt/core.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <string_view>
#include <utility>

#include "cli/diagnostics_json.h"
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

ChoiceRow make_row(const PlanCandidate& candidate) {
  const std::string name = format_candidate(candidate.provider, candidate.export_name);
  const std::string why = sanitize_text(candidate.why);
  switch (candidate.verdict) {
    case PlanVerdict::Chosen:
      return {"chosen:", Ink::Hint, name, why};
    case PlanVerdict::Shadowed:
      return {"shadowed:", Ink::Warning, name, why};
    case PlanVerdict::RuledOut:
      break;
  }
  return {"rejected:", Ink::Warning, name, why};
}

bool has_chosen(const PlanChoice& choice) {
  return !choice.candidates.empty() && choice.candidates.front().verdict == PlanVerdict::Chosen;
}

JsonValue make_chosen_json(const Plan& plan, const PlanChoice& choice) {
  for (const PlanEdge& edge : plan.edges) {
    if (edge.consumer != choice.consumer || edge.import != choice.import) continue;
    JsonValue chosen = make_edge_json(edge);
    chosen["why"] = choice.why;
    return chosen;
  }
  return nullptr;
}

}  // namespace

std::string render_choices(const std::vector<PlanChoice>& choices, const Style& style) {
  std::string text;
  for (const PlanChoice& choice : choices) {
    if (choices.size() > 1)
      text +=
          sanitize_text(fmt::format("`{}` imports `{}`", choice.consumer, choice.import)) + "\n";
    if (!has_chosen(choice))
      text += fmt::format("{} {}\n", style.paint(Ink::Warning, "no provider:"),
                          sanitize_text(choice.why));
    std::vector<ChoiceRow> rows;
    for (const PlanCandidate& candidate : choice.candidates) rows.push_back(make_row(candidate));
    std::size_t width = 0;
    for (const ChoiceRow& row : rows) width = std::max(width, display_width(row.candidate));
    for (const ChoiceRow& row : rows)
      text += fmt::format("{} {}   {}\n", style.paint(row.ink, row.verdict),
                          pad_right(row.candidate, width), row.why);
  }
  return text;
}

std::string render_choices_json(const Plan& plan, const std::vector<PlanChoice>& choices) {
  JsonValue why = JsonValue::array();
  for (const PlanChoice& choice : choices) {
    JsonValue shadowed = JsonValue::array();
    JsonValue rejected = JsonValue::array();
    for (const PlanCandidate& other : choice.candidates) {
      if (other.verdict == PlanVerdict::Chosen) continue;
      const bool is_shadowed = other.verdict == PlanVerdict::Shadowed;
      (is_shadowed ? shadowed : rejected)
          .push_back(make_rejected_json({choice.consumer, choice.import, other.provider,
                                         other.export_name, is_shadowed, other.why}));
    }
    why.push_back({{"consumer", choice.consumer},
                   {"import", choice.import},
                   {"why", choice.why},
                   {"chosen", make_chosen_json(plan, choice)},
                   {"shadowed", std::move(shadowed)},
                   {"rejected", std::move(rejected)}});
  }
  return dump_json({{"schema", 1}, {"why", std::move(why)}});
}

}  // namespace tenon::cli
