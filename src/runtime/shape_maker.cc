#include "runtime/shape_maker.h"

#include <optional>
#include <variant>

#include "support/try.h"
#include "types/print_type.h"

namespace tenon::runtime {

namespace {

constexpr std::uint32_t kFirstStreamNumber = std::uint32_t{1} << 31;

}  // namespace

Result<std::shared_ptr<const call::FunctionShape>> ShapeMaker::shape_of(
    types::FunctionId function, const StreamOptions& streams) {
  std::weak_ptr<const call::FunctionShape>& known = shapes_[{function, streams}];
  if (auto shape = known.lock()) return shape;
  TENON_TRY(const std::shared_ptr<const call::FunctionShape> shape,
            make_shape(types_->functions[function], streams));
  known = shape;
  return shape;
}

Result<std::shared_ptr<call::FunctionShape>> ShapeMaker::make_shape(const types::Function& function,
                                                                    const StreamOptions& options) {
  TENON_TRY(abi::FunctionLayout layout, abi::lay_out_function(*types_, function));
  std::vector<StreamKindPtr> streams;
  TENON_TRY(auto params, kinds_of(layout.param_handles, options, streams));
  TENON_TRY(auto results, kinds_of(layout.result_handles, options, streams));
  // Not make_shared: tables keep weak references, which would keep the whole block alive.
  return std::shared_ptr<call::FunctionShape>(
      new call::FunctionShape{.program = abi::CopyProgram::make(std::move(layout)),
                              .param_kinds = std::move(params),
                              .result_kinds = std::move(results),
                              .streams = std::move(streams)});
}

Result<std::vector<const ResourceKind*>> ShapeMaker::kinds_of(
    const std::vector<abi::HandleType>& handles, const StreamOptions& options,
    std::vector<StreamKindPtr>& streams) {
  std::vector<const ResourceKind*> kinds;
  for (const abi::HandleType& handle : handles) {
    if (!handle.transmitted.is_valid()) {
      kinds.push_back(&kind_of(handle.resource));
      continue;
    }
    TENON_TRY(StreamKindPtr stream, stream_kind(handle.transmitted, options));
    kinds.push_back(&stream->handle);
    streams.push_back(std::move(stream));
  }
  return kinds;
}

// Streams of streams recurse as deep as types nest.
Result<ShapeMaker::StreamKindPtr> ShapeMaker::stream_kind(types::TypeId type,
                                                          const StreamOptions& options) {
  std::weak_ptr<const StreamKind>& known = streams_[{type, options}];
  if (StreamKindPtr kind = known.lock()) return kind;
  const auto& kind = types_->types[type].kind;
  const auto* const stream = std::get_if<types::Stream>(&kind);
  const std::optional<types::TypeId> payload =
      stream != nullptr ? stream->type : std::get<types::Future>(kind).type;
  std::shared_ptr<const call::FunctionShape> item;
  if (payload) {
    types::Function function;
    function.params.push_back({.label = "item", .type = *payload});
    TENON_TRY(const std::shared_ptr<call::FunctionShape> shape, make_shape(function, options));
    // Items are read and written alike.
    shape->result_kinds = shape->param_kinds;
    item = shape;
  }
  // Numbers of resources are counted from 1.
  auto made = std::make_shared<const StreamKind>(
      types::print_type(*types_, {}, type), kFirstStreamNumber + stream_count_++,
      stream != nullptr ? StreamKind::Is::Stream : StreamKind::Is::Future, std::move(item),
      options);
  known = made;
  return made;
}

}  // namespace tenon::runtime
