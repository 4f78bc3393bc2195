// Checks of a whole plan that change nothing in it: older providers, types that differ, units that
// nothing uses.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <optional>
#include <utility>

#include "resolve/name_pattern.h"
#include "resolve/passes.h"
#include "types/difference.h"

namespace tenon::resolve {

void note_older_providers(Draft& draft) {
  for (const DraftImport& import : draft.imports) {
    if (import.outcome != Outcome::Provided || import.choice->from.unit >= draft.linked) continue;
    if (!is_older(draft, import, import.choice->from)) continue;
    Diagnostic note = make_diagnostic(
        Code::NoteOlderProvider, "`{}` imports `{}`, and `{}` provides the older `{}`, which fits",
        draft.unit_name(import.at.unit), shown_name(import),
        draft.unit_name(import.choice->from.unit), shown_name(draft, import.choice->from));
    note.where = where_of(draft, import.at);
    draft.notes.push_back(std::move(note));
  }
}

namespace {

// An export with the name of an import of value types, but with other types.
struct OtherTypes {
  UnitExport from;
  types::Difference difference;
};

// The exports that an import of value types should agree with: those of its name, or the one that a
// wire names.
std::vector<UnitExport> find_same_types(const Draft& draft, const DraftImport& import) {
  std::vector<UnitExport> exports;
  if (import.wire != nullptr && import.wire->provider && import.wire->export_name) {
    const std::optional<UnitIndex> unit = draft.find_unit(*import.wire->provider);
    const Result<NamePattern, VersionError> pattern = parse_name_pattern(*import.wire->export_name);
    for (std::uint32_t e = 0; unit && pattern && e < draft.export_names[*unit].size(); ++e)
      for (const types::ItemName& name : draft.export_names[*unit][e])
        if (matches_name(*pattern, name)) exports.push_back({*unit, e});
    return exports;
  }
  for (const types::ItemName& name : import.names)
    for (const UnitExport from : draft.exports.find_matches(name)) exports.push_back(from);
  return exports;
}

// The first such export. Absent: no unit exports the name, or one exports it with equal types.
std::optional<OtherTypes> find_other_types(Draft& draft, const DraftImport& import) {
  std::optional<OtherTypes> other;
  for (const UnitExport from : find_same_types(draft, import)) {
    if (from.unit == import.at.unit || from.unit >= draft.linked) continue;
    const types::Verdict verdict = compare_import(draft, import, from);
    if (verdict.fits()) return std::nullopt;
    if (!other) other = OtherTypes{from, verdict.differences.front()};
  }
  return other;
}

}  // namespace

void check_types_of_imports(Draft& draft) {
  for (const DraftImport& import : draft.imports) {
    if (import.kind != ImportKind::ValueTypes || import.outcome == Outcome::Provided) continue;
    const std::optional<OtherTypes> other = find_other_types(draft, import);
    if (!other) continue;
    const std::string& consumer = draft.unit_name(import.at.unit);
    const std::string& provider = draft.unit_name(other->from.unit);
    const bool is_wired = import.wire != nullptr && import.wire->provider == provider;
    Diagnostic diagnostic =
        make_diagnostic(is_wired ? Code::ResolveTypeMismatch : Code::NoteTypesDiffer,
                        "`{0}` imports the types of `{1}`, and `{2}` exports different ones{3}",
                        consumer, shown_name(import), provider,
                        is_wired ? std::string() : fmt::format(": `{}` keeps its own", consumer));
    diagnostic.where = where_of(draft, import.at);
    diagnostic.excerpt = types::show_difference(draft.inputs.types, other->difference,
                                                fmt::format("{} expects", consumer),
                                                fmt::format("{} provides", provider));
    if (is_wired) {
      if (import.wire->where.line > 0)
        diagnostic.notes.push_back(
            {.text = fmt::format("the wire is in {}:{}:{}", import.wire->where.file,
                                 import.wire->where.line, import.wire->where.column),
             .excerpt = {},
             .related = import.wire->where});
      draft.considered[other->from.unit] = true;
      diagnostic.hints.emplace_back("build both from the same WIT, or remove the wire");
    }
    (is_wired ? draft.problems : draft.notes).push_back(std::move(diagnostic));
  }
}

void note_adapted(Draft& draft) {
  for (const DraftImport& import : draft.imports) {
    if (import.outcome != Outcome::Provided || !import.choice->adapted) continue;
    const AdaptedImport& adapted = *import.choice->adapted;
    if (adapted.conversions.empty() && adapted.failures.empty()) continue;
    std::string text;
    if (!adapted.conversions.empty())
      text += fmt::format(": {}", fmt::join(adapted.conversions, "; "));
    if (!adapted.failures.empty())
      text += fmt::format("; they fail if {}", fmt::join(adapted.failures, "; "));
    Diagnostic note = make_diagnostic(
        Code::NoteAdapted, "calls of `{}` by `{}` are converted for `{}`{}", shown_name(import),
        draft.unit_name(import.at.unit), draft.unit_name(import.choice->from.unit), text);
    note.where = where_of(draft, import.at);
    draft.notes.push_back(std::move(note));
  }
}

namespace {

// By unit, whether the user named it: with `--with`, as a provider, or as a member of a chain.
std::vector<bool> find_named_units(const Draft& draft) {
  std::vector<bool> named(draft.inputs.units.size());
  const auto add = [&](const std::string& name) {
    if (const std::optional<UnitIndex> unit = draft.find_unit(name)) named[*unit] = true;
  };
  for (const Unit& unit : draft.inputs.units)
    if (unit.is_explicit) add(unit.name);
  for (const Wire& wire : draft.inputs.policy.wires) {
    if (wire.provider) add(*wire.provider);
    for (const std::string& member : wire.via) add(member);
  }
  return named;
}

}  // namespace

void check_unused_units(Draft& draft) {
  std::vector<bool> named = find_named_units(draft);
  // A mock takes the place of a provider that wires can still name.
  if (std::ranges::any_of(draft.inputs.units,
                          [](const Unit& unit) { return unit.kind == UnitKind::Mock; }))
    for (UnitIndex u = 0; u < named.size(); ++u) named[u] = draft.unit(u).is_explicit;
  std::vector<bool> used(draft.inputs.units.size());
  if (draft.root) used[*draft.root] = true;
  for (const DraftImport& import : draft.imports)
    if (import.outcome == Outcome::Provided) used[import.choice->from.unit] = true;
  for (const DraftExport& exported : draft.composition_exports) used[exported.from.unit] = true;
  const bool is_failing = !draft.problems.empty();
  for (UnitIndex u = 0; u < draft.linked; ++u) {
    const Unit& unit = draft.unit(u);
    if (used[u] || unit.is_reachable) continue;
    // Once the other problems are fixed, a unit that an import considered may be used, and without
    // a root, so may every unit.
    if (is_failing && (draft.considered[u] || !draft.root)) continue;
    Diagnostic diagnostic = make_diagnostic(
        named[u] ? Code::ResolveUnusedUnit : Code::NoteUnusedUnit,
        "nothing uses `{}`: no unit imports from it, and the composition exports nothing from it",
        unit.name);
    diagnostic.where = where_of_unit(unit);
    if (!named[u]) {
      draft.notes.push_back(std::move(diagnostic));
      continue;
    }
    diagnostic.hints.push_back(unit.is_explicit ? "remove it"
                                                : "remove it and each wire that names it");
    draft.problems.push_back(std::move(diagnostic));
  }
}

}  // namespace tenon::resolve
