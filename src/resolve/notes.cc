// Checks of a whole plan that change nothing in it: older providers, types that differ, units that
// nothing uses.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "resolve/candidates.h"
#include "resolve/name_pattern.h"
#include "resolve/passes.h"
#include "resolve/wires.h"
#include "support/names.h"
#include "types/difference.h"
#include "types/uses.h"

namespace tenon::resolve {

void note_older_providers(Draft& draft) {
  for (const DraftImport& import : draft.imports) {
    if (import.outcome != Outcome::Provided || import.choice->from.unit >= draft.linked) continue;
    if (!is_older(draft, import, import.choice->from)) continue;
    const MatchedNames names = match_names(draft, import, import.choice->from);
    Diagnostic note = make_diagnostic(
        Code::NoteOlderProvider, "`{}` imports `{}`, and `{}` provides the older `{}`, which fits",
        draft.unit_name(import.at.unit), names.imported->full_text(),
        draft.unit_name(import.choice->from.unit), names.exported->full_text());
    note.where = where_of(draft, import.at);
    draft.notes.push_back(std::move(note));
  }
}

namespace {

// The unit that a wire names for an import of value types.
std::optional<UnitIndex> find_wired_unit(const Draft& draft, const DraftImport& import) {
  return import.wire == nullptr || import.wire->provider.empty()
             ? std::nullopt
             : draft.find_unit(import.wire->provider);
}

// The exports that an import of value types should agree with: those of its name, of the unit that a
// wire names or of all units.
std::vector<UnitExport> find_same_types(const Draft& draft, const DraftImport& import) {
  std::vector<UnitExport> exports;
  const std::optional<UnitIndex> wired = find_wired_unit(draft, import);
  if (wired && !import.wire->export_name.empty()) {
    const Result<NamePattern, VersionError> pattern = parse_name_pattern(import.wire->export_name);
    if (pattern) exports = find_named_exports(draft, *wired, *pattern);
    return exports;
  }
  for (const types::ItemName& name : import.names)
    for (const UnitExport from : draft.exports.find_matches(name))
      if ((!wired || from.unit == *wired) && match_names(draft, import, from).is_match())
        exports.push_back(from);
  return exports;
}

// By unit, whether all its exports are value types.
std::vector<bool> find_units_of_types(const Draft& draft) {
  std::vector<bool> units;
  for (const Unit& unit : draft.inputs.units)
    units.push_back(std::ranges::all_of(unit.type.exports, [&](const types::RootItem& item) {
      return types::is_value_types_only(draft.inputs.types, item.item);
    }));
  return units;
}

void report_other_types(Draft& draft, DraftImport& import, UnitExport from,
                        const types::Difference& difference) {
  const std::string& consumer = draft.unit_name(import.at.unit);
  const std::string& provider = draft.unit_name(from.unit);
  const bool is_wired = find_wired_unit(draft, import) == from.unit;
  Diagnostic diagnostic =
      make_diagnostic(is_wired ? Code::ResolveTypeMismatch : Code::NoteTypesDiffer,
                      "`{0}` imports the types of `{1}`, and `{2}` exports different ones{3}",
                      consumer, shown_name(import), provider,
                      is_wired ? std::string() : fmt::format(": `{}` keeps its own", consumer));
  diagnostic.where = where_of(draft, import.at);
  diagnostic.excerpt =
      types::show_difference(draft.inputs.types, difference, fmt::format("{} expects", consumer),
                             fmt::format("{} provides", provider));
  if (is_wired) {
    if (import.wire->where.line > 0)
      diagnostic.notes.push_back(
          {.text = fmt::format("the wire is in {}:{}:{}", import.wire->where.file,
                               import.wire->where.line, import.wire->where.column),
           .excerpt = {},
           .related = import.wire->where});
    draft.considered[from.unit] = true;
    import.outcome = Outcome::Failed;
    diagnostic.hints.emplace_back("build both from the same WIT, or remove the wire");
  }
  (is_wired ? draft.problems : draft.notes).push_back(std::move(diagnostic));
}

void report_no_types(Draft& draft, const DraftImport& import, UnitIndex wired) {
  std::vector<std::string> names;
  for (const ItemNames& exported : draft.export_names[wired])
    for (const types::ItemName& name : exported) names.push_back(unversioned_name(name));
  const std::string& missing = import.wire->export_name.empty()
                                   ? unversioned_name(import.names.front())
                                   : import.wire->export_name;
  Diagnostic problem =
      make_diagnostic(Code::ResolveWireUnused,
                      "`{}` imports the types of `{}`, wired to `{}` by `{}`, and `{}` does not "
                      "export `{}`",
                      draft.unit_name(import.at.unit), shown_name(import), draft.unit_name(wired),
                      print_wire(*import.wire), draft.unit_name(wired), missing);
  problem.where = import.wire->where.file.empty() ? where_of(draft, import.at) : import.wire->where;
  draft.considered[wired] = true;
  problem.hints.push_back(
      names.empty() ? std::string("remove the wire: an import of types needs no provider")
                    : suggest_name(missing, std::move(names),
                                   fmt::format("exports of `{}`", draft.unit_name(wired))));
  draft.problems.push_back(std::move(problem));
}

}  // namespace

void check_types_of_imports(Draft& draft) {
  const auto is_checked = [](const DraftImport& import) {
    return import.kind == ImportKind::ValueTypes && import.outcome != Outcome::Provided;
  };
  if (std::ranges::none_of(draft.imports, is_checked)) return;
  const std::vector<bool> units_of_types = find_units_of_types(draft);
  for (DraftImport& import : draft.imports) {
    if (!is_checked(import)) continue;
    // The first export with other types, unless another one agrees.
    std::optional<std::pair<UnitExport, types::Difference>> other;
    const std::optional<UnitIndex> wired = find_wired_unit(draft, import);
    bool has_agreeing = false;
    bool has_export = false;
    for (const UnitExport from : find_same_types(draft, import)) {
      if (from.unit == import.at.unit || (from.unit >= draft.linked && from.unit != wired))
        continue;
      has_export = true;
      const bool can_be_used = (units_of_types[from.unit] || wired == from.unit) &&
                               !draft.agreeing_units.contains(from.unit);
      if (has_agreeing && !can_be_used) continue;
      const types::Verdict verdict = compare_import(draft, import, from);
      if (verdict.fits()) {
        has_agreeing = true;
        if (can_be_used) draft.agreeing_units.insert(from.unit);
      } else if (!other) {
        other.emplace(from, verdict.differences.front());
      }
    }
    if (other && !has_agreeing)
      report_other_types(draft, import, other->first, other->second);
    else if (wired && !has_export && !has_wildcard(import.wire->import))
      report_no_types(draft, import, *wired);
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
    if (!wire.provider.empty()) add(wire.provider);
    for (const std::string& member : wire.via) add(member);
  }
  return named;
}

}  // namespace

