// Calls that a component makes of its imports.
//
// A function that a component imports from outside of its domain is a host function of the engine.
// Its callback makes a GuestCall, which starts the callee of the edge, and returns the outcome to
// the engine. A resource that the component imports is a resource of the host, whose reps are
// tokens (`resource_table.h`).
#pragma once

#include <memory>
#include <optional>
#include <string_view>

#include "abi/value_arena.h"
#include "call/call.h"
#include "engine/linker.h"
#include "engine/raw_call.h"
#include "runtime/domain.h"
#include "runtime/engine_guest.h"
#include "tenon/result.h"

namespace tenon::runtime {

// A call that a component's guest makes. Lives on the stack of the engine's callback.
class GuestCall final : public call::Call {
 public:
  GuestCall(const call::FunctionShape& shape, Domain& caller, engine::HostCall& host_call)
      : Call(shape, host_call.params(), host_call.result(), caller.bounds()),
        caller_(caller),
        host_call_(host_call) {}

  // What the callback returns. REQUIRES: the call has ended
  [[nodiscard]] Result<void, engine::CallError> take_outcome() {
    if (!broken_by_ && !failure_) return {};
    return take_error();
  }

  [[nodiscard]] const abi::From* params() override { return &side().params; }
  void drop_params() override;

 private:
  // The guest as a side of a copy. Made on demand, because most calls of numbers do not need it.
  struct Side {
    explicit Side(GuestCall& call);
    Transit transit;
    EngineGuest guest;
    abi::From params;
  };
  Side& side() { return side_ ? *side_ : side_.emplace(*this); }

  Result<void, abi::AbiError> take_result(const abi::From& result) override;
  void keep_break(const abi::AbiError& error) override;
  void end(CallFailure* failure) override;
  [[gnu::cold]] engine::CallError take_error();
  Result<void, abi::AbiError> copy_result(const abi::From& result);

  Domain& caller_;
  engine::HostCall& host_call_;
  std::optional<Side> side_;
  std::optional<engine::CallError> broken_by_;
  std::optional<CallFailure> failure_;
};

// Defines a function that a component imports: every call of it starts `callee`.
// interface: of the import; empty for a function that is imported directly.
// Errors: run-engine (defined twice).
Result<void> define_import(engine::Linker& linker, std::string_view interface,
                           std::string_view name, std::shared_ptr<const call::FunctionShape> shape,
                           Domain& caller, std::unique_ptr<call::Callee> callee);

// Defines a resource type that a component imports and whose resources are made elsewhere: the
// guest holds proxies of them. Lifetime: `kind` and `shared` must outlive the instances of the
// linker.
// Errors: run-engine (defined twice).
Result<void> define_imported_resource(engine::Linker& linker, std::string_view interface,
                                      std::string_view name, const ResourceKind& kind,
                                      Shared& shared);

}  // namespace tenon::runtime
