#include "packr/value_checker.h"

#include <fmt/core.h>

#include <algorithm>
#include <bit>
#include <utility>
#include <variant>

#include "packr/guest_names.h"
#include "packr/scalar_values.h"

namespace tenon::packr {

using types::Primitive;
using types::TypeId;

std::optional<TypeId> find_enclosing_variant(const ValueTypes& types,
                                             const EnclosingTypes& enclosing,
                                             const VariantView& variant) {
  const std::string label = label_of_case(variant.case_name);
  const auto has_case = [&](TypeId id) {
    const auto& kind = types.types.types[id].kind;
    if (const auto* known = std::get_if<types::Variant>(&kind))
      return variant.tag < known->cases.size() && known->cases[variant.tag].label == label &&
             known->cases[variant.tag].type.has_value() == (variant.payload.size() == 1);
    const auto* plain = std::get_if<types::Enum>(&kind);
    return plain != nullptr && variant.payload.size() == 0 && variant.tag < plain->labels.size() &&
           plain->labels[variant.tag] == label;
  };
  const auto type = std::find_if(enclosing.rbegin(), enclosing.rend(), has_case);
  return type == enclosing.rend() ? std::nullopt : std::optional(*type);
}

bool ValueChecker::fail(std::string message) {
  if (!problem_) problem_ = ValueProblem{path_.print(), std::move(message)};
  return false;
}

bool ValueChecker::enter() {
  if (depth_ == kMaxValueDepth)
    return fail(fmt::format("it is nested more than {} levels deep", kMaxValueDepth));
  if (nodes_left_-- == 0) return fail("it has too many values");
  return true;
}

bool ValueChecker::visit_part(ValuePath::Part part, NodeView node, TypeId id) {
  const ValuePath::Step step(path_, part);
  return visit(node, id);
}

// Checks a value by its type: one overload for each kind of type.
struct TypedCheck {
  ValueChecker& in;
  NodeView node;
  TypeId id;

  bool mismatch(std::string_view expected) const {
    return in.fail(fmt::format("expected {}, found {}", expected, kind_word(node.kind())));
  }

