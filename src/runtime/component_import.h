// Calls that a component makes of its imports.
//
// A function that a component imports from outside of its domain is a host function of the engine.
// Its callback makes a GuestCall, which starts the callee of the edge, and returns the outcome to
// the engine. A resource that the component imports is a resource of the host, whose reps are
// tokens (`resource_table.h`).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "abi/value_arena.h"
#include "call/call.h"
#include "engine/event_loop.h"
#include "engine/linker.h"
#include "engine/raw_call.h"
#include "runtime/active_call.h"
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

  [[nodiscard]] std::string_view caller_name() const override { return caller_.name(); }
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
  const ActiveCall::CallerStack stack_;
  std::optional<Side> side_;
  std::optional<engine::CallError> broken_by_;
  std::optional<CallFailure> failure_;
};

// A call that a component's guest makes of a function of `async` type. The engine owns it while the
// guest waits, or runs on and waits later.
class AsyncGuestCall final : public call::Call, public engine::AsyncHostCall {
 public:
  // bounds: of the call; can be null.
  AsyncGuestCall(std::shared_ptr<const call::FunctionShape> shape, Domain& caller,
                 const call::Bounds* bounds, engine::HostCall& host_call,
                 engine::Completion completion);
  ~AsyncGuestCall() override;

  // The guest goes on: its parameters cannot be read any more. Handles that the callee did not take
  // are dropped.
  void leave() {
    host_call_ = nullptr;
    params_side_.reset();
    transit_.finish();
  }
  // Why the guest ends, if `leave` has not been called: it passed bad parameters.
  [[nodiscard]] std::optional<engine::CallError>& broken_by() { return broken_by_; }

  [[nodiscard]] std::string_view caller_name() const override { return caller_.name(); }
  [[nodiscard]] const abi::From* params() override;
  void drop_params() override;

  bool cancel() override { return ask_to_end(); }
  Result<void, engine::CallError> lower(engine::GuestSide& caller,
                                        std::span<engine::FlatValue> result,
                                        std::uint32_t address) override;

 private:
  // The guest while it is in its call. Made on demand, because calls of numbers do not need it.
  struct ParamsSide {
    explicit ParamsSide(AsyncGuestCall& call, engine::HostCall& host_call);
    EngineGuest guest;
    abi::From params;
  };

  ParamsSide& params_side() {
    if (params_side_ == nullptr) params_side_ = std::make_unique<ParamsSide>(*this, *host_call_);
    return *params_side_;
  }
  Result<void, abi::AbiError> take_result(const abi::From& result) override;
  Result<void, abi::AbiError> take_arena(abi::ValueArena& arena, std::uint32_t address) override;
  void keep_break(const abi::AbiError& error) override;
  void keep_hook(std::unique_ptr<call::CallHook> hook) override;
  void end(CallFailure* failure) override;
  void end_cancelled() override;

  std::shared_ptr<const call::FunctionShape> kept_shape_;
  Domain& caller_;
  std::optional<call::Bounds> own_bounds_;
  std::optional<engine::Completion> completion_;  // absent after the end
  Transit transit_;
  engine::HostCall* host_call_;  // null after it
  std::unique_ptr<ParamsSide> params_side_;
  std::optional<engine::CallError> broken_by_;
  engine::FlatValue number_ = {};  // the result, if it is not in the arena
  abi::ValueArena result_;
  std::optional<std::uint32_t> result_at_;
  StoredHandles stored_;  // in the result
  std::vector<std::unique_ptr<call::CallHook>> hooks_;
};

// Defines a function that a component imports: every call of it starts `callee`.
// interface: of the import; empty for a function that is imported directly. imported: absent: the caller
// waits on the stack.
// Errors: run-engine (defined twice).
Result<void> define_import(engine::Linker& linker, std::string_view interface,
                           std::string_view name, std::shared_ptr<const call::FunctionShape> shape,
                           Domain& caller, std::unique_ptr<call::Callee> callee,
                           std::optional<engine::ImportedAs> imported);

// Defines a resource type that a component imports and whose resources are made elsewhere: the
// guest holds proxies of them. user: the domain of the guest. Lifetime: `kind` and `user` must outlive the
// instances of the linker.
// Errors: run-engine (defined twice).
Result<void> define_imported_resource(engine::Linker& linker, std::string_view interface,
                                      std::string_view name, const ResourceKind& kind,
                                      Domain& user);

}  // namespace tenon::runtime
