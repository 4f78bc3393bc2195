#include "linker/shape_table.h"

#include <utility>
#include <vector>

#include "support/try.h"

namespace tenon::linker {

Result<std::shared_ptr<const call::FunctionShape>> ShapeTable::shape_of(
    types::FunctionId function) {
  auto& known = shapes_[function];
  if (auto shape = known.lock()) return shape;
  TENON_TRY(abi::FunctionLayout layout, abi::lay_out_function(types_, types_.functions[function]));
  std::vector<const runtime::ResourceKind*> params;
  std::vector<const runtime::ResourceKind*> results;
  for (const abi::HandleType& handle : layout.param_handles)
    params.push_back(&kind_of(handle.resource));
  for (const abi::HandleType& handle : layout.result_handles)
    results.push_back(&kind_of(handle.resource));
  // Not in one piece with its counts, which `known` keeps.
  std::shared_ptr<const call::FunctionShape> shape(
      new call::FunctionShape{.program = abi::CopyProgram::make(std::move(layout)),
                              .param_kinds = std::move(params),
                              .result_kinds = std::move(results)});
  known = shape;
  return shape;
}

}  // namespace tenon::linker
