// Component types with identity, in one arena that a whole link shares.
//
// A `Types` holds every node; nodes refer to each other by id. Evaluating a component binary adds
// nodes and returns its imports and exports (`evaluate.h`).
//
//   Identity. Value types are structural: two ids may hold equal types (`subtype.h` compares). A
//   resource is nothing but its `ResourceId`: two types name the same resource exactly when their
//   ids are equal. Evaluating a component makes a fresh id for every resource that it imports (`sub
//   resource`) or defines; an alias, an `eq` bound, a `use` and a re-export keep the id. The same
//   holds for value types: `use` keeps the `TypeId`, which is how the printer and compose find the
//   interface that a type came from.
//
// Source: component-model Explainer.md, "Type Definitions"; Subtyping.md.
#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <unordered_map>
#include <variant>
#include <vector>

#include "binary/component.h"
#include "support/arena.h"

namespace tenon::types {

using binary::Primitive;

struct Type;
struct Resource;
struct Function;
struct Instance;
using TypeId = Id<Type>;
using ResourceId = Id<Resource>;
using FunctionId = Id<Function>;
using InstanceId = Id<Instance>;

struct Field {
  std::string label;
  TypeId type;
};
struct Case {
  std::string label;
  std::optional<TypeId> type;
};

struct Record {
  std::vector<Field> fields;
};
struct Variant {
  std::vector<Case> cases;
};
struct List {
  TypeId element;
  std::optional<std::uint32_t> length;
};
struct Map {
  TypeId key;
  TypeId value;
};
struct Tuple {
  std::vector<TypeId> types;
};
struct Flags {
  std::vector<std::string> labels;
};
struct Enum {
  std::vector<std::string> labels;
};
struct Option {
  TypeId type;
};
struct ResultType {
  std::optional<TypeId> ok;
  std::optional<TypeId> error;
};
// Metadata of packages cannot say that a side carries nothing. It has these in that place, which
// may also be meant.
inline constexpr Primitive kEmptyOk = Primitive::Bool;
inline constexpr Primitive kEmptyError = Primitive::String;
struct Own {
  ResourceId resource;
};
struct Borrow {
  ResourceId resource;
};
struct Stream {
  std::optional<TypeId> type;
};
struct Future {
  std::optional<TypeId> type;
};

// Of packr, which calls it `value`: a value of any type. WIT cannot say it.
struct Dynamic {
  // For messages: the record or variant that it stands in for, or is a part of; may be empty. A
  // recursive type is one that has its own place marked so.
  std::string within = {};
  // Of a generic interface: which of its type parameters it is; empty: none.
  std::string parameter = {};
};

// A value type.
struct Type {
  using Kind = std::variant<Primitive, Record, Variant, List, Map, Tuple, Flags, Enum, Option,
                            ResultType, Own, Borrow, Stream, Future, Dynamic>;

  Type(Kind form);
  // Defined once, in type.cc: they are large, and each file that has one would compile them.
  Type(const Type& other);
  Type(Type&& other) noexcept;
  Type& operator=(const Type& other);
  Type& operator=(Type&& other) noexcept;
  ~Type();

  Kind kind;
};

// A resource type. It has no structure; `name` is the name it was first imported or exported by,
// for messages only, and may be empty.
struct Resource {
  std::string name;
};

struct Function {
  bool is_async = false;
  // Of packr: nothing says what it takes and gives. `params` is one Dynamic, and so is `result`.
  bool is_untyped = false;
  std::vector<Field> params;
  std::optional<TypeId> result;
};

// A type that is imported or exported: a value type, or a resource.
struct TypeBound {
  // Resource: `sub resource` where the id is new in this place, `eq` where it stands elsewhere too.
  std::variant<TypeId, ResourceId> type;

  bool operator==(const TypeBound&) const = default;
};

// Items that tenon does not link: `resolve-unsupported-item` names the sort.
struct Unsupported {
  // Type: a type that is not a value type or a resource, but of functions, instances or components.
  enum class Sort : std::uint8_t { Component, CoreModule, Value, Type };
  Sort sort = Sort::Component;
  // A place in the evaluation's own tables; means nothing once `evaluate_component` has returned.
  std::uint32_t detail = UINT32_MAX;

  bool operator==(const Unsupported&) const = default;
};

// What an import or export is.
using Item = std::variant<FunctionId, InstanceId, TypeBound, Unsupported>;

struct NamedItem {
  std::string name;  // plain, or "ns:pkg/iface@version", or "[method]r.f"
  Item item;
};

// The type of an instance: its exports in the order they are written.
struct Instance {
  std::vector<NamedItem> exports;
  // Position in `exports` by name.
  std::unordered_map<std::string, std::uint32_t> index;

