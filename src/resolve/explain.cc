#include "resolve/explain.h"

#include <fmt/core.h>

#include <algorithm>

#include "resolve/candidates.h"
#include "resolve/name_pattern.h"
#include "resolve/passes.h"
#include "resolve/wires.h"
#include "support/names.h"

namespace tenon::resolve {

namespace {

// The argument of `--why`: "acme:tax/lib", "cart:acme:tax/lib" or "cart:log". An interface name has
// one colon before its `/`, so a second one separates the consumer; a plain name has none.
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

bool have_same_path(const MatchedNames& names) {
  return unversioned_name(*names.imported) == unversioned_name(*names.exported);
}

std::string describe_only_candidate(const Draft& draft, const DraftImport& import) {
  const MatchedNames names = match_names(draft, import, import.choice->from);
  const bool is_label = !is_interface(import.names.front());
  if (is_label && names.match == NameMatch::Own && is_interface(*names.imported))
    return "only candidate with this label";
  return names.imported->version ? fmt::format("only candidate in track {}", names.imported->track)
                                 : "only candidate";
}

std::string describe_provider(const Draft& draft, const DraftImport& import) {
  const PlanEdge edge = make_edge(draft, import);
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
      why = "the unit of the same name";
      break;
    case EdgeReason::OnlyCandidate:
      why = describe_only_candidate(draft, import);
      break;
    case EdgeReason::SameResource:
      why = "the only candidate that splits no resource";
      break;
    case EdgeReason::BestVersion:
      why = "best version of the only unit";
      break;
  }
  for (const std::string& note : edge.notes) why += "; " + note;
  return why;
}

std::string describe_outcome(const Draft& draft, const DraftImport& import) {
  switch (import.outcome) {
    case Outcome::Provided:
      return describe_provider(draft, import);
    case Outcome::Open:
      return import.wire == nullptr ? "left open: no unit provides it"
                                    : fmt::format("left open by `{}`", print_wire(*import.wire));
    case Outcome::Trap:
      return import.is_optional
                 ? "a stub that traps: no unit provides this optional import"
                 : fmt::format("a stub that traps, because of `{}`", print_wire(*import.wire));
    case Outcome::Types:
    case Outcome::Undecided:
    case Outcome::Failed:
      break;
  }
  return "it needs no provider: it consists of types only";
}

// The verdict on an export that was not chosen, and the reason.
PlanCandidate judge(Draft& draft, const DraftImport& import, UnitExport from) {
  PlanCandidate candidate{.provider = draft.unit_name(from.unit),
                          .export_name = draft.item(from).name,
                          .verdict = PlanVerdict::RuledOut,
                          .why = {}};
  const Fit fit = check_fit(draft, import, from);
  const bool is_in_front =
      std::find(import.excluded.begin(), import.excluded.end(), from.unit) != import.excluded.end();
  for (const PlanRejected& known : draft.rejected) {
    if (known.consumer != draft.unit_name(import.at.unit) ||
        known.import != draft.item(import.at).name || known.provider != candidate.provider ||
        known.export_name != candidate.export_name)
      continue;
    if (known.shadowed) candidate.verdict = PlanVerdict::Shadowed;
    candidate.why = known.why;
    return candidate;
  }
  if (from.unit == import.at.unit)
    candidate.why = "a unit never provides for itself";
  else if (!match_names(draft, import, from).is_match())
    candidate.why =
        have_same_path(match_names(draft, import, from)) ? "another track" : "another interface";
  else if (is_in_front)
    candidate.why = "it is in front of this import in the same chain";
  else if (fit.fitness != Fitness::Fits)
    candidate.why = describe_misfit(draft, fit, from);
  else if (import.hop)
    candidate.why = "a chain decides this import";
  else if (import.wire != nullptr)
    candidate.why = fmt::format("`{}` decides this import", print_wire(*import.wire));
  else if (import.choice && import.choice->from.unit == from.unit)
    candidate.why = "another version of the same unit fits better";
  else if (import.choice)
    candidate.why = fmt::format("`{}` was chosen", draft.unit_name(import.choice->from.unit));
  else
    candidate.why = "the import needs no provider";
  return candidate;
}

PlanChoice explain(Draft& draft, const DraftImport& import) {
  PlanChoice choice{.consumer = draft.unit_name(import.at.unit),
                    .import = draft.item(import.at).name,
                    .why = describe_outcome(draft, import),
                    .candidates = {}};
  if (import.outcome == Outcome::Provided)
    choice.candidates.push_back({.provider = draft.unit_name(import.choice->from.unit),
                                 .export_name = draft.item(import.choice->from).name,
                                 .verdict = PlanVerdict::Chosen,
                                 .why = choice.why});
  std::vector<UnitExport> others;
  for (const types::ItemName& name : import.names)
    for (const UnitExport from : draft.exports.find_path(unversioned_name(name)))
      if ((!import.choice || from != import.choice->from) &&
          std::ranges::find(others, from) == others.end())
        others.push_back(from);
  for (const UnitExport from : others) choice.candidates.push_back(judge(draft, import, from));
  return choice;
}

Diagnostic make_problem(const Draft& draft, std::string_view pattern, const Question& question) {
  Diagnostic problem =
      make_diagnostic(Code::ResolveWireUnused, "no unit imports `{}`", std::string(pattern));
  std::vector<std::string> names;
  for (const DraftImport& import : draft.imports)
    for (const types::ItemName& name : import.names) names.push_back(unversioned_name(name));
  problem.hints.push_back(suggest_name(question.import, std::move(names), "imports"));
  return problem;
}

}  // namespace

Result<std::vector<PlanChoice>> explain_import(const LinkPlan& plan, std::string_view pattern) {
  Inputs inputs{plan.shown.name, plan.units, plan.policy, *plan.types, plan.buffers};
  if (plan.wasi) inputs.units.push_back(*plan.wasi);
  Draft draft(std::move(inputs));
  (void)decide_imports(draft);
  const Question question = parse_question(pattern);
  const Result<NamePattern, VersionError> name_pattern = parse_name_pattern(question.import);
  std::vector<PlanChoice> choices;
  for (const DraftImport& import : draft.imports) {
    if (question.consumer && draft.unit_name(import.at.unit) != *question.consumer) continue;
    const bool is_match = name_pattern && std::any_of(import.names.begin(), import.names.end(),
                                                      [&](const types::ItemName& name) {
                                                        return matches_name(*name_pattern, name);
                                                      });
    if (!is_match) continue;
    choices.push_back(explain(draft, import));
  }
  if (choices.empty()) return make_problem(draft, pattern, question);
  return choices;
}

}  // namespace tenon::resolve
