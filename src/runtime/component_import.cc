#include "runtime/component_import.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <new>
#include <span>
#include <string>
#include <utility>

#include "runtime/trace.h"
#include "support/try.h"

namespace tenon::runtime {

namespace {

using abi::AbiError;
using engine::CallError;
using engine::FlatValue;

// The error that the guest gets for a failure of its callee. The engine's error carries a number;
// the failure itself stays in the FailureBox until the guest's domain describes the trap, unless
// there is no memory for that.
CallError make_error(CallFailure failure, Domain& caller) noexcept {
  // A trap without a unit is attributed to the guest that called.
  if (failure.kind == CallFailure::Kind::Trap && failure.unit.empty())
    return CallError::make(failure.message);
  try {
    const std::string message = failure.message;
    return CallError::make(message, caller.failures().keep(std::move(failure)));
  } catch (const std::bad_alloc&) {
    return CallError::make(no_memory().message);
  }
}

// Sets the trace scope of a call that a guest makes. The tasks of a concurrent domain take turns, so the
// scope of the thread says nothing about them.
class CauseOfCall final {
 public:
  CauseOfCall(const Domain& caller, engine::HostCall& host_call) {
    if (caller.is_concurrent()) scope_.emplace(std::bit_cast<TraceContext>(host_call.tag()));
  }

 private:
  std::optional<TraceScope> scope_;
};

class ImportedFunction final : public engine::HostFunction {
 public:
  ImportedFunction(std::shared_ptr<const call::FunctionShape> shape, Domain& caller,
                   std::unique_ptr<call::Callee> callee)
      : shape_(std::move(shape)), caller_(caller), callee_(std::move(callee)) {}

  Result<void, CallError> call(engine::HostCall& host_call) override {
    const CauseOfCall cause(caller_, host_call);
    GuestCall call(*shape_, caller_, host_call);
    {
      Calls::HostCallScope scope(caller_.calls(), host_call);
      callee_->start(call);
      scope.end();
    }
    return call.take_outcome();
  }

 private:
  std::shared_ptr<const call::FunctionShape> shape_;
  Domain& caller_;
  std::unique_ptr<call::Callee> callee_;
};

class AsyncImportedFunction final : public engine::AsyncHostFunction {
 public:
  AsyncImportedFunction(std::shared_ptr<const call::FunctionShape> shape, Domain& caller,
                        std::unique_ptr<call::Callee> callee)
      : shape_(std::move(shape)), caller_(caller), callee_(std::move(callee)) {}

  Result<std::unique_ptr<engine::AsyncHostCall>, CallError> start(
      engine::HostCall& host_call, engine::Completion completion) override {
    const CauseOfCall cause(caller_, host_call);
    auto call = std::make_unique<AsyncGuestCall>(shape_, caller_, caller_.bounds(), host_call,
                                                 std::move(completion));
    {
      Calls::HostCallScope scope(caller_.calls(), host_call);
      callee_->start(*call);
      call->leave();
      scope.end();
    }
    if (call->broken_by()) return *std::move(call->broken_by());
    return std::unique_ptr<engine::AsyncHostCall>(std::move(call));
  }

 private:
  std::shared_ptr<const call::FunctionShape> shape_;
  Domain& caller_;
  std::unique_ptr<call::Callee> callee_;
};

class ImportedResource final : public engine::HostResource {
 public:
  ImportedResource(const ResourceKind& kind, Domain& user) : kind_(kind), user_(user) {}

  Result<void, CallError> drop(std::uint32_t rep) override {
    ResourceTable& resources = user_.shared().resources;
    const HeldResource* held = resources.find(rep);
    if (held == nullptr || held->kind->number != kind_.number)
      return CallError::make("a stale handle is dropped");
    CallResult<void> result = resources.drop(rep);
    if (result) return {};
    CallFailure failure = std::move(result).error();
    const std::string message = failure.message;
    return CallError::make(message, user_.failures().keep(std::move(failure)));
  }

