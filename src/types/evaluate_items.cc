// Imports, exports and aliases, and the lookup of items by index.

#include <string>
#include <utility>

#include "support/terminal_text.h"
#include "support/try.h"
#include "types/evaluation.h"
#include "types/interface_name.h"

namespace tenon::types {

using binary::Sort;

std::string_view sort_text(Sort sort) {
  switch (sort) {
    case Sort::CoreFunc:
      return "core function";
    case Sort::CoreTable:
      return "core table";
    case Sort::CoreMemory:
      return "core memory";
    case Sort::CoreGlobal:
      return "core global";
    case Sort::CoreTag:
      return "core tag";
    case Sort::CoreType:
      return "core type";
    case Sort::CoreModule:
      return "core module";
    case Sort::CoreInstance:
      return "core instance";
    case Sort::Func:
      return "function";
    case Sort::Value:
      return "value";
    case Sort::Type:
      return "type";
    case Sort::Component:
      return "component";
    case Sort::Instance:
      return "instance";
  }
  return "item";
}

Sort sort_of(const Item& item) {
  if (std::holds_alternative<FunctionId>(item)) return Sort::Func;
  if (std::holds_alternative<InstanceId>(item)) return Sort::Instance;
  if (std::holds_alternative<TypeBound>(item)) return Sort::Type;
  switch (std::get<Unsupported>(item).sort) {
    case Unsupported::Sort::Component:
      return Sort::Component;
    case Unsupported::Sort::CoreModule:
      return Sort::CoreModule;
    case Unsupported::Sort::Value:
      return Sort::Value;
    case Unsupported::Sort::Type:
      return Sort::Type;
  }
  return Sort::Type;
}

// --- Index spaces ---

Result<void> Evaluation::check_index(Sort sort, std::uint64_t index) const {
  const std::uint64_t count = scope().count(sort);
  if (index < count) return {};
  return problem(Code::TypeIndex, "{} {} is out of range: {} {} defined before it", sort_text(sort),
                 index, count, count == 1 ? "is" : "are");
}

Result<TypeEntry> Evaluation::type_at(std::uint32_t index) const {
  TENON_TRY_VOID(check_index(Sort::Type, index));
  return scope().types[index];
}

Result<TypeId> Evaluation::value_type_at(std::uint32_t index) const {
  TENON_TRY(const TypeEntry entry, type_at(index));
  if (const auto* id = std::get_if<TypeId>(&entry)) return *id;
  return problem(Code::TypeIndex, "type {} is not a value type", index);
}

Result<ResourceId> Evaluation::resource_at(std::uint32_t index) const {
  TENON_TRY(const TypeEntry entry, type_at(index));
  if (const auto* id = std::get_if<ResourceId>(&entry)) return *id;
  return problem(Code::TypeIndex, "type {} is not a resource", index);
}

Result<FunctionId> Evaluation::function_type_at(std::uint32_t index) const {
  TENON_TRY(const TypeEntry entry, type_at(index));
  if (const auto* id = std::get_if<FunctionId>(&entry)) return *id;
  return problem(Code::TypeIndex, "type {} is not a function type", index);
}

Result<ShapeIndex> Evaluation::shape_at(std::uint32_t index, Shape::Kind kind) const {
  TENON_TRY(const TypeEntry entry, type_at(index));
  const auto* shape = std::get_if<ShapeIndex>(&entry);
  if (shape != nullptr && patterns_.shapes[shape->value].kind == kind) return *shape;
  return problem(Code::TypeIndex, "type {} is not {} type", index,
                 kind == Shape::Kind::Component ? "a component" : "an instance");
}

Item Evaluation::item_of(const TypeEntry& entry) {
  if (const auto* type = std::get_if<TypeId>(&entry)) return TypeBound{*type};
  if (const auto* resource = std::get_if<ResourceId>(&entry)) return TypeBound{*resource};
  patterns_.details.push_back(entry);
  return Unsupported{Unsupported::Sort::Type,
                     static_cast<std::uint32_t>(patterns_.details.size() - 1)};
}

Item Evaluation::item_of_component(ShapeIndex component) {
  patterns_.details.emplace_back(component);
  return Unsupported{Unsupported::Sort::Component,
                     static_cast<std::uint32_t>(patterns_.details.size() - 1)};
}

// sortidx
Result<Item> Evaluation::item_at(binary::SortIndex item) {
  TENON_TRY_VOID(check_index(item.sort, item.index));
  switch (item.sort) {
    case Sort::Func:
      return Item{scope().functions[item.index]};
    case Sort::Instance:
      return Item{scope().instances[item.index]};
    case Sort::Type:
      return item_of(scope().types[item.index]);
    case Sort::Component:
      return item_of_component(scope().components[item.index]);
    case Sort::Value:
      return Item{Unsupported{Unsupported::Sort::Value}};
    case Sort::CoreModule:
      return Item{Unsupported{Unsupported::Sort::CoreModule}};
    case Sort::CoreFunc:
    case Sort::CoreTable:
    case Sort::CoreMemory:
    case Sort::CoreGlobal:
    case Sort::CoreTag:
    case Sort::CoreType:
    case Sort::CoreInstance:
      break;
  }
  return problem(Code::TypeIndex, "expected an item of a component, found a {}",
                 sort_text(item.sort));
}

void Evaluation::push(const Item& item) {
  if (const auto* function = std::get_if<FunctionId>(&item)) {
    scope().functions.push_back(*function);
  } else if (const auto* instance = std::get_if<InstanceId>(&item)) {
    scope().instances.push_back(*instance);
  } else if (const auto* bound = std::get_if<TypeBound>(&item)) {
    std::visit([&](auto id) { scope().types.emplace_back(id); }, bound->type);
  } else {
    const Unsupported& other = std::get<Unsupported>(item);
    const Sort sort = sort_of(item);
    if (sort == Sort::Type)
      scope().types.push_back(patterns_.details[other.detail]);
    else if (sort == Sort::Component)
      scope().components.push_back(std::get<ShapeIndex>(patterns_.details[other.detail]));
    else
      ++scope().counts[static_cast<std::size_t>(sort)];
  }
}

// --- Bounds ---

// externtype. Every `sub resource` bound, and every resource that an instance type declares, is a
// new resource.
Result<Item> Evaluation::bounded_item(const binary::ExternDesc& desc,
                                      std::vector<ResourceId>& fresh) {
  using Kind = binary::ExternDesc::Kind;
  switch (desc.kind) {
    case Kind::CoreModule:
      TENON_TRY_VOID(check_index(Sort::CoreType, desc.index));
      return Item{Unsupported{Unsupported::Sort::CoreModule}};
    case Kind::Func: {
      TENON_TRY(const FunctionId function, function_type_at(desc.index));
      return Item{function};
    }
    case Kind::ValueEq:
      TENON_TRY_VOID(check_index(Sort::Value, desc.index));
      return Item{Unsupported{Unsupported::Sort::Value}};
    case Kind::ValueType:
      TENON_TRY_VOID(value_type(desc.type));
      return Item{Unsupported{Unsupported::Sort::Value}};
    case Kind::TypeEq: {
      TENON_TRY(const TypeEntry entry, type_at(desc.index));
      return item_of(entry);
    }
    case Kind::SubResource:
      fresh.push_back(types_.arena().resources.add({}));
      types_.charge(1);
      return Item{TypeBound{fresh.back()}};
    case Kind::Component: {
      TENON_TRY(const ShapeIndex shape, shape_at(desc.index, Shape::Kind::Component));
      return item_of_component(shape);
    }
    case Kind::Instance: {
      TENON_TRY(const ShapeIndex shape, shape_at(desc.index, Shape::Kind::Instance));
      return Item{attach(shape, fresh)};
    }
  }
  return problem(Code::TypeIndex, "unknown kind of type of an import or export");
}

// --- Imports and exports ---

Result<std::string> Evaluation::key_of(const binary::Name& name) const {
  Result<std::string> key = make_uniqueness_key(name.text, name.version_suffix);
  if (!key) key.error().front().where.offset = at_;
  return key;
}

Result<void> Evaluation::add_root_item(std::vector<RootItem>& list,
                                       std::unordered_set<std::string>& names,
                                       const binary::Name& name, const Item& item,
                                       binary::ByteSpan span) {
  TENON_TRY(std::string key, key_of(name));
  if (!names.insert(std::move(key)).second)
    return problem(Code::TypeName, "duplicate {} `{}` in a {}",
                   &list == &scope().shape.type.imports ? "import" : "export",
                   sanitize_text(name.text),
                   scope().kind == Scope::Kind::Component ? "component" : "type");
  RootItem root;
  root.name = name.text;
  root.item = item;
  root.span = span;
  if (name.implements) root.implements = std::string(*name.implements);
  if (name.version_suffix) root.version_suffix = std::string(*name.version_suffix);
  if (name.external_id) root.external_id = std::string(*name.external_id);
  list.push_back(std::move(root));
  types_.count_item(scope().size, name.text, item);
  return {};
}

Result<void> Evaluation::define_import(const binary::Name& name, const binary::ExternDesc& desc,
                                       const binary::ByteSpan& span) {
  at_ = span.begin;
  if (scope().kind == Scope::Kind::InstanceType)
    return problem(Code::TypeMismatch, "an instance type cannot have imports");
  TENON_TRY(const Item item, bounded_item(desc, scope().shape.imported));
  TENON_TRY_VOID(add_root_item(scope().shape.type.imports, scope().import_names, name, item, span));
  push(item);
  return {};
}

Result<void> Evaluation::define(const binary::ImportDef& def) {
  return define_import(def.name, def.desc, def.span);
}

Result<void> Evaluation::define(const binary::ImportDecl& def) {
  return define_import(def.name, def.desc, def.span);
}

Result<void> Evaluation::define(const binary::ExportDecl& def) {
  at_ = def.span.begin;
  TENON_TRY(const Item item, bounded_item(def.desc, scope().shape.type.defined));
  TENON_TRY_VOID(
      add_root_item(scope().shape.type.exports, scope().export_names, def.name, item, def.span));
  push(item);
  return {};
}

// An export with an ascription has the ascribed type. A `sub resource` bound in the ascription is
// an error, because it would be a new resource, different from that of the exported item.
Result<void> Evaluation::define(const binary::ExportDef& def) {
  at_ = def.span.begin;
  TENON_TRY(Item item, item_at(def.item));
  if (def.ascription) {
    std::vector<ResourceId> fresh;
    TENON_TRY(const Item ascribed, bounded_item(*def.ascription, fresh));
    if (sort_of(ascribed) != sort_of(item))
      return problem(Code::TypeMismatch,
                     "export `{}` has the wrong sort: its type says {}, but the item is a {}",
                     sanitize_text(def.name.text), sort_text(sort_of(ascribed)),
                     sort_text(sort_of(item)));
    if (!fresh.empty())
      return problem(
          Code::TypeMismatch,
          "the type of export `{}` declares a new resource (`sub resource`), but it must "
          "refer to the resource of the exported item",
          sanitize_text(def.name.text));
    item = ascribed;
  }
  TENON_TRY_VOID(
      add_root_item(scope().shape.type.exports, scope().export_names, def.name, item, def.span));
  push(item);
  return {};
}

// --- Aliases ---

Result<void> Evaluation::define(const binary::AliasDef& def) {
  switch (def.target) {
    case binary::AliasDef::Target::Export:
      return alias_export(def);
    case binary::AliasDef::Target::Outer:
      return alias_outer(def);
    case binary::AliasDef::Target::CoreExport:
      break;
  }
  TENON_TRY_VOID(check_index(Sort::CoreInstance, def.instance));
  if (def.sort > Sort::CoreTag)
    return problem(Code::TypeIndex, "a core instance cannot export a {}", sort_text(def.sort));
  ++scope().counts[static_cast<std::size_t>(def.sort)];
  return {};
}

Result<void> Evaluation::alias_export(const binary::AliasDef& def) {
  TENON_TRY_VOID(check_index(Sort::Instance, def.instance));
  const Instance& instance = types_.arena().instances[scope().instances[def.instance]];
  const NamedItem* item = instance.find_export(def.name);
  if (item == nullptr)
    return problem(Code::TypeIndex, "instance {} does not export `{}`", def.instance,
                   sanitize_text(def.name));
  if (sort_of(item->item) != def.sort)
    return problem(
        Code::TypeIndex, "export `{}` of instance {} has the wrong sort: expected {}, found {}",
        sanitize_text(def.name), def.instance, sort_text(def.sort), sort_text(sort_of(item->item)));
  push(item->item);
  return {};
}

Result<void> Evaluation::alias_outer(const binary::AliasDef& def) {
  if (def.count >= scopes_.size())
    return problem(Code::TypeIndex, "an alias refers {} levels outward, but there are only {}",
                   def.count, scopes_.size() - 1);
  const Scope& outer = *scopes_[scopes_.size() - 1 - def.count];
  if (def.index >= outer.count(def.sort))
    return problem(Code::TypeIndex, "an alias refers to {} {} of an outer level that has only {}",
                   sort_text(def.sort), def.index, outer.count(def.sort));
  switch (def.sort) {
    case Sort::Type: {
      const TypeEntry entry = outer.types[def.index];
      scope().types.push_back(entry);
      return {};
    }
    case Sort::Component: {
      const ShapeIndex component = outer.components[def.index];
      scope().components.push_back(component);
      return {};
    }
    case Sort::CoreType:
    case Sort::CoreModule:
      ++scope().counts[static_cast<std::size_t>(def.sort)];
      return {};
    case Sort::CoreFunc:
    case Sort::CoreTable:
    case Sort::CoreMemory:
    case Sort::CoreGlobal:
    case Sort::CoreTag:
    case Sort::CoreInstance:
    case Sort::Func:
    case Sort::Value:
    case Sort::Instance:
      break;
  }
  return problem(Code::TypeIndex,
                 "an outer alias can refer only to a type, a component or a core module, found: {}",
                 sort_text(def.sort));
}

}  // namespace tenon::types
