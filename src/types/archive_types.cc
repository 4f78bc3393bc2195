#include "types/archive_types.h"

#include <algorithm>
#include <cstddef>
#include <utility>
#include <variant>
#include <vector>

#include "support/limits.h"

namespace tenon::types {

// The parts of each kind of type. A new kind does not compile until it is here.
void exchange(auto& archive, ValueOf<Field> auto& field) { archive(field.label, field.type); }
void exchange(auto& archive, ValueOf<Case> auto& item) { archive(item.label, item.type); }
void exchange(auto& archive, ValueOf<Record> auto& record) { archive(record.fields); }
void exchange(auto& archive, ValueOf<Variant> auto& variant) { archive(variant.cases); }
void exchange(auto& archive, ValueOf<List> auto& list) { archive(list.element, list.length); }
void exchange(auto& archive, ValueOf<Map> auto& map) { archive(map.key, map.value); }
void exchange(auto& archive, ValueOf<Tuple> auto& tuple) { archive(tuple.types); }
void exchange(auto& archive, ValueOf<Flags> auto& flags) { archive(flags.labels); }
void exchange(auto& archive, ValueOf<Enum> auto& cases) { archive(cases.labels); }
void exchange(auto& archive, ValueOf<Option> auto& option) { archive(option.type); }
void exchange(auto& archive, ValueOf<ResultType> auto& result) { archive(result.ok, result.error); }
void exchange(auto& archive, ValueOf<Own> auto& own) { archive(own.resource); }
void exchange(auto& archive, ValueOf<Borrow> auto& borrow) { archive(borrow.resource); }
void exchange(auto& archive, ValueOf<Stream> auto& stream) { archive(stream.type); }
void exchange(auto& archive, ValueOf<Future> auto& future) { archive(future.type); }
void exchange(auto& archive, ValueOf<Dynamic> auto& dynamic) {
  archive(dynamic.within, dynamic.parameter);
}
void exchange(auto& archive, ValueOf<Type> auto& type) { archive(type.kind); }
void exchange(auto& archive, ValueOf<Resource> auto& resource) { archive(resource.name); }
void exchange(auto& archive, ValueOf<Function> auto& function) {
  archive(function.is_async, function.is_untyped, function.params, function.result);
}
void exchange(auto& archive, ValueOf<NamedItem> auto& item) { archive(item.name, item.item); }
void exchange(ArchiveWriter& archive, const Instance& instance) { archive(instance.exports); }
void exchange(ArchiveReader& archive, Instance& instance) {
  std::vector<NamedItem> exports;
  archive(exports);
  for (NamedItem& item : exports) instance.add_export(std::move(item.name), item.item);
}

namespace {

template <class T>
void write_arena(ArchiveWriter& archive, const Arena<T>& arena) {
  archive(arena.size());
  for (const T& node : arena) archive(node);
}

template <class T>
void read_arena(ArchiveReader& archive, Arena<T>& arena, T node) {
  for (std::size_t count = archive.read_count(); count > 0 && !archive.has_failed(); --count) {
    T next = node;
    archive(next);
    arena.add(std::move(next));
  }
}

template <class T>
bool contains(const Arena<T>& arena, Id<T> id) {
  return id.index < arena.size();
}

// Whether each type refers to types before it and to resources that exist, within the limit of depth.
bool is_ordered(const Types& types) {
  std::vector<std::uint32_t> depths;
  for (const Type& type : types.types) {
    std::uint32_t depth = 0;
    bool is_fine = true;
    for_each_part(
        type,
        [&](TypeId part) {
          is_fine = is_fine && part.index < depths.size();
          if (is_fine) depth = std::max(depth, depths[part.index] + 1);
        },
        [&](ResourceId part) { is_fine = is_fine && contains(types.resources, part); });
    if (!is_fine || depth > limits::kNestingDepth) return false;
    depths.push_back(depth);
  }
  return true;
}

bool has_functions_of_its_types(const Types& types) {
  return std::ranges::all_of(types.functions, [&](const Function& function) {
    bool is_fine = true;
    for_each_part(function, [&](TypeId part) { is_fine = is_fine && contains(types.types, part); });
    return is_fine;
  });
}

// An instance refers to instances before it.
bool has_ordered_instances(const Types& types) {
  std::uint32_t position = 0;
  return std::ranges::all_of(types.instances, [&](const Instance& instance) {
    const std::uint32_t own = position++;
    return std::ranges::all_of(instance.exports, [&](const NamedItem& part) {
      const auto* const inner = std::get_if<InstanceId>(&part.item);
      return is_in(types, part.item) && (inner == nullptr || inner->index < own);
    });
  });
}

bool has_its_primitives(const Types& types) {
  std::size_t primitive = 0;
  return std::ranges::all_of(types.primitives, [&](TypeId id) {
    const std::size_t own = primitive++;
    if (!id.is_valid()) return true;
    const auto* const kind =
        contains(types.types, id) ? std::get_if<Primitive>(&types.types[id].kind) : nullptr;
    return kind != nullptr && static_cast<std::size_t>(*kind) == own;
  });
}

bool has_known_primitives(const Types& types) {
  return std::ranges::all_of(types.types, [&](const Type& type) {
    const auto* const kind = std::get_if<Primitive>(&type.kind);
    return kind == nullptr || static_cast<std::size_t>(*kind) < types.primitives.size();
  });
}

}  // namespace

void exchange(ArchiveWriter& archive, const Types& types) {
  write_arena(archive, types.resources);
  write_arena(archive, types.types);
  write_arena(archive, types.functions);
  write_arena(archive, types.instances);
  for (const TypeId id : types.primitives) archive(id);
}

void exchange(ArchiveReader& archive, Types& types) {
  read_arena(archive, types.resources, {});
  read_arena(archive, types.types, Type(Type::Kind()));
  read_arena(archive, types.functions, {});
  read_arena(archive, types.instances, {});
  for (TypeId& id : types.primitives) archive(id);
  if (!archive.has_failed() &&
      !(has_known_primitives(types) && is_ordered(types) && has_functions_of_its_types(types) &&
        has_ordered_instances(types) && has_its_primitives(types)))
    archive.fail();
}

bool is_in(const Types& types, const Item& item) {
  if (const auto* function = std::get_if<FunctionId>(&item))
    return contains(types.functions, *function);
  if (const auto* instance = std::get_if<InstanceId>(&item))
    return contains(types.instances, *instance);
  if (const auto* bound = std::get_if<TypeBound>(&item)) {
    const auto* const resource = std::get_if<ResourceId>(&bound->type);
    return resource != nullptr ? contains(types.resources, *resource)
                               : contains(types.types, std::get<TypeId>(bound->type));
  }
  return true;
}

bool are_in(const Types& types, const ComponentType& type) {
  const auto is_fine = [&](const RootItem& item) {
    const auto is_import = [&](std::uint32_t position) { return position < type.imports.size(); };
    return is_in(types, item.item) &&
           (!item.passed_imports || std::ranges::all_of(*item.passed_imports, is_import));
  };
  return std::ranges::all_of(type.imports, is_fine) && std::ranges::all_of(type.exports, is_fine) &&
         std::ranges::all_of(type.defined,
                             [&](ResourceId id) { return contains(types.resources, id); });
}

}  // namespace tenon::types
