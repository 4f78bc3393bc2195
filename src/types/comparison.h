// One comparison of an export with an import, under way.
#pragma once

#include <cstddef>
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

// One step of the path to what is being compared; the levels of the recursion hold the list.
struct Step {
  const Step* up = nullptr;
  std::string_view text = {};  // "result", "ok", "currency"; empty: adds nothing to the path
  std::uint32_t depth = 0;
  // The record, variant, enum or flags that the step leads into a member of; invalid for others.
  TypeId wanted = {};
  TypeId found = {};
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

  void compare_items(const Item& wanted, const Item& found);
  // False: they differ, and the difference is in the verdict.
  bool compare_types(TypeId wanted, TypeId found, const Step* at);
  // Always false, for `return differ(...)`.
  bool differ(DifferenceKind kind, const Step* at, std::optional<TypeId> wanted = std::nullopt,
              std::optional<TypeId> found = std::nullopt);
  // False if `wanted` is already tied to another resource that the exporting component defines.
  bool tie(ResourceId wanted, ResourceId found);

  [[nodiscard]] const Types& types() const { return types_; }
  [[nodiscard]] TypeRelation relation() const { return relation_; }
  // A Dynamic on one side or on both.
  bool compare_dynamic(TypeId wanted, TypeId found, const Step* at);
  [[nodiscard]] Verdict finish() &&;

 private:
  void compare_bounds(const TypeBound& wanted, const TypeBound& found);
  void compare_instances(InstanceId wanted, InstanceId found);
  void compare_functions(const Function& wanted, const Function& found);

  bool bind(const Dynamic& parameter, TypeId type, TypeId wanted, TypeId found, const Step* at);
  [[nodiscard]] Subtyping::Memo& memo();

  Subtyping& subtyping_;
  TypeRelation relation_;
  const Types& types_;
  const std::unordered_set<ResourceId> defined_;
  std::unordered_map<ResourceId, ResourceId> defined_ties_;  // ties to these, by wanted resource
  Verdict verdict_;
  std::map<std::string, TypeId, std::less<>> bound_;  // what type parameters stand for
  // Where the comparison stands.
  std::vector<std::string> item_path_;
  DifferenceSide wanted_;
  DifferenceSide found_;
};

// Which of an enum and a variant is wanted.
enum class WantedIs : std::uint8_t { Enum, Variant };

// Two value types, one level deep; the parts go back to the comparison.
struct TypeComparison {
  Comparison& comparison;
  TypeId wanted;
  TypeId found;
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

  // What packr's wire form does not tell apart, where one side is a package: an enum and a variant
  // whose cases carry nothing, a map and a list of pairs. Nothing: they are neither.
  std::optional<bool> compare_spellings(const Type& a, const Type& b);
  bool compare_enum(const Enum& plain, const Variant& variant, WantedIs wanted);
  // By name, in any order.
  bool compare_fields(const Record& a, const Record& b);
  bool compare_labels(const std::vector<std::string_view>& a,
                      const std::vector<std::string_view>& b);
  // A part that is not a member with a line of its own: `element`, `ok`, a tuple's position.
  bool compare_part(std::string_view step, TypeId a, TypeId b);
  bool compare_part(std::string_view step, std::optional<TypeId> a, std::optional<TypeId> b);
  // A side of a result. empty: what metadata of packages has where there is no type.
  bool compare_side(std::string_view step, std::optional<TypeId> a, std::optional<TypeId> b,
                    Primitive empty);
  [[nodiscard]] Step member(std::string_view label) const {
    return {at, label, depth, wanted, found};
  }
  bool differ(DifferenceKind kind) { return comparison.differ(kind, at, wanted, found); }
};

}  // namespace tenon::types
