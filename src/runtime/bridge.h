// Bridged edges: an import of one domain, met by an export of another.
//
// The caller's thread enters the callee's store; values are copied from memory to memory, handles
// become proxies. Nothing is allocated on the host for a call of scalars. The callee may be of
// another composition (crossing.h).
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/linker.h"
#include "runtime/call_observer.h"
#include "runtime/domain.h"
#include "runtime/failure_value.h"
#include "runtime/function_shape.h"
#include "runtime/resource_table.h"
#include "tenon/result.h"

namespace tenon::runtime {

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
