// The shapes of functions for calls: the layouts of their values, and the kinds of their handles.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <utility>
#include <vector>

#include "abi/layout.h"
#include "call/function_shape.h"
#include "runtime/channel.h"
#include "runtime/resource_table.h"
#include "tenon/result.h"
#include "types/type.h"

namespace tenon::runtime {

// Makes each shape and each kind of a stream once for the types of an arena.
// Thread: that of the composition.
class ShapeMaker final {
 public:
  // Lifetime of the kinds: that of the shapes.
  using FindKind = std::function<const ResourceKind&(types::ResourceId)>;

  ShapeMaker(std::shared_ptr<const types::Types> types, FindKind find_kind)
      : types_(std::move(types)), find_kind_(std::move(find_kind)) {}

  // streams: of the edge on which the function is called.
  // Errors: type-unsupported-value, type-too-large.
  [[nodiscard]] Result<std::shared_ptr<const call::FunctionShape>> shape_of(
      types::FunctionId function, const StreamOptions& streams = {});
  [[nodiscard]] const ResourceKind& kind_of(types::ResourceId resource) const {
    return find_kind_(resource);
  }
  [[nodiscard]] const types::Types& types() const { return *types_; }

 private:
  using StreamKindPtr = std::shared_ptr<const StreamKind>;
  // The kinds of handles, and those of streams and futures, which `streams` keeps.
  [[nodiscard]] Result<std::vector<const ResourceKind*>> kinds_of(
      const std::vector<abi::HandleType>& handles, const StreamOptions& options,
      std::vector<StreamKindPtr>& streams);
  [[nodiscard]] Result<StreamKindPtr> stream_kind(types::TypeId type, const StreamOptions& options);
  [[nodiscard]] Result<std::shared_ptr<call::FunctionShape>> make_shape(
      const types::Function& function, const StreamOptions& options);

  std::shared_ptr<const types::Types> types_;
  FindKind find_kind_;
  std::map<std::pair<types::TypeId, StreamOptions>, std::weak_ptr<const StreamKind>> streams_;
  std::uint32_t stream_count_ = 0;
  // A shape lives as long as a caller holds it.
  std::map<std::pair<types::FunctionId, StreamOptions>, std::weak_ptr<const call::FunctionShape>>
      shapes_;
};

}  // namespace tenon::runtime
