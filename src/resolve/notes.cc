#include "resolve/notes.h"

#include <fmt/core.h>

#include <optional>
#include <utility>

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

// An export of an interface of value types whose types are not those that an import of its name
// has.
struct OtherTypes {
  UnitExport from;
  types::Difference difference;
};

// Nothing: no unit exports the name, or one does with these types.
std::optional<OtherTypes> find_other_types(Draft& draft, const DraftImport& import) {
  std::optional<OtherTypes> other;
  for (const types::ItemName& name : import.names)
    for (const UnitExport from : draft.exports.find_matches(name)) {
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
    Diagnostic found = make_diagnostic(
        is_wired ? Code::ResolveTypeMismatch : Code::NoteTypesDiffer,
        "`{}` imports the types of `{}`, and those that `{}` exports differ{}", consumer,
        shown_name(import), provider, is_wired ? "" : ": it keeps its own");
    found.where = where_of(draft, import.at);
    found.excerpt = types::show_difference(draft.inputs.types, other->difference,
                                           fmt::format("{} expects", consumer),
                                           fmt::format("{} provides", provider));
    if (is_wired) {
      draft.touched[other->from.unit] = true;
      found.hints.emplace_back("build both from the same WIT, or leave the wire out");
    }
    (is_wired ? draft.problems : draft.notes).push_back(std::move(found));
  }
}

namespace {

// Given by `--with`, or named as the provider or a member of a chain.
std::vector<bool> find_named_units(const Draft& draft) {
  std::vector<bool> named(draft.inputs.units.size());
  const auto add = [&](const std::string& name) {
    if (const std::optional<UnitIndex> unit = draft.find_unit(name)) named[*unit] = true;
  };
  for (const Unit& unit : draft.inputs.units)
    if (unit.named_by_hand) add(unit.name);
  for (const Wire& wire : draft.inputs.policy.wires) {
    if (wire.provider) add(*wire.provider);
    for (const std::string& member : wire.via) add(member);
  }
  return named;
}

}  // namespace

void check_unused_units(Draft& draft) {
  const std::vector<bool> named = find_named_units(draft);
  std::vector<bool> used(draft.inputs.units.size());
  if (draft.root) used[*draft.root] = true;
  for (const DraftImport& import : draft.imports)
    if (import.outcome == Outcome::Provided) used[import.choice->from.unit] = true;
  for (const DraftExport& made : draft.made_exports) used[made.from.unit] = true;
  const bool is_failing = !draft.problems.empty();
  for (UnitIndex u = 0; u < draft.linked; ++u) {
    const Unit& unit = draft.unit(u);
    if (used[u] || unit.is_reachable) continue;
    // While other problems stand, a unit that an import asked for may yet be used, and so may any
    // unit as long as there is no root.
    if (is_failing && (draft.touched[u] || !draft.root)) continue;
    Diagnostic found = make_diagnostic(
        named[u] ? Code::ResolveUnusedUnit : Code::NoteUnusedUnit,
        "nothing uses `{}`: no unit imports from it, and the composition exports nothing of it",
        unit.name);
    found.where = unit.where;
    if (found.where.file.empty()) found.where.file = unit.file;
    if (found.where.unit.empty()) found.where.unit = unit.name;
    if (!named[u]) {
      draft.notes.push_back(std::move(found));
      continue;
    }
    found.hints.push_back(unit.named_by_hand ? "leave it out"
                                             : "leave it out, and each wire that names it");
    draft.problems.push_back(std::move(found));
  }
}

}  // namespace tenon::resolve
