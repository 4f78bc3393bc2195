#include "resolve/explain.h"

#include <fmt/format.h>

#include <algorithm>

#include "resolve/candidates.h"
#include "resolve/decide.h"
#include "resolve/fit.h"
#include "resolve/name_pattern.h"
#include "resolve/show.h"
#include "resolve/wires.h"
#include "support/near_miss.h"

namespace tenon::resolve {

namespace {

// `consumer:acme:tax/lib`: before the `/` of an interface stand two colons, or one in a plain name.
struct Question {
  std::optional<std::string> consumer;
  std::string import;
};

Question parse_question(std::string_view text) {
  const std::string_view before = text.substr(0, text.find('/'));
  const std::size_t colon = before.find(':');
  const bool is_interface = before.size() != text.size();
  const bool has_consumer =
      colon != std::string_view::npos &&
      (!is_interface || before.find(':', colon + 1) != std::string_view::npos);
  if (!has_consumer) return {std::nullopt, std::string(text)};
  return {std::string(text.substr(0, colon)), std::string(text.substr(colon + 1))};
}

std::string describe_choice(const Draft& draft, const DraftImport& import) {
  const PlanEdge edge = make_edge(draft, import);
  const types::ItemName& name = import.names.front();
  std::string why;
  switch (edge.reason) {
    case EdgeReason::Wire:
      why = fmt::format("wired by `{}`", print_wire(*import.wire));
      break;
    case EdgeReason::Chain:
      why = "the next unit of the chain";
      break;
    case EdgeReason::HostFunction:
      why = "a host function of this name";
      break;
    case EdgeReason::SameName:
      why = "the unit of the import's name";
      break;
    case EdgeReason::OnlyCandidate:
      why = name.version ? fmt::format("only candidate in track {}", name.track) : "only candidate";
      break;
    case EdgeReason::SameResource:
      why = "the only one that splits no resource";
      break;
    case EdgeReason::BestVersion:
      why = "best version of the only unit";
      break;
  }
  for (const std::string& note : edge.notes) why += "; " + note;
  return why;
}

// Why an export was not chosen, judged by itself.
PlanRejected judge(Draft& draft, const DraftImport& import, UnitExport from) {
  PlanRejected judged{.consumer = draft.unit_name(import.at.unit),
                      .import = draft.item(import.at).name,
                      .provider = draft.unit_name(from.unit),
                      .export_name = draft.item(from).name,
                      .shadowed = false,
                      .why = {}};
  const Fit fit = check_fit(draft, import, from);
  const bool is_in_front =
      std::find(import.excluded.begin(), import.excluded.end(), from.unit) != import.excluded.end();
  for (const PlanRejected& known : draft.rejected)
    if (known.consumer == judged.consumer && known.import == judged.import &&
        known.provider == judged.provider && known.export_name == judged.export_name)
      return known;
  if (from.unit == import.at.unit)
    judged.why = "a unit never provides for itself";
  else if (!match_names(draft, import, from).match)
    judged.why = "another track";
  else if (is_in_front)
    judged.why = "it stands in front, in the same chain";
  else if (fit.fitness != Fitness::Fits)
    judged.why = describe_misfit(draft, fit, from);
  else if (import.hop)
    judged.why = "a chain decides this import";
  else if (import.wire != nullptr)
    judged.why = fmt::format("`{}` decides this import", print_wire(*import.wire));
  else if (import.choice && import.choice->from.unit == from.unit)
    judged.why = "another version of the same unit fits better";
  else if (import.choice)
    judged.why = fmt::format("`{}` was chosen", draft.unit_name(import.choice->from.unit));
  else
    judged.why = "the import needs no provider";
  return judged;
}

void explain(Draft& draft, const DraftImport& import, std::vector<PlanRejected>& answer) {
  if (import.outcome == Outcome::Provided)
    answer.push_back({.consumer = draft.unit_name(import.at.unit),
                      .import = draft.item(import.at).name,
                      .provider = draft.unit_name(import.choice->from.unit),
                      .export_name = draft.item(import.choice->from).name,
                      .shadowed = false,
                      .why = describe_choice(draft, import)});
  for (const types::ItemName& name : import.names)
    for (const UnitExport from : draft.exports.find_path(unversioned_name(name)))
      if (!import.choice || from != import.choice->from)
        answer.push_back(judge(draft, import, from));
}

Diagnostic make_problem(const Draft& draft, std::string_view pattern, const Question& question) {
  Diagnostic problem =
      make_diagnostic(Code::ResolveWireUnused, "no unit imports `{}`", std::string(pattern));
  std::vector<std::string> names;
  for (const DraftImport& import : draft.imports)
    for (const types::ItemName& name : import.names) names.push_back(unversioned_name(name));
  const std::string hint =
      did_you_mean(near_misses(question.import, std::span<const std::string>(names)));
  if (!hint.empty()) problem.hints.push_back(hint);
  return problem;
}

}  // namespace

Result<std::vector<PlanRejected>> explain_import(const LinkPlan& plan, std::string_view pattern) {
  Inputs inputs{plan.shown.name, plan.units, plan.policy, plan.types};
  if (plan.wasi) inputs.units.push_back(*plan.wasi);
  Draft draft(std::move(inputs));
  (void)decide_imports(draft);
  const Question question = parse_question(pattern);
  const Result<NamePattern, VersionError> wanted = parse_name_pattern(question.import);
  std::vector<PlanRejected> answer;
  bool any = false;
  for (const DraftImport& import : draft.imports) {
    if (question.consumer && draft.unit_name(import.at.unit) != *question.consumer) continue;
    const bool is_meant = wanted && std::any_of(import.names.begin(), import.names.end(),
                                                [&](const types::ItemName& name) {
                                                  return matches_name(*wanted, name);
                                                });
    if (!is_meant) continue;
    any = true;
    explain(draft, import, answer);
  }
  if (!any) return make_problem(draft, pattern, question);
  return answer;
}

}  // namespace tenon::resolve
