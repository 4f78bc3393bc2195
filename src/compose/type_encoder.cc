// How types are written.
//
// The encoder keeps a stack of scopes: the level, and one for each instance type that is open.
// Inside an instance type, a type must be referred to by what this scope names; a type of an outer
// scope needs an `alias outer`. So a look-up goes from the innermost scope outward, then to the
// tables of the level, and whatever it finds is remembered in the innermost scope. What it does not
// find is written by its structure, once in each scope.
//
// Order. After a type export, everything in the same instance type must refer to the export. A
// record, variant, enum or flags that another type contains must be named before that other one is
// exported. WIT and binaries can list them in any order, as in `use a.{err, code}`, so
// `order_exports` sorts them: resources first, then value types after the types that they contain,
// then the rest. If one type has several names in an instance, the first is referred to, since
// `[constructor]x` must return `x` and not `type y = x`.
//
// Resources. A resource without a name is introduced by `sub resource` at its type export and
// listed in `introduced()`. The caller puts it into a table, so that every later mention is bound
// `eq` to it: two `sub resource` would be two resources.
#include "compose/type_encoder.h"

#include <fmt/core.h>

#include <algorithm>
#include <iterator>
#include <unordered_set>
#include <utility>
#include <variant>

#include "compose/places.h"
#include "support/check.h"
#include "types/uses.h"

namespace tenon::compose {

namespace {

using NamedClasses = std::unordered_set<types::TypeId>;

bool must_be_named(const types::Type& type) {
  return std::holds_alternative<types::Record>(type.kind) ||
         std::holds_alternative<types::Variant>(type.kind) ||
         std::holds_alternative<types::Enum>(type.kind) ||
         std::holds_alternative<types::Flags>(type.kind);
}

// Collects the types of an item that need a name.
class UnnamedTypes {
 public:
  UnnamedTypes(const types::Types& types, const TypeClasses& classes)
      : types_(types), classes_(classes) {}

  // named: classes that have a name where the item is.
  void collect(const types::Item& item, const NamedClasses& named) {
    if (const auto* instance = std::get_if<types::InstanceId>(&item)) {
      NamedClasses inside = named;
      const types::Instance& type = types_.instances[*instance];
      for (const types::NamedItem& inner : type.exports)
        if (const types::TypeId* value = find_value_type(inner.item))
          inside.insert(classes_.of(*value));
      for (const types::NamedItem& inner : type.exports) collect(inner.item, inside);
      return;
    }
    for (const types::TypeId type : types::mentioned_types(types_, item)) {
      if (!must_be_named(types_.types[type]) || named.contains(classes_.of(type))) continue;
      // The types in it must be named first, even if the item has a name for it.
      for (const types::TypeId part : types::mentioned_types(types_, types::TypeBound{type}))
        if (must_be_named(types_.types[part]) && seen_.insert(classes_.of(part)).second)
          types_to_name_.push_back(part);
    }
  }

  static const types::TypeId* find_value_type(const types::Item& item) {
    const auto* bound = std::get_if<types::TypeBound>(&item);
    return bound == nullptr ? nullptr : std::get_if<types::TypeId>(&bound->type);
  }

  std::vector<types::TypeId> take() { return std::move(types_to_name_); }