 private:
  const ResourceKind& kind_;
  Domain& user_;
};

engine::ParamHandles param_handles(const call::FunctionShape& shape, const Domain& caller) {
  const bool makes_resources = std::ranges::any_of(
      shape.param_kinds, [&](const ResourceKind* kind) { return kind->home == &caller; });
  return makes_resources ? engine::ParamHandles::Any : engine::ParamHandles::OfHost;
}

abi::From params_of(engine::HostCall& call, EngineGuest& caller) {
  const auto address = call.params_address();
  return address ? abi::From::memory(caller, *address) : abi::From::flat(caller, call.params());
}

}  // namespace

GuestCall::Side::Side(GuestCall& call)
    : transit(call.caller_.shared().resources),
      guest(call.caller_, call.host_call_.caller(), call.shape().param_kinds,
            call.shape().result_kinds, transit),
      params(params_of(call.host_call_, guest)) {}

Result<void, AbiError> GuestCall::take_result(const abi::From& result) {
  Result<void, AbiError> copied = stack_.run([&] { return copy_result(result); });
  const bool is_to_blame = side_->guest.has_failed() ||
                           (!copied && copied.error().kind == abi::AbiErrorKind::BadAllocation);
  if (!copied && !broken_by_ && is_to_blame) break_off(copied.error());
  return copied;
}

Result<void, AbiError> GuestCall::copy_result(const abi::From& result) {
  EngineGuest& guest = side().guest;
  guest.forget_handles();
  const abi::CopyProgram& program = shape().program;
  const abi::FunctionLayout& layout = program.layout();
  if (!layout.has_spilled_result()) {
    std::array<FlatValue, 1> flat = {};
    TENON_TRY_VOID(program.copy_result(result, abi::To::flat(guest, flat)));
    host_call_.set_result(flat[0]);
    return {};
  }
  auto bytes = host_call_.result_bytes(layout.layouts[*layout.result].size);
  if (bytes) return program.copy_result(result, abi::To::bytes(guest, *bytes));
  broken_by_.emplace(std::move(bytes).error());
  note_break();
  return AbiError{.kind = abi::AbiErrorKind::Guest};
}

void GuestCall::keep_break(const AbiError& error) {
  broken_by_.emplace(side().guest.take_error(error));
}

void GuestCall::drop_params() {
  if (shape().param_kinds.empty()) return;
  EngineGuest& guest = side().guest;
  guest.skip_lifted();
  abi::ValueArena scratch;
  const auto lifted = shape().program.lift_params(side_->params, scratch);
  if (!lifted) break_off(lifted.error());
}

void GuestCall::end(CallFailure* failure) {
  if (failure != nullptr) {
    failure_.emplace(std::move(*failure));
    return;
  }
  if (!side_ || broken_by_) return;
  // Handles come last, so that a copy that fails half way has given none to the caller.
  const Result<void, AbiError> put = side_->guest.put_handles();
  if (!put) break_off(put.error());
}

CallError GuestCall::take_error() {
  if (broken_by_) return *std::move(broken_by_);
  return make_error(*std::move(failure_), caller_);
}

AsyncGuestCall::ParamsSide::ParamsSide(AsyncGuestCall& call, engine::HostCall& host_call)
    : guest(call.caller_, host_call.caller(), call.shape().param_kinds, {}, call.transit_),
      params(params_of(host_call, guest)) {}

AsyncGuestCall::AsyncGuestCall(std::shared_ptr<const call::FunctionShape> shape, Domain& caller,
                               const call::Bounds* bounds, engine::HostCall& host_call,
                               engine::Completion completion)
    : Call(*shape, host_call.params(), std::span(&number_, 1), nullptr),
      kept_shape_(std::move(shape)),
      caller_(caller),
      completion_(std::move(completion)),
      transit_(caller.shared().resources),
      host_call_(&host_call),
      stored_(caller.shared().resources) {
  if (bounds != nullptr) own_bounds_.emplace(*bounds);
  end_later(own_bounds_ ? &*own_bounds_ : nullptr);
}

AsyncGuestCall::~AsyncGuestCall() { abandon(); }

const abi::From* AsyncGuestCall::params() { return &params_side().params; }

void AsyncGuestCall::drop_params() {
  // A callee that began took all of them.
  if (host_call_ == nullptr || shape().param_kinds.empty()) return;
  ParamsSide& side = params_side();
  side.guest.skip_lifted();
  abi::ValueArena scratch;
  const auto lifted = shape().program.lift_params(side.params, scratch);
  if (!lifted) break_off(lifted.error());
}

Result<void, AbiError> AsyncGuestCall::take_result(const abi::From& result) {
  result_.clear();
  TENON_TRY(result_at_, shape().program.lift_result(result, result_));
  return {};
}

Result<void, AbiError> AsyncGuestCall::take_arena(abi::ValueArena& arena, std::uint32_t address) {
  std::swap(result_, arena);
  result_at_ = address;
  return {};
}

void AsyncGuestCall::keep_break(const AbiError& error) {
  if (host_call_ != nullptr) broken_by_.emplace(params_side().guest.take_error(error));
}

void AsyncGuestCall::keep_hook(std::unique_ptr<call::CallHook> hook) {
  hooks_.push_back(std::move(hook));
}

void AsyncGuestCall::end(CallFailure* failure) {
  if (!completion_) return;
  engine::Completion completion = *std::exchange(completion_, std::nullopt);
  if (failure != nullptr && !broken_by_)
    return std::move(completion).fail(make_error(std::move(*failure), caller_));
  try {
    stored_.store(result_.resources());
  } catch (const std::bad_alloc&) {
    // The call ends all the same, and what its callee has given is dropped with it.
    return std::move(completion).fail(CallError::make(no_memory().message));
  }
  std::move(completion).complete();
}

void AsyncGuestCall::end_cancelled() {
  if (completion_) (*std::exchange(completion_, std::nullopt)).end_cancelled();
}

Result<void, CallError> AsyncGuestCall::lower(engine::GuestSide& caller,
                                              std::span<FlatValue> result, std::uint32_t address) {
  stored_.restore(transit_);
  EngineGuest guest(caller_, caller, {}, shape().result_kinds, transit_);
  const abi::To to =
      result.empty() ? abi::To::memory(guest, address) : abi::To::flat(guest, result);
  const abi::From from = result_at_ ? abi::From::memory(result_, *result_at_)
                                    : abi::From::flat(result_, std::span(&number_, 1));
  Result<void, AbiError> copied = shape().program.copy_result(from, to);
  if (copied) copied = guest.put_handles();
  if (copied) return {};
  return guest.take_error(copied.error());
}

Result<void> define_import(engine::Linker& linker, std::string_view interface,
                           std::string_view name, std::shared_ptr<const call::FunctionShape> shape,
                           Domain& caller, std::unique_ptr<call::Callee> callee,
                           std::optional<engine::ImportedAs> imported) {
  const engine::FlatCounts counts = flat_counts(shape->program.layout());
  const engine::ParamHandles handles = param_handles(*shape, caller);
  if (imported)
    return engine::define_async_host_function(
        linker, interface, name, counts,
        std::make_unique<AsyncImportedFunction>(std::move(shape), caller, std::move(callee)),
        handles, *imported);
  return engine::define_host_function(
      linker, interface, name, counts,
      std::make_unique<ImportedFunction>(std::move(shape), caller, std::move(callee)), handles);
}

Result<void> define_imported_resource(engine::Linker& linker, std::string_view interface,
                                      std::string_view name, const ResourceKind& kind,
                                      Domain& user) {
  if (kind.wasi) return engine::define_wasi_resource(linker, interface, name, *kind.wasi);
  return engine::define_host_resource(linker, interface, name, kind.number,
                                      std::make_unique<ImportedResource>(kind, user));
}

}  // namespace tenon::runtime
