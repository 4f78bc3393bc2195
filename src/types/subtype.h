// Does an export fit an import, and if not, where is the first difference.
//
//   Subtyping relation(types);
//   const Verdict verdict = relation.compare(import.item, export.item);
//   if (verdict.fits()) tie(verdict.ties);            // fits, given these ties
//   else report(verdict.differences);                 // every one, with its path
//
// Ties. Resources are not compared but tied: where the import (the wanted side) has a resource and
// the export (the found side) has one in the same place, the two must be one. The verdict is "fits,
// given these ties", and resolve's union-find judges them. That covers every bound:
//   `sub resource` in the import: its id is new there, so the tie just says what it stands for.
//   `eq` in the import: the id stands in an earlier import of the same unit too, so both imports'
//   ties
//     name one wanted id, and their found ids must be of one class.
//   One wanted id with two found ids in one verdict is two ties; they clash unless the provider's
//   two
//     resources turn out to be one.
// A resource against itself is no tie.
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

// `wanted`, a resource of the import, has to be `found`, one of the export.
struct Tie {
  ResourceId wanted;
  ResourceId found;

  bool operator==(const Tie&) const = default;
};

enum class DifferenceKind : std::uint8_t {
  MissingExport,  // the instance has no export of this name
  OtherSort,      // a function where a type is wanted, a resource where a value type is, ...
  Async,          // `async func` against `func`
  ParameterCount,
  ParameterName,    // another name, or another order
  ResultPresence,   // a result in one only
  OtherType,        // two kinds of type
  MissingLabel,     // a field, case or flag that only the import has
  ExtraLabel,       // one that only the export has
  LabelOrder,       // the same labels in another order
  PayloadPresence,  // a part of a case, result, stream or future in one only
  TupleSize,
  ListLength,
  Ownership,        // `own` against `borrow`
  Unsayable,        // a type of packr that WIT cannot say
  Parameter,        // a type parameter that stands for two types
  UnsupportedItem,  // component, module or value items
  TooDeep,          // nested beyond the bound; not compared
};

// By what rules two types are compared: by who is at the ends of an edge.
enum class TypeRelation : std::uint8_t {
  Components,  // the component model's: structure, labels in their order
  // Two packages of packr. Params have no names. Fields are found by name, in any order; cases by
  // name and position. A Dynamic fits every type: what does not is found when it is called. The
  // type parameters of an interface stand for one type each. A side of a result that carries
  // nothing fits one that metadata has a type for in its place.
  Packages,
  // A package and a component: as packages, but what WIT cannot say fits nothing. What packages do
  // not tell apart fits: an enum and a variant without payloads, a map and a list of pairs.
  Mixed,
};

// One side of a difference, for showing it.
struct DifferenceSide {
  // The instance whose type exports name the types; invalid at the root of a component.
  InstanceId instance;
  // The item that differs; absent: this side lacks it.
  std::optional<Item> item;
  // The innermost record, variant, enum or flags around the difference, if there is one; else the
  // difference shows in the item itself.
  std::optional<TypeId> enclosing;
  // What differs. Absent: this side has nothing there, or what differs is not a type.
  std::optional<TypeId> type;
};

struct Difference {
  DifferenceKind kind = DifferenceKind::OtherType;
  // Names of nested instances and the item, such as {"lookup"}; empty for the item compared.
  std::vector<std::string> item_path;
  // Steps inside of the item, such as {"result", "ok", "currency"}: parameter names, field and case
  // labels, tuple positions, `result`, `ok`, `err`, `some`, `element`, `key`, `value`.
  std::vector<std::string> steps;
  // The field, case or flag of `enclosing` that the difference concerns; may be empty.
  std::string label;
  DifferenceSide wanted;
  DifferenceSide found;

  // "lookup -> result.ok.currency", "store.bucket", "lookup -> country"; escaped for a terminal
  [[nodiscard]] std::string path() const;
};

struct Verdict {
  // Without repeats, in the order of the import. Complete only if it fits.
  std::vector<Tie> ties;
  // Every missing or different item of the import in its order, each with its first difference, up
  // to kMaxDifferences. A difference inside of a named type is listed once, by the first function
  // that shows it.
  std::vector<Difference> differences;

  [[nodiscard]] bool fits() const { return differences.empty(); }
};

inline constexpr std::size_t kMaxDifferences = 20;

// The relation, with a memo of the pairs of types that were compared: the ties of a pair are kept
// with it, so that an answer from the memo is the same answer. Lifetime: `types` must outlive it.
// Thread: one at a time.
class Subtyping final {
 public:
  explicit Subtyping(const Types& types) : types_(types) {}
  Subtyping(const Subtyping&) = delete;
  Subtyping& operator=(const Subtyping&) = delete;

  // Does `found` (an export) fit `wanted` (an import)? An instance may have more exports than asked
  // for; functions and value types are equal, or so by the rules of `relation`.
  // defined: the resources that the component of `found` defines. They are distinct, so a resource
  // of the import that would have to equal two of them is a difference and not a tie.
  [[nodiscard]] Verdict compare(const Item& wanted, const Item& found,
                                TypeRelation relation = TypeRelation::Components,
                                std::span<const ResourceId> defined = {});

  // Are two value types equal, given the ties of the answer?
  [[nodiscard]] Verdict compare_types(TypeId wanted, TypeId found);

 private:
  friend class Comparison;
  struct PairHash {
    std::size_t operator()(const std::pair<TypeId, TypeId>& pair) const noexcept;
  };

  using Memo = std::unordered_map<std::pair<TypeId, TypeId>, std::vector<Tie>, PairHash>;

  const Types& types_;
  std::array<Memo, 3> equal_;  // ties of the pairs that are equal, by relation
};

// "is missing", "is another type", ...: a few words for a message.
[[nodiscard]] std::string_view describe_difference(DifferenceKind kind);

}  // namespace tenon::types
