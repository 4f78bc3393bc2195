// The state of one comparison of an import (the expected side) with an export (the actual side). Only
// for the sources of this folder: subtype.cc compares items and functions, compare_types.cc value
// types.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "types/subtype.h"
#include "types/type.h"

namespace tenon::types {

// One step of the path to the types being compared. The steps form a list through the frames of the
// recursion, so a path costs nothing unless there is a difference to report.
struct Step {
  const Step* up = nullptr;
  std::string_view text = {};  // "result", "ok", "currency"; may be empty
  std::uint32_t depth = 0;
  // If the step leads to a member of a record, variant, enum or flags, these types; else invalid.
  TypeId expected = {};
  TypeId actual = {};
};

class Comparison final {
 public:
  Comparison(Subtyping& subtyping, TypeRelation relation, std::span<const ResourceId> defined = {})
      : subtyping_(subtyping),
        relation_(relation),
        types_(subtyping.types_),
        defined_(defined.begin(), defined.end()) {}
  Comparison(const Comparison&) = delete;
  Comparison& operator=(const Comparison&) = delete;

  void compare_items(const Item& expected, const Item& actual);
  // False if the types differ; the difference is in the verdict.
  bool compare_types(TypeId expected, TypeId actual, const Step* at);
  // Adds a difference to the verdict. Always returns false, for `return differ(...)`.
  bool differ(DifferenceKind kind, const Step* at, std::optional<TypeId> expected = std::nullopt,
              std::optional<TypeId> actual = std::nullopt);
  // Adds a tie to the verdict. False if `expected` is tied to another resource already and the
  // exporting component defines both, so that they cannot be equal.
  bool tie(ResourceId expected, ResourceId actual);

  [[nodiscard]] const Types& types() const { return types_; }
  [[nodiscard]] TypeRelation relation() const { return relation_; }
  // Whether one side is a package, and the other one a component.
  [[nodiscard]] bool is_mixed() const {
    return relation_ == TypeRelation::Mixed || relation_ == TypeRelation::MixedBuffers;
  }
  // Compares two types of which at least one is a Dynamic.
  bool compare_dynamic(TypeId expected, TypeId actual, const Step* at);
  [[nodiscard]] Verdict finish() &&;

 private:
  void compare_bounds(const TypeBound& expected, const TypeBound& actual);
  void compare_instances(InstanceId expected, InstanceId actual);
  void compare_functions(const Function& expected, const Function& actual);

  // Whether a value type of a component's instance needs no counterpart in a package.
  [[nodiscard]] bool is_type_of_functions(const Item& item) const;
  // Ties the resource of an own handle, if it is that of buffers.
  bool tie_buffer(TypeId expected, TypeId actual);
  bool bind(const Dynamic& parameter, TypeId type, TypeId expected, TypeId actual, const Step* at);
  [[nodiscard]] Subtyping::Memo& memo();

  Subtyping& subtyping_;
  TypeRelation relation_;
  const Types& types_;
  const std::unordered_set<ResourceId> defined_;
  std::unordered_map<ResourceId, ResourceId> defined_ties_;  // ties to these, by expected resource
  Verdict verdict_;
  std::map<std::string, TypeId, std::less<>> bound_;  // the types of type parameters
  // The current position.
  std::vector<std::string> item_path_;
  DifferenceSide expected_;
  DifferenceSide actual_;
};

// Which of the two types, an enum and a variant, is on the expected side.
enum class ExpectedIs : std::uint8_t { Enum, Variant };

// Compares two value types of any kind, one level deep. Their parts go back to `Comparison`, which
// has the memo and the limit on depth.
struct TypeComparison {
  Comparison& comparison;
  TypeId expected;
  TypeId actual;
  const Step* at;
  std::uint32_t depth;  // of the parts

  bool compare();

 private:
  bool compare_kinds(const Primitive& a, const Primitive& b);
  bool compare_kinds(const Record& a, const Record& b);
  bool compare_kinds(const Variant& a, const Variant& b);
  bool compare_kinds(const List& a, const List& b);
  bool compare_kinds(const Map& a, const Map& b);
  bool compare_kinds(const Tuple& a, const Tuple& b);
  bool compare_kinds(const Flags& a, const Flags& b);
  bool compare_kinds(const Enum& a, const Enum& b);
  bool compare_kinds(const Option& a, const Option& b);
  bool compare_kinds(const ResultType& a, const ResultType& b);
  bool compare_kinds(const Own& a, const Own& b);
  bool compare_kinds(const Borrow& a, const Borrow& b);
  bool compare_kinds(const Stream& a, const Stream& b);
  bool compare_kinds(const Future& a, const Future& b);
  bool compare_kinds(const Dynamic& a, const Dynamic& b);

  // Compares two kinds that packr's messages can be converted between: a map and a list of pairs, and,
  // for a component, an enum and a variant without payloads. Nothing if the types are not such a pair.
  std::optional<bool> compare_spellings(const Type& a, const Type& b);
  bool compare_enum(const Enum& plain, const Variant& variant, ExpectedIs expected);
  // Compares fields by name, in any order.
  bool compare_fields(const Record& a, const Record& b);
  bool compare_labels(const std::vector<std::string_view>& a,
                      const std::vector<std::string_view>& b);
  // Compares a part that is not a member with a line of its own: `element`, `ok`, an item of a
  // tuple.
  bool compare_part(std::string_view step, TypeId a, TypeId b);
  bool compare_part(std::string_view step, std::optional<TypeId> a, std::optional<TypeId> b);
  // Compares a side of a result. empty: the type that metadata of packages uses for an absent type.
  bool compare_side(std::string_view step, std::optional<TypeId> a, std::optional<TypeId> b,
                    Primitive empty);
  [[nodiscard]] Step member(std::string_view label) const {
    return {at, label, depth, expected, actual};
  }
  bool differ(DifferenceKind kind) { return comparison.differ(kind, at, expected, actual); }
};

}  // namespace tenon::types