  bool operator()(const Primitive& kind) const {
    const NodeKind expected = kind_of_primitive(kind);
    return node.kind() == expected || mismatch(kind_word(expected));
  }
  bool operator()(const types::List& kind) const {
    if (const auto count = count_items(node); count && kind.length && *count != *kind.length)
      return in.fail(fmt::format("expected a list of {} elements, found {}", *kind.length, *count));
    if (node.kind() == NodeKind::Array) return check_array(node.array(), kind.element);
    if (node.kind() == NodeKind::Map)
      if (const auto pair = in.types_.pair_of(kind.element)) return (*this)(*pair);
    const std::optional<NodeSequence> items = find_items(node);
    if (!items) return mismatch("list");
    std::size_t i = 0;
    for (const NodeView item : *items)
      if (!in.visit_part(ValuePath::element(i++), item, kind.element)) return false;
    return true;
  }
  bool check_array(const ArrayView& array, TypeId element) const {
    // An empty list can have any element type on the wire.
    if (array.count == 0) return true;
    const auto& kind = in.types_.types.types[element].kind;
    const NodeKind expected = in.types_.wire_type(element).kind;
    if (!std::holds_alternative<types::Dynamic>(kind) && expected != array.element)
      return in.fail(fmt::format("expected a list of {}, found one of {}", kind_word(expected),
                                 kind_word(array.element)));
    const auto* const flags = std::get_if<types::Flags>(&kind);
    for (std::uint32_t i = 0; flags != nullptr && i < array.count; ++i)
      if (!check_flags(array.bits(i), *flags)) return false;
    return true;
  }
  bool check_flags(std::uint64_t mask, const types::Flags& kind) const {
    const std::size_t count = std::min<std::size_t>(kind.labels.size(), 64);
    if (count == 64 || mask >> count == 0) return true;
    return in.fail(fmt::format("there is no flag {}", std::bit_width(mask) - 1));
  }
  bool operator()(const types::Map& kind) const {
    const std::optional<EntrySequence> entries = EntrySequence::find(node);
    if (!entries) return mismatch("map");
    for (std::uint32_t i = 0; i < entries->size(); ++i) {
      const auto pair = entries->at(i);
      if (!pair) return in.fail(fmt::format("expected a pair at [{}]", i));
      if (!in.visit_part(ValuePath::element(i, "key"), pair->first, kind.key) ||
          !in.visit_part(ValuePath::element(i, "value"), pair->second, kind.value))
        return false;
    }
    return true;
  }
  bool operator()(const types::Record& kind) const {
    if (node.kind() != NodeKind::Record) return mismatch("record");
    const Enclosed enclosed(in.enclosing_, id);
    const FieldSequence fields = node.record().fields;
    for (const types::Field& field : kind.fields) {
      auto held = fields.find(wire_field(field.label));
      if (!held) held = fields.find(field.label);
      if (!held) return in.fail(fmt::format("the field `{}` is missing", field.label));
      if (!in.visit_part(ValuePath::label(field.label), *held, field.type)) return false;
    }
    return true;
  }
  bool operator()(const types::Variant& kind) const {
    if (node.kind() != NodeKind::Variant) return mismatch("variant");
    const VariantView variant = node.variant();
    if (variant.tag >= kind.cases.size()) return no_case(variant.tag, kind.cases.size());
    const types::Case& variant_case = kind.cases[variant.tag];
    if (!variant_case.type) return true;
    if (variant.payload.size() != 1)
      return in.fail(fmt::format("`{}` needs one payload, found {}", variant_case.label,
                                 variant.payload.size()));
    const Enclosed enclosed(in.enclosing_, id);
    return in.visit_part(ValuePath::label(variant_case.label), variant.payload[0],
                         *variant_case.type);
  }
  bool operator()(const types::Enum& kind) const {
    if (node.kind() != NodeKind::Variant) return mismatch("variant");
    return node.variant().tag < kind.labels.size() ||
           no_case(node.variant().tag, kind.labels.size());
  }
  bool no_case(std::uint32_t tag, std::size_t count) const {
    return in.fail(fmt::format("there is no case {} of {}", tag, count));
  }
  bool operator()(const types::Tuple& kind) const {
    if (node.kind() != NodeKind::Tuple) return mismatch("tuple");
    const NodeSequence items = node.tuple();
    if (items.size() != kind.types.size())
      return in.fail(fmt::format("expected {} values, found {}", kind.types.size(), items.size()));
    for (std::uint32_t i = 0; i < items.size(); ++i)
      if (!in.visit_part(ValuePath::position(i), items[i], kind.types[i])) return false;
    return true;
  }
  bool operator()(const types::Flags& kind) const {
    return node.kind() == NodeKind::Flags ? check_flags(node.flags(), kind) : mismatch("flags");
  }
  bool operator()(const types::Option& kind) const {
    if (node.kind() != NodeKind::Option) return mismatch("option");
    const OptionView option = node.option();
    return !option.value || in.visit_part(ValuePath::label("some"), *option.value, kind.type);
  }
  bool operator()(const types::ResultType& kind) const {
    if (node.kind() != NodeKind::Result) return mismatch("result");
    const ResultView result = node.result();
    const bool is_ok = result.side == ResultSide::Ok;
    const std::optional<TypeId>& type = is_ok ? kind.ok : kind.error;
    const bool is_empty = type && result.value.kind() == NodeKind::Tuple &&
                          result.value.tuple().size() == 0 &&
                          in.types_.may_be_empty(*type, result.side);
    return !type || is_empty ||
           in.visit_part(ValuePath::label(is_ok ? "ok" : "err"), result.value, *type);
  }
  bool operator()(const types::Dynamic& /*kind*/) const { return in.visit_any(node); }
  template <class Unpassable>
  bool operator()(const Unpassable& /*kind*/) const {
    return mismatch("a value that packr has");
  }
};

bool ValueChecker::visit(NodeView node, TypeId id) {
  if (!enter()) return false;
  ++depth_;
  const bool fits = std::visit(TypedCheck{*this, node, id}, types_.types.types[id].kind);
  --depth_;
  return fits;
}

bool ValueChecker::visit_all(const NodeSequence& nodes) {
  for (const NodeView node : nodes)
    if (!visit_any(node)) return false;
  return true;
}

// Within a recursive type, a variant can have an enclosing type, and is checked by it. Outside of
// one, every value fits.
bool ValueChecker::visit_any(NodeView node) {
  if (enclosing_.empty()) return true;
  if (!enter()) return false;
  ++depth_;
  bool fits = true;
  if (const auto items = find_items(node)) {
    fits = visit_all(*items);
  } else if (node.kind() == NodeKind::Map) {
    fits = visit_all(node.map().parts);
  } else if (node.kind() == NodeKind::Tuple) {
    fits = visit_all(node.tuple());
  } else if (node.kind() == NodeKind::Record) {
    fits = visit_all(node.record().fields.values());
  } else if (node.kind() == NodeKind::Option) {
    const OptionView option = node.option();
    fits = !option.value || visit_any(*option.value);
  } else if (node.kind() == NodeKind::Result) {
    fits = visit_any(node.result().value);
  } else if (node.kind() == NodeKind::Variant) {
    const VariantView variant = node.variant();
    const auto type = find_enclosing_variant(types_, enclosing_, variant);
    fits = type ? visit(node, *type) : visit_all(variant.payload);
  }
  --depth_;
  return fits;
}

Result<void, ValueProblem> ValueChecker::check(NodeView node, TypeId id) {
  if (visit(node, id)) return {};
  return *std::move(problem_);
}

Result<void, ValueProblem> ValueChecker::check_arguments(NodeView node,
                                                         const std::vector<types::Field>& params) {
  bool fits = true;
  if (params.size() == 1) {
    fits = visit_part(ValuePath::label(params.front().label), node, params.front().type);
  } else if (node.kind() != NodeKind::Tuple || node.tuple().size() < params.size()) {
    fits = params.empty() || fail(fmt::format("expected {} arguments", params.size()));
  } else {
    for (std::uint32_t i = 0; fits && i < params.size(); ++i)
      fits = visit_part(ValuePath::label(params[i].label), node.tuple()[i], params[i].type);
  }
  if (fits) return {};
  return *std::move(problem_);
}

}  // namespace tenon::packr