 private:
  const types::Types& types_;
  const TypeClasses& classes_;
  NamedClasses seen_;
  std::vector<types::TypeId> types_to_name_;
};

}  // namespace

std::vector<types::TypeId> types_to_name(const types::Types& types, const TypeClasses& classes,
                                         const types::Item& item) {
  NamedClasses named;
  if (const types::TypeId* value = UnnamedTypes::find_value_type(item))
    named.insert(classes.of(*value));
  UnnamedTypes unnamed(types, classes);
  unnamed.collect(item, named);
  return unnamed.take();
}

using binary::ExternDesc;
using binary::ValType;

namespace {

template <class... Fs>
struct Overload : Fs... {
  using Fs::operator()...;
};

}  // namespace

void name_types(const types::Types& types, const TypeClasses& classes, Places& places,
                PlaceId place, std::string_view name, const types::Item& item, TypeTable& table) {
  if (const auto* bound = std::get_if<types::TypeBound>(&item)) {
    if (const auto* resource = std::get_if<types::ResourceId>(&bound->type)) {
      table.resources.try_emplace(classes.of(*resource), TypeTable::Named{place, name});
    } else if (const types::TypeId type = std::get<types::TypeId>(bound->type);
               classes.can_be_named(type)) {
      table.types.try_emplace(classes.of(type), TypeTable::Named{place, name});
    }
  } else if (const auto* instance = std::get_if<types::InstanceId>(&item)) {
    for (const types::NamedItem& inner : types.instances[*instance].exports) {
      if (std::holds_alternative<types::TypeBound>(inner.item))
        name_types(types, classes, places, places.inside(place, binary::Sort::Type, inner.name),
                   name, inner.item, table);
      else if (std::holds_alternative<types::InstanceId>(inner.item))
        name_types(types, classes, places, places.inside(place, binary::Sort::Instance, inner.name),
                   name, inner.item, table);
    }
  }
}

std::vector<const types::NamedItem*> order_exports(const types::Types& types,
                                                   const TypeClasses& classes,
                                                   const types::Instance& instance) {
  std::vector<const types::NamedItem*> resources;
  std::vector<const types::NamedItem*> values;
  std::vector<const types::NamedItem*> rest;
  std::unordered_map<types::TypeId, const types::NamedItem*> named;
  for (const types::NamedItem& item : instance.exports) {
    const auto* bound = std::get_if<types::TypeBound>(&item.item);
    const auto* value = bound == nullptr ? nullptr : std::get_if<types::TypeId>(&bound->type);
    (bound == nullptr ? rest : value == nullptr ? resources : values).push_back(&item);
    if (value != nullptr) named.try_emplace(classes.of(*value), &item);
  }
  std::vector<const types::NamedItem*> ordered = std::move(resources);
  std::unordered_set<const types::NamedItem*> written;
  const auto write = [&](const types::NamedItem* item) {
    if (written.insert(item).second) ordered.push_back(item);
  };
  for (const types::NamedItem* const item : values) {
    if (written.contains(item)) continue;
    for (const types::TypeId part : types::mentioned_types(types, item->item))
      if (const auto first = named.find(classes.of(part)); first != named.end())
        write(first->second);
    write(item);
  }
  std::ranges::copy(rest, std::back_inserter(ordered));
  return ordered;
}

TypeEncoder::TypeEncoder(const types::Types& types, const TypeClasses& classes, Places& places,
                         std::vector<const TypeTable*> tables,
                         std::unordered_set<types::TypeId> own)
    : types_(types),
      classes_(classes),
      places_(places),
      tables_(std::move(tables)),
      own_(std::move(own)) {
  frames_.emplace_back().scope = &places.scope();
}

ExternDesc TypeEncoder::bound(const types::Item& item) {
  using Kind = ExternDesc::Kind;
  if (const auto* function = std::get_if<types::FunctionId>(&item))
    return {.kind = Kind::Func, .index = function_type(types_.functions[*function]), .type = {}};
  if (const auto* instance = std::get_if<types::InstanceId>(&item))
    return bound(types_.instances[*instance]);
  const auto& type = std::get<types::TypeBound>(item).type;
  if (const auto* value = std::get_if<types::TypeId>(&type))
    return {.kind = Kind::TypeEq, .index = type_index(*value), .type = {}};
  const types::ResourceId resource = classes_.of(std::get<types::ResourceId>(type));
  if (const std::optional<std::uint32_t> index = find_resource(resource))
    return {.kind = Kind::TypeEq, .index = *index, .type = {}};
  introduced_.push_back(resource);
  return {.kind = Kind::SubResource, .index = 0, .type = {}};
}

ExternDesc TypeEncoder::bound(const types::Instance& instance) {
  return {.kind = ExternDesc::Kind::Instance, .index = instance_type(instance), .type = {}};
}

std::uint32_t TypeEncoder::type_index(types::TypeId type) {
  if (const std::optional<std::uint32_t> named = find_named(type)) return *named;
  return definition(type);
}

void TypeEncoder::note(const types::Item& item, std::uint32_t index) {
  const auto* bound = std::get_if<types::TypeBound>(&item);
  if (bound == nullptr) return;
  if (const auto* resource = std::get_if<types::ResourceId>(&bound->type)) {
    if (frame().own_resources.insert(classes_.of(*resource)).second)
      frame().resources.insert_or_assign(classes_.of(*resource), index);
  } else if (const types::TypeId type = std::get<types::TypeId>(bound->type);
             classes_.can_be_named(type) && frame().own_types.insert(classes_.of(type)).second) {
    frame().named.insert_or_assign(classes_.of(type), index);
  }
}

std::uint32_t TypeEncoder::instance_type(const types::Instance& instance) {
  binary::TypeWriter writer(binary::TypeWriter::Kind::Instance, frame().scope->keeps_labels());
  frames_.emplace_back().scope = &writer;
  for (const types::NamedItem* const item : order_exports(types_, classes_, instance)) {
    // An item that tenon does not link is omitted: an instance can have more than its type says.
    if (std::holds_alternative<types::Unsupported>(item->item)) continue;
    const ExternDesc desc = bound(item->item);
    note(item->item, writer.export_item({.text = item->name}, desc));
  }
  frames_.pop_back();
  return frame().scope->add_type(writer);
}

std::uint32_t TypeEncoder::function_type(const types::Function& function) {
  binary::FuncDef def;
  def.is_async = function.is_async;
  for (const types::Field& param : function.params)
    def.params.push_back({param.label, value_type(param.type)});
  def.result = value_type(function.result);
  return frame().scope->add_type(binary::TypeExpr(std::move(def)));
}

ValType TypeEncoder::value_type(types::TypeId type) {
  if (const std::optional<std::uint32_t> named = find_named(type)) return *named;
  if (const auto* primitive = std::get_if<types::Primitive>(&types_.types[type].kind))
    return *primitive;
  if (const auto known = frame().written.find(type); known != frame().written.end())
    return known->second;
  const std::uint32_t index = definition(type);
  frame().written.emplace(type, index);
  return index;
}

std::optional<ValType> TypeEncoder::value_type(const std::optional<types::TypeId>& type) {
  if (!type) return std::nullopt;
  return value_type(*type);
}

std::uint32_t TypeEncoder::definition(types::TypeId type) {
  using namespace binary;
  const auto labels = [](const std::vector<std::string>& names) {
    return std::vector<std::string_view>(names.begin(), names.end());
  };
  const Overload write{
      [](types::Primitive kind) -> TypeExpr { return kind; },
      [&](const types::Record& kind) -> TypeExpr {
        RecordDef def;
        for (const types::Field& field : kind.fields)
          def.fields.push_back({field.label, value_type(field.type)});
        return def;
      },
      [&](const types::Variant& kind) -> TypeExpr {
        VariantDef def;
        for (const types::Case& entry : kind.cases)
          def.cases.push_back({entry.label, value_type(entry.type)});
        return def;
      },
      [&](const types::List& kind) -> TypeExpr {
        return ListDef{value_type(kind.element), kind.length};
      },
      [&](const types::Map& kind) -> TypeExpr {
        const ValType key = value_type(kind.key);
        return MapDef{key, value_type(kind.value)};
      },
      [&](const types::Tuple& kind) -> TypeExpr {
        TupleDef def;
        for (const types::TypeId part : kind.types) def.types.push_back(value_type(part));
        return def;
      },
      [&](const types::Flags& kind) -> TypeExpr { return FlagsDef{labels(kind.labels)}; },
      [&](const types::Enum& kind) -> TypeExpr { return EnumDef{labels(kind.labels)}; },
      [&](const types::Option& kind) -> TypeExpr { return OptionDef{value_type(kind.type)}; },
      [&](const types::ResultType& kind) -> TypeExpr {
        const std::optional<ValType> ok = value_type(kind.ok);
        return ResultDef{ok, value_type(kind.error)};
      },
      [&](const types::Own& kind) -> TypeExpr { return OwnDef{resource_index(kind.resource)}; },
      [&](const types::Borrow& kind) -> TypeExpr {
        return BorrowDef{resource_index(kind.resource)};
      },
      [&](const types::Stream& kind) -> TypeExpr { return StreamDef{value_type(kind.type)}; },
      [&](const types::Future& kind) -> TypeExpr { return FutureDef{value_type(kind.type)}; },
      // Only packages have such types, and resolve refuses to pass them to a component.
      [&](const types::Dynamic& /*kind*/) -> TypeExpr {
        TENON_CHECK(false);
        return binary::Primitive::Bool;
      },
  };
  const TypeExpr expr = std::visit(write, types_.types[type].kind);
  return frame().scope->add_type(expr);
}

std::uint32_t TypeEncoder::resource_index(types::ResourceId resource) {
  const types::ResourceId resource_class = classes_.of(resource);
  if (const std::optional<std::uint32_t> index = find_resource(resource_class)) return *index;
  unnamed_.push_back(resource_class);
  return 0;
}

std::optional<std::uint32_t> TypeEncoder::find_named(types::TypeId type) {
  if (!classes_.can_be_named(type)) return std::nullopt;
  const types::TypeId type_class = classes_.of(type);
  for (std::size_t depth = frames_.size(); depth-- > 0;) {
    const auto named = frames_[depth].named.find(type_class);
    if (named != frames_[depth].named.end()) {
      const std::uint32_t index = from_outside(depth, named->second);
      frame().named.insert_or_assign(type_class, index);
      return index;
    }
  }
  if (own_.contains(type_class)) return std::nullopt;
  for (const TypeTable* table : tables_) {
    const auto entry = table->types.find(type_class);
    if (entry == table->types.end()) continue;
    const std::uint32_t index = from_outside(0, places_.index(entry->second.place));
    frame().named.emplace(type_class, index);
    return index;
  }
  return std::nullopt;
}

std::optional<std::uint32_t> TypeEncoder::find_resource(types::ResourceId resource) {
  for (std::size_t depth = frames_.size(); depth-- > 0;) {
    const auto named = frames_[depth].resources.find(resource);
    if (named != frames_[depth].resources.end()) {
      const std::uint32_t index = from_outside(depth, named->second);
      frame().resources.insert_or_assign(resource, index);
      return index;
    }
  }
  for (const TypeTable* table : tables_) {
    const auto entry = table->resources.find(resource);
    if (entry == table->resources.end()) continue;
    const std::uint32_t index = from_outside(0, places_.index(entry->second.place));
    frame().resources.emplace(resource, index);
    return index;
  }
  return std::nullopt;
}

std::uint32_t TypeEncoder::from_outside(std::size_t depth, std::uint32_t index) {
  const std::size_t innermost = frames_.size() - 1;
  if (depth == innermost) return index;
  return frame().scope->alias_outer(binary::Sort::Type,
                                    static_cast<std::uint32_t>(innermost - depth), index);
}

}  // namespace tenon::compose
