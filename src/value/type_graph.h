// The arena of types behind `tenon::Type` and `tenon::FunctionType`. It no longer grows once it is
// viewed, and each view keeps it alive.
//
//   const auto graph = std::make_shared<const TypeGraph>(std::move(types), std::move(names));
//   const FunctionType function = make_function_type(graph, id);
//
// REQUIRES: every type is nested at most limits::kNestingDepth deep, which evaluation guarantees.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <unordered_map>

#include "tenon/type.h"
#include "types/print_type.h"
#include "types/type.h"

namespace tenon::value {

// Where a resource comes from, as a program knows it.
struct ResourceOrigin {
  std::string path;  // "acme:db/sql@1.0.0.connection"
  std::string unit;  // that makes it; empty: it is not known
};
using ResourceOrigins = std::unordered_map<types::ResourceId, ResourceOrigin>;

struct TypeGraph {
  types::Types types;
  types::TypeNames names;  // the names of types and resources in messages
  ResourceOrigins origins = {};
};

using TypeGraphPtr = std::shared_ptr<const TypeGraph>;

[[nodiscard]] Type make_type(TypeGraphPtr graph, types::TypeId id);
[[nodiscard]] FunctionType make_function_type(TypeGraphPtr graph, types::FunctionId id);

// Says whether a resource of one graph is a resource of another.
using SameResource = std::function<bool(types::ResourceId a, types::ResourceId b)>;
// Are two functions of two graphs equal? `same` compares their resources.
[[nodiscard]] bool is_same_function(const FunctionType& a, const FunctionType& b,
                                    const SameResource& same);

// The graph and the id behind a view, for modules that read values by type.
[[nodiscard]] const TypeGraphPtr& graph_of(const Type& type);
[[nodiscard]] types::TypeId id_of(const Type& type);
[[nodiscard]] const TypeGraphPtr& graph_of(const FunctionType& function);
[[nodiscard]] types::FunctionId id_of(const FunctionType& function);

}  // namespace tenon::value
