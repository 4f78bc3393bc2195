// The shapes of functions that are called from domain to domain, each made once.
#pragma once

#include <functional>
#include <memory>
#include <unordered_map>
#include <utility>

#include "call/function_shape.h"
#include "runtime/resource_table.h"
#include "tenon/result.h"
#include "types/type.h"

namespace tenon::linker {

class ShapeTable final {
 public:
  using FindKind = std::function<const runtime::ResourceKind&(types::ResourceId)>;

  // Lifetime: refers to the types; that of kinds is their own.
  ShapeTable(const types::Types& types, FindKind find_kind)
      : types_(types), find_kind_(std::move(find_kind)) {}

  // Errors: type-unsupported-value, type-too-large.
  [[nodiscard]] Result<std::shared_ptr<const call::FunctionShape>> shape_of(
      types::FunctionId function);
  [[nodiscard]] const runtime::ResourceKind& kind_of(types::ResourceId resource) const {
    return find_kind_(resource);
  }
  [[nodiscard]] const types::Types& types() const { return types_; }

 private:
  const types::Types& types_;
  FindKind find_kind_;
  // As long as somebody calls with them.
  std::unordered_map<types::FunctionId, std::weak_ptr<const call::FunctionShape>> shapes_;
};

}  // namespace tenon::linker