void check_unused_units(Draft& draft) {
  std::vector<bool> named = find_named_units(draft);
  // A mock takes the place of a provider that wires can still name.
  if (std::ranges::any_of(draft.inputs.units,
                          [](const Unit& unit) { return replaces_provider(unit.kind); }))
    for (UnitIndex u = 0; u < named.size(); ++u) named[u] = draft.unit(u).is_explicit;
  std::vector<bool> used(draft.inputs.units.size());
  if (draft.root) used[*draft.root] = true;
  for (const DraftImport& import : draft.imports)
    if (import.outcome == Outcome::Provided) used[import.choice->from.unit] = true;
  for (const DraftExport& exported : draft.composition_exports) used[exported.from.unit] = true;
  for (const UnitExport handler : draft.handlers) used[handler.unit] = true;
  for (const UnitIndex unit : draft.agreeing_units) used[unit] = true;
  const bool is_failing = !draft.problems.empty();
  // Without a root, isolated units are called by their names.
  const bool are_isolated_called =
      !draft.root && draft.inputs.policy.export_mode != Policy::Exports::All;
  for (UnitIndex u = 0; u < draft.linked; ++u) {
    const Unit& unit = draft.unit(u);
    if (used[u] || unit.is_reachable || (are_isolated_called && unit.is_isolated)) continue;
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
