// What `tenon::Type` and `tenon::FunctionType` are views of: an arena that no longer grows.
//
//   const auto graph = std::make_shared<const TypeGraph>(std::move(types), std::move(names));
//   const FunctionType function = make_function_type(graph, id);
//
// REQUIRES of every type that is viewed: nesting within limits::kNestingDepth, as evaluation keeps
// it.
#pragma once

#include <functional>
#include <memory>

#include "tenon/type.h"
#include "types/print_type.h"
#include "types/type.h"

namespace tenon::value {

struct TypeGraph {
  types::Types types;
  types::TypeNames names;  // what types and resources are called in texts
};

using TypeGraphPtr = std::shared_ptr<const TypeGraph>;

[[nodiscard]] Type make_type(TypeGraphPtr graph, types::TypeId id);
[[nodiscard]] FunctionType make_function_type(TypeGraphPtr graph, types::FunctionId id);

// Are two functions of two graphs equal, where `same` says which resources of theirs are one?
using SameResource = std::function<bool(types::ResourceId a, types::ResourceId b)>;
[[nodiscard]] bool is_same_function(const FunctionType& a, const FunctionType& b,
                                    const SameResource& same);

// The other way, for the modules that read values by type.
[[nodiscard]] const TypeGraphPtr& graph_of(const Type& type);
[[nodiscard]] types::TypeId id_of(const Type& type);
[[nodiscard]] const TypeGraphPtr& graph_of(const FunctionType& function);
[[nodiscard]] types::FunctionId id_of(const FunctionType& function);

}  // namespace tenon::value
