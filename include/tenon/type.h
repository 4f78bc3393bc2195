// The types of values and functions, to look at.
//
//   for (const tenon::TypeField& param : function.params())
//     fmt::print("{}: {}\n", param.label, param.type.wit());
//
// A `Type` is a view of an immutable graph that it keeps alive: a copy costs a pointer, and it
// outlives the composition that it came from. Thread: any.
//
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
  Dynamic  // packr's `value`: a value of any type
};

struct TypeField;
struct TypeCase;

// Made by what has types: a unit's exports, a composition's functions.
class Type {
 public:
  [[nodiscard]] TypeKind kind() const;
  // What the type is called where it is declared, such as "item"; empty for a type without name.
  [[nodiscard]] std::string name() const;
  // As WIT writes the type where it is used: "list<item>". Holds no control characters; cut with
  // `...` when it is long.
  [[nodiscard]] std::string wit() const;
  // As WIT declares it under its name, a line each: "record item {", "  price: f64,", "}".
  [[nodiscard]] std::vector<std::string> declaration() const;

  // Record: its fields. Empty for others.
  [[nodiscard]] std::vector<TypeField> fields() const;
  // Variant: its cases; option: `none`, `some`; result: `ok`, `err`. Empty for others.
  [[nodiscard]] std::vector<TypeCase> cases() const;
  // Record, variant, enum, flags: its labels, in order. Empty for others.
  [[nodiscard]] std::vector<std::string> labels() const;
  // Tuple: its parts. Empty for others.
  [[nodiscard]] std::vector<Type> elements() const;
  // List, option, and stream and future where they carry something: of what; map: of its values.
  [[nodiscard]] std::optional<Type> element() const;
  // Map: of its keys.
  [[nodiscard]] std::optional<Type> key() const;
  // List of a fixed length.
  [[nodiscard]] std::optional<std::uint32_t> length() const;
  // Own and borrow: the resource's name; empty for others.
  [[nodiscard]] std::string resource() const;

  // By structure, names of types apart; resources by identity, which two graphs never share.
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
  std::optional<Type> type;  // nothing: a case without payload

  bool operator==(const TypeCase&) const = default;
};

class FunctionType {
 public:
  [[nodiscard]] std::vector<TypeField> params() const;
  [[nodiscard]] std::optional<Type> result() const;
  [[nodiscard]] bool is_async() const;
  // As WIT declares it under `name`: "total: func(items: list<item>) -> f64;". An empty name: the
  // type alone. `[method]r.f` prints as in the body of its resource.
  [[nodiscard]] std::string wit(std::string_view name) const;

  // Parameters by label and structure.
  bool operator==(const FunctionType& other) const;

 private:
  friend struct value::TypeAccess;
  FunctionType(std::shared_ptr<const value::TypeGraph> graph, std::uint32_t id)
      : graph_(std::move(graph)), id_(id) {}

  std::shared_ptr<const value::TypeGraph> graph_;
  std::uint32_t id_;
};

}  // namespace tenon
