#include "packr/value_types.h"

#include <fmt/core.h>

#include <algorithm>
#include <ranges>
#include <type_traits>
#include <variant>

#include "packr/buffers.h"
#include "packr/guest_names.h"
#include "support/check.h"

namespace tenon::packr {

using types::Primitive;

NodeKind kind_of_primitive(Primitive primitive) {
  switch (primitive) {
    case Primitive::Bool:
      return NodeKind::Bool;
    case Primitive::S8:
      return NodeKind::S8;
    case Primitive::U8:
      return NodeKind::U8;
    case Primitive::S16:
      return NodeKind::S16;
    case Primitive::U16:
      return NodeKind::U16;
    case Primitive::S32:
      return NodeKind::S32;
    case Primitive::U32:
      return NodeKind::U32;
    case Primitive::S64:
      return NodeKind::S64;
    case Primitive::U64:
      return NodeKind::U64;
    case Primitive::F32:
      return NodeKind::F32;
    case Primitive::F64:
      return NodeKind::F64;
    case Primitive::Char:
      return NodeKind::Char;
    case Primitive::String:
      return NodeKind::String;
    case Primitive::ErrorContext:
      break;
  }
  TENON_CHECK(false);
  return NodeKind::String;
}

std::string ValueTypes::wire_name(types::TypeId id) const {
  const auto name = names.find(id);
  return name == names.end() ? std::string() : wire_case(name->second);
}

std::optional<types::Map> ValueTypes::pair_of(types::TypeId element) const {
  const auto* const pair = std::get_if<types::Tuple>(&types.types[element].kind);
  if (pair == nullptr || pair->types.size() != 2) return std::nullopt;
  return types::Map{pair->types[0], pair->types[1]};
}

bool ValueTypes::may_be_empty(types::TypeId id, ResultSide side) const {
  const auto* const primitive = std::get_if<Primitive>(&types.types[id].kind);
  return primitive != nullptr &&
         *primitive == (side == ResultSide::Ok ? types::kEmptyOk : types::kEmptyError);
}

// The recursion is bounded by limits::kNestingDepth.
GraphType ValueTypes::wire_type(types::TypeId id) const {
  return std::visit(
      [&](const auto& kind) -> GraphType {
        using Kind = std::remove_cvref_t<decltype(kind)>;
        if constexpr (std::is_same_v<Kind, Primitive>) {
          return GraphType::of(kind_of_primitive(kind));
        } else if constexpr (std::is_same_v<Kind, types::Record>) {
          return GraphType::named(NodeKind::Record, wire_name(id));
        } else if constexpr (std::is_same_v<Kind, types::Variant> ||
                             std::is_same_v<Kind, types::Enum>) {
          return GraphType::named(NodeKind::Variant, wire_name(id));
        } else if constexpr (std::is_same_v<Kind, types::List>) {
          return GraphType::of(kind.is_set ? NodeKind::Set : NodeKind::List,
                               {wire_type(kind.element)});
        } else if constexpr (std::is_same_v<Kind, types::Map>) {
          return GraphType::of(NodeKind::Map, {wire_type(kind.key), wire_type(kind.value)});
        } else if constexpr (std::is_same_v<Kind, types::Tuple>) {
          GraphType tuple;
          for (const types::TypeId part : kind.types) tuple.parts.push_back(wire_type(part));
          return tuple;
        } else if constexpr (std::is_same_v<Kind, types::Flags>) {
          return GraphType::of(NodeKind::Flags);
        } else if constexpr (std::is_same_v<Kind, types::Option>) {
          return GraphType::of(NodeKind::Option, {wire_type(kind.type)});
        } else if constexpr (std::is_same_v<Kind, types::ResultType>) {
          return GraphType::of(NodeKind::Result, {wire_type(kind.ok), wire_type(kind.error)});
        } else if constexpr (std::is_same_v<Kind, types::Own>) {
          return GraphType::named(NodeKind::Record, std::string(kBufferType));
        } else {
          static_assert(std::is_same_v<Kind, types::Dynamic> ||
                        std::is_same_v<Kind, types::Borrow> ||
                        std::is_same_v<Kind, types::Stream> || std::is_same_v<Kind, types::Future>);
          return GraphType::of(NodeKind::String);
        }
      },
      types.types[id].kind);
}

std::string describe(const ValueProblem& problem) {
  return problem.path.empty() ? problem.message
                              : fmt::format("{}: {}", problem.path, problem.message);
}

std::string ValuePath::print() const {
  std::vector<const Step*> steps;
  for (const Step* step = innermost_; step != nullptr; step = step->outer_) steps.push_back(step);
  std::string text = "$";
  for (const Step* const step : std::views::reverse(steps)) {
    const Part& part = step->part_;
    if (part.kind == Part::Kind::Position) text += fmt::format(".{}", part.index);
    if (part.kind == Part::Kind::Element) text += fmt::format("[{}]", part.index);
    if (!part.label.empty()) text += fmt::format(".{}", part.label);
  }
  return text;
}

std::optional<types::TypeId> find_enclosing_variant(const ValueTypes& types,
                                                    const EnclosingTypes& enclosing,
                                                    const VariantView& variant) {
  const std::string label = label_of_case(variant.case_name);
  const auto has_case = [&](types::TypeId id) {
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

}  // namespace tenon::packr