  [[nodiscard]] const NamedItem* find_export(std::string_view name) const {
    const auto found = index.find(std::string(name));
    return found == index.end() ? nullptr : &exports[found->second];
  }
  void add_export(std::string name, Item item) {
    index.emplace(name, static_cast<std::uint32_t>(exports.size()));
    exports.push_back({std::move(name), item});
  }
};

// The arena. Only grows; ids stay valid. One thread at a time.
//
// A type refers only to types that were added before it, so that no type contains itself.
// Evaluation keeps nesting within limits::kNestingDepth; who adds types by hand keeps it too, or
// `subtype.h` refuses them.
struct Types {
  Arena<Type> types;
  Arena<Resource> resources;
  Arena<Function> functions;
  Arena<Instance> instances;

  // The one node of a primitive type that no definition stands for. `type id = u32` has a node of
  // its own, so that it can be named.
  TypeId primitive(Primitive kind) {
    TypeId& id = primitives[static_cast<std::size_t>(kind)];
    if (!id.is_valid()) id = types.add({kind});
    return id;
  }
  std::array<TypeId, 14> primitives;
};

// One root import or export of a component, with what its binary says of it.
struct RootItem {
  std::string name;
  Item item;
  std::optional<std::string> implements;
  std::optional<std::string> version_suffix;
  std::optional<std::string> external_id;
  binary::ByteSpan span;  // where it is written
  // Of an export: the import, by its position, whose function it is or has, as it was imported.
  std::optional<std::uint32_t> passed_import = {};
};

// The type of a component: what it asks for and what it gives, each in the order written.
//
// Ties inside the unit show as equal ids: an export that mentions an imported resource carries the
// import's id.
struct ComponentType {
  std::vector<RootItem> imports;
  std::vector<RootItem> exports;
  // Resources that an instantiation makes anew; every other id in `exports` stands in `imports`.
  std::vector<ResourceId> defined;
};

// ---- The parts of a type, in the order written: the one list of what each kind of type contains.
//
//   for_each_part(type, [](TypeId part) { ... }, [](ResourceId part) { ... });
//
// Of a mutable type or function the callbacks get references and may replace the parts.

template <class Node, class Plain>
concept MaybeConst = std::same_as<std::remove_const_t<Node>, Plain>;

// on_type is called with each TypeId; on_resource with the ResourceId of `own` and `borrow`.
template <MaybeConst<Type> Node, class OnType, class OnResource>
void for_each_part(Node& type, OnType&& on_type, OnResource&& on_resource) {
  const auto on_optional = [&](auto& part) {
    if (part) on_type(*part);
  };
  std::visit(
      [&](auto& kind) {
        using Kind = std::remove_cvref_t<decltype(kind)>;
        if constexpr (std::is_same_v<Kind, Record>) {
          for (auto& field : kind.fields) on_type(field.type);
        } else if constexpr (std::is_same_v<Kind, Variant>) {
          for (auto& alternative : kind.cases) on_optional(alternative.type);
        } else if constexpr (std::is_same_v<Kind, List>) {
          on_type(kind.element);
        } else if constexpr (std::is_same_v<Kind, Map>) {
          on_type(kind.key);
          on_type(kind.value);
        } else if constexpr (std::is_same_v<Kind, Tuple>) {
          for (auto& part : kind.types) on_type(part);
        } else if constexpr (std::is_same_v<Kind, Option>) {
          on_type(kind.type);
        } else if constexpr (std::is_same_v<Kind, ResultType>) {
          on_optional(kind.ok);
          on_optional(kind.error);
        } else if constexpr (std::is_same_v<Kind, Stream> || std::is_same_v<Kind, Future>) {
          on_optional(kind.type);
        } else if constexpr (std::is_same_v<Kind, Own> || std::is_same_v<Kind, Borrow>) {
          on_resource(kind.resource);
        } else {
          static_assert(std::is_same_v<Kind, Primitive> || std::is_same_v<Kind, Flags> ||
                        std::is_same_v<Kind, Enum> || std::is_same_v<Kind, Dynamic>);
        }
      },
      type.kind);
}

// Parameters, then the result.
template <MaybeConst<Function> Node, class OnType>
void for_each_part(Node& function, OnType&& on_type) {
  for (auto& parameter : function.params) on_type(parameter.type);
  if (function.result) on_type(*function.result);
}

}  // namespace tenon::types
