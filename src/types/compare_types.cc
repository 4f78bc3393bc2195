// Structural equality of value types, one kind at a time.

#include <fmt/format.h>

#include <algorithm>

#include "types/comparison.h"

namespace tenon::types {

namespace {

constexpr std::size_t kUnnamedFlags = 64;

template <class Member>
std::vector<std::string_view> labels_of(const std::vector<Member>& members) {
  std::vector<std::string_view> labels;
  labels.reserve(members.size());
  for (const Member& member : members) labels.push_back(member.label);
  return labels;
}

bool contains(const std::vector<std::string_view>& labels, std::string_view label) {
  return std::find(labels.begin(), labels.end(), label) != labels.end();
}

}  // namespace

bool TypeComparison::compare() {
  const Type& a = comparison.types().types[wanted];
  const Type& b = comparison.types().types[found];
  if (comparison.relation() != TypeRelation::Components &&
      (std::holds_alternative<Dynamic>(a.kind) || std::holds_alternative<Dynamic>(b.kind)))
    return comparison.compare_dynamic(wanted, found, at);
  if (a.kind.index() == b.kind.index())
    return std::visit(
        [&](const auto& kind) {
          return compare_kinds(kind, std::get<std::remove_cvref_t<decltype(kind)>>(b.kind));
        },
        a.kind);
  const bool is_ownership =
      (std::holds_alternative<Own>(a.kind) || std::holds_alternative<Borrow>(a.kind)) &&
      (std::holds_alternative<Own>(b.kind) || std::holds_alternative<Borrow>(b.kind));
  return differ(is_ownership ? DifferenceKind::Ownership : DifferenceKind::OtherType);
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
  const auto find = [](const Record& record, std::string_view label) {
    return std::ranges::find(record.fields, label, &Field::label);
  };
  for (const Field& field : b.fields) {
    const Step step = member(field.label);
    if (find(a, field.label) == a.fields.end())
      return comparison.differ(DifferenceKind::ExtraLabel, &step);
  }
  for (const Field& field : a.fields) {
    const Step step = member(field.label);
    const auto counterpart = find(b, field.label);
    if (counterpart == b.fields.end())
      return comparison.differ(DifferenceKind::MissingLabel, &step);
    if (!comparison.compare_types(field.type, counterpart->type, &step)) return false;
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
  // Metadata of packages loses the labels, and then has all there could be.
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
  return compare_part("ok", a.ok, b.ok) && compare_part("err", a.error, b.error);
}

bool TypeComparison::compare_kinds(const Own& a, const Own& b) {
  comparison.tie(a.resource, b.resource);
  return true;
}

bool TypeComparison::compare_kinds(const Borrow& a, const Borrow& b) {
  comparison.tie(a.resource, b.resource);
  return true;
}

bool TypeComparison::compare_kinds(const Stream& a, const Stream& b) {
  return compare_part("element", a.type, b.type);
}

bool TypeComparison::compare_kinds(const Future& a, const Future& b) {
  return compare_part("value", a.type, b.type);
}

}  // namespace tenon::types
