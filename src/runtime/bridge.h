// Bridged edges: an import of one domain, met by an export of another.
//
// The caller's thread enters the callee's store; values are copied from memory to memory, handles
// become proxies. Nothing is allocated on the host for a call of scalars. The callee may be of
// another composition (crossing.h).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "abi/copy_program.h"
#include "engine/linker.h"
#include "runtime/call_observer.h"
#include "runtime/domain.h"
#include "runtime/resource_table.h"
#include "tenon/result.h"

namespace tenon::runtime {

// What calls of a function need to know of its type. Shared by all of its edges.
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

// As the engine counts the flat values of a function of this layout.
[[nodiscard]] engine::FlatCounts flat_counts(const abi::FunctionLayout& layout);

// How a caller is told that the callee's domain died: an error of the function's own result.
struct FailureValue {
  // By a case of the error type, without payload or with a string; else the error type is a string.
  bool is_case = false;
  std::uint32_t error_case = 0;
};

// error_case: its label; empty: only an error type that is a string will do. Nothing if the error
// type cannot tell. REQUIRES: the function returns a `result` with an error type.
[[nodiscard]] std::optional<FailureValue> find_failure_value(const abi::FunctionLayout& layout,
                                                             std::string_view error_case);

// Of params that a domain gives.
[[nodiscard]] engine::ParamHandles param_handles(const FunctionShape& shape, const Domain& caller);

struct BridgedFunctionParts {
  std::shared_ptr<const FunctionShape> shape;
  Domain* caller = nullptr;
  Domain* callee = nullptr;
  std::string unit;               // that exports the function
  std::string name;               // of the function, for people: "acme:tax/lib@1.0.0#rate"
  std::vector<std::string> path;  // of the callee's export
  std::optional<FailureValue> on_failure = {};  // none: the caller traps too
  std::unique_ptr<CallObserver> observer = {};  // null: nobody looks on
  HandleKinds kinds_there = {};                 // if the callee is of another composition
};

// interface: of the import in the caller's component; empty: a function imported by itself.
// Errors: run-engine (defined twice).
Result<void> define_bridged_function(engine::Linker& linker, std::string_view interface,
                                     std::string_view name, BridgedFunctionParts parts);

// Proxies of a resource that another domain makes. `kind` outlives the linker's instances.
// Errors: run-engine (defined twice).
Result<void> define_bridged_resource(engine::Linker& linker, std::string_view interface,
                                     std::string_view name, const ResourceKind& kind,
                                     Shared& shared);

}  // namespace tenon::runtime
