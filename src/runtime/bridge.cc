#include "runtime/bridge.h"

#include <optional>
#include <string>
#include <utility>

#include "runtime/bridged_call.h"
#include "runtime/crossing.h"
#include "runtime/engine_guest.h"
#include "runtime/flat_call.h"
#include "runtime/handle_call.h"
#include "support/try.h"

namespace tenon::runtime {

namespace {

using engine::CallError;

// Whether the callee's domain is to blame, so that a caller may be told by a value.
bool is_of_callee(CallFailure::Kind kind) {
  switch (kind) {
    case CallFailure::Kind::Trap:
    case CallFailure::Kind::OpenImport:
    case CallFailure::Kind::Deadline:
    case CallFailure::Kind::Ended:
      return true;
    case CallFailure::Kind::Reentrance:
    case CallFailure::Kind::Engine:
    case CallFailure::Kind::BadCall:
    case CallFailure::Kind::GuestError:
    case CallFailure::Kind::Interrupted:
      return false;
  }
  return false;
}

class BridgedFunction final : public engine::HostFunction {
 public:
  explicit BridgedFunction(BridgedFunctionParts parts)
      : shape_(std::move(parts.shape)),
        caller_(*parts.caller),
        on_failure_(parts.on_failure),
        observer_(std::move(parts.observer)),
        leaves_composition_(&parts.caller->shared() != &parts.callee->shared()),
        is_flat_(shape_->program.is_flat() && !on_failure_ && observer_ == nullptr),
        passes_handles_(HandleCall::fits(*shape_) && !on_failure_ && observer_ == nullptr &&
                        !leaves_composition_),
        passes_handles_out_(leaves_composition_ &&
                            !(shape_->param_kinds.empty() && shape_->result_kinds.empty())),
        kinds_there_(std::move(parts.kinds_there)),
        callee_(*parts.callee, std::move(parts.unit), std::move(parts.name), std::move(parts.path),
                flat_counts(shape_->program.layout())) {}

  Result<void, CallError> call(engine::HostCall& call) override {
    if (is_flat_) {
      FlatCall flat(shape_->program, call.params(), call.result());
      if (flat.is_good()) {
        CallResult<void> called = in_callee([&] { return flat.make(callee_); });
        return called ? Result<void, CallError>() : fail(std::move(called).error());
      }
    }
    if (passes_handles_) {
      HandleCall passing(*shape_, caller_, callee_.domain(), call);
      if (passing.is_good()) return pass_handles(passing);
    }
    Transit transit(caller_.shared());
    EngineGuest caller(caller_, call.caller(), shape_->param_kinds, shape_->result_kinds, transit);
    std::optional<Crossing> crossing;
    if (passes_handles_out_)
      crossing.emplace(*shape_, kinds_there_, caller_.shared(), callee_.domain().shared(), transit);
    BridgedCall bridged(*shape_, callee_.domain(), caller, call, transit,
                        crossing ? &*crossing : nullptr);
    if (observer_ != nullptr) return call_observed(call, bridged);
    return finish(bridged, enter(bridged, &bridged));
  }

 private:
  // A composition that has units in others is entered by one thread at a time. Nothing is asked of
  // the callee before: another thread may swap it.
  // bridged: the call with its values; null: it needs none of the caller.
  CallResult<void> enter(ValueCall& call, BridgedCall* bridged = nullptr) {
    return in_callee([&] { return call_entered(call, bridged); });
  }
  template <class Call>
  CallResult<void> in_callee(Call&& call) {
    if (!leaves_composition_) return call();
    const OwnerLock::Entry entry(*callee_.domain().shared().lock);
    if (entry.is_in()) return call();
    CallFailure refused = entry.failure();
    refused.function = callee_.name();
    return refused;
  }

  CallResult<void> call_entered(ValueCall& call, BridgedCall* bridged) {
    if (bridged == nullptr) return callee_.call(call);
    if (callee_.domain().is_concurrent()) {
      CallResult<void> read = bridged->read_params();
      if (!read) {
        read.error().unit = callee_.unit();
        read.error().function = callee_.name();
        return read;
      }
    }
    CallResult<void> called = callee_.call(call);
    bridged->end_crossing();
    return called;
  }

  Result<void, CallError> pass_handles(HandleCall& call) {
    TENON_TRY_VOID(call.take_params());
    CallResult<void> called = enter(call);
    if (called) return call.give_result();
    if (auto error = call.take_caller_error()) return *std::move(error);
    return fail(std::move(called).error());
  }

  Result<void, CallError> call_observed(engine::HostCall& call, BridgedCall& bridged) {
    observer_->begin(call);
    ObservedCall observed(bridged, *observer_);
    CallResult<void> called = enter(observed, &bridged);
    std::optional<CallFailure> failure;
    if (!called) failure = called.error();
    Result<void, CallError> finished = finish(bridged, std::move(called));
    if (!finished && !failure)
      failure.emplace().message = "the result could not be given to the caller";
    observer_->end(failure ? &*failure : nullptr);
    return finished;
  }

  Result<void, CallError> finish(BridgedCall& bridged, CallResult<void> called) {
    if (called) {
      TENON_TRY_VOID(bridged.give_kept());
      return bridged.give_handles();
    }
    if (auto error = bridged.take_caller_error()) return *std::move(error);
    CallFailure failure = std::move(called).error();
    if (on_failure_ && is_of_callee(failure.kind))
      return bridged.give_failure(*on_failure_, failure_diagnostic(failure).message);
    return fail(std::move(failure));
  }

  // The caller ends as the callee did.
  CallError fail(CallFailure failure) {
    const std::string message = failure.message;
    return CallError::make(message, caller_.shared().failures.keep(std::move(failure)));
  }

  std::shared_ptr<const FunctionShape> shape_;
  Domain& caller_;
  std::optional<FailureValue> on_failure_;
  std::unique_ptr<CallObserver> observer_;
  bool leaves_composition_;
  bool is_flat_;         // numbers alone, and nobody looks on
  bool passes_handles_;  // the same with handles, which stay in their composition
  bool passes_handles_out_;
  HandleKinds kinds_there_;
  ExportedFunction callee_;
};

class BridgedResource final : public engine::HostResource {
 public:
  BridgedResource(const ResourceKind& kind, Shared& shared) : kind_(kind), shared_(shared) {}

  Result<void, CallError> drop(std::uint32_t rep) override {
    const HeldResource* held = shared_.resources.find(rep);
    if (held == nullptr || held->kind->number != kind_.number)
      return CallError::make("a handle that is stale is dropped");
    CallResult<void> result = drop_resource(shared_.resources.take(rep));
    if (result) return {};
    CallFailure failure = std::move(result).error();
    const std::string message = failure.message;
    return CallError::make(message, shared_.failures.keep(std::move(failure)));
  }

 private:
  const ResourceKind& kind_;
  Shared& shared_;
};

}  // namespace

Result<void> define_bridged_function(engine::Linker& linker, std::string_view interface,
                                     std::string_view name, BridgedFunctionParts parts) {
  const engine::FlatCounts counts = flat_counts(parts.shape->program.layout());
  const engine::ParamHandles handles = param_handles(*parts.shape, *parts.caller);
  return engine::define_host_function(linker, interface, name, counts,
                                      std::make_unique<BridgedFunction>(std::move(parts)), handles);
}

Result<void> define_bridged_resource(engine::Linker& linker, std::string_view interface,
                                     std::string_view name, const ResourceKind& kind,
                                     Shared& shared) {
  return engine::define_host_resource(linker, interface, name, kind.number,
                                      std::make_unique<BridgedResource>(kind, shared));
}

}  // namespace tenon::runtime
