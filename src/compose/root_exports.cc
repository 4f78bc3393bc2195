#include "compose/root_exports.h"

#include <fmt/core.h>

#include <algorithm>
#include <optional>
#include <variant>
#include <vector>

#include "compose/relay.h"
#include "compose/trap_stub.h"
#include "types/uses.h"

namespace tenon::compose {

namespace {

// Whether the instance exports value types. Without an ascription, these would refer to types of an
// instance inside the component, which have no name at the root, and the engine would reject that.
bool names_types(const types::Types& types, types::InstanceId id) {
  return std::ranges::any_of(types.instances[id].exports, [&](const types::NamedItem& item) {
    const auto* bound = std::get_if<types::TypeBound>(&item.item);
    return bound != nullptr && std::holds_alternative<types::TypeId>(bound->type);
  });
}

// The instance without the functions that a filter hides. Its types stay, since other items use
// them.
types::Instance narrow(const types::Instance& instance, const std::vector<std::string>& hidden) {
  types::Instance narrowed;
  for (const types::NamedItem& item : instance.exports)
    if (!std::holds_alternative<types::FunctionId>(item.item) ||
        !std::binary_search(hidden.begin(), hidden.end(), item.name))
      narrowed.add_export(item.name, item.item);
  return narrowed;
}

// The classes of the resources that an instance names.
std::unordered_set<types::ResourceId> named_by(const types::Types& types,
                                               const TypeClasses& classes,
                                               const types::Item& item) {
  std::unordered_set<types::ResourceId> named;
  const auto* const instance = std::get_if<types::InstanceId>(&item);
  if (instance == nullptr) return named;
  for (const types::NamedItem& part : types.instances[*instance].exports)
    if (const auto* const bound = std::get_if<types::TypeBound>(&part.item))
      if (const auto* const resource = std::get_if<types::ResourceId>(&bound->type))
        named.insert(classes.of(*resource));
  return named;
}

}  // namespace

RootExports::RootExports(Level& root, const TypeTable& imported)
    : root_(root), imported_(imported) {
  for (const resolve::CompositionExport& exported : root.context.plan.exports)
    names_.insert(exported.name);
}

void RootExports::write() {
  for (const resolve::CompositionExport& exported : root_.context.plan.exports) write(exported);
}

std::string RootExports::make_name(char kind) {
  for (;;)
    if (std::string name = fmt::format("tenon-{}{}", kind, made_++); !names_.contains(name))
      return name;
}

bool RootExports::uses_named(const types::Item& item) const {
  const types::Types& types = *root_.context.plan.types;
  const TypeClasses& classes = root_.context.classes;
  for (const TypeTable* table : {&exported_, &imported_}) {
    if (!table->types.empty())
      for (const types::TypeId type : types::mentioned_types(types, item))
        if (table->types.contains(classes.of(type))) return true;
    if (!table->resources.empty())
      for (const types::ResourceId resource : types::mentioned_resources(types, item))
        if (table->resources.contains(classes.of(resource))) return true;
  }
  return false;
}

std::unordered_set<types::TypeId> RootExports::find_own(std::string_view name,
                                                        const types::Item& item) const {
  std::unordered_set<types::TypeId> own;
  if (const auto* const instance = std::get_if<types::InstanceId>(&item)) {
    for (const types::NamedItem& part : root_.context.plan.types->instances[*instance].exports)
      own.merge(find_own(name, part.item));
  } else if (const auto* const bound = std::get_if<types::TypeBound>(&item)) {
    const auto* const type = std::get_if<types::TypeId>(&bound->type);
    if (type == nullptr) return own;
    const auto known = imported_.types.find(root_.context.classes.of(*type));
    if (known != imported_.types.end() && known->second.item == name) own.insert(known->first);
  }
  return own;
}

void RootExports::name_resources_of_stubs(const types::Item& item) {
  const std::unordered_set<types::ResourceId> own =
      named_by(*root_.context.plan.types, root_.context.classes, item);
  for (const types::ResourceId resource : mentioned_classes(root_, item)) {
    if (!root_.stubbed.contains(resource) || own.contains(resource) ||
        exported_.resources.contains(resource))
      continue;
    const std::uint32_t index =
        root_.out.export_item({.text = make_name('r')}, root_.resource(resource));
    exported_.resources.emplace(resource,
                                TypeTable::Named{root_.places.at({binary::Sort::Type, index}), {}});
  }
}

void RootExports::name_value_types(const types::Item& item) {
  const TypeClasses& classes = root_.context.classes;
  for (const types::TypeId type : types_to_name(*root_.context.plan.types, classes, item)) {
    const types::TypeId known = classes.of(type);
    if (imported_.types.contains(known) || exported_.types.contains(known)) continue;
    name_resources_of_stubs(types::TypeBound{type});
    const std::uint32_t written =
        root_.encoder({&exported_, &imported_, &root_.defined}).type_index(type);
    const std::uint32_t index =
        root_.out.export_item({.text = make_name('t')}, {binary::Sort::Type, written});
    exported_.types.emplace(known,
                            TypeTable::Named{root_.places.at({binary::Sort::Type, index}), {}});
  }
}

void RootExports::write(const resolve::CompositionExport& exported) {
  const types::Types& types = *root_.context.plan.types;
  const types::RootItem& from =
      root_.context.plan.units[exported.from.unit].type.exports[exported.from.index];
  const auto* const instance = std::get_if<types::InstanceId>(&from.item);
  const auto* const bound = std::get_if<types::TypeBound>(&from.item);
  const bool is_value_type = bound != nullptr && std::holds_alternative<types::TypeId>(bound->type);
  if (bound == nullptr || is_value_type) name_resources_of_stubs(from.item);
  name_value_types(from.item);
  TypeEncoder encoder =
      root_.encoder({&exported_, &imported_, &root_.defined}, find_own(exported.name, from.item));
  std::optional<binary::ExternDesc> ascription;
  binary::SortIndex item;
  if (is_value_type) {
    // Written by its structure, so that its parts refer to the named types.
    item = {binary::Sort::Type, encoder.type_index(std::get<types::TypeId>(bound->type))};
  } else {
    PlaceId place = root_.find(exported.from);
    if (exported.is_relayed)
      place = write_relay(root_, place, exported.name, from.item, exported.hidden_functions);
    item = root_.places.item(place);
    if (instance != nullptr && !exported.hidden_functions.empty())
      ascription = encoder.bound(narrow(types.instances[*instance], exported.hidden_functions));
    else if (bound == nullptr &&
             (uses_named(from.item) || (instance != nullptr && names_types(types, *instance))))
      ascription = encoder.bound(from.item);
  }
  const std::uint32_t index =
      root_.out.export_item(root_name(exported.name, exported.implements), item, ascription);
  root_.name_types(root_.places.at({item.sort, index}), exported.name, from.item, exported_);
}

}  // namespace tenon::compose
