// Component types, in one arena for a whole link.
//
// A `Types` contains every node, and nodes refer to each other by id. Evaluating a component adds
// its types and returns its imports and exports (`evaluate.h`):
//
//   TENON_TRY(const ComponentType type, evaluate_component(component, types));
//   const FunctionId id = std::get<FunctionId>(type.imports[0].item);
//   for (const Field& param : types.functions[id].params) ...   // param.type is a TypeId
//
// Identity. Value types are structural: two different ids may have equal types (`subtype.h`
// compares them). A resource is only an id: two types refer to the same resource if and only if
// their ResourceIds are equal. Evaluation makes a new id for every resource that a component
// imports (`sub resource`) or defines. Aliases, `eq` bounds, `use` and re-exports keep the id.
// `use` also keeps the TypeId of a value type, which is how the printer and compose find the
// interface that a type comes from.
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
#include "support/rare.h"
#include "tenon/type.h"

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
  // Whether packr's metadata calls it a set. Its values are lists, and it fits other lists.
  bool is_set = false;
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
// Metadata of packages cannot describe a result without a type on one side. It has these types
// instead, and they can also be the real ones.
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

// A value of any type. Only packr has it, as `value`; WIT cannot express it.
struct Dynamic {
  // For messages: the record or variant that it replaces or is a part of; may be empty. A recursive
  // type has a Dynamic where it would contain itself.
  std::string within = {};
  // The name of a type parameter of a generic interface; empty if it is not one.
  std::string parameter = {};
};

// The kinds whose values are handles. Visitors name all others, so the compiler names each visitor that a new kind
// needs.
template <class T>
concept HandleKind = std::same_as<T, Own> || std::same_as<T, Borrow> || std::same_as<T, Stream> ||
                     std::same_as<T, Future>;

// A value type.
struct Type {
  using Kind = std::variant<Primitive, Record, Variant, List, Map, Tuple, Flags, Enum, Option,
                            ResultType, Own, Borrow, Stream, Future, Dynamic>;

  Type(Kind form);
  // Defined in type.cc, because they are large and would be compiled in every file.
  Type(const Type& other);
  Type(Type&& other) noexcept;
  Type& operator=(const Type& other);
  Type& operator=(Type&& other) noexcept;
  ~Type();

  Kind kind;
};

// The kind of a type, without its parts.
[[nodiscard]] TypeKind kind_of(Primitive kind);
[[nodiscard]] TypeKind kind_of(const Type& type);

// A resource type. It has no structure. `name` is only for messages: the first name that it is
// imported or exported by; may be empty.
struct Resource {
  std::string name;
};

struct Function {
  bool is_async = false;
  // A packr function without a signature: `params` is one Dynamic, and so is `result`.
  bool is_untyped = false;
  std::vector<Field> params;
  std::optional<TypeId> result;
};

// An imported or exported type: a value type or a resource.
struct TypeBound {
  // A resource is `sub resource` if its id is new here, and `eq` if another item has it too.
  std::variant<TypeId, ResourceId> type;

  bool operator==(const TypeBound&) const = default;
};

// Items that tenon does not link: `resolve-unsupported-item` names the sort.
struct Unsupported {
  // Type is the sort of function types, instance types and component types.
  enum class Sort : std::uint8_t { Component, CoreModule, Value, Type };
  Sort sort = Sort::Component;
  // A position in `Patterns::details`; meaningless after the evaluation.
  std::uint32_t detail = UINT32_MAX;

  bool operator==(const Unsupported&) const = default;
};

// The type of an import or export.
using Item = std::variant<FunctionId, InstanceId, TypeBound, Unsupported>;

struct NamedItem {
  std::string name;  // plain, or "ns:pkg/iface@version", or "[method]r.f"
  Item item;
};

// The type of an instance: its exports in file order.
struct Instance {
  std::vector<NamedItem> exports;
  // Positions in `exports`, by name.
  std::unordered_map<std::string, std::uint32_t> index;

  [[nodiscard]] const NamedItem* find_export(std::string_view name) const {
    const auto known = index.find(std::string(name));
    return known == index.end() ? nullptr : &exports[known->second];
  }
  void add_export(std::string name, Item item) {
    index.emplace(name, static_cast<std::uint32_t>(exports.size()));
    exports.push_back({std::move(name), item});
  }
};

// The arena. It only grows, so ids stay valid. Thread: one at a time.
//
// A type refers only to types that were added before it, so no type contains itself. Evaluation
// limits nesting to limits::kNestingDepth. Code that adds types directly must do so too, because
// `subtype.h` reports deeper types as a difference.
struct Types {
  Arena<Type> types;
  Arena<Resource> resources;
  Arena<Function> functions;
  Arena<Instance> instances;

  // The shared node of a primitive type. A definition such as `type id = u32` has its own node, so
  // that it can have a name.
  TypeId primitive(Primitive kind) {
    TypeId& id = primitives[static_cast<std::size_t>(kind)];
    if (!id.is_valid()) id = types.add({kind});
    return id;
  }
  std::array<TypeId, 14> primitives;
};

// A root import or export of a component, with the attributes of its name.
struct RootItem {
  std::string name;
  Item item;
  Rare<std::string> implements = {};
  Rare<std::string> version_suffix = {};
  Rare<std::string> external_id = {};
  binary::ByteSpan span = {};  // position in the binary
  // For an export that passes on imported functions, itself or in an instance: the positions of the
  // imports, in ascending order.
  Rare<std::vector<std::uint32_t>> passed_imports = {};
};

// The type of a component: its imports and exports in file order. An export that mentions an
// imported resource has the same id as the import.
struct ComponentType {
  std::vector<RootItem> imports;
  std::vector<RootItem> exports;
  // The resources that are new in each instance. All others in `exports` come from `imports`.
  std::vector<ResourceId> defined;
};

template <class Node, class Plain>
concept MaybeConst = std::same_as<std::remove_const_t<Node>, Plain>;

// Visits the places of a type that hold other types, in order. This is the only list of what each
// kind of type contains.
//
// on_type is called with each TypeId, on_optional with a std::optional<TypeId>: the payload of a
// case, a side of a result, the element of a stream or future. on_resource is called with the
// ResourceId of `own` and `borrow`. For a mutable type the callbacks get references and can replace
// the parts.
template <MaybeConst<Type> Node, class OnType, class OnOptional, class OnResource>
void for_each_place(Node& type, OnType&& on_type, OnOptional&& on_optional,
                    OnResource&& on_resource) {
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

// Visits the parts of a type in order: those of its places that are not empty.
//
//   for_each_part(type, [](TypeId part) { ... }, [](ResourceId part) { ... });
template <MaybeConst<Type> Node, class OnType, class OnResource>
void for_each_part(Node& type, OnType&& on_type, OnResource&& on_resource) {
  const auto on_optional = [&](auto& part) {
    if (part) on_type(*part);
  };
  for_each_place(type, on_type, on_optional, on_resource);
}

// The places of a type that hold types, in order; absent for a case or a side of a result without
// payload.
[[nodiscard]] std::vector<std::optional<TypeId>> parts_of(const Type& type);

// Visits the parameters, then the result.
template <MaybeConst<Function> Node, class OnType>
void for_each_part(Node& function, OnType&& on_type) {
  for (auto& parameter : function.params) on_type(parameter.type);
  if (function.result) on_type(*function.result);
}

}  // namespace tenon::types
