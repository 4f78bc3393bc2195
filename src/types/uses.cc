#include "types/uses.h"

#include <fmt/core.h>

#include <algorithm>
#include <optional>
#include <unordered_set>
#include <utility>

#include "types/interface_name.h"
#include "types/print_type.h"
#include "types/type.h"

namespace tenon::types {

namespace {

// Collects the types that an item mentions, without duplicates.
class Mentions {
 public:
  explicit Mentions(const Types& types) : types_(types) {}

  void visit(const Item& item) {
    if (const auto* function = std::get_if<FunctionId>(&item)) {
      for_each_part(types_.functions[*function], [&](TypeId part) { visit(part); });
    } else if (const auto* instance = std::get_if<InstanceId>(&item)) {
      for (const NamedItem& part : types_.instances[*instance].exports) visit(part.item);
    } else if (const auto* bound = std::get_if<TypeBound>(&item)) {
      std::visit([&](auto id) { visit(id); }, bound->type);
    }
  }

  std::vector<ResourceId> resources;
  std::vector<TypeId> value_types;  // parts before the types that contain them

 private:
  void visit(ResourceId resource) {
    if (seen_resources_.insert(resource).second) resources.push_back(resource);
  }
  void visit(TypeId type) {
    if (!seen_types_.insert(type).second) return;
    for_each_part(
        types_.types[type], [&](TypeId part) { visit(part); },
        [&](ResourceId part) { visit(part); });
    value_types.push_back(type);
  }

