// Reads units: checks their names, parses the names of their items, and finds out what each import
// needs. An import that tenon does not link is reported here once and ignored by all other passes.
#include <fmt/core.h>

#include <algorithm>

#include "resolve/passes.h"
#include "support/names.h"
#include "types/uses.h"

namespace tenon::resolve {

namespace {

constexpr std::string_view kWasi = "wasi";

std::string describe_source(const Unit& unit) {
  if (row_of(unit.kind).types == TypesOf::Consumer)
    return "the set of host functions of the program";
  if (unit.is_running) return "a unit of another composition";
  return unit.file.empty() ? "from memory" : fmt::format("`{}`", unit.file);
}

void report_clash(Draft& draft, UnitIndex first, UnitIndex count) {
  const std::string& name = draft.unit_name(first);
  Diagnostic problem =
      make_diagnostic(Code::ResolveUnitName, "{} units are called `{}`", count, name);
  problem.where = where_of_unit(draft.unit(first));
  for (UnitIndex u = first; u < first + count; ++u) {
    const Unit& unit = draft.unit(u);
    const Location where = where_of_unit(unit);
    problem.notes.push_back({.text = fmt::format("one of them is {}", describe_source(unit)),
                             .excerpt = {},
                             .related = where});
    std::string proposed = fmt::format("{}-{}", name, u - first + 1);
    for (int more = 2; draft.find_unit(proposed); ++more)
      proposed = fmt::format("{}-{}-{}", name, u - first + 1, more);
    if (!unit.file.empty())
      problem.hints.push_back(
          fmt::format("give it a name of its own: `{}={}`", proposed, unit.file));
  }
  const std::string& file = draft.unit(first).file;
  if (!file.empty() && file == draft.unit(first + 1).file)
    problem.hints.push_back(fmt::format("or add `{}` only once", file));
  draft.problems.push_back(std::move(problem));
}

// The names of a root item. Empty: tenon does not link it.
ItemNames read_names(const Unit& unit, const types::RootItem& item) {
  if (!describe_unsupported(unit, item).empty()) return {};
  ItemNames names = read_item_names(item);
  if (!names.empty() && names.front().is_supported()) return names;
  types::ItemName any;
  any.text = item.name;
  return {std::move(any)};
}

void report_unsupported(Draft& draft, UnitImport at) {
  const types::RootItem& item = draft.item(at);
  Diagnostic problem = make_diagnostic(
      Code::ResolveUnsupportedItem, "`{}` imports `{}`, and tenon does not link {}",
      draft.unit_name(at.unit), item.name, describe_unsupported(draft.unit(at.unit), item));
  problem.where = where_of(draft, at);
  problem.hints.push_back(
      "tenon links instances, functions and types with labels or interface names");
  draft.problems.push_back(std::move(problem));
}

ImportKind kind_of_import(const types::Types& types, const types::Item& item) {
  if (types::is_value_types_only(types, item)) return ImportKind::ValueTypes;
  return types::is_types_only(types, item) ? ImportKind::TypesOnly : ImportKind::Needs;
}

// Makes the functions of a root resource `r`, such as `[method]r.f`, followers of `r`: one unit
// provides them all.
void lead_followers(Draft& draft, UnitIndex u) {
  std::unordered_map<std::string, std::uint32_t> resources;
  const std::uint32_t first = draft.first_import[u];
  const std::uint32_t count = static_cast<std::uint32_t>(draft.unit(u).type.imports.size());
  for (std::uint32_t position = first; position < first + count; ++position) {
    DraftImport& import = draft.imports[position];
    if (import.names.empty()) continue;
    const types::ItemName& name = import.names.front();
    if (import.kind == ImportKind::TypesOnly && name.kind == types::NameKind::Label)
      resources.emplace(name.text, position);
    if (!name.is_resource_function()) continue;
    const auto leader = resources.find(name.resource);
    if (leader == resources.end()) continue;
    import.kind = ImportKind::Follows;
    import.leader = leader->second;
    draft.imports[leader->second].followers.push_back(position);
    draft.imports[leader->second].kind = ImportKind::Needs;
  }
}

}  // namespace

void check_unit_names(Draft& draft) {
  const UnitIndex count = static_cast<UnitIndex>(draft.inputs.units.size());
  for (UnitIndex u = 0; u < count;) {
    const Unit& unit = draft.unit(u);
    UnitIndex next = u + 1;
    while (next < count && draft.unit_name(next) == unit.name) ++next;
    if (next - u > 1) report_clash(draft, u, next - u);
    if (row_of(unit.kind).runs_in != RunsIn::Engine && !is_unit_name(unit.name)) {
      Diagnostic problem = make_diagnostic(
          Code::ResolveUnitName, "`{}` is not a valid unit name: {}", unit.name,
          unit.name == kWasi
              ? "it is reserved for the engine's WASI"
              : "a name starts with a lower-case letter, followed by letters, digits and `-`");
      problem.where = where_of_unit(unit);
      if (!unit.file.empty())
        problem.hints.push_back(fmt::format(
            "give it another name: `{}={}`",
            unit.name == kWasi ? "wasi-unit" : propose_unit_name(unit.name, "unit-"), unit.file));
      draft.problems.push_back(std::move(problem));
    }
    u = next;
  }
}

void read_items(Draft& draft) {
  std::size_t imports = 0;
  std::size_t exports = 0;
  for (const Unit& unit : draft.inputs.units) {
    imports += unit.type.imports.size();
    exports += unit.type.exports.size();
  }
  draft.imports.reserve(imports);
  draft.exports.reserve(exports);
  for (UnitIndex u = 0; u < draft.inputs.units.size(); ++u) {
    const types::ComponentType& type = draft.unit(u).type;
    draft.first_import.push_back(static_cast<std::uint32_t>(draft.imports.size()));
    for (std::uint32_t i = 0; i < type.imports.size(); ++i) {
      DraftImport import;
      import.at = {u, i};
      import.names = read_names(draft.unit(u), type.imports[i]);
      if (import.names.empty()) report_unsupported(draft, import.at);
      import.kind = import.names.empty() ? ImportKind::Unsupported
                                         : kind_of_import(draft.inputs.types, type.imports[i].item);
      if (import.kind == ImportKind::ValueTypes) import.outcome = Outcome::Types;
      if (import.kind == ImportKind::Unsupported) import.outcome = Outcome::Failed;
      draft.imports.push_back(std::move(import));
    }
    lead_followers(draft, u);
    draft.export_names.emplace_back();
    for (std::uint32_t e = 0; e < type.exports.size(); ++e) {
      // Nothing can import an item that tenon does not link, so such an export is left out silently.
      ItemNames names = read_names(draft.unit(u), type.exports[e]);
      draft.exports.add({u, e}, names);
      draft.export_names[u].push_back(std::move(names));
    }
  }
  draft.group_of.assign(draft.imports.size(), UINT32_MAX);
}

}  // namespace tenon::resolve
