#include "compose/root_items.h"

#include <fmt/core.h>

#include <algorithm>
#include <optional>
#include <string>
#include <unordered_map>
#include <variant>
#include <vector>

#include "compose/trap_stub.h"
#include "support/diagnostics.h"
#include "types/uses.h"

namespace tenon::compose {

namespace {

binary::SortIndex written_item(const types::Item& item, std::uint32_t index) {
  if (std::holds_alternative<types::FunctionId>(item)) return {binary::Sort::Func, index};
  if (std::holds_alternative<types::InstanceId>(item)) return {binary::Sort::Instance, index};
  return {binary::Sort::Type, index};
}

binary::Name root_name(std::string_view name, const std::optional<std::string>& implements) {
  binary::Name made{.text = name};
  if (implements) made.implements = *implements;
  return made;
}

// Which unit makes the resources of a class.
using Makers = std::unordered_map<types::ResourceId, resolve::UnitIndex>;

Makers find_makers(const Context& context) {
  Makers makers;
  for (resolve::UnitIndex unit = 0; unit < context.plan.units.size(); ++unit)
    for (const types::ResourceId resource : context.plan.units[unit].type.defined)
      makers.try_emplace(context.classes.of(resource), unit);
  return makers;
}

void check_resources(Level& root, const resolve::CompositionImport& import,
                     const TypeEncoder& encoder, const Makers& makers) {
  for (const types::ResourceId resource : encoder.introduced()) {
    const auto maker = makers.find(resource);
    if (maker == makers.end()) continue;
    root.problems.push_back(
        make_diagnostic(Code::ComposeNotOneDomain,
                        "the import `{}` needs the resource `{}`, which the unit `{}` makes inside",
                        import.name, root.context.plan.types->resources[resource].name,
                        root.context.plan.units[maker->second].name));
  }
  for (const types::ResourceId resource : encoder.unnamed())
    root.problems.push_back(make_diagnostic(
        Code::ComposeNotOneDomain,
        "the import `{}` mentions the resource `{}`, which no import before it names", import.name,
        root.context.plan.types->resources[resource].name));
}

// True if the item mentions a type that one of the tables names: its WIT has a `use`.
bool uses_named(const Level& root, const types::Item& item,
                const std::vector<const TypeTable*>& tables) {
  const types::Types& types = *root.context.plan.types;
  const TypeClasses& classes = root.context.classes;
  for (const TypeTable* table : tables) {
    if (!table->types.empty())
      for (const types::TypeId type : types::mentioned_types(types, item))
        if (table->types.contains(classes.of(type))) return true;
    if (!table->resources.empty())
      for (const types::ResourceId resource : types::mentioned_resources(types, item))
        if (table->resources.contains(classes.of(resource))) return true;
  }
  return false;
}

// Whether the instance exports value types. Without an ascription these would refer to types of an
// instance inside the component, which has no name at the root, and the engine would refuse that.
bool names_types(const Level& root, types::InstanceId id) {
  const types::Types& types = *root.context.plan.types;
  return std::ranges::any_of(types.instances[id].exports, [&](const types::NamedItem& item) {
    const auto* bound = std::get_if<types::TypeBound>(&item.item);
    return bound != nullptr && std::holds_alternative<types::TypeId>(bound->type);
  });
}

// The instance without the functions that a filter hides. Its types stay: they tie.
types::Instance narrow(const types::Instance& instance, const std::vector<std::string>& hidden) {
  types::Instance narrowed;
  for (const types::NamedItem& item : instance.exports)
    if (!std::holds_alternative<types::FunctionId>(item.item) ||
        !std::binary_search(hidden.begin(), hidden.end(), item.name))
      narrowed.add_export(item.name, item.item);
  return narrowed;
}

bool is_stub(const Level& root, std::string_view import) {
  const std::vector<resolve::CompositionImport>& imports = root.context.plan.imports;
  const auto found = std::ranges::find(imports, import, &resolve::CompositionImport::name);
  return found != imports.end() && found->binding == resolve::CompositionImport::Binding::Trap;
}

// Gives a name at the root to the resources of stubs that a function mentions, which is valid only
// then. An instance brings names of its own.
void export_stub_resources(Level& root, const types::Item& function, const TypeTable& imported,
                           TypeTable& exported) {
  for (const types::ResourceId resource : mentioned_classes(root, function)) {
    const auto named = imported.resources.find(resource);
    if (named == imported.resources.end() || exported.resources.contains(resource) ||
        !is_stub(root, named->second.item))
      continue;
    const std::string name = fmt::format("tenon-r{}", exported.resources.size());
    const std::uint32_t index =
        root.out.export_item({.text = name}, root.places.item(named->second.place));
    exported.resources.emplace(resource,
                               TypeTable::Named{root.places.at({binary::Sort::Type, index}), {}});
  }
}

void write_export(Level& root, const resolve::CompositionExport& wanted, const TypeTable& imported,
                  TypeTable& exported) {
  const types::RootItem& from =
      root.context.plan.units[wanted.from.unit].type.exports[wanted.from.index];
  if (std::holds_alternative<types::FunctionId>(from.item))
    export_stub_resources(root, from.item, imported, exported);
  TypeEncoder encoder = root.encoder({&exported, &imported, &root.defined}, wanted.name);
  const binary::Name name = root_name(wanted.name, wanted.implements);
  std::optional<binary::ExternDesc> ascription;
  binary::SortIndex item;
  const auto* bound = std::get_if<types::TypeBound>(&from.item);
  if (bound != nullptr && std::holds_alternative<types::TypeId>(bound->type)) {
    // By its structure, so that its parts are the named ones.
    item = {binary::Sort::Type, encoder.type_index(std::get<types::TypeId>(bound->type))};
  } else {
    item = root.places.item(root.find(wanted.from));
    const auto* instance = std::get_if<types::InstanceId>(&from.item);
    if (instance != nullptr && !wanted.hidden_functions.empty())
      ascription = encoder.bound(
          narrow(root.context.plan.types->instances[*instance], wanted.hidden_functions));
    else if (bound == nullptr && (uses_named(root, from.item, {&exported, &imported}) ||
                                  (instance != nullptr && names_types(root, *instance))))
      ascription = encoder.bound(from.item);
  }
  const std::uint32_t index = root.out.export_item(name, item, ascription);
  root.name_types(root.places.at({item.sort, index}), wanted.name, from.item, exported);
}

// A stub is written where it is needed, but one that makes resources once, for all.
void write_stub(Level& root, std::uint32_t position, const Makers& makers) {
  const resolve::CompositionImport& import = root.context.plan.imports[position];
  std::vector<types::ResourceId> made = mentioned_classes(root, import.item);
  std::erase_if(made, [&](types::ResourceId resource) {
    return root.defined.resources.contains(resource) || makers.contains(resource);
  });
  if (made.empty()) return;
  const PlaceId place = write_trap_stub(root, position, made);
  root.imports.emplace(position, place);
  root.name_types(place, import.name, import.item, root.defined);
}

}  // namespace

void write_imports(Level& root) {
  const resolve::LinkPlan& plan = root.context.plan;
  const Makers makers = find_makers(root.context);
  for (std::uint32_t position = 0; position < plan.imports.size(); ++position) {
    const resolve::CompositionImport& import = plan.imports[position];
    if (import.binding == resolve::CompositionImport::Binding::Trap) {
      write_stub(root, position, makers);
      continue;
    }
    TypeEncoder encoder = root.encoder({&root.defined}, import.name);
    const binary::ExternDesc desc = encoder.bound(import.item);
    check_resources(root, import, encoder, makers);
    const std::uint32_t index =
        root.out.import_item(root_name(import.name, import.implements), desc);
    const binary::SortIndex written = written_item(import.item, index);
    if (root.context.sections == Sections::Keep) root.out.set_debug_name(written, import.name);
    const PlaceId place = root.places.at(written);
    root.imports.emplace(position, place);
    root.name_types(place, import.name, import.item, root.defined);
  }
}

void write_exports(Level& root, const TypeTable& imported) {
  TypeTable exported;
  for (const resolve::CompositionExport& wanted : root.context.plan.exports)
    write_export(root, wanted, imported, exported);
}

}  // namespace tenon::compose
