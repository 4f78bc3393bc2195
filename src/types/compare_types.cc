// Structural equality of value types: one function for each kind of type.

#include <fmt/core.h>

#include <algorithm>
#include <optional>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "types/comparison.h"

namespace tenon::types {

namespace {

// Metadata of packages has no labels of flags. It then describes the largest possible type.
constexpr std::size_t kUnnamedFlags = 64;

template <class Member>
std::vector<std::string_view> labels_of(const std::vector<Member>& members) {
  std::vector<std::string_view> labels;
  labels.reserve(members.size());
  for (const Member& member : members) labels.push_back(member.label);
  return labels;
}

// A map, because records may have a hundred thousand fields.
using FieldsByLabel = std::unordered_map<std::string_view, TypeId>;

FieldsByLabel by_label(const Record& record) {
  FieldsByLabel fields;
  fields.reserve(record.fields.size());
  for (const Field& field : record.fields) fields.emplace(field.label, field.type);
  return fields;
}

bool contains(const std::vector<std::string_view>& labels, std::string_view label) {
  return std::find(labels.begin(), labels.end(), label) != labels.end();
}

}  // namespace

bool TypeComparison::compare() {
  const Type& a = comparison.types().types[expected];
  const Type& b = comparison.types().types[actual];
  if (comparison.relation() != TypeRelation::Components &&
      (std::holds_alternative<Dynamic>(a.kind) || std::holds_alternative<Dynamic>(b.kind)))
    return comparison.compare_dynamic(expected, actual, at);
  if (a.kind.index() == b.kind.index())
    return std::visit(
        [&](const auto& kind) {
          return compare_kinds(kind, std::get<std::remove_cvref_t<decltype(kind)>>(b.kind));
        },
        a.kind);
  if (comparison.relation() != TypeRelation::Components)
    if (const std::optional<bool> fits = compare_spellings(a, b)) return *fits;
  const bool is_ownership =
      (std::holds_alternative<Own>(a.kind) || std::holds_alternative<Borrow>(a.kind)) &&
      (std::holds_alternative<Own>(b.kind) || std::holds_alternative<Borrow>(b.kind));
  return differ(is_ownership ? DifferenceKind::Ownership : DifferenceKind::OtherType);
}

std::optional<bool> TypeComparison::compare_spellings(const Type& a, const Type& b) {
  const auto* const enum_a = std::get_if<Enum>(&a.kind);
  const auto* const enum_b = std::get_if<Enum>(&b.kind);
  const auto* const variant = std::get_if<Variant>(enum_a != nullptr ? &b.kind : &a.kind);
  if (comparison.is_mixed() && variant != nullptr && (enum_a != nullptr || enum_b != nullptr))
    return compare_enum(*(enum_a != nullptr ? enum_a : enum_b), *variant,
                        enum_a != nullptr ? ExpectedIs::Enum : ExpectedIs::Variant);
  const auto* const map_a = std::get_if<Map>(&a.kind);
  const auto* const map_b = std::get_if<Map>(&b.kind);
  const auto* const list = std::get_if<List>(map_a != nullptr ? &b.kind : &a.kind);
  if (list == nullptr || list->length || (map_a == nullptr && map_b == nullptr))
    return std::nullopt;
  const auto* const pair = std::get_if<Tuple>(&comparison.types().types[list->element].kind);
  if (pair == nullptr || pair->types.size() != 2) return std::nullopt;
  const Map of_list{pair->types[0], pair->types[1]};
  return compare_kinds(map_a != nullptr ? *map_a : of_list, map_a != nullptr ? of_list : *map_b);
}

bool TypeComparison::compare_enum(const Enum& plain, const Variant& variant,
                                  ExpectedIs expected_is) {
  const bool is_enum_expected = expected_is == ExpectedIs::Enum;
  const std::vector<std::string_view> labels(plain.labels.begin(), plain.labels.end());
  const std::vector<std::string_view> cases = labels_of(variant.cases);
  if (!compare_labels(is_enum_expected ? labels : cases, is_enum_expected ? cases : labels))
    return false;
  for (const Case& alternative : variant.cases) {
    if (!alternative.type) continue;
    const Step step = member(alternative.label);
    const std::optional<TypeId> none;
    return comparison.differ(DifferenceKind::PayloadPresence, &step,
                             is_enum_expected ? none : alternative.type,
                             is_enum_expected ? alternative.type : none);
  }
  return true;
}

bool TypeComparison::compare_part(std::string_view step, TypeId a, TypeId b) {
  const Step inner{.up = at, .text = step, .depth = depth};
  return comparison.compare_types(a, b, &inner);
}

bool TypeComparison::compare_part(std::string_view step, std::optional<TypeId> a,
                                  std::optional<TypeId> b) {
  if (a && b) return compare_part(step, *a, *b);
  if (!a && !b) return true;
  const Step inner{.up = at, .text = step, .depth = depth};
  return comparison.differ(DifferenceKind::PayloadPresence, &inner, a, b);
}

bool TypeComparison::compare_side(std::string_view step, std::optional<TypeId> a,
                                  std::optional<TypeId> b, Primitive empty) {
  if (comparison.relation() != TypeRelation::Components && a.has_value() != b.has_value()) {
    const auto* const present = std::get_if<Primitive>(&comparison.types().types[a ? *a : *b].kind);
    if (present != nullptr && *present == empty) return true;
  }
  return compare_part(step, a, b);
}

// Same labels in the same order.
bool TypeComparison::compare_labels(const std::vector<std::string_view>& a,
                                    const std::vector<std::string_view>& b) {
  const auto [in_a, in_b] = std::mismatch(a.begin(), a.end(), b.begin(), b.end());
  if (in_a == a.end() && in_b == b.end()) return true;
  const auto differ_at = [&](DifferenceKind kind, std::string_view label) {
    const Step step = member(label);
    return comparison.differ(kind, &step);
  };
  if (in_a != a.end() && !contains(b, *in_a)) return differ_at(DifferenceKind::MissingLabel, *in_a);
  if (in_b != b.end() && !contains(a, *in_b)) return differ_at(DifferenceKind::ExtraLabel, *in_b);
  return differ_at(DifferenceKind::LabelOrder, in_a != a.end() ? *in_a : *in_b);
}

bool TypeComparison::compare_kinds(const Primitive& a, const Primitive& b) {
  return a == b || differ(DifferenceKind::OtherType);
}

bool TypeComparison::compare_fields(const Record& a, const Record& b) {
  const FieldsByLabel in_a = by_label(a);
  const FieldsByLabel in_b = by_label(b);
  for (const Field& field : b.fields) {
    const Step step = member(field.label);
    if (!in_a.contains(field.label)) return comparison.differ(DifferenceKind::ExtraLabel, &step);
  }
  for (const Field& field : a.fields) {
    const Step step = member(field.label);
    const auto counterpart = in_b.find(field.label);
    if (counterpart == in_b.end()) return comparison.differ(DifferenceKind::MissingLabel, &step);
    if (!comparison.compare_types(field.type, counterpart->second, &step)) return false;
  }
  return true;
}

bool TypeComparison::compare_kinds(const Record& a, const Record& b) {
  if (comparison.relation() != TypeRelation::Components) return compare_fields(a, b);
  if (!compare_labels(labels_of(a.fields), labels_of(b.fields))) return false;
  for (std::size_t i = 0; i < a.fields.size(); ++i) {
    const Step step = member(a.fields[i].label);
    if (!comparison.compare_types(a.fields[i].type, b.fields[i].type, &step)) return false;
  }
  return true;
}

bool TypeComparison::compare_kinds(const Variant& a, const Variant& b) {
  if (!compare_labels(labels_of(a.cases), labels_of(b.cases))) return false;
  for (std::size_t i = 0; i < a.cases.size(); ++i) {
    const Step step = member(a.cases[i].label);
    const std::optional<TypeId> in_a = a.cases[i].type;
    const std::optional<TypeId> in_b = b.cases[i].type;
    if (in_a.has_value() != in_b.has_value())
      return comparison.differ(DifferenceKind::PayloadPresence, &step, in_a, in_b);
    if (in_a && !comparison.compare_types(*in_a, *in_b, &step)) return false;
  }
  return true;
}

bool TypeComparison::compare_kinds(const Dynamic& /*a*/, const Dynamic& /*b*/) { return true; }

bool TypeComparison::compare_kinds(const Flags& a, const Flags& b) {
  // Labels that are missing in metadata fit any others.
  if (comparison.relation() != TypeRelation::Components &&
      (a.labels.size() == kUnnamedFlags || b.labels.size() == kUnnamedFlags))
    return std::max(a.labels.size(), b.labels.size()) <= kUnnamedFlags ||
           differ(DifferenceKind::ExtraLabel);
  return compare_labels({a.labels.begin(), a.labels.end()}, {b.labels.begin(), b.labels.end()});
}

bool TypeComparison::compare_kinds(const Enum& a, const Enum& b) {
  return compare_labels({a.labels.begin(), a.labels.end()}, {b.labels.begin(), b.labels.end()});
}

bool TypeComparison::compare_kinds(const List& a, const List& b) {
  if (a.length != b.length) return differ(DifferenceKind::ListLength);
  return compare_part("element", a.element, b.element);
}

bool TypeComparison::compare_kinds(const Map& a, const Map& b) {
  return compare_part("key", a.key, b.key) && compare_part("value", a.value, b.value);
}

bool TypeComparison::compare_kinds(const Tuple& a, const Tuple& b) {
  if (a.types.size() != b.types.size()) return differ(DifferenceKind::TupleSize);
  for (std::size_t i = 0; i < a.types.size(); ++i)
    if (!compare_part(fmt::format("{}", i), a.types[i], b.types[i])) return false;
  return true;
}

bool TypeComparison::compare_kinds(const Option& a, const Option& b) {
  return compare_part("some", a.type, b.type);
}

bool TypeComparison::compare_kinds(const ResultType& a, const ResultType& b) {
  return compare_side("ok", a.ok, b.ok, kEmptyOk) &&
         compare_side("err", a.error, b.error, kEmptyError);
}

bool TypeComparison::compare_kinds(const Own& a, const Own& b) {
  return comparison.tie(a.resource, b.resource) || differ(DifferenceKind::OtherType);
}

bool TypeComparison::compare_kinds(const Borrow& a, const Borrow& b) {
  return comparison.tie(a.resource, b.resource) || differ(DifferenceKind::OtherType);
}

bool TypeComparison::compare_kinds(const Stream& a, const Stream& b) {
  return compare_part("element", a.type, b.type);
}

bool TypeComparison::compare_kinds(const Future& a, const Future& b) {
  return compare_part("value", a.type, b.type);
}

}  // namespace tenon::types