  const Types& types_;
  std::unordered_set<TypeId> seen_types_;
  std::unordered_set<ResourceId> seen_resources_;
};

std::string join_path(std::string_view prefix, std::string_view name) {
  if (prefix.empty()) return std::string(name);
  return std::string(prefix) + "." + std::string(name);
}

void collect_slots(const Types& types, const std::string& path, const Item& item,
                   std::vector<Slot>& slots) {
  if (const auto* bound = std::get_if<TypeBound>(&item)) {
    if (const auto* resource = std::get_if<ResourceId>(&bound->type))
      slots.push_back({path, *resource});
  } else if (const auto* instance = std::get_if<InstanceId>(&item)) {
    for (const NamedItem& part : types.instances[*instance].exports)
      collect_slots(types, join_path(path, part.name), part.item, slots);
  }
}

bool has_functions(const Types& types, const Item& item) {
  if (std::holds_alternative<FunctionId>(item)) return true;
  const auto* instance = std::get_if<InstanceId>(&item);
  if (instance == nullptr) return false;
  const std::vector<NamedItem>& parts = types.instances[*instance].exports;
  return std::any_of(parts.begin(), parts.end(),
                     [&](const NamedItem& part) { return has_functions(types, part.item); });
}

}  // namespace

const RootItem& root_item(const ComponentType& component, RootRef ref) {
  const std::vector<RootItem>& list =
      ref.side == Side::Import ? component.imports : component.exports;
  TENON_CHECK(ref.position < list.size());
  return list[ref.position];
}

std::vector<Slot> resource_slots(const Types& types, std::string_view name, const Item& item) {
  std::vector<Slot> slots;
  collect_slots(types, std::string(name), item, slots);
  return slots;
}

std::vector<ResourceId> mentioned_resources(const Types& types, const Item& item) {
  Mentions mentions(types);
  mentions.visit(item);
  return std::move(mentions.resources);
}

std::optional<ResourceId> handled_resource(const Types& types, TypeId type) {
  const auto& kind = types.types[type].kind;
  if (const auto* own = std::get_if<Own>(&kind)) return own->resource;
  if (const auto* borrow = std::get_if<Borrow>(&kind)) return borrow->resource;
  return std::nullopt;
}

std::vector<TypeId> mentioned_types(const Types& types, const Item& item) {
  Mentions mentions(types);
  mentions.visit(item);
  return std::move(mentions.value_types);
}

bool is_types_only(const Types& types, const Item& item) {
  return !std::holds_alternative<Unsupported>(item) && !has_functions(types, item);
}

bool names_type(const Types& types, const Item& item,
                const std::variant<TypeId, ResourceId>& type) {
  if (const auto* bound = std::get_if<TypeBound>(&item)) return bound->type == type;
  const auto* instance = std::get_if<InstanceId>(&item);
  return instance != nullptr &&
         std::ranges::any_of(types.instances[*instance].exports, [&](const NamedItem& part) {
           return names_type(types, part.item, type);
         });
}

bool has_resources(const Types& types, const Item& item) {
  return !mentioned_resources(types, item).empty();
}

std::optional<std::string> find_remote_obstacle(const Types& types, FunctionId function,
                                                RemotePeer peer) {
  const auto is_end = [&](TypeId type) {
    const auto& kind = types.types[type].kind;
    return std::holds_alternative<Stream>(kind) || std::holds_alternative<Future>(kind);
  };
  for (const TypeId id : mentioned_types(types, function)) {
    const auto& kind = types.types[id].kind;
    if (const auto* const primitive = std::get_if<Primitive>(&kind))
      if (*primitive == Primitive::ErrorContext) return "it passes an `error-context`";
    if (std::holds_alternative<Dynamic>(kind)) return "it passes a value of any type";
    if (peer == RemotePeer::Unknown || !is_end(id)) continue;
    // A type is one of those that it mentions.
    const std::vector<TypeId> parts = mentioned_types(types, TypeBound{id});
    if (std::ranges::count_if(parts, is_end) > 1)
      return fmt::format(
          "it passes a `{}`, which only two tenons can, and the address says "
          "that the peer is another implementation",
          print_type(types, {}, id));
  }
  return std::nullopt;
}

bool is_value_types_only(const Types& types, const Item& item) {
  return is_types_only(types, item) && !has_resources(types, item);
}

UseIndex::UseIndex(const Types& types, const ComponentType& component)
    : types_(types), component_(component) {
  for (std::uint32_t i = 0; i < component.imports.size(); ++i)
    add_item({Side::Import, i}, component.imports[i].name, component.imports[i].item);
  for (std::uint32_t i = 0; i < component.exports.size(); ++i)
    add_item({Side::Export, i}, component.exports[i].name, component.exports[i].item);
}

// name: for a type, its name in the root item, or the name of the root item if that is a type
// itself.
void UseIndex::add_item(RootRef ref, const std::string& name, const Item& item) {
  if (const auto* bound = std::get_if<TypeBound>(&item)) {
    if (const auto* type = std::get_if<TypeId>(&bound->type))
      types_by_id_.emplace(*type, Origin{ref, name});
    else
      resources_by_id_.emplace(std::get<ResourceId>(bound->type), Origin{ref, name});
  } else if (const auto* instance = std::get_if<InstanceId>(&item)) {
    const bool is_root = &root_item(component_, ref).item == &item;
    for (const NamedItem& part : types_.instances[*instance].exports)
      add_item(ref, is_root ? part.name : join_path(name, part.name), part.item);
  }
}

const UseIndex::Origin* UseIndex::find_origin(TypeId type) const {
  const auto known = types_by_id_.find(type);
  return known == types_by_id_.end() ? nullptr : &known->second;
}

const UseIndex::Origin* UseIndex::find_origin(ResourceId resource) const {
  const auto known = resources_by_id_.find(resource);
  return known == resources_by_id_.end() ? nullptr : &known->second;
}

namespace {

// Collects the names that an item gives to types, for `Use::name`.
void collect_names(const Types& types, const std::string& path, const Item& item,
                   std::unordered_map<TypeId, std::string>& value_types,
                   std::unordered_map<ResourceId, std::string>& resources) {
  if (const auto* bound = std::get_if<TypeBound>(&item)) {
    if (const auto* type = std::get_if<TypeId>(&bound->type))
      value_types.emplace(*type, path);
    else
      resources.emplace(std::get<ResourceId>(bound->type), path);
  } else if (const auto* instance = std::get_if<InstanceId>(&item)) {
    for (const NamedItem& part : types.instances[*instance].exports)
      collect_names(types, join_path(path, part.name), part.item, value_types, resources);
  }
}

// The resource of a function: for `[static]account.open` the type `account` of the same side.
std::optional<Use> find_resource_of(const ComponentType& component, RootRef ref) {
  const RootItem& function = root_item(component, ref);
  if (!function.name.starts_with('[')) return std::nullopt;
  const Result<ItemName> name = parse_item_name(function.name);
  if (!name || !name->is_resource_function()) return std::nullopt;
  const std::vector<RootItem>& items =
      ref.side == Side::Import ? component.imports : component.exports;
  const auto match = std::ranges::find(items, name->resource, &RootItem::name);
  if (match == items.end()) return std::nullopt;
  const auto* const bound = std::get_if<TypeBound>(&match->item);
  const auto* const resource = bound == nullptr ? nullptr : std::get_if<ResourceId>(&bound->type);
  if (resource == nullptr) return std::nullopt;
  const auto position = static_cast<std::uint32_t>(match - items.begin());
  return Use{{ref.side, position}, match->name, "", *resource};
}

}  // namespace

std::vector<Use> UseIndex::uses_of(RootRef ref) const {
  const RootItem& item = root_item(component_, ref);
  std::unordered_map<TypeId, std::string> type_names;
  std::unordered_map<ResourceId, std::string> resource_names;
  const bool is_type = std::holds_alternative<TypeBound>(item.item);
  collect_names(types_, is_type ? item.name : std::string(), item.item, type_names, resource_names);

  Mentions mentions(types_);
  mentions.visit(item.item);
  std::vector<Use> uses;
  if (std::optional<Use> owner = find_resource_of(component_, ref)) uses.push_back(*owner);
  const auto add = [&](auto id, const auto& names) {
    const Origin* origin = find_origin(id);
    if (origin == nullptr || origin->item == ref) return;
    const auto name = names.find(id);
    Use use{origin->item, origin->name, name == names.end() ? "" : name->second, id};
    if (std::ranges::find(uses, use) == uses.end()) uses.push_back(std::move(use));
  };
  for (const ResourceId resource : mentions.resources) add(resource, resource_names);
  for (const TypeId type : mentions.value_types) add(type, type_names);
  return uses;
}

}  // namespace tenon::types
