// What calls of a function need to know of its type.
#pragma once

#include <span>
#include <vector>

#include "abi/copy_program.h"
#include "engine/raw_call.h"
#include "runtime/domain.h"
#include "runtime/resource_table.h"

namespace tenon::runtime {

// Of one type; shared by all of its edges.
struct FunctionShape {
  abi::CopyProgram program;
  // By the numbers of the handles.
  std::vector<const ResourceKind*> param_kinds = {};
  std::vector<const ResourceKind*> result_kinds = {};
};

// What the kinds of a shape are in the composition of a callee, which is another.
struct HandleKinds {
  std::vector<const ResourceKind*> params = {};
  std::vector<const ResourceKind*> results = {};
};

// The place of an export's result on the callee's side. result: as passed to `RawCall::lift`.
[[nodiscard]] abi::From returned_values(const abi::CopyProgram& program, abi::Guest& callee,
                                        std::span<const engine::FlatValue> result);

// As the engine counts the flat values of a function of this layout.
[[nodiscard]] engine::FlatCounts flat_counts(const abi::FunctionLayout& layout);

// Of params that a domain gives.
[[nodiscard]] engine::ParamHandles param_handles(const FunctionShape& shape, const Domain& caller);

}  // namespace tenon::runtime
