// Decides whether an export fits an import, and lists the differences if it does not. The import is
// called the expected side, the export the actual side.
//
//   Subtyping relation(types);
//   const Verdict verdict = relation.compare(import.item, export.item);
//   if (verdict.fits()) tie(verdict.ties);  // fits, if these resources are equal
//   else report(verdict.differences);       // every difference, with its path
//
// Ties. Whether two resources are equal cannot be decided from one pair of items. So resources are
// not compared but tied: where the expected side has a resource, and the actual side has one in the
// same place, the two must be equal. The verdict is "fits, given these ties", and resolve checks
// all ties of a plan together with a union-find. This covers every bound:
//   - `sub resource` in the import: its id is new, so the tie only says which resource it is.
//   - `eq` in the import: an earlier import of the unit has the same id, so the ties of both
//     imports share the expected id, and their actual ids must be equal.
//   - One expected id and two actual ids in a verdict: two ties, which conflict unless the two
//     resources of the provider turn out to be equal.
// A resource compared with itself needs no tie.
//
// Source: component-model Subtyping.md; docs/resolve.md section 3.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "types/type.h"

namespace tenon::types {

// The resource `expected` of the import must be the resource `actual` of the export.
struct Tie {
  ResourceId expected;
  ResourceId actual;

  bool operator==(const Tie&) const = default;
};

enum class DifferenceKind : std::uint8_t {
  MissingExport,  // the instance has no export of this name
  OtherSort,      // a function instead of a type, a resource instead of a value type, ...
  Async,          // `async func` against `func`
  ParameterCount,
  ParameterName,    // different names, or a different order
  ResultPresence,   // only one side has a result
  OtherType,        // two kinds of type
  MissingLabel,     // a field, case or flag that only the import has
  ExtraLabel,       // a field, case or flag that only the export has
  LabelOrder,       // the same labels in a different order
  PayloadPresence,  // only one side has the payload of a case, result, stream or future
  TupleSize,
  ListLength,
  Ownership,        // `own` against `borrow`
  Unsayable,        // a packr type that WIT cannot express
  Parameter,        // a type parameter bound to two types
  UnsupportedItem,  // component, module or value items
  TooDeep,          // nested beyond the limit; not compared
};

// The rules of a comparison. They depend on the kinds of units at the two ends of an edge.
enum class TypeRelation : std::uint8_t {
  // Two components: the rules of the component model. Types are equal by structure, with labels in
  // order.
  Components,
  // Two packr packages. Parameters have no names. Fields match by name, in any order; cases by name
  // and position. A Dynamic fits every type, and a value that does not fit fails at the call. Each
  // type parameter of an interface is bound to one type. An absent type in a result fits the one
  // that metadata has instead of it (kEmptyOk, kEmptyError). A map fits a list of pairs, and a set a
  // list, which is what packages of older versions have instead.
  Packages,
  // A package and a component: as packages, but types that WIT cannot express fit nothing. An enum
  // fits a variant without payloads.
  Mixed,
  // As Mixed, but an own handle of a buffer and a Dynamic without a type parameter fit.
  MixedBuffers,
};

// The resources by which imports of components refer to the buffers of tenon (tenon/buffer.h), each
// with the resource that provides them.
using BufferResources = std::unordered_map<ResourceId, ResourceId>;

// One side of a difference.
struct DifferenceSide {
  // The instance whose exports give the types their names; invalid at the root of a component.
  InstanceId instance;
  // The item that differs; absent if this side does not have it.
  std::optional<Item> item;
  // The innermost record, variant, enum or flags around the difference, if any.
  std::optional<TypeId> enclosing;
  // The type that differs; absent if this side has none there, or if something else differs.
  std::optional<TypeId> type;
};

struct Difference {
  DifferenceKind kind = DifferenceKind::OtherType;
  // The names of nested instances and of the item, such as {"lookup"}; empty for the compared item.
  std::vector<std::string> item_path;
  // The steps inside of the item, such as {"result", "ok", "currency"}: parameter names, field and
  // case labels, tuple positions, `result`, `ok`, `err`, `some`, `element`, `key`, `value`.
  std::vector<std::string> steps;
  // The field, case or flag of `enclosing` that differs; may be empty.
  std::string label;
  DifferenceSide expected;
  DifferenceSide actual;

  // "lookup -> result.ok.currency", "store.bucket", "lookup -> country". Escaped for a terminal.
  [[nodiscard]] std::string path() const;
};

struct Verdict {
  // Without duplicates, in the order of the import. Complete only if the export fits.
  std::vector<Tie> ties;
  // The first difference of every item of the import that is missing or different, in order, up to
  // kMaxDifferences. A difference inside of a named type is listed once, at the first function that
  // uses the type.
  std::vector<Difference> differences;

  [[nodiscard]] bool fits() const { return differences.empty(); }
};

inline constexpr std::size_t kMaxDifferences = 20;

// Compares types, with a memo of the pairs that were found equal. The memo keeps the ties of each
// pair, because they are part of the answer. Lifetime: `types` must outlive it. Thread: one at a
// time.
class Subtyping final {
 public:
  explicit Subtyping(const Types& types, BufferResources buffers = {})
      : types_(types), buffers_(std::move(buffers)) {}
  Subtyping(const Subtyping&) = delete;
  Subtyping& operator=(const Subtyping&) = delete;

  // Compares an export (`actual`) with an import (`expected`). An instance may have more exports than
  // the import; functions and value types must be equal by the rules of `relation`.
  // defined: the resources that the component of `actual` defines. They are distinct, so if a
  // resource of the import would have to equal two of them, that is a difference.
  [[nodiscard]] Verdict compare(const Item& expected, const Item& actual,
                                TypeRelation relation = TypeRelation::Components,
                                std::span<const ResourceId> defined = {});

  // Compares two value types.
  [[nodiscard]] Verdict compare_types(TypeId expected, TypeId actual);

 private:
  friend class Comparison;
  struct PairHash {
    std::size_t operator()(const std::pair<TypeId, TypeId>& pair) const noexcept;
  };

  using Memo = std::unordered_map<std::pair<TypeId, TypeId>, std::vector<Tie>, PairHash>;

  const Types& types_;
  const BufferResources buffers_;
  std::array<Memo, 4> equal_;  // the pairs that are equal and their ties, by relation
};

// A few words for a message, such as "is missing" or "has a different type".
[[nodiscard]] std::string_view describe_difference(DifferenceKind kind);

}  // namespace tenon::types
