// Types of values and functions, for inspection.
//
//   for (const tenon::TypeField& param : function.params())
//     fmt::print("{}: {}\n", param.label, param.type.wit());
//
// A `Type` is a view of an immutable type graph and keeps the graph alive. Copying one is as cheap
// as copying a pointer, and a type can outlive the composition that it comes from.
//
// Thread: any.
// Source: component-model Explainer.md, "Type Definitions".
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace tenon {

namespace value {
struct TypeGraph;
struct TypeAccess;
}  // namespace value

enum class TypeKind : std::uint8_t {
  Bool,
  S8,
  S16,
  S32,
  S64,
  U8,
  U16,
  U32,
  U64,
  F32,
  F64,
  Char,
  String,
  ErrorContext,
  List,
  Map,
  Record,
  Tuple,
  Variant,
  Enum,
  Option,
  Result,
  Flags,
  Own,
  Borrow,
  Stream,
  Future,
  Dynamic  // packr's `value`: any value
};

struct TypeField;
struct TypeCase;

// A type of values. Obtained from the functions of a unit or a composition.
class Type {
 public:
  [[nodiscard]] TypeKind kind() const;
  // Returns the declared name, such as "item"; empty for an anonymous type.
  [[nodiscard]] std::string name() const;
  // Returns the type as WIT refers to it: "list<item>". Contains no control characters; long text
  // is cut with `...`.
  [[nodiscard]] std::string wit() const;
  // Returns the WIT declaration of a named type, line by line: "record item {", "  price: f64,",
  // "}".
  [[nodiscard]] std::vector<std::string> declaration() const;

  // Returns the fields of a record; empty for other types.
  [[nodiscard]] std::vector<TypeField> fields() const;
  // Returns the cases of a variant, an option (`none`, `some`) or a result (`ok`, `err`); empty for
  // other types.
  [[nodiscard]] std::vector<TypeCase> cases() const;
  // Returns the labels of a record, variant, enum or flags type in declaration order; empty for
  // other types.
  [[nodiscard]] std::vector<std::string> labels() const;
  // Returns the element types of a tuple; empty for other types.
  [[nodiscard]] std::vector<Type> elements() const;
  // Returns the element type of a list, an option, a stream or a future, or the value type of a
  // map; absent if there is none.
  [[nodiscard]] std::optional<Type> element() const;
  // Returns the key type of a map; absent for other types.
  [[nodiscard]] std::optional<Type> key() const;
  // Returns the length of a fixed-length list; absent for other types.
  [[nodiscard]] std::optional<std::uint32_t> length() const;
  // Returns the resource name of an own or borrow type; empty for other types.
  [[nodiscard]] std::string resource() const;
  // Returns the same with the interface that declares the resource, if there is one:
  // "acme:db/sql@1.0.0.connection".
  [[nodiscard]] std::string resource_path() const;
  // Returns the unit that makes the resources of an own or borrow type: `program` for those of the
  // program, `tenon` for buffers. Two resources with one name can have different owners. Empty for other
  // types, for resources of WASI, and before the owner is decided (CompositionBuilder::imports).
  [[nodiscard]] std::string owner() const;

  // Compares structure and ignores type names. Resources are compared by identity, so resources of
  // two graphs are never equal.
  bool operator==(const Type& other) const;

 private:
  friend struct value::TypeAccess;
  Type(std::shared_ptr<const value::TypeGraph> graph, std::uint32_t id)
      : graph_(std::move(graph)), id_(id) {}

  std::shared_ptr<const value::TypeGraph> graph_;
  std::uint32_t id_;
};

struct TypeField {
  std::string label;
  Type type;

  bool operator==(const TypeField&) const = default;
};

struct TypeCase {
  std::string label;
  std::optional<Type> type;  // absent: no payload

  bool operator==(const TypeCase&) const = default;
};

// The type of a function: its parameters and its result.
class FunctionType {
 public:
  [[nodiscard]] std::vector<TypeField> params() const;
  [[nodiscard]] std::optional<Type> result() const;
  [[nodiscard]] bool is_async() const;
  // Returns the WIT declaration with the given name: "total: func(items: list<item>) -> f64;". With
  // an empty name, only the type. `[method]r.f` is printed as in the body of its resource.
  [[nodiscard]] std::string wit(std::string_view name) const;

  // Compares parameters by label and structure.
  bool operator==(const FunctionType& other) const;

 private:
  friend struct value::TypeAccess;
  FunctionType(std::shared_ptr<const value::TypeGraph> graph, std::uint32_t id)
      : graph_(std::move(graph)), id_(id) {}

  std::shared_ptr<const value::TypeGraph> graph_;
  std::uint32_t id_;
};

}  // namespace tenon
