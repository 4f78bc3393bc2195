#include "runtime/function_shape.h"

#include <algorithm>

namespace tenon::runtime {

abi::From returned_values(const abi::CopyProgram& program, abi::Guest& callee,
                          std::span<const engine::FlatValue> result) {
  // A function that is lifted `async` passes up to 16 values flat.
  return program.layout().has_spilled_result() && result.size() == 1
             ? abi::From::memory(callee, result[0].u32())
             : abi::From::flat(callee, result);
}

engine::FlatCounts flat_counts(const abi::FunctionLayout& layout) {
  engine::FlatCounts counts;
  counts.params = layout.has_spilled_params()
                      ? engine::kSpilled
                      : static_cast<std::uint8_t>(layout.layouts[layout.params].flat.count());
  if (layout.result) {
    counts.results = layout.has_spilled_result()
                         ? engine::kSpilled
                         : static_cast<std::uint8_t>(layout.layouts[*layout.result].flat.count());
  }
  return counts;
}

engine::ParamHandles param_handles(const FunctionShape& shape, const Domain& caller) {
  const bool has_own = std::ranges::any_of(
      shape.param_kinds, [&](const ResourceKind* kind) { return kind->home == &caller; });
  return has_own ? engine::ParamHandles::Any : engine::ParamHandles::OfHost;
}

}  // namespace tenon::runtime
