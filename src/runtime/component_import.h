// A component's imports, as the component calls them: each function that is not met inside the
// component is a host function of the engine, which makes a Call of its callee.
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

// A call that a component's guest makes. Lives in the callback of the engine.
class GuestCall final : public call::Call {
 public:
  GuestCall(const call::FunctionShape& shape, Domain& caller, engine::HostCall& host_call)
      : Call(shape, host_call.params(), host_call.result(), caller.bounds()),
        caller_(caller),
        host_call_(host_call) {}

  // For the callback to return, when the call has ended.
  [[nodiscard]] Result<void, engine::CallError> take_outcome();

  [[nodiscard]] const abi::From* params() override { return &side().params; }
  void drop_params() override;

 private:
  // The guest as a side of a copy. Most calls of numbers need none.
  struct Side {
    Side(GuestCall& call);
    Transit transit;
    EngineGuest guest;
    abi::From params;
  };
  Side& side() { return side_ ? *side_ : side_.emplace(*this); }

  Result<void, abi::AbiError> take_result(const abi::From& result) override;
  void keep_break(const abi::AbiError& error) override;
  void end(CallResult<void> outcome) override;
  Result<void, abi::AbiError> copy_result(const abi::From& result);

  Domain& caller_;
  engine::HostCall& host_call_;
  std::optional<Side> side_;
  std::optional<engine::CallError> broken_by_;
  std::optional<CallFailure> failure_;
};

// Defines a function that a component imports: every call of it starts the callee.
// interface: of the import; empty: a function that is imported by itself.
// Errors: run-engine (defined twice).
Result<void> define_import(engine::Linker& linker, std::string_view interface,
                           std::string_view name, std::shared_ptr<const call::FunctionShape> shape,
                           Domain& caller, std::unique_ptr<call::Callee> callee);

// Defines a resource type that a component imports and another domain makes: the guest holds
// proxies of its resources. `kind` outlives what the linker instantiates.
// Errors: run-engine (defined twice).
Result<void> define_imported_resource(engine::Linker& linker, std::string_view interface,
                                      std::string_view name, const ResourceKind& kind,
                                      Shared& shared);

}  // namespace tenon::runtime
