// The parts of a type, in the order written: the one list of what each kind of type contains.
//
//   for_each_part(type, [](TypeId part) { ... }, [](ResourceId part) { ... });
//
// Of a mutable type or function the callbacks get references and may replace the parts.
#pragma once

#include <concepts>
#include <optional>
#include <type_traits>
#include <variant>

#include "types/type.h"

namespace tenon::types {

template <class Node, class Plain>
concept MaybeConst = std::same_as<std::remove_const_t<Node>, Plain>;

// on_type is called with each TypeId; on_resource with the ResourceId of `own` and `borrow`.
template <MaybeConst<Type> Node, class OnType, class OnResource>
void for_each_part(Node& type, OnType&& on_type, OnResource&& on_resource) {
  const auto on_optional = [&](auto& part) {
    if (part) on_type(*part);
  };
  std::visit(
      [&](auto& kind) {
        using Kind = std::remove_cvref_t<decltype(kind)>;
        if constexpr (std::is_same_v<Kind, Record>) {
          for (auto& field : kind.fields) on_type(field.type);
        } else if constexpr (std::is_same_v<Kind, Variant>) {
          for (auto& alternative : kind.cases) on_optional(alternative.type);
        } else if constexpr (std::is_same_v<Kind, List>) {
          on_type(kind.element);
        } else if constexpr (std::is_same_v<Kind, Map>) {
          on_type(kind.key);
          on_type(kind.value);
        } else if constexpr (std::is_same_v<Kind, Tuple>) {
          for (auto& part : kind.types) on_type(part);
        } else if constexpr (std::is_same_v<Kind, Option>) {
          on_type(kind.type);
        } else if constexpr (std::is_same_v<Kind, ResultType>) {
          on_optional(kind.ok);
          on_optional(kind.error);
        } else if constexpr (std::is_same_v<Kind, Stream> || std::is_same_v<Kind, Future>) {
          on_optional(kind.type);
        } else if constexpr (std::is_same_v<Kind, Own> || std::is_same_v<Kind, Borrow>) {
          on_resource(kind.resource);
        } else {
          static_assert(std::is_same_v<Kind, Primitive> || std::is_same_v<Kind, Flags> ||
                        std::is_same_v<Kind, Enum> || std::is_same_v<Kind, Dynamic>);
        }
      },
      type.kind);
}

// Parameters, then the result.
template <MaybeConst<Function> Node, class OnType>
void for_each_part(Node& function, OnType&& on_type) {
  for (auto& parameter : function.params) on_type(parameter.type);
  if (function.result) on_type(*function.result);
}

}  // namespace tenon::types
