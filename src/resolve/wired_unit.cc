// How an import gets its export if a wire or a chain names the unit.
//
// The unit is decided, so a failure is a report about this unit: it lacks the export, its types do not
// fit, or several of its exports do. A wire can have tenon convert the values (`adapt = true`).
#include "resolve/wired_unit.h"

#include <fmt/core.h>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "resolve/candidates.h"
#include "resolve/hints.h"
#include "resolve/name_pattern.h"
#include "resolve/unmet.h"
#include "resolve/wires.h"
#include "support/names.h"
#include "types/adapt.h"

namespace tenon::resolve {

namespace {

// The most units that a message proposes instead of a unit without the export.
constexpr std::size_t kShownProviders = 3;

// The exports of one unit that a wire or chain can select for an import, best first.
std::vector<UnitExport> find_exports(const Draft& draft, const DraftImport& import,
                                     UnitIndex unit) {
  const bool is_named = !import.hop && import.wire != nullptr && !import.wire->export_name.empty();
  std::vector<UnitExport> exports;
  if (!is_named) {
    exports = find_name_matches_in(draft, import, unit);
  } else if (const auto pattern = parse_name_pattern(import.wire->export_name)) {
    exports = find_named_exports(draft, unit, *pattern);
  }
  std::erase_if(exports, [&](UnitExport from) { return !draft.is_offered(from, import.at.unit); });
  std::sort(exports.begin(), exports.end());
  exports.erase(std::unique(exports.begin(), exports.end()), exports.end());
  std::stable_sort(exports.begin(), exports.end(),
                   [&](UnitExport a, UnitExport b) { return is_better(draft, import, a, b); });
  return exports;
}

// The wire or chain that decides.
const Wire& get_line(const DraftImport& import, EdgeReason reason) {
  return reason == EdgeReason::Chain ? *import.chain : *import.wire;
}

Diagnostic make_problem(const Draft& draft, const DraftImport& import, UnitIndex unit,
                        EdgeReason reason, Code code, const std::string& why) {
  const Wire& line = get_line(import, reason);
  Diagnostic problem = make_diagnostic(code, "`{}` imports `{}`, {} `{}` by `{}`, {}",
                                       draft.unit_name(import.at.unit), shown_name(import),
                                       reason == EdgeReason::Chain ? "passed to" : "wired to",
                                       draft.unit_name(unit), print_wire(line), why);
  problem.where = where_of(draft, import.at);
  if (line.where.line > 0)
    problem.notes.push_back({.text = fmt::format("the wire is in {}:{}:{}", line.where.file,
                                                 line.where.line, line.where.column),
                             .excerpt = {},
                             .related = line.where});
  return problem;
}

// Proposes wires to units that have the export which the unit of a wire lacks.
void suggest_providers(Draft& draft, const DraftImport& import, Diagnostic& problem) {
  for (const types::ItemName& name : import.names) {
    for (const UnitExport from : draft.exports.find_matches(name)) {
      if (problem.hints.size() == kShownProviders) return;
      if (from.unit == import.at.unit || !draft.is_offered(from, import.at.unit) ||
          !match_names(draft, import, from).is_match() ||
          check_fit(draft, import, from).fitness != Fitness::Fits)
        continue;
      const std::string& provider = draft.unit_name(from.unit);
      Hint hint = wire_hint(draft, import, provider, export_for_wire(draft, import, from));
      hint.text = fmt::format("`{}` exports it", provider);
      if (std::ranges::find(problem.hints, hint) == problem.hints.end())
        problem.hints.push_back(std::move(hint));
    }
  }
}

std::string describe_missing(const Draft& draft, UnitIndex unit, const std::string& missing) {
  const types::RootItem* const unsupported = find_unsupported(draft, unit, missing);
  return unsupported == nullptr
             ? fmt::format("and `{}` does not export `{}`", draft.unit_name(unit), missing)
             : fmt::format("and `{}` of `{}` is {}, which tenon does not link", missing,
                           draft.unit_name(unit),
                           describe_unsupported(draft.unit(unit), *unsupported));
}

void report_no_export(Draft& draft, const DraftImport& import, UnitIndex unit, EdgeReason reason) {
  const bool by_name = reason != EdgeReason::Chain && !import.wire->export_name.empty();
  const std::string missing =
      by_name ? import.wire->export_name : unversioned_name(import.names.front());
  Diagnostic problem =
      make_problem(draft, import, unit, reason,
                   reason == EdgeReason::Chain ? Code::ResolveChain : Code::ResolveWireUnused,
                   describe_missing(draft, unit, missing));
  std::vector<std::string> names;
  for (std::uint32_t e = 0; e < draft.export_names[unit].size(); ++e) {
    const ItemNames& exported = draft.export_names[unit][e];
    for (const types::ItemName& name : exported) names.push_back(unversioned_name(name));
    const std::string miss =
        exported.empty() || by_name ? std::string() : describe_other_name(draft, import, {unit, e});
    if (miss.empty()) continue;
    problem.notes.push_back(
        {.text = miss, .excerpt = {}, .related = where_of(draft, UnitExport{unit, e})});
    if (reason != EdgeReason::Chain && check_fit(draft, import, {unit, e}).fitness == Fitness::Fits)
      problem.hints.push_back(
          wire_hint(draft, import, draft.unit_name(unit), shown_name(draft, UnitExport{unit, e})));
  }
  if (reason != EdgeReason::Chain && !by_name) suggest_providers(draft, import, problem);
  if (problem.hints.empty())
    problem.hints.push_back(suggest_name(missing, std::move(names),
                                         fmt::format("exports of `{}`", draft.unit_name(unit))));
  draft.problems.push_back(std::move(problem));
}

// Lists the conversions with which an export would fit an import. Returns nothing if no conversions are
// enough. Only components, and native code with types of its own, can be adapted.
std::optional<AdaptedImport> adapt(Draft& draft, const DraftImport& import, UnitExport from,
                                   std::vector<Tie>& ties) {
  const Unit& provider = draft.unit(from.unit);
  if (from.unit == draft.wasi || import.leader || !import.followers.empty() ||
      row_of(provider.kind).types != TypesOf::Components ||
      has_packr_types(draft.unit(import.at.unit).kind))
    return std::nullopt;
  const types::Types& types = draft.inputs.types;
  std::vector<types::FunctionPair> functions;
  const auto fits = [&](std::string_view name, const types::Item& ours, const types::Item& theirs) {
    // Value types are compared where functions use them.
    const auto* const bound = std::get_if<types::TypeBound>(&ours);
    if (bound != nullptr && std::holds_alternative<types::TypeId>(bound->type)) return true;
    types::Verdict verdict = draft.relation.compare(ours, theirs, types::TypeRelation::Components,
                                                    provider.type.defined);
    if (verdict.fits()) {
      ties.insert(ties.end(), verdict.ties.begin(), verdict.ties.end());
      return true;
    }
    const auto* const expected = std::get_if<types::FunctionId>(&ours);
    const auto* const actual = std::get_if<types::FunctionId>(&theirs);
    if (expected == nullptr || actual == nullptr) return false;
    functions.push_back({name, *expected, *actual});
    return true;
  };
  const types::Item& ours = draft.item(import.at).item;
  const types::Item& theirs = draft.item(from).item;
  const auto* const instance = std::get_if<types::InstanceId>(&ours);
  if (instance == nullptr) {
    if (!fits("", ours, theirs)) return std::nullopt;
  } else {
    const auto* const other = std::get_if<types::InstanceId>(&theirs);
    if (other == nullptr) return std::nullopt;
    for (const types::NamedItem& part : types.instances[*instance].exports) {
      const types::NamedItem* const same = types.instances[*other].find_export(part.name);
      if (same == nullptr || !fits(part.name, part.item, same->item)) return std::nullopt;
    }
  }
  std::optional<types::Adaptation> adaptation = types::adapt_functions(types, functions);
  if (!adaptation) return std::nullopt;
  return AdaptedImport{std::move(adaptation->conversions), std::move(adaptation->failures)};
}

void report_several(Draft& draft, DraftImport& import, UnitIndex unit, EdgeReason reason,
                    const std::vector<Choice>& fitting) {
  const Wire& line = get_line(import, reason);
  Diagnostic problem = make_problem(
      draft, import, unit, reason,
      reason == EdgeReason::Chain ? Code::ResolveChain : Code::ResolveAmbiguous,
      fmt::format("and {} exports of `{}` provide it", fitting.size(), draft.unit_name(unit)));
  for (const Choice& choice : fitting) {
    problem.notes.push_back({.text = fmt::format("`{}` exports `{}`", draft.unit_name(unit),
                                                 shown_name(draft, choice.from)),
                             .excerpt = {},
                             .related = where_of(draft, choice.from)});
    Hint hint = wire_hint(draft, import, draft.unit_name(unit), shown_name(draft, choice.from));
    hint.text += fmt::format(" instead of `{}`", print_wire(line));
    problem.hints.push_back(std::move(hint));
  }
  draft.problems.push_back(std::move(problem));
}

}  // namespace

void suggest_adapting(Draft& draft, const DraftImport& import, UnitExport from,
                      Diagnostic& problem) {
  std::vector<Tie> ties;
  const std::optional<AdaptedImport> adapted = adapt(draft, import, from, ties);
  // Without conversions, each function fits, and only their resources do not correspond.
  if (!adapted || (adapted->conversions.empty() && adapted->failures.empty())) return;
  problem.hints.push_back(hint_at_wire_key(
      fmt::format("{} tenon convert the values", problem.hints.empty() ? "let" : "or let"), "adapt",
      unversioned_name(import.names.front()), draft.unit_name(from.unit)));
}

void choose_from_unit(Draft& draft, DraftImport& import, UnitIndex unit, EdgeReason reason) {
  draft.considered[unit] = true;
  const std::vector<UnitExport> exports = find_exports(draft, import, unit);
  if (exports.empty()) {
    import.outcome = Outcome::Failed;
    return report_no_export(draft, import, unit, reason);
  }
  std::vector<Choice> fitting;
  Misfits misfits;
  for (const UnitExport from : exports) {
    // The best version was found.
    if (std::ranges::any_of(
            fitting, [&](const Choice& other) { return are_versions(draft, other.from, from); }))
      continue;
    Fit fit = check_fit(draft, import, from);
    Choice choice{.from = from, .reason = reason, .ties = {}, .notes = {}};
    if (fit.fitness == Fitness::Fits) {
      choice.ties = std::move(fit.ties);
      fitting.push_back(std::move(choice));
      continue;
    }
    const bool can_adapt =
        fit.fitness == Fitness::WrongType && reason == EdgeReason::Wire && import.wire->adapt;
    if (can_adapt) choice.adapted = adapt(draft, import, from, choice.ties);
    if (choice.adapted)
      fitting.push_back(std::move(choice));
    else
      misfits.emplace_back(from, std::move(fit));
  }
  drop_by_name(draft, import, misfits, fitting);
  if (fitting.size() == 1) {
    import.choice = std::move(fitting.front());
    return;
  }
  import.outcome = Outcome::Failed;
  if (!fitting.empty()) return report_several(draft, import, unit, reason, fitting);
  const auto& [from, fit] = misfits.front();
  const Code mismatch = reason == EdgeReason::Chain ? Code::ResolveChain : Code::ResolveWireType;
  Diagnostic problem = make_problem(
      draft, import, unit, reason, fit.fitness == Fitness::Hidden ? Code::ResolveHidden : mismatch,
      fit.fitness == Fitness::Hidden ? "and a filter hides it" : "and its type does not fit");
  explain_misfit(draft, import, from, fit, problem);
  if (fit.fitness == Fitness::WrongType && reason == EdgeReason::Wire && !import.wire->adapt)
    suggest_adapting(draft, import, from, problem);
  if (problem.hints.empty())
    problem.hints.emplace_back("wire it to another export, or build both units from the same WIT");
  draft.problems.push_back(std::move(problem));
}

void leave_absent(Draft& draft, DraftImport& import) {
  import.outcome = Outcome::Trap;
  std::vector<std::string> names;
  for (const Unit& unit : draft.inputs.units) names.push_back(unit.name);
  std::string hint = did_you_mean(near_misses(import.wire->provider, names));
  if (hint.empty()) return;
  Diagnostic warning = make_diagnostic(
      Code::ResolveWireUnused,
      "there is no unit `{}`, to which `{}` is wired; `{}` is optional, so calls of it trap",
      import.wire->provider, print_wire(*import.wire), shown_name(import));
  warning.severity = Severity::Warning;
  warning.where = import.wire->where;
  warning.hints.push_back(std::move(hint));
  draft.notes.push_back(std::move(warning));
}

}  // namespace tenon::resolve
